//! Packages of JavaScript that a measure is held against, in the target folder.

use std::path::PathBuf;

use anyhow::Context;

use crate::{
    program::{self, command},
    workspace,
};

/// The `node_modules` folder of what `project` (a folder of the repository with a lock file) names.
pub fn modules(project: &str) -> anyhow::Result<PathBuf> {
    let source = workspace::root().join(project);
    let folder = workspace::target_dir().join("bench/node").join(project.replace('/', "-"));
    let (modules, installed) = (folder.join("node_modules"), folder.join("installed.json"));
    let lock = source.join("package-lock.json");
    let text = std::fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    if modules.is_dir() && std::fs::read_to_string(&installed).is_ok_and(|have| have == text) {
        return Ok(modules);
    }
    println!("  Installing the packages of {project} into {}: what ours is held against.", folder.display());
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(source.join(name), folder.join(name)).with_context(|| name.to_owned())?;
    }
    // The browser is the system's.
    let mut install = command("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    program::run(&mut install)?;
    std::fs::write(&installed, text)?;
    Ok(modules)
}
