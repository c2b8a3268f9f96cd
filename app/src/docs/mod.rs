//! `/docs`: how to read a verdict, and what each metric means, made from the engine's own documentation.

pub mod guide;
pub mod index;
pub mod metric;
pub mod privacy;

use drift::metric::docs;
use leptos::prelude::*;

/// Every address below `/docs`.
pub fn paths() -> impl Iterator<Item = String> {
    ["/docs", "/docs/verdicts", "/docs/privacy"]
        .into_iter()
        .map(str::to_owned)
        .chain(docs().map(|doc| metric_path(doc.name())))
}

/// Whether a path leads to a document, which needs no script.
pub fn is_document(path: &str) -> bool {
    path == "/docs" || path.starts_with("/docs/")
}

fn metric_path(name: &str) -> String {
    format!("/docs/metrics/{name}")
}

/// A document with the list of all of them at its side.
#[component]
fn Reading(children: Children) -> impl IntoView {
    view! {
        <div class="reading">
            <nav class="reading-list" aria-label="Documents">
                <ul>
                    <li><a href="/docs" rel="external">"Overview"</a></li>
                    <li><a href="/docs/verdicts" rel="external">"How to read a verdict"</a></li>
                    <li><a href="/docs/privacy" rel="external">"Your rows stay in the tab"</a></li>
                </ul>
                <h2>"Metrics"</h2>
                <ul>
                    {docs()
                        .map(|doc| {
                            view! { <li><a href=metric_path(doc.name()) rel="external">{doc.title}</a></li> }
                        })
                        .collect_view()}
                </ul>
            </nav>
            <article class="reading-text">{children()}</article>
        </div>
    }
}
