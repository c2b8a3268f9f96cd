use leptos::prelude::*;

/// The line under every page: which version answers.
#[component]
pub fn Footer() -> impl IntoView {
    view! {
        <footer class="page-foot">
            <span>"DriftSiren " {env!("CARGO_PKG_VERSION")}</span>
            <span>"Apache License 2.0"</span>
        </footer>
    }
}
