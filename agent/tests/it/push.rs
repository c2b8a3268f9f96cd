//! `push`: what is sent, in which order, and how it ends when the server will not have it.

use rstest::rstest;

use crate::fake::{Answer, Fake, run_at};
use crate::world::World;

const BATCHES: &str = "POST /orgs/acme/datasets/loans/batches";
const DATASETS: &str = "POST /orgs/acme/datasets";
const PUSH: [&str; 4] = ["push", "ref.csv", "--dataset", "loans"];

#[test]
fn rows_are_sent_as_they_are_under_the_hash_of_their_content() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::receipt());
    let ran = fake.run(&world, &PUSH).ends_with(0).says("300 rows in 0 time slots of loans");
    assert_eq!(ran.stdout, "b-1\n");
    let asked = fake.asked();
    assert_eq!((asked.len(), asked[0].what.as_str()), (1, BATCHES));
    assert_eq!(asked[0].body, world.read("ref.csv").as_bytes());
    assert_eq!(asked[0].header("authorization"), Some("Bearer ds_key"));
    let hash = blake3::hash(&asked[0].body).to_hex().to_string();
    assert_eq!(asked[0].header("idempotency-key"), Some(hash.as_str()));
}

#[rstest]
#[case::nobody(401)]
#[case::forbidden(403)]
#[case::too_large(413)]
#[case::unreadable(422)]
fn a_refusal_ends_with_4_at_once(#[case] status: u16) {
    let world = World::new();
    let fake = Fake::start(move |_, _| Answer::problem(status));
    let ran = fake.run(&world, &PUSH).ends_with(4);
    ran.says(&format!("error: title of {status} ({status}): the detail")).says("help: the server's log has it as r-1");
    assert_eq!(fake.words(), [BATCHES]);
}

#[test]
fn a_key_that_is_not_known_ends_with_4_before_anything_is_sent() {
    let world = World::new();
    let fake = Fake::refusing(401);
    fake.run(&world, &PUSH).ends_with(4).says("error: title of 401 (401)");
    assert_eq!(fake.words(), [] as [&str; 0]);
}

#[test]
fn nothing_that_listens_ends_with_4() {
    let world = World::new();
    let url = Fake::gone();
    let ran = run_at(&url, &world, &[&PUSH[..], &["--wait", "0"]].concat()).ends_with(4);
    assert!(ran.says(&format!("cannot reach {url}: ")).stdout.is_empty());
}

#[test]
fn what_is_no_server_of_ours_ends_with_4_at_once() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::text(200, "<html>hello</html>"));
    fake.run(&world, &PUSH).ends_with(4).says("not as DriftSiren does").says("is the address right?");
    assert_eq!(fake.words(), [BATCHES]);
    let fake = Fake::start(|_, _| Answer::text(301, "").with_header("location", "https://drift.example.org/"));
    fake.run(&world, &PUSH).ends_with(4).says("points to https://drift.example.org/");
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
fn a_dataset_that_exists_is_not_made_again() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::receipt());
    fake.run(&world, &[&PUSH[..], &["--create"]].concat()).ends_with(0);
    assert_eq!(fake.words(), [BATCHES]);
}

#[test]
fn a_dataset_that_is_missing_is_made_and_the_rows_are_sent_again() {
    let world = World::new();
    let fake = Fake::start(|asked, n_before| match (asked.what.as_str(), n_before) {
        (BATCHES, 0) => Answer::problem(404),
        (BATCHES, _) => Answer::receipt(),
        (_, _) => Answer::dataset(),
    });
    fake.run(&world, &[&PUSH[..], &["--create", "--time-column", "paid_at"]].concat()).ends_with(0);
    let asked = fake.asked();
    assert_eq!(asked.iter().map(|asked| asked.what.as_str()).collect::<Vec<_>>(), [BATCHES, DATASETS, BATCHES]);
    assert_eq!(asked[1].json()["name"], "loans");
    assert_eq!(asked[1].json()["time_column"], "paid_at");
    assert_eq!(asked[0].body, asked[2].body);
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
    let world = World::new();
    let fake = Fake::start(|asked, _| Answer::problem(if asked.what == BATCHES { 404 } else { 403 }));
    let ran = fake.run(&world, &[&PUSH[..], &["--create"]].concat()).ends_with(4);
    ran.says("no dataset `loans`").says("the scope `manage`").says("driftsiren dataset create loans");
    let ran = fake.run(&world, &PUSH).ends_with(4);
    ran.says("title of 404 (404)").says("help: make the dataset with --create");
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
    let fake = Fake::start(|_, _| Answer::problem(500));
    let arguments = [&PUSH[..], &["--create", "--dry-run", "--at", "2026-01-31T08:00:00Z"]].concat();
    let text = fake.run(&world, &arguments).ends_with(0).stdout.replace(&fake.url, "URL");
    insta::assert_snapshot!("push_dry_run", text);
    let arguments =
        ["push", "ref.csv", "--dataset", "loans", "--dry-run", "--profile-only", "--idempotency-key", "mine"];
    let text = world.run(&arguments).ends_with(0).stdout;
    for part in ["none; `driftsiren login URL` keeps one", "a profile of csv; no rows", "mine", "3 columns"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    world.write("bad.csv", "a,a\n1,2\n");
    fake.run(&world, &["push", "nothing.csv", "--dataset", "loans", "--dry-run"]).ends_with(3);
    fake.has_heard_nothing();
}

#[cfg(unix)]
#[test]
fn a_pipe_is_sent_like_a_file() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::receipt());
    let script = "cat ref.csv | \"$0\" push /dev/stdin --dataset loans";
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_driftsiren")]).current_dir(world.path("")).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("DRIFTSIREN_URL", &fake.url).env("DRIFTSIREN_API_KEY", "ds_key");
    crate::world::Ran::of(&mut command).ends_with(0);
    assert_eq!(fake.asked()[0].body, world.read("ref.csv").as_bytes());
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
#[case::time(&["push", "ref.csv", "--dataset", "loans", "--at", "noon"], 2, "a time with its zone")]
#[case::address(&["push", "ref.csv", "--dataset", "loans", "--url", "drift.example.org"], 2, "is no address")]
fn mistakes_are_said_before_anything_is_sent(#[case] arguments: &[&str], #[case] code: i32, #[case] message: &str) {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::receipt());
    fake.run(&world, arguments).ends_with(code).says("error: ").says(message);
    fake.has_heard_nothing();
}

#[test]
fn without_a_server_or_a_key_it_ends_with_4_and_says_how_to_log_in() {
    let world = World::new();
    world.run(&PUSH).ends_with(4).says("error: no server").says("driftsiren login URL");
    let url = Fake::gone();
    world.run(&[&PUSH[..], &["--url", &url]].concat()).ends_with(4).says("error: no API key");
}
