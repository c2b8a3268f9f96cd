//! Requests to a server, and its answers.

use std::io::{Cursor, Read};
use std::time::Duration;

use drift::wire::{Me, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, Response, Uri};
use ureq::{Agent, Body, SendBody};

use crate::exit::{Failure, Outcome, causes};
use crate::server::address::{Address, KEY_VARIABLE, ServerFlags, trimmed};
use crate::server::{RequestError, escaped};

/// Bodies above this are sent only when the server has asked for them: a refusal need not wait for their end.
const LARGE: u64 = 1 << 20;

/// How long the parts of a call may take.
#[derive(Clone, Copy)]
struct Limits {
    connect: Duration,
    send: Duration,
    answer: Duration,
}

/// A server of ours gives a body two minutes, and has answered soon after.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(10), send: Duration::from_secs(150), answer: Duration::from_secs(150) };

/// A server with the key to it.
pub struct Server {
    agent: Agent,
    /// Without a slash at the end.
    pub url: String,
    key: String,
    org: Option<String>,
}

impl Server {
    /// The server that flags, environment and file name.
    pub fn open(flags: &ServerFlags) -> Outcome<Self> {
        Address::find(flags)?.open()
    }

    /// A server by address and key.
    pub fn with(url: &str, key: String, org: Option<String>) -> Outcome<Self> {
        Self::within(LIMITS, url, key, org)
    }

    fn within(limits: Limits, url: &str, key: String, org: Option<String>) -> Outcome<Self> {
        let url = checked(url)?;
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::usage("the API key contains a character that no key has")
                .help(format!("check {KEY_VARIABLE}, or log in again: driftsiren login {url}")));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(limits.connect))
            .timeout_send_request(Some(limits.connect))
            .timeout_send_body(Some(limits.send))
            .timeout_recv_response(Some(limits.answer))
            .timeout_recv_body(Some(limits.answer))
            .user_agent(concat!("driftsiren/", env!("CARGO_PKG_VERSION")));
        Ok(Self { agent: config.build().into(), url: url.to_owned(), key, org })
    }

    /// Who the server takes us for.
    pub fn me(&self) -> Result<Me, RequestError> {
        self.get("/me")
    }

    /// The same, and the version that the server says it has.
    pub fn look(&self) -> Outcome<(Me, String)> {
        #[derive(serde::Deserialize)]
        struct Version {
            version: String,
        }
        let me = self.me()?;
        let url = format!("{}/version", self.url);
        let unreachable =
            |error: ureq::Error| Failure { causes: reasons(&error), ..Failure::server(format!("cannot reach {url}")) };
        let mut response = self.agent.get(&url).call().map_err(unreachable)?;
        let version: Version = response.body_mut().read_json().map_err(unreachable)?;
        Ok((me, version.version))
    }

    /// The org that calls are about.
    pub fn org(&self) -> Result<String, RequestError> {
        if let Some(org) = &self.org {
            return Ok(org.clone());
        }
        let none = || RequestError::Local(Failure::server("the key belongs to no org").help("name one with --org"));
        self.me()?.orgs.into_iter().next().map(|org| org.slug).ok_or_else(none)
    }

    /// Asks for something.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RequestError> {
        self.call(Method::GET, path, &[], SendBody::none()).and_then(answer)
    }

    /// A list, read page by page to its end. The only reader of lists: a single page looks like a whole list.
    pub fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, RequestError> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Page<T> = self.get(&format!("{path}?limit=200{cursor}"))?;
            all.extend(page.data);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={}", escaped(&next)),
                None => return Ok(all),
            }
        }
    }

    /// Sends a body and reads the answer. Not repeated: what it does could be done twice.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, RequestError> {
        self.call_with(Method::POST, path, &[], body).and_then(answer)
    }

    /// Changes something that had `version` when it was read.
    pub fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        version: i64,
        body: &impl Serialize,
    ) -> Result<T, RequestError> {
        let version = format!("\"{version}\"");
        self.call_with(Method::PATCH, path, &[("if-match", version.as_str())], body).and_then(answer)
    }

    /// Asks for something to be done.
    pub fn act(&self, method: Method, path: &str) -> Result<(), RequestError> {
        self.call(method, path, &[], SendBody::none()).map(|_| ())
    }

    /// Sends `n_bytes` once; the caller repeats, with the same idempotency key.
    pub fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        n_bytes: u64,
        idempotency_key: Option<&str>,
        content: impl Read + 'static,
    ) -> Result<T, RequestError> {
        let length = n_bytes.to_string();
        let mut headers = vec![("content-type", "application/octet-stream"), ("content-length", length.as_str())];
        headers.extend(idempotency_key.map(|key| ("idempotency-key", key)));
        headers.extend((n_bytes > LARGE).then_some(("expect", "100-continue")));
        self.call(Method::POST, path, &headers, SendBody::from_owned_reader(content)).and_then(answer)
    }

    fn call_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &impl Serialize,
    ) -> Result<Response<Body>, RequestError> {
        let text = serde_json::to_vec(body).expect("plain data serialises");
        let length = text.len().to_string();
        let json = [("content-type", "application/json"), ("content-length", length.as_str())];
        self.call(method, path, &[&json, headers].concat(), SendBody::from_owned_reader(Cursor::new(text)))
    }

    fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: SendBody<'static>,
    ) -> Result<Response<Body>, RequestError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.url))
            .header("authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|error| {
            let failure = Failure::usage(format!("cannot make a request to {}", self.url)).caused_by(&error);
            RequestError::Local(failure)
        })?;
        let unreachable =
            |error: ureq::Error| RequestError::transient(format!("cannot reach {}", self.url), reasons(&error));
        let response = self.agent.run(request).map_err(unreachable)?;
        if response.status().is_success() { Ok(response) } else { Err(RequestError::of(response)) }
    }
}

/// An address with a scheme and a host, without a slash at the end.
pub fn checked(url: &str) -> Outcome<&str> {
    let url = trimmed(url);
    let has_scheme = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
    let has_host = url.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    if has_scheme && has_host {
        return Ok(url);
    }
    Err(Failure::usage(format!("`{url}` is not the address of a server"))
        .help("expected one such as https://drift.example.org"))
}

/// Why there was no answer, outermost cause first, in words of the system or of TLS where they have some.
fn reasons(error: &ureq::Error) -> Vec<String> {
    match error {
        ureq::Error::Io(error) => causes(error),
        ureq::Error::Rustls(error) => causes(error),
        ureq::Error::Other(error) => causes(&**error),
        ureq::Error::Timeout(part) => vec![format!("it took too long ({part})")],
        other => causes(other),
    }
}

fn answer<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, RequestError> {
    const LARGEST: u64 = 64 << 20;
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(LARGEST).read_to_string();
    let text = text.map_err(|error| {
        RequestError::transient("the connection was closed before the answer was complete", reasons(&error))
    })?;
    let foreign =
        |error| RequestError::Foreign(format!("the server answered {status}, but is not a DriftSiren server: {error}"));
    serde_json::from_str(&text).map_err(foreign)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_scheme("drift.example.org")]
    #[case::other_scheme("ftp://drift.example.org")]
    #[case::no_host("http://")]
    #[case::a_space("http://drift example.org")]
    fn an_address_has_a_scheme_and_a_host(#[case] url: &str) {
        assert!(Server::with(url, String::new(), None).is_err());
    }

    #[test]
    fn a_slash_at_the_end_of_an_address_does_not_count() {
        let server = Server::with("https://drift.example.org/", String::new(), None).expect("an address");
        assert_eq!(server.url, "https://drift.example.org");
    }

    #[test]
    fn a_server_that_stops_taking_a_body_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let limits = Limits { send: Duration::from_millis(200), ..LIMITS };
        let server = Server::within(limits, &url, "key".to_owned(), None).expect("an address");
        // The system takes the connection and some of the body; nobody reads either.
        let error =
            server.upload::<()>("/x", 1 << 30, None, std::io::repeat(b'x').take(1 << 30)).expect_err("no answer");
        assert!(matches!(error, RequestError::Transient { .. }) && error.line().contains("took too long"), "{error:?}");
        drop(listener);
    }
}
