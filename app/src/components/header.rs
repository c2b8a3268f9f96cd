use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};

use crate::{
    components::{
        icon::{Icon, Shape},
        mark::Mark,
    },
    theme::Theme,
};

/// The bar on top of every page.
#[component]
pub fn Header() -> impl IntoView {
    let path = use_location().pathname;
    let is_docs = move || path.read().starts_with("/docs");
    let is_monitor = move || path.read().starts_with("/orgs");
    view! {
        <header class="top-bar">
            <a class="top-bar-home" href="/" rel="external">
                <Mark/>
                <span>"DriftSiren"</span>
            </a>
            <nav aria-label="Main">
                <A href="/" exact=true>"Analyze"</A>
                // The server renders these and documents; the router of the browser does not know them.
                <a href="/orgs" rel="external" aria-current=move || is_monitor().then_some("page")>
                    "Monitor"
                </a>
                <a href="/docs" rel="external" aria-current=move || is_docs().then_some("page")>
                    "Docs"
                </a>
            </nav>
            <ThemeButton/>
        </header>
    }
}

/// Goes round auto, light, dark. A form, so that it works with JavaScript off; with it nothing is sent.
#[component]
fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(use_context::<Theme>().unwrap_or_default());
    let path = use_location().pathname;
    let choose = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let next = theme.get_untracked().next();
        show_theme(next);
        theme.set(next);
    };
    let label = move || format!("Theme: {}. Change to {}", theme.get().as_str(), theme.get().next().as_str());
    view! {
        <form class="top-bar-theme" method="post" action="/theme" on:submit=choose>
            <input type="hidden" name="back" value=move || path.get()/>
            <button
                class="button"
                data-kind="quiet"
                data-icon=""
                name="theme"
                value=move || theme.get().next().as_str()
                aria-label=label
                title=label
            >
                <Icon shape=Shape::Theme/>
            </button>
        </form>
    }
}

/// Changes the page's colours and remembers them.
fn show_theme(theme: Theme) {
    use wasm_bindgen::JsCast;
    let document = document();
    if let Some(root) = document.document_element() {
        // Neither fails for an attribute of this name.
        let _ = match theme {
            Theme::Auto => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.as_str()),
        };
    }
    let _ = js_sys::Reflect::set(document.unchecked_ref(), &"cookie".into(), &theme.cookie().into());
}
