//! The report: what a comparison says, as a versioned interchange document.

mod bin;
mod column;
mod measure;
mod view;
pub(crate) mod words;

use serde::{Deserialize, Serialize};

pub use self::bin::Bin;
pub use self::column::{
    CategoryCount, Cause, CauseKind, ColumnReport, ColumnSummary, Contribution, Cumulative, DatetimeSummary, Histogram,
    NotCompared, NumericSummary, Subject, Test, TextSummary,
};
pub use self::measure::Measure;
pub use self::view::{ColumnView, InputView, Nulls, PolicyView, ReportView};
pub use self::words::{Effect, file_name};
use crate::finding::Findings;
use crate::policy::{MissingColumns, Policy};
use crate::remark::{Remark, Remedy};
use crate::verdict::Verdict;

/// Name and version of the document.
pub const FORMAT: &str = "driftsiren.report/1";

/// Everything a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`FORMAT`].
    pub format: String,
    /// The dataset's verdict.
    pub verdict: Verdict,
    /// The answer in one sentence: "3 of 24 columns drifted".
    pub sentence: String,
    /// What changed most, in one sentence; absent when nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Largest severity of any column, 0–1; absent when none was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<f64>,
    /// Number of columns by verdict.
    pub counts: VerdictCounts,
    /// The reference input.
    pub reference: InputSummary,
    /// The current input.
    pub current: InputSummary,
    /// The effective policy.
    pub policy: Policy,
    /// Columns of both inputs in the order of the reference.
    pub columns: Vec<ColumnReport>,
    /// Columns that one input lacks, or whose values changed their kind.
    pub schema_changes: Vec<SchemaChange>,
    /// What this report was made from, and its digest.
    pub receipt: Receipt,
}

/// Number of columns by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictCounts {
    /// Columns that drifted.
    pub n_drifted: u64,
    /// Columns with a warning.
    pub n_warning: u64,
    /// Stable columns.
    pub n_stable: u64,
    /// Columns with too few rows.
    pub n_insufficient_data: u64,
    /// Columns that could not be evaluated.
    pub n_error: u64,
    /// Columns whose values were not compared.
    #[serde(default)]
    pub n_not_compared: u64,
}

impl VerdictCounts {
    /// Number of columns with a verdict.
    pub fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Drifted => self.n_drifted,
            Verdict::Warning => self.n_warning,
            Verdict::Stable => self.n_stable,
            Verdict::InsufficientData => self.n_insufficient_data,
            Verdict::Error => self.n_error,
            Verdict::NotCompared => self.n_not_compared,
        }
    }
}

/// One input as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSummary {
    /// File name or what the caller called it.
    pub name: String,
    /// Format as it was recognised: `csv`, `tsv`, `ndjson`, `json`, `parquet`, `profile`.
    pub format: String,
    /// Rows, without the header.
    pub n_rows: u64,
    /// Columns.
    pub n_columns: u64,
    /// Bytes as given, before decompression.
    pub n_bytes: u64,
    /// What was read leniently.
    pub findings: Findings,
    /// What was decided about it while it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// A difference between the two inputs' columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaChange {
    /// Which kind.
    pub kind: SchemaChangeKind,
    /// The column.
    pub column: String,
    /// In words.
    pub text: String,
    /// For a column of one input alone, the column of the other input that it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<String>,
    /// The setting that would compare the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

impl SchemaChange {
    /// A change without a suggestion.
    pub(crate) fn new(kind: SchemaChangeKind, column: &str, text: impl Into<String>) -> Self {
        Self { kind, column: column.to_owned(), text: text.into(), looks_like: None, remedy: None }
    }

    /// What it makes of the dataset's verdict under a policy; `None` when nothing.
    pub fn verdict(&self, policy: &Policy) -> Option<Verdict> {
        // A column that is not there has no type, so only what is set for it by name and for all columns counts.
        let over = policy.columns.get(&self.column).and_then(|over| over.critical);
        let is_critical = over.or(policy.all.critical).unwrap_or(false);
        match (self.kind, policy.missing) {
            (SchemaChangeKind::Removed, MissingColumns::Fail) => Some(Verdict::Drifted),
            (SchemaChangeKind::Removed, _) if is_critical => Some(Verdict::Drifted),
            (SchemaChangeKind::Removed, MissingColumns::Warn) => Some(Verdict::Warning),
            (SchemaChangeKind::Added, MissingColumns::Fail | MissingColumns::Warn) => Some(Verdict::Warning),
            (SchemaChangeKind::Removed | SchemaChangeKind::Added, MissingColumns::Ignore)
            | (SchemaChangeKind::Retyped, _) => None,
        }
    }

    /// In words, with the suggestion: "only in the current input; it looks like `income`: --rename 'Income =income'".
    pub fn in_words(&self) -> String {
        match (&self.looks_like, &self.remedy) {
            (Some(other), Some(remedy)) => format!("{}; it looks like `{other}`: {remedy}", self.text),
            _ => self.text.clone(),
        }
    }
}

/// How a column's presence or type changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaChangeKind {
    /// Only in current.
    Added,
    /// Only in the reference.
    Removed,
    /// Its values look like another type.
    Retyped,
}

/// What a report was made from. Whoever has the inputs can recompute it: `driftsiren verify`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Engine version.
    pub engine: String,
    /// Seed of resampling tests.
    pub seed: u64,
    /// BLAKE3 of the reference's bytes, hex; empty for data that had no bytes.
    pub reference_input: String,
    /// BLAKE3 of the current input's bytes, hex.
    pub current_input: String,
    /// BLAKE3 of the reference's profile, hex.
    pub reference_profile: String,
    /// BLAKE3 of the current profile, hex.
    pub current_profile: String,
    /// How the inputs were read (JSON of the reading options), so that `verify` reads them the same way.
    pub options: String,
    /// Whether every metric was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_metrics: bool,
    /// Globs of the columns that were asked for; absent when all were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Globs of the columns that were left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// BLAKE3 of the report's canonical JSON, hex; see [`crate::receipt`].
    pub digest: String,
}
