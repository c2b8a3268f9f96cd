//! The drawings of these pages. They are not with the others: the browser's module need not carry them.

use leptos::prelude::*;

/// A drawing of 16 pixels beside a word of the side bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Datasets,
    People,
    Usage,
    Keys,
    Audit,
    Account,
}

impl Sign {
    fn path(self) -> &'static str {
        match self {
            Self::Datasets => {
                "M2.5 4 A5.5 2 0 0 1 13.5 4 A5.5 2 0 0 1 2.5 4 V12 A5.5 2 0 0 0 13.5 12 V4 M2.5 8 A5.5 2 0 0 0 13.5 8"
            }
            Self::People => {
                "M6 2.8 A2.4 2.4 0 1 1 5.99 2.8 Z M1.5 13.2 A4.5 4 0 0 1 10.5 13.2 M10.5 3 A2.3 2.3 0 0 1 10.5 7.4 M12 9.6 A4 4 0 0 1 14.5 13.2"
            }
            Self::Usage => "M2 13.5 H14 M4 13.5 V9 M8 13.5 V3 M12 13.5 V6.5",
            Self::Keys => "M5.5 7.2 A3.2 3.2 0 1 1 5.49 7.2 Z M8 8.4 L13.5 2.9 M11 5.4 L13 7.4",
            Self::Audit => "M3.5 2 H12.5 V14 H3.5 Z M6 5.5 H10 M6 8 H10 M6 10.5 H8.5",
            Self::Account => "M8 2.5 A2.7 2.7 0 1 1 7.99 2.5 Z M2.8 13.8 A5.2 4.6 0 0 1 13.2 13.8",
        }
    }
}

/// A drawing; what it means stands beside it.
#[component]
pub fn SignIcon(sign: Sign) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=sign.path()/>
        </svg>
    }
}
