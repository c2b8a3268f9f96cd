//! One of the two cards that take a file.

use drift::format::bytes;
use leptos::prelude::*;

use super::{drop::files_of, session::Session};
use crate::{
    analyze::engine::Side,
    components::icon::{Icon, Shape},
};

#[component]
pub fn Slot(session: Session, side: Side, pasting: RwSignal<Option<Side>>) -> impl IntoView {
    let (word, key, about) = match side {
        Side::Reference => ("Reference", "reference", "What the data used to look like"),
        Side::Current => ("Current", "current", "The data you have doubts about"),
    };
    let chosen =
        move || session.slot(side).read().as_ref().map(|input| (input.name.clone(), bytes(input.blob.size() as u64)));
    let is_over = RwSignal::new(false);
    let drop = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        event.stop_propagation();
        is_over.set(false);
        session.take(files_of(&event), Some(side));
    };
    view! {
        <article class="slot" data-side=key>
            <header>
                <span class="side-key" data-side=key aria-hidden="true"></span>
                <h2>{word}</h2>
                <p>{about}</p>
            </header>
            <div
                class="drop-zone"
                data-over=move || is_over.get().then_some("")
                on:dragover=move |event| {
                    event.prevent_default();
                    is_over.set(true);
                }
                on:dragleave=move |_| is_over.set(false)
                on:drop=drop
            >
                {move || match chosen() {
                    Some((name, size)) => view! { <Chosen session side name size/> }.into_any(),
                    None => view! { <Empty session side word pasting/> }.into_any(),
                }}
            </div>
        </article>
    }
    .into_any()
}

#[component]
fn Empty(session: Session, side: Side, word: &'static str, pasting: RwSignal<Option<Side>>) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    let take = move |_| {
        let Some(input) = input.get_untracked() else { return };
        let files =
            input.files().map_or_else(Vec::new, |list| (0..list.length()).filter_map(|at| list.get(at)).collect());
        input.set_value("");
        session.take(files, Some(side));
    };
    view! {
        <span class="drop-icon"><Icon shape=Shape::Upload size=20/></span>
        <p class="drop-title">"Drop a file here"</p>
        <p class="drop-formats">"CSV, TSV, Parquet, NDJSON or JSON, also .gz and .zst"</p>
        <div class="drop-actions">
            <label class="button">
                <Icon shape=Shape::File/>
                "Choose file"
                <span class="hidden">" for " {word.to_lowercase()}</span>
                <input class="file-input" type="file" multiple node_ref=input on:change=take/>
            </label>
            <button class="button" type="button" on:click=move |_| pasting.set(Some(side))>
                "Paste"
                <span class="hidden">" " {word.to_lowercase()}</span>
            </button>
        </div>
    }
}

#[component]
fn Chosen(session: Session, side: Side, name: String, size: String) -> impl IntoView {
    view! {
        <span class="drop-icon"><Icon shape=Shape::File size=20/></span>
        <p class="drop-title"><code>{name}</code></p>
        <p class="drop-formats">{size}</p>
        <div class="drop-actions">
            <button class="button" type="button" on:click=move |_| session.clear(side)>
                <Icon shape=Shape::Close/>
                "Take another"
            </button>
        </div>
    }
}
