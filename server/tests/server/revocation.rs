//! P21: logging out, losing a role and revoking a key act at once, on every server of one database.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Client, PASSWORD, Server};

/// Promised: what was taken away is gone within this time, everywhere.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Asks until the answer is this refusal; gives how long that took.
async fn refused(client: &mut Client, path: &str, slug: &str) -> Duration {
    let since = Instant::now();
    loop {
        let reply = client.get(path).await;
        if reply.slug() == slug {
            return since.elapsed();
        }
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        assert!(since.elapsed() < AT_ONCE, "{path} still answers after {AT_ONCE:?}");
    }
}

async fn invited(server: &Server, owner: &mut Client, name: &str) -> (Client, String) {
    let email = format!("{name}@example.org");
    let made = owner.call(Method::POST, "/orgs/acme/invites", Some(json!({"email": email, "role": "admin"}))).await;
    let link = made.body["link"].as_str().expect("a link").to_owned();
    let (_, token) = link.split_once("token=").expect("a secret");
    let mut guest = server.client();
    let body = json!({"token": token, "name": name, "password": PASSWORD});
    assert_eq!(guest.call(Method::POST, "/invites/accept", Some(body)).await.status, StatusCode::NO_CONTENT);
    let me = guest.get("/me").await;
    let id = me.body["account"]["id"].as_str().expect("an id").to_owned();
    (guest, id)
}

/// Everything is taken away on one server and tried on another: the same one on SQLite, which has one at a time.
#[tokio::test]
async fn what_is_taken_away_is_gone_at_once_on_every_server() {
    let (here, mut owner) = Server::with_owner().await;
    let there = if here.database.is_postgres() { Server::on(here.database.clone()).await } else { here.again() };
    let elsewhere = |client: &Client| {
        let mut same = there.client();
        (same.cookie, same.key) = (client.cookie.clone(), client.key.clone());
        same
    };
    let mut worst = Duration::ZERO;

    // A key: used on both servers a moment before, so that both remember it.
    let made = owner.call(Method::POST, "/orgs/acme/keys", Some(json!({"name": "ci", "scopes": ["read"]}))).await;
    let mut program = here.client();
    program.key = made.body["secret"].as_str().map(str::to_owned);
    let mut remote = elsewhere(&program);
    for client in [&mut program, &mut remote] {
        assert_eq!(client.get("/orgs/acme/datasets").await.status, StatusCode::OK);
    }
    let key = format!("/orgs/acme/keys/{}", made.body["id"].as_str().expect("an id"));
    assert_eq!(owner.call(Method::DELETE, &key, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(program.get("/orgs/acme/datasets").await.slug(), "unauthenticated");
    worst = worst.max(refused(&mut remote, "/orgs/acme/datasets", "unauthenticated").await);

    // A role: the session that had it ends; a membership: the org is gone.
    for (name, change, slug) in
        [("adam", Some(json!({"role": "viewer"})), "unauthenticated"), ("eve", None::<Value>, "not-found")]
    {
        let (mut guest, id) = invited(&here, &mut owner, name).await;
        let mut remote = elsewhere(&guest);
        for client in [&mut guest, &mut remote] {
            assert_eq!(client.get("/orgs/acme/keys").await.status, StatusCode::OK);
        }
        let method = if change.is_some() { Method::PATCH } else { Method::DELETE };
        let version = [("if-match", "\"1\"")];
        let changed = owner.call_with(method, &format!("/orgs/acme/members/{id}"), change, &version).await;
        assert!(changed.status.is_success(), "{}", changed.text);
        assert_eq!(guest.get("/orgs/acme/keys").await.slug(), slug);
        worst = worst.max(refused(&mut remote, "/orgs/acme/keys", slug).await);
    }

    // A session, by logging out.
    let mut remote = elsewhere(&owner);
    assert_eq!(remote.get("/me").await.status, StatusCode::OK);
    let mut copy = owner.clone();
    assert_eq!(owner.call(Method::POST, "/logout", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(copy.get("/me").await.slug(), "unauthenticated");
    worst = worst.max(refused(&mut remote, "/me", "unauthenticated").await);
    println!("taken away here, gone there after at most {} ms", worst.as_millis());
}
