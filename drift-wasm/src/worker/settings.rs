//! What a caller may set; everything else has the defaults of the command line.
//!
//! One JSON document, of which reading and judging each take their part:
//! `{"schema", "exact_limit", "format"}` and `{"policy", "all_metrics", "types"}`. The session understands it; readers
//! take what it makes of their part, so that they need no JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bounded::Share;
use crate::error::Result;
use crate::read::{InputFormat, ParseOptions, Ragged, ReadOptions};
use crate::schema::{ColumnHint, ColumnType, Role};

#[cfg(feature = "session")]
#[derive(Deserialize, Default)]
#[serde(default)]
struct ReadSettings {
    schema: SchemaFile,
    exact_limit: Option<usize>,
    format: Option<InputFormat>,
}

/// A schema as `driftsiren check --schema` takes it.
#[cfg(feature = "session")]
#[derive(Deserialize, Default)]
#[serde(default)]
struct SchemaFile {
    parse: ParseOptions,
    time_format: Option<String>,
    columns: Vec<ColumnHint>,
}

/// How to read an input called `name`.
#[cfg(feature = "session")]
pub fn read_options(name: &str, json: &str) -> Result<ReadOptions> {
    let settings: ReadSettings = parse(json)?;
    let usual = ReadOptions::new(name);
    let mut parse = settings.schema.parse;
    parse.time_format = settings.schema.time_format.or(parse.time_format);
    Ok(ReadOptions {
        format: settings.format,
        hints: settings.schema.columns,
        parse,
        exact_limit: settings.exact_limit.unwrap_or(usual.exact_limit),
        ..usual
    })
}

/// What of [`ReadOptions`] travels to readers: their JSON may leave fields out, which postcard cannot.
#[derive(Serialize, Deserialize)]
struct Passed {
    format: Option<InputFormat>,
    encoding: Option<String>,
    /// Delimiter, quote, decimal mark, mark of thousands.
    marks: [Option<char>; 4],
    header: Option<bool>,
    lines: [Option<u64>; 2],
    comment: Option<String>,
    limits: [Option<Share>; 2],
    rename: Option<BTreeMap<String, String>>,
    null_markers: Option<Vec<String>>,
    trim_numeric: Option<bool>,
    ragged: Option<Ragged>,
    time_format: Option<String>,
    numeric_coerce: Option<bool>,
    hints: Vec<(String, Option<usize>, Option<ColumnType>, Option<Role>)>,
    exact_limit: usize,
}

/// Options for readers in other workers.
#[cfg(feature = "session")]
pub fn passed(options: ReadOptions) -> Vec<u8> {
    let ParseOptions {
        encoding,
        delimiter,
        quote,
        header,
        skip_lines,
        header_line,
        comment,
        max_unreadable_rows,
        max_invalid_cells,
        rename,
        null_markers,
        decimal,
        thousands,
        trim_numeric,
        ragged,
        time_format,
        numeric_coerce,
    } = options.parse;
    let hints = options.hints.into_iter().map(|hint| (hint.name, hint.index, hint.r#type, hint.role)).collect();
    let passed = Passed {
        format: options.format,
        encoding,
        marks: [delimiter, quote, decimal, thousands],
        header,
        lines: [skip_lines, header_line],
        comment,
        limits: [max_unreadable_rows, max_invalid_cells],
        rename,
        null_markers,
        trim_numeric,
        ragged,
        time_format,
        numeric_coerce,
        hints,
        exact_limit: options.exact_limit,
    };
    postcard::to_stdvec(&passed).expect("plain data, and memory is not bounded here")
}

/// Options that the session has passed, for an input called `name`; the usual ones when it has passed none.
#[cfg(feature = "reader")]
pub fn taken(name: &str, passed: &[u8]) -> Result<ReadOptions> {
    if passed.is_empty() {
        return Ok(ReadOptions::new(name));
    }
    let passed: Passed = postcard::from_bytes(passed).map_err(|_| crate::error::broken_message().in_file(name))?;
    let [delimiter, quote, decimal, thousands] = passed.marks;
    let parse = ParseOptions {
        encoding: passed.encoding,
        delimiter,
        quote,
        header: passed.header,
        skip_lines: passed.lines[0],
        header_line: passed.lines[1],
        comment: passed.comment,
        max_unreadable_rows: passed.limits[0],
        max_invalid_cells: passed.limits[1],
        rename: passed.rename,
        null_markers: passed.null_markers,
        decimal,
        thousands,
        trim_numeric: passed.trim_numeric,
        ragged: passed.ragged,
        time_format: passed.time_format,
        numeric_coerce: passed.numeric_coerce,
    };
    let hints = passed.hints.into_iter();
    let hints = hints.map(|(name, index, r#type, role)| ColumnHint { name, index, r#type, role }).collect();
    let (format, exact_limit) = (passed.format, passed.exact_limit);
    Ok(ReadOptions { format, parse, hints, exact_limit, ..ReadOptions::new(name) })
}

/// How to judge.
#[cfg(feature = "session")]
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct JudgeSettings {
    policy: Option<crate::policy::Policy>,
    all_metrics: bool,
    /// Columns seen as another type than was inferred; rows are not read again for it.
    pub types: Vec<ColumnAs>,
}

/// A column and the type that it is to be seen as.
#[cfg(feature = "session")]
#[derive(Deserialize)]
pub struct ColumnAs {
    /// Its name.
    pub name: String,
    /// The type; inferred when `null`.
    pub r#type: Option<crate::schema::ColumnType>,
}

#[cfg(feature = "session")]
impl JudgeSettings {
    /// Settings from JSON.
    pub fn parse(json: &str) -> Result<Self> {
        parse(json)
    }

    /// How to judge.
    pub fn compare_options(&self) -> crate::compare::CompareOptions {
        crate::compare::CompareOptions {
            policy: self.policy.clone().unwrap_or_default(),
            all_metrics: self.all_metrics,
            ..crate::compare::CompareOptions::default()
        }
    }
}

/// Settings from JSON; the empty text stands for none.
#[cfg(feature = "session")]
fn parse<T: serde::de::DeserializeOwned + Default>(json: &str) -> Result<T> {
    if json.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(json).map_err(|error| {
        use crate::error::{Refusal, RefusalKind};

        Refusal::new(RefusalKind::InvalidOption, error.to_string(), "settings as the docs describe them", "").into()
    })
}
