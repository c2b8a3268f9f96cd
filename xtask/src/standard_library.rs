//! The standard library for wasm32: rustup's, or one built from Debian's sources.
//!
//! Debian ships a compiler (`rustc-web`) with the library's source, not the library. It is built
//! once a compiler version into the user's cache folder and named to the compiler as its sysroot,
//! for wasm32 only: nothing of the system or of rustup's toolchain is changed.

use std::{
    env,
    fmt::{self, Display},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::{
    program::{answer, cargo, command, find as find_program, run},
    system_packages, workspace,
};

pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// Written last into a library's folder; without it the folder is half done.
const STAMP: &str = "complete";

/// A library that is there, and with it the compiler to use.
pub enum StandardLibrary {
    /// The default toolchain has it.
    Toolchain,
    /// Built from Debian's sources into this sysroot.
    Debian { sysroot: PathBuf, linker: PathBuf },
}

impl Display for StandardLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toolchain => f.write_str("in the default toolchain"),
            Self::Debian { .. } => f.write_str("built from Debian's sources"),
        }
    }
}

impl StandardLibrary {
    /// A call of the cargo that compiles for wasm32 with this library.
    pub fn cargo(&self, flags: &[&str]) -> Command {
        // Vector instructions: every browser since 2023 has them.
        let flags = [&["-Ctarget-feature=+simd128"], flags].concat().join("\u{1f}");
        match self {
            Self::Toolchain => {
                let mut own = cargo(&[]);
                own.env("CARGO_ENCODED_RUSTFLAGS", flags);
                own
            }
            Self::Debian { sysroot, linker } => {
                let mut debian = debian_cargo();
                let flags = format!("{flags}\u{1f}--sysroot={}", sysroot.display());
                debian.env("CARGO_ENCODED_RUSTFLAGS", flags).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                debian
            }
        }
    }
}

/// Whether the user asks for Debian's way: `DRIFTSIREN_WASM_STD=debian`.
fn wants_debian() -> bool {
    env::var_os("DRIFTSIREN_WASM_STD").is_some_and(|value| value == "debian")
}

/// The library, if it is there.
pub fn find() -> Option<StandardLibrary> {
    if !wants_debian() && toolchain_has_it() {
        return Some(StandardLibrary::Toolchain);
    }
    let sysroot = debian_sysroot()?;
    let linker = debian_linker()?;
    sysroot.join(STAMP).is_file().then_some(StandardLibrary::Debian { sysroot, linker })
}

pub fn how_to_get_it() -> &'static str {
    if wants_debian() {
        "Debian's rustc-web, and building the library from its sources (about a minute, once)"
    } else {
        "rustup target add wasm32-unknown-unknown, or where that cannot be, from Debian's sources"
    }
}

/// Gets it: by rustup, or where that is not wanted or fails, from Debian's sources.
pub fn get() -> anyhow::Result<()> {
    if !wants_debian() {
        let added = match find_program("rustup") {
            Some(rustup) => run(command(rustup).args(["target", "add", TARGET])),
            None => Err(anyhow::anyhow!("there is no rustup")),
        };
        match added {
            Ok(()) => return Ok(()),
            Err(error) if find_program("apt-get").is_none() => return Err(error),
            Err(error) => println!("  {error}; taking Debian's sources instead"),
        }
    }
    install_debian_compiler()?;
    build()
}

fn toolchain_has_it() -> bool {
    answer(command("rustc").args(["--print", "sysroot"]))
        .is_some_and(|sysroot| library_folder(Path::new(&sysroot)).is_dir())
}

fn library_folder(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn debian_cargo() -> Command {
    let mut cargo = command(DEBIAN_CARGO);
    // Of the toolchain that runs xtask, nothing may reach the other one.
    for variable in ["CARGO", "RUSTDOC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "LD_LIBRARY_PATH"] {
        cargo.env_remove(variable);
    }
    cargo.env("RUSTC", DEBIAN_RUSTC);
    cargo
}

/// The line `name: value` of `/usr/bin/rustc -vV`.
fn debian_compiler(name: &str) -> Option<String> {
    let text = answer(Command::new(DEBIAN_RUSTC).arg("-vV").env_remove("LD_LIBRARY_PATH"))?;
    let prefix = format!("{name}: ");
    text.lines().find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
}

/// The major version of the compiler's LLVM, which the linker must share.
fn debian_llvm() -> Option<String> {
    debian_compiler("LLVM version")?.split('.').next().map(str::to_owned)
}

fn debian_linker() -> Option<PathBuf> {
    find_program(&format!("wasm-ld-{}", debian_llvm()?))
}

/// Where the library of the installed compiler and source belongs. A new version of either is a new folder.
fn debian_sysroot() -> Option<PathBuf> {
    let release = debian_compiler("release")?;
    let source = system_packages::version("rust-web-src")?.replace(['/', ':', '~'], "_");
    let cache =
        env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cache")))?;
    Some(cache.join("driftsiren").join(format!("wasm-std-{release}-{source}")))
}

fn install_debian_compiler() -> anyhow::Result<()> {
    // The linker's version is known only once the compiler is there.
    let without_linker = system_packages::of_standard_library("")?;
    install_missing(without_linker.into_iter().filter(|name| !name.ends_with('-')).collect())?;
    let llvm = debian_llvm().with_context(|| format!("{DEBIAN_RUSTC} does not say its LLVM version"))?;
    install_missing(system_packages::of_standard_library(&llvm)?)
}

fn install_missing(mut names: Vec<String>) -> anyhow::Result<()> {
    names.retain(|name| system_packages::version(name).is_none());
    if names.is_empty() {
        return Ok(());
    }
    system_packages::install(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Builds the library from an empty crate and moves it into its sysroot.
fn build() -> anyhow::Result<()> {
    let sysroot = debian_sysroot().context("Debian's compiler or its source is missing")?;
    if sysroot.join(STAMP).is_file() {
        return Ok(());
    }
    let crate_dir = workspace::target_dir().join("wasm-std");
    fs::create_dir_all(crate_dir.join("src"))?;
    // An empty `[workspace]` keeps it out of ours, in whose folder it may lie.
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n";
    fs::write(crate_dir.join("Cargo.toml"), manifest)?;
    fs::write(crate_dir.join("src/lib.rs"), "#![no_std]\n")?;
    let target_dir = crate_dir.join("target");
    run(debian_cargo()
        .current_dir(&crate_dir)
        .args(["build", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro")
        .env("CARGO_TARGET_DIR", &target_dir)
        // The flag above is the one unstable thing here; link-time optimisation needs bitcode.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes"))?;
    install(&target_dir.join(TARGET).join("release/deps"), &sysroot)?;
    fs::remove_dir_all(&crate_dir)?;
    Ok(())
}

/// Copies the built libraries; the stamp comes last, so that a half-done copy is done again.
fn install(built: &Path, sysroot: &Path) -> anyhow::Result<()> {
    let folder = library_folder(sysroot);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut n_libraries = 0;
    for entry in fs::read_dir(built)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::copy(&path, folder.join(name))?;
            n_libraries += 1;
        }
    }
    if n_libraries == 0 {
        bail!("no library was built in {}", built.display());
    }
    fs::write(sysroot.join(STAMP), "")?;
    println!("  wasm32 standard library: {n_libraries} files in {}", sysroot.display());
    Ok(())
}
