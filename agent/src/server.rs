//! Talking to a server.

use std::io::Read;
use std::time::Duration;

use clap::Args;
use drift::wire::{Me, Page, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, Response};
use ureq::{Agent, Body, SendBody};

use crate::credentials::{self, Credentials};
use crate::exit::{Failure, Outcome};

/// Which server and org.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerFlags {
    /// Address of the server; else what `driftsiren login` kept.
    #[arg(long, global = true, value_name = "URL", env = "DRIFTSIREN_URL", hide_env_values = true)]
    pub url: Option<String>,
    /// The org; else the one that the key belongs to.
    #[arg(long, global = true, value_name = "ORG", env = "DRIFTSIREN_ORG", hide_env_values = true)]
    pub org: Option<String>,
}

/// The variable that holds a key; a flag would show it to every user of the machine.
pub const KEY_VARIABLE: &str = "DRIFTSIREN_API_KEY";

/// Attempts, the first included, before a call is given up.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A server with the key to it.
pub struct Server {
    agent: Agent,
    /// Without a slash at the end.
    pub url: String,
    key: String,
    org: Option<String>,
}

/// Why a call got no answer that counts.
#[derive(Debug)]
pub enum Trouble {
    /// Trying again may help, after this long if the server said so.
    Passing { message: String, retry_after: Option<Duration> },
    /// It will not.
    Refused(Box<Problem>),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Passing { message, .. } => Self::server(message),
            Trouble::Refused(problem) => {
                let Problem { status, title, detail, request_id, .. } = *problem;
                let request = request_id.map(|id| format!("the server's log has it as {id}"));
                Self::server(format!("{title} ({status}): {detail}")).help(request.unwrap_or_default())
            }
        }
    }
}

impl Server {
    /// The server that flags, environment and file name.
    pub fn open(flags: &ServerFlags) -> Outcome<Self> {
        let kept = credentials::read()?;
        let key = std::env::var(KEY_VARIABLE).ok().filter(|key| !key.is_empty());
        let none = |what: &str| {
            Failure::new(crate::exit::Exit::Server, format!("no {what}"))
                .help(format!("log in: driftsiren login URL, or set DRIFTSIREN_URL and {KEY_VARIABLE}"))
        };
        let (kept_url, kept_key, kept_org) =
            kept.map_or((None, None, None), |Credentials { url, key, org }| (Some(url), Some(key), Some(org)));
        // A key is for the server and org it was kept with, and for no other.
        let is_kept_server = flags.url.is_none() || flags.url.as_deref().map(trimmed) == kept_url.as_deref();
        let kept_key = kept_key.filter(|_| is_kept_server);
        let kept_org = kept_org.filter(|_| is_kept_server && key.is_none());
        let url = flags.url.clone().or(kept_url).ok_or_else(|| none("server"))?;
        Self::with(&url, key.or(kept_key).ok_or_else(|| none("API key"))?, flags.org.clone().or(kept_org))
    }

    /// A server by address and key.
    pub fn with(url: &str, key: String, org: Option<String>) -> Outcome<Self> {
        let url = trimmed(url);
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(Failure::usage(format!("`{url}` is no address of a server"))
                .help("give one such as https://drift.example.org"));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(150)))
            .user_agent(concat!("driftsiren/", env!("CARGO_PKG_VERSION")));
        Ok(Self { agent: config.build().into(), url: url.to_owned(), key, org })
    }

    /// Who the server takes us for.
    pub fn me(&self) -> Outcome<Me> {
        self.get("/me")
    }

    /// The same, asked once, and the version that the server says it has.
    pub fn look(&self) -> Outcome<(Me, String)> {
        #[derive(serde::Deserialize)]
        struct Version {
            version: String,
        }
        let me = self.call(Method::GET, "/me", &[], SendBody::none()).and_then(answer)?;
        let url = format!("{}/version", self.url);
        let unreachable = |error: ureq::Error| Failure::server(format!("cannot reach {url}: {error}"));
        let mut response = self.agent.get(&url).call().map_err(unreachable)?;
        let version: Version = response.body_mut().read_json().map_err(unreachable)?;
        Ok((me, version.version))
    }

    /// The org that calls are about.
    pub fn org(&self) -> Outcome<String> {
        if let Some(org) = &self.org {
            return Ok(org.clone());
        }
        let orgs = self.me()?.orgs;
        let first = orgs.into_iter().next().ok_or_else(|| Failure::server("the key belongs to no org"))?;
        Ok(first.slug)
    }

    /// Asks for something.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        with_patience(|| self.call(Method::GET, path, &[], SendBody::none()).and_then(answer))
    }

    /// Asks for a list, page by page.
    pub fn list<T: DeserializeOwned>(&self, path: &str) -> Outcome<Vec<T>> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Page<T> = self.get(&format!("{path}?limit=200{cursor}"))?;
            all.extend(page.data);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Sends a body and reads the answer. Not repeated: what it does could be done twice.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Outcome<T> {
        Ok(self.try_post(path, body)?)
    }

    /// The same, for callers that can do something about a refusal.
    pub fn try_post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Trouble> {
        let text = serde_json::to_vec(body).expect("plain data serialises");
        let headers = [("content-type", "application/json")];
        let response = self.call(Method::POST, path, &headers, SendBody::from_owned_reader(std::io::Cursor::new(text)));
        response.and_then(answer)
    }

    /// Asks for something to be done.
    pub fn act(&self, method: Method, path: &str) -> Outcome<Response<Body>> {
        Ok(self.call(method, path, &[], SendBody::none())?)
    }

    /// Sends bytes once; the caller repeats, with the same idempotency key.
    pub fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        content: impl Read + 'static,
    ) -> Result<T, Trouble> {
        self.call(Method::POST, path, headers, SendBody::from_owned_reader(content)).and_then(answer)
    }

    fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: SendBody<'static>,
    ) -> Result<Response<Body>, Trouble> {
        let passing = |message: String| Trouble::Passing { message, retry_after: None };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.url))
            .header("authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|error| passing(format!("the request cannot be made: {error}")))?;
        let response =
            self.agent.run(request).map_err(|error| passing(format!("cannot reach {}: {error}", self.url)))?;
        if response.status().is_success() { Ok(response) } else { Err(trouble(response)) }
    }
}

fn trimmed(url: &str) -> &str {
    url.trim_end_matches('/')
}

fn trouble(mut response: Response<Body>) -> Trouble {
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let text = response.body_mut().read_to_string().unwrap_or_default();
    let problem: Problem = serde_json::from_str(&text).unwrap_or_else(|_| Problem {
        title: "the server refused".to_owned(),
        status,
        detail: "its answer is not one of DriftSiren; is the address right?".to_owned(),
        ..Problem::default()
    });
    let is_passing = matches!(status, 408 | 429 | 500..) || problem.r#type.ends_with("/idempotency-in-progress");
    if is_passing {
        let message = format!("{} ({status}): {}", problem.title, problem.detail);
        Trouble::Passing { message, retry_after: retry_after.map(Duration::from_secs) }
    } else {
        Trouble::Refused(Box::new(problem))
    }
}

fn answer<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, Trouble> {
    const LARGEST: u64 = 64 << 20;
    let text = response.body_mut().with_config().limit(LARGEST).read_to_string();
    let text = text
        .map_err(|error| Trouble::Passing { message: format!("the answer broke off: {error}"), retry_after: None })?;
    serde_json::from_str(&text).map_err(|error| Trouble::Passing {
        message: format!("the answer is not one of DriftSiren ({error}); is the address right?"),
        retry_after: None,
    })
}

/// How long to wait before attempt `n` (from 1), when the server did not say.
pub fn pause(n: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(n.saturating_sub(1))).min(LONGEST_PAUSE)
}

/// Tries a call that may be repeated until it works, is refused, or has failed too often.
pub fn with_patience<T>(mut call: impl FnMut() -> Result<T, Trouble>) -> Outcome<T> {
    let mut n = 1;
    loop {
        match call() {
            Ok(value) => return Ok(value),
            Err(Trouble::Passing { retry_after, .. }) if n < ATTEMPTS => {
                std::thread::sleep(retry_after.unwrap_or_else(|| pause(n)).min(LONGEST_PAUSE));
                n += 1;
            }
            Err(trouble) => return Err(trouble.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_a_minute() {
        let millis: Vec<_> = (1..=9).map(|n| pause(n).as_millis()).collect();
        assert_eq!(millis, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn an_address_needs_a_scheme() {
        assert!(Server::with("drift.example.org", String::new(), None).is_err());
        let server = Server::with("https://drift.example.org/", String::new(), None).expect("an address");
        assert_eq!(server.url, "https://drift.example.org");
    }
}
