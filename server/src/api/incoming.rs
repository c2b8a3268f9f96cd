//! Bodies on their way in: in bounded time and size.

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt;
use tokio::time::Instant;

use super::problem::{ApiError, ApiResult};
use crate::limits;

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
            ApiError::new(limits::BODY_TIMEOUT, detail)
        };
        let piece = next
            .map_err(too_slow)?
            .transpose()
            .map_err(|error| ApiError::new(limits::MALFORMED_REQUEST, format!("the body ended early: {error}")))?;
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
    ApiError::new(limits::BODY_TOO_LARGE, detail).passing(most, actual)
}
