//! Above the table: what to show, and what counts as drift.

use drift::{policy::Preset, schema::ColumnType, verdict::Verdict};
use leptos::{ev, html, prelude::*};

use super::view_state::{Order, ViewState};
use crate::{
    analyze::session::{Origin, Session},
    components::icon::{Icon, Shape},
};

#[component]
pub fn Toolbar(session: Session, state: ViewState) -> impl IntoView {
    view! {
        <div class="toolbar" role="search" aria-label="Columns">
            <Find state/>
            <label class="select">
                <span class="hidden">"Type"</span>
                <select
                    on:change=move |event| state.kind.set(ColumnType::from_word(&event_target_value(&event)))
                    prop:value=move || state.kind.get().map_or("", ColumnType::as_str)
                >
                    <option value="">"Type: all"</option>
                    {ColumnType::ALL
                        .map(|kind| view! { <option value=kind.as_str()>"Type: " {kind.as_str()}</option> })
                        .collect_view()}
                </select>
                <Icon shape=Shape::Down/>
            </label>
            <label class="select">
                <span class="hidden">"Verdict"</span>
                <select
                    on:change=move |event| {
                        let value = event_target_value(&event);
                        state.verdict.set(Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == value));
                    }
                    prop:value=move || state.verdict.get().map_or("", Verdict::as_str)
                >
                    <option value="">"Verdict: all"</option>
                    {Verdict::ALL
                        .map(|verdict| {
                            view! {
                                <option value=verdict.as_str()>"Verdict: " {verdict.words()}</option>
                            }
                        })
                        .collect_view()}
                </select>
                <Icon shape=Shape::Down/>
            </label>
            <label class="select">
                <span class="hidden">"Order"</span>
                <select
                    on:change=move |event| {
                        state.order.set(Order::from_word(&event_target_value(&event)).unwrap_or_default());
                    }
                    prop:value=move || state.order.get().as_str()
                >
                    {Order::ALL
                        .map(|order| view! { <option value=order.as_str()>"Sort: " {order.as_str()}</option> })
                        .collect_view()}
                </select>
                <Icon shape=Shape::Down/>
            </label>
            <PolicyControls session/>
        </div>
    }
    .into_any()
}

#[component]
fn Find(state: ViewState) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let slash = window_event_listener(ev::keydown, move |event| {
        if event.key() == "/" && !is_typing(&event) {
            event.prevent_default();
            if let Some(input) = node.get_untracked() {
                let _ = input.focus();
            }
        }
    });
    on_cleanup(move || slash.remove());
    view! {
        <label class="find">
            <Icon shape=Shape::Search/>
            <span class="hidden">"Find a column"</span>
            <input
                type="search"
                placeholder="Find a column"
                autocomplete="off"
                spellcheck="false"
                node_ref=node
                prop:value=move || state.query.get()
                on:input=move |event| state.query.set(event_target_value(&event))
            />
            <kbd aria-hidden="true">"/"</kbd>
        </label>
    }
}

/// Whether a key belongs to a field that is being filled.
pub fn is_typing(event: &ev::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return true;
    }
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// The preset and the floor; every change is judged at once.
#[component]
fn PolicyControls(session: Session) -> impl IntoView {
    let is_fixed = move || session.origin.get() != Origin::Compared;
    let preset = move || session.settings.read().preset;
    let most = move || if preset() == Preset::Psi { "1" } else { "0.5" };
    let floor = move || session.settings.read().shown_floor();
    let has_no_floor = move || preset() == Preset::Evidently;
    let why = move || {
        if is_fixed() {
            "A saved report holds no profiles: compare the files again to judge them under another policy"
        } else if has_no_floor() {
            "Evidently's thresholds belong to its tests"
        } else {
            ""
        }
    };
    view! {
        <div class="policy" title=why>
            <label class="select">
                <span class="select-label">"Policy"</span>
                <select
                    prop:value=move || preset().as_str()
                    prop:disabled=is_fixed
                    on:change=move |event| {
                        let value = event_target_value(&event);
                        let chosen = Preset::ALL.into_iter().find(|preset| preset.as_str() == value);
                        session.change(|settings| {
                            settings.preset = chosen.unwrap_or_default();
                            settings.floor = None;
                        });
                    }
                >
                    {Preset::ALL
                        .map(|preset| view! { <option value=preset.as_str()>{preset.as_str()}</option> })
                        .collect_view()}
                </select>
                <Icon shape=Shape::Down/>
            </label>
            <label class="floor">
                <span>"Floor"</span>
                <input
                    type="range"
                    min="0.01"
                    max=most
                    step="0.01"
                    prop:value=move || floor().to_string()
                    prop:disabled=move || is_fixed() || has_no_floor()
                    on:input=move |event| {
                        if let Ok(value) = event_target_value(&event).parse::<f64>() {
                            session.change(|settings| settings.floor = Some(value));
                        }
                    }
                />
                <b>{move || format!("{:.2}", floor())}</b>
            </label>
        </div>
    }
    .into_any()
}
