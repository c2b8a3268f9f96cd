//! Guessing is slow, and shuts nobody out.

use axum::{
    Extension,
    http::{Method, StatusCode, header},
};
use driftsiren_server::{access::source::Source, limits};
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

#[tokio::test]
async fn one_source_guesses_for_many_addresses_only_so_often() {
    let (server, _owner) = Server::with_owner().await;
    let first = log_in(&mut server.client(), PASSWORD).await;
    let from = |source: &str| {
        let source = Source::from(source.parse::<std::net::IpAddr>().expect("an address"));
        let mut client = server.client();
        client.wrap(|router| router.layer(Extension(source)));
        client
    };
    let mut guesser = from("192.0.2.1");
    for n in 0..limits::SOURCE_FAILURES {
        let body = json!({"email": format!("made-up-{n}@example.org"), "password": "wrong password"});
        assert_eq!(guesser.call(Method::POST, "/login", Some(body)).await.slug(), "unauthenticated");
    }
    let late = log_in(&mut guesser, PASSWORD).await;
    assert_eq!(late.slug(), "login-throttled", "{}", late.text);
    assert!(late.headers.contains_key(header::RETRY_AFTER));
    let forwarded = [("x-forwarded-for", "198.51.100.7")];
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let forwarded = guesser.call_with(Method::POST, "/login", Some(body), &forwarded).await;
    assert_eq!(forwarded.slug(), "login-throttled", "anybody can send that header");
    let form =
        [("_call", "POST /api/v1/login"), ("email", "ada@example.org"), ("password", PASSWORD), ("_next", "/orgs")];
    let page = guesser.form("/login", &form).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "the form is no way around it");
    assert_eq!(log_in(&mut from("192.0.2.2"), PASSWORD).await.status, StatusCode::OK);
    let cookies = first.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().expect("ASCII"));
    let known = cookies.into_iter().find(|cookie| cookie.starts_with("driftsiren-known=")).expect("it is known");
    guesser.cookie = known.split(';').next().map(str::to_owned);
    assert_eq!(log_in(&mut guesser, PASSWORD).await.status, StatusCode::OK, "a known browser has a lane of its own");
}

#[tokio::test]
async fn right_logins_of_one_source_do_not_use_up_its_tries() {
    let (server, _owner) = Server::with_owner().await;
    let source = Source::from(std::net::IpAddr::from([192, 0, 2, 1]));
    for _ in 0..=limits::SOURCE_FAILURES {
        let mut office = server.client();
        office.wrap(|router| router.layer(Extension(source)));
        assert_eq!(log_in(&mut office, PASSWORD).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_cookie_of_another_program_does_not_hide_the_session() {
    let (_server, mut owner) = Server::with_owner().await;
    let session = owner.cookie.clone().expect("logged in");
    for cookies in [format!("driftsiren=junk; {session}"), format!("{session}; driftsiren=junk")] {
        owner.cookie = Some(cookies);
        assert_eq!(owner.get("/me").await.status, StatusCode::OK);
    }
    owner.cookie = Some("driftsiren=junk".to_owned());
    assert_eq!(owner.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_new_password_is_neither_blank_nor_one_character() {
    let (_server, mut owner) = Server::with_owner().await;
    for new in [" ".repeat(12), "a".repeat(12)] {
        let change = json!({"current": PASSWORD, "new": new});
        let refused = owner.call(Method::PUT, "/me/password", Some(change)).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/new", "{}", refused.text);
    }
}
