//! The fixed files, compiled in: one program is all there is to install.

use std::sync::LazyLock;

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};

/// The style sheet, in the order in which rules may override each other.
const STYLESHEET: &str = concat!(
    include_str!("../../style/tokens.css"),
    include_str!("../../style/base.css"),
    include_str!("../../style/components/top-bar.css"),
    include_str!("../../style/components/page-foot.css"),
    include_str!("../../style/components/button.css"),
    include_str!("../../style/components/field.css"),
    include_str!("../../style/components/card.css"),
    include_str!("../../style/components/command.css"),
    include_str!("../../style/components/distribution.css"),
    include_str!("../../style/components/verdict-chip.css"),
    include_str!("../../style/components/effect-bar.css"),
    include_str!("../../style/components/notice.css"),
    include_str!("../../style/components/dialog.css"),
    include_str!("../../style/components/reading.css"),
    include_str!("../../style/components/analyze.css"),
    include_str!("../../style/components/slot.css"),
    include_str!("../../style/components/working.css"),
    include_str!("../../style/components/report.css"),
    include_str!("../../style/components/columns.css"),
    include_str!("../../style/components/panel.css"),
    include_str!("../../style/components/console.css"),
    include_str!("../../style/components/form.css"),
    include_str!("../../style/components/list.css"),
);

/// Where [`STYLESHEET`] is served. The name changes with the content, so it may be kept for ever.
pub static STYLESHEET_URL: LazyLock<String> =
    LazyLock::new(|| format!("/style.{}.css", version_of([STYLESHEET.as_bytes()])));

const LOGO: &str = include_str!("../../public/logo.svg");
const MANIFEST: &str = include_str!("../../public/manifest.webmanifest");
const FAVICON: &str = include_str!("../../public/favicon.svg");

pub fn router() -> Router {
    Router::new()
        .route(&STYLESHEET_URL, get(stylesheet))
        .route("/manifest.webmanifest", get(|| fixed("application/manifest+json", MANIFEST)))
        .route("/logo.svg", get(|| fixed("image/svg+xml", LOGO)))
        .route("/favicon.svg", get(|| fixed("image/svg+xml", FAVICON)))
}

/// [`STYLESHEET`] as it is served: what only its authors read costs a fifth of its bytes.
static SERVED: LazyLock<String> = LazyLock::new(|| without_comments(STYLESHEET));

/// A stylesheet without comments, indents and empty lines; nothing of the kind stands in its strings.
fn without_comments(css: &str) -> String {
    let mut parts = css.split("/*");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once("*/").map_or("", |(_, rule)| rule));
    let rules: String = std::iter::once(first).chain(rest).collect();
    rules.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

async fn stylesheet() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, SERVED.as_str())
}

async fn fixed(kind: &'static str, content: &'static str) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=3600")];
    (headers, content)
}

/// What tells one version of some files from another: the beginning of their BLAKE3, in hex.
pub fn version_of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = blake3::Hasher::new();
    for piece in pieces {
        hasher.update(&(piece.len() as u64).to_le_bytes());
        hasher.update(piece);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stylesheet_is_served_without_what_only_authors_read() {
        let css = "/* Why. */\n\n.a {\n    --b: \"x\";\n    gap: 1px\n        2px; /* Why\n    on. */\n}\n";
        assert_eq!(without_comments(css), ".a {\n--b: \"x\";\ngap: 1px\n2px;\n}\n");
        let braces = |css: &str| css.matches('{').count() - css.matches('}').count();
        assert_eq!(braces(&SERVED), 0);
        assert!(SERVED.contains(".top-bar") && !SERVED.contains("/*"));
    }
}
