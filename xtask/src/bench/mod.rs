//! `cargo xtask bench`: what it costs, and how often it is wrong.

mod alarms;
mod browser;
mod data;
mod engine;
mod ingest;
mod machine;
mod measure;
mod node;
pub mod python;

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
    /// What a comparison costs in a browser, beside what people run there
    Browser(browser::Options),
    /// What a comparison costs beside the programs that people use for it
    Engine(engine::Options),
    /// What rows cost a server that keeps them, beside one that counts them and beside PostgreSQL alone
    Ingest(ingest::Options),
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    match &options.what {
        What::Alarms(options) => alarms::run(options),
        What::Browser(options) => browser::run(options),
        What::Engine(options) => engine::run(options),
        What::Ingest(options) => ingest::run(options),
    }
}
