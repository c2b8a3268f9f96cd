//! No report: what happened, and the ways on.

use leptos::prelude::*;

use super::session::{Phase, Session};
use crate::{
    analyze::{command::Command, copy::CopyButton, engine::FailureKind, settings::quoted},
    components::icon::{Icon, Shape},
};

/// Values held exactly for each column when memory was short: a quarter of the usual.
const SMALLER_LIMIT: u32 = 1 << 14;

#[component]
pub fn Failed(session: Session) -> impl IntoView {
    let failure = move || match session.phase.get() {
        Phase::Failed(failure) => Some(failure),
        _ => None,
    };
    let kind = move || failure().map(|failure| failure.kind);
    let title = move || match kind() {
        Some(FailureKind::Refused) | None => "These files cannot be compared as they are",
        Some(FailureKind::OutOfMemory) => "The files need more memory than this tab has",
        Some(FailureKind::Hung) => "The comparison stopped answering",
        Some(FailureKind::Cancelled) => "The comparison was cancelled",
        Some(FailureKind::Broken) => "Internal error",
    };
    let is_ours = move || matches!(kind(), Some(FailureKind::OutOfMemory | FailureKind::Hung | FailureKind::Broken));
    let with_less = move |_| {
        session.settings.update(|settings| settings.exact_limit = Some(SMALLER_LIMIT));
        session.compare();
    };
    let line = move || {
        let name = |slot: RwSignal<Option<send_wrapper::SendWrapper<crate::analyze::engine::Input>>>, other: &str| {
            slot.read().as_ref().map_or_else(|| other.to_owned(), |input| quoted(&input.name))
        };
        format!(
            "driftsiren check {} {}",
            name(session.reference, "reference.csv"),
            name(session.current, "current.csv")
        )
    };
    view! {
        <div class="analyze">
            <section class="failed">
                <h1>{title}</h1>
                <p class="lead" role="alert">{move || failure().map(|failure| failure.message)}</p>
                <Show when=is_ours>
                    <p>"Your files are unchanged. Either hold fewer values exactly (quantiles then have a small certified error), or use the command line, which can use all the memory of your machine:"</p>
                    <div class="copy-line">
                        <Command>{line}</Command>
                        <CopyButton text=Signal::derive(line) session/>
                    </div>
                </Show>
                <div class="actions">
                    <Show when=is_ours>
                        <button class="button" data-kind="primary" type="button" on:click=with_less>
                            "Compare with less memory"
                        </button>
                    </Show>
                    <button class="button" type="button" on:click=move |_| session.start_over()>
                        <Icon shape=Shape::Upload/>
                        "Choose other files"
                    </button>
                </div>
            </section>
        </div>
    }
}
