//! Whoever sends slowly keeps nobody else from being read.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode},
};
use futures_util::StreamExt;
use serde_json::json;

use crate::client::{Client, Reply, Server};

const BATCHES: &str = "/api/v1/orgs/acme/datasets/loans/batches";
const LONG_ENOUGH: Duration = Duration::from_secs(60);

async fn with_dataset(more: serde_json::Value) -> (Server, Client) {
    let (server, mut owner) = Server::with_owner().await;
    let mut body = json!({"name": "loans"});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let made = owner.call(Method::POST, "/orgs/acme/datasets", Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    (server, owner)
}

fn csv(n_bytes: usize) -> String {
    format!("a,b\n{}", "1,some text of a few words\n".repeat(n_bytes / 26))
}

/// A body that stops after its first bytes and never ends.
fn stuck(first: String) -> Body {
    let first = futures_util::stream::once(async { Ok::<_, std::io::Error>(Bytes::from(first)) });
    Body::from_stream(first.chain(futures_util::stream::pending()))
}

#[tokio::test]
async fn senders_that_are_stuck_hold_no_reader() {
    let (_server, mut owner) = with_dataset(json!({})).await;
    let n_stuck = 4 * std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    for _ in 0..n_stuck {
        let mut owner = owner.clone();
        tokio::spawn(async move {
            let request = Request::post(BATCHES).header("content-type", "text/csv").body(stuck(csv(3 << 20)));
            owner.send(request.expect("sound")).await;
        });
    }
    let body = csv(2 << 20);
    let request = Request::post(BATCHES).header("content-length", body.len()).body(Body::from(body)).expect("sound");
    let reply = tokio::time::timeout(LONG_ENOUGH, owner.send(request)).await.expect("nobody is in the way");
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
}

#[tokio::test]
async fn a_form_that_is_stuck_holds_no_comparison() {
    let (_server, mut owner) = with_dataset(json!({})).await;
    let part = |name: &str, text: &str| {
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"f.csv\"\r\n\r\n{text}\r\n")
    };
    let form = |body: Body| {
        let request = Request::post("/api/v1/check").header("content-type", "multipart/form-data; boundary=x");
        request.body(body).expect("sound")
    };
    let (text, sound) = (csv(2_000), csv(3_000));
    for _ in 0..3 {
        let (mut owner, request) = (owner.clone(), form(stuck(part("reference", &text))));
        tokio::spawn(async move { owner.send(request).await });
    }
    let whole = format!("{}{}--x--\r\n", part("reference", &text), part("current", &sound));
    let reply = tokio::time::timeout(LONG_ENOUGH, owner.send(form(Body::from(whole)))).await;
    let reply = reply.expect("nobody is in the way");
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn profiles_are_taken_when_they_can_be_merged_and_placed() {
    let (_server, mut owner) = with_dataset(json!({"time_column": "at"})).await;
    let send = async |owner: &mut Client, route: &str, profile: &drift::profile::Profile| -> Reply {
        let path = format!("/api/v1/orgs/acme/datasets/loans/{route}");
        owner.send(Request::post(path).body(Body::from(profile.encode())).expect("sound")).await
    };
    let text = b"a,b\n1,x\n2,y\n";
    let options = driftsiren_server::ingest::options("rows.csv");
    let profile = drift::read::profile_bytes("rows.csv", text, &options).expect("readable");
    let at = jiff::Timestamp::now();
    for route in ["profiles", "batches"] {
        let reply = send(&mut owner, route, &profile).await;
        assert_eq!((reply.slug(), &reply.body["errors"][0]["pointer"]), ("validation", &json!("/at")), "{route}");
        let reply = send(&mut owner, &format!("{route}?at={at}"), &profile).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{route}: {}", reply.body);
        let mut strict = options.clone();
        strict.strict = true;
        let other = drift::read::profile_bytes("rows.csv", text, &strict).expect("readable");
        let reply = send(&mut owner, &format!("{route}?at={at}"), &other).await;
        assert_eq!(reply.slug(), "malformed-profile", "{route}: {}", reply.body);
    }
}
