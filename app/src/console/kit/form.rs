//! Forms that call the API.

use drift::wire::{FieldError, Problem};
use leptos::{context::Provider, prelude::*};

use crate::console::{
    data::{Outcome, page_data},
    kit::field::bare,
};

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
        Some(_) | None => None,
    }
}

/// Whether the form of this call is the one that was refused.
fn was_refused(call: &str) -> bool {
    match page_data().outcome {
        Some(Outcome::Refused { filled, .. }) => filled.iter().any(|(name, value)| name == "_call" && value == call),
        Some(Outcome::Done(_) | Outcome::Made(_)) | None => false,
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
    /// What the next page says when it worked; nothing when it is empty.
    #[prop(into, default = "Saved.".to_owned())]
    done: String,
    /// The id of the part of the page that it is in, which stays in sight.
    #[prop(optional)]
    place: Option<&'static str>,
    /// It ends with a file, which is sent as it is.
    #[prop(optional)]
    has_file: bool,
    children: Children,
) -> impl IntoView {
    let call = whole(&call);
    let sent = Sent { is_refused: was_refused(&call) };
    view! {
        <form class="form" method="post" enctype=has_file.then_some("multipart/form-data")>
            <Markers call next done place/>
            {version.map(|version| view! { <input type="hidden" name="_version" value=version.to_string()/> })}
            <Provider value=sent>{children()}</Provider>
        </form>
    }
}

/// What the server reads of every form beside its fields.
#[component]
fn Markers(call: String, next: Option<String>, done: String, place: Option<&'static str>) -> impl IntoView {
    view! {
        <input type="hidden" name="_call" value=call/>
        <input type="hidden" name="_done" value=done/>
        {next.map(|next| view! { <input type="hidden" name="_next" value=next/> })}
        {place.map(|place| view! { <input type="hidden" name="_place" value=place/> })}
    }
}

/// What the last form did, for a while.
#[component]
pub(super) fn Note() -> impl IntoView {
    match page_data().outcome {
        Some(Outcome::Done(words)) => {
            Some(view! { <p class="toast" role="status" data-shown="" data-fading="">{words}</p> })
        }
        Some(_) | None => None,
    }
}

/// Why the form that was sent was refused. Stands on top of the page: what was pressed may be gone from it.
#[component]
pub(super) fn Complaint() -> impl IntoView {
    match page_data().outcome {
        Some(Outcome::Refused { problem, filled }) => {
            let text = complaint(&problem, &filled);
            Some(view! {
                <div class="form-complaint" role="alert">
                    <p>{text}</p>
                    {problem.request_id.map(|id| view! { <RequestId id/> })}
                </div>
            })
        }
        Some(Outcome::Done(_) | Outcome::Made(_)) | None => None,
    }
}

/// The status of a refusal because somebody else changed it first.
const CHANGED: u16 = 412;

/// What is said on top of a page of a form that was refused: fields say their own.
fn complaint(problem: &Problem, filled: &[(String, String)]) -> String {
    let is_field = |error: &&FieldError| {
        let name = error.pointer.trim_start_matches('/');
        filled.iter().any(|(field, _)| bare(field) == name)
    };
    let (at_fields, others): (Vec<_>, Vec<_>) = problem.errors.iter().partition(is_field);
    match (at_fields.len(), others.is_empty()) {
        (0, true) if problem.status == CHANGED => {
            "It was changed in the meantime; read it again, then save again.".to_owned()
        }
        (0, true) => sentence(&problem.detail),
        (0, false) => others.into_iter().map(|error| sentence(&error.detail)).collect::<Vec<_>>().join(" "),
        (1, true) => "Nothing was saved. Check the marked field.".to_owned(),
        (n, true) => format!("Nothing was saved. Check the {n} marked fields."),
        (_, false) => {
            let rest: Vec<String> = others.into_iter().map(|error| sentence(&error.detail)).collect();
            format!("Nothing was saved. Check the marked fields. {}", rest.join(" "))
        }
    }
}

/// A clause of the API as a sentence.
pub(super) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let Some(first) = letters.next() else { return String::new() };
    let end = if clause.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
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
    /// What the next page says when it worked.
    #[prop(into, default = "Done.".to_owned())]
    done: String,
    #[prop(optional)] place: Option<&'static str>,
) -> impl IntoView {
    view! {
        <form method="post">
            <Markers call=whole(&call) next done place/>
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
    /// What the next page says when it worked.
    #[prop(into)]
    done: String,
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
                <Markers call next done place=None/>
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(errors: &[(&str, &str)], filled: &[&str]) -> String {
        let errors =
            errors.iter().map(|(pointer, detail)| FieldError { pointer: (*pointer).into(), detail: (*detail).into() });
        let problem =
            Problem { detail: "this is the last owner".into(), errors: errors.collect(), ..Problem::default() };
        let filled: Vec<_> = filled.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        complaint(&problem, &filled)
    }

    #[test]
    fn a_refusal_is_one_sentence_on_top_or_one_at_each_field() {
        assert_eq!(said(&[], &["name"]), "This is the last owner.");
        assert_eq!(said(&[("/name", "too long")], &["_call", "name"]), "Nothing was saved. Check the marked field.");
        let two = [("/name", "too long"), ("/expires_at", "in the past")];
        assert_eq!(said(&two, &["name", "expires_at@"]), "Nothing was saved. Check the 2 marked fields.");
    }

    #[test]
    fn what_no_field_can_say_is_said_on_top() {
        assert_eq!(said(&[("/scopes/0", "not a scope")], &["name"]), "Not a scope.");
        let both = [("/name", "too long"), ("/other", "not known")];
        assert_eq!(said(&both, &["name"]), "Nothing was saved. Check the marked fields. Not known.");
    }
}
