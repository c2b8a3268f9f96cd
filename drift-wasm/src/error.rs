//! Every way the engine refuses an input, said so that the reader can mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an input was refused for; the words of the HTTP API's `/problems/<slug>` and of the CLI's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// No bytes, or nothing but a byte order mark.
    Empty,
    /// The content is of no format that the engine reads.
    UnsupportedFormat,
    /// A cell, row or document that its format does not allow.
    MalformedInput,
    /// A Parquet file whose structure is broken or cut short.
    MalformedParquet,
    /// A profile file that is damaged or of another version.
    MalformedProfile,
    /// A report that is damaged or of another version.
    MalformedReport,
    /// More rows than the limit.
    TooManyRows,
    /// More columns than the limit.
    TooManyColumns,
    /// More distinct values, over all columns, than may be held.
    TooManyValues,
    /// A cell longer than the limit.
    CellTooLong,
    /// A record longer than the limit.
    RecordTooLong,
    /// JSON nested deeper than the limit.
    JsonTooDeep,
    /// A Parquet size or count over the limit.
    ParquetLimit,
    /// Decompressed bytes over the limit.
    DecompressedTooLarge,
    /// A column name that is empty, too long or used twice.
    InvalidColumnName,
    /// Two inputs without a column in common, or a column asked for that is not there.
    NotComparable,
    /// An option that the engine does not know or that contradicts another.
    InvalidOption,
    /// The source could not be read.
    Io,
    /// The caller asked to stop.
    Cancelled,
}

/// A refused input: where, what was found, what was expected, and how to mend it.
///
/// Reads as one line: ``ref.csv, row 12, column `age`: found 7 cells, expected 8; give --ragged pad``.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What it was refused for.
    pub kind: RefusalKind,
    /// Name of the input.
    pub file: Option<String>,
    /// Row, counted from 1 with the header as row 1, as editors count records.
    pub row: Option<u64>,
    /// Column name.
    pub column: Option<String>,
    /// Where in the settings, as a JSON pointer (RFC 6901) such as `/policy/alpha`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What to do; empty when it is obvious.
    pub mend: String,
}

impl Refusal {
    /// A refusal without a place; add it with [`Refusal::in_file`], [`Refusal::at_row`], [`Refusal::in_column`].
    pub fn new(
        kind: RefusalKind,
        found: impl Into<String>,
        expected: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            file: None,
            row: None,
            column: None,
            setting: None,
            found: found.into(),
            expected: expected.into(),
            mend: mend.into(),
        }
    }

    /// Names the input, unless it is named already.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        self.file.get_or_insert_with(|| file.to_owned());
        self
    }

    /// Names the row.
    #[must_use]
    pub fn at_row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    /// Names the column.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }

    /// Names the setting by its JSON pointer; a place named already is within `pointer`.
    #[must_use]
    pub fn at_setting(mut self, pointer: &str) -> Self {
        self.setting = Some(format!("{pointer}{}", self.setting.unwrap_or_default()));
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = Vec::new();
        place.extend(self.file.clone());
        place.extend(self.row.map(|row| format!("row {row}")));
        place.extend(self.column.as_ref().map(|column| format!("column `{column}`")));
        place.extend(self.setting.as_ref().map(|pointer| format!("`{pointer}`")));
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        write!(f, "found {}, expected {}", self.found, self.expected)?;
        if !self.mend.is_empty() {
            write!(f, "; {}", self.mend)?;
        }
        Ok(())
    }
}

/// The engine's error: always a refusal with its place, boxed to keep results small.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub Box<Refusal>);

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

impl Error {
    /// Names the input, unless it is named already.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        self.0.in_file(file).into()
    }
}

/// Result of the engine's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A message from another part of the same program that it does not make.
pub(crate) fn broken_message() -> Error {
    let found = "a part of an input that no reader makes";
    Refusal::new(RefusalKind::MalformedProfile, found, "one as it was made", "drop the files again").into()
}
