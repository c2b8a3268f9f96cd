//! `cargo xtask bench`: what it costs, and how often it is wrong.

mod alarms;

use clap::{Args, Subcommand};

/// What to measure.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How often verdicts are wrong on unchanged data, and how often a change is found
    Alarms(alarms::Options),
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    match &options.what {
        What::Alarms(options) => alarms::run(options),
    }
}
