//! Light, dark, or as the system has it: a cookie, so that the first byte of a page has the right colours.

use axum::{
    Form, Router,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{LOCATION, SET_COOKIE},
    },
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use driftsiren_app::{
    console::own_path,
    theme::{COOKIE as NAME, Theme},
};
use serde::Deserialize;

use crate::{console::in_time, cookies};

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
    let back = own_path(&choice.back).unwrap_or("/");
    let (Ok(cookie), Ok(back)) = (HeaderValue::from_str(&cookie), HeaderValue::from_str(back)) else {
        return (StatusCode::BAD_REQUEST, "the path to go back to cannot be a header\n").into_response();
    };
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, back)]).into_response()
}

/// The theme that the request's cookie asks for.
pub fn of(headers: &HeaderMap) -> Theme {
    cookies::values(headers, NAME).next().map_or(Theme::Auto, Theme::from_word)
}
