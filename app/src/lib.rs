//! The pages of DriftSiren.
//!
//! The server renders them; a page never needs JavaScript to be read.
//! `pages` holds one file a route, `components` what pages are made of.

mod components;
#[cfg(feature = "hydrate")]
pub mod engine;
mod pages;

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

use components::{footer::Footer, header::Header};
use pages::{analyze::Analyze, not_found::NotFound};

/// The whole HTML document around [`App`].
///
/// `stylesheet_url` is where the server serves the style sheet; the address changes with its content.
pub fn shell(stylesheet_url: String) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta
                    name="description"
                    content="Compare two data files and see what moved, by how much, and whether it is more than chance."
                />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=stylesheet_url/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Every page, chosen by the address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|page: String| format!("{page} · DriftSiren")/>
        <Router>
            <a class="skip-link" href="#content">"Skip to content"</a>
            <Header/>
            <main id="content">
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=Analyze/>
                </Routes>
            </main>
            <Footer/>
        </Router>
    }
}
