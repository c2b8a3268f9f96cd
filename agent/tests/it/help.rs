//! Help, version, completions, manual pages.

use rstest::rstest;

use crate::world::World;

#[rstest]
#[case::top("top", &["-h"])]
#[case::top_long("top_long", &["--help"])]
#[case::check("check", &["check", "-h"])]
#[case::check_long("check_long", &["check", "--help"])]
#[case::profile("profile", &["profile", "-h"])]
#[case::merge("merge", &["merge", "-h"])]
#[case::inspect("inspect", &["inspect", "-h"])]
#[case::verify("verify", &["verify", "-h"])]
#[case::init("init", &["init", "-h"])]
#[case::push("push", &["push", "-h"])]
#[case::watch("watch", &["watch", "-h"])]
#[case::dataset("dataset", &["dataset", "-h"])]
#[case::key("key", &["key", "-h"])]
#[case::login("login", &["login", "-h"])]
#[case::completions("completions", &["completions", "-h"])]
#[case::man("man", &["man", "-h"])]
fn help_is_as_reviewed(#[case] name: &str, #[case] arguments: &[&str]) {
    let world = World::new();
    let ran = world.run_with(&[("COLUMNS", "100")], arguments).ends_with(0);
    assert_eq!(ran.stderr, "");
    let examples = ran.stdout.find("Examples:").unwrap();
    assert!(examples < ran.stdout.find("Usage:").unwrap(), "examples come first");
    insta::assert_snapshot!(name, ran.stdout);
}

#[test]
fn the_version_names_formats_and_comes_at_once() {
    let world = World::new();
    let ran = world.run(&["--version"]).ends_with(0);
    assert!(ran.stdout.starts_with("driftsiren "), "{}", ran.stdout);
    assert!(ran.stdout.contains("driftsiren.report/1"), "{}", ran.stdout);
    assert_eq!(world.run(&["-V"]).ends_with(0).stdout.lines().count(), 1);
}

#[rstest]
fn completions_know_every_command(#[values("bash", "zsh", "fish", "elvish", "powershell")] shell: &str) {
    let ran = World::new().run(&["completions", shell]).ends_with(0);
    for command in ["check", "profile", "merge", "inspect", "verify", "init", "doctor"] {
        assert!(ran.stdout.contains(command), "{command} in {shell}");
    }
}

#[test]
fn manual_pages_are_written() {
    let world = World::new();
    let page = world.run(&["man"]).ends_with(0).stdout;
    for part in [".TH", ".SH EXAMPLES", ".SH EXIT STATUS", "  4  the server cannot be reached"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    world.run(&["man", "--out", "man1"]).ends_with(0).says("17 pages");
    assert!(world.read("man1/driftsiren-check.1").contains("driftsiren check"));
}

#[test]
fn without_a_command_help_is_shown_and_the_code_is_2() {
    let ran = World::new().run(&[]).ends_with(2);
    assert!(ran.stderr.contains("Usage:"), "{}", ran.stderr);
}

#[test]
fn doctor_says_what_it_sees() {
    let world = World::new();
    let ran = world.run_with(&[("DRIFTSIREN_POLCY", "psi"), ("DRIFTSIREN_API_KEY", "hush")], &["doctor"]).ends_with(0);
    for word in ["version", "threads", "memory", "stdout", "did you mean `DRIFTSIREN_POLICY`?"] {
        assert!(ran.stdout.contains(word), "{word}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("hush"));
}
