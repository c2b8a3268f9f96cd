//! Two inputs compared and forgotten.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use drift::{
    compare::compare,
    policy::{Method, Policy, Preset},
    read::{ReadOptions, profile_bytes},
    render::{Format, RenderOptions, render},
    schema::{ColumnHint, ColumnType},
};
use serde_json::json;

use crate::client::{Client, Reply, Server};

const BOUNDARY: &str = "a-line-that-no-file-has";

/// A part of a form: name, name of the file, content.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

async fn check(client: &mut Client, parts: &[Part<'_>]) -> Reply {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = Request::post("/api/v1/check").header("content-type", kind).body(Body::from(body));
    client.send(request.expect("a sound request")).await
}

fn csv(shift: u32) -> Vec<u8> {
    let rows =
        (0..500_u32).map(|n| format!("{},{},{}\n", n * 7 % 101 + shift, ["a", "b", "c"][(n % 3) as usize], n % 2));
    format!("amount,kind,zip\n{}", rows.collect::<String>()).into_bytes()
}

#[tokio::test]
async fn the_report_is_that_of_the_command_line() {
    let (_server, mut owner) = Server::with_owner().await;
    let (before, after) = (csv(0), csv(40));
    let reply =
        check(&mut owner, &[("reference", Some("before.csv"), &before), ("current", Some("after.csv"), &after)]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let profile = |name: &str, bytes: &[u8]| profile_bytes(name, bytes, &ReadOptions::new(name)).expect("readable");
    let (reference, current) = (profile("before.csv", &before), profile("after.csv", &after));
    let report = compare(&reference, &current, &drift::compare::CompareOptions::default()).expect("comparable");
    assert_eq!(reply.text, render(&report, Format::Json, &RenderOptions::default()));
    assert_eq!(reply.body["verdict"], "drifted");

    // Profiles stand for their files.
    let parts: [Part<'_>; 2] = [("reference", None, &reference.encode()), ("current", None, &current.encode())];
    let reply = check(&mut owner, &parts).await;
    assert_eq!(reply.body["receipt"]["digest"], report.receipt.digest, "{}", reply.text);
}

#[tokio::test]
async fn settings_are_those_of_the_flags() {
    let (_server, mut owner) = Server::with_owner().await;
    let (before, after) = (csv(0), csv(1));
    let settings = json!({
        "preset": "strict", "floor": 0.3, "types": {"zip": "categorical"}, "methods": {"amount": "psi"},
        "exclude": ["kind"], "all_metrics": true,
    })
    .to_string();
    let parts: [Part<'_>; 3] =
        [("settings", None, settings.as_bytes()), ("reference", None, &before), ("current", None, &after)];
    let reply = check(&mut owner, &parts).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let zip = ColumnHint { name: "zip".to_owned(), index: None, r#type: Some(ColumnType::Categorical), role: None };
    let options = ReadOptions { hints: vec![zip], ..ReadOptions::new("x") };
    let mut policy = Policy::preset(Preset::Strict);
    policy.all.floor = Some(0.3);
    policy.columns.entry("amount".to_owned()).or_default().method = Some(Method::Psi);
    let judged = drift::compare::CompareOptions {
        policy,
        all_metrics: true,
        exclude: vec!["kind".to_owned()],
        ..drift::compare::CompareOptions::default()
    };
    let profile = |bytes: &[u8]| profile_bytes("x", bytes, &options).expect("readable");
    let report = compare(&profile(&before), &profile(&after), &judged).expect("comparable");
    assert_eq!(reply.body["receipt"]["digest"], report.receipt.digest);
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused_by_name() {
    let (server, mut owner) = Server::with_owner().await;
    let sound = csv(0);
    let mut nobody = server.client();
    assert_eq!(check(&mut nobody, &[("reference", None, &sound)]).await.slug(), "unauthenticated");
    let cases: [(&[Part<'_>], &str, &str); 7] = [
        (&[("reference", None, &sound)], "validation", "`current`"),
        (&[("reference", None, &sound), ("reference", None, &sound)], "validation", "twice"),
        (&[("settings", None, b"{\"presets\": 1}")], "validation", "unknown field"),
        (&[("reference", None, &sound), ("settings", None, b"{}")], "validation", "before the files"),
        (&[("rows", None, &sound)], "validation", "`settings`, `reference` and `current`"),
        (&[("reference", None, &sound), ("current", None, b"x,y\n1,2\n")], "malformed-input", "column"),
        (
            &[("reference", Some("r.parquet"), b"PAR1nonsensePAR1"), ("current", None, &sound)],
            "malformed-parquet",
            "r.parquet",
        ),
    ];
    for (parts, slug, words) in cases {
        let reply = check(&mut owner, parts).await;
        assert_eq!(reply.slug(), slug, "{}", reply.text);
        assert!(reply.body["detail"].as_str().expect("a detail").contains(words), "{}", reply.text);
    }
    let request = Request::post("/api/v1/check").header("content-type", "text/csv").body(Body::from("a\n1\n"));
    assert_eq!(owner.send(request.expect("sound")).await.slug(), "unsupported-media-type");
}
