//! `cargo xtask fuzz`: libFuzzer on what reads bytes from strangers.
//!
//! With the coverage passes that the stable compiler has: no nightly toolchain and no further tool, only a C++ compiler.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::{
    program::{self, answer, cargo, command},
    workspace,
};

/// Coverage of branches and comparisons, as libFuzzer wants it, and every check that a debug build has.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions \
                     -Coverflow-checks --cfg fuzzing";
/// Memory beyond which an input counts as a crash.
const MEGABYTES: u32 = 1024;
/// Seconds after which an input counts as a hang.
const PATIENCE: u32 = 20;

/// What to fuzz, and how long.
#[derive(Args)]
pub struct Options {
    /// Only this reader; all in turn unless given
    target: Option<Target>,
    /// Seconds for each
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
    /// Add what reached new code to the corpus in the repository, the smallest inputs that do
    #[arg(long)]
    keep: bool,
}

/// The readers.
#[derive(Clone, Copy, ValueEnum)]
enum Target {
    Csv,
    Json,
    Parquet,
    Profile,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Profile => "profile",
        }
    }
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let folder = workspace::root().join("drift-wasm/fuzz");
    let built = workspace::target_dir().join("fuzz");
    let version = answer(command("rustc").arg("-vV")).context("cannot ask rustc for its version")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    for target in options.target.map_or_else(|| Target::value_variants().to_vec(), |target| vec![target]) {
        let name = target.name();
        // A target is named, although it is the host, so that the flags do not reach build scripts.
        program::run(
            cargo(&["build", "--release", "--target", host, "--bin", name, "--manifest-path"])
                .arg(folder.join("Cargo.toml"))
                .env("CARGO_TARGET_DIR", &built)
                .env("RUSTFLAGS", FLAGS),
        )?;
        let binary = built.join(host).join("release").join(name).with_extension(env::consts::EXE_EXTENSION);
        let (kept, found) = (folder.join("corpus").join(name), built.join("corpus").join(name));
        let crashes = built.join("crashes").join(name);
        fs::create_dir_all(&found)?;
        fs::create_dir_all(&crashes)?;
        let limits = [format!("-rss_limit_mb={MEGABYTES}"), format!("-timeout={PATIENCE}")];
        let outcome = program::run(
            command(&binary)
                .args(&limits)
                .arg(format!("-max_total_time={}", options.seconds))
                .arg("-print_final_stats=1")
                .arg(format!("-artifact_prefix={}/", crashes.display()))
                .args([&found, &kept]),
        );
        if outcome.is_err() {
            bail!(
                "`{name}` breaks on an input, kept in {}; fix the reader and add the input to {}",
                crashes.display(),
                kept.display()
            );
        }
        if options.keep {
            keep(&binary, &kept, &found)?;
        }
    }
    Ok(())
}

/// Merges what was found into the corpus: only inputs that reach code which no kept one reaches.
fn keep(binary: &PathBuf, kept: &PathBuf, found: &PathBuf) -> anyhow::Result<()> {
    program::run(command(binary).arg("-merge=1").args([kept, found]))
}
