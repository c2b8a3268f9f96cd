use leptos::prelude::*;

/// The small drawings beside words: 16 pixels, lines of 1.5, in the colour of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Chevron,
    Close,
    Copy,
    Down,
    Export,
    File,
    Link,
    Lock,
    Search,
    Split,
    Swap,
    Terminal,
    Theme,
    Upload,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Chevron => "M6 4 L10 8 L6 12",
            Self::Close => "M4 4 L12 12 M12 4 L4 12",
            Self::Copy => "M6 6 H13 V14 H6 Z M10 6 V2.5 H3 V10.5 H6",
            Self::Down => "M4.5 6.5 L8 10 L11.5 6.5",
            Self::Export => "M8 2.5 V10 M4.8 7 L8 10.2 L11.2 7 M2.5 11 V13.5 H13.5 V11",
            Self::File => "M4 1.8 H9.2 L12.5 5 V14.2 H4 Z M9 1.8 V5.2 H12.5",
            Self::Link => {
                "M6.8 9.2 L9.2 6.8 M7.4 4.8 L8.9 3.3 A2.6 2.6 0 0 1 12.7 7.1 L11.2 8.6 M8.6 11.2 L7.1 12.7 A2.6 2.6 0 0 1 3.3 8.9 L4.8 7.4"
            }
            Self::Lock => "M3.5 7 H12.5 V13.5 H3.5 Z M5.3 7 V5 A2.7 2.7 0 0 1 10.7 5 V7",
            Self::Search => "M7 2.5 A4.5 4.5 0 1 1 6.99 2.5 Z M10.4 10.4 L13.8 13.8",
            Self::Split => "M2 8 H5.5 L9 4 H13.5 M5.5 8 L9 12 H13.5",
            Self::Swap => "M2.5 5.5 H13 M10.4 2.8 L13.2 5.5 L10.4 8.2 M13.5 10.5 H3 M5.6 7.8 L2.8 10.5 L5.6 13.2",
            Self::Terminal => "M3 4.5 L6.5 8 L3 11.5 M8 12 H13",
            Self::Theme => "M8 2.2 A5.8 5.8 0 1 1 7.99 2.2 Z",
            Self::Upload => "M8 10 V2.8 M4.8 5.8 L8 2.6 L11.2 5.8 M2.5 10.5 V13.5 H13.5 V10.5",
        }
    }
}

/// A drawing; what it means stands beside it.
#[component]
pub fn Icon(
    shape: Shape,
    /// Pixels across.
    #[prop(default = 16)]
    size: u32,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width=size height=size aria-hidden="true">
            {(shape == Shape::Theme)
                .then(|| view! { <path class="icon-solid" d="M8 2.2 A5.8 5.8 0 0 1 8 13.8 Z"/> })}
            <path d=shape.path()/>
        </svg>
    }
}
