//! Configuration: who wins, where files are found, and what is said of mistakes.

use rstest::rstest;

use crate::world::{Ran, World};

/// The alpha of the effective policy.
fn alpha(ran: &Ran) -> f64 {
    ran.report()["policy"]["alpha"].as_f64().unwrap()
}

const CHECK: [&str; 5] = ["check", "ref.csv", "ref.csv", "-f", "json"];

#[test]
fn flags_win_over_environment_over_project_over_user_over_defaults() {
    let world = World::new();
    assert_eq!(alpha(&world.run(&CHECK)), 0.05);
    world.write("home/.config/driftsiren/config.toml", "[policy]\nalpha = 0.04\nmin_rows = 11\n");
    assert_eq!(alpha(&world.run(&CHECK)), 0.04);
    world.write("driftsiren.toml", "[policy]\nalpha = 0.03\n");
    let ran = world.run(&CHECK);
    assert_eq!(alpha(&ran), 0.03);
    assert_eq!(ran.report()["policy"]["min_rows"], 11, "the user's other keys stay");
    let variables = [("DRIFTSIREN_ALPHA", "0.02")];
    assert_eq!(alpha(&world.run_with(&variables, &CHECK)), 0.02);
    let flagged = [&CHECK[..], &["--alpha", "0.01"]].concat();
    assert_eq!(alpha(&world.run_with(&variables, &flagged)), 0.01);
}

#[test]
fn the_project_file_is_searched_upward_and_c_replaces_it() {
    let world = World::new();
    world.write("driftsiren.toml", "policy.alpha = 0.03\n");
    world.write("other.toml", "policy.alpha = 0.2\n");
    world.write("deep/er/x", "");
    let arguments = ["check", "../../ref.csv", "../../ref.csv", "-f", "json"];
    assert_eq!(alpha(&Ran::of(&mut world.command_in("deep/er", &arguments))), 0.03);
    assert_eq!(alpha(&world.run(&[&CHECK[..], &["-c", "other.toml"]].concat())), 0.2);
    let variables = [("DRIFTSIREN_CONFIG", "other.toml")];
    assert_eq!(alpha(&world.run_with(&variables, &CHECK)), 0.2);
}

#[test]
fn xdg_config_home_moves_the_user_file() {
    let world = World::new();
    world.write("xdg/driftsiren/config.toml", "policy.alpha = 0.06\n");
    let xdg = world.path("xdg");
    assert_eq!(alpha(&world.run_with(&[("XDG_CONFIG_HOME", xdg.to_str().unwrap())], &CHECK)), 0.06);
}

#[test]
fn a_file_decides_policy_types_and_format() {
    let world = World::new();
    world.write(
        "driftsiren.toml",
        "[policy]\npreset = 'strict'\nfail_on = 'never'\ndataset = { rule = 'share', share = 0.5 }\nfloor_nulls = 0.01\n\
         [types.numeric]\nfloor = 0.3\n[columns.age]\ntype = 'categorical'\nrole = 'target'\nweight = 2\ncritical = true\n\
         [output]\nformat = 'json'\n",
    );
    let report = world.run(&["check", "ref.csv", "cur.csv"]).ends_with(0).report();
    assert_eq!(report["policy"]["preset"], "strict");
    assert_eq!(report["policy"]["fail_on"], serde_json::Value::Null);
    assert_eq!(report["policy"]["dataset"]["rule"], "share");
    assert_eq!(report["columns"][0]["type"], "categorical");
    assert_eq!(report["columns"][0]["role"], "target");
    assert_eq!(report["columns"][0]["policy"]["weight"], 2.0);
    assert_eq!(report["columns"][1]["policy"]["floors"]["values"], 0.3);
    assert_eq!(report["columns"][2]["policy"]["floors"]["nulls"], 0.01);
}

#[rstest]
#[case::key(
    "[policy]\nalhpa = 0.1\n",
    "driftsiren.toml, line 2, `policy.alhpa`: unknown key `alhpa`",
    "did you mean `alpha`?"
)]
#[case::section("\n[polcy]\n", "line 2", "did you mean `policy`?")]
#[case::word("[policy]\npreset = 'evidentley'\n", "`policy.preset`", "did you mean `evidently`?")]
#[case::kind("[columns.age]\ntype = 'numerc'\n", "`columns.age.type`", "did you mean `numeric`?")]
#[case::number("[policy]\nmin_rows = 'many'\n", "line 2", "expected a whole number")]
#[case::range("[policy]\nfloor_nulls = 3\n", "line 2", "between 0 and 1")]
#[case::syntax("[policy\n", "line 1", "error: ")]
fn mistakes_are_found_with_file_line_and_key(#[case] text: &str, #[case] place: &str, #[case] message: &str) {
    let world = World::new();
    world.write("driftsiren.toml", text);
    let ran = world.run(&["check", "ref.csv", "cur.csv"]).ends_with(2).says(place).says(message);
    assert_eq!(ran.stdout, "");
    world.run(&["doctor"]).ends_with(2).says(place);
}

#[test]
fn a_named_file_must_be_there() {
    let world = World::new();
    world.run(&["check", "ref.csv", "cur.csv", "-c", "none.toml"]).ends_with(2).says("none.toml");
}

#[test]
fn a_configured_column_that_is_absent_is_only_noted() {
    let world = World::new();
    world.write("driftsiren.toml", "[columns.agee]\nfloor = 0.2\n");
    world.run(&["check", "ref.csv", "ref.csv"]).ends_with(0).says("did you mean `age`?");
}

#[test]
fn init_writes_a_file_once() {
    let world = World::new();
    world.run(&["init"]).ends_with(0).says("wrote driftsiren.toml");
    world.run(&["check", "ref.csv", "cur.csv"]).ends_with(1);
    world.run(&["init"]).ends_with(2).says("--force");
    world.run(&["init", "--force", "ref.csv"]).ends_with(0);
    let text = world.read("driftsiren.toml");
    assert!(text.contains("[columns.age]\ntype = \"numeric\""), "{text}");
    world.run(&["check", "ref.csv", "cur.csv"]).ends_with(1);
    world.run(&["doctor"]).ends_with(0);
}

#[test]
fn init_prints_the_schema_for_editors() {
    let world = World::new();
    let schema = world.run(&["init", "--schema"]).ends_with(0).report();
    assert_eq!(schema["title"], "driftsiren.toml");
    assert_eq!(world.names(), ["cur.csv", "ref.csv"]);
}
