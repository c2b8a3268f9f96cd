//! Axum's extractors with our refusals.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH},
        request::Parts,
    },
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path as FieldPath, Segment};

use super::incoming::Incoming;
use crate::{
    limits,
    problem::{ApiError, ApiResult, kinds},
};

/// A JSON body.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(kinds::UNSUPPORTED_MEDIA_TYPE, "send the body as `application/json`"));
        }
        check_plain(request.headers())?;
        let body = Incoming::new(request.into_body(), limits::JSON_BODY as u64).whole().await?;
        Ok(Self(json(&body)?))
    }
}

/// These bodies are small; batches may be compressed.
fn check_plain(headers: &HeaderMap) -> ApiResult<()> {
    let encoding = headers.get(CONTENT_ENCODING).map_or("identity", |value| value.to_str().unwrap_or("?")).trim();
    if encoding.eq_ignore_ascii_case("identity") {
        return Ok(());
    }
    let detail = format!("`{encoding}` is not offered here; send JSON as it is");
    Err(ApiError::new(kinds::UNSUPPORTED_ENCODING, detail))
}

fn json<T: DeserializeOwned>(body: &[u8]) -> ApiResult<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| match error.inner().classify() {
            Category::Data => ApiError::field(&pointer_to(error.path()), error.inner().to_string()),
            Category::Io | Category::Syntax | Category::Eof => malformed(error.inner()),
        })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::new(kinds::MALFORMED_REQUEST, format!("the body is no JSON: {error}"))
}

fn pointer_to(path: &FieldPath) -> String {
    let steps = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        // Behind what cannot be read there is no way on.
        Segment::Unknown => None,
    });
    pointer(steps)
}

/// A JSON pointer (RFC 6901) to a field, by the names on the way.
pub fn pointer(steps: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let escaped = |step: &str| step.replace('~', "~0").replace('/', "~1");
    steps.into_iter().fold(String::new(), |pointer, step| pointer + "/" + &escaped(step.as_ref()))
}

/// `application/json`, or a format built on it; parameters do not matter.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
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
            || ApiError::new(kinds::VERSION_REQUIRED, "send the version you read as `If-Match`, such as `\"3\"`");
        let value = parts.headers.get(IF_MATCH).ok_or_else(missing)?;
        version(value.as_bytes()).map(Self).ok_or_else(|| {
            ApiError::new(kinds::STALE_VERSION, "`If-Match` holds no version of this; send it as it was read, `\"3\"`")
        })
    }
}

#[cfg(test)]
mod tests {
    use drift::wire::{DatasetPatch, KeyCreate};
    use rstest::rstest;

    use super::*;

    fn pointers<T: DeserializeOwned>(body: &str) -> Vec<String> {
        let refusal = json::<T>(body.as_bytes()).err().expect("it cannot be read");
        refusal.problem().errors.iter().map(|error| error.pointer.clone()).collect()
    }

    #[rstest]
    #[case::in_a_list(r#"{"name": "ci", "scopes": ["read", "wish"]}"#, "/scopes/1")]
    #[case::unknown(r#"{"name": "ci", "scopes": [], "colour": 1}"#, "/colour")]
    #[case::missing(r#"{"name": "ci"}"#, "")]
    #[case::of_another_type(r#"{"name": 1, "scopes": []}"#, "/name")]
    fn a_field_is_pointed_at(#[case] body: &str, #[case] expected: &str) {
        assert_eq!(pointers::<KeyCreate>(body), [expected]);
    }

    #[test]
    fn names_with_dots_and_slashes_are_one_step() {
        assert_eq!(pointers::<DatasetPatch>(r#"{"column_types": {"a.b/c~d": "wish"}}"#), ["/column_types/a.b~1c~0d"]);
        assert_eq!(pointer(["column_types", "a/b"]), "/column_types/a~1b");
    }

    #[test]
    fn what_is_no_json_is_told_from_what_does_not_fit() {
        for body in ["", "{", "{} {}", "nonsense"] {
            let refusal = json::<DatasetPatch>(body.as_bytes()).expect_err("no JSON");
            assert_eq!(refusal.slug(), "malformed-request", "{body}");
        }
    }
}
