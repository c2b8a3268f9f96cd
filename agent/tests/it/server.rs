//! The real server in this process: its router on a port of its own, with SQLite in a temporary folder.
//!
//! Everything that a server of ours answers is tested against this one. Only what it cannot be made to do (break off,
//! be busy, redirect, answer nonsense) is left to [`crate::fake`].

use std::future::pending;
use std::io::Cursor;

use driftsiren_server::config::{Config, Layers};
use driftsiren_server::{listen, open, router};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use ureq::http::{Method, Request};
use ureq::{Agent, SendBody};

use crate::world::{Ran, World};

const PASSWORD: &str = "correct horse battery";

/// A server whose first owner has made the org `acme`, and a key to it with every scope.
pub struct Server {
    pub url: String,
    /// A key that may do everything.
    pub key: String,
    cookie: String,
    agent: Agent,
    _runtime: Runtime,
    _folder: TempDir,
}

impl Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let url = runtime.block_on(serve(&folder));
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        let (key, cookie) = (String::new(), String::new());
        let mut server = Self { url, key, cookie, agent, _runtime: runtime, _folder: folder };
        let owner = json!({"email": "ada@example.org", "name": "Ada", "password": PASSWORD, "org_name": "Acme"});
        server.cookie = server.send(Method::POST, "/setup", "application/json", owner.to_string().into_bytes()).1;
        server.key = server.key(&["ingest", "read", "manage"]);
        server
    }

    /// A server with the dataset `loans`.
    pub fn with_loans() -> Self {
        let server = Self::start();
        server.call(Method::POST, "/orgs/acme/datasets", &json!({"name": "loans"}));
        server
    }

    /// A new key of these scopes.
    pub fn key(&self, scopes: &[&str]) -> String {
        let made = self.call(Method::POST, "/orgs/acme/keys", &json!({"name": scopes.join("-"), "scopes": scopes}));
        made["secret"].as_str().unwrap().to_owned()
    }

    /// What the owner asks and is answered; a refusal ends the test.
    #[track_caller]
    pub fn call(&self, method: Method, path: &str, body: &Value) -> Value {
        self.send(method, path, "application/json", body.to_string().into_bytes()).0
    }

    /// The same with a file for a body.
    #[track_caller]
    pub fn upload(&self, path: &str, content: &str) -> Value {
        self.send(Method::POST, path, "application/octet-stream", content.as_bytes().to_vec()).0
    }

    /// What the owner sees at an address of the API.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, "", Vec::new()).0
    }

    /// The batches of `loans`, newest first.
    #[track_caller]
    pub fn batches(&self) -> Vec<Value> {
        self.get("/orgs/acme/datasets/loans/batches?limit=200")["data"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn send(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> (Value, String) {
        let mut request = Request::builder().method(method).uri(format!("{}/api/v1{path}", self.url));
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind).header("content-length", body.len().to_string());
        }
        let body = if kind.is_empty() { SendBody::none() } else { SendBody::from_owned_reader(Cursor::new(body)) };
        let request = request.body(body).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let cookie = response.headers().get("set-cookie").map_or("", |cookie| cookie.to_str().unwrap());
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let (status, text) = (response.status(), response.body_mut().read_to_string().unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        (serde_json::from_str(&text).unwrap_or_default(), cookie)
    }

    /// The binary, with the key that may do everything.
    pub fn run(&self, world: &World, arguments: &[&str]) -> Ran {
        self.run_as(&self.key, world, arguments)
    }

    /// The binary, with another key.
    pub fn run_as(&self, key: &str, world: &World, arguments: &[&str]) -> Ran {
        world.run_with(&[("DRIFTSIREN_URL", &self.url), ("DRIFTSIREN_API_KEY", key)], arguments)
    }
}

/// Listens in the background and gives the address.
async fn serve(folder: &TempDir) -> String {
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let settings = Layers::default().with_variables(|name| match name {
        "DRIFTSIREN_DATABASE_URL" => Some(database.clone()),
        "DRIFTSIREN_MIN_FREE_DISK_MIB" => Some("0".to_owned()),
        "DRIFTSIREN_API_PER_MINUTE" | "DRIFTSIREN_INGEST_PER_MINUTE" => Some("60000".to_owned()),
        _ => None,
    });
    let state = open(Config::of(&settings.resolve()).unwrap()).await.unwrap();
    let router = router(&state).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { listen::serve(listener, router, Default::default(), pending()).await });
    url
}
