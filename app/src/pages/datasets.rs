//! The datasets of an org, and one of them with what arrived for it.

use drift::format::counted;
use drift::schema::ColumnType;
use drift::wire::{DatasetBody, DatasetColumn, OrgBody, Page, Receipt, ReferenceBody, Role, SchemaChange};
use leptos::prelude::*;

use crate::console::{Act, Console, Field, File, Form, Refused, Submit, When, fetched};

/// The types that somebody may decide on; no column is decided to be empty.
const KINDS: [ColumnType; 6] = [
    ColumnType::Numeric,
    ColumnType::Categorical,
    ColumnType::Boolean,
    ColumnType::Datetime,
    ColumnType::Text,
    ColumnType::Id,
];

/// All datasets.
#[component]
pub fn Datasets() -> impl IntoView {
    let found = fetched::<OrgBody>("org").and_then(|org| Ok((org, fetched::<Page<DatasetBody>>("datasets")?.data)));
    let (org, datasets) = match found {
        Ok(found) => found,
        Err(problem) => return view! { <Console title="Datasets"><Refused problem=*problem/></Console> }.into_any(),
    };
    let may_change = org.is_at_least(Role::Member);
    let push = format!("driftsiren push rows.csv --org {} --dataset loans --create", org.slug);
    let base = format!("/orgs/{}/datasets", org.slug);
    let row = {
        let base = base.clone();
        move |dataset: DatasetBody| {
            let n_columns = dataset.columns.len();
            let href = format!("{base}/{}", dataset.name);
            view! {
                <tr>
                    <td><a href=href>{dataset.name}</a></td>
                    <td>{dataset.time_column.unwrap_or_else(|| "time of arrival".to_owned())}</td>
                    <td>{counted(n_columns as u64, "column")}</td>
                    <td><When at=dataset.created_at/></td>
                </tr>
            }
        }
    };
    view! {
        <Console title="Datasets">
            <section class="card">
                {if datasets.is_empty() && !may_change {
                    view! { <p>"No dataset yet. Members of this org can make one."</p> }.into_any()
                } else if datasets.is_empty() {
                    view! {
                        <p>"No dataset yet. Make one below, or send rows from the command line:"</p>
                        <pre class="command"><code>{push}</code></pre>
                    }
                        .into_any()
                } else {
                    view! {
                        <table class="list">
                            <thead>
                                <tr><th>"Dataset"</th><th>"Rows are of"</th><th>"Columns"</th><th>"Made"</th></tr>
                            </thead>
                            <tbody>{datasets.into_iter().map(row).collect_view()}</tbody>
                        </table>
                    }
                        .into_any()
                }}
            </section>
            {may_change.then(|| view! { <NewDataset base/> })}
        </Console>
    }
    .into_any()
}

#[component]
fn NewDataset(base: String) -> impl IntoView {
    view! {
        <section class="card">
            <h2>"New dataset"</h2>
            <Form call=format!("POST {base}")>
                <Field name="name" label="Name" hint="Small letters, digits, - and _"/>
                <Field name="time_column?" label="Time column" hint="Says when a row happened; empty: when it arrives"/>
                <Submit label="Create dataset"/>
            </Form>
        </section>
    }
}

/// One dataset.
#[component]
pub fn Dataset() -> impl IntoView {
    let found = fetched::<OrgBody>("org").and_then(|org| Ok((org, fetched::<DatasetBody>("dataset")?)));
    let (org, dataset) = match found {
        Ok(found) => found,
        Err(problem) => return view! { <Console title="Dataset"><Refused problem=*problem/></Console> }.into_any(),
    };
    let may_change = org.is_at_least(Role::Member);
    let base = format!("/orgs/{}/datasets/{}", org.slug, dataset.name);
    view! {
        <Console title=dataset.name.clone()>
            <section class="card">
                <h2>"Batches"</h2>
                {match fetched::<Page<Receipt>>("batches") {
                    Ok(page) => view! { <Batches page/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            <section class="card">
                <h2>"Columns"</h2>
                <Columns columns=dataset.columns base=base.clone() version=dataset.version may_change/>
            </section>
            <section class="card">
                <h2>"References"</h2>
                {match fetched::<Page<ReferenceBody>>("references") {
                    Ok(page) => view! { <References references=page.data base=base may_change/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
        </Console>
    }
    .into_any()
}

#[component]
fn Batches(page: Page<Receipt>) -> impl IntoView {
    if page.data.is_empty() {
        return view! { <p>"Nothing has arrived yet."</p> }.into_any();
    }
    let row = |receipt: Receipt| {
        let notes = notes(&receipt);
        let short: String = receipt.body_hash.chars().take(12).collect();
        view! {
            <tr>
                <td><When at=receipt.received_at/></td>
                <td>{counted(receipt.n_rows_accepted, "row")}</td>
                <td>{counted(receipt.slots.len() as u64, "slot")}</td>
                <td>{notes}</td>
                <td><code title=receipt.body_hash>{short}</code></td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead>
                <tr><th>"Arrived (UTC)"</th><th>"Rows"</th><th>"Slots"</th><th>"Notes"</th><th>"Hash"</th></tr>
            </thead>
            <tbody>{page.data.into_iter().map(row).collect_view()}</tbody>
        </table>
        {page.next_cursor.map(|cursor| view! { <a class="button" href=format!("?cursor={cursor}")>"Older"</a> })}
    }
    .into_any()
}

/// What was odd about a batch, in words.
fn notes(receipt: &Receipt) -> String {
    let mut notes: Vec<String> = receipt
        .schema_changes
        .iter()
        .map(|change| match change {
            SchemaChange::New { column } => format!("new column {column}"),
            SchemaChange::Missing { column } => format!("column {column} is missing"),
            SchemaChange::Retyped { column, from, to } => {
                format!("column {column} looks {} instead of {}", to.as_str(), from.as_str())
            }
        })
        .collect();
    if receipt.n_rows_rejected > 0 {
        notes.push(format!("{} rows could not be read", receipt.n_rows_rejected));
    }
    if receipt.late {
        notes.push("late".to_owned());
    }
    notes.join(", ")
}

/// The columns; for those who may, in a form that sees some as another type.
#[component]
fn Columns(columns: Vec<DatasetColumn>, base: String, version: i64, may_change: bool) -> impl IntoView {
    if columns.is_empty() {
        return view! { <p>"The first batch brings them."</p> }.into_any();
    }
    let row = |column: DatasetColumn| {
        let reason = column.type_override.map_or(column.reason, |_| "somebody decided so".to_owned());
        let missing = column.is_missing.then_some(" (missing in the last batch)");
        let option = |kind: ColumnType| {
            let is_chosen = column.type_override == Some(kind);
            view! { <option value=kind.as_str() selected=is_chosen>{kind.as_str()}</option> }
        };
        let kind = if may_change {
            view! {
                <select name=format!("column_types:{}", column.name) aria-label=format!("Type of {}", column.name)>
                    <option value="">{format!("{}, as it looks", column.inferred_type.as_str())}</option>
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
        <Form call=format!("PATCH {base}") version=version>
            {table}
            <Submit label="Change types"/>
        </Form>
    }
    .into_any()
}

#[component]
fn References(references: Vec<ReferenceBody>, base: String, may_change: bool) -> impl IntoView {
    let add = format!("POST {base}/references");
    let is_empty = references.is_empty();
    let row = move |reference: ReferenceBody| {
        let call = format!("POST {base}/references/{}/activate", reference.id);
        view! {
            <tr>
                <td>{reference.name}</td>
                <td>{counted(reference.n_rows, "row")}</td>
                <td><When at=reference.created_at/></td>
                <td>
                    {if reference.is_active {
                        "active".into_any()
                    } else {
                        may_change.then(|| view! { <Act call=call label="Activate"/> }).into_any()
                    }}
                </td>
            </tr>
        }
    };
    let table = || {
        view! {
            <table class="list">
                <thead>
                    <tr><th>"Reference"</th><th>"Rows"</th><th>"Made"</th><th><span class="hidden">"Action"</span></th></tr>
                </thead>
                <tbody>{references.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
    };
    view! {
        {if is_empty {
            view! { <p>"None yet. A reference is the data that later data is compared with."</p> }.into_any()
        } else {
            table().into_any()
        }}
        {may_change.then(|| view! { <NewReference add/> })}
    }
    .into_any()
}

#[component]
fn NewReference(add: String) -> impl IntoView {
    view! {
        <Form call=add has_file=true>
            <Field name="name" label="Name of a new reference" hint="Small letters, digits, - and _"/>
            <File label="File" hint="CSV, TSV, NDJSON, JSON or Parquet, or a profile that the command line made"/>
            <Submit label="Add reference"/>
        </Form>
    }
}
