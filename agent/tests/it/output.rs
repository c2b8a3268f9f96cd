//! Streams and files: results on stdout or whole in a file, all else on stderr.

use rstest::rstest;

use crate::world::World;

#[test]
fn results_go_to_stdout_and_nothing_else_does() {
    let world = World::new();
    let ran = world.run(&["check", "ref.csv", "cur.csv"]).ends_with(1);
    assert!(ran.stdout.contains("drifted"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert!(!ran.stdout.contains('\u{1b}'), "no colour into a pipe");
}

#[test]
fn colour_is_as_asked() {
    let world = World::new();
    let arguments = ["check", "ref.csv", "cur.csv", "--color", "always"];
    assert!(world.run(&arguments).stdout.contains('\u{1b}'));
    assert!(!world.run(&["check", "ref.csv", "cur.csv", "--color", "never"]).stdout.contains('\u{1b}'));
    assert!(world.run(&["check", "none", "cur.csv", "--color", "always"]).stderr.contains('\u{1b}'));
    assert!(!world.run(&["check", "none", "cur.csv"]).stderr.contains('\u{1b}'));
}

#[test]
fn names_in_data_do_not_steer_the_terminal() {
    let world = World::new();
    world.write("evil.csv", "a\u{1b}[31m,b\n1,2\n");
    let arguments = ["check", "evil.csv", "evil.csv", "--type", "zz=text", "--color", "always"];
    let ran = world.run(&arguments).ends_with(2);
    assert!(!ran.stderr.contains("\u{1b}[31m"), "{:?}", ran.stderr);
}

#[test]
fn quiet_leaves_errors_only() {
    let world = World::new();
    assert_eq!(world.run(&["check", "ref.csv", "ref.csv", "-q"]).ends_with(0).stderr, "");
    assert_eq!(world.run_with(&[("DRIFTSIREN_QUIET", "1")], &["check", "ref.csv", "ref.csv"]).stderr, "");
    world.run(&["check", "none", "ref.csv", "-q"]).ends_with(3).says("error: ");
}

#[test]
fn a_file_is_written_whole_and_nothing_is_left_beside_it() {
    let world = World::new();
    let ran = world.run(&["check", "ref.csv", "cur.csv", "-o", "report.json"]).ends_with(1);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("drifted (report.json)"), "{}", ran.stderr);
    assert_eq!(world.json("report.json")["verdict"], "drifted");
    assert_eq!(world.names(), ["cur.csv", "ref.csv", "report.json"]);
    world.run(&["check", "ref.csv", "ref.csv", "-o", "report.json", "-q"]).ends_with(0);
    assert_eq!(world.json("report.json")["verdict"], "stable");
}

#[test]
fn a_format_flag_wins_over_the_name_of_the_file() {
    let world = World::new();
    world.run(&["check", "ref.csv", "cur.csv", "-f", "json", "-o", "report.txt"]).ends_with(1);
    assert_eq!(world.json("report.txt")["verdict"], "drifted");
}

#[rstest]
#[case::itself("ref.csv")]
#[case::by_another_way("./sub/../cur.csv")]
fn an_input_is_never_overwritten(#[case] output: &str) {
    let world = World::new();
    world.write("sub/x", "");
    let before = (world.read("ref.csv"), world.read("cur.csv"));
    world.run(&["check", "ref.csv", "cur.csv", "-o", output]).ends_with(2).says("never overwritten");
    assert_eq!(before, (world.read("ref.csv"), world.read("cur.csv")));
}

#[cfg(unix)]
#[test]
fn an_input_is_not_overwritten_through_links_either() {
    let world = World::new();
    std::os::unix::fs::symlink(world.path("ref.csv"), world.path("soft")).unwrap();
    std::fs::hard_link(world.path("ref.csv"), world.path("hard")).unwrap();
    for link in ["soft", "hard"] {
        world.run(&["check", "ref.csv", "cur.csv", "-o", link]).ends_with(2).says("never overwritten");
    }
}

#[rstest]
#[case::no_folder("none/report.json", "there is no folder none")]
#[case::a_folder("sub", "it is a folder")]
fn an_output_that_cannot_be_is_refused_before_reading(#[case] output: &str, #[case] message: &str) {
    let world = World::new();
    world.write("sub/x", "");
    world.run(&["check", "ref.csv", "missing.csv", "-o", output]).ends_with(2).says(message);
}

#[cfg(unix)]
#[test]
fn a_device_is_written_as_it_is() {
    let world = World::new();
    world.run(&["check", "ref.csv", "cur.csv", "-o", "/dev/null"]).ends_with(1);
    world.run(&["check", "ref.csv", "cur.csv", "-o", "-"]).ends_with(1);
}

#[test]
fn github_gets_a_job_summary_too() {
    let world = World::new();
    let path = world.write("summary.md", "before\n");
    let variables = [("GITHUB_STEP_SUMMARY", path.to_str().unwrap())];
    world.run_with(&variables, &["check", "ref.csv", "cur.csv", "-f", "github"]).ends_with(1);
    let summary = world.read("summary.md");
    assert!(summary.starts_with("before\n") && summary.len() > 20, "{summary}");
    world.run(&["check", "ref.csv", "cur.csv", "-f", "github"]).ends_with(1);
}

#[rstest]
fn every_format_is_written(
    #[values("text", "json", "markdown", "html", "csv", "junit", "sarif", "github")] format: &str,
) {
    let world = World::new();
    let ran = world.run(&["check", "ref.csv", "cur.csv", "-f", format]).ends_with(1);
    assert!(ran.stdout.len() > 10 && ran.stdout.ends_with('\n'), "{}", ran.stdout);
}
