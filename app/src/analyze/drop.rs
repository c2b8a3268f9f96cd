//! The whole window takes files.

use leptos::{ev, prelude::*};
use web_sys::{DragEvent, File};

use super::session::{self, Session};

/// Listens on the window while the page is shown, and says so while files hang over it.
#[component]
pub fn DropTarget(session: Session) -> impl IntoView {
    let is_over = RwSignal::new(false);
    Effect::new(move |_| {
        let over = window_event_listener(ev::dragover, move |event| {
            // Without this the browser would open the file instead.
            event.prevent_default();
            is_over.set(true);
            session::warm_up();
        });
        let leave = window_event_listener(ev::dragleave, move |event| {
            // Only when it leaves the window does it come from nowhere.
            if event.related_target().is_none() {
                is_over.set(false);
            }
        });
        let drop = window_event_listener(ev::drop, move |event| {
            event.prevent_default();
            is_over.set(false);
            session.take(files_of(&event), None);
        });
        on_cleanup(move || {
            over.remove();
            leave.remove();
            drop.remove();
        });
    });
    view! {
        <div class="drop-window" data-over=move || is_over.get().then_some("") aria-hidden="true">
            <p>"Drop one file or two: they stay in this tab"</p>
        </div>
    }
}

/// The files that an event brings.
pub fn files_of(event: &DragEvent) -> Vec<File> {
    let list = event.data_transfer().and_then(|transfer| transfer.files());
    list.map_or_else(Vec::new, |list| (0..list.length()).filter_map(|at| list.get(at)).collect())
}
