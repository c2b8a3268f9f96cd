//! Refusals can be looked up, and say where they mean.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use driftsiren_server::problem::{kinds::KINDS, table};
use serde_json::json;

use crate::client::Server;

#[tokio::test]
async fn every_kind_of_refusal_has_a_page_at_its_address() {
    let server = Server::start().await;
    let all = server.client().page("/problems").await;
    assert_eq!(
        (all.status, &all.headers["content-type"]),
        (StatusCode::OK, &"text/html; charset=utf-8".parse().unwrap())
    );
    for kind in KINDS {
        let page = server.client().page(&format!("/problems/{}", kind.slug)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", kind.slug);
        assert!(page.text.contains(kind.title) && page.text.contains(&kind.status.to_string()), "{}", page.text);
        assert!(!page.text.contains("<script"), "{}", page.text);
        assert!(all.text.contains(&format!("href=\"/problems/{}\"", kind.slug)), "{}", kind.slug);
    }
    for (what, most, _) in table::limits() {
        assert!(all.text.contains(what) && all.text.contains(&most), "{what}: {most}");
    }
    assert_eq!(server.client().page("/problems/none").await.status, StatusCode::NOT_FOUND);
    let refusal = server.client().get("/me").await.body;
    let page = server.client().page(refusal["type"].as_str().expect("an address")).await;
    assert_eq!(page.status, StatusCode::OK, "{refusal}");
}

#[tokio::test]
async fn a_refused_field_is_pointed_at() {
    let (_server, mut owner) = Server::with_owner().await;
    let key = json!({"name": "ci", "scopes": ["wish"]});
    let refused = owner.call(Method::POST, "/orgs/acme/keys", Some(key)).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/scopes/0", "{}", refused.text);
}

#[tokio::test]
async fn compressed_json_is_refused_by_name() {
    let (server, _) = Server::with_owner().await;
    let request = Request::post("/api/v1/login")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(Body::from(vec![0x1f, 0x8b]));
    let refused = server.client().send(request.expect("a sound request")).await;
    assert_eq!((refused.status.as_u16(), refused.slug()), (415, "unsupported-encoding"), "{}", refused.text);
}

#[tokio::test]
async fn the_document_names_the_cookie_that_browsers_send() {
    let public = [("DRIFTSIREN_PUBLIC_URL", "https://drift.example.org")];
    for (settings, expected) in [(&[][..], "driftsiren"), (&public[..], "__Host-driftsiren")] {
        let server = Server::set(settings, jiff::Timestamp::now).await;
        let document = server.client().get("/openapi.json").await.body;
        assert_eq!(document["components"]["securitySchemes"]["session"]["name"], expected);
    }
}
