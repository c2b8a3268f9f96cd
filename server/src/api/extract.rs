//! Axum's extractors with our refusals.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{
        HeaderMap,
        header::{CONTENT_TYPE, IF_MATCH},
        request::Parts,
    },
};
use serde::de::DeserializeOwned;

use super::{
    incoming::Incoming,
    problem::{ApiError, ApiResult},
};
use crate::limits;

/// A JSON body.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(limits::UNSUPPORTED_MEDIA_TYPE, "send the body as `application/json`"));
        }
        let body = Incoming::new(request.into_body(), limits::JSON_BODY as u64).whole().await?;
        match axum::Json::<T>::from_bytes(&body) {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(error)) => Err(data_error(&error.body_text())),
            Err(error) => Err(ApiError::new(limits::MALFORMED_REQUEST, error.body_text())),
        }
    }
}

/// `application/json`, or a format built on it; parameters do not matter.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Serde names the path before the reason: `…: role: unknown variant …`.
fn data_error(text: &str) -> ApiError {
    let text = text.trim_start_matches("Failed to deserialize the JSON body into the target type: ");
    let path = text.split_once(": ").map(|(path, _)| path).filter(|path| !path.contains(' '));
    match path {
        Some(path) => ApiError::field(&format!("/{}", path.replace('.', "/")), &text[path.len() + 2..]),
        None => ApiError::field("", text),
    }
}

/// Databases do not take this character, and nothing here has a name with it.
fn has_null(escaped: &str) -> bool {
    escaped.contains("%00")
}

/// Parts of the address.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        if has_null(parts.uri.path()) {
            return Err(ApiError::not_found());
        }
        // An id that is none names nothing.
        let path = axum::extract::Path::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
        Ok(Self(path.0))
    }
}

/// What stands behind the question mark.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        if has_null(parts.uri.query().unwrap_or_default()) {
            return Err(ApiError::field("", "what stands behind the `?` holds the character of number zero"));
        }
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        Ok(Self(query.map_err(|error| ApiError::field("", error.body_text()))?.0))
    }
}

/// Digits between quotation marks.
fn version(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let is_number = (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

/// The version that a change is made to: `If-Match: "3"`.
pub struct Version(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Version {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let missing =
            || ApiError::new(limits::VERSION_REQUIRED, "send the version you read as `If-Match`, such as `\"3\"`");
        let value = parts.headers.get(IF_MATCH).ok_or_else(missing)?;
        version(value.as_bytes()).map(Self).ok_or_else(|| {
            ApiError::new(limits::STALE_VERSION, "`If-Match` holds no version of this; send it as it was read, `\"3\"`")
        })
    }
}
