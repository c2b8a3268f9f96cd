//! `driftsiren merge`: profiles of parts become the profile of the whole.

use std::path::{Path, PathBuf};

use clap::Args;
use drift::profile::Profile;
use drift::read::{InputFormat, ReadOptions};

use crate::arguments::{Common, TEMPLATE};
use crate::exit::{Exit, Failure, Outcome};
use crate::input::Input;
use crate::output::{Target, note};
use crate::progress::Bars;

const EXAMPLES: &str = "\
Examples:
  driftsiren merge monday.dsp tuesday.dsp -o week.dsp
  driftsiren merge part-*.dsp -o all.dsp
";

/// Flags of `merge`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct MergeArgs {
    /// Profiles to merge; `-` reads stdin.
    #[arg(value_name = "PROFILE", required = true)]
    pub profiles: Vec<PathBuf>,
    /// File for the merged profile; `-` is stdout.
    #[arg(short, long, value_name = "PROFILE")]
    pub output: PathBuf,
}

/// Merges in the order given.
pub fn run(args: &MergeArgs, common: &Common) -> Outcome {
    let paths: Vec<&Path> = args.profiles.iter().map(PathBuf::as_path).collect();
    let target = Target::new(Some(&args.output), &paths)?;
    super::profile::refuse_terminal(&target)?;
    let bars = Bars::new(common);
    let mut options = ReadOptions::new("");
    options.format = Some(InputFormat::Profile);
    let mut merged: Option<Profile> = None;
    for input in Input::open_all(&paths, common)? {
        let name = input.name.clone();
        let profile = input.profile(&options, 1, &bars)?;
        merged = Some(match merged {
            None => profile,
            Some(before) => before.merge(&profile).map_err(|error| error.in_file(&name))?,
        });
    }
    bars.clear();
    let Some(merged) = merged else {
        return Err(Failure::usage("no profile to merge"));
    };
    target.write(&merged.encode())?;
    if let Target::File(path) = &target {
        let n_rows = merged.n_rows;
        note(common.quiet, &format!("{n_rows} rows from {} profiles ({})", paths.len(), path.display()));
    }
    Ok(Exit::Clean)
}
