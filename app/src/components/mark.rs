use leptos::prelude::*;

/// The mark: two distributions on one base line, the current one moved to the right.
///
/// Decoration only; the name stands beside it.
#[component]
pub fn Mark(
    /// Pixels across.
    #[prop(default = 24)]
    size: u32,
) -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" width=size height=size aria-hidden="true">
            <path
                class="mark-reference"
                d="M2.5 18 C5.5 18 5.6 5 8.6 5 C11.6 5 11.7 18 14.7 18 Z"
            />
            <path
                class="mark-current"
                d="M8.3 18 C11.3 18 11.6 5.5 14.6 5.5 C17.6 5.5 17.9 18 20.9 18"
            />
            <path class="mark-base" d="M2 21 H22"/>
        </svg>
    }
}
