use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::mark::Mark;

/// The bar on top of every page.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="top-bar">
            <a class="top-bar-home" href="/">
                <Mark/>
                "DriftSiren"
            </a>
            <nav aria-label="Main">
                <A href="/" exact=true>"Analyze"</A>
            </nav>
        </header>
    }
}
