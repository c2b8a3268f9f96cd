//! Forms that call the API.

use drift::wire::Problem;
use leptos::prelude::*;

use super::data::{Outcome, page_data};

/// A form whose fields become a call of the API. Errors are shown on top.
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
    let (method, path) = call.split_once(' ').unwrap_or(("POST", call.as_str()));
    let call = format!("{method} /api/v1{path}");
    let is_mine = page_data().outcome.is_some_and(|outcome| match outcome {
        Outcome::Refused { filled, .. } => filled.get("_call") == Some(&call),
        Outcome::Made(_) => false,
    });
    view! {
        <form class="form" method="post" enctype=has_file.then_some("multipart/form-data")>
            {is_mine.then(|| view! { <Complaint/> })}
            <input type="hidden" name="_call" value=call/>
            {next.map(|next| view! { <input type="hidden" name="_next" value=next/> })}
            {version.map(|version| view! { <input type="hidden" name="_version" value=version.to_string()/> })}
            {children()}
        </form>
    }
}

/// Why the form that was sent was refused.
#[component]
fn Complaint() -> impl IntoView {
    match page_data().outcome {
        Some(Outcome::Refused { problem, .. }) => {
            let Problem { title, detail, .. } = problem;
            Some(view! { <p class="form-complaint" role="alert"><strong>{title}</strong>" "{detail}</p> })
        }
        Some(Outcome::Made(_)) | None => None,
    }
}

/// A button that makes one call, with nothing to fill in.
#[component]
pub fn Act(
    #[prop(into)] call: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] next: Option<String>,
) -> impl IntoView {
    let (method, path) = call.split_once(' ').unwrap_or(("POST", call.as_str()));
    view! {
        <form method="post">
            <input type="hidden" name="_call" value=format!("{method} /api/v1{path}")/>
            {next.map(|next| view! { <input type="hidden" name="_next" value=next/> })}
            <button class="button" data-size="small">{label}</button>
        </form>
    }
}

/// A field for a line of text.
#[component]
pub fn Field(
    /// As the API has it.
    #[prop(into)]
    name: String,
    #[prop(into)] label: String,
    /// What the field is filled with.
    #[prop(optional, into)]
    value: String,
    /// `text` when left out.
    #[prop(optional, into)]
    kind: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] autocomplete: Option<String>,
) -> impl IntoView {
    let kind = kind.unwrap_or_else(|| "text".to_owned());
    let is_secret = kind == "password";
    let is_optional = name.ends_with('?');
    let filled = match page_data().outcome {
        Some(Outcome::Refused { filled, .. }) if !is_secret => filled.get(&name).cloned(),
        _ => None,
    };
    let id = format!("field-{}", name.trim_end_matches(['?', '#']));
    let hint_id = hint.as_ref().map(|_| format!("{id}-hint"));
    view! {
        <div class="form-field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind
                value=filled.unwrap_or(value)
                required=!is_optional
                autocomplete=autocomplete
                aria-describedby=hint_id.clone()
            />
            {hint.map(|hint| view! { <small id=hint_id>{hint}</small> })}
        </div>
    }
}

/// A file of this machine; the last field of its form.
#[component]
pub fn File(#[prop(into)] label: String, #[prop(into)] hint: String) -> impl IntoView {
    view! {
        <div class="form-field">
            <label for="field-file">{label}</label>
            <input id="field-file" name="file" type="file" required aria-describedby="field-file-hint"/>
            <small id="field-file-hint">{hint}</small>
        </div>
    }
}

/// A choice of one of a few words.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Values with what people read.
    options: Vec<(&'static str, &'static str)>,
    #[prop(optional, into)] chosen: String,
    /// Tells it from others of the same name on the page.
    #[prop(optional, into)]
    of: String,
) -> impl IntoView {
    let id = format!("field-{}{of}", name.trim_end_matches(['?', '#']));
    let option = move |(value, text): (&'static str, &'static str)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{text}</option> }
    };
    view! {
        <div class="form-field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name>{options.into_iter().map(option).collect_view()}</select>
        </div>
    }
}

/// A value that is sent along.
#[component]
pub fn Hidden(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}

/// The button that sends a form.
#[component]
pub fn Submit(#[prop(into)] label: String) -> impl IntoView {
    view! { <button class="button" data-kind="primary">{label}</button> }
}
