//! Readers that go away and people who press Ctrl-C.

use std::io::{Read, Write};
use std::process::Stdio;

use rstest::rstest;

use crate::world::{World, csv};

#[rstest]
#[case::help(&["check", "--help"], 0)]
#[case::completions(&["completions", "zsh"], 0)]
#[case::report(&["check", "ref.csv", "cur.csv", "-f", "json"], 1)]
#[case::page(&["man"], 0)]
fn a_broken_pipe_is_quiet_and_keeps_the_code(#[case] arguments: &[&str], #[case] code: i32) {
    let world = World::new();
    let mut child = world.command_in("", arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(code), "{stderr}");
    assert_eq!(stderr, "");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_130_and_leaves_nothing() {
    let world = World::new();
    let arguments = ["check", "ref.csv", "-", "-o", "report.json"];
    let mut child = world.command_in("", &arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // More than a pipe holds: once it is written, the program is reading.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(csv(100_000, 0).as_bytes()).unwrap();
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stderr}");
    assert!(stderr.contains("interrupted"), "{stderr}");
    assert_eq!(world.names(), ["cur.csv", "ref.csv"]);
}
