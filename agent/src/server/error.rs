//! Why a call got no answer that counts.

use std::time::Duration;

use drift::wire::Problem;
use ureq::Body;
use ureq::http::Response;

use crate::exit::{Failure, in_one_line};

/// A server that asks to wait longer is asked again after so long; no clock overflows by it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Why a call got no answer that counts.
#[derive(Debug)]
pub enum RequestError {
    /// Trying again may help, after this long if the server said so.
    Transient { message: String, causes: Vec<String>, retry_after: Option<Duration> },
    /// The server refuses, and would again.
    Refused(Box<Problem>),
    /// Something answers that is not a DriftSiren server.
    Foreign(String),
    /// The call cannot be made: the reason is on this side.
    Local(Failure),
}

impl RequestError {
    /// No answer, or half of one, for these reasons.
    pub fn transient(message: impl Into<String>, causes: Vec<String>) -> Self {
        Self::Transient { message: message.into(), causes, retry_after: None }
    }

    /// Whether the server refused with this status.
    pub fn is_refusal(&self, status: u16) -> bool {
        matches!(self, Self::Refused(problem) if problem.status == status)
    }

    /// What happened and why in one line, without a full stop.
    pub fn line(&self) -> String {
        match self {
            Self::Transient { message, causes, .. } => in_one_line(message, causes),
            Self::Foreign(message) => message.clone(),
            Self::Refused(problem) => {
                let Problem { status, title, detail, .. } = &**problem;
                format!("{title} ({status}): {detail}")
            }
            Self::Local(failure) => failure.line(),
        }
    }

    /// Why an answer is not a success.
    pub fn of(mut response: Response<Body>) -> Self {
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let retry_after = header("retry-after").and_then(|value| wait_of(&value));
        let elsewhere = header("location");
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let problem = serde_json::from_str::<Problem>(&text).ok();
        if is_transient(status, problem.as_ref()) {
            let message = match problem {
                Some(Problem { title, detail, .. }) => format!("{title} ({status}): {detail}"),
                None => format!("the server answered {status}"),
            };
            return Self::Transient { message, causes: Vec::new(), retry_after };
        }
        match (problem, elsewhere) {
            // A proxy before a server has limits of its own, and words them as it likes.
            (None, _) if status == 413 => Self::Refused(Box::new(Problem {
                status,
                title: "The body is larger than the limit".to_owned(),
                detail: "a proxy before the server said so; send less at once".to_owned(),
                ..Problem::default()
            })),
            (Some(problem), _) => Self::Refused(Box::new(Problem { status, ..problem })),
            (None, Some(place)) => Self::Foreign(format!("the server answered {status} and redirects to {place}")),
            (None, None) => Self::Foreign(format!("the server answered {status}, but is not a DriftSiren server")),
        }
    }
}

fn is_transient(status: u16, problem: Option<&Problem>) -> bool {
    let is_under_way = problem.is_some_and(|problem| problem.r#type.ends_with("/idempotency-in-progress"));
    matches!(status, 408 | 429 | 500..) || is_under_way
}

/// The seconds of a `Retry-After`, an hour at most. Servers of ours send no dates.
fn wait_of(value: &str) -> Option<Duration> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| value.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs).min(LONGEST_RETRY_AFTER))
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        let failure = Self::server(error.line());
        match error {
            RequestError::Transient { message, causes, .. } => Self { causes, ..Self::server(message) },
            RequestError::Foreign(_) => failure.help("check the address: driftsiren doctor"),
            RequestError::Local(failure) => failure,
            RequestError::Refused(problem) => {
                let fields = problem.errors.into_iter().map(|error| format!("{}: {}", error.pointer, error.detail));
                let request = problem.request_id.map(|id| format!("request id, for the server's log: {id}"));
                fields.chain(request).fold(failure, Self::help)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_ask_for_any_wait_and_gets_an_hour_at_most() {
        assert_eq!(wait_of("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait_of("18446744073709551615"), Some(LONGEST_RETRY_AFTER));
        assert_eq!(wait_of("99999999999999999999999"), Some(LONGEST_RETRY_AFTER));
        for other in ["", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(wait_of(other), None, "{other}");
        }
    }
}
