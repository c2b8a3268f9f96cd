//! A browser or a program, as far as the server can tell.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use driftsiren_server::{config::Config, open, router, state::AppState};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::database::TestDatabase;

pub struct Server {
    pub router: Router,
    pub state: AppState,
    pub database: Arc<TestDatabase>,
}

impl Server {
    pub async fn start() -> Self {
        Self::on(Arc::new(TestDatabase::new().await)).await
    }

    /// The same server once more.
    pub fn again(&self) -> Self {
        Self { router: self.router.clone(), state: self.state.clone(), database: self.database.clone() }
    }

    /// A server on a database, which PostgreSQL lets several have.
    pub async fn on(database: Arc<TestDatabase>) -> Self {
        let state = open(config(&database, &[])).await.expect("a database that can be used");
        Self::of(state, database)
    }

    /// A server with other settings, or with another idea of the time.
    pub async fn set(settings: &[(&str, &str)], clock: fn() -> Timestamp) -> Self {
        let database = Arc::new(TestDatabase::new().await);
        let config = config(&database, settings);
        Self::of(AppState::new(config, database.open().await, clock), database)
    }

    fn of(state: AppState, database: Arc<TestDatabase>) -> Self {
        // The database lives as long as the router.
        let router = router(&state).expect("nothing is read from a folder").layer(Extension(database.clone()));
        Self { router, state, database }
    }

    pub fn client(&self) -> Client {
        Client { router: self.router.clone(), cookie: None, flash: None, key: None }
    }

    /// A client that is logged in as the owner of the org `acme`.
    pub async fn with_owner() -> (Self, Client) {
        let server = Self::start().await;
        let owner = server.set_up().await;
        (server, owner)
    }

    /// The owner of the org `acme`, on a server that is new.
    pub async fn set_up(&self) -> Client {
        let mut owner = self.client();
        let body = json!({"email": "ada@example.org", "name": "Ada", "password": PASSWORD, "org_name": "Acme"});
        let reply = owner.call(Method::POST, "/setup", Some(body)).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        owner
    }

    /// Somebody invited into `acme`.
    pub async fn invited(&self, owner: &mut Client, name: &str, role: &str) -> Client {
        let body = json!({"email": format!("{name}@example.org"), "role": role});
        let made = owner.call(Method::POST, "/orgs/acme/invites", Some(body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let link = made.body["link"].as_str().expect("a link");
        let (_, token) = link.split_once("token=").expect("a secret");
        let mut guest = self.client();
        let body = json!({"token": token, "name": name, "password": PASSWORD});
        let reply = guest.call(Method::POST, "/invites/accept", Some(body)).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
        guest
    }

    /// A program with a key of `acme`, and the key's id.
    pub async fn program(&self, owner: &mut Client, scopes: &[&str]) -> (Client, String) {
        let body = json!({"name": "ci", "scopes": scopes});
        let made = owner.call(Method::POST, "/orgs/acme/keys", Some(body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let mut program = self.client();
        program.key = made.body["secret"].as_str().map(str::to_owned);
        (program, made.body["id"].as_str().expect("an id").to_owned())
    }
}

fn config(database: &TestDatabase, settings: &[(&str, &str)]) -> Config {
    let config = Config::from_variables(|name| match name {
        "DRIFTSIREN_DATABASE_URL" => Some(database.url().to_owned()),
        other => settings.iter().find(|(name, _)| *name == other).map(|(_, value)| (*value).to_owned()),
    });
    config.expect("the settings are sound")
}

pub const PASSWORD: &str = "correct horse battery";

#[derive(Clone)]
pub struct Client {
    router: Router,
    pub cookie: Option<String>,
    /// What the next page says of the last form.
    pub flash: Option<String>,
    pub key: Option<String>,
}

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Reply {
    /// The last word of a problem's type.
    pub fn slug(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/")
    }
}

impl Client {
    /// Puts something between this client and the server.
    pub fn wrap(&mut self, layer: impl FnOnce(Router) -> Router) {
        self.router = layer(self.router.clone());
    }

    /// Calls the API with a JSON body.
    pub async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Reply {
        self.call_with(method, path, body, &[]).await
    }

    pub async fn call_with(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).expect("a sound request")).await
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    /// Opens a page.
    pub async fn page(&mut self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).expect("a sound request")).await
    }

    /// Sends a page's form.
    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let escape = |text: &str| {
            text.bytes().fold(String::new(), |text, byte| match byte.is_ascii_alphanumeric() {
                true => text + &char::from(byte).to_string(),
                false => text + &format!("%{byte:02X}"),
            })
        };
        let body = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.collect::<Vec<_>>().join("&")));
        self.send(request.expect("a sound request")).await
    }

    pub async fn send(&mut self, mut request: Request<Body>) -> Reply {
        let headers = request.headers_mut();
        for cookie in [&self.cookie, &self.flash].into_iter().flatten() {
            headers.append(header::COOKIE, cookie.parse().expect("a cookie"));
        }
        if let Some(key) = &self.key {
            headers.insert(header::AUTHORIZATION, format!("Bearer {key}").parse().expect("a key"));
        }
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let set = response.headers().get_all(header::SET_COOKIE).iter();
        let set = set.map(|cookie| cookie.to_str().expect("ASCII").split(';').next().expect("a first part"));
        let (flash, others): (Vec<_>, Vec<_>) = set.partition(|cookie| cookie.contains("driftsiren-flash="));
        let kept = |cookie: &&str| Some((*cookie).to_owned()).filter(|cookie| !cookie.ends_with('='));
        if let Some(cookie) = flash.first() {
            self.flash = kept(cookie);
        }
        if let Some(cookie) = others.first() {
            self.cookie = kept(cookie);
        }
        reply(response).await
    }
}

async fn reply(response: Response<Body>) -> Reply {
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a whole body").to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status: head.status, headers: head.headers, text, body }
}
