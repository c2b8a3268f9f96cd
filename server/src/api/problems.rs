//! A page for each kind of refusal, at the address that its `type` is, and one that lists them with the limits.

use std::fmt::Write;

use axum::{
    Router,
    extract::Path,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    assets::STYLESHEET_URL,
    problem::{
        kinds::{KINDS, Kind},
        table,
    },
};

pub fn router() -> Router {
    Router::new().route("/problems", get(all)).route("/problems/{slug}", get(one))
}

async fn one(Path(slug): Path<String>) -> Response {
    match KINDS.iter().find(|kind| kind.slug == slug) {
        Some(kind) => page(StatusCode::OK, kind.title, &of_kind(kind)),
        None => {
            let way = "<p><a href=\"/problems\">These are all.</a></p>";
            page(StatusCode::NOT_FOUND, "There is no such refusal", way)
        }
    }
}

fn of_kind(kind: &Kind) -> String {
    let Kind { status, slug, remedy, .. } = kind;
    let mut text = format!("<p>Status {status}, <code>{slug}</code>.</p><p>{}</p>", marked(remedy));
    if kind.is_temporary() {
        text += "<p>It passes: <code>Retry-After</code> says when to try again.</p>";
    }
    let limits: String =
        table::limits().iter().filter(|(_, _, of)| of == kind).map(|(what, most, _)| row(&[what, most])).collect();
    if !limits.is_empty() {
        text += &table(&["What is limited", "Limit"], &limits);
    }
    text
}

async fn all() -> Response {
    let link = |kind: &Kind| format!("<a href=\"/problems/{0}\">{0}</a>", kind.slug);
    let kinds = KINDS.iter().map(|kind| row(&[&kind.status.to_string(), &link(kind), kind.title])).collect::<String>();
    let limits = table::limits().iter().map(|(what, most, of)| row(&[what, most, &link(of)])).collect::<String>();
    let text = format!(
        "<p>What the server refuses, and why. Refusals are <code>application/problem+json</code>; their \
         <code>type</code> is one of these addresses. What can be set is told as it is when nothing is.</p>\
         <h2>Refusals</h2>{}<h2>Limits</h2>{}",
        table(&["Status", "Slug", "Meaning"], &kinds),
        table(&["What is limited", "Limit", "Refusal"], &limits)
    );
    page(StatusCode::OK, "Refusals and limits", &text)
}

fn row(cells: &[&str]) -> String {
    cells.iter().fold("<tr>".to_owned(), |row, cell| row + "<td>" + cell + "</td>") + "</tr>"
}

fn table(heads: &[&str], rows: &str) -> String {
    let heads = heads.iter().fold(String::new(), |text, head| text + "<th>" + head + "</th>");
    format!("<table class=\"list\"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
}

/// Text with what stands between backticks as code.
fn marked(text: &str) -> String {
    let mut html = String::new();
    for (n, part) in text.split('`').enumerate() {
        let (open, close) = if n % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
        write!(html, "{open}{part}{close}").expect("a string takes all");
    }
    html
}

/// A page that runs nothing. All of its text is ours.
fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let style = &*STYLESHEET_URL;
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · DriftSiren</title><link rel=\"stylesheet\" href=\"{style}\"></head>\
         <body><main class=\"reading\"><nav class=\"reading-list\" aria-label=\"Documents\">\
         <a href=\"/problems\">Refusals and limits</a><a href=\"/docs/api/\">The API</a><a href=\"/docs\">Documents</a>\
         </nav><article class=\"reading-text\"><h1>{title}</h1>{text}</article></main></body></html>"
    );
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    (status, headers, html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(marked("send `a` or `b`."), "send <code>a</code> or <code>b</code>.");
    }

    #[test]
    fn texts_hold_nothing_that_would_be_markup() {
        let limits = table::limits();
        let texts = KINDS.iter().flat_map(|kind| [kind.title, kind.remedy]).chain(limits.iter().map(|row| row.0));
        assert!(texts.chain(limits.iter().map(|row| row.1.as_str())).all(|text| !text.contains(['<', '>', '&'])));
    }
}
