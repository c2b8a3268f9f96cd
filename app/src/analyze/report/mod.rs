//! A report on the page: the answer, the evidence, and what to do with it.

mod actions;
mod chart_file;
mod columns;
mod hero;
mod menu;
mod panel;
mod panel_html;
mod row;
mod share_dialog;
mod toolbar;
mod tooltip;
mod view_state;

use leptos::prelude::*;

use crate::analyze::session::{Origin, Session};
use actions::Actions;
use columns::Columns;
use hero::{Counts, Hero, Inputs};
use view_state::ViewState;

/// The report that the session holds.
#[component]
pub fn ReportPage(session: Session) -> impl IntoView {
    let view_state = ViewState::from_address();
    view_state.keep_in_address();
    view! {
        <div class="report">
            <Inputs session/>
            <Hero session/>
            <div class="action-row">
                <Actions session/>
                <Counts session/>
            </div>
            <Provenance session/>
            <Lenient session/>
            <Columns session state=view_state/>
            <SchemaChanges session/>
            <Footnote session/>
        </div>
    }
    .into_any()
}

/// Where a report comes from that was not made here.
#[component]
fn Provenance(session: Session) -> impl IntoView {
    let words = move || match session.origin.get() {
        Origin::Compared => None,
        Origin::Saved => Some(
            "A saved report: you can read and export it. To judge it under another policy, compare the files again.",
        ),
        Origin::Shared => {
            Some("A summary from a link: it was not recomputed here, and it leaves out parts of the report.")
        }
    };
    view! { {move || words().map(|words| view! { <p class="provenance">{words}</p> })} }
}

#[component]
fn SchemaChanges(session: Session) -> impl IntoView {
    let changes =
        move || session.report.read().as_ref().map(|report| report.schema_changes.clone()).unwrap_or_default();
    view! {
        <Show when=move || !changes().is_empty()>
            <section class="schema-changes" aria-labelledby="schema-changes">
                <h2 id="schema-changes">"Schema changes"</h2>
                <ul>
                    {changes()
                        .into_iter()
                        .map(|change| {
                            let text = change.in_words();
                            view! { <li><code>{change.column}</code> " " {hero::words(&text)}</li> }
                        })
                        .collect_view()}
                </ul>
            </section>
        </Show>
    }
}

/// What was decided about the inputs, and what of them could not be read as it should be.
#[component]
fn Lenient(session: Session) -> impl IntoView {
    let lines = move || {
        let report = session.report.read();
        let sides = report.as_ref().map(|report| [("Reference", &report.reference), ("Current", &report.current)]);
        let lines = sides.into_iter().flatten().flat_map(|(side, input)| {
            let remarks = input.remarks.iter().map(ToString::to_string);
            input.findings.iter().cloned().chain(remarks).map(move |line| (side, line))
        });
        lines.collect::<Vec<_>>()
    };
    view! {
        <Show when=move || !lines().is_empty()>
            <section class="lenient" aria-label="How the files were read">
                <ul>
                    {move || {
                        lines()
                            .into_iter()
                            .map(|(side, line)| view! { <li><b>{side}</b>": " {hero::words(&line)}</li> })
                            .collect_view()
                    }}
                </ul>
            </section>
        </Show>
    }
}

/// What the columns were held to, and the digest.
#[component]
fn Footnote(session: Session) -> impl IntoView {
    let words = move || {
        session.report.read().as_ref().map(|report| {
            let digest: String = report.digest.chars().take(12).collect();
            (report.policy.text.clone(), digest, report.engine.clone())
        })
    };
    view! {
        {move || {
            words().map(|(policy, digest, engine)| {
                view! {
                    <p class="footnote">
                        {policy} " " <a href="/docs/verdicts" rel="external" target="_blank">"How to read a verdict"</a>
                        ". Digest " <code>{digest}</code> ", engine " {engine} "."
                    </p>
                }
            })
        }}
    }
}
