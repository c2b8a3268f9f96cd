//! What was done and what was refused can be read afterwards.

use axum::http::Method;
use serde_json::json;

use crate::client::{Client, Server};

/// The lines of the log that tell of refusals: action and target.
async fn refusals(owner: &mut Client) -> Vec<String> {
    let log = owner.get("/orgs/acme/audit?limit=200").await.body;
    let lines = log["data"].as_array().expect("a list").iter().filter(|line| line["outcome"] == "refused");
    let word = |line: &serde_json::Value, name: &str| line[name].as_str().expect("a text").to_owned();
    lines.map(|line| format!("{} {}", word(line, "action"), word(line, "target"))).collect()
}

#[tokio::test]
async fn every_refusal_in_an_org_names_what_was_asked() {
    let (server, mut owner) = Server::with_owner().await;
    let mut viewer = server.invited(&mut owner, "vera", "viewer").await;
    let mut admin = server.invited(&mut owner, "adam", "admin").await;
    let (mut program, _) = server.program(&mut owner, &["manage"]).await;
    let me = owner.get("/me").await.body;
    let owner_at = format!("/orgs/acme/members/{}", me["account"]["id"].as_str().expect("an id"));

    assert_eq!(viewer.get("/orgs/acme/keys").await.slug(), "forbidden");
    let of_owner = json!({"email": "x@example.org", "role": "owner"});
    assert_eq!(admin.call(Method::POST, "/orgs/acme/invites", Some(of_owner)).await.slug(), "forbidden");
    assert_eq!(admin.call(Method::DELETE, &owner_at, None).await.slug(), "forbidden");
    assert_eq!(owner.call(Method::DELETE, &owner_at, None).await.slug(), "last-owner");
    let wider = json!({"name": "more", "scopes": ["ingest"]});
    assert_eq!(program.call(Method::POST, "/orgs/acme/keys", Some(wider)).await.slug(), "validation");

    let expected = [
        "access POST /orgs/{org}/keys",
        "access DELETE /orgs/{org}/members/{account}",
        "access DELETE /orgs/{org}/members/{account}",
        "access POST /orgs/{org}/invites",
        "access GET /orgs/{org}/keys",
    ];
    assert_eq!(refusals(&mut owner).await, expected);
}

#[tokio::test]
async fn a_key_cannot_take_the_secret_of_one_that_may_do_more() {
    let (server, mut owner) = Server::with_owner().await;
    let (mut program, own) = server.program(&mut owner, &["manage"]).await;
    let (_, wider) = server.program(&mut owner, &["manage", "ingest"]).await;
    let rotate = |id: &str| format!("/orgs/acme/keys/{id}/rotate");
    assert_eq!(program.call(Method::POST, &rotate(&wider), None).await.slug(), "forbidden");
    assert_eq!(refusals(&mut owner).await, ["access POST /orgs/{org}/keys/{key}/rotate"]);
    assert_eq!(program.call(Method::POST, &rotate(&own), None).await.status, 201);
}

#[tokio::test]
async fn a_dead_key_that_is_used_is_noted_once_a_minute() {
    let (server, mut owner) = Server::with_owner().await;
    let (mut program, id) = server.program(&mut owner, &["read"]).await;
    let revoked = owner.call(Method::DELETE, &format!("/orgs/acme/keys/{id}"), None).await;
    assert_eq!(revoked.status, 204, "{}", revoked.text);
    for _ in 0..3 {
        assert_eq!(program.get("/orgs/acme/datasets").await.slug(), "unauthenticated");
    }
    assert_eq!(refusals(&mut owner).await, ["key.use revoked"]);
    let secret = program.key.take().expect("a key");
    let other = if secret.ends_with('0') { "1" } else { "0" };
    program.key = Some(format!("{}{other}", &secret[..secret.len() - 1]));
    assert_eq!(program.get("/orgs/acme/datasets").await.slug(), "unauthenticated");
    assert_eq!(refusals(&mut owner).await.len(), 1, "who has not the secret is nobody of this org");
}

/// The log and the notes of last uses are writes beside what was asked: without them nothing that is read fails.
#[tokio::test]
async fn what_is_read_is_answered_though_nothing_can_be_written() {
    let (server, mut owner) = Server::with_owner().await;
    let mut viewer = server.invited(&mut owner, "vera", "viewer").await;
    let (mut program, _) = server.program(&mut owner, &["read"]).await;
    let database = &server.database;
    // Sessions and keys were last used long ago, and no use can be noted.
    database.run("update session set last_used_at = last_used_at - 3600000000").await;
    for table in ["session", "api_key"] {
        database.refuse_updates(table).await;
    }
    assert_eq!(owner.get("/orgs/acme").await.status, 200);
    assert_eq!(program.get("/orgs/acme/datasets").await.status, 200);
    database.run("drop table audit_entry").await;
    assert_eq!(viewer.get("/orgs/acme/keys").await.slug(), "forbidden");
}
