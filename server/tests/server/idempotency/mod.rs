//! Changes are made once for each key.

mod broken;
mod routes;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering},
};

use crate::client::{Client, PASSWORD, Reply, Server};

const DATASETS: &str = "/orgs/acme/datasets";
const LOANS: &str = "/orgs/acme/datasets/loans";

/// Calls the API under a key.
async fn keyed(client: &mut Client, key: &str, method: Method, path: &str, body: Option<Value>) -> Reply {
    client.call_with(method, path, body, &[("idempotency-key", key), ("if-match", "\"1\"")]).await
}

async fn n_lines(owner: &mut Client, action: &str) -> usize {
    let log = owner.get("/orgs/acme/audit?limit=200").await.body;
    log["data"].as_array().expect("a list").iter().filter(|line| line["action"] == action).count()
}

async fn names(client: &mut Client, path: &str) -> Vec<String> {
    let list = client.get(&format!("{path}?limit=200")).await.body;
    let name = |thing: &Value| thing["name"].as_str().expect("a name").to_owned();
    list["data"].as_array().expect("a list").iter().map(name).collect()
}

/// What a client keeps of an answer.
fn told(reply: &Reply) -> (StatusCode, String, Vec<Option<String>>) {
    let header = |name| reply.headers.get(name).map(|value: &header::HeaderValue| format!("{value:?}"));
    (reply.status, reply.text.clone(), vec![header(header::ETAG), header(header::CONTENT_TYPE)])
}

#[tokio::test]
async fn a_request_that_comes_again_does_nothing_and_gets_the_same_answer() {
    let (_server, mut owner) = Server::with_owner().await;
    let calls = [
        ("1", Method::POST, DATASETS, Some(json!({"name": "loans"}))),
        ("2", Method::PATCH, LOANS, Some(json!({"retention_days": 30}))),
        ("3", Method::DELETE, LOANS, None),
    ];
    for (key, method, path, body) in calls {
        let first = keyed(&mut owner, key, method.clone(), path, body.clone()).await;
        assert!(first.status.is_success(), "{path}: {}", first.text);
        let again = keyed(&mut owner, key, method.clone(), path, body.clone()).await;
        assert_eq!(told(&again), told(&first), "{method} {path}");
        assert_eq!(told(&keyed(&mut owner, key, method, path, body).await), told(&first), "and once more");
    }
    for action in ["dataset.create", "dataset.change", "dataset.remove"] {
        assert_eq!(n_lines(&mut owner, action).await, 1, "{action}");
    }
    assert_eq!(names(&mut owner, DATASETS).await, [""; 0]);
}

#[rstest]
#[case::method(Method::PATCH, LOANS, json!({"name": "loans"}))]
#[case::path(Method::POST, "/orgs", json!({"name": "loans"}))]
#[case::query(Method::POST, "/orgs/acme/datasets?x=1", json!({"name": "loans"}))]
#[case::body(Method::POST, DATASETS, json!({"name": "other"}))]
#[case::no_body(Method::POST, DATASETS, Value::Null)]
#[tokio::test]
async fn a_key_stands_for_one_request(#[case] method: Method, #[case] path: &str, #[case] body: Value) {
    let (_server, mut owner) = Server::with_owner().await;
    let first = keyed(&mut owner, "k", Method::POST, DATASETS, Some(json!({"name": "loans"}))).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let body = Some(body).filter(|body| !body.is_null());
    let other = keyed(&mut owner, "k", method, path, body).await;
    assert_eq!((other.status.as_u16(), other.slug()), (422, "idempotency-mismatch"), "{}", other.text);
    assert_eq!(names(&mut owner, DATASETS).await, ["loans"]);
}

#[tokio::test]
async fn the_key_of_another_visitor_is_another_key() {
    let (server, mut owner) = Server::with_owner().await;
    let (mut program, _) = server.program(&mut owner, &["manage", "read"]).await;
    let mut member = server.invited(&mut owner, "mia", "member").await;
    for (client, name) in [(&mut owner, "a"), (&mut program, "b"), (&mut member, "c")] {
        let made = keyed(client, "k", Method::POST, DATASETS, Some(json!({"name": name}))).await;
        assert_eq!((made.status, &made.body["name"]), (StatusCode::CREATED, &json!(name)), "{}", made.text);
    }
    assert_eq!(names(&mut owner, DATASETS).await, ["a", "b", "c"]);
    let again = keyed(&mut program, "k", Method::POST, DATASETS, Some(json!({"name": "b"}))).await;
    assert_eq!(again.body["name"], "b", "{}", again.text);
}

#[tokio::test]
async fn a_refusal_leaves_the_key_free() {
    let (server, mut owner) = Server::with_owner().await;
    let mut viewer = server.invited(&mut owner, "vera", "viewer").await;
    let post = |name: &str| Some(json!({ "name": name }));
    for (body, slug) in [(post("Not A Word"), "validation"), (None, "unsupported-media-type")] {
        assert_eq!(keyed(&mut owner, "k", Method::POST, DATASETS, body).await.slug(), slug);
    }
    assert_eq!(keyed(&mut owner, "k", Method::PATCH, LOANS, Some(json!({}))).await.slug(), "not-found");
    assert_eq!(keyed(&mut viewer, "k", Method::POST, DATASETS, post("loans")).await.slug(), "forbidden");
    assert_eq!(keyed(&mut owner, "k", Method::POST, DATASETS, post("loans")).await.status, StatusCode::CREATED);
    assert_eq!(keyed(&mut owner, "l", Method::POST, DATASETS, post("loans")).await.slug(), "conflict");
    assert_eq!(keyed(&mut owner, "l", Method::POST, DATASETS, post("more")).await.status, StatusCode::CREATED);
    // Vera may do it from here on, and under the key that was refused to her.
    let at = format!("/orgs/acme/members/{}", viewer.get("/me").await.body["account"]["id"].as_str().expect("an id"));
    let changed = keyed(&mut owner, "m", Method::PATCH, &at, Some(json!({"role": "member"}))).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let login = json!({"email": "vera@example.org", "password": PASSWORD});
    viewer.call(Method::POST, "/login", Some(login)).await;
    let made = keyed(&mut viewer, "k", Method::POST, DATASETS, post("third")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
}

#[rstest]
#[case::empty("")]
#[case::a_space("a b")]
#[case::too_long(&"k".repeat(256))]
#[tokio::test]
async fn what_is_no_key_is_refused(#[case] key: &str) {
    let (server, mut owner) = Server::with_owner().await;
    let refused = keyed(&mut owner, key, Method::POST, DATASETS, Some(json!({"name": "loans"}))).await;
    assert_eq!((refused.status.as_u16(), refused.slug()), (400, "idempotency-key-invalid"), "{}", refused.text);
    assert_eq!(names(&mut owner, DATASETS).await, [""; 0]);
    let nobody = keyed(&mut server.client(), key, Method::POST, DATASETS, None).await;
    assert_eq!(nobody.slug(), "unauthenticated", "whoever is nobody has no keys");
    assert_eq!(keyed(&mut owner, key, Method::GET, DATASETS, None).await.status, StatusCode::OK, "reading needs none");
}

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_nowhere() {
    let (server, mut owner) = Server::with_owner().await;
    let key = json!({"name": "ci", "scopes": ["read"]});
    let first = keyed(&mut owner, "k", Method::POST, "/orgs/acme/keys", Some(key.clone())).await;
    let rotate = format!("/orgs/acme/keys/{}/rotate", first.body["id"].as_str().expect("an id"));
    let invite = json!({"email": "bob@example.org", "role": "viewer"});
    let rotated = keyed(&mut owner, "r", Method::POST, &rotate, None).await;
    let invited = keyed(&mut owner, "i", Method::POST, "/orgs/acme/invites", Some(invite.clone())).await;
    for (reply, name) in [(&first, "secret"), (&rotated, "secret"), (&invited, "link")] {
        assert_eq!((reply.status, reply.body[name].is_string()), (StatusCode::CREATED, true), "{}", reply.text);
    }
    let again = [
        keyed(&mut owner, "k", Method::POST, "/orgs/acme/keys", Some(key)).await,
        keyed(&mut owner, "r", Method::POST, &rotate, None).await,
        keyed(&mut owner, "i", Method::POST, "/orgs/acme/invites", Some(invite)).await,
    ];
    for reply in again {
        assert_eq!((reply.status.as_u16(), reply.slug()), (409, "idempotency-answer-gone"), "{}", reply.text);
        for word in ["this was done", "shown once", "rotate", "invite"] {
            assert!(reply.text.contains(word), "{word}: {}", reply.text);
        }
    }
    for (action, n) in [("key.create", 1), ("key.rotate", 1), ("invite.create", 1)] {
        assert_eq!(n_lines(&mut owner, action).await, n, "{action}");
    }
    let kept = broken::records(&server, &mut owner).await;
    assert_eq!(kept.len(), 3, "{kept:?}");
    for secret in [&first.body["secret"], &rotated.body["secret"], &invited.body["link"]] {
        let secret = secret.as_str().expect("a secret");
        assert!(kept.iter().all(|record| !record.contains(secret) && record.ends_with("no body")), "{kept:?}");
    }
}

#[tokio::test]
async fn what_sets_cookies_takes_no_part() {
    let (server, _owner) = Server::with_owner().await;
    let login = json!({"email": "ada@example.org", "password": PASSWORD});
    let mut cookies = BTreeSet::new();
    for _ in 0..2 {
        let mut browser = server.client();
        let reply = keyed(&mut browser, "k", Method::POST, "/login", Some(login.clone())).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        cookies.insert(browser.cookie);
    }
    assert_eq!(cookies.len(), 2, "each browser has its own session");
}

async fn upload(owner: &mut Client, key: &str, name: &str, rows: String) -> Reply {
    let request = Request::post(format!("/api/v1{LOANS}/references?name={name}")).header("idempotency-key", key);
    owner.send(request.body(Body::from(rows)).expect("a sound request")).await
}

#[tokio::test]
async fn large_bodies_are_told_apart_too() {
    let (_server, mut owner) = Server::with_owner().await;
    keyed(&mut owner, "d", Method::POST, DATASETS, Some(json!({"name": "loans"}))).await;
    let rows = |last: u32| format!("x\n{}{last}\n", "123456789\n".repeat(200_000));
    let first = upload(&mut owner, "k", "first", rows(1)).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    assert_eq!(told(&upload(&mut owner, "k", "first", rows(1)).await), told(&first));
    assert_eq!(upload(&mut owner, "k", "first", rows(2)).await.slug(), "idempotency-mismatch");
    assert_eq!(upload(&mut owner, "k", "second", rows(1)).await.slug(), "idempotency-mismatch");
    assert_eq!(names(&mut owner, &format!("{LOANS}/references")).await, ["first"]);
}

static HOURS: AtomicI64 = AtomicI64::new(0);

fn later() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(HOURS.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_key_is_new_again_after_a_day() {
    let server = Server::set(&[], later).await;
    let mut owner = server.set_up().await;
    let (mut program, _) = server.program(&mut owner, &["manage", "read"]).await;
    let post = |name: &str| Some(json!({ "name": name }));
    assert_eq!(keyed(&mut program, "k", Method::POST, DATASETS, post("a")).await.status, StatusCode::CREATED);
    HOURS.store(23, Ordering::Relaxed);
    assert_eq!(keyed(&mut program, "k", Method::POST, DATASETS, post("b")).await.slug(), "idempotency-mismatch");
    HOURS.store(25, Ordering::Relaxed);
    assert_eq!(keyed(&mut program, "k", Method::POST, DATASETS, post("b")).await.status, StatusCode::CREATED);
    assert_eq!(keyed(&mut program, "k", Method::POST, DATASETS, post("b")).await.body["name"], "b");
}

/// A new org is made by each request, so it can be seen how often one was.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_requests_that_come_at_once_one_does_it() {
    let (server, mut owner) = Server::with_owner().await;
    // Another server on the same database, where there can be one.
    let other = match server.database.is_postgres() {
        true => Server::on(server.database.clone()).await,
        false => server.again(),
    };
    let ask = |n: usize| {
        let mut client = [&server, &other][n % 2].client();
        client.cookie.clone_from(&owner.cookie);
        tokio::spawn(
            async move { keyed(&mut client, "k", Method::POST, "/orgs", Some(json!({"name": "Other"}))).await },
        )
    };
    let mut answers = BTreeSet::new();
    for task in (0..16).map(ask).collect::<Vec<_>>() {
        let reply = task.await.expect("no panic");
        match reply.status {
            StatusCode::CREATED => drop(answers.insert(reply.text)),
            status => assert_eq!((status.as_u16(), reply.slug()), (409, "idempotency-in-progress"), "{}", reply.text),
        }
    }
    let again = keyed(&mut owner, "k", Method::POST, "/orgs", Some(json!({"name": "Other"}))).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
    assert!(answers.iter().all(|answer| *answer == again.text), "{answers:?} {}", again.text);
    assert_eq!(names(&mut owner, "/orgs").await, ["Acme", "Other"]);
}
