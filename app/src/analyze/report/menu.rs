use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use crate::components::icon::{Icon, Shape};

/// A button that opens a short list of actions.
#[component]
pub fn Menu(shape: Shape, title: &'static str, children: Children) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(menu) = node.get_untracked() {
            menu.set_open(false);
        }
    };
    let outside = window_event_listener(ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if node.get_untracked().is_some_and(|menu| !menu.contains(target.as_ref())) {
            close();
        }
    });
    on_cleanup(move || outside.remove());
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            close();
            if let Some(summary) = node.get_untracked().and_then(|menu| menu.query_selector("summary").ok().flatten()) {
                let _ = summary.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        }
    };
    view! {
        <details class="menu" node_ref=node on:keydown=on_key>
            <summary class="button">
                <Icon shape/>
                {title}
                <Icon shape=Shape::Down size=14/>
            </summary>
            <div class="menu-items" on:click=move |_| close()>{children()}</div>
        </details>
    }
    .into_any()
}

/// One action of a menu.
#[component]
pub fn MenuItem(title: &'static str, about: &'static str, on_choose: impl Fn() + 'static) -> impl IntoView {
    view! {
        <button type="button" on:click=move |_| on_choose()>
            {title}
            <small>{about}</small>
        </button>
    }
}
