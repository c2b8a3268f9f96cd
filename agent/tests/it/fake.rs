//! A stand-in for what the real server cannot be made to do (see [`crate::server`]): be busy, be gone, redirect, answer
//! nonsense, be overtaken by another client; it answers as a test says, and remembers what came over the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde_json::{Value, json};

use crate::world::{Ran, World};

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path, such as `GET /me`, without what all have in common.
    pub what: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One answer.
pub struct Answer {
    status: u16,
    headers: String,
    body: String,
}

impl Answer {
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, headers: String::new(), body: body.to_string() }
    }

    pub fn text(status: u16, body: &str) -> Self {
        Self { status, headers: String::new(), body: body.to_owned() }
    }

    /// A refusal as the server words it.
    pub fn problem(status: u16) -> Self {
        let problem = json!({"type": "/problems/x", "title": format!("title of {status}"), "status": status,
            "detail": "the detail", "request_id": "r-1"});
        Self::json(status, problem)
    }

    pub fn receipt() -> Self {
        let receipt = json!({"batch_id": "b-1", "dataset": "loans", "received_at": "", "body_hash": "",
            "n_rows_accepted": 300, "n_rows_rejected": 0, "findings": [], "slots": [], "schema_changes": [],
            "late": false});
        Self::json(201, receipt)
    }

    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }
}

/// The server; it ends with the test's process.
pub struct Fake {
    pub url: String,
    asked: Receiver<Asked>,
}

impl Fake {
    /// Says that the key belongs to the org `acme`, and answers everything else as `answer` says; that is told how many
    /// requests there were of the same method and path before.
    pub fn start(answer: impl Fn(&Asked, usize) -> Answer + Send + 'static) -> Self {
        Self::answering(move |asked, n_before| if asked.what == "GET /me" { me() } else { answer(asked, n_before) })
    }

    /// Refuses everything, even to say who the key belongs to.
    pub fn refusing(status: u16) -> Self {
        Self::answering(move |_, _| Answer::problem(status))
    }

    fn answering(answer: impl Fn(&Asked, usize) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (send, asked) = channel();
        thread::spawn(move || serve(&listener, &answer, &send));
        Self { url, asked }
    }

    /// An address at which nothing listens.
    pub fn gone() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    /// What was asked until now, in order, without the question who the key belongs to.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.try_iter().filter(|asked| asked.what != "GET /me").collect()
    }

    /// The same, in words.
    pub fn words(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.what).collect()
    }

    /// Fails when anything was asked, even who the key belongs to.
    #[track_caller]
    pub fn has_heard_nothing(&self) {
        assert!(self.asked.try_recv().is_err(), "nothing was to be sent");
    }

    /// Waits for a request, whatever it is.
    pub fn wait(&self) {
        self.asked.recv().unwrap();
    }

    /// The binary, with a key to this server.
    pub fn run(&self, world: &World, arguments: &[&str]) -> Ran {
        run_at(&self.url, world, arguments)
    }
}

/// The binary, with a key to the server at `url`.
pub fn run_at(url: &str, world: &World, arguments: &[&str]) -> Ran {
    world.run_with(&[("DRIFTSIREN_URL", url), ("DRIFTSIREN_API_KEY", "ds_key")], arguments)
}

fn serve(listener: &TcpListener, answer: &impl Fn(&Asked, usize) -> Answer, asked: &Sender<Asked>) {
    let mut before: Vec<String> = Vec::new();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let Some(request) = read(&stream) else { continue };
        let n_before = before.iter().filter(|what| **what == request.what).count();
        before.push(request.what.clone());
        let Answer { status, headers, body } = answer(&request, n_before);
        // The test may be over.
        let _ = asked.send(request);
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}");
        let _ = stream.write_all(head.as_bytes());
    }
}

fn me() -> Answer {
    let org = json!({"id": "o-1", "slug": "acme", "name": "Acme", "role": null, "created_at": "", "version": 1});
    Answer::json(200, json!({"account": null, "key": "nightly", "scopes": ["ingest"], "orgs": [org]}))
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let what = lines.remove(0).replace(" HTTP/1.1", "").replace(" /api/v1", " ");
    let named = |line: String| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers = lines.into_iter().filter_map(named).collect();
    let mut asked = Asked { what, headers, body: Vec::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    if asked.header("expect").is_some() {
        (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    reader.take(length).read_to_end(&mut asked.body).ok()?;
    Some(asked)
}
