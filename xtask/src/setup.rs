//! `cargo xtask setup`: installs what is missing, after saying what and why.

use std::io::Write;

use anyhow::bail;
use clap::Args;

use crate::{
    program::{command, run as call},
    requirement::{self, Area, Fix, Requirement},
    standard_library, system_packages, workspace,
};

/// What to install.
#[derive(Args)]
pub struct Options {
    /// Say what would be installed, and stop
    #[arg(long)]
    dry_run: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let is_wanted = |one: &Requirement| one.is_required() || !matches!(one.fix, Fix::ByHand(_));
    let missing = missing(is_wanted)?;
    if missing.is_empty() {
        println!("Nothing is missing.");
        return Ok(());
    }
    announce(&missing);
    if options.dry_run {
        return Ok(());
    }
    install(&missing)?;
    check(is_wanted)
}

/// Installs what these areas of work need; says nothing when all is there.
pub fn ensure(areas: &[Area]) -> anyhow::Result<()> {
    let is_wanted = |one: &Requirement| areas.contains(&one.area);
    let missing = missing(is_wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    announce(&missing);
    install(&missing)?;
    check(is_wanted)
}

/// Looks again: what was installed may be too old, or somewhere else than where it is looked for.
fn check(is_wanted: impl Fn(&Requirement) -> bool) -> anyhow::Result<()> {
    let missing = missing(is_wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
    bail!("still missing after the installation: {}", names.join(", "))
}

fn missing(is_wanted: impl Fn(&Requirement) -> bool) -> anyhow::Result<Vec<Requirement>> {
    let mut all = requirement::all()?;
    all.retain(|one| one.is_missing() && is_wanted(one));
    Ok(all)
}

fn announce(missing: &[Requirement]) {
    println!("Missing on this machine, and about to be installed:");
    for one in missing {
        println!("  {}: for {}\n      by {}", one.name, one.purpose, one.fix);
    }
    // What follows comes from other programs, straight to the terminal.
    let _ = std::io::stdout().flush();
}

fn install(missing: &[Requirement]) -> anyhow::Result<()> {
    // System packages first: the rest is installed with their programs.
    let packages: Vec<&str> = missing.iter().filter_map(Requirement::package).collect();
    if !packages.is_empty() {
        system_packages::install(&packages)?;
    }
    let mut by_hand = Vec::new();
    for one in missing {
        match &one.fix {
            Fix::SystemPackage(_) => {}
            Fix::Call { folder, program, arguments } => call(
                command(program)
                    .args(*arguments)
                    .current_dir(workspace::root().join(folder))
                    // The browser is the system's.
                    .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
            )?,
            Fix::WasmStandardLibrary => standard_library::get()?,
            Fix::ByHand(advice) => by_hand.push(*advice),
        }
    }
    if !by_hand.is_empty() {
        bail!("please do by hand: {}", by_hand.join("; "));
    }
    Ok(())
}

impl Requirement {
    fn package(&self) -> Option<&str> {
        match &self.fix {
            Fix::SystemPackage(name) => Some(name),
            Fix::Call { .. } | Fix::WasmStandardLibrary | Fix::ByHand(_) => None,
        }
    }
}
