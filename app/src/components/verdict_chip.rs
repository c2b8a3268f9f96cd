use leptos::prelude::*;

/// What a comparison says about one column, or about the dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Drifted,
    Warning,
    Stable,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Drifted => "Drifted",
            Self::Warning => "Warning",
            Self::Stable => "Stable",
        }
    }

    /// The value of `data-verdict`, which the style sheet gives its colour.
    pub fn key(self) -> &'static str {
        match self {
            Self::Drifted => "drifted",
            Self::Warning => "warning",
            Self::Stable => "stable",
        }
    }
}

/// A verdict as icon and word: it never rests on colour alone.
#[component]
pub fn VerdictChip(verdict: Verdict) -> impl IntoView {
    view! {
        <span class="verdict-chip" data-verdict=verdict.key()>
            <VerdictIcon verdict/>
            {verdict.word()}
        </span>
    }
}

#[component]
fn VerdictIcon(verdict: Verdict) -> impl IntoView {
    let shape = match verdict {
        Verdict::Drifted => view! {
            <path
                fill="currentColor"
                fill-rule="evenodd"
                d="M8 1.5 a1 1 0 0 1 .87 .5 l6 10.8 a1 1 0 0 1 -.87 1.5 H2 a1 1 0 0 1 -.87 -1.5 l6 -10.8 A1 1 0 0 1 8 1.5 Z M7.2 5.6 v4 h1.6 v-4 Z M7.2 10.8 v1.6 h1.6 v-1.6 Z"
            />
        }
        .into_any(),
        Verdict::Warning => view! {
            <path
                fill="none"
                stroke="currentColor"
                stroke-width="1.5"
                stroke-linejoin="round"
                d="M8 2.4 L14.2 13.5 H1.8 Z M8 6.4 V9.4 M8 10.9 V12"
            />
        }
        .into_any(),
        Verdict::Stable => view! {
            <path
                fill="none"
                stroke="currentColor"
                stroke-width="1.75"
                stroke-linecap="round"
                stroke-linejoin="round"
                d="M2.8 8.6 L6.3 12 L13.2 4.4"
            />
        }
        .into_any(),
    };
    view! {
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            {shape}
        </svg>
    }
}
