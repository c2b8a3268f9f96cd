//! Where things are.

use std::path::PathBuf;

/// The folder of this repository.
pub fn root() -> PathBuf {
    // Set by `cargo run`; the other is for a program that was copied out of its target folder.
    let own =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().expect("xtask lies in the repository").to_owned()
}

/// Cargo's target folder: that of this very program, whatever it was set with.
pub fn target_dir() -> PathBuf {
    let own = std::env::current_exe().expect("a running program has a path");
    // …/target/debug/xtask
    own.ancestors().nth(2).expect("cargo puts programs two folders deep").to_owned()
}
