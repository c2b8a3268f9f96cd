//! `watch`: what is sent, what waits, and how `--once` ends.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use rstest::rstest;

use crate::fake::{Answer, Fake, run_at};
use crate::server::Server;
use crate::world::{Ran, World};

const BATCHES: &str = "POST /orgs/acme/datasets/loans/batches";
const ONCE: [&str; 8] = ["watch", "in", "--dataset", "loans", "--spool", "spool", "--once", "--wait"];

/// A folder with two files.
fn world() -> World {
    let world = World::new();
    world.write("in/a.csv", "x\n1\n");
    world.write("in/b.csv", "x\n2\n");
    world
}

fn once(url: &str, world: &World) -> Ran {
    run_at(url, world, &[&ONCE[..], &["0"]].concat())
}

/// The same, to the real server.
fn deliver(server: &Server, world: &World) -> Ran {
    server.run(world, &[&ONCE[..], &["0"]].concat())
}

/// Hashes of the batches that the server has, oldest first.
fn hashes(server: &Server) -> Vec<String> {
    let hash = |batch: &serde_json::Value| batch["body_hash"].as_str().unwrap().to_owned();
    server.batches().iter().rev().map(hash).collect()
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Files of the spool with this ending, in order.
fn spooled(world: &World, ending: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(world.path("spool")).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> = files.filter(|path| path.extension().is_some_and(|known| known == ending)).collect();
    found.sort();
    found
}

#[test]
fn what_is_there_is_sent_in_order_and_once() {
    let (world, server) = (world(), Server::with_loans());
    deliver(&server, &world).ends_with(0).says("note: 1 row of ");
    let sent = [hash("x\n1\n"), hash("x\n2\n")];
    assert_eq!(hashes(&server), sent);
    let again = deliver(&server, &world).ends_with(0);
    assert_eq!((hashes(&server), again.stderr.as_str()), (sent.to_vec(), ""));
    assert!(spooled(&world, "batch").is_empty());
}

#[test]
fn what_is_odd_about_a_batch_is_said_with_its_file() {
    let (world, server) = (world(), Server::with_loans());
    world.write("in/b.csv", "y\n2\n");
    let ran = deliver(&server, &world).ends_with(0);
    ran.says("b.csv: column `y` is new").says("b.csv: column `x` is missing");
}

#[test]
fn files_of_equal_content_are_two_batches() {
    let (world, server) = (world(), Server::with_loans());
    world.write("in/b.csv", "x\n1\n");
    deliver(&server, &world).ends_with(0);
    assert_eq!(hashes(&server), [hash("x\n1\n"), hash("x\n1\n")]);
}

#[test]
fn a_refusal_that_can_be_corrected_ends_with_4_and_everything_waits() {
    let (world, server) = (world(), Server::start());
    let patient = [&ONCE[..], &["600"]].concat();
    let waits = |key: &str, status: &str| {
        let ran = server.run_as(key, &world, &patient).ends_with(4).says(status);
        ran.says("help: 2 batches (").says("in the spool spool; the next");
        assert_eq!(spooled(&world, "batch").len(), 2);
    };
    waits("ds_live_nonsense", "(401)");
    waits(&server.key, "(404)");
    server.call(ureq::http::Method::POST, "/orgs/acme/datasets", &serde_json::json!({"name": "loans"}));
    waits(&server.key(&["read"]), "(403)");
    deliver(&server, &world).ends_with(0);
    assert_eq!(hashes(&server).len(), 2, "they were sent later");
}

#[test]
fn a_server_that_is_away_ends_with_4_and_everything_waits() {
    let world = world();
    once(&Fake::gone(), &world).ends_with(4).says("error: cannot reach ").says("caused by: ").says("2 batches");
    assert_eq!(spooled(&world, "batch").len(), 2);
}

#[test]
fn a_server_that_asks_for_a_wait_beyond_every_clock_is_given_up() {
    let world = world();
    let fake = Fake::start(|_, _| Answer::problem(503).with_header("retry-after", "18446744073709551615"));
    run_at(&fake.url, &world, &[&ONCE[..], &["600"]].concat()).ends_with(4).says("title of 503");
}

#[test]
fn a_server_that_takes_one_batch_at_a_time_gets_them_all() {
    let world = world();
    let fake = Fake::start(|_, n_before| match n_before {
        0 | 2 => Answer::problem(429).with_header("retry-after", "1"),
        _ => Answer::receipt(),
    });
    // Patience would be at its end, were it not for the batch in between.
    run_at(&fake.url, &world, &[&ONCE[..], &["1"]].concat()).ends_with(0).says("trying again in 1 s");
    assert_eq!(fake.words().len(), 4);
}

#[test]
fn what_the_server_will_not_have_is_put_aside_and_ends_with_4() {
    let (world, server) = (world(), Server::with_loans());
    let refused = "PAR1 and no footer";
    world.write("in/a.csv", refused);
    let ran = deliver(&server, &world).ends_with(4);
    ran.says("a.csv is set aside as").says("error: the server refused 1 batch").says("`.refused`");
    assert_eq!(hashes(&server), [hash("x\n2\n")], "the other was sent");
    // The next program has nothing to say of it, and puts nothing over it.
    deliver(&server, &world).ends_with(0);
    world.write("in/c.csv", refused);
    deliver(&server, &world).ends_with(4);
    let aside = spooled(&world, "refused");
    assert_eq!(aside.len(), 2, "{aside:?}");
    let first = std::fs::read_to_string(&aside[0]).unwrap();
    assert!(first.contains("a.csv") && first.ends_with(refused), "{first}");
}

#[test]
fn what_is_too_large_for_a_proxy_does_not_block_what_comes_after_it() {
    let world = world();
    let too_large = || Answer::text(413, "<html>too large</html>");
    let fake = Fake::start(move |asked, _| if asked.body == b"x\n1\n" { too_large() } else { Answer::receipt() });
    once(&fake.url, &world).ends_with(4).says("a proxy before the server said so").says("is set aside as");
    assert_eq!(fake.words().len(), 2);
}

#[test]
fn a_file_that_never_fits_is_said_so_and_the_others_are_sent() {
    let world = world();
    world.write("in/a.csv", &"x\n".repeat(1 << 20));
    let fake = Fake::start(|_, _| Answer::receipt());
    let ran = run_at(&fake.url, &world, &[&ONCE[..], &["0", "--spool-limit", "1"]].concat()).ends_with(3);
    let ran = ran
        .says("error: a file or line was not sent")
        .says("a.csv is larger than the spool (1.00 MiB, see --spool-limit)");
    assert!(!ran.stderr.contains("the spool is full"), "{}", ran.stderr);
    assert_eq!(fake.words(), [BATCHES]);
    run_at(&fake.url, &world, &[&ONCE[..], &["0", "--spool-limit", "8"]].concat()).ends_with(0);
    assert_eq!(fake.words(), [BATCHES], "the next one has room for it");
}

#[test]
fn more_than_the_spool_holds_is_sent_all_the_same() {
    let (world, server) = (World::new(), Server::with_loans());
    for name in ["a", "b", "c"] {
        world.write(&format!("in/{name}.csv"), &format!("{name}\n{}", "1\n".repeat(300_000)));
    }
    let ran = server.run(&world, &[&ONCE[..], &["0", "--spool-limit", "1"]].concat()).ends_with(0);
    ran.says("the spool is full (1 MiB); new files stay where they are until there is room");
    assert_eq!(hashes(&server).len(), 3);
}

#[test]
fn a_spool_that_is_in_use_is_refused() {
    let world = world();
    let long_ago = SystemTime::now() - Duration::from_secs(60);
    std::fs::File::options().write(true).open(world.path("in/a.csv")).unwrap().set_modified(long_ago).unwrap();
    let fake = Fake::start(|_, _| Answer::receipt());
    let mut command = world.command_in("", &ONCE[..6]);
    command.env("DRIFTSIREN_URL", &fake.url).env("DRIFTSIREN_API_KEY", "ds_key");
    let mut first = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // When it asks, it has the spool.
    fake.wait();
    let second = once(&fake.url, &world);
    first.kill().unwrap();
    first.wait().unwrap();
    second.ends_with(3).says("error: the spool spool is in use by another `driftsiren watch`").says("--spool DIR");
    once(&fake.url, &world).ends_with(0);
}

#[test]
fn a_spool_is_for_one_dataset() {
    let world = world();
    once(&Fake::gone(), &world).ends_with(4);
    let fake = Fake::start(|_, _| Answer::receipt());
    let ran = fake.run(&world, &["watch", "in", "--dataset", "other", "--spool", "spool", "--once"]).ends_with(3);
    ran.says("error: the spool spool belongs to the dataset `loans`").says("2 batches for `loans` wait in this one");
    fake.has_heard_nothing();
    once(&fake.url, &world).ends_with(0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_waits() {
    use std::os::unix::fs::PermissionsExt;
    let world = world();
    once(&Fake::gone(), &world).ends_with(4);
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(world.path("spool")), 0o700);
    for path in [spooled(&world, "batch"), spooled(&world, "txt")].concat() {
        assert_eq!(mode(path.clone()), 0o600, "{path:?}");
    }
}

#[test]
fn lines_are_sent_once_and_a_file_that_was_replaced_from_its_start() {
    let (world, server) = (World::new(), Server::with_loans());
    world.write("rows.ndjson", "{\"a\":1}\n{\"a\":");
    let arguments = ["watch", "rows.ndjson", "--dataset", "loans", "--spool", "spool", "--once", "--wait", "0"];
    server.run(&world, &arguments).ends_with(0).says("the last line of ").says("is not complete yet");
    let new = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";
    world.write("new", new);
    std::fs::rename(world.path("new"), world.path("rows.ndjson")).unwrap();
    server.run(&world, &arguments).ends_with(0);
    server.run(&world, &arguments).ends_with(0);
    assert_eq!(hashes(&server), [hash("{\"a\":1}\n"), hash(new)]);
}

#[rstest]
#[case::nothing(&["watch", "on", "--dataset", "loans"], 3, "no file `on`")]
#[case::near(&["watch", "ref.cvs", "--dataset", "loans"], 3, "did you mean `ref.csv`?")]
#[case::csv(&["watch", "ref.csv", "--dataset", "loans"], 3, "is not NDJSON")]
#[case::spool(&["watch", "in", "--dataset", "loans", "--spool", "ref.csv"], 2, "is a file, not a folder")]
#[case::wait_alone(&["watch", "in", "--dataset", "loans", "--wait", "5"], 2, "--once")]
#[case::no_room(&["watch", "in", "--dataset", "loans", "--spool-limit", "0"], 2, "--spool-limit")]
fn mistakes_are_said(#[case] arguments: &[&str], #[case] code: i32, #[case] message: &str) {
    run_at(&Fake::gone(), &world(), arguments).ends_with(code).says("error: ").says(message);
}
