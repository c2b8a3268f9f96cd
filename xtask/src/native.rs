//! Compiling the workspace: once, for every step that needs a program of it.
//!
//! Cargo chooses the features of shared dependencies by the packages it is asked for. Asked for the server alone, then
//! for the command line, then for the tests, it compiles most of the tree three times. So every step asks for the same:
//! all packages and their tests.

use std::{env, path::PathBuf};

use crate::{
    program::{self, cargo},
    workspace,
};

/// Compiles all packages with their tests, or finds that nothing changed.
pub fn everything() -> anyhow::Result<()> {
    program::run(&mut cargo(&["test", "--workspace", "--no-run"]))
}

/// The command line's program, as [`everything`] builds it.
pub fn command_line() -> PathBuf {
    program_of("driftsiren")
}

/// The server's program, as [`everything`] builds it.
pub fn server() -> PathBuf {
    program_of("driftsiren-server")
}

fn program_of(name: &str) -> PathBuf {
    workspace::target_dir().join("debug").join(name).with_extension(env::consts::EXE_EXTENSION)
}
