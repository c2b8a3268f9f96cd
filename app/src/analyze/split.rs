//! One file, cut in two: by a share of its rows, or at a time.

use drift::format::count;
use leptos::{html, prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use serde::Deserialize;

use super::session::{Session, engine, input};
use crate::{
    analyze::engine::{Cut, FailureKind, Input, Side},
    components::{
        dialog::Dialog,
        icon::{Icon, Shape},
    },
};

/// What the engine says of a file that is to be cut.
#[derive(Debug, Clone, Default, Deserialize)]
struct Survey {
    n_rows: f64,
    times: Vec<TimeColumn>,
}

#[derive(Debug, Clone, Deserialize)]
struct TimeColumn {
    name: String,
    first: String,
    middle: String,
    last: String,
}

/// What the dialog holds.
#[derive(Clone, Copy)]
struct State {
    is_open: RwSignal<bool>,
    file: RwSignal<Option<SendWrapper<Input>>>,
    survey: RwSignal<Option<Survey>>,
    /// Position of the time column among those of the survey; rows are counted when there is none.
    column: RwSignal<Option<usize>>,
    percent: RwSignal<f64>,
    time: RwSignal<String>,
    is_busy: RwSignal<bool>,
    error: RwSignal<String>,
}

/// The button, and the dialog that it opens.
#[component]
pub fn Split(session: Session) -> impl IntoView {
    let state = State {
        is_open: RwSignal::new(false),
        file: RwSignal::new(None),
        survey: RwSignal::new(None),
        column: RwSignal::new(None),
        percent: RwSignal::new(50.0),
        time: RwSignal::default(),
        is_busy: RwSignal::new(false),
        error: RwSignal::default(),
    };
    let close = move || {
        state.is_open.set(false);
        state.file.set(None);
        state.survey.set(None);
        state.error.set(String::new());
    };
    let compare = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(cut(session, state));
    };
    view! {
        <button class="button" type="button" on:click=move |_| state.is_open.set(true)>
            <Icon shape=Shape::Split/>
            "Split one file…"
        </button>
        <Dialog title="Split one file in two" is_open=state.is_open on_close=close>
            <form class="dialog-body" on:submit=compare>
                <p>"The first part is the reference, the rest is current."</p>
                <Chooser state/>
                <Show when=move || state.survey.read().is_some()>
                    <Cutting state/>
                </Show>
                <p class="field-error" role="alert">{move || state.error.get()}</p>
                <div class="dialog-actions">
                    <button
                        class="button"
                        data-kind="primary"
                        prop:disabled=move || state.is_busy.get() || state.survey.read().is_none()
                    >
                        "Compare the two parts"
                    </button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Chooser(state: State) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let choose = move |_| {
        let file = node.get_untracked().and_then(|node| node.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            spawn_local(look(state, input(&file)));
        }
    };
    let about = move || match (state.file.read().as_ref(), state.survey.read().as_ref()) {
        (Some(_), None) if state.is_busy.get() => "Counting its rows …".to_owned(),
        (Some(file), Some(survey)) => format!("{}: {} rows", file.name, count(survey.n_rows as u64)),
        _ => "CSV, TSV, NDJSON or JSON, also .gz and .zst".to_owned(),
    };
    view! {
        <p class="split-file">
            <label class="button">
                <Icon shape=Shape::File/>
                "Choose the file"
                <input class="file-input" type="file" node_ref=node on:change=choose/>
            </label>
            <span role="status">{about}</span>
        </p>
    }
}

/// Where to cut.
#[component]
fn Cutting(state: State) -> impl IntoView {
    let times = move || state.survey.read().as_ref().map(|survey| survey.times.clone()).unwrap_or_default();
    let by = move |event| {
        let at: Option<usize> = event_target_value(&event).parse().ok();
        state.column.set(at);
        if let Some(column) = at.and_then(|at| times().get(at).cloned()) {
            state.time.set(column.middle);
        }
    };
    let span = move || {
        let column = state.column.get().and_then(|at| times().get(at).cloned());
        column.map(|column| format!("It runs from {} to {}.", column.first, column.last))
    };
    view! {
        <label class="select">
            <span class="select-label">"Cut by"</span>
            <select on:change=by>
                <option value="">"share of rows"</option>
                {move || {
                    times()
                        .into_iter()
                        .enumerate()
                        .map(|(at, column)| view! { <option value=at.to_string()>"time in " {column.name}</option> })
                        .collect_view()
                }}
            </select>
            <Icon shape=Shape::Down/>
        </label>
        <Show
            when=move || state.column.read().is_some()
            fallback=move || {
                view! {
                    <label class="floor">
                        <span>"Share of rows in the reference"</span>
                        <input
                            type="range"
                            min="1"
                            max="99"
                            prop:value=move || state.percent.get().to_string()
                            on:input=move |event| {
                                if let Ok(percent) = event_target_value(&event).parse() {
                                    state.percent.set(percent);
                                }
                            }
                        />
                        <b>{move || format!("{}\u{a0}%", state.percent.get())}</b>
                    </label>
                }
            }
        >
            <label class="split-time">
                <span>"Current begins at"</span>
                <input
                    type="datetime-local"
                    step="1"
                    prop:value=move || state.time.get()
                    on:input=move |event| state.time.set(event_target_value(&event))
                />
                <small>{span}</small>
            </label>
        </Show>
    }
    .into_any()
}

/// Counts the rows of a file and finds its columns of times.
async fn look(state: State, file: Input) {
    state.file.set(Some(SendWrapper::new(file.clone())));
    state.survey.set(None);
    state.column.set(None);
    state.error.set(String::new());
    state.is_busy.set(true);
    let outcome = engine().survey(&file).await;
    state.is_busy.set(false);
    match outcome.map(|json| serde_json::from_str(&json)) {
        Ok(Ok(survey)) => state.survey.set(Some(survey)),
        Ok(Err(error)) => state.error.set(error.to_string()),
        Err(failure) if failure.kind == FailureKind::Cancelled => {}
        Err(failure) => state.error.set(failure.message),
    }
}

/// Cuts the file and compares its two parts.
async fn cut(session: Session, state: State) {
    let (Some(file), Some(survey)) = (state.file.get_untracked(), state.survey.get_untracked()) else { return };
    let column = state.column.get_untracked().and_then(|at| survey.times.get(at));
    let cut = match column {
        Some(column) => Cut::AtTime { column: column.name.clone(), time: state.time.get_untracked() },
        None => Cut::AtRow((survey.n_rows * state.percent.get_untracked() / 100.0).round()),
    };
    state.is_busy.set(true);
    let halves = engine().split(&file, &cut).await;
    state.is_busy.set(false);
    match halves {
        Ok([reference, current]) => {
            state.is_open.set(false);
            session.clear(Side::Current);
            session.put(Side::Reference, reference);
            session.put(Side::Current, current);
        }
        Err(failure) if failure.kind == FailureKind::Cancelled => {}
        Err(failure) => state.error.set(failure.message),
    }
}
