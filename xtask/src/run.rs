//! `cargo xtask run`: everything from a fresh clone to an open port.

use anyhow::Context;
use clap::Args;

use crate::{requirement::Area, server, setup, site, workspace};

/// How to serve.
#[derive(Args)]
pub struct Options {
    /// Where to listen [default: 127.0.0.1:3000]
    #[arg(long, env = "DRIFTSIREN_ADDR")]
    addr: Option<String>,
    #[command(flatten)]
    site: site::Options,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::ensure(&[Area::Build])?;
    server::build()?;
    site::make(options.site.effort())?;
    let data = workspace::root().join("data");
    std::fs::create_dir_all(&data).with_context(|| format!("cannot create {}", data.display()))?;
    println!("\nDriftSiren starts; ctrl-c stops it.");
    server::serve(options.addr.as_deref())
}
