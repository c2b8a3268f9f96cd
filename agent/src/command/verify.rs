//! `driftsiren verify`: recomputes a report from its inputs; the receipt holds, or which part does not.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use drift::compare::{CompareOptions, compare};
use drift::profile::Profile;
use drift::read::{InputFormat, ReadOptions};
use drift::receipt::{self, Difference};
use drift::report::{InputSummary, Report};

use crate::arguments::{Common, TEMPLATE};
use crate::exit::{Exit, Failure, Outcome};
use crate::flags::ReadFlags;
use crate::input::{self, Input};
use crate::output::write_stdout;
use crate::progress::Bars;
use crate::report_file;

const EXAMPLES: &str = "\
Examples:
  driftsiren verify report.json reference.csv current.csv
  driftsiren verify report.json reference.csv current.csv && echo 'the report is genuine'
";

/// Flags of `verify`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct VerifyArgs {
    /// Report in JSON; `-` reads stdin.
    #[arg(value_name = "REPORT.json")]
    pub report: PathBuf,
    /// Reference that the report was made from.
    #[arg(value_name = "REF")]
    pub reference: PathBuf,
    /// Current input that the report was made from.
    #[arg(value_name = "CUR")]
    pub current: PathBuf,
    /// Threads to read with; by default as many as the machine has.
    #[arg(long, value_name = "N", env = "DRIFTSIREN_THREADS", hide_env_values = true,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Recomputes with the options and the policy that the report holds; configuration is not looked at.
pub fn run(args: &VerifyArgs, common: &Common) -> Outcome {
    let paths = [args.report.as_path(), args.reference.as_path(), args.current.as_path()];
    let mut inputs = Input::open_all(&paths, common)?.into_iter();
    let (Some(report), Some(reference), Some(current)) = (inputs.next(), inputs.next(), inputs.next()) else {
        return Err(Failure::new(Exit::Bug, "three paths did not give three inputs"));
    };
    let report_name = report.name.clone();
    let report = report_file::read(report)?;
    let options = |summary: &InputSummary| -> Outcome<ReadOptions> {
        let mut options = ReadOptions::from_json(&summary.name, &report.receipt.options).map_err(|error| {
            let failure = Failure::from(error.in_file(&report_name));
            Failure { exit: Exit::Input, ..failure }
        })?;
        if summary.format == InputFormat::Profile.as_str() {
            options.format = None;
        }
        Ok(options)
    };
    let (of_reference, of_current) = (options(&report.reference)?, options(&report.current)?);
    let flags = ReadFlags { threads: args.threads, ..ReadFlags::default() };
    let bars = Bars::new(common);
    let n_threads = input::n_threads(&flags);
    let profiles = input::profile_both((reference, &of_reference), (current, &of_current), n_threads, &bars)?;
    let differences = recompute(&report, &profiles, n_threads)?;
    let exit = if differences.is_empty() { Exit::Clean } else { Exit::Drift };
    write_stdout(describe(&report, &report_name, &differences).as_bytes())?;
    Ok(exit)
}

/// What does not hold, when everything is done again as the report says it was done.
fn recompute(report: &Report, (reference, current): &(Profile, Profile), n_threads: usize) -> Outcome<Vec<Difference>> {
    let options = CompareOptions {
        policy: report.policy.clone(),
        all_metrics: report.receipt.all_metrics,
        columns: report.receipt.columns.clone(),
        exclude: report.receipt.exclude.clone(),
        n_threads,
    };
    Ok(receipt::verify(report, &compare(reference, current, &options)?))
}

fn describe(report: &Report, name: &str, differences: &[Difference]) -> String {
    let mut text = String::new();
    if differences.is_empty() {
        let _ = writeln!(text, "the receipt holds: {name} says what these inputs say");
        let _ = writeln!(text, "  digest  {}", report.receipt.digest);
        return text;
    }
    let _ = writeln!(text, "the receipt does not hold: {name} differs from what these inputs say");
    let widest = differences.iter().map(|difference| difference.part.chars().count()).max().unwrap_or(0);
    for Difference { part, expected, found } in differences {
        let _ = writeln!(text, "  {part:<widest$}  the report says {expected}, recomputed {found}");
    }
    text
}
