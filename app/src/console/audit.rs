//! What was done in an org.

use drift::wire::AuditBody;
use leptos::prelude::*;

use crate::console::{
    data::fetched,
    kit::{Console, Pager, Refused, When},
    want::AUDIT,
};

/// The audit log, newest first.
#[component]
pub fn Audit() -> impl IntoView {
    let page = match fetched(AUDIT) {
        Ok(page) => page,
        Err(problem) => return view! { <Console title="Audit log"><Refused problem=*problem/></Console> }.into_any(),
    };
    let row = |entry: AuditBody| {
        view! {
            <tr>
                <td><When at=entry.at/></td>
                <td>{entry.actor_name}</td>
                <td><code>{entry.action}</code></td>
                <td>{entry.target}</td>
                <td>{entry.outcome}</td>
            </tr>
        }
    };
    view! {
        <Console title="Audit log" lead="Changes in this org and refused attempts, newest first.">
            <section class="card" data-list="">
                <table class="list">
                    <thead>
                        <tr><th>"When (UTC)"</th><th>"Who"</th><th>"What"</th><th>"To what"</th><th>"Outcome"</th></tr>
                    </thead>
                    <tbody>{page.data.into_iter().map(row).collect_view()}</tbody>
                </table>
                <Pager of=AUDIT next=page.next_cursor label="Older"/>
            </section>
        </Console>
    }
    .into_any()
}
