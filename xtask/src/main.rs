//! `cargo xtask`: sets up, builds, serves and tests DriftSiren.
//!
//! One file a command. [`requirement`] is the one list of what a machine must have, which `doctor`
//! prints and `setup` installs; [`wasm`] builds the engine for browsers and Node.

mod bench;
mod conformance;
mod doctor;
#[cfg(test)]
mod floors;
mod fuzz;
mod native;
mod port;
mod postgres;
mod program;
mod prove;
mod requirement;
mod run;
mod server;
mod setup;
mod site;
mod standard_library;
mod system_packages;
mod test;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, serves and tests DriftSiren.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the server and serve it at http://127.0.0.1:3000
    Run(run::Options),
    /// Run every test, in named steps; stop at the first that fails
    Test(test::Options),
    /// Show what is there and what is missing, and how to get it
    Doctor,
    /// Install what is missing, after saying what and why
    Setup(setup::Options),
    /// Build the engine for Node and for browsers
    Wasm(wasm::Options),
    /// Build what browsers load, without serving it
    Site(site::Options),
    /// Compare the engine with the golden values
    Conformance(conformance::Options),
    /// Throw made-up bytes at the readers
    Fuzz(fuzz::Options),
    /// Break things on purpose, and count what was lost
    Prove(prove::Options),
    /// Measure
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Doctor => doctor::run(),
        Command::Setup(options) => setup::run(&options),
        Command::Wasm(options) => wasm::run(&options),
        Command::Site(options) => site::make(options.effort()),
        Command::Conformance(options) => conformance::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Prove(options) => prove::run(&options),
        Command::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
