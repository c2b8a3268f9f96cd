//! Bodies on their way in: in bounded time and size.

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt;
use tokio::time::Instant;

use crate::{
    limits,
    problem::{ApiError, ApiResult, kinds},
};

/// Receives a body piece by piece.
pub struct Incoming {
    stream: BodyDataStream,
    end: Instant,
    n_bytes: u64,
    most: u64,
}

impl Incoming {
    /// A body of at most so many bytes.
    pub fn new(body: Body, most: u64) -> Self {
        Self { stream: body.into_data_stream(), end: Instant::now() + limits::BODY_TOTAL, n_bytes: 0, most }
    }

    /// The next piece; nothing at the end.
    pub async fn next(&mut self) -> ApiResult<Option<Bytes>> {
        let until = self.end.min(Instant::now() + limits::BODY_IDLE);
        let next = tokio::time::timeout_at(until, self.stream.next()).await;
        let too_slow = |_| {
            let (idle, total) = (limits::BODY_IDLE.as_secs(), limits::BODY_TOTAL.as_secs());
            let detail = format!("nothing came for {idle} seconds, or not all within {total}; send it again");
            ApiError::new(kinds::BODY_TIMEOUT, detail)
        };
        let piece = next
            .map_err(too_slow)?
            .transpose()
            .map_err(|error| ApiError::new(kinds::MALFORMED_REQUEST, format!("the body ended early: {error}")))?;
        self.n_bytes += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        if self.n_bytes > self.most { Err(too_large(self.most, None)) } else { Ok(piece) }
    }

    /// Does not count against the sender what the server took for other things.
    pub fn pause(&mut self, took: std::time::Duration) {
        self.end += took;
    }

    /// The whole of it, for bodies that are small.
    pub async fn whole(mut self) -> ApiResult<Bytes> {
        let mut whole = Vec::new();
        while let Some(piece) = self.next().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    }
}

/// The refusal of a body beyond its limit.
pub fn too_large(most: u64, actual: Option<u64>) -> ApiError {
    let detail = format!("a body has at most {most} bytes here; compress it, or send several");
    ApiError::new(kinds::BODY_TOO_LARGE, detail).passing(most, actual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let silent = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let mut incoming = Incoming::new(Body::from_stream(silent), 10);
        // Its time was over when it began.
        incoming.end = Instant::now();
        let refusal = incoming.next().await.expect_err("nothing comes");
        assert_eq!((refusal.slug(), refusal.problem().status), ("body-timeout", 408));
    }

    #[tokio::test]
    async fn a_body_beyond_its_limit_is_refused_with_the_limit() {
        assert_eq!(Incoming::new(Body::from("0123456789"), 10).whole().await.expect("it fits").len(), 10);
        let refusal = Incoming::new(Body::from("0123456789a"), 10).whole().await.expect_err("one byte more");
        assert_eq!((refusal.slug(), refusal.problem().limit), ("body-too-large", Some(10)));
    }
}
