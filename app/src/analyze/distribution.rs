use leptos::prelude::*;

/// A drawing of the idea: the reference is ground, the current data are a line over it.
///
/// The heights are made up; the text beside it says so to those who cannot see it.
#[component]
pub fn Distribution() -> impl IntoView {
    view! {
        <svg
            class="distribution"
            viewBox="0 0 300 72"
            width="300"
            height="72"
            role="img"
            aria-label="Drawing: a filled blue histogram, the reference, with the orange outline of the current data moved to the right of it."
        >
            <path
                class="distribution-reference"
                d="M0 71 V69 H20 V62 H40 V44 H60 V20 H80 V8 H100 V14 H120 V30 H140 V45 H160 V55 H180 V62 H200 V66 H220 V68 H240 V69 H260 V70 H300 V71 Z"
            />
            <path
                class="distribution-current"
                d="M0 70 H20 V68 H40 V63 H60 V50 H80 V34 H100 V20 H120 V13 H140 V17 H160 V28 H180 V40 H200 V50 H220 V58 H240 V63 H260 V67 H280 V69 H300"
            />
            <path class="distribution-base" d="M0 71.5 H300"/>
        </svg>
    }
}
