//! `cargo xtask bench alarms`: builds the simulation optimised and runs it.

use std::path::PathBuf;

use clap::Args;

use crate::{
    program::{self, cargo},
    workspace,
};

/// How much to simulate, and where to write.
#[derive(Args)]
pub struct Options {
    /// A tenth of the comparisons: about a minute, with wider intervals; writes nothing unless `--output` is given
    #[arg(long)]
    quick: bool,
    /// The document to write; docs/alarms.md unless given
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Threads to use
    #[arg(long, value_name = "N", default_value_t = 2)]
    threads: usize,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let usual = (!options.quick).then(|| workspace::root().join("docs/alarms.md"));
    let mut call = cargo(&["run", "--release", "--package", "driftsiren-bench", "--"]);
    call.arg("--threads").arg(options.threads.to_string());
    if options.quick {
        call.arg("--quick");
    }
    if let Some(path) = options.output.clone().or(usual) {
        call.arg("--output").arg(path);
    }
    program::run(&mut call)
}
