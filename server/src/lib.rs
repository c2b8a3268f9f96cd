//! The DriftSiren server: it renders the pages and answers over HTTP.
//!
//! `main` reads the environment and the signals; everything else is the [`Router`] made here,
//! which tests call without a network.

mod assets;
pub mod config;
mod health;
mod pages;
mod security;

use axum::{Router, middleware};
use tower_http::trace::TraceLayer;

use crate::config::Config;

/// All routes, with the headers that every answer carries.
pub fn router(config: &Config) -> Router {
    let policy = security::Policy::of(config);
    Router::new()
        .merge(pages::router())
        .merge(assets::router())
        .merge(health::router())
        .fallback(pages::not_found)
        .layer(middleware::map_response_with_state(policy, security::add_headers))
        .layer(TraceLayer::new_for_http())
}
