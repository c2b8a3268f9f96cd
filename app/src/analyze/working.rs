//! How far it is, and the way out.

use drift::format::{bytes, count};
use leptos::prelude::*;

use super::session::{Phase, Session, now};
use crate::components::icon::{Icon, Shape};

#[component]
pub fn Working(session: Session) -> impl IntoView {
    let name = move |side: usize| {
        let slot = if side == 0 { session.reference } else { session.current };
        slot.read().as_ref().map(|input| input.name.clone()).unwrap_or_default()
    };
    let stage = move || {
        let [reference, current] = session.readings.get();
        if reference.is_read() && current.is_read() { "Comparing" } else { "Reading and profiling" }
    };
    view! {
        <div class="analyze">
            <section class="working" aria-busy="true">
                <h1>"Comparing two files"</h1>
                <p class="lead" role="status">{stage} "…"</p>
                <SideProgress session side=0 name=Signal::derive(move || name(0))/>
                <SideProgress session side=1 name=Signal::derive(move || name(1))/>
                <ol class="stages" aria-label="Stages">
                    <Stage
                        word="Read and profile"
                        is_done=Signal::derive(move || session.readings.get().iter().all(|side| side.is_read()))
                        is_on=Signal::derive(|| true)
                    />
                    <Stage
                        word="Compare"
                        is_done=Signal::derive(|| false)
                        is_on=Signal::derive(move || session.readings.get().iter().all(|side| side.is_read()))
                    />
                </ol>
                <button class="button" type="button" on:click=move |_| session.cancel()>
                    <Icon shape=Shape::Close/>
                    "Cancel"
                </button>
            </section>
        </div>
    }
}

#[component]
fn Stage(word: &'static str, is_done: Signal<bool>, is_on: Signal<bool>) -> impl IntoView {
    let state = move || match (is_done.get(), is_on.get()) {
        (true, _) => "done",
        (false, true) => "on",
        (false, false) => "later",
    };
    view! {
        <li data-state=state aria-current=move || (state() == "on").then_some("step")>
            {word}
            {move || is_done.get().then_some(" ✓")}
        </li>
    }
}

#[component]
fn SideProgress(session: Session, side: usize, name: Signal<String>) -> impl IntoView {
    let (key, word) = if side == 0 { ("reference", "Reference") } else { ("current", "Current") };
    let reading = move || session.readings.get()[side];
    let share = move || {
        let reading = reading();
        if reading.n_bytes > 0.0 { (reading.bytes / reading.n_bytes).min(1.0) } else { 0.0 }
    };
    let left = move || {
        let (Phase::Working { since }, share) = (session.phase.get(), share()) else { return String::new() };
        let seconds = (now() - since) / 1000.0;
        if share <= 0.02 || share >= 1.0 || seconds < 0.5 {
            return String::new();
        }
        format!("{:.0}\u{a0}s left", (seconds / share * (1.0 - share)).max(1.0))
    };
    view! {
        <div class="side-progress">
            <span class="side-key" data-side=key aria-hidden="true"></span>
            <span class="side-name">
                <span class="hidden">{word} ": "</span>
                <code>{name}</code>
            </span>
            <progress max="1" value=move || format!("{:.3}", share()) aria-label=move || format!("{word}: {}", name.get())></progress>
            <span class="side-numbers">
                {move || format!("{:.0}\u{a0}%", share() * 100.0)}
                " · "
                {move || format!("{} of {}", bytes(reading().bytes as u64), bytes(reading().n_bytes as u64))}
                " · "
                {move || format!("{} rows", count(reading().rows as u64))}
            </span>
            <span class="side-left">{left}</span>
        </div>
    }
}
