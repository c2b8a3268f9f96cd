//! Rows that cannot be read back are errors that name them, and never empty lists or defaults.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use driftsiren_server::store::{StoreError, datasets, id::OrgId};
use rstest::rstest;
use serde_json::json;

use crate::{
    client::{Client, Server},
    database::TestDatabase,
    log::Log,
};

/// A server that keeps something of each kind.
async fn filled() -> (Server, Client) {
    let (server, mut owner) = Server::with_owner().await;
    server.program(&mut owner, &["read"]).await;
    let invite = json!({"email": "bob@example.com", "role": "viewer"});
    for (path, body) in [("/orgs/acme/invites", invite), ("/orgs/acme/datasets", json!({"name": "loans"}))] {
        assert_eq!(owner.call(Method::POST, path, Some(body)).await.status, StatusCode::CREATED, "{path}");
    }
    for path in ["references?name=first", "batches"] {
        let request = Request::post(format!("/api/v1/orgs/acme/datasets/loans/{path}")).body(Body::from("a,b\n1,2\n"));
        assert_eq!(owner.send(request.expect("sound")).await.status, StatusCode::CREATED, "{path}");
    }
    (server, owner)
}

/// Damages every row of a table, past every rule of the database.
async fn damage(database: &TestDatabase, table: &str, column: &str, value: &str) {
    let past_the_rules = if database.is_postgres() {
        format!(
            "alter table {table} disable row level security; alter table {table} drop constraint if exists {table}_role_check; \
             alter table {table} drop constraint if exists {table}_retention_check"
        )
    } else {
        "pragma ignore_check_constraints = on".to_owned()
    };
    database.run(&format!("{past_the_rules}; update {table} set {column} = {value}")).await;
}

const LOANS: &str = "/orgs/acme/datasets/loans";
/// In microseconds: beyond the year 9999.
const NEVER: &str = "9223372036854775807";

#[rstest]
#[case::columns("dataset", "columns", "'[{'", "/orgs/acme/datasets")]
#[case::slots("dataset", "slot_seconds", "-1", LOANS)]
#[case::retention("dataset", "retention_days", "-1", LOANS)]
#[case::zone("dataset", "time_zone", "'Mars/Base'", LOANS)]
#[case::made("dataset", "created_at", NEVER, LOANS)]
#[case::rows_of_a_reference("reference", "n_rows", "-1", "/orgs/acme/datasets/loans/references")]
#[case::receipt("batch", "receipt", "'{}'", "/orgs/acme/datasets/loans/batches")]
#[case::rows_of_a_batch("batch", "n_rows", "-1", "/orgs/acme/datasets/loans/batches")]
#[case::outcome("audit_entry", "outcome", "'odd'", "/orgs/acme/audit")]
#[case::scopes("api_key", "scopes", "'read odd'", "/orgs/acme/keys")]
#[case::role_of_an_invite("invite", "role", "'odd'", "/orgs/acme/invites")]
#[case::role("membership", "role", "'odd'", "/orgs")]
#[case::session("session", "created_at", NEVER, "/me")]
#[tokio::test]
async fn a_row_that_cannot_be_read_back_is_an_error_that_names_it(
    #[case] table: &str,
    #[case] column: &str,
    #[case] value: &str,
    #[case] path: &str,
) {
    let (server, mut owner) = filled().await;
    assert_eq!(owner.get(path).await.status, StatusCode::OK);
    damage(&server.database, table, column, value).await;
    let (log, _guard) = Log::start();
    let reply = owner.get(path).await;
    assert_eq!((reply.status, reply.slug()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"), "{}", reply.text);
    assert!(!reply.text.contains(column), "the visitor learns nothing of tables: {}", reply.text);
    let id = reply.body["request_id"].as_str().expect("it is named");
    let lines = log.about(id);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("ERROR") && lines[0].contains(&format!("`{table}` is corrupt: its `{column}`")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_batch_for_a_dataset_that_cannot_be_read_overwrites_nothing() {
    let (server, mut owner) = filled().await;
    damage(&server.database, "dataset", "columns", "'[{'").await;
    let org = owner.get("/orgs/acme").await.body["id"].as_str().expect("an id").parse::<OrgId>().expect("an id");
    let found = datasets::get(&server.state.store.org(org), "loans").await;
    assert!(matches!(found, Err(StoreError::Corrupt { table: "dataset", column: "columns", .. })), "{found:?}");
}

#[tokio::test]
async fn the_answer_kept_for_a_repeat_is_read_back_whole_or_not_at_all() {
    let (server, mut owner) = filled().await;
    let key = [("idempotency-key", "k1")];
    let make = json!({"name": "again"});
    let first = owner.call_with(Method::POST, "/orgs/acme/datasets", Some(make.clone()), &key).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    damage(&server.database, "idempotency_record", "headers", "'nonsense'").await;
    let again = owner.call_with(Method::POST, "/orgs/acme/datasets", Some(make), &key).await;
    assert_eq!(again.slug(), "internal", "{}", again.text);
}
