//! The rendered pages.

use std::{any::Any, sync::Arc};

use any_spawner::Executor;
use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use driftsiren_app::{Document, console::PageData, docs};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use tracing::error;

use crate::{assets::STYLESHEET_URL, security, site::Site, theme};

pub fn router() -> Router {
    // Rendering spawns tasks. An error only says that an earlier router has done this already.
    let _ = Executor::init_tokio();
    docs::paths().fold(Router::new().route("/", get(plain)), |router, path| router.route(&path, get(plain)))
}

/// A page that needs nothing of the API.
async fn plain(Extension(site): Extension<Arc<Site>>, headers: HeaderMap, request: Request) -> Response {
    let is_plain = docs::is_document(request.uri().path());
    render(&site, &headers, request, PageData::default(), is_plain).await
}

/// Every address that no route knows.
pub async fn not_found(Extension(site): Extension<Arc<Site>>, headers: HeaderMap, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    }
    let mut response = render(&site, &headers, request, PageData::default(), false).await;
    if response.status().is_success() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Renders the page of the request's address, whole: it reads the same with JavaScript off.
pub async fn render(site: &Site, headers: &HeaderMap, request: Request, data: PageData, is_plain: bool) -> Response {
    if request.uri().path_and_query().is_none() {
        return (StatusCode::BAD_REQUEST, "the request has no path\n").into_response();
    }
    let document = Document {
        stylesheet_url: STYLESHEET_URL.clone(),
        site_url: site.base(),
        theme: theme::of(headers),
        path: request.uri().path().to_owned(),
        is_plain,
    };
    let shell = {
        let document = document.clone();
        move || driftsiren_app::shell(document.clone())
    };
    let context = move || {
        allow_own_scripts();
        provide_context(document.clone());
        provide_context(data.clone());
    };
    leptos_axum::render_app_async_with_context(context, shell)(request).await
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

/// What a visitor sees when a handler broke: no detail, which stands in the log.
pub fn broken(panic: Box<dyn Any + Send + 'static>) -> axum::http::Response<Body> {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    error!(panic = said.unwrap_or("no message"), "a request broke");
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    let page = driftsiren_app::broken_page(&STYLESHEET_URL);
    (StatusCode::INTERNAL_SERVER_ERROR, headers, page).into_response()
}
