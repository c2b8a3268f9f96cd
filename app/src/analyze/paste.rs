//! Pasting rows instead of choosing a file.

use leptos::{html, prelude::*};

use super::session::Session;
use crate::{
    analyze::engine::{Input, Side},
    components::dialog::Dialog,
};

#[component]
pub fn Paste(session: Session, side: RwSignal<Option<Side>>) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let error = RwSignal::new("");
    let word = move || match side.get() {
        Some(Side::Current) => "current",
        _ => "reference",
    };
    let take = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(area), Some(chosen)) = (node.get_untracked(), side.get_untracked()) else { return };
        let text = area.value();
        if text.trim().is_empty() {
            error.set("Paste some rows first: a header and at least one row.");
            return;
        }
        match Input::of_text(&format!("pasted {}", word()), &text) {
            Ok(input) => {
                area.set_value("");
                error.set("");
                side.set(None);
                session.put(chosen, input);
            }
            Err(failure) => session.say(failure.message),
        }
    };
    view! {
        <Dialog
            title=Signal::derive(move || format!("Paste the {} rows", word()))
            is_open=Signal::derive(move || side.get().is_some())
            on_close=move || side.set(None)
        >
            <form class="dialog-body" on:submit=take>
                <label for="paste-rows">"CSV, TSV, NDJSON or JSON, with the names of the columns"</label>
                <textarea
                    id="paste-rows"
                    node_ref=node
                    rows="12"
                    spellcheck="false"
                    aria-describedby="paste-error"
                    placeholder="species,bill_length\nAdelie,39.1\nGentoo,46.5"
                ></textarea>
                <p id="paste-error" class="field-error" role="alert">{move || error.get()}</p>
                <div class="dialog-actions">
                    <button class="button" data-kind="primary">"Use these rows"</button>
                </div>
            </form>
        </Dialog>
    }
}
