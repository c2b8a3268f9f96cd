//! The tables that are measured on, made when they are not there.

use std::path::{Path, PathBuf};

use super::python;
use crate::{program, workspace};

/// Paths of the reference and the current table of `n_rows` rows.
pub fn files(python: &Path, n_rows: u32, format: &str) -> anyhow::Result<[PathBuf; 2]> {
    let folder = workspace::target_dir().join("bench/data");
    let files = ["reference", "current"].map(|side| folder.join(format!("{n_rows}_{side}.{format}")));
    if !files.iter().all(|file| file.is_file()) {
        let mut generate = python::script(python, "bench/engine/generate.py");
        program::run(generate.arg(n_rows.to_string()).arg(&folder).arg(format))?;
    }
    Ok(files)
}
