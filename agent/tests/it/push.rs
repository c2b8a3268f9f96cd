//! `push`: what is sent, what is said of it, and how it ends when the server refuses it.
//!
//! The fake stands for servers that are busy, gone or not ours, and shows what only the wire shows.

use rstest::rstest;

use crate::fake::{Answer, Fake, run_at};
use crate::server::Server;
use crate::world::World;

const BATCHES: &str = "POST /orgs/acme/datasets/loans/batches";
const PUSH: [&str; 4] = ["push", "ref.csv", "--dataset", "loans"];

#[test]
fn rows_are_sent_as_they_are_and_the_same_rows_are_one_batch() {
    let (world, server) = (World::new(), Server::with_loans());
    let ran = server.run(&world, &PUSH).ends_with(0).says("note: 300 rows in 1 time slot of loans");
    assert_eq!(ran.stderr.lines().count(), 1, "nothing else is remarkable: {}", ran.stderr);
    let batches = server.batches();
    let hash = blake3::hash(world.read("ref.csv").as_bytes()).to_hex().to_string();
    assert_eq!((batches.len(), &batches[0]["body_hash"]), (1, &hash.into()));
    assert_eq!(ran.stdout, format!("{}\n", batches[0]["batch_id"].as_str().unwrap()));
    assert_eq!(server.run(&world, &PUSH).ends_with(0).stdout, ran.stdout);
    server.run(&world, &[&PUSH[..], &["--idempotency-key", "mine"]].concat()).ends_with(0);
    let at = ["--at", "2026-01-31T08:00:00Z"];
    server.run(&world, &[&PUSH[..], &["--profile-only"], &at].concat()).ends_with(4).says("retention");
    assert_eq!(server.batches().len(), 2, "another key is another batch");
}

#[test]
fn a_profile_counts_the_same_rows() {
    let (world, server) = (World::new(), Server::with_loans());
    server.run(&world, &[&PUSH[..], &["--profile-only"]].concat()).ends_with(0).says("300 rows in 1 time slot");
    assert_eq!(server.batches()[0]["n_rows_accepted"], 300);
}

#[test]
fn what_is_odd_about_a_batch_is_said_in_sentences() {
    let (world, server) = (World::new(), Server::with_loans());
    server.run(&world, &PUSH).ends_with(0);
    let rows: String = (0..300).map(|n| if n % 2 == 0 { format!("{n},x\n") } else { format!("{n},x,1\n") }).collect();
    world.write("odd.csv", &format!("age,region\n{rows}"));
    let odd = ["push", "odd.csv", "--dataset", "loans"];
    let ran = server.run(&world, &odd).ends_with(0);
    let ran = ran.says("note: column `income` is missing").says("note: row 3: found 3 cells");
    let findings = ran.stderr.lines().filter(|line| line.starts_with("note: row ")).count();
    assert_eq!(findings, 20, "{}", ran.stderr);
    let ran = ran.says("only the first 20 findings are listed");
    assert!(!ran.stderr.contains('{'), "{}", ran.stderr);
}

#[test]
fn strict_ends_with_3_when_anything_is_odd_and_the_batch_is_kept() {
    let (world, server) = (World::new(), Server::with_loans());
    let strict = |file: &str| server.run(&world, &["push", file, "--dataset", "loans", "--strict"]);
    strict("ref.csv").ends_with(0);
    world.write("new.csv", &world.read("ref.csv").replace("region", "area"));
    let ran = strict("new.csv").ends_with(3);
    ran.says("note: column `area` is new").says("note: column `region` is missing").says("stored with 2 remarks");
    assert_eq!(server.batches().len(), 2);
    let quiet = ["push", "new.csv", "--dataset", "loans", "--strict", "-q"];
    assert!(!server.run(&world, &quiet).ends_with(3).says("error: ").stderr.contains("note: "));
}

#[test]
fn rows_without_a_readable_time_are_said() {
    let (world, server) = (World::new(), Server::start());
    let text: String = (0..40).map(|n| format!("{n},{}\n", if n < 4 { "yesterday" } else { "" })).collect();
    world.write("untimed.csv", &format!("amount,paid_at\n{text}"));
    let create = ["push", "untimed.csv", "--dataset", "loans", "--create", "--time-column", "paid_at"];
    let ran = server.run(&world, &create);
    assert!(ran.code == Some(4) || ran.stderr.contains("column `paid_at`: "), "{}", ran.stderr);
}

#[test]
fn a_refusal_ends_with_4_at_once() {
    let (world, server) = (World::new(), Server::with_loans());
    server.run_as("ds_live_nonsense", &world, &PUSH).ends_with(4).says("error: ").says("(401)").says("help: ");
    server.run_as(&server.key(&["read"]), &world, &PUSH).ends_with(4).says("(403)");
    world.write("cut.parquet", "PAR1 and no footer");
    let ran = server.run(&world, &["push", "cut.parquet", "--dataset", "loans"]).ends_with(4);
    assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
    server.run(&world, &["push", "ref.csv", "--dataset", "lones"]).ends_with(4).says("(404)");
    assert_eq!(server.batches().len(), 0);
}

#[test]
fn a_key_that_is_not_known_ends_with_4_before_anything_is_sent() {
    let world = World::new();
    let fake = Fake::refusing(401);
    fake.run(&world, &PUSH).ends_with(4).says("error: title of 401 (401)").says("r-1");
    assert_eq!(fake.words(), [] as [&str; 0]);
}

#[test]
fn nothing_that_listens_ends_with_4() {
    let world = World::new();
    let url = Fake::gone();
    let ran = run_at(&url, &world, &[&PUSH[..], &["--wait", "0"]].concat()).ends_with(4);
    let ran = ran.says(&format!("error: cannot reach {url}\ncaused by: "));
    assert!(ran.stdout.is_empty());
}

#[test]
fn what_is_no_server_of_ours_ends_with_4_at_once() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::text(200, "<html>hello</html>"));
    fake.run(&world, &PUSH).ends_with(4).says("is not a DriftSiren server").says("check the address");
    assert_eq!(fake.words(), [BATCHES]);
    let fake = Fake::start(|_, _| Answer::text(301, "").with_header("location", "https://drift.example.org/"));
    fake.run(&world, &PUSH).ends_with(4).says("redirects to https://drift.example.org/");
    assert_eq!(fake.words(), [BATCHES]);
}

#[test]
fn a_server_that_asks_to_wait_is_asked_again_with_the_same_key() {
    let world = World::new();
    let busy = || Answer::problem(429).with_header("retry-after", "0");
    let fake = Fake::start(move |_, n_before| if n_before < 6 { busy() } else { Answer::receipt() });
    fake.run(&world, &PUSH).ends_with(0).says("title of 429 (429): the detail; trying again in 0 s");
    let asked = fake.asked();
    assert_eq!(asked.len(), 7);
    let keys: Vec<_> = asked.iter().map(|asked| asked.header("idempotency-key")).collect();
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]) && asked.iter().all(|asked| asked.what == BATCHES));
}

#[rstest]
#[case::longer_than_asked_for("31", &[])]
#[case::beyond_every_clock("18446744073709551615", &[])]
#[case::once("0", &["--wait", "0"])]
fn what_would_take_too_long_is_given_up_at_once(#[case] after: &'static str, #[case] flags: &[&str]) {
    let world = World::new();
    let fake = Fake::start(move |_, _| Answer::problem(503).with_header("retry-after", after));
    let ran = fake.run(&world, &[&PUSH[..], flags].concat());
    ran.ends_with(4).says("error: title of 503 (503)");
    assert_eq!(fake.words(), [BATCHES]);
}

#[test]
fn a_dataset_that_exists_is_not_made_again_so_that_ingest_is_enough() {
    let (world, server) = (World::new(), Server::with_loans());
    let key = server.key(&["ingest"]);
    server.run_as(&key, &world, &[&PUSH[..], &["--create"]].concat()).ends_with(0);
}

#[test]
fn a_dataset_that_is_missing_is_made_and_the_rows_are_sent_again() {
    let (world, server) = (World::new(), Server::start());
    world.write("timed.csv", &format!("amount,paid_at\n{}", format!("1,{}\n", jiff::Timestamp::now()).repeat(9)));
    let push = ["push", "timed.csv", "--dataset", "loans", "--create", "--time-column", "paid_at"];
    server.run(&world, &push).ends_with(0).says("9 rows in 1 time slot");
    assert_eq!(server.get("/orgs/acme/datasets/loans")["time_column"], "paid_at");
    assert_eq!(server.batches().len(), 1);
}

#[test]
fn a_dataset_that_somebody_else_made_meanwhile_is_taken() {
    let world = World::new();
    let fake = Fake::start(|asked, n_before| match (asked.what.as_str(), n_before) {
        (BATCHES, 0) => Answer::problem(404),
        (BATCHES, _) => Answer::receipt(),
        (_, _) => Answer::problem(409),
    });
    fake.run(&world, &[&PUSH[..], &["--create"]].concat()).ends_with(0);
}

#[test]
fn a_key_that_may_not_make_datasets_is_told_which_scope_it_lacks() {
    let (world, server) = (World::new(), Server::start());
    let key = server.key(&["ingest"]);
    let ran = server.run_as(&key, &world, &[&PUSH[..], &["--create"]].concat()).ends_with(4);
    ran.says("no dataset `loans`").says("the scope `manage`").says("driftsiren dataset create loans");
    let ran = server.run_as(&key, &world, &PUSH).ends_with(4);
    ran.says("(404)").says("help: create the dataset with --create");
}

#[test]
fn names_are_parts_of_an_address_whatever_they_hold() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::receipt());
    fake.run(&world, &["push", "ref.csv", "--dataset", "a b/../c?d", "--org", "ä#"]).ends_with(0);
    assert_eq!(fake.words(), ["POST /orgs/%C3%A4%23/datasets/a%20b%2F%2E%2E%2Fc%3Fd/batches"]);
}

#[test]
fn a_dry_run_says_all_and_asks_nobody() {
    let world = World::new();
    // Asking would end with 4.
    let url = Fake::gone();
    let arguments = [&PUSH[..], &["--create", "--dry-run", "--at", "2026-01-31T08:00:00Z"]].concat();
    let text = run_at(&url, &world, &arguments).ends_with(0).stdout.replace(&url, "URL");
    insta::assert_snapshot!("push_dry_run", text);
    let arguments =
        ["push", "ref.csv", "--dataset", "loans", "--dry-run", "--profile-only", "--idempotency-key", "mine"];
    let text = world.run(&arguments).ends_with(0).stdout;
    for part in ["none; run `driftsiren login URL`", "a profile of csv; no rows", "mine", "3 columns"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    run_at(&url, &world, &["push", "nothing.csv", "--dataset", "loans", "--dry-run"]).ends_with(3);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_sent_like_a_file() {
    let (world, server) = (World::new(), Server::with_loans());
    let script = "cat ref.csv | \"$0\" push /dev/stdin --dataset loans";
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_driftsiren")]).current_dir(world.path("")).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("DRIFTSIREN_URL", &server.url).env("DRIFTSIREN_API_KEY", &server.key);
    crate::world::Ran::of(&mut command).ends_with(0);
    let hash = blake3::hash(world.read("ref.csv").as_bytes()).to_hex().to_string();
    assert_eq!(server.batches()[0]["body_hash"], hash);
}

#[test]
fn a_large_body_waits_until_the_server_wants_it() {
    let world = World::new();
    let big = world.write("big.csv", &"x\n".repeat(1 << 20));
    let fake = Fake::start(|_, _| Answer::receipt());
    fake.run(&world, &["push", big.to_str().unwrap(), "--dataset", "loans"]).ends_with(0);
    let asked = fake.asked();
    assert_eq!((asked[0].header("expect"), asked[0].body.len()), (Some("100-continue"), 2 << 20));
}

#[rstest]
#[case::no_file(&["push", "ref.cvs", "--dataset", "loans"], 3, "did you mean `ref.csv`?")]
#[case::folder(&["push", ".", "--dataset", "loans"], 3, "is a folder")]
#[case::empty(&["push", "--dataset", "loans"], 3, "stdin is empty")]
#[case::no_dataset(&["push", "ref.csv"], 2, "--dataset")]
#[case::unnamed_dataset(&["push", "ref.csv", "--dataset", ""], 2, "--dataset")]
#[case::key(&["push", "ref.csv", "--dataset", "loans", "--idempotency-key", "a b"], 2, "visible ASCII")]
#[case::time(&["push", "ref.csv", "--dataset", "loans", "--at", "noon"], 2, "a time with its offset")]
#[case::address(&["push", "ref.csv", "--dataset", "loans", "--url", "drift.example.org"], 2, "is not the address")]
fn mistakes_are_said_before_anything_is_sent(#[case] arguments: &[&str], #[case] code: i32, #[case] message: &str) {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::receipt());
    fake.run(&world, arguments).ends_with(code).says("error: ").says(message);
    fake.has_heard_nothing();
}

#[test]
fn without_a_server_or_a_key_it_ends_with_4_and_says_how_to_log_in() {
    let world = World::new();
    world.run(&PUSH).ends_with(4).says("error: no server is set").says("driftsiren login URL");
    let url = Fake::gone();
    world.run(&[&PUSH[..], &["--url", &url]].concat()).ends_with(4).says("error: no API key is set").says("API_KEY");
    world.run(&[&PUSH[..], &["--url", "drift"]].concat()).ends_with(2).says("`drift` is not the address of a server");
}
