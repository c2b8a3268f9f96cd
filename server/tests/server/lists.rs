//! Lists come in pages, and what was read before need not be sent again.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::json;

use crate::client::{Client, PASSWORD, Server};

/// A server on which every list has three entries at least.
async fn filled() -> (Server, Client) {
    let (server, mut owner) = Server::with_owner().await;
    for name in ["one", "two", "three"] {
        server.invited(&mut owner, name, "viewer").await;
        server.program(&mut owner, &["read"]).await;
        let invite = json!({"email": format!("{name}@example.com"), "role": "viewer"});
        let log_in = json!({"email": "ada@example.org", "password": PASSWORD});
        for (path, body) in [
            ("/orgs", json!({"name": name})),
            ("/orgs/acme/invites", invite),
            ("/orgs/acme/datasets", json!({"name": name})),
        ] {
            assert_eq!(owner.call(Method::POST, path, Some(body)).await.status, StatusCode::CREATED, "{path}");
        }
        assert_eq!(server.client().call(Method::POST, "/login", Some(log_in)).await.status, StatusCode::OK);
        for path in [format!("references?name={name}"), "batches".to_owned()] {
            let request =
                Request::post(format!("/api/v1/orgs/acme/datasets/one/{path}")).body(Body::from("a,b,c\n1,2,3\n"));
            assert_eq!(owner.send(request.expect("sound")).await.status, StatusCode::CREATED, "{path}");
        }
    }
    (server, owner)
}

const LISTS: [&str; 10] = [
    "/orgs",
    "/me/sessions",
    "/orgs/acme/members",
    "/orgs/acme/invites",
    "/orgs/acme/keys",
    "/orgs/acme/audit",
    "/orgs/acme/datasets",
    "/orgs/acme/datasets/one/columns",
    "/orgs/acme/datasets/one/references",
    "/orgs/acme/datasets/one/batches",
];

#[tokio::test]
async fn every_list_comes_in_pages() {
    let (_server, mut owner) = filled().await;
    for list in LISTS {
        let whole = owner.get(&format!("{list}?limit=200")).await.body;
        let whole = whole["data"].as_array().expect("a list").clone();
        assert!(whole.len() >= 3, "{list}: {whole:?}");
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = owner.get(&format!("{list}?limit=2{cursor}")).await;
            assert_eq!(page.status, StatusCode::OK, "{list}{cursor}: {}", page.text);
            let data = page.body["data"].as_array().expect("a list").clone();
            assert!((1..=2).contains(&data.len()), "{list}{cursor}: {}", page.text);
            paged.extend(data);
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, whole, "{list}");
        let different: BTreeSet<String> = paged.iter().map(ToString::to_string).collect();
        assert_eq!(different.len(), paged.len(), "{list}");
        for wrong in ["limit=0", "limit=201", "colour=red"] {
            assert_eq!(owner.get(&format!("{list}?{wrong}")).await.slug(), "validation", "{list}?{wrong}");
        }
    }
}

#[tokio::test]
async fn what_is_read_again_is_not_sent_again() {
    let (server, mut owner) = filled().await;
    let others = ["/me", "/orgs/acme", "/orgs/acme/usage", "/orgs/acme/datasets/one"];
    for path in LISTS.into_iter().chain(others) {
        let first = owner.get(path).await;
        assert_eq!(first.status, StatusCode::OK, "{path}: {}", first.text);
        let tag = first.headers.get(header::ETAG).unwrap_or_else(|| panic!("{path} has no tag")).clone();
        let tag = tag.to_str().expect("ASCII");
        assert_eq!(first.headers[header::CACHE_CONTROL], "private, no-cache", "{path}");
        let again = owner.call_with(Method::GET, path, None, &[("if-none-match", tag)]).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!(again.headers[header::ETAG], tag, "{path}");
        let other = owner.call_with(Method::GET, path, None, &[("if-none-match", "\"of-old\"")]).await;
        assert_eq!((other.status, other.text), (StatusCode::OK, first.text), "{path}");
    }
    let before = owner.get("/orgs").await.headers[header::ETAG].clone();
    assert_eq!(owner.call(Method::POST, "/orgs", Some(json!({"name": "new"}))).await.status, StatusCode::CREATED);
    let known = [("if-none-match", before.to_str().expect("ASCII"))];
    assert_eq!(owner.call_with(Method::GET, "/orgs", None, &known).await.status, StatusCode::OK, "there is one more");
    let refused = server.client().call_with(Method::GET, "/orgs", None, &[("if-none-match", "*")]).await;
    assert_eq!(refused.slug(), "unauthenticated", "refusals have no tags");
}
