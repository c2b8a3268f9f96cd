//! One dataset: its batches, columns, references and settings.

use drift::format::counted;
use drift::schema::ColumnType;
use drift::wire::{DatasetBody, DatasetColumn, Page, Receipt, ReferenceBody, Role};
use leptos::prelude::*;

use crate::console::{
    address::Address,
    data::fetched,
    datasets::{RETENTION_HINT, SLOTS, rows_are_of, slot_words},
    kit::{Act, Confirm, Console, Field, File, Form, Hidden, Pager, Refused, Select, Submit, When},
    want::{BATCHES, DATASET, ORG, REFERENCES},
};

/// The types that can be set; no column is set to be empty.
const KINDS: [ColumnType; 6] = [
    ColumnType::Numeric,
    ColumnType::Categorical,
    ColumnType::Boolean,
    ColumnType::Datetime,
    ColumnType::Text,
    ColumnType::Id,
];

/// One dataset.
#[component]
pub fn Dataset() -> impl IntoView {
    let found = fetched(ORG).and_then(|org| Ok((org, fetched(DATASET)?)));
    let (org, dataset) = match found {
        Ok(found) => found,
        Err(problem) => return view! { <Console title="Dataset"><Refused problem=*problem/></Console> }.into_any(),
    };
    let may_change = org.is_at_least(Role::Member);
    let all = Address::Datasets.href(&[&org.slug]);
    let base = format!("/orgs/{}/datasets/{}", org.slug, dataset.name);
    let lead = format!(
        "{}, in slots of {}.",
        counted(dataset.columns.len() as u64, "column"),
        slot_words(dataset.slot_seconds)
    );
    view! {
        <Console title=dataset.name.clone() lead=lead above=(all.clone(), "Datasets")>
            <section class="card" data-list="">
                <h2>"Batches"</h2>
                {match fetched(BATCHES) {
                    Ok(page) => view! { <Batches page/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            <section class="card" data-list="" id="columns">
                <h2>"Columns"</h2>
                <Columns columns=dataset.columns.clone() base=base.clone() version=dataset.version may_change/>
            </section>
            <section class="card" data-list="" id="references">
                <h2>"References"</h2>
                {match fetched(REFERENCES) {
                    Ok(page) => view! { <References page base=base.clone() may_change/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            <Settings dataset=dataset.clone() base=base.clone() may_change/>
            {may_change.then(|| view! { <Delete name=dataset.name base all/> })}
        </Console>
    }
    .into_any()
}

#[component]
fn Batches(page: Page<Receipt>) -> impl IntoView {
    if page.data.is_empty() {
        return view! { <p>"Nothing has arrived yet."</p><Pager of=BATCHES next=page.next_cursor/> }.into_any();
    }
    let row = |receipt: Receipt| {
        let notes = receipt.remarks().join("; ");
        let short: String = receipt.body_hash.chars().take(12).collect();
        view! {
            <tr>
                <td><When at=receipt.received_at/></td>
                <td class="number">{counted(receipt.n_rows_accepted, "row")}</td>
                <td class="number">{counted(receipt.slots.len() as u64, "slot")}</td>
                <td>{notes}</td>
                <td class="number"><code title=receipt.body_hash>{short}</code></td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th>"Arrived (UTC)"</th>
                    <th class="number">"Rows"</th>
                    <th class="number">"Slots"</th>
                    <th>"Notes"</th>
                    <th class="number">"Hash"</th>
                </tr>
            </thead>
            <tbody>{page.data.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager of=BATCHES next=page.next_cursor label="Older"/>
    }
    .into_any()
}

/// The columns; for those who may change them, in a form that sets their types.
#[component]
fn Columns(columns: Vec<DatasetColumn>, base: String, version: i64, may_change: bool) -> impl IntoView {
    if columns.is_empty() {
        return view! { <p>"Columns appear with the first batch."</p> }.into_any();
    }
    let row = |column: DatasetColumn| {
        let reason = column.type_override.map_or(column.reason, |_| "set by a member".to_owned());
        let missing = column.is_missing.then(|| view! { <small>"missing in the last batch"</small> });
        let option = |kind: ColumnType| {
            let is_chosen = column.type_override == Some(kind);
            view! { <option value=kind.as_str() selected=is_chosen>{kind.as_str()}</option> }
        };
        let kind = if may_change {
            view! {
                <select name=format!("column_types:{}", column.name) aria-label=format!("Type of {}", column.name)>
                    <option value="">{format!("{} (inferred)", column.inferred_type.as_str())}</option>
                    {KINDS.map(option).collect_view()}
                </select>
            }
            .into_any()
        } else {
            column.type_override.unwrap_or(column.inferred_type).as_str().into_any()
        };
        view! {
            <tr>
                <td><code>{column.name.clone()}</code>{missing}</td>
                <td>{kind}</td>
                <td>{reason}</td>
            </tr>
        }
    };
    let table = view! {
        <table class="list">
            <thead><tr><th>"Column"</th><th>"Type"</th><th>"Why"</th></tr></thead>
            <tbody>{columns.into_iter().map(row).collect_view()}</tbody>
        </table>
    };
    if !may_change {
        return table.into_any();
    }
    view! {
        <Form call=format!("PATCH {base}") version=version place="columns" done="Types saved.">
            {table}
            <Submit label="Change types" is_second=true/>
        </Form>
    }
    .into_any()
}

#[component]
fn References(page: Page<ReferenceBody>, base: String, may_change: bool) -> impl IntoView {
    let add = format!("POST {base}/references");
    let is_empty = page.data.is_empty();
    let row = move |reference: ReferenceBody| {
        let call = format!("POST {base}/references/{}/activate", reference.id);
        view! {
            <tr>
                <td>{reference.name}</td>
                <td class="number">{counted(reference.n_rows, "row")}</td>
                <td class="number"><When at=reference.created_at/></td>
                <td class="list-acts">
                    {if reference.is_active {
                        "active".into_any()
                    } else {
                        may_change.then(|| view! { <Act call=call label="Activate" place="references" done="Reference activated."/> }).into_any()
                    }}
                </td>
            </tr>
        }
    };
    let table = || {
        view! {
            <table class="list">
                <thead>
                    <tr>
                        <th>"Reference"</th>
                        <th class="number">"Rows"</th>
                        <th class="number">"Created (UTC)"</th>
                        <th><span class="hidden">"Action"</span></th>
                    </tr>
                </thead>
                <tbody>{page.data.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
    };
    view! {
        {if is_empty {
            view! { <p>"No reference yet. Later data is compared with a reference."</p> }.into_any()
        } else {
            table().into_any()
        }}
        <Pager of=REFERENCES next=page.next_cursor label="Older"/>
        {may_change.then(|| view! { <NewReference add/> })}
    }
    .into_any()
}

#[component]
fn NewReference(add: String) -> impl IntoView {
    view! {
        <Form call=add has_file=true place="references" done="Reference added.">
            <Field name="name" label="Name of a new reference" hint="Small letters, digits, - and _"/>
            <File label="File" hint="CSV, TSV, NDJSON, JSON or Parquet, or a profile written by the command line; 64 MiB at most"/>
            <Submit label="Add reference" is_second=true/>
        </Form>
    }
}

#[component]
fn Settings(dataset: DatasetBody, base: String, may_change: bool) -> impl IntoView {
    let names: Vec<String> = dataset.columns.into_iter().map(|column| column.name).collect();
    let time_column = dataset.time_column.clone().unwrap_or_default();
    let zone = dataset.time_zone.clone();
    let days = dataset.retention_days.to_string();
    // A slot that the list lacks was chosen elsewhere, and stays.
    let slot = dataset.slot_seconds.to_string();
    let usual = SLOTS.iter().find(|(seconds, _)| *seconds == slot);
    let (is_usual, chosen) = (usual.is_some(), usual.map_or("", |(seconds, _)| *seconds));
    view! {
        <section class="card" id="settings">
            <h2>"Settings"</h2>
            <dl class="console-facts">
                <div><dt>"Row time"</dt><dd>{rows_are_of(dataset.time_column)}</dd></div>
                <div><dt>"Slot"</dt><dd>{slot_words(dataset.slot_seconds)}</dd></div>
                <div><dt>"Time zone of days"</dt><dd>{dataset.time_zone}</dd></div>
                <div><dt>"Retention"</dt><dd>{counted(dataset.retention_days.into(), "day")}</dd></div>
                <div><dt>"Created (UTC)"</dt><dd><When at=dataset.created_at/></dd></div>
            </dl>
            {may_change
                .then(|| {
                    view! {
                        <Form call=format!("PATCH {base}") version=dataset.version place="settings" done="Settings saved.">
                            <Field
                                name="time_column~"
                                label="Time column"
                                value=time_column
                                suggestions=names
                                hint="Leave it empty to use the time at which rows arrive"
                            />
                            {is_usual
                                .then(|| {
                                    view! { <Select name="slot_seconds#" label="Slot" options=SLOTS.to_vec() chosen/> }
                                })}
                            <Field name="time_zone" label="Time zone" value=zone hint="Its midnight begins a day"/>
                            <Field
                                name="retention_days#"
                                label="Retention in days"
                                kind="number"
                                value=days
                                hint=RETENTION_HINT
                            />
                            <p>
                                "These apply to batches that arrive from now on. Stored profiles keep their slots until the "
                                "retention deletes them."
                            </p>
                            <Submit label="Change settings" is_second=true/>
                        </Form>
                    }
                })}
        </section>
    }
}

#[component]
fn Delete(name: String, base: String, all: String) -> impl IntoView {
    view! {
        <section class="card">
            <h2>"Delete this dataset"</h2>
            <p>"Permanently deletes its batches, profiles and references."</p>
            <Confirm
                call=format!("DELETE {base}")
                next=all
                label="Delete"
                done="Dataset deleted."
                of=name.clone()
                question=format!("Type {name} to delete the dataset and everything in it.")
                yes="Delete dataset"
            >
                <Hidden name="_confirm" value=name.clone()/>
                <Field name="_typed" label="Name of the dataset" autocomplete="off"/>
            </Confirm>
        </section>
    }
}
