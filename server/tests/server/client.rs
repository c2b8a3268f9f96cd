//! A browser or a program, as far as the server can tell.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use driftsiren_server::{config::Config, open, router};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::database::TestDatabase;

pub struct Server {
    pub router: Router,
    pub database: Arc<TestDatabase>,
}

impl Server {
    pub async fn start() -> Self {
        let database = TestDatabase::new().await;
        let config = Config::from_variables(|name| match name {
            "DRIFTSIREN_DATABASE_URL" => Some(database.url().to_owned()),
            _ => None,
        });
        let state = open(config.expect("the settings are sound")).await.expect("a database that can be used");
        let database = Arc::new(database);
        // The database lives as long as the router.
        let router = router(&state).expect("nothing is read from a folder").layer(Extension(database.clone()));
        Self { router, database }
    }

    pub fn client(&self) -> Client {
        Client { router: self.router.clone(), cookie: None, key: None }
    }

    /// A client that is logged in as the owner of the org `acme`.
    pub async fn with_owner() -> (Self, Client) {
        let server = Self::start().await;
        let mut owner = server.client();
        let body = json!({"email": "ada@example.org", "name": "Ada", "password": PASSWORD, "org_name": "Acme"});
        let reply = owner.call(Method::POST, "/setup", Some(body)).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        (server, owner)
    }
}

pub const PASSWORD: &str = "correct horse battery";

#[derive(Clone)]
pub struct Client {
    router: Router,
    pub cookie: Option<String>,
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
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.parse().expect("a cookie"));
        }
        if let Some(key) = &self.key {
            headers.insert(header::AUTHORIZATION, format!("Bearer {key}").parse().expect("a key"));
        }
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("ASCII").split(';').next().expect("a first part");
            self.cookie = Some(cookie.to_owned()).filter(|cookie| !cookie.ends_with('='));
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
