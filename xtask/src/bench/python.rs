//! A Python of our own, with the packages that a measure is held against.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::{
    program::{self, command},
    workspace,
};

/// The interpreter of a virtual environment in the target folder, made of `requirements` (a path in the repository).
pub fn environment(requirements: &str) -> anyhow::Result<PathBuf> {
    let wanted = workspace::root().join(requirements);
    let folder = workspace::target_dir().join("bench/python").join(requirements.replace('/', "-"));
    let (python, installed) = (folder.join("bin/python"), folder.join("installed.txt"));
    let text = std::fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    if python.is_file() && std::fs::read_to_string(&installed).is_ok_and(|have| have == text) {
        return Ok(python);
    }
    println!("  Installing {requirements} into {}: the programs that ours is held against.", folder.display());
    program::run(command("python3").args(["-m", "venv"]).arg(&folder))
        .context("is Python 3 with its venv module installed? (Debian: apt-get install python3-venv)")?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    program::run(command(&python).args(pip).arg(&wanted))?;
    std::fs::write(&installed, text)?;
    Ok(python)
}

/// A call of a script of the repository.
pub fn script(python: &Path, path: &str) -> std::process::Command {
    let mut call = command(python);
    call.arg(workspace::root().join(path)).env("DO_NOT_TRACK", "1");
    call
}
