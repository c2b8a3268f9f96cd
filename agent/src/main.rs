//! `driftsiren`: the command line of the drift engine.
//!
//! Results go to stdout, all else to stderr; the exit code says what was found, see [`exit::Exit`].

mod arguments;
mod cli;
mod command;
mod config;
mod credentials;
mod exit;
mod flags;
mod input;
mod output;
mod progress;
mod report_file;
mod server;
mod spool;
mod suggest;
mod upload;
mod version;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command};
use crate::exit::{Exit, Outcome};

fn main() -> ExitCode {
    let cli = Cli::parse();
    output::choose_color(cli.common.color.unwrap_or_default());
    std::panic::set_hook(Box::new(|panic| {
        if drift::read::parquet::is_guarded() {
            return;
        }
        let mut stderr = anstream::stderr().lock();
        let _ = writeln!(stderr, "error: this is a bug in driftsiren: {panic}");
        let _ = writeln!(stderr, "help: please report it with the command line and, if possible, the input");
    }));
    watch_interrupt();
    match run(&cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::error(&failure);
            failure.exit.into()
        }
    }
}

fn run(cli: &Cli) -> Outcome {
    let common = &cli.common;
    match &cli.command {
        Command::Check(args) => command::check::run(args, common),
        Command::Profile(args) => command::profile::run(args, common),
        Command::Merge(args) => command::merge::run(args, common),
        Command::Inspect(args) => command::inspect::run(args, common),
        Command::Verify(args) => command::verify::run(args, common),
        Command::Init(args) => command::init::run(args, common),
        Command::Push(args) => command::push::run(args, common),
        Command::Watch(args) => command::watch::run(args, common),
        Command::Dataset(args) => command::dataset::run(args),
        Command::Key(args) => command::key::run(args),
        Command::Login(args) => command::login::login(args),
        Command::Logout => command::login::logout(),
        Command::Whoami(args) => command::login::whoami(args),
        Command::Doctor(server) => command::doctor::run(server, common),
        Command::Completions(args) => command::completions::run(args, Cli::command()),
        Command::Man(args) => command::man::run(args, common, Cli::command()),
    }
}

/// Ends at once on Ctrl-C, also while a pipe is silent; the only thing to clean up is a half-written file.
fn watch_interrupt() {
    let interrupted = || {
        output::remove_unfinished();
        // Clears a half-drawn bar and shows the cursor that bars may hide.
        let restored = if std::io::stderr().is_terminal() { "\r\u{1b}[K\u{1b}[?25h" } else { "" };
        let _ = writeln!(std::io::stderr(), "{restored}interrupted");
        std::process::exit(i32::from(Exit::Interrupted.code()));
    };
    // Without a handler the system's default ends the process, only less tidily.
    let _ = ctrlc::set_handler(interrupted);
}
