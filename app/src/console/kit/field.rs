//! The fields of forms.

use leptos::prelude::*;

use crate::console::kit::form::{refusal, sentence};

/// The name of a field as bodies have it.
pub(super) fn bare(name: &str) -> &str {
    name.trim_end_matches(['?', '#', '@', '~'])
}

/// What was wrong with a field of this form, if it was sent.
fn error_of(name: &str) -> Option<String> {
    let (problem, _) = refusal()?;
    let error = problem.errors.into_iter().find(|error| error.pointer.trim_start_matches('/') == bare(name))?;
    Some(sentence(&error.detail))
}

/// What a field of this form had been filled with.
fn filled(name: &str) -> Option<String> {
    let (_, filled) = refusal()?;
    filled.into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

/// What describes a field, and where it stands.
fn described(id: &str, hint: &Option<String>, error: &Option<String>) -> Option<String> {
    let of = |is_there: bool, tail: &str| is_there.then(|| format!("{id}-{tail}"));
    let ids: Vec<_> = [of(error.is_some(), "error"), of(hint.is_some(), "hint")].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
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
    /// Some of what may be filled in.
    #[prop(optional)]
    suggestions: Vec<String>,
) -> impl IntoView {
    let kind = kind.unwrap_or_else(|| "text".to_owned());
    let is_secret = kind == "password";
    let is_optional = name.ends_with(['?', '@', '~']);
    let value = filled(&name).filter(|_| !is_secret).unwrap_or(value);
    let error = error_of(&name);
    let id = format!("field-{}", bare(&name));
    let described = described(&id, &hint, &error);
    let list = (!suggestions.is_empty()).then(|| format!("{id}-list"));
    let option = |value: String| view! { <option value=value></option> };
    view! {
        <div class="form-field">
            <label for=id.clone()>{label}{is_optional.then(|| view! { <small>" optional"</small> })}</label>
            <input
                id=id.clone()
                name=name
                type=kind
                value=value
                required=!is_optional
                autocomplete=autocomplete
                list=list.clone()
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            />
            {list.map(|list| view! { <datalist id=list>{suggestions.into_iter().map(option).collect_view()}</datalist> })}
            {error.map(|error| view! { <small class="field-error" id=format!("{id}-error")>{error}</small> })}
            {hint.map(|hint| view! { <small id=format!("{id}-hint")>{hint}</small> })}
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
    let id = format!("field-{}{of}", bare(&name));
    let chosen = filled(&name).unwrap_or(chosen);
    let error = error_of(&name);
    let described = described(&id, &None, &error);
    let option = move |(value, text): (&'static str, &'static str)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{text}</option> }
    };
    view! {
        <div class="form-field">
            <label for=id.clone()>{label}</label>
            <select
                id=id.clone()
                name=name
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            >{options.into_iter().map(option).collect_view()}</select>
            {error.map(|error| view! { <small class="field-error" id=format!("{id}-error")>{error}</small> })}
        </div>
    }
}

/// One of several that may be ticked.
#[component]
pub fn Check(
    #[prop(into)] name: String,
    value: &'static str,
    /// What ticking it means.
    text: &'static str,
    #[prop(optional)] is_chosen: bool,
) -> impl IntoView {
    let is_chosen = match refusal() {
        Some((_, filled)) => filled.iter().any(|(found, ticked)| *found == name && ticked == value),
        None => is_chosen,
    };
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=is_chosen/>
            <span><code>{value}</code>" "{text}</span>
        </label>
    }
}
