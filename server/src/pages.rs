//! The rendered pages.

use any_spawner::Executor;
use axum::{
    Router,
    extract::Request,
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::{assets::STYLESHEET_URL, security};

pub fn router() -> Router {
    // Rendering spawns tasks. An error only says that an earlier router has done this already.
    let _ = Executor::init_tokio();
    Router::new().route("/", get(render))
}

/// Every address that no route knows.
pub async fn not_found(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    }
    let mut response = render(request).await;
    if response.status().is_success() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Renders the page of the request's address, whole: it reads the same with JavaScript off.
async fn render(request: Request) -> Response {
    if request.uri().path_and_query().is_none() {
        return (StatusCode::BAD_REQUEST, "the request has no path\n").into_response();
    }
    let document = || driftsiren_app::shell(STYLESHEET_URL.clone());
    leptos_axum::render_app_async_with_context(allow_own_scripts, document)(request).await
}

/// Sends the page with a policy that admits the scripts of this one rendering.
fn allow_own_scripts() {
    let nonce = leptos::nonce::use_nonce().expect("leptos_axum gives each rendering a nonce");
    let policy =
        HeaderValue::from_str(&security::page_policy(&nonce)).expect("a nonce is base64, which a header can hold");
    let response = expect_context::<ResponseOptions>();
    response.insert_header(CONTENT_SECURITY_POLICY, policy);
    // The nonce must not be served twice.
    response.insert_header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
