//! What has passed its time is refused, and let go.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use driftsiren_server::{
    housekeeping::{Swept, sweep},
    store::{OrgScope, Store, batches, datasets, expiry, id::OrgId},
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::client::{Client, Reply, Server};

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn noon() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().expect("a time")
}

async fn create(owner: &mut Client, body: Value) -> Reply {
    owner.call(Method::POST, "/orgs/acme/datasets", Some(body)).await
}

async fn patch(owner: &mut Client, at: &str, patch: Value) -> Reply {
    let etag = owner.get(at).await.headers[header::ETAG].to_str().expect("ASCII").to_owned();
    owner.call_with(Method::PATCH, at, Some(patch), &[("if-match", &etag)]).await
}

async fn send(owner: &mut Client, dataset: &str, key: &str, rows: &str) -> Reply {
    let request = Request::post(format!("/api/v1/orgs/acme/datasets/{dataset}/batches"))
        .header("content-type", "text/csv")
        .header("idempotency-key", key)
        .body(Body::from(rows.to_owned()));
    owner.send(request.expect("a sound request")).await
}

async fn org(server: &Server, owner: &mut Client, slug: &str) -> OrgScope {
    let id = owner.get(&format!("/orgs/{slug}")).await.body["id"].as_str().expect("an id").parse::<OrgId>();
    server.state.store.org(id.expect("an id"))
}

async fn n_kept(org: &OrgScope, name: &str) -> (usize, usize) {
    let dataset = datasets::get(org, name).await.expect("a dataset").id;
    let kept = batches::page(org, dataset, None, 99).await.expect("an answer").len();
    let slots = batches::slot_profiles(org, dataset, Timestamp::MIN, Timestamp::MAX).await.expect("an answer");
    (kept, slots.len())
}

async fn sweep_at(store: &Store, now: Timestamp) -> Swept {
    sweep(store, now, &CancellationToken::new()).await.expect("swept")
}

#[tokio::test]
async fn a_dataset_takes_rows_for_as_long_as_it_keeps_them() {
    let server = Server::set(&[], noon).await;
    let mut owner = server.set_up().await;
    let usual = create(&mut owner, json!({"name": "usual"})).await;
    assert_eq!(usual.body["retention_days"], 90, "{}", usual.text);
    let made = create(&mut owner, json!({"name": "loans", "time_column": "at", "retention_days": 30})).await;
    assert_eq!((made.status, &made.body["retention_days"]), (StatusCode::CREATED, &json!(30)), "{}", made.text);
    let row = |age| format!("at,x\n{},1\n", noon() - days(age));
    assert_eq!(send(&mut owner, "loans", "29", &row(29)).await.status, StatusCode::CREATED);
    let old = send(&mut owner, "loans", "31", &row(31)).await;
    assert_eq!(old.slug(), "timestamp-too-old");
    assert!(old.text.contains("older than the 30 days"), "{}", old.text);

    let at = "/orgs/acme/datasets/loans";
    let changed = patch(&mut owner, at, json!({"retention_days": 120})).await;
    assert_eq!((changed.status, &changed.body["retention_days"]), (StatusCode::OK, &json!(120)), "{}", changed.text);
    assert_eq!(owner.get(at).await.body["retention_days"], 120);
    assert_eq!(send(&mut owner, "loans", "31", &row(31)).await.status, StatusCode::CREATED);
    let log = owner.get("/orgs/acme/audit").await.text;
    assert!(log.contains("dataset.change"), "{log}");
    let page = owner.page(at).await.text;
    assert!(page.contains("120 days") && page.contains("name=\"retention_days#\""), "{page}");
    let list = owner.page("/orgs/acme").await.text;
    assert!(list.contains("retention 120 days") && list.contains("retention 90 days"), "{list}");
}

#[rstest]
#[case::none(json!(0))]
#[case::more_than_ten_years(json!(3651))]
#[case::negative(json!(-1))]
#[case::text(json!("30"))]
#[tokio::test]
async fn a_retention_has_its_bounds(#[case] wrong: Value) {
    let (_server, mut owner) = Server::with_owner().await;
    let refused = create(&mut owner, json!({"name": "loans", "retention_days": wrong})).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/retention_days", "{}", refused.text);
    for (name, most) in [("short", 1), ("long", 3650)] {
        let made = create(&mut owner, json!({"name": name, "retention_days": most})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    }
    let refused = patch(&mut owner, "/orgs/acme/datasets/long", json!({"retention_days": wrong})).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/retention_days", "{}", refused.text);
}

static DAY: AtomicI64 = AtomicI64::new(0);

fn of_day() -> Timestamp {
    noon() + days(DAY.load(Ordering::Relaxed))
}

#[tokio::test]
async fn what_is_older_than_its_dataset_keeps_it_is_deleted_and_its_key_forgotten() {
    let server = Server::set(&[], of_day).await;
    let mut owner = server.set_up().await;
    let (mut program, _) = server.program(&mut owner, &["ingest"]).await;
    for (name, kept) in [("short", 30), ("long", 90)] {
        let made = create(&mut owner, json!({"name": name, "retention_days": kept})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!(send(&mut program, name, "first", "x\n1\n").await.status, StatusCode::CREATED);
    }
    let acme = org(&server, &mut owner, "acme").await;
    let store = &server.state.store;
    let first = send(&mut program, "short", "first", "x\n1\n").await.body;
    let in_time = sweep_at(store, noon() + days(30)).await;
    assert_eq!((in_time.n_batches, in_time.n_slot_profiles), (0, 0), "{in_time:?}");

    // Its batch is older than that now. Its slot goes when none of its rows can be younger.
    let swept = sweep_at(store, noon() + days(30) + SignedDuration::from_secs(1)).await;
    assert_eq!((swept.n_batches, swept.n_slot_profiles), (1, 0), "{swept:?}");
    assert_eq!(n_kept(&acme, "short").await, (0, 1));
    DAY.store(32, Ordering::Relaxed);
    let again = send(&mut program, "short", "first", "x\n1\n").await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
    assert_ne!(again.body["batch_id"], first["batch_id"], "the key went with its batch");
    let swept = sweep_at(store, of_day()).await;
    assert_eq!((swept.n_batches, swept.n_slot_profiles), (0, 1), "{swept:?}");
    assert_eq!(n_kept(&acme, "short").await, (1, 1), "what came later stays");
    assert_eq!(n_kept(&acme, "long").await, (1, 1), "the other keeps it for longer");
}

#[tokio::test]
async fn every_org_is_swept_by_its_own_retention() {
    let (server, mut ada) = Server::with_owner().await;
    let mut eve = server.invited(&mut ada, "eve", "viewer").await;
    let made = eve.call(Method::POST, "/orgs", Some(json!({"name": "Other"}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    for (client, slug, kept) in [(&mut ada, "acme", 10), (&mut eve, "other", 20)] {
        let body = json!({"name": "loans", "retention_days": kept});
        let made = client.call(Method::POST, &format!("/orgs/{slug}/datasets"), Some(body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let request = Request::post(format!("/api/v1/orgs/{slug}/datasets/loans/batches")).body(Body::from("x\n1\n"));
        let sent = client.send(request.expect("a sound request")).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    }
    let (acme, other) = (org(&server, &mut ada, "acme").await, org(&server, &mut eve, "other").await);
    let swept = sweep_at(&server.state.store, Timestamp::now() + days(12)).await;
    assert_eq!((swept.n_batches, swept.n_slot_profiles), (1, 1), "{swept:?}");
    assert_eq!((n_kept(&acme, "loans").await, n_kept(&other, "loans").await), ((0, 0), (1, 1)));
}

#[tokio::test]
async fn sessions_invites_and_events_go_when_they_are_of_no_use() {
    let (server, mut owner) = Server::with_owner().await;
    let body = json!({"email": "bob@example.org", "role": "viewer"});
    let invited = owner.call(Method::POST, "/orgs/acme/invites", Some(body)).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.text);
    create(&mut owner, json!({"name": "loans"})).await;
    assert_eq!(send(&mut owner, "loans", "first", "x\n1\n").await.status, StatusCode::CREATED);
    let store = &server.state.store;
    let now = Timestamp::now();
    assert_eq!(sweep_at(store, now + days(6)).await, Swept::default());
    let swept = sweep_at(store, now + days(8)).await;
    assert_eq!(swept, Swept { n_events: 1, n_sessions: 1, ..Swept::default() }, "idle for 12 hours, over for a week");
    assert_eq!(owner.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sweep_at(store, now + days(13)).await, Swept::default());
    assert_eq!(sweep_at(store, now + days(15)).await, Swept { n_invites: 1, ..Swept::default() });
}

#[tokio::test]
async fn much_is_deleted_in_small_steps() {
    let (server, mut owner) = Server::with_owner().await;
    create(&mut owner, json!({"name": "loans"})).await;
    for key in ["1", "2", "3"] {
        assert_eq!(send(&mut owner, "loans", key, "x\n1\n").await.status, StatusCode::CREATED);
    }
    let acme = org(&server, &mut owner, "acme").await;
    let dataset = datasets::get(&acme, "loans").await.expect("a dataset").id;
    let later = Timestamp::now() + days(1);
    for expected in [2, 1, 0] {
        assert_eq!(expiry::batches(&acme, dataset, later, 2).await.expect("deleted"), expected);
    }
    for expected in [2, 1, 0] {
        assert_eq!(expiry::slot_profiles(&acme, dataset, later, 2).await.expect("deleted"), expected);
    }
    for expected in [2, 1, 0] {
        assert_eq!(expiry::events(&acme, later, 2).await.expect("deleted"), expected);
    }
}

static STARTED_ON: AtomicI64 = AtomicI64::new(0);

#[tokio::test]
async fn a_server_sweeps_when_it_starts_and_ends_when_it_is_told() {
    let server = Server::set(&[], || noon() + days(STARTED_ON.load(Ordering::Relaxed))).await;
    let mut owner = server.set_up().await;
    create(&mut owner, json!({"name": "loans"})).await;
    assert_eq!(send(&mut owner, "loans", "first", "x\n1\n").await.status, StatusCode::CREATED);
    let acme = org(&server, &mut owner, "acme").await;
    STARTED_ON.store(92, Ordering::Relaxed);
    server.state.expire();
    while n_kept(&acme, "loans").await != (0, 0) {
        tokio::task::yield_now().await;
    }
    // It would sleep for an hour.
    server.state.finish().await.expect("ended");
}
