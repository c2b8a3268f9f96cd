//! `dataset`, `key`, `login` and the like: what a server is asked.

use rstest::rstest;
use serde_json::json;

use crate::fake::{Answer, Fake, run_at};
use crate::world::World;

const LOANS: &str = "/orgs/acme/datasets/loans";

fn references() -> Answer {
    let reference = |id: &str, name: &str, is_active: bool| {
        json!({"id": id, "name": name, "n_rows": 12, "profile_hash": "", "is_active": is_active,
            "created_at": "2026-01-31T08:00:00Z"})
    };
    Answer::json(
        200,
        json!({"data": [reference("r-2", "july", true), reference("r-1", "june", false)], "next_cursor": null}),
    )
}

#[test]
fn types_are_changed_at_the_version_that_was_read() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::dataset());
    fake.run(&world, &["dataset", "change", "loans", "--type", "age=categorical", "--time-column", "at"]).ends_with(0);
    let asked = fake.asked();
    let words: Vec<_> = asked.iter().map(|asked| asked.what.clone()).collect();
    assert_eq!(words, [format!("GET {LOANS}"), format!("PATCH {LOANS}")]);
    assert_eq!(asked[1].header("if-match"), Some("\"7\""));
    assert_eq!(asked[1].json(), json!({"column_types": {"age": "categorical"}, "time_column": "at"}));
    fake.run(&world, &["dataset", "change", "loans", "--type", "age=inferred"]).ends_with(0);
    assert_eq!(fake.asked()[1].json(), json!({"column_types": {"age": null}}), "what is not said stays");
    let slots = ["--no-time-column", "--slot-seconds", "86400", "--time-zone", "Europe/Berlin", "--retention", "30d"];
    fake.run(&world, &[&["dataset", "change", "loans"], slots.as_slice()].concat()).ends_with(0);
    let expected = json!({"column_types": {}, "time_column": null, "slot_seconds": 86_400,
        "time_zone": "Europe/Berlin", "retention_days": 30});
    assert_eq!(fake.asked()[1].json(), expected);
}

#[rstest]
#[case::column(&["--type", "agee=numeric"], "did you mean `age`?")]
#[case::kind(&["--type", "age=numerc"], "did you mean `numeric`?")]
#[case::retention(&["--retention", "30"], "such as 30d")]
#[case::nothing(&[], "--time-column <COLUMN>")]
fn a_wrong_change_changes_nothing(#[case] flags: &[&str], #[case] message: &str) {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::dataset());
    fake.run(&world, &[&["dataset", "change", "loans"], flags].concat()).ends_with(2).says(message);
    assert!(fake.words().iter().all(|what| what.starts_with("GET ")));
}

#[test]
fn a_dataset_is_removed_only_when_somebody_says_so() {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::text(204, ""));
    fake.run(&world, &["dataset", "remove", "loans"]).ends_with(2).says("nobody is there to confirm").says("--yes");
    fake.has_heard_nothing();
    fake.run(&world, &["dataset", "remove", "loans", "--yes"]).ends_with(0);
    assert_eq!(fake.words(), [format!("DELETE {LOANS}")]);
}

#[test]
fn references_are_listed_and_activated_by_name_or_id() {
    let world = World::new();
    let fake = Fake::start(|asked, _| if asked.what.starts_with("GET") { references() } else { Answer::text(204, "") });
    let list = fake.run(&world, &["dataset", "references", "loans"]).ends_with(0).stdout;
    assert_eq!(list.lines().next(), Some("r-2\tjuly\tactive\t12\t2026-01-31T08:00:00Z"));
    assert!(list.contains("r-1\tjune\t-\t12"), "{list}");
    for reference in ["june", "r-1"] {
        fake.asked();
        fake.run(&world, &["dataset", "activate", "loans", reference]).ends_with(0);
        assert_eq!(fake.words()[1], format!("POST {LOANS}/references/r-1/activate"));
    }
    fake.run(&world, &["dataset", "activate", "loans", "jun"]).ends_with(4).says("did you mean `june`?");
}

#[test]
fn a_reference_is_kept_and_made_the_active_one() {
    let world = World::new();
    let kept =
        json!({"id": "r-3", "name": "x", "n_rows": 300, "profile_hash": "", "is_active": false, "created_at": ""});
    let fake = Fake::start(move |asked, _| match asked.what.ends_with("/activate") {
        true => Answer::text(204, ""),
        false => Answer::json(201, kept.clone()),
    });
    let arguments = ["dataset", "reference", "loans", "ref.csv", "--name", "x", "--activate"];
    assert_eq!(fake.run(&world, &arguments).ends_with(0).stdout, "r-3\n");
    let asked = fake.asked();
    assert_eq!(asked[0].what, format!("POST {LOANS}/references?name=x"));
    assert_eq!(asked[0].body, world.read("ref.csv").as_bytes());
    assert_eq!(asked[1].what, format!("POST {LOANS}/references/r-3/activate"));
    fake.run(&world, &["dataset", "reference", "loans", "ref.cvs", "--name", "x"]).ends_with(3).says("`ref.csv`");
    fake.run(&world, &["dataset", "reference", "loans", "ref.csv", "--name", "X"]).ends_with(2).says("small letters");
    fake.has_heard_nothing();
}

#[test]
fn a_key_is_made_with_an_end() {
    let world = World::new();
    let key = json!({"id": "k-1", "key_id": "k", "name": "nightly", "scopes": ["ingest"], "created_at": "",
        "expires_at": "2031-01-31T00:00:00Z", "revoked_at": null, "last_used_at": null, "secret": "ds_new"});
    let fake = Fake::start(move |asked, _| match asked.what.starts_with("GET") {
        true => Answer::json(200, json!({"data": [key.clone()], "next_cursor": null})),
        false => Answer::json(201, key.clone()),
    });
    let arguments = ["key", "create", "nightly", "--scope", "ingest", "--expires", "2031-01-31"];
    assert_eq!(fake.run(&world, &arguments).ends_with(0).stdout, "ds_new\n");
    let body = json!({"name": "nightly", "scopes": ["ingest"], "expires_at": "2031-01-31T00:00:00Z"});
    assert_eq!(fake.asked()[0].json(), body);
    let list = fake.run(&world, &["key", "list"]).ends_with(0).stdout;
    assert_eq!(list, "k-1\tnightly\tingest\tnever used\texpires 2031-01-31T00:00:00Z\n");
    fake.asked();
    for wrong in [["--expires", "yesterday"], ["--expires", "2020-01-31"], ["--scope", "reed"]] {
        let arguments = [&["key", "create", "nightly", "--scope", "ingest"], &wrong[..]].concat();
        fake.run(&world, &arguments).ends_with(2).says(wrong[0]);
    }
    fake.has_heard_nothing();
}

#[test]
fn fields_that_the_server_cannot_take_are_named() {
    let world = World::new();
    let problem = json!({"type": "/problems/validation", "title": "t", "status": 422, "detail": "d",
        "errors": [{"pointer": "/time_zone", "detail": "need a name such as UTC"}]});
    let fake = Fake::start(move |_, _| Answer::json(422, problem.clone()));
    let ran = fake.run(&world, &["dataset", "create", "loans", "--time-zone", "Mars"]).ends_with(4);
    ran.says("help: /time_zone: need a name such as UTC");
}

#[rstest]
#[case::whoami(&["whoami"])]
#[case::datasets(&["dataset", "list"])]
#[case::keys(&["key", "list"])]
#[case::doctor(&["doctor"])]
fn what_a_person_asks_for_fails_at_once_with_4(#[case] arguments: &[&str]) {
    let world = World::new();
    let fake = Fake::refusing(401);
    fake.run(&world, arguments).ends_with(4).says("error: title of 401 (401)");
    let url = Fake::gone();
    let ran = run_at(&url, &world, arguments).ends_with(4).says(&format!("error: cannot reach {url}: "));
    assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
}

#[test]
fn login_keeps_what_the_server_confirms_and_nothing_else() {
    let world = World::new();
    let fake = Fake::refusing(401);
    fake.run(&world, &["login", &fake.url]).ends_with(4);
    assert!(!world.path("home/.config/driftsiren/credentials.toml").exists());
    let fake = Fake::start(|_, _| Answer::receipt());
    fake.run(&world, &["login", &fake.url]).ends_with(0);
    assert!(world.read("home/.config/driftsiren/credentials.toml").contains("ds_key"));
    world.run(&["push", "ref.csv", "--dataset", "loans"]).ends_with(0);
    let who = world.run(&["whoami"]).ends_with(0).stdout;
    assert!(who.contains("key `nightly`") && who.contains("org acme"), "{who}");
}

#[rstest]
#[case::a_line_break_at_the_end("ds_key\n", 0, "")]
#[case::a_line_break_within("ds\nkey", 2, "error: the API key holds a character that no key has")]
fn a_key_is_free_of_spaces(#[case] key: &str, #[case] code: i32, #[case] message: &str) {
    let world = World::new();
    let fake = Fake::start(|_, _| Answer::receipt());
    let variables = [("DRIFTSIREN_URL", fake.url.as_str()), ("DRIFTSIREN_API_KEY", key)];
    world.run_with(&variables, &["whoami"]).ends_with(code).says(message);
}
