//! What a machine must have, how to see whether it has it, and how to get it.

use std::{fmt, path::PathBuf};

pub use crate::system_packages::Area;
use crate::{
    program::{self, answer, cargo, command, find},
    standard_library,
    system_packages::{self, SystemPackage},
    workspace,
};

/// One thing that is there or missing.
pub struct Requirement {
    pub name: String,
    pub purpose: String,
    pub area: Area,
    pub state: State,
    pub fix: Fix,
}

pub enum State {
    /// With a word on which one.
    Present(String),
    Missing,
}

/// How to get what is missing. Shown as the command that one would type.
pub enum Fix {
    /// Debian's package of this name.
    SystemPackage(String),
    /// One call from a folder of the repository.
    Call { folder: &'static str, program: &'static str, arguments: &'static [&'static str] },
    /// The wasm32 standard library, by rustup or from Debian's sources.
    WasmStandardLibrary,
    /// Nothing that we would do by ourselves.
    ByHand(&'static str),
}

impl Requirement {
    pub fn is_missing(&self) -> bool {
        matches!(self.state, State::Missing)
    }

    pub fn is_required(&self) -> bool {
        self.area != Area::Comfort
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SystemPackage(name) => write!(f, "apt-get install {name}"),
            Self::Call { folder: "", program, arguments } => {
                write!(f, "{program} {}", arguments.join(" "))
            }
            Self::Call { folder, program, arguments } => {
                write!(f, "(cd {folder} && {program} {})", arguments.join(" "))
            }
            Self::WasmStandardLibrary => f.write_str(standard_library::how_to_get_it()),
            Self::ByHand(advice) => f.write_str(advice),
        }
    }
}

/// Everything, in the order in which it must be installed.
pub fn all() -> anyhow::Result<Vec<Requirement>> {
    let mut all = vec![
        rust(),
        component("rustfmt", "fmt", "checking the format", "rustup component add rustfmt"),
        component("clippy", "clippy", "checking for mistakes", "rustup component add clippy"),
    ];
    all.extend(packages()?);
    all.push(Requirement {
        name: "wasm32 standard library".to_owned(),
        purpose: "building the engine for browsers".to_owned(),
        area: Area::Wasm,
        state: standard_library::find().map_or(State::Missing, |found| State::Present(found.to_string())),
        fix: Fix::WasmStandardLibrary,
    });
    all.push(node_packages("xtask/npm", Area::Wasm, "wasm-opt, which makes modules smaller"));
    all.push(node_packages("end2end", Area::End2end, "Playwright, which drives the browser"));
    all.push(tool(
        "cargo-nextest",
        Area::Comfort,
        "running tests faster; without it `cargo test` runs them",
        &["install", "cargo-nextest", "--locked"],
    ));
    all.push(tool(
        "cargo-machete",
        Area::Lint,
        "finding dependencies that nothing uses",
        &["install", "cargo-machete", "--locked"],
    ));
    all.push(tool(
        "cargo-deny",
        Area::Lint,
        "checking licences, sources and advisories of dependencies",
        &["install", "cargo-deny", "--locked"],
    ));
    Ok(all)
}

fn rust() -> Requirement {
    let version = answer(command("rustc").arg("--version"));
    Requirement {
        name: "rustc".to_owned(),
        purpose: "compiling".to_owned(),
        area: Area::Build,
        state: version.map_or(State::Missing, State::Present),
        fix: Fix::ByHand("install Rust with rustup"),
    }
}

fn component(name: &'static str, subcommand: &str, purpose: &str, advice: &'static str) -> Requirement {
    let version = answer(cargo(&[subcommand]).arg("--version"));
    Requirement {
        name: name.to_owned(),
        purpose: purpose.to_owned(),
        area: Area::Build,
        state: version.map_or(State::Missing, State::Present),
        fix: Fix::ByHand(advice),
    }
}

/// A program that cargo installs.
fn tool(name: &str, area: Area, purpose: &str, arguments: &'static [&'static str]) -> Requirement {
    let version = find(name).map(|path| answer(command(path).arg("--version")).unwrap_or_default());
    let first_line = version.map(|text| text.lines().next().unwrap_or_default().to_owned());
    Requirement {
        name: name.to_owned(),
        purpose: purpose.to_owned(),
        area,
        state: first_line.map_or(State::Missing, State::Present),
        fix: Fix::Call { folder: "", program: "cargo", arguments },
    }
}

/// The packages of a folder with a lock file; there when npm has installed from this very lock file.
fn node_packages(folder: &'static str, area: Area, purpose: &str) -> Requirement {
    let folder_path = workspace::root().join(folder);
    let changed_at = |file: &str| std::fs::metadata(folder_path.join(file)).and_then(|at| at.modified()).ok();
    let is_current = changed_at("node_modules/.package-lock.json") >= changed_at("package-lock.json");
    Requirement {
        name: format!("npm packages of {folder}/"),
        purpose: purpose.to_owned(),
        area,
        state: if is_current { State::Present("as locked".to_owned()) } else { State::Missing },
        fix: Fix::Call { folder, program: "npm", arguments: &["ci"] },
    }
}

fn packages() -> anyhow::Result<Vec<Requirement>> {
    let packages = system_packages::listed()?.into_iter();
    let wanted = packages.filter(|package| package.area != Area::WasmStd);
    Ok(wanted.map(Requirement::of).collect())
}

impl Requirement {
    fn of(package: SystemPackage) -> Self {
        let found = match package.probe.as_deref() {
            Some("chromium") => chromium().map(|path| path.display().to_string()),
            Some("node") => node_version(),
            // Debian splits it off; elsewhere it comes with Python.
            Some("python3-venv") => answer(command("python3").args(["-c", "import ensurepip, venv"])),
            Some("initdb") => crate::postgres::programs().map(|path| path.display().to_string()),
            Some(program) => find(program).map(|path| path.display().to_string()),
            None => system_packages::version(&package.name),
        };
        Self {
            state: found.map_or(State::Missing, State::Present),
            fix: Fix::SystemPackage(package.name.clone()),
            name: package.name,
            purpose: package.purpose,
            area: package.area,
        }
    }
}

/// The browser of the tests: `DRIFTSIREN_CHROMIUM`, or the system's.
pub fn chromium() -> Option<PathBuf> {
    std::env::var_os("DRIFTSIREN_CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| program::find("chromium"))
        .filter(|path| path.is_file())
}

/// Node's version, unless it is too old for the tools.
fn node_version() -> Option<String> {
    const OLDEST: u32 = 20;
    let version = answer(command("node").arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok()?;
    (major >= OLDEST).then_some(version)
}
