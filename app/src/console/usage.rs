//! What an org stores.

use drift::format::{bytes, count, counted};
use drift::wire::DatasetUsageBody;
use leptos::prelude::*;

use crate::console::{
    address::Address,
    data::fetched,
    kit::{Console, Refused, When},
    want::{ORG, USAGE},
};

/// Sums, then one line a dataset.
#[component]
pub fn Usage() -> impl IntoView {
    let found = fetched(ORG).and_then(|org| Ok((org.slug, fetched(USAGE)?)));
    let (org, usage) = match found {
        Ok(found) => found,
        Err(problem) => return view! { <Console title="Usage"><Refused problem=*problem/></Console> }.into_any(),
    };
    let sum = |part: fn(&DatasetUsageBody) -> u64| usage.datasets.iter().map(part).sum::<u64>();
    let n_bytes = sum(|dataset| dataset.n_bytes);
    let lead = format!(
        "{} of profiles and references are stored for {}. Rows are profiled and discarded; they are never stored.",
        bytes(n_bytes),
        counted(usage.datasets.len() as u64, "dataset")
    );
    let figures = [
        ("Rows profiled", count(sum(|dataset| dataset.n_rows))),
        ("Batches", count(sum(|dataset| dataset.n_batches))),
        ("People", count(usage.n_members)),
        ("Keys", count(usage.n_keys)),
    ];
    let figure = |(name, value): (&'static str, String)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    view! {
        <Console title="Usage" lead=lead>
            <section class="card">
                <h2 class="hidden">"In all"</h2>
                <dl class="console-facts" data-large="">{figures.map(figure).collect_view()}</dl>
            </section>
            <section class="card" data-list="">
                <h2>"By dataset"</h2>
                <ByDataset org datasets=usage.datasets n_bytes/>
            </section>
        </Console>
    }
    .into_any()
}

#[component]
fn ByDataset(org: String, datasets: Vec<DatasetUsageBody>, n_bytes: u64) -> impl IntoView {
    if datasets.is_empty() {
        return view! { <p>"No dataset yet, so nothing is stored."</p> }.into_any();
    }
    let row = move |dataset: DatasetUsageBody| {
        let href = Address::Dataset.href(&[&org, &dataset.name]);
        view! {
            <tr>
                <td><a href=href>{dataset.name}</a></td>
                <td class="number">{batches(dataset.n_batches)}</td>
                <td class="number">{counted(dataset.n_rows, "row")}</td>
                <td class="number">
                    {bytes(dataset.n_bytes)}
                    <meter min="0" max=n_bytes.max(1).to_string() value=dataset.n_bytes.to_string() aria-label="Share of all"></meter>
                </td>
                <td class="number">
                    {match dataset.last_batch_at {
                        Some(at) => view! { <When at/> }.into_any(),
                        None => "nothing yet".into_any(),
                    }}
                </td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th>"Dataset"</th>
                    <th class="number">"Batches"</th>
                    <th class="number">"Rows"</th>
                    <th class="number">"Stored"</th>
                    <th class="number">"Last batch (UTC)"</th>
                </tr>
            </thead>
            <tbody>{datasets.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn batches(n: u64) -> String {
    if n == 1 { "1 batch".to_owned() } else { format!("{} batches", count(n)) }
}
