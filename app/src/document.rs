//! The whole HTML document around the pages.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{App, theme::Theme};

/// What the server knows of one rendering.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where the style sheet is served; the address changes with its content.
    pub stylesheet_url: String,
    /// Where modules and scripts are served; absent when none were built.
    pub site_url: Option<String>,
    /// The theme of the visitor's cookie.
    pub theme: Theme,
    /// The path that was asked for.
    pub path: String,
    /// The page is drawn by the server alone: nothing on it needs the module.
    pub is_plain: bool,
}

/// The document of one page.
pub fn shell(document: Document) -> impl IntoView {
    let theme = (document.theme != Theme::Auto).then(|| document.theme.as_str());
    let site_url = document.site_url.filter(|_| !document.is_plain);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta
                    name="description"
                    content="Compare two data files and see what moved, by how much, and whether it is more than chance."
                />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="stylesheet" href=document.stylesheet_url/>
                {site_url.map(|site| view! { <Scripts site/> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Loads the pages' module, which takes over what was rendered.
#[component]
fn Scripts(site: String) -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    let module = format!("{site}/pages.js");
    let compiled = format!("{site}/pages_bg.wasm");
    let start = format!(
        "import start from \"{module}\";\
         start({{ module_or_path: \"{compiled}\" }}).then(() => {{\
         document.documentElement.dataset.ready = \"\";\
         navigator.serviceWorker?.register(\"/service-worker.js\");\
         }});"
    );
    view! {
        <meta name="engine" content=site/>
        <link rel="modulepreload" href=module nonce=nonce.clone()/>
        <link rel="preload" href=compiled r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce inner_html=start></script>
    }
}

/// The page that is sent when rendering broke: no script, no detail.
pub fn broken_page(stylesheet_url: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Internal error · DriftSiren</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{stylesheet_url}\"></head><body><main><section class=\"notice\">\
         <h1>Internal error</h1><p>The error is in the log. Try again in a moment.</p>\
         <a class=\"button\" data-kind=\"primary\" href=\"/\">Go to Analyze</a></section></main></body></html>"
    )
}
