//! `cargo xtask doctor`: what is there, what is missing, and how to get it. Changes nothing.

use anyhow::bail;

use crate::requirement::{self, Requirement, State};

pub fn run() -> anyhow::Result<()> {
    let all = requirement::all()?;
    let width = all.iter().map(|one| one.name.chars().count()).max().unwrap_or_default();
    for one in &all {
        println!("{:<8} {:<width$}  {}", word(one), one.name, detail(one));
    }
    let n_missing = all.iter().filter(|one| one.is_missing() && one.is_required()).count();
    if n_missing > 0 {
        bail!("{n_missing} missing; `cargo xtask setup` installs them");
    }
    println!("\nNothing required is missing.");
    Ok(())
}

fn word(one: &Requirement) -> &'static str {
    match one.state {
        State::Present(_) => "ok",
        State::Missing if one.is_required() => "MISSING",
        State::Missing => "optional",
    }
}

fn detail(one: &Requirement) -> String {
    match &one.state {
        State::Present(which) => format!("for {} ({which})", one.purpose),
        State::Missing => format!("for {}; get it with: {}", one.purpose, one.fix),
    }
}
