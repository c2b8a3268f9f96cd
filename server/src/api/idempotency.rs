//! Changes that are made once: around every route that changes something, with an `Idempotency-Key`.
//!
//! What holds a key and what was done under it is kept by [`store::idempotency`](crate::store::idempotency).

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_TYPE, ETAG, LOCATION},
        response,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::body::{Body as _, Frame, SizeHint};
use jiff::Timestamp;
use serde_json::Value;

use super::{BASE, incoming::Incoming, visitor::Visitor};
use crate::{
    access::idempotency::{Answer, BodyHash, Hash, Progress, Record, Standing, VisitorKey, request_hash, standing},
    limits,
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
    store::{
        Store,
        idempotency::{self, Claim, Claimed},
    },
};

pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// Routes that take no part. Most set cookies, which must not be kept, or change nothing. Batches and profiles keep their
/// keys for as long as they are kept themselves.
const APART: [&str; 9] = [
    "/setup",
    "/login",
    "/logout",
    "/me/password",
    "/invites/look",
    "/invites/accept",
    "/check",
    "/orgs/{org}/datasets/{dataset}/batches",
    "/orgs/{org}/datasets/{dataset}/profiles",
];

/// Whether a route of the API makes a change once for each key.
pub fn takes_part(method: &Method, route: &str) -> bool {
    let is_apart = route.strip_prefix(BASE).is_none_or(|route| APART.contains(&route));
    [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method) && !is_apart
}

/// Headers of an answer that are repeated with it; the others are made anew.
const REPEATED: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];

/// Members of an answer that are shown once, and kept nowhere.
const SECRETS: [&str; 4] = ["secret", "link", "token", "password"];

/// Answers a request, or repeats what was answered to one before it.
pub async fn answer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if !request.headers().contains_key(HEADER) || !takes_part(request.method(), route) {
        return next.run(request).await;
    }
    Box::pin(once(&app, request, next)).await.unwrap_or_else(IntoResponse::into_response)
}

async fn once(app: &AppState, request: Request, next: Next) -> ApiResult<Response> {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, app).await?;
    let key = key(&parts.headers)?.ok_or_else(ApiError::internal)?;
    let key = VisitorKey::new(visitor.who.id(), &key);
    let address = parts.uri.path_and_query().map_or(parts.uri.path(), |address| address.as_str());
    let (asked, now, hash) = (request_hash(parts.method.as_str(), address), app.now(), BodyHash::default());
    let claim = match idempotency::claim(&app.store, key, asked, hash.clone(), now).await? {
        Claimed::Mine(claim) => claim,
        Claimed::Before(record) => {
            visitor.who.throttle_repeat(app)?;
            return match standing(&record, &asked, now) {
                Standing::Done => repeat(record, body).await,
                Standing::OtherRequest => Err(mismatch()),
                Standing::UnderWay | Standing::Free => Err(under_way()),
            };
        }
    };
    // The handler asks who it is, and need not find out again.
    parts.extensions.insert(visitor.who);
    let held = Held { store: app.store.clone(), claim: Some(claim.clone()) };
    let request = Request::from_parts(parts, Body::new(Hashed::new(body, hash)));
    let response = idempotency::holding(claim, next.run(request)).await;
    if !response.status().is_success() {
        held.release().await;
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| ApiError::internal())?;
    held.keep(kept(&head, &body), app.now()).await;
    Ok(Response::from_parts(head, Body::from(body)))
}

/// The key that a request names itself by.
pub fn key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let is_key = limits::IDEMPOTENCY_KEY.contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    let text = value.to_str().ok().filter(|_| is_key);
    text.map(|text| Some(text.to_owned())).ok_or_else(|| {
        ApiError::new(kinds::IDEMPOTENCY_KEY_INVALID, "an idempotency key has 1 to 255 visible ASCII characters")
    })
}

/// The refusal of a key whose request is under way.
pub fn under_way() -> ApiError {
    let detail = "a request with this key is under way; ask again for its answer";
    ApiError::new(kinds::IDEMPOTENCY_IN_PROGRESS, detail).after(Duration::from_secs(1))
}

fn mismatch() -> ApiError {
    let detail = "this key was used for another method, address or body; give each request a key of its own";
    ApiError::new(kinds::IDEMPOTENCY_MISMATCH, detail)
}

/// The answer to a request that was done before, if this is the same one.
async fn repeat(record: Record, body: Body) -> ApiResult<Response> {
    // A body that nobody read the first time means nothing.
    if let Some(first) = record.body_hash
        && first != hash_of(body).await?
    {
        return Err(mismatch());
    }
    let gone = |detail: &str| Err(ApiError::new(kinds::IDEMPOTENCY_ANSWER_GONE, detail));
    let Progress::Answered(Answer { status, headers, body }) = record.progress else {
        return gone("this was done, but its answer was lost; look at what is there now");
    };
    let Some(body) = body else {
        return gone(
            "this was done, and the secret that it made was shown once, in its first answer; rotate the key, or take the \
             invite back and make another",
        );
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|_| ApiError::internal())?;
    for (name, value) in headers {
        let header = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        response.headers_mut().extend(header);
    }
    Ok(response)
}

/// The hash of a body that is not looked at otherwise.
async fn hash_of(body: Body) -> ApiResult<Hash> {
    let mut incoming = Incoming::new(body, limits::INGEST_BODY);
    let hash = BodyHash::default();
    while let Some(piece) = incoming.next().await? {
        hash.add(&piece);
    }
    hash.end();
    hash.whole().ok_or_else(ApiError::internal)
}

/// What is kept of an answer.
fn kept(head: &response::Parts, body: &Bytes) -> Answer {
    let header = |name: HeaderName| {
        let value = head.headers.get(&name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let shows_secret = serde_json::from_slice(body).is_ok_and(|body| shows_secret(&body));
    Answer {
        status: head.status.as_u16(),
        headers: REPEATED.into_iter().filter_map(header).collect(),
        body: (!shows_secret).then(|| body.to_vec()),
    }
}

fn shows_secret(body: &Value) -> bool {
    match body {
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| (SECRETS.contains(&name.as_str()) && !value.is_null()) || shows_secret(value)),
        Value::Array(values) => values.iter().any(shows_secret),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A claim that is let go of when its request goes away.
struct Held {
    store: Store,
    claim: Option<Claim>,
}

impl Held {
    async fn release(mut self) {
        if let Some(claim) = self.claim.take() {
            release(&self.store, &claim).await;
        }
    }

    /// Keeps the answer to what was done, though whoever asked goes away.
    async fn keep(mut self, answer: Answer, now: Timestamp) {
        let (store, Some(claim)) = (self.store.clone(), self.claim.take()) else { return };
        let keeping = tokio::spawn(async move {
            if let Err(error) = idempotency::keep(&store, &claim, answer, now).await {
                tracing::warn!(%error, "the answer to a change could not be kept for a repeat");
            }
        });
        // A panic there was logged.
        let _ = keeping.await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(claim) = self.claim.take() {
            let store = self.store.clone();
            tokio::spawn(async move { release(&store, &claim).await });
        }
    }
}

async fn release(store: &Store, claim: &Claim) {
    if let Err(error) = idempotency::release(store, claim).await {
        tracing::warn!(%error, "an idempotency key could not be let go of; it is free in a minute");
    }
}

/// A body that is hashed on its way.
struct Hashed {
    body: Body,
    hash: BodyHash,
}

impl Hashed {
    fn new(body: Body, hash: BodyHash) -> Self {
        if body.is_end_stream() {
            hash.end();
        }
        Self { body, hash }
    }
}

impl hyper::body::Body for Hashed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(piece) = frame.data_ref() {
                    self.hash.add(piece);
                }
                if self.body.is_end_stream() {
                    self.hash.end();
                }
            }
            Poll::Ready(None) => self.hash.end(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(Method::POST, "/api/v1/orgs", true)]
    #[case(Method::DELETE, "/api/v1/orgs/{org}/keys/{key}", true)]
    #[case(Method::GET, "/api/v1/orgs", false)]
    #[case(Method::POST, "/api/v1/login", false)]
    #[case(Method::POST, "/login", false)]
    fn what_changes_something_takes_part(#[case] method: Method, #[case] route: &str, #[case] expected: bool) {
        assert_eq!(takes_part(&method, route), expected);
    }

    #[rstest]
    #[case(json!({"id": "k", "secret": "ds_live"}), true)]
    #[case(json!({"data": [{"link": "/join?token=x"}]}), true)]
    #[case(json!({"id": "k", "secret": null}), false)]
    #[case(json!({"name": "secret"}), false)]
    #[case(json!(null), false)]
    fn secrets_are_told_by_their_names(#[case] body: Value, #[case] expected: bool) {
        assert_eq!(shows_secret(&body), expected);
    }
}
