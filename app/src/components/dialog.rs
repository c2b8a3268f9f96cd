use leptos::{html, prelude::*};

use crate::components::icon::{Icon, Shape};

/// A dialog over the page. The browser keeps the focus inside and closes it on Escape.
#[component]
pub fn Dialog(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] is_open: Signal<bool>,
    /// Called when it was closed, by whatever.
    on_close: impl Fn() + Copy + 'static,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if is_open.get() && !dialog.open() {
            // Only a dialog that is open already, or not in the page, refuses.
            let _ = dialog.show_modal();
        } else if !is_open.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby="dialog-title" on:close=move |_| on_close()>
            <header>
                <h2 id="dialog-title">{move || title.get()}</h2>
                <form method="dialog">
                    <button class="button" data-kind="quiet" data-icon="" aria-label="Close">
                        <Icon shape=Shape::Close/>
                    </button>
                </form>
            </header>
            {children()}
        </dialog>
    }
    .into_any()
}
