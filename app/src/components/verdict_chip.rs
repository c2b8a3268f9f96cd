use drift::verdict::Verdict;
use leptos::prelude::*;

/// A verdict as icon and word: it never rests on colour alone.
#[component]
pub fn VerdictChip(
    #[prop(into)] verdict: Signal<Verdict>,
    /// Before the word, which then is in small letters: "4 drifted".
    #[prop(optional, into)]
    count: Option<Signal<u64>>,
) -> impl IntoView {
    let words = move || match count {
        Some(count) => format!("{} {}", drift::format::count(count.get()), verdict.get().words()),
        None => capitalised(verdict.get().words()),
    };
    view! {
        <span class="verdict-chip" data-verdict=move || verdict.get().as_str()>
            <VerdictIcon verdict/>
            {words}
        </span>
    }
}

/// The shape of a verdict; its word stands beside it.
#[component]
pub fn VerdictIcon(#[prop(into)] verdict: Signal<Verdict>, #[prop(default = 14)] size: u32) -> impl IntoView {
    view! {
        <svg class="verdict-icon" viewBox="0 0 16 16" width=size height=size aria-hidden="true">
            <path
                data-solid=move || matches!(verdict.get(), Verdict::Drifted).then_some("")
                data-dashed=move || matches!(verdict.get(), Verdict::InsufficientData).then_some("")
                d=move || shape(verdict.get())
            />
        </svg>
    }
}

fn shape(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Drifted => {
            "M8 1.5 a1 1 0 0 1 .87 .5 l6 10.8 a1 1 0 0 1 -.87 1.5 H2 a1 1 0 0 1 -.87 -1.5 l6 -10.8 A1 1 0 0 1 8 1.5 Z M7.2 5.6 v4 h1.6 v-4 Z M7.2 10.8 v1.6 h1.6 v-1.6 Z"
        }
        Verdict::Warning => "M8 2.4 L14.2 13.5 H1.8 Z M8 6.4 V9.4 M8 10.9 V12",
        Verdict::Stable => "M2.8 8.6 L6.3 12 L13.2 4.4",
        Verdict::InsufficientData => "M8 2.5 A5.5 5.5 0 1 1 7.99 2.5",
        Verdict::NotCompared => "M8 2.5 A5.5 5.5 0 1 1 7.99 2.5 M4.1 11.9 L11.9 4.1",
        Verdict::Error => "M8 2 A6 6 0 1 1 7.99 2 M5.8 5.8 L10.2 10.2 M10.2 5.8 L5.8 10.2",
    }
}

/// With a capital letter: the words are plain ASCII.
fn capitalised(words: &str) -> String {
    let (first, rest) = words.split_at(words.len().min(1));
    first.to_uppercase() + rest
}
