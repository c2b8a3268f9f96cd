//! The DriftSiren server: it renders the pages and answers over HTTP.
//!
//! `main` reads the environment and the signals; everything else is the [`Router`] made here,
//! which tests call without a network.

// Pages are deeply nested types.
#![recursion_limit = "256"]

pub mod access;
pub mod api;
mod assets;
mod compression;
pub mod config;
mod console;
mod cookies;
mod fresh;
mod health;
pub mod housekeeping;
pub mod ingest;
pub mod limits;
pub mod listen;
mod pages;
pub mod problem;
pub mod request_id;
mod retention;
mod security;
mod site;
pub mod state;
pub mod store;
mod theme;

use std::{io, sync::Arc};

use axum::{Extension, Router};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, validate_request::ValidateRequestHeaderLayer};

use crate::{
    compression::compressed,
    config::Config,
    console::forms::InProcess,
    site::Site,
    state::AppState,
    store::{RowSecurity, Store, StoreError},
};

/// Opens the database of a server and makes what its handlers share.
///
/// # Errors
/// When the database cannot be used; the message says why.
pub async fn open(config: Config) -> Result<AppState, StoreError> {
    let store = Store::open(&config.database()).await?;
    store::idempotency::release_dead(&store).await?;
    if store.row_security() == RowSecurity::Bypassed {
        tracing::warn!(
            "the database role is a superuser or has BYPASSRLS, so PostgreSQL does not keep orgs apart by itself; \
             let the server log in as an ordinary role that owns the database"
        );
    }
    Ok(AppState::new(config, store, jiff::Timestamp::now))
}

/// All routes, with the headers that every answer carries.
///
/// # Errors
/// When the folder of the browser's part cannot be read.
pub fn router(state: &AppState) -> io::Result<Router> {
    let policy = security::Policy::of(&state.config);
    let site = match &state.config.site {
        Some(folder) => Site::read(folder)?,
        None => Site::default(),
    };
    let site = Arc::new(site);
    let api = api::router(state);
    let guard = security::guard(&state.config)?;
    let pages = Router::new()
        .merge(pages::router())
        .merge(console::router(state, InProcess::new(api::called_in_process(api.clone()))))
        .merge(theme::router())
        .merge(assets::router())
        .merge(site::router(site.clone()))
        .merge(health::router(state.clone()))
        .fallback(pages::not_found)
        .layer(
            ServiceBuilder::new()
                .layer(compressed())
                .layer(CatchPanicLayer::custom(pages::broken))
                .layer(Extension(site)),
        );
    // One layer for the router, of parts that wait for nothing of their own: each layer would be another box around every
    // route, cloned with every request, and each part that waits another box in it.
    let around_all = ServiceBuilder::new()
        .map_response(move |response| security::add_headers(policy, response))
        .layer(request_id::NameLayer)
        .layer(ValidateRequestHeaderLayer::custom(request_id::check_head))
        .layer(guard);
    Ok(pages.merge(api).layer(around_all))
}
