//! People come in, work together, and are kept apart.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::json;

use crate::client::{Client, PASSWORD, Server};

async fn log_in(server: &Server, email: &str, password: &str) -> Result<Client, String> {
    let mut client = server.client();
    let reply = client.call(Method::POST, "/login", Some(json!({"email": email, "password": password}))).await;
    if reply.status == StatusCode::OK { Ok(client) } else { Err(reply.slug().to_owned()) }
}

/// Somebody invited into `acme`.
async fn invited(server: &Server, owner: &mut Client, name: &str, role: &str) -> Client {
    let email = format!("{name}@example.org");
    let reply = owner.call(Method::POST, "/orgs/acme/invites", Some(json!({"email": email, "role": role}))).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let link = reply.body["link"].as_str().expect("a link");
    let (_, token) = link.split_once("token=").expect("a secret");
    let mut guest = server.client();
    let body = json!({"token": token, "name": name, "password": PASSWORD});
    let reply = guest.call(Method::POST, "/invites/accept", Some(body.clone())).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    let again = server.client().call(Method::POST, "/invites/accept", Some(body)).await;
    assert_eq!(again.slug(), "not-found", "a link works once");
    guest
}

#[tokio::test]
async fn the_first_owner_comes_in_by_setup_and_nobody_else() {
    let (server, mut owner) = Server::with_owner().await;
    let me = owner.get("/me").await.body;
    assert_eq!(me["account"]["email"], "ada@example.org");
    assert_eq!((&me["orgs"][0]["slug"], &me["orgs"][0]["role"]), (&json!("acme"), &json!("owner")));
    let body = json!({"email": "eve@example.org", "name": "Eve", "password": PASSWORD, "org_name": "Evil"});
    assert_eq!(server.client().call(Method::POST, "/setup", Some(body)).await.slug(), "not-found");
    assert_eq!(server.client().get("/me").await.slug(), "unauthenticated");
}

#[tokio::test]
async fn logging_out_acts_at_once_and_only_here() {
    let (server, mut owner) = Server::with_owner().await;
    let mut other = log_in(&server, "ADA@example.org ", PASSWORD).await.expect("the password is right");
    let sessions = owner.get("/me/sessions").await.body;
    assert_eq!(sessions["data"].as_array().expect("a list").len(), 2);
    let before = owner.clone();
    assert_eq!(owner.call(Method::POST, "/logout", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.cookie, None);
    assert_eq!(before.clone().get("/me").await.slug(), "unauthenticated", "the old cookie is worth nothing");
    assert_eq!(other.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites() {
    let (server, _) = Server::with_owner().await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let reply = server.client().call(Method::POST, "/login", Some(body)).await;
    let cookie = reply.headers[header::SET_COOKIE].to_str().expect("ASCII");
    for part in ["driftsiren=", "; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn guessing_a_password_is_slowed_down_and_tells_nothing() {
    let (server, _) = Server::with_owner().await;
    for _ in 0..5 {
        assert_eq!(
            log_in(&server, "ada@example.org", "wrong password").await.err().as_deref(),
            Some("unauthenticated")
        );
    }
    assert_eq!(log_in(&server, "ada@example.org", PASSWORD).await.err().as_deref(), Some("login-throttled"));
    assert_eq!(log_in(&server, "nobody@example.org", PASSWORD).await.err().as_deref(), Some("unauthenticated"));
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let (server, mut owner) = Server::with_owner().await;
    let mut other = log_in(&server, "ada@example.org", PASSWORD).await.expect("the password is right");
    let wrong = json!({"current": "something else", "new": "a longer password"});
    assert_eq!(owner.call(Method::PUT, "/me/password", Some(wrong)).await.body["errors"][0]["pointer"], "/current");
    let short = json!({"current": PASSWORD, "new": "short"});
    assert_eq!(owner.call(Method::PUT, "/me/password", Some(short)).await.slug(), "validation");
    let change = json!({"current": PASSWORD, "new": "a longer password"});
    assert_eq!(owner.call(Method::PUT, "/me/password", Some(change)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.get("/me").await.status, StatusCode::OK);
    assert_eq!(other.get("/me").await.slug(), "unauthenticated");
    assert!(log_in(&server, "ada@example.org", PASSWORD).await.is_err());
    assert!(log_in(&server, "ada@example.org", "a longer password").await.is_ok());
}

#[tokio::test]
async fn roles_decide_and_their_change_acts_at_once() {
    let (server, mut owner) = Server::with_owner().await;
    let mut viewer = invited(&server, &mut owner, "vera", "viewer").await;
    let mut admin = invited(&server, &mut owner, "adam", "admin").await;
    assert_eq!(viewer.get("/orgs/acme/members").await.status, StatusCode::OK);
    assert_eq!(viewer.get("/orgs/acme/keys").await.slug(), "forbidden");
    assert_eq!(viewer.get("/orgs/acme/audit").await.slug(), "forbidden");
    assert_eq!(admin.get("/orgs/acme/keys").await.status, StatusCode::OK);
    let members = owner.get("/orgs/acme/members").await.body;
    let id_of = |name: &str| {
        let member = members["data"].as_array().expect("a list").iter().find(|m| m["account"]["name"] == name);
        member.expect("a member")["account"]["id"].as_str().expect("an id").to_owned()
    };
    let owner_at = format!("/orgs/acme/members/{}", id_of("Ada"));
    let to_owner = json!({"role": "owner"});
    let admin_at = format!("/orgs/acme/members/{}", id_of("adam"));
    let first = [("if-match", "\"1\"")];
    let alone = admin.call_with(Method::PATCH, &admin_at, Some(to_owner), &first).await;
    assert_eq!(alone.slug(), "forbidden", "not by oneself");
    assert_eq!(admin.call(Method::DELETE, &owner_at, None).await.slug(), "forbidden");
    assert_eq!(owner.call(Method::DELETE, &owner_at, None).await.slug(), "last-owner");
    let down = json!({"role": "viewer"});
    assert_eq!(owner.call(Method::PATCH, &admin_at, Some(down.clone())).await.slug(), "version-required");
    let changed = owner.call_with(Method::PATCH, &admin_at, Some(down.clone()), &first).await;
    assert_eq!((changed.status, &changed.body["role"]), (StatusCode::OK, &json!("viewer")), "{}", changed.text);
    let etag = changed.headers[header::ETAG].clone();
    assert_eq!((&owner.get(&admin_at).await.headers[header::ETAG], etag.as_bytes()), (&etag, &b"\"2\""[..]));
    assert_eq!(owner.call_with(Method::PATCH, &admin_at, Some(down), &first).await.slug(), "stale-version");
    assert_eq!(admin.get("/orgs/acme/keys").await.slug(), "unauthenticated", "another role, another session");
    let vera_at = format!("/orgs/acme/members/{}", id_of("vera"));
    assert_eq!(owner.call(Method::DELETE, &vera_at, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(viewer.get("/orgs/acme").await.slug(), "not-found", "the org is gone for it at once");
    let log = owner.get("/orgs/acme/audit?limit=200").await.body.to_string();
    for action in ["org.create", "invite.create", "invite.accept", "member.change_role", "member.remove", "\"refused\""]
    {
        assert!(log.contains(action), "{action} in {log}");
    }
}

#[tokio::test]
async fn an_org_is_made_renamed_and_invisible_to_others() {
    let (server, mut owner) = Server::with_owner().await;
    let mut vera = invited(&server, &mut owner, "vera", "viewer").await;
    let made = vera.call(Method::POST, "/orgs", Some(json!({"name": "Acme"}))).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let slug = made.body["slug"].as_str().expect("a slug").to_owned();
    assert!(slug.starts_with("acme-"), "the first has the short name: {slug}");
    let at = format!("/orgs/{slug}");
    assert_eq!(owner.get(&at).await.slug(), "not-found");
    let rename = json!({"name": "Vera's"});
    assert_eq!(vera.call(Method::PATCH, &at, Some(rename.clone())).await.slug(), "version-required");
    let stale = vera.call_with(Method::PATCH, &at, Some(rename.clone()), &[("if-match", "\"7\"")]).await;
    assert_eq!(stale.slug(), "stale-version");
    let etag = vera.get(&at).await.headers[header::ETAG].to_str().expect("ASCII").to_owned();
    let renamed = vera.call_with(Method::PATCH, &at, Some(rename), &[("if-match", &etag)]).await;
    assert_eq!(renamed.body["name"], "Vera's");
}

#[tokio::test]
async fn a_key_is_shown_once_does_what_its_scopes_say_and_dies_at_once() {
    let (server, mut owner) = Server::with_owner().await;
    let made = owner.call(Method::POST, "/orgs/acme/keys", Some(json!({"name": "ci", "scopes": ["manage"]}))).await;
    let secret = made.body["secret"].as_str().expect("the secret").to_owned();
    let id = made.body["id"].as_str().expect("an id").to_owned();
    assert!(!owner.get("/orgs/acme/keys").await.text.contains(&secret));
    let mut program = server.client();
    program.key = Some(secret.clone());
    assert_eq!(program.get("/me").await.body["key"], "ci");
    assert_eq!(program.get("/orgs/acme/keys").await.status, StatusCode::OK);
    assert_eq!(program.get("/orgs/acme/members").await.slug(), "forbidden", "people are no program's business");
    let wider = json!({"name": "more", "scopes": ["ingest"]});
    assert_eq!(program.call(Method::POST, "/orgs/acme/keys", Some(wider)).await.slug(), "validation");
    let rotated = owner.call(Method::POST, &format!("/orgs/acme/keys/{id}/rotate"), None).await;
    assert_eq!(program.get("/me").await.slug(), "unauthenticated", "the old secret");
    program.key = rotated.body["secret"].as_str().map(str::to_owned);
    assert_eq!(program.get("/me").await.status, StatusCode::OK);
    assert_eq!(owner.call(Method::DELETE, &format!("/orgs/acme/keys/{id}"), None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(program.get("/me").await.slug(), "unauthenticated");
    program.key = Some("ds_live_nonsense".to_owned());
    assert_eq!(program.get("/me").await.slug(), "unauthenticated");
}

#[tokio::test]
async fn other_sites_cannot_make_a_browser_change_anything() {
    let (_server, mut owner) = Server::with_owner().await;
    for headers in
        [[("sec-fetch-site", "cross-site"), ("host", "here")], [("origin", "https://evil.example"), ("host", "here")]]
    {
        let reply = owner.call_with(Method::POST, "/orgs", Some(json!({"name": "x"})), &headers).await;
        assert_eq!(reply.slug(), "cross-origin");
    }
    // The second is what browsers send over plain HTTP to another machine.
    let ours: [&[(&str, &str)]; 2] =
        [&[("sec-fetch-site", "same-origin")], &[("origin", "http://drift.test:3000"), ("host", "drift.test:3000")]];
    for same in ours {
        let reply = owner.call_with(Method::POST, "/orgs", Some(json!({"name": "x"})), same).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{same:?}");
    }
}

#[tokio::test]
async fn refusals_are_problems() {
    let (server, mut owner) = Server::with_owner().await;
    let reply = owner.get("/no/such/thing").await;
    assert_eq!((reply.status, reply.slug()), (StatusCode::NOT_FOUND, "not-found"));
    assert_eq!(reply.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(owner.call(Method::DELETE, "/me", None).await.slug(), "method-not-allowed");
    let unknown = json!({"name": "x", "colour": "red"});
    assert_eq!(owner.call(Method::POST, "/orgs", Some(unknown)).await.slug(), "validation");
    let request = Request::post("/api/v1/login").body(Body::from("{}")).expect("a sound request");
    assert_eq!(server.client().send(request).await.slug(), "unsupported-media-type");
    let large = json!({"name": "x".repeat(2 << 20)});
    assert_eq!(owner.call(Method::POST, "/orgs", Some(large)).await.slug(), "body-too-large");
    assert_eq!(owner.get("/orgs/acme/audit?limit=0").await.slug(), "validation");
    assert_eq!(owner.get("/orgs/acme/audit?limit=x").await.slug(), "validation");
}

#[tokio::test]
async fn everything_works_with_plain_forms() {
    let server = Server::start().await;
    let mut browser = server.client();
    assert_eq!(browser.page("/orgs").await.headers[header::LOCATION], "/setup");
    assert!(browser.page("/setup").await.text.contains("<form"));
    let fields = [
        ("_call", "POST /api/v1/setup"),
        ("_next", "/orgs"),
        ("email", "ada@example.org"),
        ("name", "Ada <b>"),
        ("password", "short"),
        ("org_name", "Acme"),
    ];
    let refused = browser.form("/setup", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("at least 12 characters"), "{}", refused.text);
    assert!(refused.text.contains("value=\"ada@example.org\""), "what was filled in stays: {}", refused.text);
    assert!(!refused.text.contains("value=\"short\""), "but not the password");
    let mut right = fields;
    right[4].1 = PASSWORD;
    let done = browser.form("/setup", &right).await;
    assert_eq!(
        (done.status, &done.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/orgs".parse().expect("a value"))
    );
    let orgs = browser.page("/orgs").await.text;
    assert!(orgs.contains("href=\"/orgs/acme\"") && orgs.contains("Ada &lt;b&gt;"), "{orgs}");
    let key = [("_call", "POST /api/v1/orgs/acme/keys"), ("name", "ci"), ("scopes[]", "ingest"), ("scopes[]", "read")];
    assert_eq!(browser.form("/orgs/acme/keys", &key).await.status, StatusCode::SEE_OTHER);
    let made = browser.page("/orgs/acme/keys").await.text;
    assert!(made.contains("ds_live_") && made.contains("ingest, read"), "{made}");
    for path in ["/account", "/orgs/acme/people", "/orgs/acme/audit", "/orgs/acme/keys"] {
        let page = browser.page(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains("<h1>") && !page.text.contains("The page cannot be drawn"), "{path}: {}", page.text);
        let stranger = server.client().page(path).await;
        assert_eq!(stranger.headers[header::LOCATION], format!("/login?next={path}"), "{path}");
    }
    assert_eq!(browser.page("/orgs/nobodys/keys").await.status, StatusCode::NOT_FOUND);
    let out = browser.form("/orgs", &[("_call", "POST /api/v1/logout"), ("_next", "//evil.example")]).await;
    assert_eq!(out.headers[header::LOCATION], "/orgs");
    assert_eq!(browser.cookie, None);
    assert_eq!(browser.form("/orgs", &[("_call", "GET https://evil.example/")]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_api_describes_itself() {
    let (server, _) = Server::with_owner().await;
    let document = server.client().get("/openapi.json").await.body;
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    assert!(document["paths"]["/api/v1/orgs/{org}/keys"]["post"].is_object(), "{document}");
    let refusal = &document["paths"]["/api/v1/login"]["post"]["responses"]["default"]["content"];
    assert!(refusal["application/problem+json"].is_object(), "{refusal}");
    let page = server.client().page("/docs/api/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("https://"), "nothing comes from elsewhere: {}", page.text);
}
