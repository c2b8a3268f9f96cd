//! Forms come within the time that other bodies have, or hold no connection.

use std::time::Duration;

use axum::{
    BoxError,
    body::{Body, Bytes},
    extract::Request,
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::limits;

/// Where the API reads a form's file, its own limits speak first: they say more.
const GRACE: Duration = Duration::from_secs(1);

/// A form that stopped coming, or did not end.
#[derive(Debug, thiserror::Error)]
#[error("nothing came for {} seconds, or not all within {}; send it again", limits::BODY_IDLE.as_secs(), limits::BODY_TOTAL.as_secs())]
pub struct TooSlow;

/// Gives the body of a request the time that it has.
pub async fn in_time(request: Request) -> Request {
    let (idle, total) = (limits::BODY_IDLE + GRACE, limits::BODY_TOTAL + GRACE);
    request.map(|body| Body::from_stream(timed(body, idle, total)))
}

fn timed(body: Body, idle: Duration, total: Duration) -> impl Stream<Item = Result<Bytes, BoxError>> {
    let end = Instant::now() + total;
    stream::unfold(Some(body.into_data_stream()), move |stream| async move {
        let mut stream = stream?;
        match timeout_at(end.min(Instant::now() + idle), stream.next()).await {
            Ok(piece) => Some((piece?.map_err(Into::into), Some(stream))),
            Err(_) => Some((Err(TooSlow.into()), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    /// Reads two bytes of which the second never comes, unless it is there at once.
    async fn read(is_whole: bool, idle: Duration, total: Duration) -> Result<usize, String> {
        let first = stream::iter([Ok::<_, BoxError>(Bytes::from_static(b"x"))]);
        let body = match is_whole {
            true => Body::from_stream(first),
            false => Body::from_stream(first.chain(stream::pending())),
        };
        let body = Body::from_stream(timed(body, idle, total));
        let read = axum::body::to_bytes(body, usize::MAX).await;
        read.map(|bytes| bytes.len()).map_err(|error| error.to_string())
    }

    #[rstest]
    #[case::it_stopped_coming(Duration::ZERO, LONG)]
    #[case::it_did_not_end(LONG, Duration::ZERO)]
    #[tokio::test]
    async fn a_form_that_does_not_come_in_time_ends(#[case] idle: Duration, #[case] total: Duration) {
        assert_eq!(read(false, idle, total).await, Err(TooSlow.to_string()));
        assert_eq!(read(true, LONG, LONG).await, Ok(1));
    }
}
