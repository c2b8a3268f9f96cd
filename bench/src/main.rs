//! `cargo xtask bench alarms`: how often verdicts are wrong on unchanged data, and how often a change is found.
//!
//! Rows are drawn from known populations, read by the engine's readers, compared under the default policy, and judged
//! by the default rules of other tools on the same rows. Ends with an error when a promise breaks.

mod inputs;
mod interval;
mod machine;
mod nannyml;
mod page;
mod population;
mod promise;
mod rules;
mod scenario;
mod simulate;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Parser;

/// How much more often an open cell is simulated.
const MORE: u64 = 4;

/// Simulates alarms.
#[derive(Parser)]
struct Arguments {
    /// Fewer comparisons and no large sizes
    #[arg(long)]
    quick: bool,
    /// Threads to use; the result does not depend on it
    #[arg(long, value_name = "N", default_value_t = 2)]
    threads: usize,
    /// Another seed gives other draws; the engine was tuned on seed 1, so what is published comes from another
    #[arg(long, value_name = "N", default_value_t = 20_261)]
    seed: u64,
    /// The document to write; standard output unless given
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench alarms: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Simulates the cells that the first round left open again, with more comparisons.
fn settle(results: &mut [promise::Result], arguments: &Arguments) -> anyhow::Result<usize> {
    let open: Vec<usize> =
        (0..results.len()).filter(|index| promise::is_worth_more(results, &results[*index])).collect();
    eprintln!("{} cells are open: simulated again, {MORE} times as often", open.len());
    let again: Vec<_> = open.iter().map(|index| results[*index].0.repeated(MORE)).collect();
    let n_again = open.len();
    let outcomes = simulate::run(&again, arguments.threads, arguments.seed)?;
    for ((index, scenario), outcome) in open.into_iter().zip(again).zip(outcomes) {
        results[index] = (scenario, outcome);
    }
    Ok(n_again)
}

/// Simulates, writes, and says whether every promise holds.
fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let started_at = Instant::now();
    let scenarios = scenario::all(arguments.quick);
    let outcomes = simulate::run(&scenarios, arguments.threads, arguments.seed)?;
    let mut results: Vec<_> = scenarios.into_iter().zip(outcomes).collect();
    let n_again = if arguments.quick { 0 } else { settle(&mut results, arguments)? };
    let found = promise::judge(&results);
    let run =
        page::Run { seconds: started_at.elapsed().as_secs(), seed: arguments.seed, is_quick: arguments.quick, n_again };
    let text = page::write(&results, &found, &run);
    match &arguments.output {
        Some(path) => std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?,
        None => print!("{text}"),
    }
    for line in found.alarms.broken.iter().chain(&found.power.broken) {
        eprintln!("broken: {line}");
    }
    Ok(found.alarms.broken.is_empty() && found.power.broken.is_empty())
}
