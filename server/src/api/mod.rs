//! The HTTP API under `/api/v1`. One file a resource; each lists its routes on top.

mod account;
mod batches;
mod bodies;
mod check;
mod datasets;
mod document;
mod etag;
mod extract;
mod fields;
mod idempotency;
mod incoming;
mod intake;
mod invites;
mod keys;
mod orgs;
mod page;
mod problems;
mod references;
mod usage;
pub mod visitor;

use std::any::Any;

use axum::{
    Router,
    http::{Method, Uri},
    middleware,
    response::{IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    compression::compressed,
    problem::{ApiError, kinds},
    request_id,
    state::AppState,
};

/// Where the API lies.
pub const BASE: &str = "/api/v1";

/// The routes but for those where batches come in, and the document that describes them.
fn routes() -> OpenApiRouter<AppState> {
    // Addresses are written out where they are answered: a nested router would take each apart once more.
    OpenApiRouter::with_openapi(document::head())
        .merge(account::router())
        .merge(orgs::router())
        .merge(invites::router())
        .merge(keys::router())
        .merge(datasets::router())
        .merge(references::router())
        .merge(batches::router())
        .merge(check::router())
        .merge(usage::router())
}

/// The OpenAPI document, as a server without TLS has it.
pub fn document() -> OpenApi {
    document::complete(routes().merge(batches::intake()).into_openapi(), false)
}

/// The API, guarded against requests that other sites make browsers send.
pub fn router(state: &AppState) -> Router {
    let around = ServiceBuilder::new()
        .layer(compressed())
        .layer(middleware::from_fn(etag::answer))
        .layer(middleware::from_fn_with_state(state.clone(), idempotency::answer));
    // What comes in is not read again, is answered in a few words, and comes often; it has its own keys.
    let (router, document) = routes().layer(around).merge(batches::intake()).split_for_parts();
    let document = document::complete(document, state.config.is_public_over_tls());
    router
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(state.clone())
        .merge(document::router(document).layer(compressed()))
        .route(BASE, axum::routing::any(no_such_route))
        .route(&format!("{BASE}/"), axum::routing::any(no_such_route))
        .route(&format!("{BASE}/{{*rest}}"), axum::routing::any(no_such_route))
        .merge(problems::router())
        .layer(CatchPanicLayer::custom(broken))
}

/// The API for pages, which call it without the layers of the whole server.
pub fn called_in_process(api: Router) -> Router {
    api.layer(ServiceBuilder::new().map_response(request_id::sign).layer(request_id::tell()))
}

/// The answer of a handler that broke: the log has the message, the visitor has not.
fn broken(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = said.unwrap_or("no message"), "a request broke");
    ApiError::internal().into_response()
}

async fn no_such_route(uri: Uri) -> ApiError {
    let path: String = uri.path().chars().take(200).collect();
    ApiError::new(kinds::NOT_FOUND, format!("the API has no `{path}`; it is described at {BASE}/openapi.json"))
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::new(kinds::METHOD_NOT_ALLOWED, format!("this address does not know {method}"))
}
