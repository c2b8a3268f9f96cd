//! Flags that several commands share, and how their words are read.

use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args};
use drift::bounded::Share;
use drift::policy::{MissingColumns, Preset};
use drift::read::{InputFormat, Ragged};
use drift::render::Format;
use drift::schema::{ColumnType, Role};
use drift::wire::RETENTION_DAYS;

use crate::config::FailOn;
use crate::suggest;

/// How inputs are read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadFlags {
    /// JSON file with column types and parse settings, so that nothing is inferred.
    ///
    /// Keys: "parse" (encoding, delimiter, quote, header, skip_lines, header_line, comment, null_markers, decimal, thousands, trim_numeric, ragged),
    /// "time_format", and "columns", a list of {"name", "index", "type" (or "kind"), "role"}.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<std::path::PathBuf>,
    /// Type of a column: numeric, categorical, boolean, datetime, text, id, empty. Repeatable.
    #[arg(long = "type", value_name = "COL=TYPE", value_parser = column_type)]
    pub types: Vec<(String, ColumnType)>,
    /// Role of a column: feature, prediction, target, timestamp, segment, id. Repeatable.
    #[arg(long = "role", value_name = "COL=ROLE", value_parser = column_role)]
    pub roles: Vec<(String, Role)>,
    /// Format of the inputs: csv, tsv, ndjson, json, parquet or profile; by default recognised by content.
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, value_parser = input_format())]
    pub input_format: Option<InputFormat>,
    /// Refuse irregular input, such as rows of too few cells, instead of reading it leniently.
    #[arg(long, action = ArgAction::SetTrue, env = "DRIFTSIREN_STRICT", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub strict: bool,
    /// Character between cells: a character, or comma, tab, semicolon, pipe, space.
    #[arg(long, value_name = "CHAR", value_parser = mark, hide_short_help = true)]
    pub delimiter: Option<char>,
    /// Character around quoted cells.
    #[arg(long, value_name = "CHAR", value_parser = mark, hide_short_help = true)]
    pub quote: Option<char>,
    /// The first row is data, not names of columns.
    #[arg(long, hide_short_help = true)]
    pub no_header: bool,
    /// Lines at the beginning that are not read, such as titles.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub skip_lines: Option<u64>,
    /// Line that names the columns, counted from 1; lines above it are not read.
    #[arg(long, value_name = "N", conflicts_with_all = ["skip_lines", "no_header"], hide_short_help = true,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub header_line: Option<u64>,
    /// What lines of comments begin with; empty when there are none.
    #[arg(long, value_name = "MARK", hide_short_help = true)]
    pub comment: Option<String>,
    /// Share of rows that may be unreadable; beyond it nothing is compared. 0.05 unless set.
    #[arg(long, value_name = "SHARE", hide_short_help = true)]
    pub max_unreadable_rows: Option<Share>,
    /// Share of cells that may not be of the type given for their column; beyond it nothing is compared. 0.2 unless set.
    #[arg(long, value_name = "SHARE", hide_short_help = true)]
    pub max_invalid_cells: Option<Share>,
    /// Compare a column under another name, as `--rename 'Income =income'`. Repeatable.
    #[arg(long = "rename", value_name = "OLD=NEW", value_parser = renamed)]
    pub renames: Vec<(String, String)>,
    /// Text encoding, such as utf-8, utf-16le or windows-1252.
    #[arg(long, value_name = "LABEL", hide_short_help = true)]
    pub encoding: Option<String>,
    /// Decimal mark of numbers.
    #[arg(long, value_name = "CHAR", value_parser = mark, hide_short_help = true)]
    pub decimal: Option<char>,
    /// Mark between groups of three digits.
    #[arg(long, value_name = "CHAR", value_parser = mark, hide_short_help = true)]
    pub thousands: Option<char>,
    /// Text of a cell that means null, beside the usual markers. Repeatable; may be empty.
    #[arg(long = "null", value_name = "MARKER", hide_short_help = true)]
    pub null_markers: Vec<String>,
    /// As --null, and no other marker means null. Repeatable; may be empty.
    #[arg(long = "null-only", value_name = "MARKER", conflicts_with = "null_markers", hide_short_help = true)]
    pub only_null_markers: Vec<String>,
    /// Pattern of times (strptime), such as %d.%m.%Y, or iso.
    #[arg(long, value_name = "PATTERN", hide_short_help = true)]
    pub time_format: Option<String>,
    /// Rows of too few or too many cells: pad or refuse.
    #[arg(long, value_name = "RULE", hide_possible_values = true, value_parser = ragged(), hide_short_help = true)]
    pub ragged: Option<Ragged>,
    /// Values kept exactly per column; above that they are approximated within known bounds.
    #[arg(long, value_name = "N", env = "DRIFTSIREN_EXACT_LIMIT", hide_env_values = true, hide_short_help = true,
          value_parser = clap::value_parser!(u64).range(64..=1 << 32))]
    pub exact_limit: Option<u64>,
    /// Threads to read with; by default as many as the machine has.
    #[arg(long, value_name = "N", env = "DRIFTSIREN_THREADS", hide_env_values = true,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// What counts as drift.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Policy")]
pub struct PolicyFlags {
    /// Preset to start from: default, psi, evidently or strict.
    #[arg(long, value_name = "PRESET", env = "DRIFTSIREN_POLICY", hide_env_values = true, hide_possible_values = true, value_parser = preset())]
    pub policy: Option<Preset>,
    /// What exits with 1: drifted, warning (or drifted), not-compared (a column that was not, or drifted) or never.
    #[arg(
        long,
        value_name = "VERDICT",
        env = "DRIFTSIREN_FAIL_ON",
        hide_env_values = true,
        hide_possible_values = true,
        value_enum
    )]
    pub fail_on: Option<FailOn>,
    /// What a column means that the reference has and the current input lacks: fail, warn or ignore.
    #[arg(long, value_name = "RULE", hide_possible_values = true, value_parser = missing())]
    pub missing: Option<MissingColumns>,
    /// Accepted share of false alarms among all alarms of a report; default 0.05.
    #[arg(long, value_name = "RATE", env = "DRIFTSIREN_ALPHA", hide_env_values = true, value_parser = alpha)]
    pub alpha: Option<f64>,
    /// Smallest effect that counts as drift, for all columns or for one. Repeatable.
    #[arg(long = "floor", value_name = "X|COL=X", value_parser = floor)]
    pub floors: Vec<(Option<String>, f64)>,
    /// Fewest rows of an input that is judged; default 30.
    #[arg(long, value_name = "N", env = "DRIFTSIREN_MIN_ROWS", hide_env_values = true)]
    pub min_rows: Option<u64>,
    /// Column whose drift makes the whole dataset drifted. Repeatable.
    #[arg(long, value_name = "COL")]
    pub critical: Vec<String>,
    /// Weight of a column under the dataset rule `weighted_share`. Repeatable.
    #[arg(long = "weight", value_name = "COL=W", value_parser = weight)]
    pub weights: Vec<(String, f64)>,
}

/// Parser of the words of an enum of the engine, with help and suggestions.
pub fn words<T: Clone + Send + Sync + 'static>(pairs: Vec<(&'static str, T)>) -> impl TypedValueParser<Value = T> {
    let names: Vec<&'static str> = pairs.iter().map(|(name, _)| *name).collect();
    PossibleValuesParser::new(names).try_map(move |word| {
        let found = pairs.iter().find(|(name, _)| *name == word);
        found.map(|(_, value)| value.clone()).ok_or("no such word")
    })
}

fn missing() -> impl TypedValueParser<Value = MissingColumns> {
    words(MissingColumns::ALL.map(|missing| (missing.as_str(), missing)).to_vec())
}

fn renamed(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.to_owned(), new.to_owned())),
        _ => Err("expected OLD=NEW, such as 'Income =income'".to_owned()),
    }
}

fn preset() -> impl TypedValueParser<Value = Preset> {
    words(Preset::ALL.map(|preset| (preset.as_str(), preset)).to_vec())
}

fn input_format() -> impl TypedValueParser<Value = InputFormat> {
    words(InputFormat::ALL.map(|format| (format.as_str(), format)).to_vec())
}

fn ragged() -> impl TypedValueParser<Value = Ragged> {
    words(vec![("pad", Ragged::Pad), ("refuse", Ragged::Refuse)])
}

/// Parser of report formats.
pub fn report_format() -> impl TypedValueParser<Value = Format> {
    words(Format::ALL.map(|format| (format.as_str(), format)).to_vec())
}

/// All roles with their words.
pub const ROLES: [(&str, Role); 6] = [
    ("feature", Role::Feature),
    ("prediction", Role::Prediction),
    ("target", Role::Target),
    ("timestamp", Role::Timestamp),
    ("segment", Role::Segment),
    ("id", Role::Id),
];

/// `COL=VALUE`, split at the last `=` because column names may hold one.
fn pair(text: &str) -> Result<(String, &str), String> {
    match text.rsplit_once('=') {
        Some((column, value)) if !column.is_empty() => Ok((column.to_owned(), value)),
        Some(_) | None => Err("expected a column name, `=` and a value".to_owned()),
    }
}

fn unknown(what: &str, word: &str, words: &[&str]) -> String {
    let hint = suggest::did_you_mean(word, words.iter().copied()).map_or_else(String::new, |hint| format!("; {hint}"));
    format!("no {what} `{word}`, expected {}{hint}", suggest::alternatives(words))
}

fn column_type(text: &str) -> Result<(String, ColumnType), String> {
    let (column, word) = pair(text)?;
    let kind =
        ColumnType::from_word(word).ok_or_else(|| unknown("type", word, &ColumnType::ALL.map(ColumnType::as_str)))?;
    Ok((column, kind))
}

/// `COL=TYPE`, where `inferred` is no type but the way back to the column's own.
pub fn column_type_or_inferred(text: &str) -> Result<(String, Option<ColumnType>), String> {
    match pair(text)? {
        (column, "inferred") => Ok((column, None)),
        (_, _) => column_type(text).map(|(column, kind)| (column, Some(kind))),
    }
}

/// For how long a dataset keeps what arrives, such as `30d`, in days.
pub fn retention(text: &str) -> Result<u32, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
    let (least, most) = (RETENTION_DAYS.start(), RETENTION_DAYS.end());
    days.filter(|days| RETENTION_DAYS.contains(days))
        .ok_or_else(|| format!("expected {least}d to {most}d, such as 30d"))
}

fn column_role(text: &str) -> Result<(String, Role), String> {
    let (column, word) = pair(text)?;
    let found = ROLES.iter().find(|(name, _)| *name == word);
    let (_, role) = found.ok_or_else(|| unknown("role", word, &ROLES.map(|(name, _)| name)))?;
    Ok((column, *role))
}

fn mark(text: &str) -> Result<char, String> {
    let named = [("comma", ','), ("tab", '\t'), ("\\t", '\t'), ("semicolon", ';'), ("pipe", '|'), ("space", ' ')];
    if let Some((_, mark)) = named.into_iter().find(|(name, _)| *name == text) {
        return Ok(mark);
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(mark), None) => Ok(mark),
        (_, _) => Err("expected one character, or comma, tab, semicolon, pipe, space".to_owned()),
    }
}

fn number(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if number.is_finite() && number >= 0.0 {
        Ok(number)
    } else {
        Err("expected a finite number of at least 0".to_owned())
    }
}

fn alpha(text: &str) -> Result<f64, String> {
    let alpha = number(text)?;
    if alpha > 0.0 && alpha < 1.0 { Ok(alpha) } else { Err("expected a rate between 0 and 1, such as 0.05".to_owned()) }
}

fn floor(text: &str) -> Result<(Option<String>, f64), String> {
    match text.rsplit_once('=') {
        None => number(text)
            .map(|floor| (None, floor))
            .map_err(|error| format!("{error}; expected a number, or a column, `=` and a number")),
        Some(_) => {
            let (column, value) = pair(text)?;
            Ok((Some(column), number(value)?))
        }
    }
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let (column, value) = pair(text)?;
    Ok((column, number(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_name_may_hold_an_equals_sign() {
        assert_eq!(column_type("a=b=numeric"), Ok(("a=b".to_owned(), ColumnType::Numeric)));
        assert_eq!(column_type_or_inferred("a=b=inferred"), Ok(("a=b".to_owned(), None)));
        assert_eq!(floor("a=0.2"), Ok((Some("a".to_owned()), 0.2)));
        assert_eq!(floor("0.2"), Ok((None, 0.2)));
    }

    #[test]
    fn a_wrong_word_gets_a_suggestion() {
        let message = column_type("age=numerc").unwrap_err();
        assert!(message.contains("did you mean `numeric`?"), "{message}");
        assert!(column_type("numeric").is_err());
        assert!(column_role("age=tagret").unwrap_err().contains("`target`"));
    }

    #[test]
    fn a_retention_is_in_days() {
        assert_eq!(["1d", "30d", "3650d"].map(retention), [Ok(1), Ok(30), Ok(3_650)]);
        for text in ["30", "0d", "3651d", "-1d", "1w", "d", ""] {
            assert!(retention(text).is_err_and(|error| error.contains("such as 30d")), "{text}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(alpha("1").is_err());
        assert!(alpha("nan").is_err());
        assert!(floor("-1").is_err());
        assert!(mark("ab").is_err());
        assert_eq!(mark("tab"), Ok('\t'));
    }
}
