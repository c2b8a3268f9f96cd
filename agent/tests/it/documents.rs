//! Profiles and reports as files: profile, merge, inspect, verify.

use rstest::rstest;

use crate::world::{World, csv};

#[test]
fn a_profile_stands_in_for_its_file() {
    let world = World::new();
    world.run(&["profile", "ref.csv", "-o", "ref.dsp"]).ends_with(0).says("300 rows");
    world.run(&["check", "ref.dsp", "ref.csv"]).ends_with(0);
    world.run(&["check", "ref.dsp", "cur.csv"]).ends_with(1);
    assert_eq!(world.names(), ["cur.csv", "ref.csv", "ref.dsp"]);
}

#[test]
fn a_profile_is_made_of_stdin_too() {
    let world = World::new();
    world.run_on(&world.path("ref.csv"), &["profile", "-", "-o", "ref.dsp"]).ends_with(0);
    world.run(&["check", "ref.dsp", "ref.csv"]).ends_with(0);
}

#[test]
fn merged_profiles_are_the_profile_of_all_rows() {
    let world = World::new();
    for (name, shift) in [("one", 0), ("two", 40)] {
        world.write(&format!("{name}.csv"), &csv(200, shift));
        world.run(&["profile", &format!("{name}.csv"), "-o", &format!("{name}.dsp"), "-q"]).ends_with(0);
    }
    world.run(&["merge", "one.dsp", "two.dsp", "-o", "both.dsp"]).ends_with(0).says("400 rows from 2 profiles");
    let both = world.run(&["inspect", "both.dsp", "-f", "json"]).ends_with(0).report();
    assert_eq!(both["n_rows"], 400);
    world.run(&["merge", "one.dsp", "-o", "one.dsp"]).ends_with(2).says("never overwritten");
    world.run(&["merge", "one.dsp", "ref.csv", "-o", "x.dsp"]);
    world.run(&["merge", "-o", "x.dsp"]).ends_with(2);
}

#[test]
fn a_damaged_profile_is_refused() {
    let world = World::new();
    world.run(&["profile", "ref.csv", "-o", "ref.dsp"]).ends_with(0);
    let bytes = std::fs::read(world.path("ref.dsp")).unwrap();
    std::fs::write(world.path("cut.dsp"), &bytes[..bytes.len() - 7]).unwrap();
    world.run(&["inspect", "cut.dsp"]).ends_with(3).says("cut.dsp");
}

#[test]
fn inspect_shows_data_profiles_and_reports() {
    let world = World::new();
    let table = world.run(&["inspect", "ref.csv"]).ends_with(0).stdout;
    assert!(table.contains("300 rows, 3 columns") && table.contains("region"), "{table}");
    world.run(&["profile", "ref.csv", "-o", "ref.dsp"]).ends_with(0);
    let profile = world.run(&["inspect", "ref.dsp", "-f", "json"]).ends_with(0).report();
    assert_eq!(profile["columns"][0]["name"], "age");
    world.run(&["check", "ref.csv", "cur.csv", "-o", "report.json"]).ends_with(1);
    let report = world.run(&["inspect", "report.json"]).ends_with(0).stdout;
    let check = world.run(&["check", "ref.csv", "cur.csv"]).ends_with(1).stdout;
    assert_eq!(report, check);
    let piped = world.run_on(&world.path("report.json"), &["inspect", "-"]).ends_with(0).stdout;
    assert_eq!(report, piped);
    let piped = world.run_on(&world.path("ref.csv"), &["inspect", "-"]).ends_with(0).stdout;
    assert!(piped.contains("300 rows"), "{piped}");
    world.run(&["inspect", "ref.csv", "-f", "html"]).ends_with(2);
}

#[test]
fn a_receipt_holds_for_its_inputs_only() {
    let world = World::new();
    let arguments =
        ["check", "ref.csv", "cur.csv", "--type", "age=categorical", "--alpha", "0.01", "-o", "report.json"];
    world.run(&arguments).ends_with(1);
    // Configuration must not change what the report says of itself.
    world.write("driftsiren.toml", "policy.alpha = 0.2\n");
    let holds = world.run(&["verify", "report.json", "ref.csv", "cur.csv"]).ends_with(0).stdout;
    assert!(holds.starts_with("the receipt holds"), "{holds}");
    world.write("cur.csv", &csv(301, 40));
    let broken = world.run(&["verify", "report.json", "ref.csv", "cur.csv"]).ends_with(1).stdout;
    assert!(broken.contains("does not hold") && broken.contains("current"), "{broken}");
}

#[rstest]
#[case::exclude(&["--exclude", "region", "--all-metrics"])]
#[case::columns(&["--columns", "r*,age"])]
#[case::both(&["--columns", "*", "--exclude", "ag?", "--threads", "1"])]
fn a_receipt_records_what_was_asked_for(#[case] asked: &[&str]) {
    let world = World::new();
    // One more column on one side: it is told apart from columns that were not asked for.
    let with_one_more = csv(300, 40).replace('\n', ",extra\n");
    world.write("cur.csv", &with_one_more);
    let ran = world.run(&[&["check", "ref.csv", "cur.csv", "-o", "report.json"], asked].concat());
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
    let report = world.json("report.json");
    assert_eq!(report["receipt"]["all_metrics"] == true, asked.contains(&"--all-metrics"));
    let holds = world.run(&["verify", "report.json", "ref.csv", "cur.csv", "--threads", "3"]).ends_with(0).stdout;
    assert!(holds.starts_with("the receipt holds"), "{holds}");
    // What was asked for is part of what the digest seals.
    world.write(
        "forged.json",
        &world.read("report.json").replace("\"receipt\": {", "\"receipt\": { \"exclude\": [\"income\"],"),
    );
    let forged = world.run(&["verify", "forged.json", "ref.csv", "cur.csv"]);
    assert_ne!(forged.code, Some(0), "{}", forged.stdout);
}

#[test]
fn verify_refuses_what_is_no_report() {
    let world = World::new();
    world.run(&["verify", "ref.csv", "ref.csv", "cur.csv"]).ends_with(3).says("not a report");
    world.write("old.json", "{\"format\": \"driftsiren.report/0\"}");
    world.run(&["verify", "old.json", "ref.csv", "cur.csv"]).ends_with(3).says("driftsiren.report/0");
    world.write("half.json", "{\"format\": \"driftsiren.report/1\"}");
    world.run(&["verify", "half.json", "ref.csv", "cur.csv"]).ends_with(3).says("damaged");
}
