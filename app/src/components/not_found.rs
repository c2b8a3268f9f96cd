use leptos::prelude::*;
use leptos_meta::Title;

/// Any address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="Page not found"/>
        <section class="notice">
            <h1>"There is no page at this address"</h1>
            <p>"The link may be old, or the address mistyped."</p>
            <a class="button" data-kind="primary" href="/">"Go to Analyze"</a>
        </section>
    }
}
