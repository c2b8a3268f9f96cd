//! `driftsiren profile`: an input becomes a small file that can stand in for it.

use std::path::PathBuf;

use clap::Args;

use crate::arguments::{Common, TEMPLATE};
use crate::config;
use crate::exit::{Exit, Failure, Outcome};
use crate::flags::ReadFlags;
use crate::input::{self, Input};
use crate::output::{Target, note};
use crate::progress::Bars;

const EXAMPLES: &str = "\
Examples:
  driftsiren profile reference.csv -o reference.dsp
  zstdcat day.ndjson.zst | driftsiren profile - -o day.dsp
";

/// Flags of `profile`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct ProfileArgs {
    /// Data file; `-` reads stdin.
    #[arg(value_name = "FILE")]
    pub input: PathBuf,
    /// File for the profile, usually with the ending .dsp; `-` is stdout.
    #[arg(short, long, value_name = "PROFILE")]
    pub output: PathBuf,
    /// How the input is read.
    #[command(flatten)]
    pub read: ReadFlags,
}

/// Reads the input and writes its profile.
pub fn run(args: &ProfileArgs, common: &Common) -> Outcome {
    let config = config::load(common.config.as_deref())?;
    let options = input::read_options(&args.read, &config)?;
    let target = Target::new(Some(&args.output), &[&args.input])?;
    refuse_terminal(&target)?;
    let bars = Bars::new(common);
    let mut inputs = Input::open_all(&[&args.input], common)?;
    let Some(input) = inputs.pop() else {
        return Err(Failure::new(Exit::Bug, "a path did not give an input"));
    };
    let profile = input.profile(&options, input::n_threads(&args.read), &bars)?;
    bars.clear();
    let named = (args.read.types.iter().map(|(name, _)| ("--type", name.as_str())))
        .chain(args.read.roles.iter().map(|(name, _)| ("--role", name.as_str())));
    input::check_names(named, &input::column_names(&profile))?;
    let bytes = profile.encode();
    target.write(&bytes)?;
    if let Target::File(path) = &target {
        let n_rows = profile.n_rows;
        let size = indicatif::HumanBytes(bytes.len() as u64);
        note(common.quiet, &format!("{n_rows} rows in a profile of {size} ({})", path.display()));
    }
    Ok(Exit::Clean)
}

/// Bytes of a profile do a terminal no good.
pub fn refuse_terminal(target: &Target) -> Outcome<()> {
    use std::io::IsTerminal;
    if *target == Target::Stdout && std::io::stdout().is_terminal() {
        return Err(Failure::usage("a profile is binary and cannot be printed on a terminal")
            .help("name a file with -o, or redirect stdout"));
    }
    Ok(())
}
