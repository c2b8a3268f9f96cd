//! `dataset`, `key`, `login` and the like against the real server.

use rstest::rstest;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::fake::{Fake, run_at};
use crate::server::Server;
use crate::world::World;

const LOANS: &str = "/orgs/acme/datasets/loans";

/// A server whose dataset `loans` has the columns of `ref.csv`.
fn server_with_rows(world: &World) -> Server {
    let server = Server::with_loans();
    server.run(world, &["push", "ref.csv", "--dataset", "loans"]).ends_with(0);
    server
}

/// The type that was decided for a column of `loans`.
fn override_of(server: &Server, column: &str) -> Value {
    let dataset = server.get(LOANS);
    let found = dataset["columns"].as_array().unwrap().iter().find(|known| known["name"] == column).unwrap();
    found["type_override"].clone()
}

#[test]
fn lists_are_read_to_their_end() {
    let (world, server) = (World::new(), Server::with_loans());
    for n in 0..120 {
        server.upload(&format!("{LOANS}/references?name=ref-{n}"), "age\n1\n2\n");
    }
    // More than fit on the longest page.
    for n in 0..205 {
        server.call(Method::POST, "/orgs/acme/keys", &json!({"name": format!("key-{n}"), "scopes": ["read"]}));
        server.call(Method::POST, "/orgs/acme/datasets", &json!({"name": format!("set-{n}")}));
    }
    let names = |list: &str, of: usize| -> Vec<String> {
        list.lines().map(|line| line.split('\t').nth(of).unwrap().to_owned()).collect()
    };
    let keys = names(&server.run(&world, &["key", "list"]).ends_with(0).stdout, 1);
    assert_eq!(keys.len(), 206, "those, and the key that lists them");
    assert!((0..205).all(|n| keys.contains(&format!("key-{n}"))));
    let datasets = names(&server.run(&world, &["dataset", "list"]).ends_with(0).stdout, 0);
    assert_eq!(datasets.len(), 206);
    let list = server.run(&world, &["dataset", "references", "loans"]).ends_with(0).stdout;
    let references = names(&list, 1);
    assert_eq!(references.len(), 120);
    assert!((0..120).all(|n| references.contains(&format!("ref-{n}"))));
    let id_of = |name: &str| {
        let line = list.lines().find(|line| line.split('\t').nth(1) == Some(name)).unwrap();
        line.split('\t').next().unwrap().to_owned()
    };
    for (reference, name) in
        [("ref-119".to_owned(), "ref-119"), ("ref-1".to_owned(), "ref-1"), (id_of("ref-2"), "ref-2")]
    {
        server.run(&world, &["dataset", "activate", "loans", &reference]).ends_with(0);
        let list = server.run(&world, &["dataset", "references", "loans"]).ends_with(0).stdout;
        let active: Vec<_> = list.lines().filter(|line| line.contains("\tactive\t")).collect();
        assert!(active.len() == 1 && active[0].contains(&format!("\t{name}\t")), "{active:?}");
    }
}

#[test]
fn types_time_column_slots_and_retention_are_changed() {
    let world = World::new();
    let server = server_with_rows(&world);
    let change = |flags: &[&str]| server.run(&world, &[&["dataset", "change", "loans"], flags].concat()).ends_with(0);
    change(&["--type", "age=categorical", "--time-column", "at"]);
    assert_eq!(
        (override_of(&server, "age"), server.get(LOANS)["time_column"].clone()),
        (json!("categorical"), json!("at"))
    );
    change(&["--type", "age=inferred"]);
    assert_eq!((override_of(&server, "age"), server.get(LOANS)["time_column"].clone()), (Value::Null, json!("at")));
    change(&["--no-time-column", "--slot-seconds", "86400", "--time-zone", "Europe/Berlin", "--retention", "30d"]);
    let dataset = server.get(LOANS);
    let found = ["time_column", "slot_seconds", "time_zone", "retention_days"].map(|field| dataset[field].clone());
    assert_eq!(found, [Value::Null, json!(86_400), json!("Europe/Berlin"), json!(30)]);
}

#[rstest]
#[case::column(&["--type", "agee=numeric"], "did you mean `age`?")]
#[case::kind(&["--type", "age=numerc"], "did you mean `numeric`?")]
#[case::retention(&["--retention", "30"], "such as 30d")]
#[case::nothing(&[], "--time-column <COLUMN>")]
fn a_wrong_change_changes_nothing(#[case] flags: &[&str], #[case] message: &str) {
    let world = World::new();
    let server = server_with_rows(&world);
    let before = server.get(LOANS);
    server.run(&world, &[&["dataset", "change", "loans"], flags].concat()).ends_with(2).says(message);
    assert_eq!(server.get(LOANS), before);
}

#[test]
fn a_dataset_is_shown_as_the_server_has_it() {
    let world = World::new();
    let server = server_with_rows(&world);
    let shown = server.run(&world, &["dataset", "show", "loans"]).ends_with(0).report();
    assert_eq!(shown, server.get(LOANS));
    assert_eq!(shown["columns"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_dataset_is_removed_only_when_somebody_says_so() {
    let (world, server) = (World::new(), Server::with_loans());
    let list = || server.run(&world, &["dataset", "list"]).ends_with(0).stdout;
    let refused = server.run(&world, &["dataset", "remove", "loans"]).ends_with(2);
    refused.says("cannot ask for confirmation: stdin is not a terminal").says("--yes");
    assert_eq!(list(), "loans\n");
    server.run(&world, &["dataset", "remove", "loans", "--yes"]).ends_with(0);
    assert_eq!(list(), "");
}

#[test]
fn a_reference_is_kept_and_made_the_active_one() {
    let (world, server) = (World::new(), Server::with_loans());
    let add = |file: &str, name: &str, flags: &[&str]| {
        server.run(&world, &[&["dataset", "reference", "loans", file, "--name", name], flags].concat())
    };
    let references = || server.run(&world, &["dataset", "references", "loans"]).ends_with(0).stdout;
    let june = add("ref.csv", "june", &[]).ends_with(0).stdout;
    let july = add("cur.csv", "july", &["--activate"]).ends_with(0).stdout;
    let list = references();
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with(&format!("{}\tjuly\tactive\t300\t", july.trim())), "{list}");
    assert!(lines[1].starts_with(&format!("{}\tjune\t-\t300\t", june.trim())), "{list}");
    add("ref.cvs", "x", &[]).ends_with(3).says("`ref.csv`");
    add("ref.csv", "X", &[]).ends_with(2).says("lowercase letters");
    server.run(&world, &["dataset", "activate", "loans", "jun"]).ends_with(4).says("did you mean `june`?");
    assert_eq!(references(), list);
}

#[test]
fn a_key_is_made_replaced_and_revoked() {
    let (world, server) = (World::new(), Server::with_loans());
    let arguments = ["key", "create", "nightly", "--scope", "ingest", "--expires", "2131-01-31"];
    let first = server.run(&world, &arguments).ends_with(0).stdout;
    let list = || server.run(&world, &["key", "list"]).ends_with(0).stdout;
    let all = list();
    let line = all.lines().find(|line| line.contains("nightly")).unwrap().to_owned();
    let (id, rest) = line.split_once('\t').unwrap();
    assert_eq!(rest, "nightly\tingest\tnever used\texpires 2131-01-31T00:00:00Z");
    let push = |key: &str| server.run_as(key.trim(), &world, &["push", "ref.csv", "--dataset", "loans"]);
    push(&first).ends_with(0);
    let second = server.run(&world, &["key", "rotate", id]).ends_with(0).stdout;
    assert_ne!(first, second);
    push(&first).ends_with(4).says("(401)");
    push(&second).ends_with(0);
    server.run(&world, &["key", "revoke", id]).ends_with(0);
    push(&second).ends_with(4).says("(401)");
    assert!(list().contains("nightly\tingest\trevoked\t"), "{}", list());
}

#[rstest]
#[case::word("--expires", "yesterday", "90d")]
#[case::past("--expires", "2020-01-31", "--expires must be in the future")]
#[case::scope("--scope", "reed", "'read'")]
fn a_wrong_key_is_not_made(#[case] flag: &str, #[case] value: &str, #[case] message: &str) {
    let (world, server) = (World::new(), Server::start());
    let arguments = ["key", "create", "nightly", "--scope", "ingest", flag, value];
    server.run(&world, &arguments).ends_with(2).says(flag).says(message);
    assert!(!server.run(&world, &["key", "list"]).ends_with(0).stdout.contains("nightly"));
}

#[test]
fn fields_that_the_server_cannot_take_are_named() {
    let (world, server) = (World::new(), Server::start());
    let ran = server.run(&world, &["dataset", "create", "loans", "--time-zone", "Mars"]).ends_with(4);
    ran.says("(422)").says("help: /time_zone: ");
}

#[rstest]
#[case::whoami(&["whoami"])]
#[case::datasets(&["dataset", "list"])]
#[case::keys(&["key", "list"])]
#[case::doctor(&["doctor"])]
fn what_a_person_asks_for_fails_at_once_with_4(#[case] arguments: &[&str]) {
    let (world, server) = (World::new(), Server::start());
    server.run_as("ds_live_nonsense", &world, arguments).ends_with(4).says("(401)");
    let url = Fake::gone();
    let ran = run_at(&url, &world, arguments).ends_with(4).says(&format!("error: cannot reach {url}"));
    assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
}

#[test]
fn login_keeps_what_the_server_confirms_and_nothing_else() {
    let (world, server) = (World::new(), Server::with_loans());
    let kept = || world.path("home/.config/driftsiren/credentials.toml");
    let login = |key: &str| world.run_with(&[("DRIFTSIREN_API_KEY", key)], &["login", &server.url]);
    login("ds_live_nonsense").ends_with(4).says("(401)");
    assert!(!kept().exists());
    world.run(&["login", "drift"]).ends_with(2).says("`drift` is not the address of a server");
    login(&format!("{}\n", server.key)).ends_with(0);
    assert!(std::fs::read_to_string(kept()).unwrap().contains(&server.key));
    world.run(&["push", "ref.csv", "--dataset", "loans"]).ends_with(0);
    let who = world.run(&["whoami"]).ends_with(0).stdout;
    assert!(who.contains("key `ingest-read-manage`") && who.contains("org acme"), "{who}");
    world.run(&["logout"]).ends_with(0);
    assert!(!kept().exists());
}

#[test]
fn a_line_break_behind_a_key_does_not_count_and_one_within_is_refused() {
    let (world, server) = (World::new(), Server::start());
    server.run_as(&format!("{}\n", server.key), &world, &["whoami"]).ends_with(0);
    let within = format!("{}\n{}", &server.key[..5], &server.key[5..]);
    server.run_as(&within, &world, &["whoami"]).ends_with(2).says("error: the API key contains a character");
}
