//! `driftsiren check`: compares two inputs, the gate of a pipeline.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use drift::compare::{CompareOptions, compare};
use drift::profile::Profile;
use drift::render::{Format, github, render};
use drift::report::{ColumnReport, NotCompared};
use drift::verdict::Verdict;

use crate::arguments::{Common, TEMPLATE};
use crate::config::{self, ConfigFile};
use crate::exit::{Exit, Failure, Outcome};
use crate::flags::{PolicyFlags, ReadFlags, report_format};
use crate::input::{self, Input};
use crate::output::{self, Target, note};
use crate::progress::Bars;

const EXAMPLES: &str = "\
Examples:
  driftsiren check reference.csv current.csv
  driftsiren check reference.dsp current.parquet --fail-on warning
  driftsiren check ref.csv cur.csv --type zip=categorical --floor income=0.2 --exclude 'debug_*'
  driftsiren check ref.csv cur.csv -f junit -o drift.xml
  psql -c 'copy loans to stdout csv header' | driftsiren check reference.dsp -
";

/// Flags of `check`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct CheckArgs {
    /// Reference input: a data file or a profile; `-` reads stdin.
    #[arg(value_name = "REF")]
    pub reference: PathBuf,
    /// Current input, compared with the reference.
    #[arg(value_name = "CUR")]
    pub current: PathBuf,
    /// What counts as drift.
    #[command(flatten)]
    pub policy: PolicyFlags,
    /// Compare only these columns, by name or glob (`*`, `?`). Repeatable, or separated by commas.
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Columns")]
    pub columns: Vec<String>,
    /// Leave these columns out, by name or glob.
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Columns")]
    pub exclude: Vec<String>,
    /// Compute every metric of every column, not only those behind the verdict.
    #[arg(long, help_heading = "Columns")]
    pub all_metrics: bool,
    /// Format of the result: text, json, markdown, html, csv, junit, sarif or github.
    ///
    /// By default taken from the ending of the -o file, then from the configuration.
    #[arg(short, long, value_name = "FORMAT", env = "DRIFTSIREN_FORMAT", hide_env_values = true,
          value_parser = report_format(), hide_possible_values = true, help_heading = "Output")]
    pub format: Option<Format>,
    /// File for the result; `-` is stdout. It is written completely or not at all.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadFlags,
}

/// Compares, writes the report, and says by the exit code whether it drifted.
pub fn run(args: &CheckArgs, common: &Common) -> Outcome {
    let config = config::load(common.config.as_deref())?;
    let options = input::read_options(&args.read, &config)?;
    let comparison = CompareOptions {
        policy: config::policy(&args.policy, &config),
        all_metrics: args.all_metrics,
        columns: (!args.columns.is_empty()).then(|| args.columns.clone()),
        exclude: args.exclude.clone(),
        n_threads: input::n_threads(&args.read),
    };
    let paths = [args.reference.as_path(), args.current.as_path()];
    let target = Target::new(args.output.as_deref(), &paths)?;
    let bars = Bars::new(common);
    let mut inputs = Input::open_all(&paths, common)?.into_iter();
    let (Some(reference), Some(current)) = (inputs.next(), inputs.next()) else {
        return Err(Failure::new(Exit::Bug, "two paths did not give two inputs"));
    };
    if let (Some(one), Some(other)) = (&reference.path, &current.path)
        && output::is_same_file(one, other)
    {
        note(common.quiet, &format!("reference and current are the same file, `{}`", one.display()));
    }

    let n_threads = comparison.n_threads;
    let (reference, current) = input::profile_both((reference, &options), (current, &options), n_threads, &bars)?;
    check_columns(args, &config, common, [&reference, &current])?;
    let report = compare(&reference, &current, &comparison)?;

    let color = common.color.or(config.output.color).unwrap_or_default();
    let format = format_of(args, &config);
    let text = render(&report, format, &output::look(color, &target));
    target.write(text.as_bytes())?;
    if format == Format::Github {
        append_step_summary(&github::summary(&report))?;
    }
    if let Target::File(path) = &target {
        note(common.quiet, &format!("{} ({})", report.sentence, path.display()));
    }
    let exit = Exit::of_report(&report);
    for input in [&report.reference, &report.current].into_iter().filter(|input| input.n_rows == 0) {
        note(
            common.quiet,
            &format!("`{}` has no rows; was it written to its end? is this the right file?", input.name),
        );
    }
    let mut demanded = report.columns.iter().filter(|column| had_to_be_compared(column));
    let Some(column) = demanded.next().filter(|_| report.policy.fail_on.is_some()) else { return Ok(exit) };
    let reason = column.not_compared.map_or("it was not judged", NotCompared::words);
    note(false, &format!("column `{}` had to be compared and was not: {reason}", column.name));
    Ok(if exit == Exit::Drift { exit } else { Exit::Input })
}

/// Whether a column was not compared although the caller counts on it: it is critical, or nothing fits its given type.
fn had_to_be_compared(column: &ColumnReport) -> bool {
    let nothing_fits = column.not_compared == Some(NotCompared::NothingFits);
    column.verdict == Verdict::NotCompared
        && (column.policy.critical || (column.type_reason == "given" && nothing_fits))
}

/// Flag, then the name of the output, then configuration, then text.
fn format_of(args: &CheckArgs, config: &ConfigFile) -> Format {
    let by_name = || {
        let extension = args.output.as_deref().and_then(Path::extension)?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Format::Json),
            "md" | "markdown" => Some(Format::Markdown),
            "html" | "htm" => Some(Format::Html),
            "csv" => Some(Format::Csv),
            "xml" => Some(Format::Junit),
            "sarif" => Some(Format::Sarif),
            "txt" => Some(Format::Text),
            _ => None,
        }
    };
    let configured = config.output.format.map(|format| format.0);
    args.format.or_else(by_name).or(configured).unwrap_or(Format::Text)
}

/// Names on the command line must exist; names in configuration that do not are only noted.
fn check_columns(args: &CheckArgs, config: &ConfigFile, common: &Common, profiles: [&Profile; 2]) -> Outcome<()> {
    let mut known = Vec::new();
    for profile in profiles {
        for name in input::column_names(profile) {
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }
    let is_literal = |glob: &&String| !glob.contains(['*', '?', '[', '{', '\\']);
    let floors = args.policy.floors.iter().filter_map(|(column, _)| column.as_ref());
    let names = (args.read.types.iter().map(|(name, _)| ("--type", name)))
        .chain(args.read.roles.iter().map(|(name, _)| ("--role", name)))
        .chain(floors.map(|name| ("--floor", name)))
        .chain(args.policy.critical.iter().map(|name| ("--critical", name)))
        .chain(args.policy.weights.iter().map(|(name, _)| ("--weight", name)))
        .chain(args.columns.iter().filter(is_literal).map(|name| ("--columns", name)))
        .chain(args.exclude.iter().filter(is_literal).map(|name| ("--exclude", name)));
    input::check_names(names.map(|(flag, name)| (flag, name.as_str())), &known)?;
    for name in config.columns.keys().filter(|name| !known.contains(name)) {
        let hint = crate::suggest::did_you_mean(name, known.iter().map(String::as_str));
        let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
        note(common.quiet, &format!("the configuration names column `{name}`, which no input has{hint}"));
    }
    Ok(())
}

/// Adds to the job summary of GitHub Actions, where there is one.
fn append_step_summary(markdown: &str) -> Outcome<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = PathBuf::from(path);
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(markdown.as_bytes()))
        .map_err(|error| Failure::input(format!("cannot write the job summary {}", path.display())).caused_by(&error))
}
