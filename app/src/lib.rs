//! The pages of DriftSiren.
//!
//! The server renders them and the browser takes them over; a page never needs JavaScript to be read.
//! Two wings that do not know each other: `analyze` works in the browser, `console` is rendered by the server.
//! `components` holds what both are made of, `docs` the documents.

#![recursion_limit = "256"]

pub mod analyze;
mod components;
#[cfg(feature = "ssr")]
pub mod console;
#[cfg(feature = "ssr")]
pub mod docs;
#[cfg(feature = "ssr")]
mod document;
pub mod theme;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

use analyze::Analyze;
use components::{footer::Footer, header::Header, not_found::NotFound};
#[cfg(feature = "ssr")]
pub use document::{Document, broken_page, shell};
use theme::Theme;

/// Every page, chosen by the address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(rendered_theme());
    view! {
        <Title formatter=|page: String| format!("{page} · DriftSiren")/>
        <Router>
            <a class="skip-link" href="#content">"Skip to content"</a>
            <Header/>
            <main id="content" tabindex="-1">
                <Pages/>
            </main>
            <Footer/>
        </Router>
    }
}

/// The theme of the page as it was rendered.
fn rendered_theme() -> Theme {
    #[cfg(feature = "ssr")]
    return use_context::<Document>().map_or(Theme::Auto, |document| document.theme);
    #[cfg(not(feature = "ssr"))]
    leptos::prelude::document()
        .document_element()
        .and_then(|root| root.get_attribute("data-theme"))
        .map_or(Theme::Auto, |word| Theme::from_word(&word))
}

/// The routes. Documents are rendered by the server only: their text need not travel with the pages' module.
#[component]
fn Pages() -> impl IntoView {
    #[cfg(feature = "ssr")]
    {
        use console::ConsolePage;
        use docs::{guide::Guide, index::Index, metric::MetricPage, privacy::Privacy};
        view! {
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Analyze/>
                <Route path=path!("/docs") view=Index/>
                <Route path=path!("/docs/verdicts") view=Guide/>
                <Route path=path!("/docs/privacy") view=Privacy/>
                <Route path=path!("/docs/metrics/:name") view=MetricPage/>
                <Route path=path!("/*console") view=ConsolePage/>
            </Routes>
        }
    }
    #[cfg(not(feature = "ssr"))]
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/") view=Analyze/>
        </Routes>
    }
}

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
