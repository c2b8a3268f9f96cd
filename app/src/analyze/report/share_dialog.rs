//! A link that carries a summary of the report in its fragment, which browsers do not send to servers.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    analyze::{
        copy::CopyButton,
        session::{Session, engine},
        share,
    },
    components::dialog::Dialog,
};

#[component]
pub fn ShareDialog(session: Session, is_open: RwSignal<bool>) -> impl IntoView {
    let with_labels = RwSignal::new(false);
    let link = RwSignal::new(Ok::<String, String>(String::new()));
    Effect::new(move |_| {
        if !is_open.get() {
            return;
        }
        let with_labels = with_labels.get();
        spawn_local(async move {
            link.set(match engine().render("json").await {
                Ok(json) => share::link(&json, with_labels).await,
                Err(failure) => Err(failure.message),
            });
        });
    });
    let text = Signal::derive(move || link.get().unwrap_or_default());
    view! {
        <Dialog title="Share a summary as a link" is_open on_close=move || is_open.set(false)>
            <div class="dialog-body">
                <p>
                    "The link holds the verdicts, names of columns, and totals such as means and quantiles. It holds no rows. Everybody who has the link can read it; our server never sees it."
                </p>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || with_labels.get()
                        on:change=move |event| with_labels.set(event_target_checked(&event))
                    />
                    "With the labels of categories"
                </label>
                <label for="share-link">"Link"</label>
                <input id="share-link" type="text" readonly prop:value=move || text.get() aria-describedby="share-note"/>
                <p id="share-note" class="field-error" role="alert">{move || link.get().err()}</p>
                <div class="dialog-actions">
                    <CopyButton text session/>
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}
