//! Guessing is slow, and shuts nobody out.

use axum::http::{Method, StatusCode, header};
use serde_json::json;

use crate::client::{Client, PASSWORD, Reply, Server};

async fn log_in(client: &mut Client, password: &str) -> Reply {
    client.call(Method::POST, "/login", Some(json!({"email": "ada@example.org", "password": password}))).await
}

#[tokio::test]
async fn strangers_who_guess_do_not_shut_out_a_browser_that_is_known() {
    let (server, mut owner) = Server::with_owner().await;
    let first = log_in(&mut server.client(), PASSWORD).await;
    let cookies = first.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().expect("ASCII"));
    let known =
        cookies.into_iter().find(|cookie| cookie.starts_with("driftsiren-known=")).expect("the browser is known");
    assert!(known.contains("; HttpOnly") && known.contains("; Max-Age=31536000"), "{known}");
    let mut at_home = server.client();
    at_home.cookie = known.split(';').next().map(str::to_owned);
    for _ in 0..8 {
        log_in(&mut server.client(), "wrong password").await;
    }
    let stranger = log_in(&mut server.client(), PASSWORD).await;
    assert_eq!(stranger.slug(), "login-throttled", "{}", stranger.text);
    assert!(stranger.headers.contains_key(header::RETRY_AFTER));
    let mut forged = server.client();
    forged.cookie = Some(format!("driftsiren-known={}", "0".repeat(64)));
    assert_eq!(log_in(&mut forged, PASSWORD).await.slug(), "login-throttled");
    assert_eq!(log_in(&mut at_home.clone(), PASSWORD).await.status, StatusCode::OK);
    for _ in 0..5 {
        assert_eq!(log_in(&mut at_home.clone(), "wrong password").await.slug(), "unauthenticated");
    }
    assert_eq!(log_in(&mut at_home.clone(), PASSWORD).await.slug(), "login-throttled", "nor can it guess for ever");

    let change = json!({"current": PASSWORD, "new": "a longer password"});
    let changed = owner.call(Method::PUT, "/me/password", Some(change)).await;
    let cookies = changed.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().expect("ASCII"));
    let next = cookies.into_iter().find(|cookie| cookie.starts_with("driftsiren-known=")).expect("it is known still");
    assert_ne!(next.split(';').next(), at_home.cookie.as_deref(), "another password, another mark");
}

#[tokio::test]
async fn a_browser_that_was_left_open_does_not_tell_the_password() {
    let (_server, mut owner) = Server::with_owner().await;
    let change = |current: &str| json!({"current": current, "new": "a longer password"});
    for _ in 0..5 {
        let wrong = owner.call(Method::PUT, "/me/password", Some(change("not this one"))).await;
        assert_eq!(wrong.slug(), "validation", "{}", wrong.text);
    }
    let late = owner.call(Method::PUT, "/me/password", Some(change(PASSWORD))).await;
    assert_eq!(late.slug(), "login-throttled", "{}", late.text);
    assert!(late.headers.contains_key(header::RETRY_AFTER));
}
