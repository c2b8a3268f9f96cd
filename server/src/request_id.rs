//! A name for each request: in the log, in the answer's headers, and in every refusal.

use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{CONTENT_ENCODING, CONTENT_LENGTH},
    },
    response::{IntoResponse, Response},
};
use drift::wire::Problem;
use tower_http::request_id::PropagateRequestIdLayer;
use tracing::Span;
use uuid::Uuid;

use crate::{api::problem::ApiError, limits};

/// Carries the name. What a client sends under it is replaced: names in the log are ours.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names a request that comes from outside.
pub fn give(mut request: Request) -> Request {
    let id = Uuid::now_v7().simple().to_string();
    request.headers_mut().insert(HEADER, HeaderValue::from_str(&id).expect("digits are ASCII"));
    request
}

/// The part of the log that is about one request. The query stays out: it may hold what is nobody else's business.
pub fn span(request: &Request) -> Span {
    let id = of(request.headers()).unwrap_or_default();
    tracing::error_span!("request", id, method = %request.method(), path = request.uri().path())
}

/// Names the request in its answer.
pub fn tell() -> PropagateRequestIdLayer {
    PropagateRequestIdLayer::new(HEADER)
}

/// Refuses a head that is longer than the limit, as long as it can be read at all.
#[expect(clippy::result_large_err, reason = "the layer takes answers as they are")]
pub fn check_head(request: &mut Request) -> Result<(), Response> {
    let uri = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    let n_bytes = uri + headers.sum::<usize>();
    if n_bytes <= limits::HEAD {
        return Ok(());
    }
    let detail = format!("address and headers have more than {} bytes together", limits::HEAD);
    let refusal = ApiError::new(limits::HEADERS_TOO_LARGE, detail);
    Err(refusal.passing(limits::HEAD as u64, Some(n_bytes as u64)).into_response())
}

/// The name of a request.
pub fn of(headers: &HeaderMap) -> Option<&str> {
    headers.get(HEADER)?.to_str().ok()
}

/// A refusal knows nothing of its request; here it learns the name that its answer has.
pub fn sign(mut response: Response) -> Response {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else { return response };
    problem.request_id = of(response.headers()).map(str::to_owned);
    let body = serde_json::to_vec(&problem).expect("plain data serialises");
    // It may have been compressed; a few words need not be.
    response.headers_mut().remove(CONTENT_LENGTH);
    response.headers_mut().remove(CONTENT_ENCODING);
    *response.body_mut() = Body::from(body);
    response
}
