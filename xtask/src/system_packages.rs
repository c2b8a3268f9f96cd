//! Packages of the system: the one list of them, `system-packages.toml`, and how they are installed.

use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::program::{answer, command, find, run, shown};

/// Which work needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Compiling anything at all.
    Build,
    /// Programs written in JavaScript: WebAssembly and browser tests.
    Node,
    /// The engine as a WebAssembly module.
    Wasm,
    /// The wasm32 standard library, where rustup cannot bring it.
    WasmStd,
    /// Tests in a browser.
    End2end,
    /// Tests on PostgreSQL.
    Postgres,
    /// Asking the API everything that its document allows.
    Api,
    /// Checking dependencies: which are used, and under which licences.
    Lint,
    /// Nobody needs it; some work is faster with it.
    Comfort,
}

#[derive(Deserialize)]
struct List {
    package: Vec<SystemPackage>,
}

/// A package of the list.
#[derive(Deserialize)]
pub struct SystemPackage {
    pub name: String,
    pub area: Area,
    pub purpose: String,
    /// A program that shows that it is there, whoever installed it.
    pub probe: Option<String>,
}

/// Every system package that building and testing uses.
pub fn listed() -> anyhow::Result<Vec<SystemPackage>> {
    let list: List = toml::from_str(include_str!("../system-packages.toml")).context("xtask/system-packages.toml")?;
    Ok(list.package)
}

/// The packages that bring the wasm32 standard library on Debian.
pub fn of_standard_library(llvm: &str) -> anyhow::Result<Vec<String>> {
    let packages = listed()?.into_iter();
    let wanted = packages.filter(|package| package.area == Area::WasmStd);
    Ok(wanted.map(|package| package.name.replace("{llvm}", llvm)).collect())
}

/// The version of an installed Debian package.
pub fn version(name: &str) -> Option<String> {
    let text = answer(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status} ${Version}", name]))?;
    text.strip_prefix("installed ").map(str::to_owned)
}

/// Installs Debian packages, as root or through sudo; otherwise says what to type.
pub fn install(names: &[&str]) -> anyhow::Result<()> {
    let install = ["install", "--yes", "--no-install-recommends"];
    if find("apt-get").is_none() {
        bail!("this system has no apt-get; install what corresponds to: {}", names.join(" "));
    }
    let Some(mut update) = as_root("apt-get") else {
        bail!("not root, and no sudo; type: apt-get {} {}", install.join(" "), names.join(" "));
    };
    run(update.args(["--quiet", "update"]))?;
    let mut command = as_root("apt-get").expect("it was found a line above");
    command.args(["--quiet"]).args(install).args(names);
    run(&mut command).map_err(|error| error.context(format!("to try again, type: {}", shown(&command))))
}

/// A call with root's rights.
fn as_root(program: &str) -> Option<Command> {
    if is_root() {
        let mut direct = command(program);
        direct.env("DEBIAN_FRONTEND", "noninteractive");
        return Some(direct);
    }
    find("sudo").map(|sudo| {
        let mut through_sudo = command(sudo);
        through_sudo.args(["DEBIAN_FRONTEND=noninteractive", program]);
        through_sudo
    })
}

fn is_root() -> bool {
    answer(command("id").arg("-u")).as_deref() == Some("0")
}
