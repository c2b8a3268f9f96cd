use leptos::prelude::*;

/// Lines to type in a terminal, and what they print.
#[component]
pub fn Command(
    /// Names the block for people who cannot see it.
    label: &'static str,
    children: Children,
) -> impl IntoView {
    // A block that can scroll must be reachable by keyboard.
    view! {
        <pre class="command" role="region" aria-label=label tabindex="0">
            <code>{children()}</code>
        </pre>
    }
}

/// One line to type.
#[component]
pub fn Typed(
    /// The command, without its prompt.
    line: &'static str,
) -> impl IntoView {
    view! {
        <span class="command-prompt" aria-hidden="true">"$ "</span>
        {line}
        "\n"
    }
}
