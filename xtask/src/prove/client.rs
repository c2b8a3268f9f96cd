//! The command line and plain HTTP, as the proofs use them.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::native;

/// The command line, logged in at a server.
pub struct Agent {
    pub home: PathBuf,
    pub url: String,
    pub key: String,
}

impl Agent {
    /// The same agent for a server at another address.
    pub fn at(&self, url: &str) -> Self {
        Self { home: self.home.clone(), url: url.to_owned(), key: self.key.clone() }
    }

    /// Sends a batch over plain HTTP.
    pub fn post(&self, dataset: &str, idempotency_key: &str, body: &[u8]) -> anyhow::Result<Reply> {
        let bearer = format!("Bearer {}", self.key);
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "text/csv"), ("idempotency-key", idempotency_key)];
        send(&self.url, &format!("POST /api/v1/orgs/acme/datasets/{dataset}/batches"), &headers, body)
    }

    /// Makes a dataset.
    pub fn make_dataset(&self, name: &str) -> anyhow::Result<()> {
        let made = self.command(&["dataset", "create", name]).stdout(Stdio::null()).status()?;
        ensure!(made.success(), "the dataset `{name}` was not made");
        Ok(())
    }

    /// The hashes of all batches that a dataset has, each as often as it is there.
    pub fn batches(&self, dataset: &str) -> anyhow::Result<Vec<String>> {
        let bearer = format!("Bearer {}", self.key);
        let mut hashes = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("GET /api/v1/orgs/acme/datasets/{dataset}/batches?limit=200{cursor}");
            let (_, page) = call(&self.url, &path, &[("authorization", &bearer)], None)?;
            let page: Value = serde_json::from_str(&page)?;
            let found = page["data"].as_array().into_iter().flatten();
            hashes.extend(found.filter_map(|batch| batch["body_hash"].as_str().map(str::to_owned)));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(hashes),
            }
        }
    }

    /// Sets an empty server up: an owner, its org, a key.
    pub fn of_new_owner(home: &Path, url: &str) -> anyhow::Result<(Self, String)> {
        fs::create_dir_all(home)?;
        let body = json!({
            "email": "ada@example.org", "name": "Ada", "password": "correct horse battery", "org_name": "Acme",
        });
        let (head, _) = call(url, "POST /api/v1/setup", &[], Some(&body))?;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie =
            cookie.and_then(|cookie| cookie.split(';').next()).context("setting up gave no cookie")?.to_owned();
        let body = json!({"name": "prove", "scopes": ["ingest", "read", "manage"]});
        let (_, made) = call(url, "POST /api/v1/orgs/acme/keys", &[("cookie", &cookie)], Some(&body))?;
        let key = serde_json::from_str::<Value>(&made)?["secret"].as_str().context("no key was made")?.to_owned();
        Ok((Self { home: home.to_owned(), url: url.to_owned(), key }, cookie))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut agent = Command::new(native::command_line());
        agent
            .args(arguments)
            .stdin(Stdio::null())
            .env("HOME", &self.home)
            .env("XDG_STATE_HOME", self.home.join("state"))
            .env("DRIFTSIREN_URL", &self.url)
            .env("DRIFTSIREN_API_KEY", &self.key);
        agent
    }
}

/// What a server said.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Names of headers come in small letters.
    pub head: String,
    pub body: String,
}

/// Longer than anything that a server is allowed to take.
const PATIENCE: Duration = Duration::from_secs(150);

/// One request over a connection of its own, whatever the answer.
pub fn send(url: &str, what: &str, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<Reply> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let length = body.len();
    let mut request = format!("{what} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{request}\r\n").as_bytes())?;
    // A server that refuses may answer before it has read everything.
    let sent = stream.write_all(body);
    let mut answer = Vec::new();
    let received = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        sent?;
        received?;
        bail!("{what}: the connection ended without an answer");
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    // Without compression and with `connection: close` bodies of known length come as they are; chunks do not.
    let body = if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_owned() };
    Ok(Reply { status: status.context("no status")?, head: head.to_owned(), body })
}

/// One request that must succeed; gives head and body.
pub fn call(url: &str, what: &str, headers: &[(&str, &str)], body: Option<&Value>) -> anyhow::Result<(String, String)> {
    let mut headers = headers.to_vec();
    if body.is_some() {
        headers.push(("content-type", "application/json"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    let Reply { status, head, body } = send(url, what, &headers, body.as_bytes())?;
    ensure!((200..300).contains(&status), "{what}: {head}\n{body}");
    Ok((head, body))
}

fn unchunked(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let n = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = rest.get(..n).filter(|_| n > 0) else { break };
        whole.push_str(chunk);
        text = rest.get(n + 2..).unwrap_or_default();
    }
    whole
}

/// Numbers that look random and are the same each time.
pub struct Random(u64);

impl Random {
    /// Begins at a number, which must not be 0.
    pub fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ seed)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}
