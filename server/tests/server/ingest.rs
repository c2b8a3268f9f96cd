//! Rows come in, once, and stay.

use std::io::Write;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::client::{Client, Reply, Server};

const BATCHES: &str = "/api/v1/orgs/acme/datasets/loans/batches";

/// A server with a dataset and a program that may fill it.
async fn with_dataset(more: serde_json::Value) -> (Server, Client, Client) {
    let (server, mut owner) = Server::with_owner().await;
    let mut body = json!({"name": "loans"});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let made = owner.call(Method::POST, "/orgs/acme/datasets", Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let key = json!({"name": "ci", "scopes": ["ingest"]});
    let key = owner.call(Method::POST, "/orgs/acme/keys", Some(key)).await;
    let mut program = server.client();
    program.key = key.body["secret"].as_str().map(str::to_owned);
    (server, owner, program)
}

async fn send(client: &mut Client, kind: &str, key: Option<&str>, body: impl Into<Vec<u8>>) -> Reply {
    let body = body.into();
    let mut request = Request::post(BATCHES).header("content-type", kind).header("content-length", body.len());
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    client.send(request.body(Body::from(body)).expect("a sound request")).await
}

async fn n_batches(owner: &mut Client) -> usize {
    owner.get("/orgs/acme/datasets/loans/batches").await.body["data"].as_array().expect("a list").len()
}

#[tokio::test]
async fn every_format_gives_the_same_columns() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    let csv = "age,job\n31,cook\n44,smith\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(csv.as_bytes()).expect("memory takes all");
    let bodies: [(&str, Vec<u8>); 7] = [
        ("text/csv", csv.into()),
        ("text/tab-separated-values", csv.replace(',', "\t").into()),
        ("application/x-ndjson", "{\"age\":31,\"job\":\"cook\"}\n{\"age\":44,\"job\":\"smith\"}\n".into()),
        ("application/json", "[{\"age\":31,\"job\":\"cook\"},{\"age\":44,\"job\":\"smith\"}]".into()),
        ("application/json", "{\"rows\":[{\"age\":31,\"job\":\"cook\"},{\"age\":44,\"job\":\"smith\"}]}".into()),
        ("application/octet-stream", gz.finish().expect("memory takes all")),
        ("application/octet-stream", csv.into()),
    ];
    let n = bodies.len();
    for (kind, body) in bodies {
        let reply = send(&mut program, kind, None, body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{kind}: {}", reply.body);
        assert_eq!((&reply.body["n_rows_accepted"], &reply.body["schema_changes"]), (&json!(2), &json!([])), "{kind}");
    }
    let dataset = owner.get("/orgs/acme/datasets/loans").await.body;
    let names: Vec<_> = dataset["columns"].as_array().expect("a list").iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, ["age", "job"]);
    assert_eq!(n_batches(&mut owner).await, n);
    let page = owner.page("/orgs/acme/datasets/loans").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("age") && page.text.contains("2 rows"), "{}", page.text);
}

#[tokio::test]
async fn a_retry_is_no_second_batch() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    let first = send(&mut program, "text/csv", Some("k1"), "a\n1\n").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let again = send(&mut program, "text/csv", Some("k1"), "a\n1\n").await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first.body));
    let other = send(&mut program, "text/csv", Some("k1"), "a\n2\n").await;
    assert_eq!(other.slug(), "idempotency-mismatch");
    assert_eq!(send(&mut program, "text/csv", Some("no spaces"), "a\n1\n").await.slug(), "idempotency-key-invalid");
    assert_eq!(n_batches(&mut owner).await, 1);
}

/// P2: 64 at once with one key make one batch and get one answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_retries_at_once_are_one_batch() {
    let (_server, mut owner, program) = with_dataset(json!({})).await;
    let tasks = (0..64).map(|_| {
        let mut program = program.clone();
        tokio::spawn(async move {
            loop {
                let reply = send(&mut program, "text/csv", Some("same"), "a\n1\n").await;
                if reply.slug() != "idempotency-in-progress" {
                    return reply;
                }
                tokio::task::yield_now().await;
            }
        })
    });
    let mut receipts = std::collections::BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        let reply = task.await.expect("no panic");
        // The rate of one key holds for retries too.
        if reply.slug() != "rate-limited" {
            assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
            receipts.insert(reply.body.to_string());
        }
    }
    assert_eq!(receipts.len(), 1);
    assert_eq!(n_batches(&mut owner).await, 1);
}

#[tokio::test]
async fn rows_fall_into_the_slots_of_their_times() {
    let (_server, _, mut program) = with_dataset(json!({"time_column": "at", "slot_seconds": 3600})).await;
    let hour = |ago: i64| {
        let at = Timestamp::now() - SignedDuration::from_hours(ago);
        Timestamp::from_second(at.as_second() / 3600 * 3600).expect("a time")
    };
    let csv = format!("at,x\n{},1\n{},2\n{},3\n", hour(3), hour(1), hour(3));
    let reply = send(&mut program, "text/csv", None, csv).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let expected = json!([
        {"slot_at": hour(3).to_string(), "n_rows": 2},
        {"slot_at": hour(1).to_string(), "n_rows": 1},
    ]);
    assert_eq!((&reply.body["slots"], &reply.body["late"]), (&expected, &json!(false)));
    let late = send(&mut program, "text/csv", None, format!("at,x\n{},1\n", hour(30))).await;
    assert_eq!(late.body["late"], true);
    let future = send(&mut program, "text/csv", None, format!("at,x\n{},1\n", hour(-2))).await;
    assert_eq!(future.slug(), "timestamp-in-future");
    let old = send(&mut program, "text/csv", None, format!("at,x\n{},1\n", hour(91 * 24))).await;
    assert_eq!(old.slug(), "timestamp-too-old");
    let without = send(&mut program, "text/csv", None, "at,x\n,1\n").await;
    assert!(without.body["findings"][0]["detail"].as_str().expect("a finding").contains("1 rows have no time"));
}

#[tokio::test]
async fn other_columns_are_accepted_and_said() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    let rows = |line: &str| format!("{line}\n").repeat(150);
    send(&mut program, "text/csv", None, format!("a,b\n{}", rows("1,x"))).await;
    let reply = send(&mut program, "text/csv", None, format!("a,c\n{}", rows("red,1"))).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let kinds = |reply: &Reply| {
        let changes = reply.body["schema_changes"].as_array().expect("a list").clone();
        changes
            .iter()
            .map(|c| format!("{} {}", c["kind"].as_str().unwrap_or(""), c["column"].as_str().unwrap_or("")))
            .collect::<Vec<_>>()
    };
    let said = kinds(&reply);
    assert!(said.contains(&"new c".to_owned()) && said.contains(&"missing b".to_owned()), "{said:?}");
    let dataset = owner.get("/orgs/acme/datasets/loans").await.body;
    let b = dataset["columns"].as_array().expect("a list").iter().find(|c| c["name"] == "b").expect("b").clone();
    assert_eq!(b["is_missing"], true);
    let patch = json!({"column_types": {"b": "text"}});
    let etag = format!("\"{}\"", dataset["version"]);
    let changed =
        owner.call_with(Method::PATCH, "/orgs/acme/datasets/loans", Some(patch), &[("if-match", &etag)]).await;
    assert!(changed.body["columns"].to_string().contains("\"type_override\":\"text\""), "{}", changed.body);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_nothing_is_kept() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("text/csv", Vec::new(), "malformed-input"),
        ("application/xml", "<a/>".into(), "unsupported-media-type"),
        ("text/csv", format!("a\n{}\n", "x".repeat(70 << 10)).into(), "cell-too-long"),
        (
            "text/csv",
            format!("{}\n", (0..2001).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",")).into(),
            "too-many-columns",
        ),
        ("text/csv", "a,a\n1,2\n".into(), "invalid-column-name"),
        ("application/json", format!("[{{\"a\":{}1{}}}]", "[".repeat(40), "]".repeat(40)).into(), "json-too-deep"),
        ("application/vnd.apache.parquet", b"PAR1nonsensePAR1".to_vec(), "malformed-parquet"),
        ("application/vnd.driftsiren.profile", b"x".to_vec(), "unsupported-media-type"),
    ];
    for (kind, body, slug) in cases {
        let reply = send(&mut program, kind, None, body).await;
        assert_eq!(reply.slug(), slug, "{kind}: {}", reply.body);
        assert!(!reply.body["detail"].as_str().expect("a detail").is_empty());
    }
    let request = Request::post(BATCHES).header("content-encoding", "br").body(Body::from("a\n1\n"));
    assert_eq!(program.send(request.expect("sound")).await.slug(), "unsupported-encoding");
    let request = Request::post(BATCHES).header("content-length", 65 << 20).body(Body::empty());
    assert_eq!(program.send(request.expect("sound")).await.slug(), "body-too-large");
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b'1'; 64 << 20]).expect("memory takes all");
    let reply = send(&mut program, "application/octet-stream", None, bomb.finish().expect("memory takes all")).await;
    assert!(["decompressed-too-large", "record-too-long", "cell-too-long"].contains(&reply.slug()), "{}", reply.body);
    assert_eq!(n_batches(&mut owner).await, 0);
    assert_eq!(program.get("/orgs/acme/datasets/loans/batches").await.slug(), "forbidden", "this key only sends");
    let nowhere = Request::post(BATCHES.replace("loans", "no")).body(Body::from("a\n1\n")).expect("sound");
    assert_eq!(program.send(nowhere).await.slug(), "not-found");
}

#[tokio::test]
async fn a_profile_comes_in_without_a_row() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    let options = driftsiren_server::ingest::options("rows.csv");
    let profile = drift::read::profile_bytes("rows.csv", b"a,b\n1,x\n2,y\n", &options).expect("readable");
    let path = "/api/v1/orgs/acme/datasets/loans/profiles";
    let request = Request::post(path).body(Body::from(profile.encode())).expect("sound");
    let reply = program.send(request).await;
    assert_eq!((reply.status, &reply.body["n_rows_accepted"]), (StatusCode::CREATED, &json!(2)), "{}", reply.body);
    let damaged = Request::post(path).body(Body::from(profile.encode()[..40].to_vec())).expect("sound");
    assert_eq!(program.send(damaged).await.slug(), "malformed-profile");
    let at = "/api/v1/orgs/acme/datasets/loans/references?name=january";
    let kept = owner.send(Request::post(at).body(Body::from(profile.encode())).expect("sound")).await;
    assert_eq!((kept.status, &kept.body["is_active"]), (StatusCode::CREATED, &json!(true)), "{}", kept.body);
    let at = "/api/v1/orgs/acme/datasets/loans/references?name=february";
    let second = owner.send(Request::post(at).body(Body::from("a,b\n1,x\n")).expect("sound")).await;
    assert_eq!(second.body["is_active"], false, "{}", second.body);
    let activate =
        format!("/orgs/acme/datasets/loans/references/{}/activate", second.body["id"].as_str().expect("an id"));
    assert_eq!(owner.call(Method::POST, &activate, None).await.status, StatusCode::NO_CONTENT);
    let all = owner.get("/orgs/acme/datasets/loans/references").await.body;
    let active: Vec<_> = all["data"].as_array().expect("a list").iter().filter(|r| r["is_active"] == true).collect();
    assert_eq!((active.len(), &active[0]["name"]), (1, &json!("february")));
}

#[tokio::test]
async fn a_sender_that_is_too_fast_waits() {
    let (_server, _, mut program) = with_dataset(json!({})).await;
    let mut slugs = Vec::new();
    for _ in 0..125 {
        slugs.push(send(&mut program, "text/csv", None, "a\n1\n").await.slug().to_owned());
    }
    assert!(slugs[..120].iter().all(String::is_empty), "{slugs:?}");
    assert_eq!(slugs.last().map(String::as_str), Some("rate-limited"));
}

#[tokio::test]
async fn compressed_text_is_read_as_what_it_holds() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    let plain = include_bytes!("../../../drift-wasm/fuzz/corpus/csv/plain.csv");
    let zstd = include_bytes!("../../../drift-wasm/fuzz/corpus/csv/plain.csv.zst");
    let first = send(&mut program, "text/csv", None, plain.as_slice()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    for kind in ["text/csv", "application/zstd", "application/octet-stream"] {
        let reply = send(&mut program, kind, None, zstd.as_slice()).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{kind}: {}", reply.body);
        assert_eq!(reply.body["n_rows_accepted"], first.body["n_rows_accepted"], "{kind}");
        assert_eq!(reply.body["schema_changes"], json!([]), "{kind}");
    }
    let request = Request::post(BATCHES).header("content-encoding", "zstd").body(Body::from(zstd.as_slice()));
    assert_eq!(program.send(request.expect("sound")).await.status, StatusCode::CREATED);
    assert_eq!(n_batches(&mut owner).await, 5);
    let cut = send(&mut program, "text/csv", None, &zstd[..zstd.len() - 5]).await;
    assert_eq!(cut.slug(), "malformed-input", "{}", cut.body);
}

#[tokio::test]
async fn a_parquet_file_is_a_batch() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    let file = include_bytes!("../../../drift-wasm/tests/fixtures/parquet/codec_zstd.parquet").as_slice();
    for kind in ["application/vnd.apache.parquet", "application/octet-stream"] {
        let reply = send(&mut program, kind, None, file).await;
        assert_eq!((reply.status, &reply.body["n_rows_accepted"]), (StatusCode::CREATED, &json!(40)), "{}", reply.body);
    }
    let dataset = owner.get("/orgs/acme/datasets/loans").await.body;
    let options = driftsiren_server::ingest::options("loans");
    let profile = drift::read::profile_bytes("loans", file, &options).expect("readable");
    let names: Vec<_> = profile.columns.iter().map(|column| json!(column.name)).collect();
    let kept = dataset["columns"].as_array().expect("a list").iter().map(|column| column["name"].clone());
    assert_eq!(kept.collect::<Vec<_>>(), names);
    let cut = send(&mut program, "application/vnd.apache.parquet", None, &file[..file.len() / 2]).await;
    assert_eq!(cut.slug(), "malformed-parquet", "{}", cut.body);
    assert_eq!(n_batches(&mut owner).await, 2);
}

#[tokio::test]
async fn rows_without_a_time_happened_when_their_sender_says() {
    let (_server, _, mut program) = with_dataset(json!({"slot_seconds": 3600})).await;
    let at = Timestamp::from_second((Timestamp::now().as_second() / 3600 - 5) * 3600).expect("a time");
    let mut send_at = async |at: &str| {
        let request = Request::post(format!("{BATCHES}?at={at}")).body(Body::from("a,b\n1,2\n3,4\n"));
        program.send(request.expect("sound")).await
    };
    let within = at + SignedDuration::from_mins(20);
    let reply = send_at(&within.to_string()).await;
    assert_eq!(reply.body["slots"], json!([{"slot_at": at.to_string(), "n_rows": 2}]), "{}", reply.body);
    assert_eq!(send_at("yesterday").await.slug(), "validation");
    assert_eq!(send_at(&(within + SignedDuration::from_hours(24)).to_string()).await.slug(), "timestamp-in-future");
    assert_eq!(send_at(&(within - SignedDuration::from_hours(91 * 24)).to_string()).await.slug(), "timestamp-too-old");
}

#[tokio::test]
async fn what_an_org_keeps_is_counted() {
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    for rows in ["a\n1\n2\n", "a\n3\n"] {
        assert_eq!(send(&mut program, "text/csv", None, rows).await.status, StatusCode::CREATED);
    }
    let reply = owner.get("/orgs/acme/usage").await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!((&reply.body["n_members"], &reply.body["n_keys"]), (&json!(1), &json!(1)));
    let dataset = &reply.body["datasets"][0];
    assert_eq!(
        (&dataset["name"], &dataset["n_batches"], &dataset["n_rows"]),
        (&json!("loans"), &json!(2), &json!(3)),
        "{}",
        reply.body
    );
    assert!(dataset["n_bytes"].as_u64().is_some_and(|n| n > 100), "{dataset}");
    assert!(dataset["last_batch_at"].is_string(), "{dataset}");
    assert_eq!(program.get("/orgs/acme/usage").await.slug(), "forbidden", "this key only sends");
}

#[tokio::test]
async fn a_body_that_would_fill_the_memory_is_refused() {
    use std::fmt::Write;

    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    // Every cell of 400 columns is a label of its own: little to send, much to hold.
    let mut csv = (0..400).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",") + "\n";
    for row in 0..6_000 {
        for column in 0..400 {
            write!(csv, "{}x{row:x}", if column == 0 { "" } else { "," }).expect("memory takes all");
        }
        csv.push('\n');
    }
    let reply = send(&mut program, "text/csv", None, csv).await;
    assert_eq!(reply.slug(), "too-many-values", "{}", reply.body);
    assert_eq!(n_batches(&mut owner).await, 0);
}

#[tokio::test]
async fn a_dataset_is_worked_with_on_its_page() {
    const PAGE: &str = "/orgs/acme/datasets/loans";
    let (_server, mut owner, mut program) = with_dataset(json!({})).await;
    assert_eq!(send(&mut program, "text/csv", None, "zip,x\n1,2\n").await.status, StatusCode::CREATED);
    let dataset = owner.get(PAGE).await.body;
    let version = dataset["version"].to_string();
    let call = format!("PATCH /api/v1{PAGE}");
    let fields =
        [("_call", call.as_str()), ("_version", &version), ("column_types:zip", "categorical"), ("column_types:x", "")];
    let reply = owner.form(PAGE, &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    let columns = owner.get(PAGE).await.body["columns"].clone();
    assert_eq!((&columns[0]["type_override"], &columns[1]["type_override"]), (&json!("categorical"), &json!(null)));
    let stale = owner.form(PAGE, &fields).await;
    assert!(stale.text.contains("It was changed in the meantime"), "{}", stale.text);

    let upload = |call: &str, name: &str, file: &str| {
        let field = |name: &str, value: &str| {
            format!("--line\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = "--line\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";
        let body = format!("{}{}{head}{file}\r\n--line--\r\n", field("_call", call), field("name", name));
        let request = Request::post(PAGE)
            .header("content-type", "multipart/form-data; boundary=line")
            .header("sec-fetch-site", "same-origin");
        request.body(Body::from(body)).expect("a sound request")
    };
    let call = format!("POST /api/v1{PAGE}/references");
    let reply = owner.send(upload(&call, "january", "zip,x\n1,2\n3,4\n")).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    let references = owner.get(&format!("{PAGE}/references")).await.body;
    let first = &references["data"][0];
    assert_eq!((&first["name"], &first["n_rows"], &first["is_active"]), (&json!("january"), &json!(2), &json!(true)));
    let refused = owner.send(upload(&call, "February!", "zip,x\n1,2\n")).await;
    assert!(refused.text.contains("small letters"), "{}", refused.text);
    assert_eq!(owner.send(upload("POST /theme", "x", "")).await.status, StatusCode::BAD_REQUEST);
    let page = owner.page(PAGE).await;
    assert!(page.text.contains("january") && page.text.contains("Type of zip"), "{}", page.text);
}
