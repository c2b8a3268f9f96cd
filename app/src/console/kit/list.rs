//! Lists that come in pages.

use drift::wire::Page;
use leptos::prelude::*;

use crate::console::{data::page_data, want::Want};

/// The way through a list: back to its beginning, and on.
#[component]
pub fn Pager<T: 'static>(
    /// The request for the list.
    of: Want<Page<T>>,
    /// What the API gave for the next page.
    next: Option<String>,
    /// What follows: `Older`, or `More` when left out.
    #[prop(optional)]
    label: Option<&'static str>,
) -> impl IntoView {
    let (page, of) = (page_data(), of.request().name);
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
