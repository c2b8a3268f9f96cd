//! `watch`: what is sent, what waits, and how `--once` ends.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use rstest::rstest;

use crate::fake::{Answer, Fake, run_at};
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

/// Files of the spool with this ending, in order.
fn spooled(world: &World, ending: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(world.path("spool")).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> = files.filter(|path| path.extension().is_some_and(|known| known == ending)).collect();
    found.sort();
    found
}

#[test]
fn what_is_there_is_sent_in_order_and_once() {
    let world = world();
    let fake = Fake::start(|_, _| Answer::receipt());
    once(&fake.url, &world).ends_with(0).says("300 rows of ");
    let bodies: Vec<_> = fake.asked().into_iter().map(|asked| (asked.what, asked.body)).collect();
    assert_eq!(bodies, [(BATCHES.to_owned(), b"x\n1\n".to_vec()), (BATCHES.to_owned(), b"x\n2\n".to_vec())]);
    once(&fake.url, &world).ends_with(0);
    assert_eq!(fake.words(), [] as [&str; 0]);
    assert!(spooled(&world, "batch").is_empty());
}

#[test]
fn files_of_equal_content_are_two_batches() {
    let world = world();
    world.write("in/b.csv", "x\n1\n");
    let fake = Fake::start(|_, _| Answer::receipt());
    once(&fake.url, &world).ends_with(0);
    let keys: Vec<_> = fake.asked().iter().map(|asked| asked.header("idempotency-key").map(str::to_owned)).collect();
    assert!(keys.len() == 2 && keys[0].is_some() && keys[0] != keys[1], "{keys:?}");
}

#[rstest]
#[case::nobody(401)]
#[case::forbidden(403)]
#[case::no_dataset(404)]
fn a_refusal_that_somebody_can_mend_ends_with_4_and_everything_waits(#[case] status: u16) {
    let world = world();
    let fake = Fake::start(move |_, _| Answer::problem(status));
    let ran = run_at(&fake.url, &world, &[&ONCE[..], &["600"]].concat()).ends_with(4);
    ran.says(&format!("error: title of {status}")).says("help: 2 batches (").says("in the spool spool; the next");
    assert_eq!((fake.words(), spooled(&world, "batch").len()), (vec![BATCHES.to_owned()], 2));
    let fake = Fake::start(|_, _| Answer::receipt());
    once(&fake.url, &world).ends_with(0);
    assert_eq!(fake.words().len(), 2, "they were sent later");
}

#[test]
fn a_key_that_is_not_known_ends_with_4() {
    let fake = Fake::refusing(401);
    once(&fake.url, &world()).ends_with(4).says("error: title of 401").says("2 batches");
}

#[test]
fn a_server_that_is_away_ends_with_4_and_everything_waits() {
    let world = world();
    once(&Fake::gone(), &world).ends_with(4).says("error: cannot reach ").says("2 batches");
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
    let world = world();
    let fake = Fake::start(|asked, _| if asked.body == b"x\n1\n" { Answer::problem(422) } else { Answer::receipt() });
    let ran = once(&fake.url, &world).ends_with(4);
    ran.says("a.csv is put aside as").says("error: the server refused 1 batch").says("`.refused`");
    assert_eq!(fake.words().len(), 2, "the other was sent");
    // The next program has nothing to say of it, and puts nothing over it.
    once(&fake.url, &world).ends_with(0);
    world.write("in/c.csv", "x\n1\n");
    once(&fake.url, &world).ends_with(4);
    let aside = spooled(&world, "refused");
    assert_eq!(aside.len(), 2, "{aside:?}");
    let first = std::fs::read_to_string(&aside[0]).unwrap();
    assert!(first.contains("a.csv") && first.ends_with("x\n1\n"), "{first}");
}

#[test]
fn what_is_too_large_for_a_proxy_does_not_block_what_comes_after_it() {
    let world = world();
    let too_large = || Answer::text(413, "<html>too large</html>");
    let fake = Fake::start(move |asked, _| if asked.body == b"x\n1\n" { too_large() } else { Answer::receipt() });
    once(&fake.url, &world).ends_with(4).says("something before the server said so").says("is put aside as");
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
        .says("a.csv is larger than all that may wait (1.00 MiB, see --spool-limit)");
    assert!(!ran.stderr.contains("may wait to be sent"), "{}", ran.stderr);
    assert_eq!(fake.words(), [BATCHES]);
    run_at(&fake.url, &world, &[&ONCE[..], &["0", "--spool-limit", "8"]].concat()).ends_with(0);
    assert_eq!(fake.words(), [BATCHES], "the next one has room for it");
}

#[test]
fn more_than_the_spool_holds_is_sent_all_the_same() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.write(&format!("in/{name}.csv"), &format!("{name}\n{}", "1\n".repeat(300_000)));
    }
    let fake = Fake::start(|_, _| Answer::receipt());
    let ran = run_at(&fake.url, &world, &[&ONCE[..], &["0", "--spool-limit", "1"]].concat()).ends_with(0);
    ran.says("1 MiB may wait to be sent; what comes now stays where it is");
    assert_eq!(fake.words().len(), 3);
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
    ran.says("error: the spool spool is that of the dataset `loans`").says("2 batches for `loans` wait in this one");
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
    let world = World::new();
    world.write("rows.ndjson", "{\"a\":1}\n{\"a\":");
    let fake = Fake::start(|_, _| Answer::receipt());
    let arguments = ["watch", "rows.ndjson", "--dataset", "loans", "--spool", "spool", "--once", "--wait", "0"];
    fake.run(&world, &arguments).ends_with(0).says("the last line of ").says("has no end yet");
    world.write("new", "{\"b\":1}\n{\"b\":2}\n{\"b\":3}\n");
    std::fs::rename(world.path("new"), world.path("rows.ndjson")).unwrap();
    fake.run(&world, &arguments).ends_with(0);
    fake.run(&world, &arguments).ends_with(0);
    let bodies: Vec<_> = fake.asked().into_iter().map(|asked| String::from_utf8(asked.body).unwrap()).collect();
    assert_eq!(bodies, ["{\"a\":1}\n", "{\"b\":1}\n{\"b\":2}\n{\"b\":3}\n"]);
}

#[rstest]
#[case::nothing(&["watch", "on", "--dataset", "loans"], 3, "no file `on`")]
#[case::near(&["watch", "ref.cvs", "--dataset", "loans"], 3, "did you mean `ref.csv`?")]
#[case::csv(&["watch", "ref.csv", "--dataset", "loans"], 3, "is no NDJSON")]
#[case::spool(&["watch", "in", "--dataset", "loans", "--spool", "ref.csv"], 2, "is a file, not a folder")]
#[case::wait_alone(&["watch", "in", "--dataset", "loans", "--wait", "5"], 2, "--once")]
#[case::no_room(&["watch", "in", "--dataset", "loans", "--spool-limit", "0"], 2, "--spool-limit")]
fn mistakes_are_said(#[case] arguments: &[&str], #[case] code: i32, #[case] message: &str) {
    run_at(&Fake::gone(), &world(), arguments).ends_with(code).says("error: ").says(message);
}
