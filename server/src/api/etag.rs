//! Answers that need not be sent again: every one that is read has a tag, and whoever shows it is told so.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::problem::ApiError;

/// Tags what is read, and answers 304 to those who have it.
pub async fn answer(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let known = request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect::<Vec<_>>();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK || !is_json(response.headers()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // Answers of the API are made whole; only a body that breaks would be none.
    let Ok(body) = to_bytes(body, usize::MAX).await else { return ApiError::internal().into_response() };
    let tag = head.headers.entry(ETAG).or_insert_with(|| of_content(&body)).clone();
    // Kept by whoever asked and by nobody between, and asked about each time.
    head.headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    // Who asks is part of the answer.
    head.headers.append(VARY, HeaderValue::from_static("cookie, authorization"));
    if known.iter().any(|known| is_among(known, &tag)) {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(CONTENT_TYPE);
        head.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(head, Body::empty());
    }
    Response::from_parts(head, Body::from(body))
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// A weak tag: it is told before the body is compressed, and so holds for each form in which it travels.
fn of_content(body: &[u8]) -> HeaderValue {
    let hash = blake3::hash(body).to_hex();
    HeaderValue::from_str(&format!("W/\"{}\"", &hash[..32])).expect("digits are ASCII")
}

/// Whether a header that lists tags has this one; weak and strong are the same here (RFC 9110, 13.1.2).
fn is_among(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    // Tags of ours hold no commas.
    known.trim() == "*" || known.split(',').any(|one| bare(one) == bare(tag))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("\"3\"", "\"3\"", true)]
    #[case("W/\"3\"", "\"3\"", true)]
    #[case("\"1\", W/\"ab\"", "W/\"ab\"", true)]
    #[case("*", "\"3\"", true)]
    #[case("\"3\"", "\"33\"", false)]
    #[case("3", "\"3\"", false)]
    fn a_tag_is_found_among_those_that_are_known(#[case] known: &str, #[case] tag: &str, #[case] expected: bool) {
        let value = |text: &str| HeaderValue::from_str(text).expect("a value");
        assert_eq!(is_among(&value(known), &value(tag)), expected);
    }

    #[test]
    fn another_body_has_another_tag() {
        assert_eq!(of_content(b"{}"), of_content(b"{}"));
        assert_ne!(of_content(b"{}"), of_content(b"[]"));
    }
}
