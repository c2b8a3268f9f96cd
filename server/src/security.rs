//! The headers that keep a browser from doing what a page of ours never needs.

use std::io;

use axum::{
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};

use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::{
    config::Config,
    problem::{ApiError, kinds},
};

/// On every answer, whatever its kind.
static HEADERS: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Other sites learn nothing. With `no-referrer` our own forms would not say where they come from either, and over
    // plain HTTP to another machine, where browsers send no `Sec-Fetch-Site`, the guard would have to refuse them.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=()"),
    ),
];

/// For answers that are not pages: they load nothing and run nothing.
static BARE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");

/// For scripts that run as workers: they read files and compute, and can reach nothing.
pub const WORKER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// For the service worker: it keeps files of this very server, nothing else.
pub const SERVICE_WORKER_POLICY: &str =
    "default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Two years, as the preload lists of browsers ask for.
static ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Keeps other sites from making a visitor's browser change anything here.
///
/// # Errors
/// When the public address cannot be one that browsers send.
pub fn guard(config: &Config) -> io::Result<CsrfLayer<impl Fn(ProtectionError) -> Response + Clone + use<>>> {
    let layer = CsrfLayer::new().with_rejection_response(|_| {
        ApiError::new(kinds::CROSS_ORIGIN, "changes are made on our own pages, or by programs with a key")
            .into_response()
    });
    match &config.public_url {
        Some(url) => layer.add_trusted_origin(url).map_err(io::Error::other),
        None => Ok(layer),
    }
}

/// What of it depends on how the server is reached.
#[derive(Clone, Copy)]
pub struct Policy {
    is_public_over_tls: bool,
}

impl Policy {
    pub fn of(config: &Config) -> Self {
        Self { is_public_over_tls: config.is_public_over_tls() }
    }
}

/// Completes an answer. A content policy that the handler chose stays.
pub fn add_headers(policy: Policy, mut response: Response) -> Response {
    let headers = response.headers_mut();
    // Headers that come one by one are sorted in anew each time there is no room: these, two more, and the request's name.
    headers.reserve(HEADERS.len() + 3);
    headers.extend(HEADERS.iter().cloned());
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| BARE_POLICY.clone());
    if policy.is_public_over_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS.clone());
    }
    response
}

/// The content policy of a page whose scripts carry `nonce`.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; \
         script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; \
         img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'"
    )
}
