use leptos::prelude::*;
use leptos_meta::Title;

use drift::verdict::Verdict;

use crate::components::{
    command::{Command, Typed},
    distribution::Distribution,
    verdict_chip::VerdictChip,
};

/// The front page: what DriftSiren answers, and how to ask it today.
#[component]
pub fn Analyze() -> impl IntoView {
    view! {
        <Title text="Has your data changed?"/>
        <div class="analyze">
            <section class="hero">
                <h1>"Has your data changed?"</h1>
                <p>
                    "Give DriftSiren two files. It compares every column and says what moved, by how much, and whether that is more than chance. "
                    <strong>"Your rows never leave your machine."</strong>
                </p>
            </section>
            <div class="start">
                <CompareNow/>
                <ComparePage/>
            </div>
            <section class="facts" aria-label="What you get">
                <SeeWhatMoved/>
                <VerdictsThatHold/>
                <SameAnswerInCi/>
            </section>
        </div>
    }
}

/// The command line, which works today.
#[component]
fn CompareNow() -> impl IntoView {
    view! {
        <section class="card" data-raised="">
            <h2>"Compare two files now"</h2>
            <p>"From a copy of the source, once:"</p>
            <Command>
                <Typed line="cargo install --locked --path agent"/>
            </Command>
            <p>"Then the file you trust first, the one you doubt second:"</p>
            <Command>
                <Typed line="driftsiren check reference.csv current.csv"/>
            </Command>
            <dl class="exit-codes">
                <div><dt>"exit 0"</dt><dd>"nothing drifted"</dd></div>
                <div><dt>"exit 1"</dt><dd>"something did"</dd></div>
                <div><dt>"exit 2 or 3"</dt><dd>"could not compare"</dd></div>
            </dl>
        </section>
    }
}

/// What this page will do, said plainly instead of a control that does nothing.
#[component]
fn ComparePage() -> impl IntoView {
    view! {
        <section class="card" data-later="">
            <h2>"Or drop them here"</h2>
            <p class="later">"Coming with the next release"</p>
            <p>
                "You will drop two files on this page, and they will be read and compared inside this tab: nothing is uploaded."
            </p>
            <p>
                "It will run the engine behind the command line, built for the browser. Until then, the command line is the way."
            </p>
        </section>
    }
}

#[component]
fn SeeWhatMoved() -> impl IntoView {
    view! {
        <article class="fact">
            <div class="fact-picture"><Distribution/></div>
            <h2>"See what moved"</h2>
            <p>"Both distributions on one scale, made from every row and not from a sample."</p>
        </article>
    }
}

#[component]
fn VerdictsThatHold() -> impl IntoView {
    // Effects on the scale of the bar, which ends at 2.5 floors.
    let examples = [
        (Verdict::Drifted, "dep_delay", "M0 3 H53"),
        (Verdict::Warning, "air_time", "M0 3 H30"),
        (Verdict::Stable, "carrier", "M0 3 H7"),
    ];
    view! {
        <article class="fact">
            <div class="fact-picture">
                <ul class="verdict-list" aria-label="Example verdicts">
                    {examples
                        .map(|(verdict, column, bar)| {
                            view! {
                                <li>
                                    <VerdictChip verdict/>
                                    <code>{column}</code>
                                    <svg
                                        class="effect-bar"
                                        data-verdict=verdict.as_str()
                                        viewBox="0 0 92 14"
                                        width="92"
                                        height="14"
                                        aria-hidden="true"
                                    >
                                        <g transform="translate(0 4)">
                                            <path class="effect-bar-track" d="M0 3 H92"/>
                                            <path class="effect-bar-value" d=bar/>
                                        </g>
                                        <path class="effect-bar-floor" d="M36.8 0 V14"/>
                                    </svg>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
            <h2>"Verdicts that hold"</h2>
            <p>
                "Drifted means real and big enough. At most 5\u{a0}% of reports on unchanged data say so."
            </p>
        </article>
    }
}

#[component]
fn SameAnswerInCi() -> impl IntoView {
    view! {
        <article class="fact">
            <div class="fact-picture">
                <Command>
                    <Typed line="driftsiren check jan.csv jul.csv"/>
                    <span class="command-loud">"▲ 4 of 20 columns drifted\n"</span>
                    <span class="command-quiet">"exit 1"</span>
                </Command>
            </div>
            <h2>"Same answer in CI"</h2>
            <p>
                "The same bytes in give the same report out, with a digest to prove it. The exit code stops the pipeline."
            </p>
        </article>
    }
}
