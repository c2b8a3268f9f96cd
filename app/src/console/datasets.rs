//! The datasets of an org.

use drift::format::counted;
use drift::wire::{DatasetBody, OrgBody, Page, Role, USUAL_RETENTION_DAYS};
use leptos::prelude::*;

use crate::console::{
    address::Address,
    data::fetched,
    kit::{Console, Copyable, Field, Form, Pager, Refused, Select, Submit, When},
    want::{DATASETS, ORG},
};

/// Lengths of a slot that people choose; the API takes every divisor of a day.
pub const SLOTS: [(&str, &str); 8] = [
    ("300", "5 minutes"),
    ("900", "15 minutes"),
    ("1800", "30 minutes"),
    ("3600", "1 hour"),
    ("10800", "3 hours"),
    ("21600", "6 hours"),
    ("43200", "12 hours"),
    ("86400", "1 day"),
];

/// Beside the field for the retention.
pub const RETENTION_HINT: &str = "1 to 3,650 days; older rows are refused, and their profiles are deleted";

/// All datasets.
#[component]
pub fn Datasets() -> impl IntoView {
    let found = fetched(ORG).and_then(|org| Ok((org, fetched(DATASETS)?)));
    let (org, page) = match found {
        Ok(found) => found,
        Err(problem) => return view! { <Console title="Datasets"><Refused problem=*problem/></Console> }.into_any(),
    };
    let may_change = org.is_at_least(Role::Member);
    let base = format!("/orgs/{}/datasets", org.slug);
    view! {
        <Console title="Datasets" lead="A dataset is a stream of batches, profiled in slots of time.">
            {if page.data.is_empty() && page.next_cursor.is_none() {
                view! { <Empty org may_change/> }.into_any()
            } else {
                view! { <List page org=org.slug/> }.into_any()
            }}
            {may_change.then(|| view! { <NewDataset base/> })}
        </Console>
    }
    .into_any()
}

#[component]
fn Empty(org: OrgBody, may_change: bool) -> impl IntoView {
    let push = format!("driftsiren push rows.csv --org {} --dataset loans --create", org.slug);
    let keys = org.is_at_least(Role::Admin).then(|| Address::Keys.href(&[&org.slug]));
    let a_key = match keys {
        Some(href) => view! { <a href=href>"a key"</a> }.into_any(),
        None => "a key (admins create keys)".into_any(),
    };
    view! {
        <section class="card">
            <h2>"No dataset yet"</h2>
            {if may_change {
                view! {
                    <p>"Create one below, or send rows from the command line:"</p>
                    <Copyable text=push/>
                    <p>
                        "It needs "{a_key}" with the scopes "<code>"ingest"</code>" (to send rows) and "<code>"manage"</code>
                        " (for "<code>"--create"</code>")."
                    </p>
                }
                    .into_any()
            } else {
                view! { <p>"Members of this org can create one."</p> }.into_any()
            }}
        </section>
    }
}

#[component]
fn List(page: Page<DatasetBody>, org: String) -> impl IntoView {
    let row = move |dataset: DatasetBody| {
        let n_columns = match dataset.columns.len() {
            0 => "no batch yet".to_owned(),
            n => counted(n as u64, "column"),
        };
        let href = Address::Dataset.href(&[&org, &dataset.name]);
        let zone = format!("{}, retention {}", dataset.time_zone, counted(dataset.retention_days.into(), "day"));
        view! {
            <tr>
                <td><a href=href>{dataset.name}</a><small>{n_columns}</small></td>
                <td>{rows_are_of(dataset.time_column)}</td>
                <td>{slot_words(dataset.slot_seconds)}<small>{zone}</small></td>
                <td class="number"><When at=dataset.created_at/></td>
            </tr>
        }
    };
    view! {
        <section class="card" data-list="">
            <table class="list">
                <thead>
                    <tr><th>"Dataset"</th><th>"Row time"</th><th>"Slot"</th><th class="number">"Created (UTC)"</th></tr>
                </thead>
                <tbody>{page.data.into_iter().map(row).collect_view()}</tbody>
            </table>
            <Pager of=DATASETS next=page.next_cursor/>
        </section>
    }
}

/// Where the time of a row comes from.
pub fn rows_are_of(time_column: Option<String>) -> AnyView {
    match time_column {
        Some(column) => view! { <code>{column}</code> }.into_any(),
        None => "arrival".into_any(),
    }
}

/// The length of a slot, in the largest unit that has no remainder.
pub fn slot_words(seconds: u32) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let whole = units.into_iter().find(|(length, _)| seconds.is_multiple_of(*length));
    whole.map(|(length, unit)| counted(u64::from(seconds / length), unit)).unwrap_or_default()
}

#[component]
fn NewDataset(base: String) -> impl IntoView {
    view! {
        <section class="card">
            <h2>"New dataset"</h2>
            <Form call=format!("POST {base}") done="Dataset created.">
                <Field name="name" label="Name" hint="Small letters, digits, - and _"/>
                <Field name="time_column?" label="Time column" hint="Holds the time of each row; without one, the time of arrival counts"/>
                <Select name="slot_seconds#" label="Slot" options=SLOTS.to_vec() chosen="3600"/>
                <Field name="time_zone" label="Time zone" value="UTC" hint="Its midnight begins a day; for example Europe/Berlin"/>
                <Field
                    name="retention_days#"
                    label="Retention in days"
                    kind="number"
                    value=USUAL_RETENTION_DAYS.to_string()
                    hint=RETENTION_HINT
                />
                <Submit label="Create dataset"/>
            </Form>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_said_in_their_largest_unit() {
        let words = [86_400, 10_800, 3_600, 5_400, 60, 75].map(slot_words);
        assert_eq!(words, ["1 day", "3 hours", "1 hour", "90 minutes", "1 minute", "75 seconds"]);
        for (seconds, text) in SLOTS {
            assert_eq!(seconds.parse().map(slot_words).as_deref(), Ok(text));
        }
    }
}
