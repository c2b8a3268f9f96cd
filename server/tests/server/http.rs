//! What a client sees, asked of the router itself.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use driftsiren_server::{config::Config, open, router};
use http_body_util::BodyExt;
use rstest::rstest;
use tower::ServiceExt;

use crate::database::TestDatabase;

async fn server(public_url: Option<&str>) -> Router {
    let database = TestDatabase::new().await;
    let config = Config::from_variables(|name| match name {
        "DRIFTSIREN_PUBLIC_URL" => public_url.map(str::to_owned),
        "DRIFTSIREN_DATABASE_URL" => Some(database.url().to_owned()),
        _ => None,
    });
    let state = open(config.expect("the settings are sound")).await.expect("a database that can be used");
    // The database lives as long as the router.
    router(&state).expect("nothing is read from a folder").layer(Extension(Arc::new(database)))
}

async fn send(request: Request<Body>) -> Response<Body> {
    server(None).await.oneshot(request).await.expect("the router never fails")
}

async fn get(path: &str) -> Response<Body> {
    send(Request::get(path).body(Body::empty()).expect("a sound request")).await
}

async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.expect("a whole body");
    String::from_utf8(body.to_bytes().to_vec()).expect("UTF-8")
}

fn header_of<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.unwrap_or_else(|| panic!("no `{name}`")).to_str().expect("ASCII")
}

/// Leptos ends each page with two scripts of its own that only list what is still to come: nothing.
fn loads_a_script(html: &str) -> bool {
    html.contains("type=\"module\"") || html.contains("<script src") || html.contains("import(")
}

#[tokio::test]
async fn the_front_page_is_rendered_by_the_server() {
    let response = get("/").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header_of(&response, "content-type"), "text/html; charset=utf-8");
    let html = text(response).await;
    assert!(html.contains("<title>Has your data changed? · DriftSiren</title>"), "{html}");
    assert!(html.contains(">Has your data changed?</h1>"), "{html}");
    assert!(html.contains("aria-current=\"page\""), "{html}");
    assert!(html.contains("driftsiren check reference.csv current.csv"), "{html}");
    assert!(!loads_a_script(&html), "nothing was built, so nothing can be loaded: {html}");
}

#[tokio::test]
async fn the_front_page_needs_no_inline_style() {
    let html = text(get("/").await).await;
    assert!(!html.contains(" style="), "{html}");
    assert!(!html.contains("<style"), "{html}");
}

#[tokio::test]
async fn every_file_that_a_page_asks_for_is_there() {
    let html = text(get("/").await).await;
    let asked: Vec<&str> = html
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|address| address.starts_with('/'))
        .collect();
    assert!(asked.iter().any(|address| address.ends_with(".css")), "{asked:?}");
    for address in asked {
        // Pages for people send strangers to the log-in page.
        let status = get(address).await.status();
        assert!(status == StatusCode::OK || status == StatusCode::SEE_OTHER, "{address}: {status}");
    }
}

#[tokio::test]
async fn an_unknown_address_is_a_page_with_a_way_back() {
    let response = get("/no/such/page").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let html = text(response).await;
    assert!(html.contains("There is no page at this address"), "{html}");
    assert!(html.contains("href=\"/\""), "{html}");
    assert!(!html.contains("aria-current"), "{html}");
}

#[rstest]
#[case::a_form_to_nowhere(Method::POST, "/no/such/page", StatusCode::NOT_FOUND)]
#[case::a_page_does_not_change(Method::POST, "/", StatusCode::METHOD_NOT_ALLOWED)]
#[case::no_path_at_all(Method::GET, "example.org:80", StatusCode::BAD_REQUEST)]
#[case::a_tunnel(Method::CONNECT, "example.org:80", StatusCode::NOT_FOUND)]
#[tokio::test]
async fn odd_requests_are_refused(#[case] method: Method, #[case] address: &str, #[case] expected: StatusCode) {
    let request = Request::builder().method(method).uri(address).body(Body::empty());
    assert_eq!(send(request.expect("a sound request")).await.status(), expected);
}

#[rstest]
#[case::page("/")]
#[case::missing("/no/such/page")]
#[case::health("/healthz")]
#[case::version("/version")]
#[case::image("/logo.svg")]
#[case::icon("/favicon.svg")]
#[tokio::test]
async fn every_answer_carries_the_security_headers(#[case] path: &str) {
    let response = get(path).await;
    assert_eq!(header_of(&response, "x-content-type-options"), "nosniff");
    // With `no-referrer` a browser sends our own forms with `Origin: null`, which the guard refuses.
    assert_eq!(header_of(&response, "referrer-policy"), "same-origin");
    assert_eq!(header_of(&response, "cross-origin-opener-policy"), "same-origin");
    assert_eq!(header_of(&response, "cross-origin-resource-policy"), "same-origin");
    assert!(header_of(&response, "permissions-policy").contains("camera=()"));
    let policy = header_of(&response, "content-security-policy");
    assert!(policy.contains("base-uri 'none'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(response.headers().get_all("content-security-policy").iter().count(), 1);
}

#[tokio::test]
async fn each_rendering_has_a_nonce_of_its_own() {
    let (one, other) = (get("/").await, get("/").await);
    let policy = header_of(&one, "content-security-policy");
    assert!(policy.contains("script-src 'nonce-"), "{policy}");
    assert_ne!(policy, header_of(&other, "content-security-policy"));
    assert_eq!(header_of(&one, "cache-control"), "no-store");
}

#[tokio::test]
async fn tls_is_demanded_only_where_there_is_tls() {
    let ask = async |public_url| {
        let request = Request::get("/healthz").body(Body::empty()).expect("a sound request");
        let response = server(public_url).await.oneshot(request).await.expect("the router never fails");
        response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY)
    };
    assert!(ask(Some("https://drift.example.org")).await);
    assert!(!ask(Some("http://drift.example.org")).await);
    assert!(!ask(None).await);
}

#[tokio::test]
async fn health_and_version_answer() {
    assert_eq!(text(get("/healthz").await).await, "ok\n");
    let version: serde_json::Value = serde_json::from_str(&text(get("/version").await).await).expect("JSON");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn every_metric_of_the_engine_has_a_page() {
    let index = text(get("/docs").await).await;
    for path in driftsiren_app::docs::paths() {
        let response = get(&path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let html = text(response).await;
        assert!(!loads_a_script(&html), "{path} needs none");
        assert!(path == "/docs" || index.contains(&format!("href=\"{path}\"")), "{path} is not in the index");
    }
    assert_eq!(get("/docs/metrics/no_such").await.status(), StatusCode::NOT_FOUND);
}

#[rstest]
#[case::dark("driftsiren_theme=dark", Some("data-theme=\"dark\""))]
#[case::among_others("a=b; driftsiren_theme=light; c=d", Some("data-theme=\"light\""))]
#[case::unknown("driftsiren_theme=\"><script>", None)]
#[case::none("a=b", None)]
#[tokio::test]
async fn the_theme_of_the_cookie_is_in_the_first_byte(#[case] cookie: &str, #[case] expected: Option<&str>) {
    let request = Request::get("/").header(header::COOKIE, cookie).body(Body::empty()).expect("a sound request");
    let html = text(send(request).await).await;
    match expected {
        Some(theme) => assert!(html.contains(theme), "{html}"),
        None => assert!(!html.contains("data-theme"), "{html}"),
    }
}

#[tokio::test]
async fn a_theme_is_chosen_without_scripts_and_leads_back() {
    let ask = async |site: &str, body: &'static str| {
        let request = Request::post("/theme")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(Body::from(body));
        send(request.expect("a sound request")).await
    };
    let answer = ask("same-origin", "theme=dark&back=%2Fdocs").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(header_of(&answer, "location"), "/docs");
    assert!(header_of(&answer, "set-cookie").starts_with("driftsiren_theme=dark;"));
    assert_eq!(ask("cross-site", "theme=dark&back=%2Fdocs").await.status(), StatusCode::FORBIDDEN);
    for elsewhere in
        ["%2F%2Fevil.example", "%2F%5Cevil.example", "%2F%09%2Fevil.example", "%2F%0D%0A%2Fevil.example", "https:x"]
    {
        let body = format!("theme=dark&back={elsewhere}").leak();
        assert_eq!(header_of(&ask("same-origin", body).await, "location"), "/", "{elsewhere}");
    }
}

#[rstest]
#[case::of_the_api("/api/v1/me", "unauthenticated")]
#[case::of_no_route("/api/v1/no/such", "not-found")]
#[case::of_the_api_itself("/api/v1", "not-found")]
#[case::with_a_null("/api/v1/orgs/a%00b", "unauthenticated")]
#[tokio::test]
async fn every_refusal_names_its_request(#[case] path: &str, #[case] slug: &str) {
    let request = Request::get(path).header("x-request-id", "chosen-by-the-client").body(Body::empty());
    let response = send(request.expect("a sound request")).await;
    assert_eq!(header_of(&response, "content-type"), "application/problem+json");
    let id = header_of(&response, "x-request-id").to_owned();
    assert_ne!(id, "chosen-by-the-client", "names in our log are ours");
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).expect("JSON");
    assert_eq!((&problem["type"], &problem["request_id"]), (&format!("/problems/{slug}").into(), &id.into()));
}

#[tokio::test]
async fn a_refusal_of_the_guard_names_its_request_too() {
    let request = Request::post("/api/v1/login").header("sec-fetch-site", "cross-site").body(Body::empty());
    let response = send(request.expect("a sound request")).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let id = header_of(&response, "x-request-id").to_owned();
    assert!(text(response).await.contains(&id));
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused_with_the_limit() {
    let fits = Request::get("/healthz").header("x-long", "x".repeat(15 << 10)).body(Body::empty());
    assert_eq!(send(fits.expect("a sound request")).await.status(), StatusCode::OK);
    let request = Request::get("/healthz").header("x-long", "x".repeat(16 << 10)).body(Body::empty());
    let response = send(request.expect("a sound request")).await;
    assert_eq!(response.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).expect("JSON");
    assert_eq!((&problem["type"], &problem["limit"]), (&"/problems/headers-too-large".into(), &(16 << 10).into()));
}

#[tokio::test]
async fn a_method_that_an_address_does_not_know_is_told_those_that_it_knows() {
    let request = Request::builder().method(Method::PUT).uri("/api/v1/orgs").body(Body::empty());
    let response = send(request.expect("a sound request")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    let allowed = header_of(&response, "allow").to_owned();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    assert!(text(response).await.contains("/problems/method-not-allowed"));
}

#[tokio::test]
async fn a_refusal_is_plain_whatever_the_client_takes() {
    let request = Request::get("/api/v1/orgs").header("accept-encoding", "gzip, br").body(Body::empty());
    let response = send(request.expect("a sound request")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers().get("content-encoding"), None);
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).expect("JSON as it is");
    assert!(problem["request_id"].is_string(), "{problem}");
}

#[rstest]
#[case("identity;q=0")]
#[case("*;q=0")]
#[tokio::test]
async fn a_client_that_takes_no_form_gets_the_answer_as_it_is(#[case] accepted: &str) {
    let (server, mut owner) = crate::client::Server::with_owner().await;
    let new = Some(serde_json::json!({"name": "loans"}));
    let made = owner.call_with(Method::POST, "/orgs/acme/datasets", new, &[("accept-encoding", accepted)]).await;
    assert_eq!((made.status, made.body["name"].as_str()), (StatusCode::CREATED, Some("loans")), "{}", made.text);
    let page = Request::get("/login").header("accept-encoding", accepted).body(Body::empty()).expect("sound");
    assert_eq!(server.client().send(page).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refusal_has_one_line_in_the_log_that_names_its_request() {
    let (server, mut owner) = crate::client::Server::with_owner().await;
    let (mut reader, _) = server.program(&mut owner, &["read"]).await;
    let (log, _guard) = crate::log::Log::start();
    let replies = [
        server.client().get("/me").await,
        owner.get("/orgs/nobody").await,
        reader.call(Method::POST, "/orgs/acme/datasets", Some(serde_json::json!({"name": "x"}))).await,
        owner.call(Method::POST, "/orgs/acme/datasets", Some(serde_json::json!({"name": "A secret"}))).await,
    ];
    for reply in replies {
        let id = reply.body["request_id"].as_str().expect("it is named");
        let lines = log.about(id);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let status = format!("status={}", reply.status.as_u16());
        assert!(lines[0].contains(&status) && lines[0].contains(reply.slug()), "{lines:?}");
        assert!(!lines[0].contains("secret"), "{lines:?}");
    }
    let unknown = server.client().get("/me").await;
    assert_eq!(unknown.headers["www-authenticate"], "Bearer");
}
