//! The rows of the table of limits that can be passed without a process of one's own.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use driftsiren_server::{config::Config, limits};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::client::{Client, Reply, Server};

async fn with_dataset(server: &Server) -> Client {
    let mut owner = server.set_up().await;
    let made = owner.call(Method::POST, "/orgs/acme/datasets", Some(json!({"name": "loans"}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    owner
}

async fn send(client: &mut Client, rows: impl Into<Body>) -> Reply {
    let request = Request::post("/api/v1/orgs/acme/datasets/loans/batches").header("content-type", "text/csv");
    client.send(request.body(rows.into()).expect("a sound request")).await
}

/// The refusal, and that it says when to come again.
fn passing(reply: &Reply) -> (u16, &str) {
    let after = reply.headers.get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse::<u64>().ok());
    assert!(after.is_some_and(|after| after > 0), "{}: {:?}", reply.text, reply.headers);
    (reply.status.as_u16(), reply.slug())
}

#[tokio::test]
async fn a_batch_has_so_many_rows_and_no_more() {
    let server = Server::start().await;
    let mut owner = with_dataset(&server).await;
    let n = usize::try_from(limits::READ.max_rows).expect("it fits") + 1;
    let reply = send(&mut owner, format!("a\n{}", "1\n".repeat(n))).await;
    assert_eq!((reply.status.as_u16(), reply.slug()), (422, "too-many-rows"), "{}", reply.text);
}

#[tokio::test]
async fn a_column_name_has_256_bytes_and_no_more() {
    let server = Server::start().await;
    let mut owner = with_dataset(&server).await;
    for (n, expected) in [(256, StatusCode::CREATED), (257, StatusCode::UNPROCESSABLE_ENTITY)] {
        let reply = send(&mut owner, format!("a,{}\n1,2\n", "x".repeat(n))).await;
        assert_eq!(reply.status, expected, "{n}: {}", reply.text);
    }
    let reply = send(&mut owner, format!("a,{}\n1,2\n", "ä".repeat(129))).await;
    assert_eq!(reply.slug(), "invalid-column-name", "bytes are counted: {}", reply.text);
}

#[tokio::test]
async fn a_server_with_its_hands_full_says_so() {
    let server = Server::start().await;
    let mut owner = with_dataset(&server).await;
    let n = u32::try_from(server.state.ingest_kib.available_permits()).expect("it fits");
    let taken = server.state.ingest_kib.acquire_many(n).await.expect("it is open");
    let reply = send(&mut owner, "a\n1\n").await;
    assert_eq!(passing(&reply), (503, "overloaded"));
    drop(taken);
    assert_eq!(send(&mut owner, "a\n1\n").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let server = Server::start().await;
    let mut owner = with_dataset(&server).await;
    server.state.stop.cancel();
    // What comes before the writer has heard of it is kept.
    let reply = loop {
        let reply = send(&mut owner, "a\n1\n").await;
        if reply.status != StatusCode::CREATED {
            break reply;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(passing(&reply), (503, "shutting-down"));
}

#[tokio::test]
async fn a_database_that_is_away_is_told() {
    let server = Server::start().await;
    let mut owner = with_dataset(&server).await;
    server.state.store.close().await.expect("closed");
    assert_eq!(passing(&owner.get("/orgs/acme").await), (503, "store-unavailable"));
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_nothing_in_and_shows_all() {
    // More than any disk has.
    let server = Server::set(&[("DRIFTSIREN_MIN_FREE_DISK_MIB", "1000000000")], Timestamp::now).await;
    if server.database.is_postgres() {
        return;
    }
    let mut owner = with_dataset(&server).await;
    assert_eq!(passing(&send(&mut owner, "a\n1\n").await), (507, "insufficient-storage"));
    assert_eq!(owner.get("/orgs/acme/datasets/loans/batches").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_person_asks_so_often_and_then_waits() {
    let usual = Config::from_variables(|_| None).expect("the defaults hold").api_rate;
    assert_eq!((usual.burst, usual.every.as_millis()), (600, 100), "600 a minute");
    let server = Server::set(&[("DRIFTSIREN_API_PER_MINUTE", "3")], Timestamp::now).await;
    let mut owner = server.set_up().await;
    let mut replies = Vec::new();
    for _ in 0..4 {
        replies.push(owner.get("/me").await);
    }
    assert!(replies[..3].iter().all(|reply| reply.status == StatusCode::OK), "{replies:?}");
    assert_eq!(passing(&replies[3]), (429, "rate-limited"));
    assert_eq!(replies[3].body["limit"], 3);
}

static AHEAD: AtomicI64 = AtomicI64::new(0);

fn later() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(AHEAD.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_key_lets_in_until_it_expires() {
    let server = Server::set(&[], later).await;
    let mut owner = server.set_up().await;
    let past = json!({"name": "ci", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"});
    let refused = owner.call(Method::POST, "/orgs/acme/keys", Some(past)).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/expires_at", "{}", refused.text);
    let expires_at = (Timestamp::now() + SignedDuration::from_hours(2)).to_string();
    let key = json!({"name": "ci", "scopes": ["read"], "expires_at": expires_at});
    let made = owner.call(Method::POST, "/orgs/acme/keys", Some(key)).await;
    let mut program = server.client();
    program.key = made.body["secret"].as_str().map(str::to_owned);
    for (hours, expected) in [(0, 200), (1, 200), (3, 401)] {
        AHEAD.store(hours, Ordering::Relaxed);
        let reply = program.get("/orgs/acme/datasets").await;
        assert_eq!(reply.status.as_u16(), expected, "after {hours} hours: {}", reply.text);
    }
    let log = owner.get("/orgs/acme/audit").await.text;
    assert!(log.contains("\"target\":\"expired\""), "{log}");
}
