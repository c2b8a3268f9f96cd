//! `cargo xtask bench`: what it costs, and how often it is wrong.

use anyhow::bail;
use clap::Args;

/// What to measure.
#[derive(Args)]
pub struct Options {}

pub fn run(_: &Options) -> anyhow::Result<()> {
    bail!("there is no benchmark yet")
}
