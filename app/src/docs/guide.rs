use leptos::prelude::*;
use leptos_meta::Title;

use super::Reading;
use crate::components::verdict_chip::VerdictChip;
use drift::verdict::Verdict;

/// `/docs/verdicts`: what a report says and what to do about it.
#[component]
pub fn Guide() -> impl IntoView {
    view! {
        <Title text="How to read a verdict"/>
        <Reading>
            <h1>"How to read a verdict"</h1>
            <p class="lead">
                "A column drifted when its change is real and big enough. Both must hold: on a million rows the smallest change is real, and on fifty rows a big one may be chance."
            </p>
            <SixVerdicts/>
            <section>
                <h2>"Real: more than chance"</h2>
                <p>
                    "Every column is tested, and so are its nulls and its labels. A report with many columns makes many tests, and some come out small by chance alone. DriftSiren corrects for that over all tests of the report (Benjamini and Hochberg, 1995): a change counts as real when its corrected chance, q, is at most 0.05. The aim: on data that did not change, at most about 5 of 100 reports say that something drifted."
                </p>
            </section>
            <section>
                <h2>"Big enough: the floor"</h2>
                <p>
                    "The effect is the share of rows that would have to change to turn the reference into the current data. For numbers it is the Kolmogorov-Smirnov distance D, for labels the total variation beyond what chance gives. The floor says from which effect on you care; it is 0.10 for values, a tenth of the rows, and 0.05 for nulls, invalid cells and labels never seen before, unless you change it. Between half the floor and the floor a real change is a warning."
                </p>
            </section>
            <section>
                <h2>"Severity"</h2>
                <p>
                    "Severity puts every column on one scale from 0 to 1: x\u{a0}/\u{a0}(1\u{a0}+\u{a0}x), where x is the effect divided by its floor. 0.5 is the floor itself, 0.33 half of it, 0.67 twice of it. The dataset has the severity of its worst column."
                </p>
            </section>
            <section>
                <h2>"Could have seen"</h2>
                <p>
                    "Stable on few rows says little. An open column shows the smallest effect that would be found in 80 of 100 comparisons of this size. If that is above your floor, collect more rows before you rely on the verdict."
                </p>
            </section>
            <section>
                <h2>"What to do next"</h2>
                <ol>
                    <li>"Open the column with the highest severity and read its sentence: it names what moved and, where one fits, a likely cause such as a change of unit."</li>
                    <li>"Look at what adds up to the change: one bin or label often carries all of it."</li>
                    <li>"If the change is expected, make the current data your new reference. If not, the sentence is the first line of your ticket."</li>
                </ol>
            </section>
        </Reading>
    }
}

#[component]
fn SixVerdicts() -> impl IntoView {
    let rows = [
        (Verdict::Drifted, "Real, and at or above the floor."),
        (Verdict::Warning, "Real, and between half the floor and the floor."),
        (Verdict::Stable, "No change, one too small to matter, or one that chance explains."),
        (
            Verdict::InsufficientData,
            "A side has fewer than 30 values, or so few that a change of half the rows could not have been seen. DriftSiren gives no answer rather than a wrong one.",
        ),
        (
            Verdict::NotCompared,
            "The values were not compared; the report says why (identifiers, free text, a type without a test). Nulls and cells that do not fit are still judged.",
        ),
        (Verdict::Error, "The column could not be compared; its row says why."),
    ];
    view! {
        <section>
            <h2>"Six verdicts"</h2>
            <dl class="verdict-meanings">
                {rows
                    .map(|(verdict, meaning)| {
                        view! {
                            <div>
                                <dt><VerdictChip verdict/></dt>
                                <dd>{meaning}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </section>
    }
}
