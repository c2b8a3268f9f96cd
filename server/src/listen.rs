//! Connections: heads that come in time and within their size, answers that arrive, and an end when the server stops.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderValue, header::CONNECTION},
};
use hyper::{
    body::{Body as _, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;
use tracing::{error, warn};

use crate::{
    access::source::Source,
    limits,
    problem::{ApiError, kinds},
};

/// How long the server waits, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From a connection's first byte, or the end of the last answer, to the end of the headers.
    pub head: Duration,
    /// What is under way when the server is told to stop.
    pub shutdown: Duration,
    /// A client that goes on sending when its answer is out.
    pub linger: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: limits::HEAD_TIME, shutdown: Duration::from_secs(25), linger: Duration::from_secs(2) }
    }
}

/// How much such a client may send.
const LINGER_BYTES: usize = 16 << 20;
/// Longer heads are not even read; up to here a refusal can say why.
const LONGEST_HEAD: usize = 4 * limits::HEAD;

/// Serves until `stop` ends, then finishes what is under way.
pub async fn serve(listener: TcpListener, router: Router, patience: Patience, stop: impl Future<Output = ()>) {
    let stopping = CancellationToken::new();
    let open = TaskTracker::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let source = Source::from(peer.ip());
                drop(open.spawn(converse(stream, source, router.clone(), patience, stopping.clone())));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // Such as no more file descriptors: others must end first.
                error!(%error, "cannot take a connection");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    drop(listener);
    stopping.cancel();
    open.close();
    if timeout(patience.shutdown, open.wait()).await.is_err() {
        warn!(n = open.len(), "connections were cut: they did not end in time");
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// One connection, from its first byte to its last.
async fn converse(stream: TcpStream, source: Source, router: Router, patience: Patience, stopping: CancellationToken) {
    // Answers are small and waited for. A connection that is gone already says so when it is read.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let is_read = Arc::new(AtomicBool::new(request.body().is_end_stream()));
        let mut request = request.map(|body| Body::new(Watched { body, is_read: is_read.clone() }));
        request.extensions_mut().insert(source);
        Box::pin(async move {
            let mut response = router.oneshot(request).await?;
            // What is left of a body stands in the way of the next request: the connection ends, and whoever is told so
            // sends nothing more on it.
            if !is_read.load(Relaxed) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_header_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut is_told = false;
    let outcome = loop {
        tokio::select! {
            outcome = std::future::poll_fn(|context| connection.poll_without_shutdown(context)) => break outcome,
            () = stopping.cancelled(), if !is_told => {
                is_told = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    // A connection that was only kept open ends without a word.
    if outcome.is_err_and(|error| error.is_timeout()) && !parts.read_buf.is_empty() {
        let _ = stream.write_all(head_timeout(patience.head).as_bytes()).await;
    }
    leave(stream, patience.linger).await;
}

/// A body that tells when it was read to its end.
struct Watched {
    body: Incoming,
    is_read: Arc<AtomicBool>,
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.is_read.store(true, Relaxed);
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

/// Closes without cutting the answer off: a connection that is closed while its client still sends is reset, and the
/// client may never read why it was refused.
async fn leave(mut stream: TcpStream, linger: Duration) {
    let read_on = async {
        stream.shutdown().await?;
        let mut rest = vec![0; 16 << 10];
        let mut n_bytes = 0;
        while n_bytes < LINGER_BYTES {
            match stream.read(&mut rest).await? {
                0 => break,
                n => n_bytes += n,
            }
        }
        io::Result::Ok(())
    };
    // Whoever is gone needs no answer.
    let _ = timeout(linger, read_on).await;
}

/// The answer to a head that did not come: no request, so no handler makes it.
fn head_timeout(after: Duration) -> String {
    let detail = format!("the headers did not come within {} seconds", after.as_secs());
    let problem = ApiError::new(kinds::HEADER_TIMEOUT, detail);
    let body = serde_json::to_string(problem.problem()).expect("plain data serialises");
    format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}
