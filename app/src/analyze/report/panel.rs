//! What an open row shows: drawn by the engine, with the controls that only a page has.

use std::sync::Arc;

use drift::{
    policy::{Method, Preset},
    report::ColumnView,
    schema::ColumnType,
};
use leptos::{html, prelude::*, task::spawn_local};

use super::{panel_html, tooltip::Tooltip};
use crate::{
    analyze::session::{Origin, Session, engine},
    components::icon::{Icon, Shape},
};

#[component]
pub fn Panel(session: Session, row: Signal<Option<Arc<ColumnView>>>, position: usize) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let tooltip = Tooltip::new();
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let Some(node) = node.get() else { return };
        // Judged again: the figures follow.
        session.report.track();
        asked.update_value(|asked| *asked += 1);
        let mine = asked.get_value();
        let name = row.get_untracked().map(|row| row.name.clone()).unwrap_or_default();
        let node = send_wrapper::SendWrapper::new(node);
        spawn_local(async move {
            let outcome = engine().panel(position).await;
            // Only the last answer counts.
            if asked.try_get_value() != Some(mine) {
                return;
            }
            match outcome {
                Ok(html) => panel_html::show(&node, &html, &name),
                Err(failure) => session.say(failure.message),
            }
        });
    });
    let name = row.get_untracked().map(|row| row.name.clone()).unwrap_or_default();
    view! {
        <div class="column-panel">
            <h2 class="hidden">{name}</h2>
            <PanelTools session row/>
            <div
                class="panel-html"
                node_ref=node
                on:pointermove=move |event| tooltip.follow(&event)
                on:pointerleave=move |_| tooltip.hide()
            >
                <p class="panel-loading">"Drawing …"</p>
            </div>
            {tooltip.view()}
        </div>
    }
    .into_any()
}

/// Which method judges the column, and what it is seen as.
#[component]
fn PanelTools(session: Session, row: Signal<Option<Arc<ColumnView>>>) -> impl IntoView {
    let name = StoredValue::new(row.get_untracked().map(|row| row.name.clone()).unwrap_or_default());
    let is_fixed = move || session.origin.get() != Origin::Compared;
    let kind = move || row.get().map_or("", |row| row.r#type.as_str());
    let method = move || {
        let settings = session.settings.read();
        settings.methods.get(&name.get_value()).map_or("", |method| method_word(*method))
    };
    let is_evidently = move || session.settings.read().preset == Preset::Evidently;
    let is_number = move || row.get().is_some_and(|row| row.r#type == ColumnType::Numeric);
    let used = move || row.get().map_or("", |row| short(row.method));
    view! {
        <div class="panel-tools" hidden=is_fixed>
            <label class="select" data-size="small">
                <span class="select-label">"Seen as"</span>
                <select
                    prop:value=kind
                    on:change=move |event| {
                        let chosen = ColumnType::from_word(&event_target_value(&event));
                        session.change(|settings| {
                            if let Some(kind) = chosen {
                                settings.types.insert(name.get_value(), kind);
                            }
                        });
                    }
                >
                    {ColumnType::ALL
                        .into_iter()
                        .filter(|kind| *kind != ColumnType::Empty)
                        .map(|kind| view! { <option value=kind.as_str()>{kind.as_str()}</option> })
                        .collect_view()}
                </select>
                <Icon shape=Shape::Down size=14/>
            </label>
            <label class="select" data-size="small" hidden=is_evidently>
                <span class="select-label">"Method"</span>
                <select
                    prop:value=method
                    on:change=move |event| {
                        let chosen = method_of(&event_target_value(&event));
                        session.change(|settings| {
                            match chosen {
                                Some(method) => settings.methods.insert(name.get_value(), method),
                                None => settings.methods.remove(&name.get_value()),
                            };
                        });
                    }
                >
                    <option value="">{move || if method().is_empty() { format!("by policy: {}", used()) } else { "by policy".to_owned() }}</option>
                    <option value="ks" disabled=move || !is_number()>"Kolmogorov-Smirnov"</option>
                    <option value="total_variation">"Total variation"</option>
                    <option value="psi">"PSI"</option>
                </select>
                <Icon shape=Shape::Down size=14/>
            </label>
        </div>
    }
    .into_any()
}

fn method_word(method: Method) -> &'static str {
    match method {
        Method::Ks => "ks",
        Method::TotalVariation => "total_variation",
        Method::Psi => "psi",
        Method::Evidently => "evidently",
    }
}

fn short(method: Method) -> &'static str {
    match method {
        Method::Ks => "KS",
        Method::TotalVariation => "total variation",
        Method::Psi => "PSI",
        Method::Evidently => "Evidently",
    }
}

fn method_of(word: &str) -> Option<Method> {
    [Method::Ks, Method::TotalVariation, Method::Psi].into_iter().find(|method| method_word(*method) == word)
}
