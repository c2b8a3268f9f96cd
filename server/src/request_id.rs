//! A name for each request: in the log, in the answer's headers, and in every refusal.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Uri,
        header::{CONTENT_ENCODING, CONTENT_LENGTH},
    },
    response::{IntoResponse, Response},
};
use drift::wire::Problem;
use futures_util::TryFutureExt;
use jiff::Timestamp;
use tower::{Layer, Service};
use tower_http::request_id::PropagateRequestIdLayer;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, format,
        format::{Format, Full, Writer},
    },
    registry::LookupSpan,
};
use uuid::Uuid;

use crate::{
    limits,
    problem::{ApiError, Cause, kinds},
};

/// Carries the name. What a client sends under it is replaced: names in the log are ours.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names requests that come from outside, and their answers; refusals and the log say the name.
#[derive(Clone)]
pub struct NameLayer;

/// See [`NameLayer`].
#[derive(Clone)]
pub struct Named<S>(S);

impl<S> Layer<S> for NameLayer {
    type Service = Named<S>;

    fn layer(&self, inner: S) -> Named<S> {
        Named(inner)
    }
}

impl<S> Service<Request> for Named<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let id = Uuid::now_v7().simple().to_string();
        let id = HeaderValue::from_maybe_shared(Bytes::from(id)).expect("digits are ASCII");
        request.headers_mut().insert(HEADER, id.clone());
        let asked = Asked { id: id.clone(), method: request.method().clone(), uri: request.uri().clone() };
        let answer = self.0.call(request).map_ok(|mut response| {
            response.headers_mut().insert(HEADER, id);
            sign(response)
        });
        Box::pin(ASKED.scope(asked, answer))
    }
}

tokio::task_local! {
    static ASKED: Asked;
}

/// What the log says of a request. The query stays out: it may hold what is nobody else's business.
#[derive(Clone)]
struct Asked {
    id: HeaderValue,
    method: Method,
    uri: Uri,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.to_str().unwrap_or_default();
        write!(f, "request{{id={id} method={} path={}}}", self.method, self.uri.path())
    }
}

/// The lines of the log: time, level, the request that is being answered, where it was written, and what.
///
/// A span would be written out for each request, and almost none has a line.
pub struct Lines(Format<Full, ()>);

impl Default for Lines {
    fn default() -> Self {
        Self(format().without_time().with_level(false))
    }
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        write!(to, "{} {:>5} ", Timestamp::now(), event.metadata().level())?;
        // Most lines of a running server are about a request; those of its start are not.
        ASKED.try_with(|asked| write!(to, "{asked}: ")).unwrap_or(Ok(()))?;
        self.0.format_event(context, to, event)
    }
}

/// Names the request in the answer to a page, which has a name already.
pub fn tell() -> PropagateRequestIdLayer {
    PropagateRequestIdLayer::new(HEADER)
}

/// Refuses a head that is longer than the limit, as long as it can be read at all.
#[expect(clippy::result_large_err, reason = "the layer takes answers as they are")]
pub fn check_head(request: &mut Request) -> Result<(), Response> {
    let uri = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    let n_bytes = uri + headers.sum::<usize>();
    if n_bytes <= limits::HEAD {
        return Ok(());
    }
    let detail = format!("address and headers have more than {} bytes together", limits::HEAD);
    let refusal = ApiError::new(kinds::HEADERS_TOO_LARGE, detail);
    Err(refusal.passing(limits::HEAD as u64, Some(n_bytes as u64)).into_response())
}

/// The name of a request.
pub fn of(headers: &HeaderMap) -> Option<&str> {
    headers.get(HEADER)?.to_str().ok()
}

/// A refusal knows nothing of its request; here it learns the name that its answer has, and the log has a line about it.
pub fn sign(mut response: Response) -> Response {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else { return response };
    log(&problem, response.extensions_mut().remove::<Cause>());
    problem.request_id = of(response.headers()).map(str::to_owned);
    let body = serde_json::to_vec(&problem).expect("plain data serialises");
    // It may have been compressed; a few words need not be.
    response.headers_mut().remove(CONTENT_LENGTH);
    response.headers_mut().remove(CONTENT_ENCODING);
    *response.body_mut() = Body::from(body);
    response
}

/// One line for each refusal. Its detail stays out: it may quote what was sent.
fn log(problem: &Problem, cause: Option<Cause>) {
    let (status, kind) = (problem.status, problem.r#type.as_str());
    match cause {
        Some(Cause { is_fault: true, text }) => {
            tracing::error!(status, kind, error = %text, "refused: a request broke")
        }
        Some(Cause { is_fault: false, text }) => tracing::warn!(status, kind, error = %text, "refused"),
        None => tracing::info!(status, kind, "refused"),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        io,
        sync::{Arc, Mutex, PoisonError},
    };

    use tower::{ServiceExt, service_fn};
    use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Log {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[tokio::test]
    async fn a_line_of_the_log_names_its_request_as_the_answer_does() {
        let log = Log::default();
        let lines = tracing_subscriber::fmt::layer().event_format(Lines::default()).with_ansi(false);
        let _log =
            tracing::subscriber::set_default(tracing_subscriber::registry().with(lines.with_writer(log.clone())));
        tracing::info!("before");
        let answer = service_fn(|_: Request| async {
            tracing::warn!(n = 3, "odd");
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        let request = Request::post("/somewhere?secret=1").body(Body::empty()).expect("sound");
        let response = NameLayer.layer(answer).oneshot(request).await.expect("never fails");
        let id = of(response.headers()).expect("every answer has a name").to_owned();
        tracing::info!("after");
        let text = String::from_utf8(log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        let about =
            format!("request{{id={id} method=POST path=/somewhere}}: driftsiren_server::request_id::tests: odd n=3");
        assert!(lines[1].contains(" WARN "), "{text}");
        assert!(lines[1].ends_with(&about), "{text}");
        assert!(!lines[0].contains("request{") && !lines[2].contains("request{") && !text.contains("secret"), "{text}");
    }
}
