//! Light, dark, or as the system has it: a cookie, so that the first byte of a page has the right colours.

use axum::{
    Form, Router,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{COOKIE, LOCATION, SET_COOKIE},
    },
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use driftsiren_app::theme::{COOKIE as NAME, Theme};
use serde::Deserialize;

use crate::console::in_time;

pub fn router() -> Router {
    Router::new().route("/theme", post(choose)).layer(middleware::map_request(in_time))
}

/// What the header's form sends when JavaScript is off.
#[derive(Deserialize)]
struct Choice {
    theme: String,
    /// The path to go back to.
    #[serde(default)]
    back: String,
}

async fn choose(headers: HeaderMap, Form(choice): Form<Choice>) -> Response {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return (StatusCode::FORBIDDEN, "the theme is chosen on our own pages only\n").into_response();
    }
    let theme = Theme::from_word(&choice.theme);
    let cookie = theme.cookie();
    let (Ok(cookie), Ok(back)) = (HeaderValue::from_str(&cookie), HeaderValue::from_str(own_path(&choice.back))) else {
        return (StatusCode::BAD_REQUEST, "the path to go back to cannot be a header\n").into_response();
    };
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, back)]).into_response()
}

/// A path on this server; anything that a browser could take for another host becomes the front page.
fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if is_own { path } else { "/" }
}

/// The theme that the request's cookie asks for.
pub fn of(headers: &HeaderMap) -> Theme {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .map_or(Theme::Auto, |(_, value)| Theme::from_word(value))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::own_path;

    #[rstest]
    #[case("/docs?x=1", "/docs?x=1")]
    #[case("//evil.example", "/")]
    #[case("/\\evil.example", "/")]
    #[case("https://evil.example", "/")]
    #[case("", "/")]
    fn the_way_back_stays_on_this_server(#[case] asked: &str, #[case] expected: &str) {
        assert_eq!(own_path(asked), expected);
    }
}
