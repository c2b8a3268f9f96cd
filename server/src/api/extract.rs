//! Axum's extractors with our refusals.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{header::IF_MATCH, request::Parts},
};
use serde::de::DeserializeOwned;

use super::problem::{ApiError, ApiResult};
use crate::limits;

/// A JSON body.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(error)) => Err(data_error(&error.body_text())),
            Err(JsonRejection::JsonSyntaxError(error)) => {
                Err(ApiError::new(limits::MALFORMED_REQUEST, error.body_text()))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(ApiError::new(limits::UNSUPPORTED_MEDIA_TYPE, "send the body as `application/json`"))
            }
            Err(error) if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
                let detail = format!("the body has more than {} bytes", limits::JSON_BODY);
                Err(ApiError::new(limits::BODY_TOO_LARGE, detail).passing(limits::JSON_BODY as u64, None))
            }
            Err(error) => Err(ApiError::new(limits::MALFORMED_REQUEST, error.body_text())),
        }
    }
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

/// Parts of the address.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
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
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        Ok(Self(query.map_err(|error| ApiError::field("", error.body_text()))?.0))
    }
}

/// The version that a change is made to: `If-Match: "3"`.
pub struct Version(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Version {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let missing =
            || ApiError::new(limits::VERSION_REQUIRED, "send the version you read as `If-Match`, such as `\"3\"`");
        let value = parts.headers.get(IF_MATCH).ok_or_else(missing)?;
        let version = value.to_str().ok().and_then(|value| value.trim_matches('"').parse().ok());
        version.map(Self).ok_or_else(|| ApiError::new(limits::STALE_VERSION, "`If-Match` holds no version of this"))
    }
}
