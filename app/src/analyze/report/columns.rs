//! The table of columns: loud ones first, stable ones folded into one last row.

use drift::verdict::Verdict;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{HtmlElement, IntersectionObserver, IntersectionObserverEntry};

use super::{
    row::ColumnRow,
    toolbar::Toolbar,
    toolbar::is_typing,
    view_state::{Order, ViewState},
};
use crate::{
    analyze::session::Session,
    components::{
        icon::{Icon, Shape},
        verdict_chip::VerdictChip,
    },
};

/// Rows that are made at once; more come as one scrolls to the end.
const PAGE: usize = 20;
/// Names beside the fold.
const N_NAMES: usize = 24;

#[component]
pub fn Columns(session: Session, state: ViewState) -> impl IntoView {
    let positions = Memo::new(move |_| {
        session.report.read().as_ref().map(|report| state.positions(&report.columns)).unwrap_or_default()
    });
    // Folded only in the order of severity: any other order or filter asks to see them.
    let folds = move || !state.is_filtered() && state.order.get() == Order::Severity;
    let is_unfolded = RwSignal::new(false);
    let limit = RwSignal::new(PAGE);
    // Another policy changes every row: those that are far away are made again when one comes to them.
    let policy = Memo::new(move |_| session.settings.with(|settings| (settings.preset, settings.floor)));
    Effect::new(move |_| {
        state.query.track();
        state.kind.track();
        state.verdict.track();
        state.order.track();
        policy.track();
        limit.set(PAGE);
    });
    let stable = Memo::new(move |_| {
        let report = session.report.read();
        let Some(report) = report.as_ref().filter(|_| folds()) else { return Vec::new() };
        let is_stable = |at: &usize| report.columns.get(*at).is_some_and(|row| row.verdict == Verdict::Stable);
        positions.read().iter().copied().filter(is_stable).collect::<Vec<_>>()
    });
    let loud = Memo::new(move |_| {
        let n = positions.read().len() - stable.read().len();
        positions.read()[..n].to_vec()
    });
    let shown_loud = move || loud.read().iter().copied().take(limit.get()).collect::<Vec<_>>();
    let shown_stable = move || {
        let room = limit.get().saturating_sub(loud.read().len());
        if is_unfolded.get() { stable.read().iter().copied().take(room).collect::<Vec<_>>() } else { Vec::new() }
    };
    let has_more = move || {
        let n = loud.read().len() + if is_unfolded.get() { stable.read().len() } else { 0 };
        limit.get() < n
    };
    walk_with_keys();
    view! {
        <section class="columns" aria-label="Columns">
            <Toolbar session state/>
            <div class="column-table" role="table" aria-label="Columns" aria-rowcount=move || positions.read().len() + 1>
                <Head state/>
                <div role="rowgroup">
                    <For each=shown_loud key=|at| *at let:at>
                        <ColumnRow session position=at/>
                    </For>
                </div>
                <Show when=move || !stable.read().is_empty()>
                    <Fold session stable is_unfolded/>
                </Show>
                <div role="rowgroup" id="stable-columns">
                    <For each=shown_stable key=|at| *at let:at>
                        <ColumnRow session position=at/>
                    </For>
                </div>
            </div>
            <Show when=has_more>
                <More limit/>
            </Show>
            <Show when=move || positions.read().is_empty()>
                <Nothing state/>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Head(state: ViewState) -> impl IntoView {
    let sorted = move |order: Order| if state.order.get() == order { "descending" } else { "none" };
    let by = move |order: Order, words: &'static str| {
        view! {
            <button type="button" on:click=move |_| state.order.set(order)>
                {words}
                {move || (state.order.get() == order).then(|| view! { <Icon shape=Shape::Down size=14/> })}
            </button>
        }
    };
    view! {
        <div role="rowgroup">
            <div class="column-head" role="row">
                <span role="columnheader" class="cell-name" aria-sort=move || if state.order.get() == Order::Name { "ascending" } else { "none" }>{by(Order::Name, "Column")}</span>
                <span role="columnheader" class="cell-verdict">"Verdict"</span>
                <span role="columnheader" class="cell-mini" title="Bars by the square root of the share, so that tails show">"Reference and current"</span>
                <span role="columnheader" class="cell-what">"What changed"</span>
                <span role="columnheader" class="cell-effect" aria-sort=move || sorted(Order::Effect)>{by(Order::Effect, "Effect against floor")}</span>
                <span role="columnheader" class="cell-nulls" aria-sort=move || sorted(Order::Nulls)>{by(Order::Nulls, "Nulls")}</span>
                <span role="columnheader" class="cell-severity" aria-sort=move || sorted(Order::Severity)>{by(Order::Severity, "Severity")}</span>
            </div>
        </div>
    }
    .into_any()
}

/// The last row: how many columns are stable, and their names.
#[component]
fn Fold(session: Session, stable: Memo<Vec<usize>>, is_unfolded: RwSignal<bool>) -> impl IntoView {
    let names = move || {
        let report = session.report.read();
        let Some(report) = report.as_ref() else { return String::new() };
        let stable = stable.read();
        let names: Vec<&str> =
            stable.iter().take(N_NAMES).filter_map(|at| report.columns.get(*at)).map(|row| row.name.as_str()).collect();
        let more = if stable.len() > N_NAMES { ", …" } else { "" };
        format!("{}{more}", names.join(", "))
    };
    view! {
        <div role="rowgroup">
            <div class="fold" role="row">
                <span role="cell">
                    <button
                        class="row-toggle"
                        type="button"
                        aria-expanded=move || is_unfolded.get().to_string()
                        aria-controls="stable-columns"
                        on:click=move |_| is_unfolded.update(|is| *is = !*is)
                    >
                        <Icon shape=Shape::Chevron/>
                        <VerdictChip verdict=Verdict::Stable count=Signal::derive(move || stable.read().len() as u64)/>
                        <span class="fold-names">{names}</span>
                    </button>
                </span>
            </div>
        </div>
    }
}

#[component]
fn Nothing(state: ViewState) -> impl IntoView {
    view! {
        <div class="no-columns">
            <p>{move || if state.is_filtered() { "No column matches." } else { "The two inputs have no column in common." }}</p>
            <Show when=move || state.is_filtered()>
                <button class="button" type="button" on:click=move |_| state.show_all()>"Show all columns"</button>
            </Show>
        </div>
    }
}

/// Makes more rows when it comes near the window, or when it is pressed.
#[component]
fn More(limit: RwSignal<usize>) -> impl IntoView {
    let node = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        let Some(button) = node.get() else { return };
        let on_seen = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let is_seen = |entry: wasm_bindgen::JsValue| {
                entry.dyn_into::<IntersectionObserverEntry>().is_ok_and(|entry| entry.is_intersecting())
            };
            if entries.iter().any(is_seen) {
                limit.update(|limit| *limit += PAGE);
            }
        });
        let options = web_sys::IntersectionObserverInit::new();
        options.set_root_margin("1200px");
        let observer = IntersectionObserver::new_with_options(on_seen.as_ref().unchecked_ref(), &options);
        if let Ok(observer) = &observer {
            observer.observe(&button);
        }
        let kept = send_wrapper::SendWrapper::new((observer, on_seen));
        on_cleanup(move || {
            if let (Ok(observer), _) = kept.take() {
                observer.disconnect();
            }
        });
    });
    // A new button for each page, so that one that stays near the window is seen again.
    let page = move || limit.get();
    view! {
        <button
            class="button more-columns"
            type="button"
            node_ref=node
            data-page=page
            on:click=move |_| limit.update(|limit| *limit += PAGE)
        >
            "Show more columns"
        </button>
    }
}

/// `j` and `k` walk over the rows, `e` opens one.
fn walk_with_keys() {
    let listener = window_event_listener(ev::keydown, move |event| {
        if is_typing(&event) || !matches!(event.key().as_str(), "j" | "k" | "e") {
            return;
        }
        let Ok(rows) = document().query_selector_all(".column-table .row-toggle") else { return };
        let rows: Vec<HtmlElement> =
            (0..rows.length()).filter_map(|at| rows.get(at)?.dyn_into::<HtmlElement>().ok()).collect();
        let focused = document().active_element();
        let at = rows.iter().position(|row| focused.as_ref().is_some_and(|focused| focused.is_same_node(Some(row))));
        let next = match (event.key().as_str(), at) {
            ("j", None) => Some(0),
            ("j", Some(at)) => Some((at + 1).min(rows.len().saturating_sub(1))),
            ("k", Some(at)) => Some(at.saturating_sub(1)),
            ("e", Some(at)) => {
                rows[at].click();
                None
            }
            _ => None,
        };
        if let Some(row) = next.and_then(|at| rows.get(at)) {
            let _ = row.focus();
        }
    });
    on_cleanup(move || listener.remove());
}
