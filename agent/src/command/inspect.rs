//! `driftsiren inspect`: what is in a data file, a profile or a report.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use drift::compare;
use drift::format::counted;
use drift::profile::Profile;
use drift::render::{Format, render};
use drift::report::ColumnSummary;
use drift::schema::{ColumnSchema, ColumnType};
use serde::Serialize;

use crate::arguments::{Common, TEMPLATE};
use crate::config;
use crate::exit::{Exit, Failure, Outcome};
use crate::flags::{ReadFlags, report_format};
use crate::input::{self, Input};
use crate::output::{self, Target, write_stdout};
use crate::progress::Bars;
use crate::report_file;

const EXAMPLES: &str = "\
Examples:
  driftsiren inspect loans.parquet
  driftsiren inspect reference.dsp -f json
  driftsiren inspect report.json -f html > report.html
";

/// Flags of `inspect`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct InspectArgs {
    /// Data file, profile, or report in JSON; `-` reads stdin.
    #[arg(value_name = "FILE")]
    pub input: PathBuf,
    /// Format of the result: text or json; for a report, any format of `check`.
    #[arg(short, long, value_name = "FORMAT", hide_possible_values = true, value_parser = report_format())]
    pub format: Option<Format>,
    /// How the input is read.
    #[command(flatten)]
    pub read: ReadFlags,
}

/// Shows it.
pub fn run(args: &InspectArgs, common: &Common) -> Outcome {
    let config = config::load(common.config.as_deref())?;
    let options = input::read_options(&args.read, &config)?;
    let mut inputs = Input::open_all(&[&args.input], common)?;
    let Some(mut input) = inputs.pop() else {
        return Err(Failure::new(Exit::Bug, "a path did not give an input"));
    };
    let format = args.format.unwrap_or(Format::Text);
    let color = common.color.or(config.output.color).unwrap_or_default();
    let target = Target::Stdout;
    if report_file::is_report(&input.peek(4096)?) {
        let report = report_file::read(input)?;
        let text = render(&report, format, &output::look(color, &target));
        write_stdout(text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    if !matches!(format, Format::Text | Format::Json) {
        return Err(Failure::usage("data and profiles can be shown as text or json only")
            .help("other formats are for reports: `driftsiren check REF CUR -f html -o report.html`"));
    }
    let bars = Bars::new(common);
    let name = input.name.clone();
    let profile = input.profile(&options, input::n_threads(&args.read), &bars)?;
    bars.clear();
    let text = match format {
        Format::Json => json(&name, &profile)?,
        _ => table(&name, &profile, output::width(&target)),
    };
    write_stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// The document of `inspect -f json`.
#[derive(Serialize)]
struct Inspection<'a> {
    format: &'static str,
    name: &'a str,
    n_rows: u64,
    columns: Vec<InspectedColumn>,
}

#[derive(Serialize)]
struct InspectedColumn {
    #[serde(flatten)]
    schema: ColumnSchema,
    summary: ColumnSummary,
}

fn json(name: &str, profile: &Profile) -> Outcome<String> {
    let columns = compare::describe(profile).into_iter();
    let inspection = Inspection {
        format: "driftsiren.inspection/1",
        name,
        n_rows: profile.n_rows,
        columns: columns.map(|(schema, summary)| InspectedColumn { schema, summary }).collect(),
    };
    serde_json::to_string_pretty(&inspection)
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(Exit::Bug, format!("JSON: {error}")))
}

fn table(name: &str, profile: &Profile, width: usize) -> String {
    let columns = compare::describe(profile);
    let mut text = String::new();
    let n_rows = counted(profile.n_rows, "row");
    let _ = writeln!(text, "{name}: {n_rows}, {}\n", counted(columns.len() as u64, "column"));
    let mut rows = vec![["column", "type", "nulls", "distinct", "values", "why this type"].map(str::to_owned)];
    for (schema, summary) in &columns {
        rows.push([
            plain(&schema.name, 32),
            schema.r#type.as_str().to_owned(),
            percent(summary.n_null, summary.n_rows),
            indicatif::HumanCount(summary.n_distinct).to_string(),
            plain(&values(schema, summary), 48),
            plain(&schema.reason, 80),
        ]);
    }
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in &rows {
        let mut line = String::new();
        for (index, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[index] - cell.chars().count());
            // Counts are read from the right.
            let _ = if matches!(index, 2 | 3) { write!(line, "{pad}{cell}  ") } else { write!(line, "{cell}{pad}  ") };
        }
        let _ = writeln!(text, "{}", plain(line.trim_end(), width));
    }
    text
}

/// What is typical of a column, in a few words.
fn values(schema: &ColumnSchema, summary: &ColumnSummary) -> String {
    match schema.r#type {
        ColumnType::Numeric | ColumnType::Datetime => {
            let Some(numeric) = &summary.numeric else {
                return String::new();
            };
            let shown = |number: Option<f64>| match (number, schema.r#type) {
                (None, _) => "–".to_owned(),
                (Some(seconds), ColumnType::Datetime) => day(seconds),
                (Some(number), _) => short(number),
            };
            let median = numeric.quantiles.get("q50").copied();
            format!("{} … {} … {}", shown(numeric.min), shown(median), shown(numeric.max))
        }
        ColumnType::Categorical | ColumnType::Boolean => {
            let labels = summary.top_categories.iter().take(3);
            let labels: Vec<String> =
                labels.map(|category| format!("{} {}", category.label, percent(category.n, summary.n))).collect();
            labels.join(", ")
        }
        ColumnType::Text => summary
            .text
            .as_ref()
            .map_or_else(String::new, |text| format!("{} to {} characters", text.min_length, text.max_length)),
        ColumnType::Id | ColumnType::Empty => String::new(),
    }
}

/// Four significant digits.
fn short(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let magnitude = number.abs().log10().floor();
    if !(-4.0..9.0).contains(&magnitude) {
        return format!("{number:.3e}");
    }
    let decimals = (3.0 - magnitude).clamp(0.0, 8.0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The day of seconds since 1970-01-01 UTC, by the civil-from-days rule of the Gregorian calendar.
fn day(seconds: f64) -> String {
    if !seconds.is_finite() || seconds.abs() > 1e14 {
        return format!("{seconds:.0} s");
    }
    let days = (seconds / 86_400.0).floor() as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let share = part as f64 / whole as f64 * 100.0;
    if share < 0.1 { "< 0.1 %".to_owned() } else { format!("{share:.1} %") }
}

/// Cut to `width` and without control characters, which must not reach a terminal from a data file.
fn plain(text: &str, width: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if clean.chars().count() <= width {
        return clean;
    }
    let start: String = clean.chars().take(width.saturating_sub(1)).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_short() {
        assert_eq!(short(31_234.567), "31235");
        assert_eq!(short(0.012_345), "0.01235");
        assert_eq!(short(1e12), "1.000e12");
        assert_eq!(day(0.0), "1970-01-01");
        assert_eq!(day(951_782_400.0), "2000-02-29");
        assert_eq!(day(-1.0), "1969-12-31");
        assert_eq!(plain("a\u{1b}[31mb", 9), "a\u{fffd}[31mb");
    }
}
