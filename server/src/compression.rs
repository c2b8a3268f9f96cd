//! Answers that may be long travel compressed.

use axum::{
    extract::Request,
    http::{HeaderValue, header::ACCEPT_ENCODING},
};
use tower::util::MapRequestLayer;
use tower_http::{CompressionLevel, compression::CompressionLayer};

type OfRequest = MapRequestLayer<fn(Request) -> Request>;

/// Compresses answers. A step above the usual: pages and stylesheet lose another tenth, at no cost that can be measured.
pub fn compressed() -> (OfRequest, CompressionLayer) {
    let uncompressed_at_worst: fn(Request) -> Request = uncompressed_at_worst;
    (MapRequestLayer::new(uncompressed_at_worst), CompressionLayer::new().quality(CompressionLevel::Precise(5)))
}

/// A client that takes nothing we have gets the answer as it is, which HTTP allows (RFC 9110, 12.5.3). The layer would
/// answer 406 instead, after the handler has done what was asked for.
fn uncompressed_at_worst(mut request: Request) -> Request {
    let Some(asked) = request.headers().get(ACCEPT_ENCODING) else { return request };
    let kept = asked.to_str().map(without_refusals).unwrap_or_default();
    match HeaderValue::try_from(kept) {
        Ok(kept) if !kept.is_empty() => drop(request.headers_mut().insert(ACCEPT_ENCODING, kept)),
        _ => drop(request.headers_mut().remove(ACCEPT_ENCODING)),
    }
    request
}

/// The codings that a client takes, without those that it refuses: what is not named is not sent anyway.
fn without_refusals(asked: &str) -> String {
    let is_taken = |coding: &&str| {
        let weight = coding.split(';').skip(1).find_map(|parameter| parameter.trim().strip_prefix("q="));
        weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0))
    };
    asked.split(',').map(str::trim).filter(is_taken).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::without_refusals;

    #[rstest]
    #[case("identity;q=0", "")]
    #[case("*;q=0", "")]
    #[case("*; q=0.0, gzip", "gzip")]
    #[case("gzip, br;q=0.5", "gzip, br;q=0.5")]
    #[case("gzip;q=0, identity", "identity")]
    #[case("gzip;q=none", "")]
    fn what_a_client_refuses_is_not_asked_for(#[case] asked: &str, #[case] expected: &str) {
        assert_eq!(without_refusals(asked), expected);
    }
}
