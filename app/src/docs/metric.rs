use drift::metric::{MetricDoc, MetricKind, doc};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::Reading;
use crate::components::not_found::NotFound;

/// `/docs/metrics/{name}`: one metric, as the engine documents it.
#[component]
pub fn MetricPage() -> impl IntoView {
    let name = use_params_map().read_untracked().get("name").unwrap_or_default();
    match doc(&name) {
        Some(doc) => view! { <Metric doc/> }.into_any(),
        None => NotFound().into_any(),
    }
}

#[component]
fn Metric(doc: &'static MetricDoc) -> impl IntoView {
    let kind = match doc.kind {
        MetricKind::Distance => "A distance: 0 for no difference, and more with drift.",
        MetricKind::Test => "A test: its p-value shrinks with drift, and with the number of rows.",
        MetricKind::Share => "A change of a share of rows.",
    };
    let facts = [
        ("Range", doc.range.to_string()),
        ("When a side has no value", doc.empty.to_owned()),
        ("When a column is constant", doc.constant.to_owned()),
        ("When no value occurs on both sides", doc.disjoint.to_owned()),
        ("When not to trust it", doc.limits.to_owned()),
        ("Source, and what it agrees with", doc.source.to_owned()),
    ];
    view! {
        <Title text=doc.title/>
        <Reading>
            <h1>{doc.title}</h1>
            <p class="lead">{kind}</p>
            <p>"In reports it is called " <code>{doc.name()}</code> "."</p>
            <section>
                <h2>"Formula"</h2>
                <pre class="command"><code>{doc.formula}</code></pre>
                <p class="note">"p and F are the reference, q and G the current data; n₁ and n₂ are their rows."</p>
            </section>
            <dl class="fact-list">
                {facts
                    .map(|(label, words)| view! { <div><dt>{label}</dt><dd>{words}</dd></div> })
                    .collect_view()}
            </dl>
        </Reading>
    }
}
