//! How to read an input: what a caller may fix from outside, and the limits it sets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bounded::Share;
use crate::encoding::Encoding;
use crate::error::{Refusal, RefusalKind, Result};
use crate::schema::ColumnHint;

/// What an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputFormat {
    /// Delimited text; the delimiter is sniffed.
    Csv,
    /// Text delimited by tabs.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// A JSON array of objects, or `{"rows": […]}`.
    Json,
    /// Apache Parquet.
    Parquet,
    /// A profile made by `driftsiren profile`.
    Profile,
}

impl InputFormat {
    /// All formats, in the order of the help.
    pub const ALL: [Self; 6] = [Self::Csv, Self::Tsv, Self::Ndjson, Self::Json, Self::Parquet, Self::Profile];

    /// The word used in JSON, configuration and text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Profile => "profile",
        }
    }

    /// Whether its rows are text.
    pub fn is_text(self) -> bool {
        match self {
            Self::Csv | Self::Tsv | Self::Ndjson | Self::Json => true,
            Self::Parquet | Self::Profile => false,
        }
    }

    /// The format named `word`, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// What to do with rows that have fewer or more cells than the header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ragged {
    /// Missing cells are null, surplus cells are dropped; counted and listed.
    #[default]
    Pad,
    /// Refuse the input.
    #[serde(alias = "error")]
    Refuse,
}

/// How cells of text formats are read. Unset fields are sniffed or take the default in their description.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParseOptions {
    /// Text encoding by its WHATWG label (`utf-8`, `utf-16le`, `windows-1252`, …); sniffed when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Delimiter between cells, one ASCII character; sniffed when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Quote around cells, one ASCII character; `"` when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// Whether the first row names the columns; found when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Lines at the beginning that are not read; found when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_lines: Option<u64>,
    /// The line that names the columns, counted from 1; found when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_line: Option<u64>,
    /// What lines of comments begin with, `""` when there are none; found when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Cells that mean null, compared exactly; when unset: the empty cell, `NA`, `N/A`, `null`, `NULL`, `None`, `nan`,
    /// `NaN` and `\N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null_markers: Option<Vec<String>>,
    /// Decimal mark of numbers: `.` when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// Mark between groups of three digits: none when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// Whether blanks around numbers are dropped: yes when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trim_numeric: Option<bool>,
    /// Share of rows that may be unreadable before a comparison is refused: 0.05 when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unreadable_rows: Option<Share>,
    /// Share of cells that may not be of the type that was given for their column before a comparison is refused: 0.2
    /// when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_invalid_cells: Option<Share>,
    /// Columns that are called otherwise: what an input calls them, and what they are compared as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rename: Option<BTreeMap<String, String>>,
    /// What to do with ragged rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ragged: Option<Ragged>,
    /// `strptime` pattern of times, or `iso`; ISO 8601 and common spellings are recognised when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// Kept for files of the conformance corpus: cells of a numeric column that are no numbers are always counted as
    /// invalid, whatever this says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numeric_coerce: Option<bool>,
}

/// Cells that mean null unless the caller names others.
pub const NULL_MARKERS: [&str; 9] = ["", "NA", "N/A", "null", "NULL", "None", "nan", "NaN", "\\N"];

/// Sizes beyond which an input is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest cell in bytes.
    pub max_cell_bytes: usize,
    /// Longest record in bytes.
    pub max_record_bytes: usize,
    /// Most columns.
    pub max_columns: usize,
    /// Most rows.
    pub max_rows: u64,
    /// Most memory for what is held of all columns, in bytes and by estimate.
    pub max_held_bytes: usize,
    /// Deepest JSON nesting.
    pub max_json_depth: usize,
    /// Most bytes after decompression.
    pub max_decompressed_bytes: u64,
    /// Most bytes out for each byte in, when decompressing.
    pub max_compression_ratio: u64,
    /// Longest Parquet footer in bytes.
    pub parquet_max_footer_bytes: usize,
    /// Most Parquet row groups.
    pub parquet_max_row_groups: usize,
    /// Largest Parquet page in bytes, as its header claims.
    pub parquet_max_page_bytes: usize,
}

impl Limits {
    /// Refuses what would take more memory than may be held.
    pub(crate) fn check_held(&self, n_bytes: usize) -> Result<()> {
        if n_bytes <= self.max_held_bytes {
            return Ok(());
        }
        let most = self.max_held_bytes >> 20;
        let found = format!("more distinct values than {most} MiB hold");
        let mend = "send fewer rows or columns at once";
        Err(Refusal::new(RefusalKind::TooManyValues, found, "fewer of them", mend).into())
    }
}

impl Default for Limits {
    /// Limits of the command line: generous, but bounded in memory.
    fn default() -> Self {
        Self {
            max_cell_bytes: 4 << 20,
            max_record_bytes: 64 << 20,
            max_columns: 10_000,
            max_rows: u64::MAX,
            max_held_bytes: usize::MAX,
            max_json_depth: 32,
            max_decompressed_bytes: u64::MAX,
            max_compression_ratio: 1_100,
            parquet_max_footer_bytes: 16 << 20,
            parquet_max_row_groups: 10_000,
            parquet_max_page_bytes: 64 << 20,
        }
    }
}

/// Values held exactly for each column before compaction begins.
pub const EXACT_LIMIT: usize = 1 << 20;

/// Distinct labels held exactly for each column before the rarest are folded into "other".
pub const CATEGORY_LIMIT: usize = 1 << 16;

/// Everything that decides how an input is read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadOptions {
    /// Name of the input, for messages and the report.
    pub name: String,
    /// The format; recognised by content when unset.
    pub format: Option<InputFormat>,
    /// Whether anything that would be read leniently is refused instead.
    pub strict: bool,
    /// How cells of text formats are read.
    pub parse: ParseOptions,
    /// What the caller says of columns.
    pub hints: Vec<ColumnHint>,
    /// The limits.
    pub limits: Limits,
    /// Values held exactly for each column, at least 64.
    pub exact_limit: usize,
    /// Distinct labels held exactly for each column, at least 64.
    pub category_limit: usize,
}

impl ReadOptions {
    /// Defaults for an input called `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            format: None,
            strict: false,
            parse: ParseOptions::default(),
            hints: Vec::new(),
            limits: Limits::default(),
            exact_limit: EXACT_LIMIT,
            category_limit: CATEGORY_LIMIT,
        }
    }

    /// The hint for a column by position (when the hint has one) and name.
    pub fn hint(&self, name: &str, index: usize) -> Option<&ColumnHint> {
        let named = || self.hints.iter().filter(|hint| hint.name == name);
        named().find(|hint| hint.index == Some(index)).or_else(|| named().next())
    }

    /// Checks what types cannot: single-byte marks that differ from each other, a known encoding.
    pub fn check(&self) -> Result<()> {
        let refuse = |found: String, expected: &str| -> Result<()> {
            Err(Refusal::new(RefusalKind::InvalidOption, found, expected, "").into())
        };
        let marks = [("delimiter", self.parse.delimiter), ("quote", self.parse.quote)];
        for (what, mark) in marks {
            if let Some(mark) = mark.filter(|mark| !mark.is_ascii() || matches!(mark, '\n' | '\r')) {
                return refuse(format!("{what} {mark:?}"), "one ASCII character other than a line end");
            }
        }
        if self.parse.delimiter.is_some() && self.parse.delimiter == Some(self.parse.quote.unwrap_or('"')) {
            return refuse("the same character as delimiter and quote".into(), "two different characters");
        }
        if self.parse.skip_lines.is_some() && self.parse.header_line.is_some() {
            return refuse("both lines to skip and a line of the header".into(), "one of them");
        }
        if self.parse.header_line == Some(0) {
            return refuse("line 0 as the header".into(), "a line, counted from 1");
        }
        if self.parse.header_line.is_some() && self.parse.header == Some(false) {
            return refuse("a line of the header, and no header".into(), "one of them");
        }
        if self.parse.thousands.is_some() && self.parse.thousands == Some(self.parse.decimal.unwrap_or('.')) {
            return refuse("the same character as decimal and thousands mark".into(), "two different characters");
        }
        if cfg!(not(feature = "patterns"))
            && let Some(pattern) = self.parse.time_format.as_ref().filter(|pattern| *pattern != "iso")
        {
            return refuse(format!("the time pattern `{pattern}`"), "ISO 8601 times: patterns are not read here");
        }
        if let Some(label) = &self.parse.encoding
            && Encoding::named(label).is_none()
        {
            return refuse(format!("encoding `{label}`"), "a WHATWG label such as utf-8, utf-16le or windows-1252");
        }
        Ok(())
    }
}

/// What of [`ReadOptions`] decides the result, as it stands in a receipt.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedOptions {
    format: Option<InputFormat>,
    strict: bool,
    parse: ParseOptions,
    columns: Vec<ColumnHint>,
    exact_limit: usize,
    category_limit: usize,
}

impl ReadOptions {
    /// The options that decide the result, as JSON; name and limits are left out.
    pub fn to_json(&self) -> String {
        let recorded = RecordedOptions {
            format: self.format,
            strict: self.strict,
            parse: self.parse.clone(),
            columns: self.hints.clone(),
            exact_limit: self.exact_limit,
            category_limit: self.category_limit,
        };
        serde_json::to_string(&recorded).expect("plain data without maps of odd keys serialises")
    }

    /// Options as [`ReadOptions::to_json`] wrote them, for an input called `name`.
    pub fn from_json(name: &str, json: &str) -> Result<Self> {
        let recorded: RecordedOptions = serde_json::from_str(json).map_err(|error| {
            Refusal::new(RefusalKind::InvalidOption, format!("reading options {error}"), "options of this version", "")
                .in_file(name)
        })?;
        Ok(Self {
            format: recorded.format,
            strict: recorded.strict,
            parse: recorded.parse,
            hints: recorded.columns,
            exact_limit: recorded.exact_limit,
            category_limit: recorded.category_limit,
            ..Self::new(name)
        })
    }
}
