//! `driftsiren completions`: what a shell needs to complete commands and flags.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::arguments::TEMPLATE;
use crate::exit::{Exit, Outcome};
use crate::output::write_stdout;

const EXAMPLES: &str = "\
Examples:
  driftsiren completions bash > ~/.local/share/bash-completion/completions/driftsiren
  driftsiren completions zsh > ~/.zfunc/_driftsiren
  driftsiren completions fish > ~/.config/fish/completions/driftsiren.fish
";

/// Flags of `completions`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct CompletionsArgs {
    /// Shell to complete in.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints those of `command`.
pub fn run(args: &CompletionsArgs, mut command: Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "driftsiren", &mut script);
    write_stdout(&script)?;
    Ok(Exit::Clean)
}
