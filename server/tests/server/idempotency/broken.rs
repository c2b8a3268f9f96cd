//! What breaks on the way: a server that dies, a client that goes away, a request that comes to life too late.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, header},
};
use driftsiren_server::{
    access::idempotency::{BodyHash, VisitorKey, request_hash},
    limits,
    store::{
        StoreError,
        audit::{Deed, Outcome},
        datasets::{self, Dataset, NewDataset},
        idempotency::{self, Claim, Claimed},
    },
};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use uuid::Uuid;

use super::{DATASETS, keyed, n_lines, names};
use crate::client::{Client, Server};

async fn account(client: &mut Client) -> Uuid {
    client.get("/me").await.body["account"]["id"].as_str().expect("an id").parse().expect("an id")
}

/// The records of a person, as text.
pub async fn records(server: &Server, person: &mut Client) -> Vec<String> {
    let visitor = account(person).await;
    let connection = server.database.connect().await;
    if server.database.is_postgres() {
        let whom = format!("select set_config('app.visitor', '{visitor}', false)");
        connection.execute_unprepared(&whom).await.expect("sound SQL");
    }
    let text = if server.database.is_postgres() { "convert_from(body, 'UTF8')" } else { "cast(body as text)" };
    let sql = format!(
        "select coalesce(headers, 'no headers') || ' ' || coalesce(cast(status as text), 'no status') || ' ' || \
         coalesce({text}, 'no body') from idempotency_record"
    );
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    rows.expect("sound SQL").iter().map(|row| row.try_get_by_index(0).expect("text")).collect()
}

/// Claims the key `k` for the request that makes the dataset `loans`.
async fn claim(server: &Server, owner: &mut Client, at: Timestamp) -> Claim {
    let (key, body) = (VisitorKey::new(account(owner).await, "k"), BodyHash::default());
    body.add(json!({"name": "loans"}).to_string().as_bytes());
    body.end();
    let request = request_hash("POST", &format!("/api/v1{DATASETS}"));
    match idempotency::claim(&server.state.store, key, request, body, at).await.expect("an answer") {
        Claimed::Mine(claim) => claim,
        Claimed::Before(record) => panic!("the key was used: {record:?}"),
    }
}

/// Makes the dataset `loans`, as its request would.
async fn create(server: &Server, owner: &mut Client, claim: Claim, at: Timestamp) -> Result<Dataset, StoreError> {
    let id = owner.get("/orgs/acme").await.body["id"].as_str().expect("an id").parse::<Uuid>().expect("an id");
    let scope = server.state.store.org(id.into());
    let (name, time_zone) = ("loans".to_owned(), "UTC".to_owned());
    let new = NewDataset { name, time_column: None, slot_seconds: 3600, time_zone, retention_days: 90 };
    let (actor, actor_name, target) = ("test".to_owned(), "test".to_owned(), "loans".to_owned());
    let action = "dataset.create".to_owned();
    let deed = Deed { at, actor, actor_name, action, target, outcome: Outcome::Done };
    idempotency::holding(claim, datasets::create(&scope, new, deed)).await
}

static SECONDS: AtomicI64 = AtomicI64::new(0);

#[tokio::test]
async fn what_was_done_is_known_to_be_done_though_its_answer_was_lost() {
    let server = Server::set(&[], || Timestamp::now() + SignedDuration::from_secs(SECONDS.load(Relaxed))).await;
    let mut owner = server.set_up().await;
    let claim = claim(&server, &mut owner, Timestamp::now()).await;
    let body = || Some(json!({"name": "loans"}));
    let under_way = keyed(&mut owner, "k", Method::POST, DATASETS, body()).await;
    assert_eq!((under_way.status.as_u16(), under_way.slug()), (409, "idempotency-in-progress"), "{}", under_way.text);
    assert_eq!(under_way.headers[header::RETRY_AFTER], "1");
    create(&server, &mut owner, claim.clone(), Timestamp::now()).await.expect("made");
    let soon = keyed(&mut owner, "k", Method::POST, DATASETS, body()).await;
    assert_eq!(soon.slug(), "idempotency-in-progress", "the answer could be on its way: {}", soon.text);
    // The server dies here, before it keeps the answer. Another one cannot take back what was done.
    idempotency::release(&server.state.store, &claim).await.expect("nothing to let go of");
    idempotency::release_dead(&server.state.store).await.expect("nothing to let go of");
    SECONDS.store(limits::IDEMPOTENCY_ANSWER.as_secs(), Relaxed);
    let again = keyed(&mut owner, "k", Method::POST, DATASETS, body()).await;
    assert_eq!((again.status.as_u16(), again.slug()), (409, "idempotency-answer-gone"), "{}", again.text);
    assert!(again.text.contains("its answer was lost"), "{}", again.text);
    let other = keyed(&mut owner, "k", Method::POST, DATASETS, Some(json!({"name": "other"}))).await;
    assert_eq!(other.slug(), "idempotency-mismatch", "{}", other.text);
    assert_eq!((names(&mut owner, DATASETS).await.len(), n_lines(&mut owner, "dataset.create").await), (1, 1));
}

#[tokio::test]
async fn a_request_that_died_leaves_its_key_and_changes_nothing_when_it_comes_to_life() {
    let (server, mut owner) = Server::with_owner().await;
    let dead = claim(&server, &mut owner, Timestamp::now() - limits::IDEMPOTENCY_LEASE).await;
    let made = keyed(&mut owner, "k", Method::POST, DATASETS, Some(json!({"name": "other"}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let late = create(&server, &mut owner, dead.clone(), Timestamp::now()).await;
    assert!(matches!(late, Err(StoreError::Overtaken)), "{late:?}");
    idempotency::release(&server.state.store, &dead).await.expect("nothing to let go of");
    assert_eq!(names(&mut owner, DATASETS).await, ["other"]);
    let again = keyed(&mut owner, "k", Method::POST, DATASETS, Some(json!({"name": "other"}))).await;
    assert_eq!((again.status, again.text), (StatusCode::CREATED, made.text), "its own answer is kept");
}

#[tokio::test]
async fn a_server_that_starts_on_sqlite_lets_go_of_the_keys_of_the_dead() {
    let (server, mut owner) = Server::with_owner().await;
    claim(&server, &mut owner, Timestamp::now()).await;
    idempotency::release_dead(&server.state.store).await.expect("let go of");
    let made = keyed(&mut owner, "k", Method::POST, DATASETS, Some(json!({"name": "loans"}))).await;
    // Elsewhere the request may live on another server.
    let expected = if server.database.is_postgres() { StatusCode::CONFLICT } else { StatusCode::CREATED };
    assert_eq!(made.status, expected, "{}", made.text);
}

#[tokio::test]
async fn a_client_that_goes_away_before_anything_was_done_can_come_again() {
    let (server, mut owner) = Server::with_owner().await;
    let silent = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let request = Request::post(format!("/api/v1{DATASETS}"))
        .header("idempotency-key", "k")
        .header("content-type", "application/json")
        .body(Body::from_stream(silent))
        .expect("a sound request");
    let mut other = owner.clone();
    let is_claimed = async {
        while records(&server, &mut other).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let mut gone = owner.clone();
    tokio::select! {
        reply = gone.send(request) => panic!("the body never came: {}", reply.text),
        () = is_claimed => {}
    }
    loop {
        let reply = keyed(&mut owner, "k", Method::POST, DATASETS, Some(json!({"name": "loans"}))).await;
        if reply.slug() != "idempotency-in-progress" && reply.slug() != "idempotency-mismatch" {
            assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
            break;
        }
        tokio::task::yield_now().await;
    }
}

/// No visitor sees another's records, whatever our queries ask for.
#[tokio::test]
async fn postgres_keeps_records_of_visitors_apart_by_itself() {
    let (server, mut owner) = Server::with_owner().await;
    let mut member = server.invited(&mut owner, "mia", "member").await;
    keyed(&mut owner, "k", Method::POST, DATASETS, Some(json!({"name": "loans"}))).await;
    assert_eq!(records(&server, &mut owner).await.len(), 1);
    let expected = if server.database.is_postgres() { 0 } else { 1 };
    assert_eq!(records(&server, &mut member).await.len(), expected);
}
