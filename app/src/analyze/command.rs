use leptos::prelude::*;

/// Lines to type in a terminal, and what they print.
#[component]
pub fn Command(children: Children) -> impl IntoView {
    view! {
        <pre class="command">
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
