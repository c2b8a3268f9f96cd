//! Forms that call the API.

use drift::wire::Problem;
use leptos::{context::Provider, prelude::*};

use crate::console::data::{Outcome, page_data};

/// What fields know of the form that they stand in.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    /// It was sent, and refused.
    is_refused: bool,
}

/// The refusal of the form that is being drawn, with what was filled in.
pub(super) fn refusal() -> Option<(Problem, Vec<(String, String)>)> {
    let is_mine = use_context::<Sent>().is_some_and(|sent| sent.is_refused);
    match page_data().outcome {
        Some(Outcome::Refused { problem, filled }) if is_mine => Some((problem, filled)),
        Some(Outcome::Refused { .. } | Outcome::Made(_)) | None => None,
    }
}

/// Whether the form of this call is the one that was refused.
fn was_refused(call: &str) -> bool {
    match page_data().outcome {
        Some(Outcome::Refused { filled, .. }) => filled.iter().any(|(name, value)| name == "_call" && value == call),
        Some(Outcome::Made(_)) | None => false,
    }
}

/// Method and address, as the server reads them.
fn whole(call: &str) -> String {
    let (method, path) = call.split_once(' ').unwrap_or(("POST", call));
    format!("{method} /api/v1{path}")
}

/// A form whose fields become a call of the API. The page says on top what was refused; fields say it of themselves.
#[component]
pub fn Form(
    /// Method and address of the API, such as `POST /login`.
    #[prop(into)]
    call: String,
    /// Where to go when it worked; the same page when left out.
    #[prop(optional, into)]
    next: Option<String>,
    /// The version that is to be changed.
    #[prop(optional)]
    version: Option<i64>,
    /// It ends with a file, which is sent as it is.
    #[prop(optional)]
    has_file: bool,
    children: Children,
) -> impl IntoView {
    let call = whole(&call);
    let sent = Sent { is_refused: was_refused(&call) };
    view! {
        <form class="form" method="post" enctype=has_file.then_some("multipart/form-data")>
            <input type="hidden" name="_call" value=call/>
            {next.map(|next| view! { <input type="hidden" name="_next" value=next/> })}
            {version.map(|version| view! { <input type="hidden" name="_version" value=version.to_string()/> })}
            <Provider value=sent>{children()}</Provider>
        </form>
    }
}

/// Why the form that was sent was refused. Stands on top of the page: what was pressed may be gone from it.
#[component]
pub(super) fn Complaint() -> impl IntoView {
    match page_data().outcome {
        Some(Outcome::Refused { problem, .. }) => {
            let Problem { title, detail, request_id, .. } = problem;
            Some(view! {
                <div class="form-complaint" role="alert">
                    <strong>{title}</strong>
                    <p>{detail}</p>
                    {request_id.map(|id| view! { <RequestId id/> })}
                </div>
            })
        }
        Some(Outcome::Made(_)) | None => None,
    }
}

/// What finds a request in the server's log.
#[component]
pub(super) fn RequestId(id: String) -> impl IntoView {
    view! { <small class="request-id">"Request "<code>{id}</code></small> }
}

/// A button that makes one call, with nothing to fill in.
#[component]
pub fn Act(
    #[prop(into)] call: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] next: Option<String>,
) -> impl IntoView {
    view! {
        <form method="post">
            <input type="hidden" name="_call" value=whole(&call)/>
            {next.map(|next| view! { <input type="hidden" name="_next" value=next/> })}
            <button class="button" data-size="small">{label}</button>
        </form>
    }
}

/// A button that asks once more before its call is made: what it does cannot be undone.
#[component]
pub fn Confirm(
    #[prop(into)] call: String,
    /// On the first button.
    #[prop(into)]
    label: String,
    /// Whom it is done to; read aloud behind the label, where many buttons say the same.
    #[prop(into)]
    of: String,
    /// What will happen.
    #[prop(into)]
    question: String,
    /// On the button that does it.
    #[prop(into)]
    yes: String,
    #[prop(optional, into)] next: Option<String>,
    /// More to fill in.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let call = whole(&call);
    let sent = Sent { is_refused: was_refused(&call) };
    // Of details with one name a browser keeps one open.
    view! {
        <details class="confirm" name="confirm" open=sent.is_refused>
            <summary class="button" data-size="small">{label}<span class="hidden">" "{of}</span></summary>
            <form class="form" method="post">
                <p>{question}</p>
                <input type="hidden" name="_call" value=call/>
                {next.map(|next| view! { <input type="hidden" name="_next" value=next/> })}
                {children.map(|children| view! { <Provider value=sent>{children()}</Provider> })}
                <button class="button" data-kind="danger">{yes}</button>
            </form>
        </details>
    }
}

/// A value that is sent along.
#[component]
pub fn Hidden(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}

/// The button that sends a form.
#[component]
pub fn Submit(
    #[prop(into)] label: String,
    /// The page has another that matters more.
    #[prop(optional)]
    is_second: bool,
) -> impl IntoView {
    view! { <button class="button" data-kind=(!is_second).then_some("primary")>{label}</button> }
}
