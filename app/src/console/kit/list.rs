//! Lists that come in pages.

use leptos::prelude::*;

use crate::console::data::page_data;

/// The way through a list: back to its beginning, and on.
#[component]
pub fn Pager(
    /// The want that is the list.
    of: &'static str,
    /// What the API gave for the next page.
    next: Option<String>,
    /// What follows: `Older`, or `More` when left out.
    #[prop(optional)]
    label: Option<&'static str>,
) -> impl IntoView {
    let page = page_data();
    let is_later = page.query.contains_key(of);
    if !is_later && next.is_none() {
        return None;
    }
    let first = is_later.then(|| page.address_at(of, None));
    let next = next.map(|cursor| page.address_at(of, Some(&cursor)));
    let label = label.unwrap_or("More");
    Some(view! {
        <nav class="pager" aria-label=format!("Pages of {of}")>
            {first.map(|first| view! { <a class="button" data-size="small" href=first>"Back to the first"</a> })}
            {next.map(|next| view! { <a class="button" data-size="small" href=next>{label}</a> })}
        </nav>
    })
}
