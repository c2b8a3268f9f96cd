//! The pages of people, orgs and datasets, as a browser without scripts meets them.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use rstest::rstest;
use serde_json::json;

use crate::client::{Client, PASSWORD, Reply, Server};

const ACME: &str = "/orgs/acme";

/// A page that says what was refused, and what finds it in the log.
fn assert_says(page: &Reply, status: StatusCode, text: &str) {
    assert_eq!(page.status, status, "{}", page.text);
    let (_, alert) = page.text.split_once("role=\"alert\"").expect("the page says it on top");
    // The first letter is large where a clause became a sentence.
    assert!(alert.to_lowercase().contains(&text.to_lowercase()), "{text} in {alert}");
    let id = page.headers["x-request-id"].to_str().expect("ASCII");
    assert!(alert.contains(id), "the request's name {id} in {alert}");
}

/// What follows a word of a page, up to a quotation mark.
fn after<'a>(page: &'a str, word: &str) -> Option<&'a str> {
    page.split_once(word).and_then(|(_, rest)| rest.split('"').next())
}

async fn own_id(client: &mut Client) -> String {
    client.get("/me").await.body["account"]["id"].as_str().expect("an id").to_owned()
}

async fn viewer(server: &Server, owner: &mut Client) -> Client {
    let body = json!({"email": "vera@example.org", "role": "viewer"});
    let link = owner.call(Method::POST, "/orgs/acme/invites", Some(body)).await.body["link"].to_string();
    let token = after(&link, "token=").expect("a secret").to_owned();
    let mut viewer = server.client();
    let body = json!({"token": token, "name": "Vera", "password": PASSWORD});
    assert_eq!(viewer.call(Method::POST, "/invites/accept", Some(body)).await.status, StatusCode::NO_CONTENT);
    viewer
}

async fn make_dataset(owner: &mut Client, name: &str) {
    let made = owner.call(Method::POST, "/orgs/acme/datasets", Some(json!({"name": name}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
}

#[tokio::test]
async fn a_button_that_is_refused_says_why_even_when_its_row_is_gone() {
    let (_server, mut owner) = Server::with_owner().await;
    let id = own_id(&mut owner).await;
    let leave = format!("DELETE /api/v1/orgs/acme/members/{id}");
    let page = owner.form("/orgs/acme/people", &[("_call", &leave), ("_next", "/orgs")]).await;
    assert_says(&page, StatusCode::CONFLICT, "this is the last owner");
    // The question that was answered is still open.
    assert!(page.text.contains("name=\"confirm\" open"), "{}", page.text);
    let gone = "DELETE /api/v1/orgs/acme/keys/00000000-0000-7000-8000-000000000000";
    let page = owner.form("/orgs/acme/keys", &[("_call", gone)]).await;
    assert_says(&page, StatusCode::NOT_FOUND, "there is nothing at this address");
    make_dataset(&mut owner, "loans").await;
    let gone = "POST /api/v1/orgs/acme/datasets/loans/references/00000000-0000-7000-8000-000000000000/activate";
    let page = owner.form("/orgs/acme/datasets/loans", &[("_call", gone)]).await;
    assert_says(&page, StatusCode::NOT_FOUND, "there is nothing at this address");
}

#[tokio::test]
async fn a_field_that_is_refused_says_it_of_itself() {
    let (_server, mut owner) = Server::with_owner().await;
    let fields =
        [("_call", "POST /api/v1/orgs/acme/keys"), ("name", "ci"), ("scopes[]", "read"), ("expires_at@", "1999-12-31")];
    let page = owner.form("/orgs/acme/keys", &fields).await;
    assert_says(&page, StatusCode::UNPROCESSABLE_ENTITY, "in the future");
    let (_, field) = page.text.split_once("id=\"field-expires_at\"").expect("the field");
    let tag = field.split('>').next().expect("its tag");
    assert!(tag.contains("aria-invalid=\"true\"") && tag.contains("value=\"1999-12-31\""), "{tag}");
    let ticked = |scope: &str| {
        let (_, tag) = page.text.split_once(&format!("value=\"{scope}\"")).expect("a box");
        tag.split('>').next().is_some_and(|tag| tag.contains("checked"))
    };
    assert_eq!((ticked("ingest"), ticked("read")), (false, true), "what was ticked stays");
}

#[tokio::test]
async fn what_cannot_be_undone_asks_first() {
    let (server, mut owner) = Server::with_owner().await;
    viewer(&server, &mut owner).await;
    make_dataset(&mut owner, "loans").await;
    owner.call(Method::POST, "/orgs/acme/keys", Some(json!({"name": "ci", "scopes": ["ingest"]}))).await;
    for (path, calls) in [
        ("/orgs/acme/keys", vec!["/rotate", "DELETE /api/v1/orgs/acme/keys/"]),
        ("/orgs/acme/people", vec!["DELETE /api/v1/orgs/acme/members/"]),
        ("/orgs/acme/datasets/loans", vec!["DELETE /api/v1/orgs/acme/datasets/loans"]),
    ] {
        let page = owner.page(path).await.text;
        let outside: String =
            page.split("<details").map(|part| part.rsplit("</details>").next().unwrap_or_default()).collect();
        for call in calls {
            assert!(page.contains(call), "{path}: {call}");
            assert!(!outside.contains(call), "{path}: {call} can be pressed at once");
        }
    }
}

#[tokio::test]
async fn a_dataset_goes_when_its_name_is_typed() {
    let (_server, mut owner) = Server::with_owner().await;
    make_dataset(&mut owner, "loans").await;
    let at = "/orgs/acme/datasets/loans";
    let form = |typed| {
        [
            ("_call", "DELETE /api/v1/orgs/acme/datasets/loans"),
            ("_confirm", "loans"),
            ("_typed", typed),
            ("_next", ACME),
        ]
    };
    let page = owner.form(at, &form("loan")).await;
    assert_says(&page, StatusCode::UNPROCESSABLE_ENTITY, "type `loans` to confirm");
    assert_eq!(owner.page(at).await.status, StatusCode::OK);
    assert_eq!(owner.form(at, &form("loans")).await.headers[header::LOCATION], ACME);
    assert_eq!(owner.page(at).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_dataset_is_made_with_slot_and_zone_and_gets_another_time_column() {
    let (_server, mut owner) = Server::with_owner().await;
    let fields = [
        ("_call", "POST /api/v1/orgs/acme/datasets"),
        ("name", "loans"),
        ("time_column?", ""),
        ("slot_seconds#", "900"),
        ("time_zone", "Europe/Berlin"),
    ];
    assert_eq!(owner.form(ACME, &fields).await.status, StatusCode::SEE_OTHER);
    let at = "/orgs/acme/datasets/loans";
    let page = owner.page(at).await.text;
    for text in ["15 minutes", "Europe/Berlin", "<dd>arrival"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let version = after(&page, "name=\"_version\" value=\"").expect("a version").to_owned();
    let change =
        [("_call", "PATCH /api/v1/orgs/acme/datasets/loans"), ("_version", &version), ("time_column", "paid_at")];
    assert_eq!(owner.form(at, &change).await.status, StatusCode::SEE_OTHER);
    assert!(owner.page(at).await.text.contains("<code>paid_at"));
    assert_says(&owner.form(at, &change).await, StatusCode::PRECONDITION_FAILED, "read it again");
}

#[tokio::test]
async fn lists_go_on_beyond_their_first_page() {
    let (_server, mut owner) = Server::with_owner().await;
    for n in 0..51 {
        make_dataset(&mut owner, &format!("feed_{n:02}")).await;
    }
    let page = owner.page(ACME).await.text;
    assert!(page.contains("feed_49<") && !page.contains("feed_50<"), "{page}");
    let next = after(&page, "href=\"/orgs/acme?").expect("a way on").to_owned();
    assert_eq!(next, "datasets=feed_49");
    let page = owner.page(&format!("/orgs/acme?{next}")).await.text;
    assert!(page.contains("feed_50<") && !page.contains("feed_49<"), "{page}");
    let (before, _) = page.split_once(">Back to the first").expect("a way back");
    assert!(before.rsplit("<a").next().is_some_and(|tag| tag.contains("href=\"/orgs/acme\"")), "{page}");
}

#[tokio::test]
async fn the_usage_of_an_org_stands_on_a_page() {
    let (server, mut owner) = Server::with_owner().await;
    make_dataset(&mut owner, "loans").await;
    let rows = Request::post("/api/v1/orgs/acme/datasets/loans/batches")
        .header(header::CONTENT_TYPE, "text/csv")
        .body(Body::from("a,b\n1,2\n3,4\n"));
    assert_eq!(owner.send(rows.expect("a sound request")).await.status, StatusCode::CREATED);
    let mut vera = viewer(&server, &mut owner).await;
    let page = vera.page("/orgs/acme/usage").await;
    assert_eq!(page.status, StatusCode::OK);
    for text in ["stored for 1 dataset", "/orgs/acme/datasets/loans", "1 batch<", "2 rows"] {
        assert!(page.text.contains(text), "{text} in {}", page.text);
    }
}

#[tokio::test]
async fn who_opens_a_page_is_not_said_to_have_been_refused_a_part_of_it() {
    let (server, mut owner) = Server::with_owner().await;
    let mut vera = viewer(&server, &mut owner).await;
    let page = vera.page("/orgs/acme/people").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let log = owner.get("/orgs/acme/audit").await.body;
    let entries = log["data"].as_array().expect("a list");
    assert!(entries.iter().all(|entry| entry["outcome"] != "refused"), "{log}");
}

#[rstest]
#[case::of_a_list(
    "/orgs/acme/datasets/loans?batches=nonsense",
    StatusCode::UNPROCESSABLE_ENTITY,
    "Back to the first page"
)]
#[case::of_another_list("/orgs/acme/audit?audit=nonsense", StatusCode::UNPROCESSABLE_ENTITY, "Back to the first page")]
#[case::of_what_is_not_there("/orgs/nobodys/usage", StatusCode::NOT_FOUND, "Go to your orgs")]
#[tokio::test]
async fn a_page_that_lacks_a_part_is_no_success_and_has_a_way_on(
    #[case] path: &str,
    #[case] status: StatusCode,
    #[case] way: &str,
) {
    let (_server, mut owner) = Server::with_owner().await;
    make_dataset(&mut owner, "loans").await;
    let page = owner.page(path).await;
    assert_eq!(page.status, status, "{}", page.text);
    let (_, refused) = page.text.split_once("class=\"refused\"").expect("it says so");
    let id = page.headers["x-request-id"].to_str().expect("ASCII");
    assert!(refused.contains(way) && refused.contains(id), "{refused}");
}

#[tokio::test]
async fn a_reference_beyond_the_limit_of_files_is_told_that_limit() {
    let (_server, mut owner) = Server::with_owner().await;
    make_dataset(&mut owner, "loans").await;
    let field = |name: &str| format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"");
    let mut body = format!(
        "{}\r\n\r\nPOST /api/v1/orgs/acme/datasets/loans/references\r\n{}\r\n\r\nmay\r\n{}; filename=\"may.csv\"\r\n\r\n",
        field("_call"),
        field("name"),
        field("file"),
    )
    .into_bytes();
    let n_before = body.len();
    // Few rows of long cells: no other limit is passed first.
    let row = format!("{}\n", "x".repeat(50_000));
    while body.len() - n_before <= 64 << 20 {
        body.extend_from_slice(row.as_bytes());
    }
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let request = Request::post("/orgs/acme/datasets/loans")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body));
    let page = owner.send(request.expect("a sound request")).await;
    assert_says(&page, StatusCode::PAYLOAD_TOO_LARGE, "67108864 bytes");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_answered_with_its_page() {
    let (_server, mut owner) = Server::with_owner().await;
    let long = "x".repeat(3 << 20);
    let page = owner.form("/orgs", &[("_call", "POST /api/v1/orgs"), ("name", &long)]).await;
    assert_says(&page, StatusCode::PAYLOAD_TOO_LARGE, "the form cannot be read");
    assert!(page.text.contains("Your orgs"), "{}", page.text);
}

#[tokio::test]
async fn reloading_after_a_form_makes_nothing_again_and_shows_no_secret_again() {
    let (_server, mut owner) = Server::with_owner().await;
    let keys = "/orgs/acme/keys";
    let key = [("_call", "POST /api/v1/orgs/acme/keys"), ("name", "ci"), ("scopes[]", "read"), ("_done", "Saved.")];
    let answer = owner.form(keys, &key).await;
    assert_eq!((answer.status, answer.headers[header::LOCATION].as_bytes()), (StatusCode::SEE_OTHER, keys.as_bytes()));
    assert!(!answer.text.contains("ds_live_"));
    let cookie = owner.flash.clone().expect("the secret goes with the redirect");
    assert!(!owner.page("/orgs/acme/people").await.text.contains("ds_live_"), "another page says nothing of it");
    assert_eq!(owner.flash, Some(cookie), "and leaves it to the page that does");
    assert!(owner.page(keys).await.text.contains("ds_live_"));
    let again = owner.page(keys).await.text;
    assert!(!again.contains("ds_live_"), "{again}");
    assert_eq!(owner.get("/orgs/acme/keys").await.body["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_was_saved_is_said_once_and_its_place_is_kept() {
    let (_server, mut owner) = Server::with_owner().await;
    let rename = [
        ("_call", "PATCH /api/v1/orgs/acme"),
        ("_version", "1"),
        ("_place", "name"),
        ("_done", "Saved <b>."),
        ("name", "Acme Ltd"),
    ];
    let answer = owner.form("/orgs/acme/people", &rename).await;
    assert_eq!(answer.headers[header::LOCATION], "/orgs/acme/people#name", "{}", answer.text);
    let page = owner.page("/orgs/acme/people").await.text;
    assert!(page.contains("role=\"status\"") && page.contains("Saved &lt;b&gt;."), "{page}");
    assert!(!owner.page("/orgs/acme/people").await.text.contains("Saved"));
    let mut foreign = rename;
    (foreign[1].1, foreign[2].1) = ("2", "x\r\nset-cookie: a=b");
    assert_eq!(owner.form("/orgs/acme/people", &foreign).await.headers[header::LOCATION], "/orgs/acme/people");
}
