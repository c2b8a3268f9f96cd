//! One column of a report: its verdict, the tests behind it, and what is drawn of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metric::Metrics;
use crate::metric::evidently::EvidentlyColumn;
use crate::policy::ColumnPolicy;
use crate::report::{Bin, Measure};
use crate::schema::{ColumnType, Role};
use crate::verdict::Verdict;

/// One column, compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnReport {
    /// Column name.
    pub name: String,
    /// Position in the reference, from 0.
    pub index: usize,
    /// Type it was compared as.
    pub r#type: ColumnType,
    /// Why it has that type.
    pub type_reason: String,
    /// Its role.
    pub role: Role,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why its values were not compared; absent when they were. Nulls, invalid cells and infinities are judged all the
    /// same, so the verdict may still be `warning` or `drifted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_compared: Option<NotCompared>,
    /// Largest `x / (1 + x)`, `x = effect / floor`, of its tests that are real; 0.5 is the floor. Absent when not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<f64>,
    /// What happened in one sentence a manager can read, or why there is no verdict.
    pub why: String,
    /// The same in a few words for a table cell: "median 26.5 → 20.7".
    pub what_changed: String,
    /// A likely cause, when one fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The tests behind the verdict; the primary one first.
    pub tests: Vec<Test>,
    /// Smallest effect that would have been found in 80 of 100 comparisons of this size; absent when not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_detectable: Option<f64>,
    /// What it was held to.
    pub policy: ColumnPolicy,
    /// Metrics by name.
    pub metrics: Metrics,
    /// The reference side.
    pub reference: ColumnSummary,
    /// The current side.
    pub current: ColumnSummary,
    /// Shares by bin or category, in order, with nothing left out; both sides' changes add up to 0.
    pub contributions: Vec<Contribution>,
    /// Labels the reference never had, commonest first, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_categories: Vec<CategoryCount>,
    /// Labels the current input no longer has, commonest first, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vanished_categories: Vec<CategoryCount>,
    /// Number of labels only in current.
    #[serde(default)]
    pub n_new_categories: u64,
    /// Number of labels only in the reference.
    #[serde(default)]
    pub n_vanished_categories: u64,
    /// Equal-width bins over the middle of both sides, for drawing. Numbers and times only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
    /// Cumulative shares, for drawing. Numbers and times only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cumulative: Option<Cumulative>,
    /// What Evidently's DataDriftPreset says; under the `evidently` policy only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidently: Option<EvidentlyColumn>,
}

/// Why the values of a column were not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCompared {
    /// Almost every value is another: values that identify rows.
    Identifier,
    /// Each row holds other words.
    FreeText,
    /// Its role is `timestamp`: later rows have later values.
    Timestamp,
    /// Its type has no test for what it holds, such as dates that cover too few days.
    NoTest,
    /// Its type was given, and no cell fits it.
    NothingFits,
    /// Neither input has a value.
    NoValue,
}

impl NotCompared {
    /// In words for people, without a full stop.
    pub fn words(self) -> &'static str {
        match self {
            Self::Identifier => "identifiers are not compared by value",
            Self::FreeText => "free text is not compared by value",
            Self::Timestamp => "its role is timestamp, and later rows have later values",
            Self::NoTest => "there is no test for what it holds",
            Self::NothingFits => "no cell fits the type that was given",
            Self::NoValue => "neither input has a value",
        }
    }

    /// A word or two for a list: `identifier`, `no value`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::FreeText => "free text",
            Self::Timestamp => "timestamp",
            Self::NoTest => "no test",
            Self::NothingFits => "nothing fits its type",
            Self::NoValue => "no value",
        }
    }
}

/// What a test looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The distribution of the values.
    Values,
    /// The share of nulls.
    Nulls,
    /// The share of cells that are not of the column's type.
    Invalid,
    /// The share of labels the reference never had.
    Unseen,
    /// The share of infinities.
    Infinite,
    /// Texts and identifiers: the share of texts of length 0.
    Empty,
    /// Texts and identifiers: the share of rows that repeat an earlier value.
    Duplicates,
    /// Texts and identifiers: the mix of their shapes, letters as `A` and digits as `9`.
    Shapes,
    /// Texts and identifiers: the mix of the kinds of characters that occur in a row.
    Alphabet,
}

/// One test: is the change real, and is it big enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// What it looked at.
    pub subject: Subject,
    /// What was measured.
    pub metric: Measure,
    /// Share of rows that would have to change, 0–1; a PSI under the `psi` policy; under `evidently` its distance or, for a
    /// p-value, −log10 of it.
    pub effect: f64,
    /// The floor the effect is held to.
    pub floor: f64,
    /// p-value of the test; absent when the rule is a bare threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// p-value after Benjamini-Hochberg over all tests of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q_value: Option<f64>,
    /// Standard error of the effect, which is allowed for when the effect is held to its floor; absent where the
    /// effect is not that of a mix of labels or bins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_error: Option<f64>,
    /// Certified half-width of the effect; absent when exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_width: Option<f64>,
    /// Whether the half-width could turn the verdict.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub could_flip: bool,
    /// This test's own verdict.
    pub verdict: Verdict,
    /// `x / (1 + x)`, `x = effect / floor`.
    pub severity: f64,
}

impl Test {
    /// Whether the change is real at this false-discovery rate, and not what chance alone would do.
    ///
    /// Decided here alone, for the verdict, the severity and the sentence. Where the rule is a bare threshold there is
    /// nothing to doubt.
    pub fn is_real(&self, alpha: f64) -> bool {
        self.q_value.is_none_or(|q| q <= alpha)
    }
}

/// A likely cause of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Which kind.
    pub kind: CauseKind,
    /// In words: "values look multiplied by 100: a change of unit?".
    pub text: String,
}

/// The causes that are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// Scaled, shifted or taken the logarithm of.
    UnitChange,
    /// More nulls.
    NullSurge,
    /// Labels that were not there before.
    NewCategory,
    /// Labels that are gone.
    VanishedCategory,
    /// One value only.
    Constant,
    /// Piled up at a bound.
    Clipped,
    /// The same rows several times.
    DuplicatedRows,
    /// Hours moved by a whole number.
    TimeZoneShift,
    /// Cells that are not of the column's type.
    TypeChange,
    /// The same values spelled another way: without leading zeros, with an exponent.
    Spelling,
}

/// Shares of one bin or category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// Bin or category in words: `≤ 10`, `10 to 20`, `> 20`, `Adelie`, `other (212)`.
    pub label: Bin,
    /// Share of reference values, 0–1.
    pub reference: f64,
    /// Share of current values, 0–1.
    pub current: f64,
}

/// A label with its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryCount {
    /// The label.
    pub label: String,
    /// Rows that have it.
    pub n: u64,
}

/// One side of a column in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSummary {
    /// Rows.
    pub n_rows: u64,
    /// Values that were compared: neither null nor invalid nor infinite.
    pub n: u64,
    /// Empty cells, null markers and NaN.
    pub n_null: u64,
    /// NaN literals among them.
    pub n_nan: u64,
    /// `+inf`.
    pub n_pos_inf: u64,
    /// `-inf`.
    pub n_neg_inf: u64,
    /// Cells that are not of the column's type.
    pub n_invalid: u64,
    /// Texts of length 0, where the format can tell them from null.
    pub n_empty: u64,
    /// Distinct values; an estimate above the cap.
    pub n_distinct: u64,
    /// Numbers: moments, range, quantiles. Times: seconds since 1970-01-01 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numeric: Option<NumericSummary>,
    /// Times: hour and weekday mix, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datetime: Option<DatetimeSummary>,
    /// Texts: length and alphabet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextSummary>,
    /// Commonest labels first, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top_categories: Vec<CategoryCount>,
}

/// Moments, range and quantiles of finite numbers; a number that is not defined is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumericSummary {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation, divisor n − 1.
    pub standard_deviation: Option<f64>,
    /// Smallest.
    pub min: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// `q01 q05 q10 q25 q50 q75 q90 q95 q99`, linear interpolation.
    pub quantiles: BTreeMap<String, f64>,
    /// Certified share of rows by which any rank can be off; absent when exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_error: Option<f64>,
}

/// Hour and weekday mix of times, in UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatetimeSummary {
    /// Rows by hour, 24.
    pub hours: Vec<u64>,
    /// Rows by weekday, 7, Monday first.
    pub weekdays: Vec<u64>,
    /// Commonest gap between neighbouring times in seconds, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence_seconds: Option<u64>,
    /// Longest gap between neighbouring times in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_gap_seconds: Option<u64>,
}

/// Length and alphabet of texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSummary {
    /// Mean length in characters.
    pub mean_length: f64,
    /// Shortest.
    pub min_length: u64,
    /// Longest.
    pub max_length: u64,
    /// Shares of characters by class: letters, digits, spaces, punctuation, non_ascii.
    pub alphabet: BTreeMap<String, f64>,
}

/// Equal-width bins for drawing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// Edges, one more than bins, ascending; rows beyond the ends are in `below` and `above`.
    pub edges: Vec<f64>,
    /// Share of reference values by bin.
    pub reference: Vec<f64>,
    /// Share of current values by bin.
    pub current: Vec<f64>,
    /// Shares below the first edge, reference and current.
    pub below: (f64, f64),
    /// Shares above the last edge, reference and current.
    pub above: (f64, f64),
}

/// Cumulative shares at some values, for drawing, and where they are furthest apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cumulative {
    /// Values, ascending, at most 64.
    pub x: Vec<f64>,
    /// Share of reference values `<= x`.
    pub reference: Vec<f64>,
    /// Share of current values `<= x`.
    pub current: Vec<f64>,
    /// Value where the gap is widest, and both shares there.
    pub widest: (f64, f64, f64),
}
