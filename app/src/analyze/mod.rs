//! `/`: drop two files, see what changed. Nothing leaves the tab.

mod choosing;
mod command;
mod commands;
mod copy;
mod distribution;
mod download;
mod drop;
pub mod engine;
mod facts;
mod failed;
mod order;
mod paste;
mod report;
mod samples;
mod session;
mod settings;
mod share;
mod slot;
mod split;
mod working;

use leptos::prelude::*;
use leptos_meta::Title;

use choosing::Choosing;
use drop::DropTarget;
use failed::Failed;
use report::ReportPage;
use session::{Phase, Session};
use working::Working;

/// The page: two slots, then progress, then the report.
#[component]
pub fn Analyze() -> impl IntoView {
    let session = Session::new();
    provide_context(session);
    Effect::new(move |_| share::open_from_address(session));
    Effect::new(|_| session::warm_up_later());
    let kind = Memo::new(move |_| match session.phase.get() {
        Phase::Choosing => 0,
        Phase::Working { .. } => 1,
        Phase::Shown => 2,
        Phase::Failed(_) => 3,
    });
    let title = move || {
        let report = (kind.get() == 2).then(|| session.report.read().as_ref().map(|report| report.sentence.clone()));
        report.flatten().unwrap_or_else(|| "Has your data changed?".to_owned())
    };
    view! {
        <Title text=title/>
        <DropTarget session/>
        {move || match kind.get() {
            0 => view! { <Choosing session/> }.into_any(),
            1 => view! { <Working session/> }.into_any(),
            2 => view! { <ReportPage session/> }.into_any(),
            _ => view! { <Failed session/> }.into_any(),
        }}
        <Toast session/>
    }
}

/// One line that is spoken, and shown for a while.
#[component]
fn Toast(session: Session) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    let last = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        is_shown.set(session.notice.with(|notice| !notice.words.is_empty() && !notice.is_only_spoken));
        if let Some(handle) = last.get_value() {
            handle.clear();
        }
        let hide = set_timeout_with_handle(move || is_shown.set(false), std::time::Duration::from_secs(6));
        last.set_value(hide.ok());
    });
    view! {
        <p class="toast" role="status" data-shown=move || is_shown.get().then_some("")>
            {move || session.notice.get().words}
        </p>
    }
}
