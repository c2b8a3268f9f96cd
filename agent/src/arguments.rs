//! Arguments of every command, and the shape of every help page.

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};
use serde::Deserialize;

/// Help with its examples first.
pub const TEMPLATE: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Common {
    /// Configuration file; by default the nearest driftsiren.toml in this folder or above it.
    #[arg(short, long, global = true, value_name = "FILE", env = "DRIFTSIREN_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// When to colour output: auto (on terminals, unless NO_COLOR is set), always or never.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        hide_possible_values = true,
        env = "DRIFTSIREN_COLOR",
        hide_env_values = true
    )]
    pub color: Option<Color>,
    /// Print only errors on stderr: no notes, no progress bars.
    #[arg(short, long, global = true, action = ArgAction::SetTrue, env = "DRIFTSIREN_QUIET", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub quiet: bool,
    /// Draw no progress bars; they appear only when stderr is a terminal.
    #[arg(long, global = true, action = ArgAction::SetTrue, env = "DRIFTSIREN_NO_PROGRESS", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub no_progress: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// On terminals that can, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always, also into files and pipes.
    Always,
    /// Never.
    Never,
}
