//! What orchestrators and people ask first: is it up, and which version is it?

use axum::{Json, Router, routing::get};
use serde::Serialize;

pub fn router() -> Router {
    Router::new().route("/healthz", get(healthz)).route("/version", get(version))
}

/// The process answers; nothing else is checked.
async fn healthz() -> &'static str {
    "ok\n"
}

#[derive(Serialize)]
struct Version {
    version: &'static str,
}

async fn version() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION") })
}
