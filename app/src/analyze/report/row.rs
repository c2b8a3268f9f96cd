//! One column: a row that opens in place.

use std::sync::Arc;

use drift::{report::ColumnView, verdict::Verdict};
use leptos::{html, prelude::*, task::spawn_local};

use super::{hero::words, panel::Panel};
use crate::{
    analyze::session::{Session, engine},
    components::{
        icon::{Icon, Shape},
        verdict_chip::VerdictChip,
    },
};

/// Floors at the end of the effect bar, and its pixels.
const SCALE_FLOORS: f64 = 2.5;
const BAR: f64 = 92.0;

#[component]
pub fn ColumnRow(session: Session, position: usize) -> impl IntoView {
    // A new judgement leaves most rows of a wide table as they are.
    let row: Signal<Option<Arc<ColumnView>>> = Memo::new(move |_| {
        session.report.read().as_ref().and_then(|report| report.columns.get(position).cloned().map(Arc::new))
    })
    .into();
    let name = row.get_untracked().map(|row| row.name.clone()).unwrap_or_default();
    let verdict = Signal::derive(move || row.get().map_or(Verdict::Error, |row| row.verdict));
    let is_open = RwSignal::new(false);
    let panel_id = format!("column-{position}");
    let what = move || row.get().map(|row| words(&row.what_changed));
    let severity =
        move || row.get().and_then(|row| row.severity).map_or("–".to_owned(), |severity| format!("{severity:.2}"));
    let toggle = move |_| is_open.update(|is| *is = !*is);
    view! {
        <div class="column-row" role="row" data-open=move || is_open.get().then_some("") on:click=toggle>
            <span role="cell" class="cell-name">
                <button
                    class="row-toggle"
                    type="button"
                    aria-expanded=move || is_open.get().to_string()
                    aria-controls=panel_id.clone()
                    on:click=move |event| {
                        event.stop_propagation();
                        toggle(event);
                    }
                >
                    <Icon shape=Shape::Chevron/>
                    <span class="glyph" aria-hidden="true" title=move || row.get().map(|row| row.r#type.as_str())>
                        {move || row.get().map(|row| row.r#type.glyph())}
                    </span>
                    <code title=name.clone()>{name.clone()}</code>
                </button>
            </span>
            <span role="cell" class="cell-verdict"><VerdictChip verdict/></span>
            <span role="cell" class="cell-mini"><Mini row position/></span>
            <span role="cell" class="cell-what">{what}</span>
            <span role="cell" class="cell-effect"><EffectCell row/></span>
            <span role="cell" class="cell-nulls"><NullsCell row/></span>
            <span role="cell" class="cell-severity">
                <span class="hidden">"severity "</span>
                {severity}
            </span>
        </div>
        <div class="panel-row" role="row" hidden=move || !is_open.get()>
            <div role="cell" aria-colspan="7" id=panel_id>
                <Show when=move || is_open.get()>
                    <Panel session row position/>
                </Show>
            </div>
        </div>
    }
    .into_any()
}

/// The small overlay, drawn by the engine; again only when the column is seen as another type.
#[component]
fn Mini(row: Signal<Option<Arc<ColumnView>>>, position: usize) -> impl IntoView {
    let node = NodeRef::<html::Span>::new();
    let kind = Memo::new(move |_| row.get().map(|row| row.r#type));
    Effect::new(move |_| {
        let Some(node) = node.get() else { return };
        kind.track();
        let node = send_wrapper::SendWrapper::new(node);
        spawn_local(async move {
            // Without the drawing the row still says everything in words.
            if let Ok(svg) = engine().mini(position).await {
                node.set_inner_html(&svg);
            }
        });
    });
    view! { <span class="mini" node_ref=node></span> }
}

#[component]
fn EffectCell(row: Signal<Option<Arc<ColumnView>>>) -> impl IntoView {
    let effect = Memo::new(move |_| row.get().and_then(|row| row.effect.clone()));
    let length = move || {
        effect.get().map_or(0.0, |effect| (effect.times.unwrap_or(SCALE_FLOORS) / SCALE_FLOORS).clamp(0.0, 1.0) * BAR)
    };
    let is_beyond = move || effect.get().is_some_and(|effect| effect.times.is_none_or(|times| times > SCALE_FLOORS));
    view! {
        <Show when=move || effect.get().is_some() fallback=|| "–">
            <svg
                class="effect-bar"
                data-verdict=move || row.get().map(|row| row.verdict.as_str())
                viewBox="0 0 92 14"
                width="92"
                height="14"
                aria-hidden="true"
            >
                <rect class="effect-bar-track" x="0" y="4" width="92" height="6" rx="3"></rect>
                <rect
                    class="effect-bar-value"
                    x="0"
                    y="4"
                    width=move || format!("{:.1}", length())
                    height="6"
                    rx="3"
                ></rect>
                <path class="effect-bar-notch" d="M86 4 l3 3 l-3 3" hidden=move || !is_beyond()></path>
                <path class="effect-bar-floor" d="M36.8 0.5 V13.5"></path>
            </svg>
            <span class="effect-value">{move || effect.get().map(|effect| effect.value)}</span>
            <span class="effect-name" title=move || effect.get().map(|effect| format!("floor {}", effect.floor))>
                {move || effect.get().map(|effect| effect.name)}
            </span>
        </Show>
    }
}

#[component]
fn NullsCell(row: Signal<Option<Arc<ColumnView>>>) -> impl IntoView {
    let nulls = move || row.get().map(|row| row.nulls);
    let words = move || nulls().map(|nulls| nulls.words()).unwrap_or_default();
    let is_loud = move || nulls().is_some_and(|nulls| nulls.has_drifted);
    let is_none = move || nulls().is_none_or(|nulls| (nulls.reference, nulls.current) == (0.0, 0.0));
    view! {
        <span class="hidden">"nulls "</span>
        <span data-none=move || is_none().then_some("")>
            {move || words().0}
            " → "
            <b data-loud=move || is_loud().then_some("")>{move || words().1}</b>
        </span>
    }
}
