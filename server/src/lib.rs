//! The DriftSiren server: it renders the pages and answers over HTTP.
//!
//! `main` reads the environment and the signals; everything else is the [`Router`] made here,
//! which tests call without a network.

// Pages are deeply nested types.
#![recursion_limit = "256"]

pub mod access;
mod assets;
pub mod config;
mod health;
mod pages;
mod security;
mod site;
pub mod store;
mod theme;

use std::{io, sync::Arc};

use axum::{Extension, Router, middleware};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, trace::TraceLayer};

use crate::{config::Config, site::Site};

/// All routes, with the headers that every answer carries.
///
/// # Errors
/// When the folder of the browser's part cannot be read.
pub fn router(config: &Config) -> io::Result<Router> {
    let policy = security::Policy::of(config);
    let site = match &config.site {
        Some(folder) => Site::read(folder)?,
        None => Site::default(),
    };
    let site = Arc::new(site);
    Ok(Router::new()
        .merge(pages::router())
        .merge(theme::router())
        .merge(assets::router())
        .merge(site::router(site.clone()))
        .merge(health::router())
        .fallback(pages::not_found)
        .layer(Extension(site))
        .layer(CatchPanicLayer::custom(pages::broken))
        .layer(CompressionLayer::new())
        .layer(middleware::map_response_with_state(policy, security::add_headers))
        .layer(TraceLayer::new_for_http()))
}
