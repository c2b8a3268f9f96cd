//! `check`: exit codes and messages.

use rstest::rstest;

use crate::world::{World, csv};

#[rstest]
#[case::identical(&["ref.csv", "ref.csv"], 0)]
#[case::drifted(&["ref.csv", "cur.csv"], 1)]
#[case::drifted_but_never_fails(&["ref.csv", "cur.csv", "--fail-on", "never"], 0)]
#[case::drifted_fails_on_warning(&["ref.csv", "cur.csv", "--fail-on", "warning"], 1)]
#[case::drifted_column_left_out(&["ref.csv", "cur.csv", "--exclude", "a*"], 0)]
#[case::only_a_stable_column(&["ref.csv", "cur.csv", "--columns", "region,income"], 0)]
#[case::below_its_floor(&["ref.csv", "cur.csv", "--min-rows", "301"], 0)]
#[case::one_thread(&["ref.csv", "cur.csv", "--threads", "1"], 1)]
#[case::many_threads(&["ref.csv", "cur.csv", "--threads", "9"], 1)]
fn the_exit_code_is_the_verdict(#[case] arguments: &[&str], #[case] code: i32) {
    let world = World::new();
    world.run(&[&["check"], arguments].concat()).ends_with(code);
}

/// A key and a count, or the same with the count under another name.
fn keyed(name: &str) -> String {
    let rows = (0..200_u32).map(|at| format!("k{:x}z,{}\n", at.wrapping_mul(2_654_435_761), at % 40));
    format!("code,{name}\n") + &rows.collect::<String>()
}

#[rstest]
#[case::not_compared_is_said(&["a.csv", "a.csv"], 0, "1 of 2 not compared: code (identifier)")]
#[case::not_compared_fails(&["a.csv", "a.csv", "--fail-on", "not-compared"], 1, "not compared")]
#[case::critical_and_not_compared(&["a.csv", "a.csv", "--critical", "code"], 3, "column `code` had to be compared")]
#[case::a_missing_column(&["a.csv", "b.csv"], 1, "`count` is missing in the current input")]
#[case::a_missing_column_warns(&["a.csv", "b.csv", "--missing", "warn"], 0, "`count` is missing")]
#[case::a_missing_column_is_ignored(&["a.csv", "b.csv", "--missing", "ignore", "--columns", "*o*"], 3, "No column could be compared")]
#[case::no_rows(&["a.csv", "none.csv"], 3, "`none.csv` has no rows")]
#[case::a_probable_name(&["a.csv", "b.csv"], 1, "it looks like `count`: --rename Count=count")]
#[case::a_renamed_column(&["a.csv", "b.csv", "--rename", "Count=count"], 0, "No column drifted")]
fn what_was_not_compared_is_never_good_news(#[case] arguments: &[&str], #[case] code: i32, #[case] said: &str) {
    let world = World::new();
    world.write("a.csv", &keyed("count"));
    world.write("b.csv", &keyed("Count"));
    world.write("none.csv", "code,count\n");
    let ran = world.run(&[&["check"], arguments].concat()).ends_with(code);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains(said), "{}{}", ran.stdout, ran.stderr);
}

#[rstest]
#[case::no_arguments(&[], "required arguments")]
#[case::one_input(&["ref.csv"], "<CUR>")]
#[case::flag(&["ref.csv", "cur.csv", "--polcy", "psi"], "'--policy'")]
#[case::policy(&["ref.csv", "cur.csv", "--policy", "evidentley"], "'evidently'")]
#[case::format(&["ref.csv", "cur.csv", "-f", "jsn"], "'json'")]
#[case::alpha(&["ref.csv", "cur.csv", "--alpha", "5"], "between 0 and 1")]
#[case::floor(&["ref.csv", "cur.csv", "--floor", "age=x"], "not a number")]
#[case::type_word(&["ref.csv", "cur.csv", "--type", "age=numerc"], "did you mean `numeric`?")]
#[case::role_word(&["ref.csv", "cur.csv", "--role", "age=tagret"], "did you mean `target`?")]
#[case::type_column(&["ref.csv", "cur.csv", "--type", "agee=numeric"], "did you mean `age`?")]
#[case::floor_column(&["ref.csv", "cur.csv", "--floor", "incom=0.1"], "did you mean `income`?")]
#[case::critical_column(&["ref.csv", "cur.csv", "--critical", "zzz"], "the columns are `age`, `income`, `region`")]
#[case::column_filter(&["ref.csv", "cur.csv", "--columns", "regoin"], "did you mean `region`?")]
#[case::stdin_twice(&["-", "-"], "stdin can be read only once")]
#[case::equal_marks(&["ref.csv", "cur.csv", "--delimiter", ";", "--quote", ";"], "two different characters")]
#[case::encoding(&["ref.csv", "cur.csv", "--encoding", "utf-9"], "utf-9")]
#[case::threads(&["ref.csv", "cur.csv", "--threads", "0"], "1..=1024")]
#[case::schema(&["ref.csv", "cur.csv", "--schema", "none.json"], "none.json")]
fn mistakes_in_usage_end_with_2(#[case] arguments: &[&str], #[case] message: &str) {
    let world = World::new();
    let ran = world.run(&[&["check"], arguments].concat()).ends_with(2).says(message).says("error: ");
    assert_eq!(ran.stdout, "");
}

#[rstest]
#[case::missing(&["ref.cvs", "cur.csv"], "did you mean `ref.csv`?")]
#[case::missing_current(&["ref.csv", "nothing/cur.csv"], "no file `nothing/cur.csv`")]
fn inputs_that_are_missing_end_with_3(#[case] arguments: &[&str], #[case] message: &str) {
    let world = World::new();
    let ran = world.run(&[&["check"], arguments].concat()).ends_with(3).says(message).says("error: ");
    assert_eq!(ran.stdout, "");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_said_so() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    std::fs::set_permissions(world.path("ref.csv"), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(world.path("ref.csv")).is_ok() {
        return; // The superuser may read everything.
    }
    world.run(&["check", "ref.csv", "cur.csv"]).ends_with(3).says("permission denied");
}

#[test]
fn the_same_file_twice_is_allowed_and_noted() {
    let world = World::new();
    world.run(&["check", "ref.csv", "./ref.csv"]).ends_with(0).says("note: reference and current are the same file");
}

#[test]
fn stdin_is_either_input() {
    let world = World::new();
    world.run_on(&world.path("cur.csv"), &["check", "ref.csv", "-"]).ends_with(1);
    world.run_on(&world.path("ref.csv"), &["check", "-", "ref.csv"]).ends_with(0);
}

#[test]
fn a_schema_file_and_flags_decide_types_and_roles() {
    let world = World::new();
    world.write(
        "schema.json",
        r#"{"format": "driftsiren-golden-schema/1", "id": "x", "time_format": null,
            "parse": {"delimiter": ",", "thousands": null, "ragged": "error", "null_markers": [""]},
            "columns": [{"name": "age", "index": 0, "kind": "categorical"}, {"name": "income", "type": "text", "role": "target"}]}"#,
    );
    let arguments =
        ["check", "ref.csv", "ref.csv", "--schema", "schema.json", "--type", "income=numeric", "-f", "json"];
    let report = world.run(&arguments).ends_with(0).report();
    assert_eq!(report["columns"][0]["type"], "categorical");
    assert_eq!(report["columns"][1]["type"], "numeric");
    assert_eq!(report["columns"][1]["role"], "target");
}

#[test]
fn a_wrong_key_in_a_schema_is_named() {
    let world = World::new();
    world.write("schema.json", "{\"parse\": {\n\"delimeter\": \";\"}}");
    let ran = world.run(&["check", "ref.csv", "cur.csv", "--schema", "schema.json"]).ends_with(2);
    ran.says("schema.json, line 2").says("did you mean `delimiter`?");
}

#[test]
fn too_few_rows_are_no_drift() {
    let world = World::new();
    world.write("few.csv", &csv(5, 40));
    let report = world.run(&["check", "ref.csv", "few.csv", "-f", "json"]).ends_with(0).report();
    assert_ne!(report["verdict"], "drifted");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let world = World::new();
    let one = world.run(&["check", "ref.csv", "cur.csv", "-f", "json", "--threads", "1"]).ends_with(1);
    let two = world.run(&["check", "ref.csv", "cur.csv", "-f", "json", "--threads", "4"]).ends_with(1);
    assert_eq!(one.stdout, two.stdout);
}

#[test]
fn one_refused_input_ends_the_reading_of_the_other() {
    let world = World::new();
    world.write("empty.csv", "");
    world.run_on(&world.path("ref.csv"), &["check", "-", "empty.csv"]).ends_with(3).says("empty.csv");
}
