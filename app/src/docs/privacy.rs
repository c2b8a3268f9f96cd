use leptos::prelude::*;
use leptos_meta::Title;

use super::Reading;

/// `/docs/privacy`: why rows cannot leave the tab, and how to see that for oneself.
#[component]
pub fn Privacy() -> impl IntoView {
    view! {
        <Title text="Your rows stay in the tab"/>
        <Reading>
            <h1>"Your rows stay in the tab"</h1>
            <p class="lead">
                "Files on the Analyze page are read by Web Workers inside your browser. There is no upload, and the workers have no way to make one."
            </p>
            <section>
                <h2>"How it is enforced"</h2>
                <p>
                    "Each worker's script is served with a content security policy of " <code>"connect-src 'none'"</code>
                    ": the browser itself refuses any request it would make. The page hands the worker its compiled engine and your file, and gets profiles back: counts, quantiles, shares."
                </p>
            </section>
            <section>
                <h2>"How to check it"</h2>
                <ol>
                    <li>"Open the Analyze page, wait a moment, then switch your network off. Drop two files: the comparison works, because nothing is needed from outside."</li>
                    <li>"Or open your browser's developer tools, the Network tab, and drop two files. Nothing is sent; at most the engine's own modules are loaded the first time."</li>
                    <li>"Or look at the response headers of the files that end in " <code>"-worker.js"</code> ": there stands the policy."</li>
                </ol>
            </section>
            <section>
                <h2>"What does leave when you ask for it"</h2>
                <p>
                    "A share link holds a summary of the report after the # of its address. Browsers do not send that part to servers. Everybody who has the link can read it. It holds labels of categories only if you tick the box, and never rows."
                </p>
            </section>
        </Reading>
    }
}
