//! The three facts under the slots.

use drift::verdict::Verdict;
use leptos::prelude::*;

use crate::{
    analyze::{
        command::{Command, Typed},
        distribution::Distribution,
    },
    components::verdict_chip::VerdictChip,
};

/// What one gets.
#[component]
pub fn Facts() -> impl IntoView {
    view! {
        <section class="facts" aria-label="What you get">
            <SeeWhatMoved/>
            <VerdictsThatHold/>
            <SameAnswerInCi/>
        </section>
    }
    .into_any()
}

#[component]
fn SeeWhatMoved() -> impl IntoView {
    view! {
        <article class="fact">
            <div class="fact-picture"><Distribution/></div>
            <h2>"See what moved"</h2>
            <p>"Both distributions on one scale, drawn from every row and not from a sample."</p>
        </article>
    }
}

#[component]
fn VerdictsThatHold() -> impl IntoView {
    // Effects on the scale of the bar, which ends at 2.5 floors.
    let examples = [
        (Verdict::Drifted, "dep_delay", "53"),
        (Verdict::Warning, "air_time", "30"),
        (Verdict::Stable, "carrier", "7"),
    ];
    view! {
        <article class="fact">
            <div class="fact-picture">
                <ul class="verdict-list" aria-label="Example verdicts">
                    {examples
                        .map(|(verdict, column, length)| {
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
                                        <rect class="effect-bar-track" y="4" width="92" height="6" rx="3"></rect>
                                        <rect class="effect-bar-value" y="4" width=length height="6" rx="3"></rect>
                                        <path class="effect-bar-floor" d="M36.8 0.5 V13.5"></path>
                                    </svg>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
            <h2>"Verdicts that hold"</h2>
            <p>
                "Drifted means real and big enough. Of 100 comparisons of unchanged data, about 5 raise a false alarm."
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
                    <span class="command-loud">"▲ 3 of 12 columns drifted\n"</span>
                    <span class="command-quiet">"exit 1"</span>
                </Command>
            </div>
            <h2>"Same answer in CI"</h2>
            <p>
                "Copy any comparison as a command or a workflow step. The same files give the same digest."
            </p>
        </article>
    }
}
