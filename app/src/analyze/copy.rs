use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use crate::{
    analyze::session::Session,
    components::icon::{Icon, Shape},
};

/// Copies a text and says so.
#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>, session: Session) -> impl IntoView {
    view! {
        <button class="button" type="button" on:click=move |_| copy(session, text.get_untracked())>
            <Icon shape=Shape::Copy/>
            "Copy"
        </button>
    }
}

/// Puts a text on the clipboard.
pub fn copy(session: Session, text: String) {
    spawn_local(async move {
        let copied = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
        session.say(match copied {
            Ok(_) => "Copied.",
            Err(_) => "The browser does not allow copying here. Select the text and copy it by hand.",
        });
    });
}
