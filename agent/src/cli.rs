//! What can be typed: the commands and their order.

use std::sync::LazyLock;

use clap::builder::Styles;
use clap::{Parser, Subcommand};

use crate::arguments::{Common, TEMPLATE};
use crate::command::{
    check, completions, dataset, init, inspect, key, login, man, merge, profile, push, verify, watch,
};

/// Name and versions, for `--version`.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{}\nengine {} · report format {} · profile format {}",
        env!("CARGO_PKG_VERSION"),
        crate::version::VERSION,
        drift::report::FORMAT,
        crate::version::profile_format(),
    )
});

const EXAMPLES: &str = "\
Examples:
  driftsiren check reference.csv current.csv
  driftsiren check reference.parquet current.parquet --policy strict -f html -o report.html
  zcat today.csv.gz | driftsiren check reference.dsp -
  driftsiren profile reference.csv -o reference.dsp
  driftsiren init reference.csv
";

/// Shown below the options of `driftsiren --help`.
const EXIT_CODES: &str = "\
Exit codes:
  0  no drift at or above --fail-on, or the command did what it was asked
  1  drift, or a report that verify could not confirm
  2  wrong arguments or configuration
  3  an input cannot be read or compared, or an output cannot be written
  4  the server cannot be reached or refused the request, or no server or key is set";

/// Finds out whether data has changed: which columns, how much, and how sure that is.
///
/// Reads files on this machine; only push, watch and the commands about a server send anything.
#[derive(Debug, Parser)]
#[command(
    name = "driftsiren",
    version,
    long_version = LONG_VERSION.as_str(),
    before_help = EXAMPLES,
    after_help = EXIT_CODES,
    help_template = TEMPLATE,
    styles = Styles::styled(),
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100,
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// The commands, in the order in which the help lists them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare two inputs and report what drifted; made for pipelines.
    Check(Box<check::CheckArgs>),
    /// Summarise an input into a small profile, which can be compared in its place.
    Profile(profile::ProfileArgs),
    /// Merge profiles into one profile of all their rows.
    Merge(merge::MergeArgs),
    /// Show the contents of a data file, a profile or a report.
    Inspect(inspect::InspectArgs),
    /// Recompute a report from its inputs and check that nothing differs.
    Verify(verify::VerifyArgs),
    /// Write a driftsiren.toml with every setting explained.
    Init(init::InitArgs),
    /// Send rows, or only a profile of them, to a server.
    Push(push::PushArgs),
    /// Keep sending new files of a folder, or new lines of a file, to a server.
    Watch(watch::WatchArgs),
    /// List, show, create, change and remove datasets on a server, and set what they are compared with.
    Dataset(dataset::DatasetArgs),
    /// List, create, rotate and revoke API keys on a server.
    Key(key::KeyArgs),
    /// Save a server's address and an API key for the other commands.
    Login(login::LoginArgs),
    /// Delete the saved address and key from this machine.
    Logout,
    /// Show which server, key and org the other commands use.
    Whoami(crate::server::ServerFlags),
    /// Check the setup: versions, threads, memory, configuration, server, terminal.
    Doctor(crate::server::ServerFlags),
    /// Print completions for a shell.
    Completions(completions::CompletionsArgs),
    /// Print the manual page.
    Man(man::ManArgs),
}
