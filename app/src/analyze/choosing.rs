//! Two empty slots and how to fill them.

use leptos::prelude::*;

use super::{facts::Facts, paste::Paste, samples::Samples, session::Session, slot::Slot, split::Split};
use crate::{
    analyze::{
        command::{Command, Typed},
        engine::Side,
    },
    components::icon::{Icon, Shape},
};

#[component]
pub fn Choosing(session: Session) -> impl IntoView {
    let pasting = RwSignal::new(None::<Side>);
    view! {
        <div class="analyze">
            <section class="hero">
                <h1>"Has your data changed?"</h1>
                <p>
                    "Compare two files. "
                    <span class="promise">
                        <Icon shape=Shape::Lock/>
                        <strong>"They never leave this tab."</strong>
                        " "
                        <a href="/docs/privacy" rel="external">"How to check"</a>
                    </span>
                </p>
            </section>
            <WithoutScripts/>
            <section class="slots" aria-label="Files">
                <Slot session side=Side::Reference pasting/>
                <button
                    class="swap"
                    type="button"
                    aria-label="Swap reference and current"
                    title="Swap reference and current"
                    on:click=move |_| session.swap()
                >
                    <Icon shape=Shape::Swap/>
                </button>
                <Slot session side=Side::Current pasting/>
            </section>
            <section class="start-row" aria-label="Without two files">
                <p>"No files at hand?"</p>
                <Samples session/>
                <Split session/>
                <OpenReport session/>
                <p class="start-hint">"Both at once is fine: drop them anywhere."</p>
            </section>
            <Facts/>
        </div>
        <Paste session side=pasting/>
    }
    .into_any()
}

/// What to do where scripts are off; shown only there.
#[component]
fn WithoutScripts() -> impl IntoView {
    view! {
        <section class="card without-scripts">
            <h2>"This page reads files with JavaScript, which is off"</h2>
            <p>
                "That is how your files can stay in this tab. Switch it on and drop two files here, or compare them on the command line, which gives the same report:"
            </p>
            <Command>
                <Typed line="cargo install --locked --path agent"/>
                <Typed line="driftsiren check reference.csv current.csv"/>
            </Command>
        </section>
    }
}

/// Opens a report that was saved here or by the command line.
#[component]
fn OpenReport(session: Session) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    let open = move |_| {
        let Some(input) = input.get_untracked() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            session.open_file(file);
        }
        input.set_value("");
    };
    view! {
        <label class="button">
            <Icon shape=Shape::File/>
            "Open report"
            <input class="file-input" type="file" accept=".json,application/json" node_ref=input on:change=open/>
        </label>
    }
}
