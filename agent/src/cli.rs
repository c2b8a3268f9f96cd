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

/// Finds out whether data has changed: which columns, how much, and how sure that is.
///
/// Nothing leaves this machine but by push and watch.
/// Exit codes: 0 nothing at or above --fail-on, 1 drift, 2 usage or configuration, 3 an input that cannot be read or compared, 4 a server that cannot be reached or refuses.
#[derive(Debug, Parser)]
#[command(
    name = "driftsiren",
    version,
    long_version = LONG_VERSION.as_str(),
    before_help = EXAMPLES,
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
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare two inputs and say what drifted; made for pipelines.
    Check(Box<check::CheckArgs>),
    /// Summarise an input into a small profile that can stand in for it.
    Profile(profile::ProfileArgs),
    /// Merge profiles into the profile of all their rows.
    Merge(merge::MergeArgs),
    /// Show what is in a data file, a profile or a report.
    Inspect(inspect::InspectArgs),
    /// Recompute a report from its inputs and say whether its receipt holds.
    Verify(verify::VerifyArgs),
    /// Write a commented driftsiren.toml.
    Init(init::InitArgs),
    /// Send rows, or only their profile, to a server.
    Push(push::PushArgs),
    /// Send new files of a folder, or the lines that a file grows by, for as long as it runs.
    Watch(watch::WatchArgs),
    /// List, show, make, change and remove datasets on a server, and say what they are compared with.
    Dataset(dataset::DatasetArgs),
    /// List, make, rotate and revoke API keys on a server.
    Key(key::KeyArgs),
    /// Keep a server's address and an API key for the other commands.
    Login(login::LoginArgs),
    /// Forget them.
    Logout,
    /// Say which server, key and org the other commands use.
    Whoami(crate::server::ServerFlags),
    /// Say what this program sees: versions, threads, memory, configuration, server, terminal.
    Doctor(crate::server::ServerFlags),
    /// Print completions for a shell.
    Completions(completions::CompletionsArgs),
    /// Print the manual page.
    Man(man::ManArgs),
}
