//! The answer in one sentence, and how bad it is.

use drift::{
    format::counted,
    report::{InputView, ReportView, file_name},
    verdict::Verdict,
};
use leptos::prelude::*;

use crate::{
    analyze::session::{Origin, Session},
    components::{
        icon::{Icon, Shape},
        verdict_chip::{VerdictChip, VerdictIcon},
    },
};

/// Which files, and how long it took.
#[component]
pub fn Inputs(session: Session) -> impl IntoView {
    let side = move |of: fn(&ReportView) -> &InputView| {
        let report = session.report.read();
        report.as_ref().map(|report| {
            let input = of(report);
            (file_name(&input.name).to_owned(), counted(input.n_rows, "row"))
        })
    };
    let reference = move || side(|report| &report.reference).unwrap_or_default();
    let current = move || side(|report| &report.current).unwrap_or_default();
    let took = move || session.took.get().map(|seconds| format!("Compared in {seconds:.2}\u{a0}s, in this tab"));
    let is_own = move || session.origin.get() == Origin::Compared;
    view! {
        <section class="inputs" aria-label="Inputs">
            <span class="input-name">
                <span class="side-key" data-side="reference" aria-hidden="true"></span>
                <span class="hidden">"Reference: "</span>
                <b>{move || reference().0}</b>
                " "
                <span>{move || reference().1}</span>
            </span>
            <Show when=is_own fallback=|| view! { <span aria-hidden="true">"→"</span> }>
                <button
                    class="button"
                    data-kind="quiet"
                    data-icon=""
                    type="button"
                    aria-label="Swap reference and current"
                    title="Swap reference and current"
                    on:click=move |_| session.swap()
                >
                    <Icon shape=Shape::Swap/>
                </button>
            </Show>
            <span class="input-name">
                <span class="side-key" data-side="current" aria-hidden="true"></span>
                <span class="hidden">"Current: "</span>
                <b>{move || current().0}</b>
                " "
                <span>{move || current().1}</span>
            </span>
            <span class="inputs-end">
                <span>{took}</span>
                <button class="button" data-size="small" type="button" on:click=move |_| session.start_over()>
                    "New comparison"
                </button>
            </span>
        </section>
    }
    .into_any()
}

/// The sentence, what changed most, and severity.
#[component]
pub fn Hero(session: Session) -> impl IntoView {
    let verdict =
        Signal::derive(move || session.report.read().as_ref().map_or(Verdict::Stable, |report| report.verdict));
    let sentence = move || session.report.read().as_ref().map(|report| report.sentence.clone());
    let lead = move || session.report.read().as_ref().and_then(|report| report.lead.clone());
    view! {
        <section class="answer">
            <div class="answer-words">
                <span class="answer-tile" data-verdict=move || verdict.get().as_str()>
                    <VerdictIcon verdict size=20/>
                </span>
                <div>
                    <h1>{sentence}</h1>
                    <p class="lead">{move || lead().map(|lead| words(&lead))}</p>
                </div>
            </div>
            <SeverityBar session verdict/>
        </section>
    }
    .into_any()
}

#[component]
fn SeverityBar(session: Session, verdict: Signal<Verdict>) -> impl IntoView {
    let severity = move || session.report.read().as_ref().and_then(|report| report.severity);
    view! {
        <div class="severity" hidden=move || severity().is_none()>
            <p>
                <span id="severity-label">"Severity"</span>
                <b>{move || severity().map(|severity| format!("{severity:.2}"))}</b>
            </p>
            <svg
                class="severity-bar"
                data-verdict=move || verdict.get().as_str()
                viewBox="0 0 100 16"
                preserveAspectRatio="none"
                height="16"
                role="img"
                aria-labelledby="severity-label"
            >
                <rect class="severity-track" x="0" y="4" width="100" height="8"></rect>
                <rect
                    class="severity-value"
                    x="0"
                    y="4"
                    width=move || format!("{:.1}", 100.0 * severity().unwrap_or(0.0))
                    height="8"
                ></rect>
                <path class="severity-floor" d="M50 0 V16" vector-effect="non-scaling-stroke"></path>
            </svg>
            <p class="severity-scale" aria-hidden="true">
                <span>"0"</span>
                <span>"0.5 drifted"</span>
                <span>"1"</span>
            </p>
        </div>
    }
}

/// Columns by verdict.
#[component]
pub fn Counts(session: Session) -> impl IntoView {
    let n = move |verdict| session.report.read().as_ref().map_or(0, |report| report.counts.of(verdict));
    view! {
        <ul class="counts" aria-label="Columns by verdict">
            {Verdict::ALL
                .map(|verdict| {
                    view! {
                        <li hidden=move || n(verdict) == 0>
                            <VerdictChip verdict count=Signal::derive(move || n(verdict))/>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

/// A sentence with the names between backquotes as code.
pub fn words(text: &str) -> impl IntoView + use<> {
    let is_paired = text.matches('`').count().is_multiple_of(2);
    if !is_paired {
        return text.to_owned().into_any();
    }
    text.split('`')
        .enumerate()
        .map(|(at, part)| {
            let part = part.to_owned();
            if at % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect_view()
        .into_any()
}
