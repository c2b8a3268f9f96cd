use drift::metric::{MetricDoc, MetricKind, docs};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{Reading, metric_path};

/// `/docs`: where to begin, and all metrics by kind.
#[component]
pub fn Index() -> impl IntoView {
    view! {
        <Title text="Docs"/>
        <Reading>
            <h1>"Docs"</h1>
            <p class="lead">
                "DriftSiren compares two sets of rows column by column. It says which columns changed, by how much, and whether that is more than chance."
            </p>
            <section>
                <h2>"Begin here"</h2>
                <p>
                    <a href="/docs/verdicts" rel="external">"How to read a verdict"</a>
                    ": what drifted, warning and stable mean, what severity is, and what to do next."
                </p>
            </section>
            <MetricList
                kind=MetricKind::Distance
                title="Distances"
                about="How far apart the two sides are: 0 for no difference, and more with drift."
            />
            <MetricList
                kind=MetricKind::Test
                title="Tests"
                about="Whether a difference is more than chance: the p-value shrinks with drift and with rows."
            />
            <MetricList
                kind=MetricKind::Share
                title="Shares of rows"
                about="What happened to nulls, to cells that do not fit the column's type, and to labels never seen before."
            />
        </Reading>
    }
}

#[component]
fn MetricList(kind: MetricKind, title: &'static str, about: &'static str) -> impl IntoView {
    let row = |doc: &'static MetricDoc| {
        view! {
            <tr>
                <th scope="row"><a href=metric_path(doc.name()) rel="external">{doc.title}</a></th>
                <td><code>{doc.formula}</code></td>
                <td>{doc.range.to_string()}</td>
            </tr>
        }
    };
    view! {
        <section>
            <h2>{title}</h2>
            <p>{about}</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=title>
                <table class="plain-table">
                    <thead>
                        <tr><th scope="col">"Metric"</th><th scope="col">"Formula"</th><th scope="col">"Range"</th></tr>
                    </thead>
                    <tbody>{docs().filter(|doc| doc.kind == kind).map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}
