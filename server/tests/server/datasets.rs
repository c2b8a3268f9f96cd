//! Datasets are made, changed and compared with something.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};

use crate::client::{Client, Reply, Server};

const LOANS: &str = "/orgs/acme/datasets/loans";

async fn with_dataset(more: Value) -> (Server, Client) {
    let (server, mut owner) = Server::with_owner().await;
    let mut body = json!({"name": "loans"});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let made = owner.call(Method::POST, "/orgs/acme/datasets", Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    (server, owner)
}

async fn send(owner: &mut Client, path: &str, rows: &str) -> Reply {
    let request = Request::post(format!("/api/v1{LOANS}/{path}")).body(Body::from(rows.to_owned()));
    owner.send(request.expect("a sound request")).await
}

async fn patch(owner: &mut Client, patch: Value) -> Reply {
    let etag = owner.get(LOANS).await.headers[header::ETAG].to_str().expect("ASCII").to_owned();
    owner.call_with(Method::PATCH, LOANS, Some(patch), &[("if-match", &etag)]).await
}

#[tokio::test]
async fn what_reads_as_an_id_names_neither_a_dataset_nor_an_org() {
    let (server, mut owner) = with_dataset(json!({})).await;
    for name in ["0198b3c4-1234-7abc-8def-0123456789ab", "0198b3c412347abc8def0123456789ab"] {
        let refused = owner.call(Method::POST, "/orgs/acme/datasets", Some(json!({"name": name}))).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/name", "{}", refused.text);
        assert!(refused.text.contains("form of an id"), "{}", refused.text);
        let org = owner.call(Method::POST, "/orgs", Some(json!({"name": name}))).await;
        assert_eq!(org.body["slug"], format!("org-{name}"), "{}", org.text);
    }
    let document = server.client().get("/openapi.json").await.body;
    let pattern = &document["components"]["schemas"]["AddressName"]["pattern"];
    let pattern = pattern.as_str().unwrap_or_else(|| panic!("no pattern: {}", document["components"]["schemas"]));
    assert!(pattern.starts_with("^(?!([0-9a-f]{32}|"), "{pattern}");
}

#[tokio::test]
async fn columns_are_told_with_their_reasons() {
    let (_server, mut owner) = with_dataset(json!({})).await;
    assert_eq!(owner.get(&format!("{LOANS}/columns")).await.body, json!({"data": [], "next_cursor": null}));
    assert_eq!(send(&mut owner, "batches", "age,zip\n31,1\n44,2\n").await.status, StatusCode::CREATED);
    assert_eq!(patch(&mut owner, json!({"column_types": {"zip": "categorical"}})).await.status, StatusCode::OK);
    let columns = owner.get(&format!("{LOANS}/columns")).await.body;
    assert_eq!(columns["data"], owner.get(LOANS).await.body["columns"]);
    let zip = &columns["data"][1];
    assert_eq!((&zip["name"], &zip["type_override"]), (&json!("zip"), &json!("categorical")), "{columns}");
    assert!(zip["reason"].as_str().is_some_and(|reason| !reason.is_empty()) && zip["is_missing"] == false, "{columns}");
    let unknown = patch(&mut owner, json!({"column_types": {"a/b.c": "text"}})).await;
    assert_eq!(unknown.body["errors"][0]["pointer"], "/column_types/a~1b.c", "{}", unknown.text);
}

#[tokio::test]
async fn how_rows_fall_into_slots_can_be_changed() {
    let (_server, mut owner) = with_dataset(json!({"time_column": "at"})).await;
    let kept = patch(&mut owner, json!({"slot_seconds": 86_400, "time_zone": "Europe/Berlin"})).await.body;
    let expected = json!([86_400, "Europe/Berlin", "at"]);
    assert_eq!(json!([kept["slot_seconds"], kept["time_zone"], kept["time_column"]]), expected, "{kept}");
    let cleared = patch(&mut owner, json!({"time_column": null})).await;
    assert_eq!((cleared.status, &cleared.body["time_column"]), (StatusCode::OK, &Value::Null), "{}", cleared.text);
    assert_eq!(send(&mut owner, "batches", "at,x\nno time,1\n").await.status, StatusCode::CREATED);
    for (field, wrong) in [
        ("slot_seconds", json!(7)),
        ("time_zone", json!("Mars")),
        ("time_zone", json!("localtime")),
        ("time_zone", json!("posixrules")),
        ("time_column", json!("")),
    ] {
        let refused = patch(&mut owner, json!({field: wrong})).await;
        assert_eq!(refused.body["errors"][0]["pointer"], format!("/{field}"), "{}", refused.text);
    }
}

#[tokio::test]
async fn the_active_reference_is_the_last_to_go() {
    let (_server, mut owner) = with_dataset(json!({})).await;
    let mut ids = Vec::new();
    for name in ["first", "second"] {
        let kept = send(&mut owner, &format!("references?name={name}"), "a\n1\n").await;
        ids.push(format!("{LOANS}/references/{}", kept.body["id"].as_str().expect("an id")));
    }
    assert_eq!(owner.call(Method::DELETE, &ids[0], None).await.slug(), "active-reference");
    assert_eq!(owner.call(Method::DELETE, &ids[1], None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.call(Method::DELETE, &ids[1], None).await.slug(), "not-found");
    assert_eq!(owner.call(Method::DELETE, &ids[0], None).await.status, StatusCode::NO_CONTENT, "it is the last");
    assert_eq!(owner.get(&format!("{LOANS}/references")).await.body["data"], json!([]));
    let again = send(&mut owner, "references?name=first", "a\n1\n").await;
    assert_eq!(again.body["is_active"], true, "{}", again.text);
    let log = owner.get("/orgs/acme/audit").await.text;
    assert!(log.contains("reference.remove") && log.contains("loans/second"), "{log}");
}
