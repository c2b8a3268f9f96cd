//! Text to take along.

use leptos::{nonce::use_nonce, prelude::*};

/// Shows the button that stands before it, and copies what stands before that. Where pages come over plain HTTP from
/// another machine there is no clipboard to write to; there the old way does it.
const COPY: &str = "{const button = document.currentScript.previousElementSibling, code = button.previousElementSibling;\
    button.hidden = false;\
    button.onclick = async () => {\
    getSelection().selectAllChildren(code);\
    const done = navigator.clipboard ? await navigator.clipboard.writeText(code.textContent).then(() => true, () => false)\
    : document.execCommand('copy');\
    button.textContent = done ? 'Copied' : 'Press Ctrl C';}}";

/// Text that people put elsewhere: selected by one click, and copied by a button where scripts run.
#[component]
pub fn Copyable(#[prop(into)] text: String) -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    view! {
        <div class="copyable">
            <code>{text}</code>
            <button class="button" type="button" hidden aria-live="polite">"Copy"</button>
            <script nonce=nonce inner_html=COPY></script>
        </div>
    }
}
