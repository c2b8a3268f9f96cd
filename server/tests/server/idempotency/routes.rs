//! Every route that takes a key, by the OpenAPI document.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering::Relaxed},
};

use axum::{
    body::Body,
    http::{Method, Request},
};
use driftsiren_server::{api, limits};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::client::{Client, PASSWORD, Reply, Server};

/// The operations of the document that take the header, without batches and profiles, which keep keys themselves.
fn documented() -> BTreeSet<String> {
    let document = serde_json::to_value(api::document()).expect("a document is JSON");
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let takes_key = |parameter: &Value| parameter["name"] == "Idempotency-Key" && parameter["in"] == "header";
            let n = operation["parameters"].as_array().map_or(0, |all| all.iter().filter(|one| takes_key(one)).count());
            assert!(n <= 1 && (n == 0 || method != "get"), "{method} {path} has {n}");
            if n == 1 && !path.ends_with("/batches") && !path.ends_with("/profiles") {
                operations.insert(format!("{} {}", method.to_uppercase(), path.trim_start_matches("/api/v1")));
            }
        }
    }
    operations
}

static SECONDS: AtomicI64 = AtomicI64::new(0);

fn later() -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(SECONDS.load(Relaxed))
}

struct Journey {
    owner: Client,
    seen: BTreeSet<String>,
}

impl Journey {
    /// Calls a route twice under one key: the second time it must be known to be done, though no answer could be kept.
    async fn twice(&mut self, operation: &str, names: &[&str], body: Value) -> Reply {
        let (method, route) = operation.split_once(' ').expect("a method and a path");
        let mut names = names.iter();
        let parts =
            route.split('/').map(|part| if part.starts_with('{') { names.next().expect("a name") } else { part });
        let mut path = parts.collect::<Vec<_>>().join("/");
        if operation == "POST /orgs/{org}/datasets/{dataset}/references" {
            path += "?name=first";
        }
        let key = format!("key-{}", self.seen.len());
        let method: Method = method.parse().expect("a method");
        let ask = async |client: &mut Client| {
            let mut request = Request::builder().method(&method).uri(format!("/api/v1{path}"));
            request = request.header("idempotency-key", &key).header("if-match", "\"1\"");
            let body = match &body {
                Value::Null => Body::empty(),
                Value::String(rows) => Body::from(rows.clone()),
                other => {
                    request = request.header("content-type", "application/json");
                    Body::from(other.to_string())
                }
            };
            client.send(request.body(body).expect("a sound request")).await
        };
        let first = ask(&mut self.owner).await;
        assert!(first.status.is_success(), "{operation}: {}", first.text);
        SECONDS.fetch_add(limits::IDEMPOTENCY_ANSWER.as_secs(), Relaxed);
        let again = ask(&mut self.owner).await;
        assert_eq!(
            again.slug(),
            "idempotency-answer-gone",
            "{operation} was not noted with its change: {}",
            again.text
        );
        self.seen.insert(operation.to_owned());
        first
    }
}

fn id(reply: &Reply) -> String {
    reply.body["id"].as_str().unwrap_or_else(|| panic!("no id: {}", reply.text)).to_owned()
}

/// As if the server died after every change and before it kept the answer. A route of the document that is not asked
/// here makes the test fail.
#[tokio::test]
async fn every_change_is_noted_in_its_own_transaction() {
    let server = Server::set(&[], later).await;
    let owner = server.set_up().await;
    let mut journey = Journey { owner, seen: BTreeSet::new() };
    let mut guest = server.invited(&mut journey.owner, "mia", "viewer").await;
    let mia = guest.get("/me").await.body["account"]["id"].as_str().expect("an id").to_owned();
    let mut elsewhere = server.client();
    let login = json!({"email": "ada@example.org", "password": PASSWORD});
    elsewhere.call(Method::POST, "/login", Some(login)).await;
    let sessions = elsewhere.get("/me/sessions").await.body;
    let is_current = |session: &&Value| session["is_current"] == true;
    let session = sessions["data"].as_array().expect("a list").iter().find(is_current).expect("this one")["id"].clone();
    server.database.refuse_updates_of("idempotency_record", "status").await;

    let none = || Value::Null;
    journey.twice("POST /orgs", &[], json!({"name": "Other"})).await;
    journey.twice("PATCH /orgs/{org}", &["acme"], json!({"name": "Acme Ltd"})).await;
    let role = json!({"role": "member"});
    journey.twice("PATCH /orgs/{org}/members/{account}", &["acme", &mia], role).await;
    journey.twice("DELETE /orgs/{org}/members/{account}", &["acme", &mia], none()).await;
    let invite = json!({"email": "bob@example.org", "role": "viewer"});
    let invite = id(&journey.twice("POST /orgs/{org}/invites", &["acme"], invite).await);
    journey.twice("DELETE /orgs/{org}/invites/{invite}", &["acme", &invite], none()).await;
    let key = json!({"name": "ci", "scopes": ["read"]});
    let key = id(&journey.twice("POST /orgs/{org}/keys", &["acme"], key).await);
    journey.twice("POST /orgs/{org}/keys/{key}/rotate", &["acme", &key], none()).await;
    journey.twice("DELETE /orgs/{org}/keys/{key}", &["acme", &key], none()).await;
    journey.twice("POST /orgs/{org}/datasets", &["acme"], json!({"name": "loans"})).await;
    let patch = json!({"retention_days": 30});
    journey.twice("PATCH /orgs/{org}/datasets/{dataset}", &["acme", "loans"], patch).await;
    let references = "POST /orgs/{org}/datasets/{dataset}/references";
    let reference = id(&journey.twice(references, &["acme", "loans"], json!("a\n1\n")).await);
    let names = ["acme", "loans", &reference];
    let of_reference = "/orgs/{org}/datasets/{dataset}/references/{reference}";
    journey.twice(&format!("POST {of_reference}/activate"), &names, none()).await;
    journey.twice(&format!("DELETE {of_reference}"), &names, none()).await;
    journey.twice("DELETE /orgs/{org}/datasets/{dataset}", &["acme", "loans"], none()).await;
    let session = session.as_str().expect("an id");
    journey.twice("DELETE /me/sessions/{session}", &[session], none()).await;
    assert_eq!(journey.seen, documented());
}
