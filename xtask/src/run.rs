//! `cargo xtask run`: everything from a fresh clone to an open port.

use anyhow::Context;
use clap::Args;

use crate::{requirement::Area, server, setup, site, wasm::Effort, workspace};

/// How to serve.
#[derive(Args)]
pub struct Options {
    /// Where to listen [default: 127.0.0.1:3000]
    #[arg(long, env = "DRIFTSIREN_ADDR")]
    addr: Option<String>,
    /// Build the browser's part quickly: larger and slower, for work on the pages
    #[arg(long)]
    quick: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::ensure(&[Area::Build])?;
    server::build()?;
    site::make(if options.quick { Effort::Quick } else { Effort::Small })?;
    let data = workspace::root().join("data");
    std::fs::create_dir_all(&data).with_context(|| format!("cannot create {}", data.display()))?;
    println!("\nDriftSiren starts; ctrl-c stops it.");
    server::serve(options.addr.as_deref())
}
