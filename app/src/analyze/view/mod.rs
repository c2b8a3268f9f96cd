//! A report as the page needs it: what stands in rows and above them. Open rows are drawn by the engine.

pub mod row;

use std::sync::Arc;

use drift::{policy::Preset, report::VerdictCounts, verdict::Verdict};
use serde::Deserialize;

pub use row::Row;

/// A report without what only open rows show. Fields that are not named here are skipped while reading.
#[derive(Debug, Clone, Deserialize)]
pub struct Report {
    /// The dataset's verdict.
    pub verdict: Verdict,
    /// The answer in one sentence.
    pub sentence: String,
    /// What changed most.
    #[serde(default)]
    pub lead: Option<String>,
    /// Largest severity of any column.
    #[serde(default)]
    pub severity: Option<f64>,
    /// Columns by verdict.
    pub counts: VerdictCounts,
    /// The reference input.
    pub reference: Input,
    /// The current input.
    pub current: Input,
    /// The effective policy.
    pub policy: Policy,
    /// The columns, in the order of the reference.
    pub columns: Vec<Arc<Row>>,
    /// Columns that one input lacks, or whose values changed their kind.
    pub schema_changes: Vec<SchemaChange>,
    /// Its digest.
    pub receipt: Receipt,
}

/// One input.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// Its file's name.
    pub name: String,
    /// Rows.
    pub n_rows: u64,
}

/// The part of the effective policy that the page says in words.
#[derive(Debug, Clone, Deserialize)]
pub struct Policy {
    /// What it starts from.
    pub preset: Preset,
    /// False discoveries that are accepted.
    pub alpha: f64,
    /// What holds for every column.
    pub all: Floor,
}

/// The floor of a rule.
#[derive(Debug, Clone, Deserialize)]
pub struct Floor {
    /// Absent when it is the preset's.
    #[serde(default)]
    pub floor: Option<f64>,
}

/// A column that one input lacks, or whose values changed their kind.
#[derive(Debug, Clone, Deserialize)]
pub struct SchemaChange {
    /// The column.
    pub column: String,
    /// In words.
    pub text: String,
}

/// What proves a report.
#[derive(Debug, Clone, Deserialize)]
pub struct Receipt {
    /// BLAKE3 of the report, hex.
    pub digest: String,
    /// Engine version.
    pub engine: String,
}

impl Report {
    /// Reads a report; the message says what is wrong with it.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("this is no report of DriftSiren: {error}"))
    }

    /// Number of columns with a verdict.
    pub fn n_of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Drifted => self.counts.n_drifted,
            Verdict::Warning => self.counts.n_warning,
            Verdict::Stable => self.counts.n_stable,
            Verdict::InsufficientData => self.counts.n_insufficient_data,
            Verdict::Error => self.counts.n_error,
        }
    }

    /// Number of tests that chance was corrected for.
    pub fn n_tests(&self) -> usize {
        self.columns.iter().flat_map(|column| &column.tests).filter(|test| test.p_value.is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use drift::{
        compare::{CompareOptions, compare},
        read::{ReadOptions, profile_bytes},
        report::ReportView,
    };

    use super::*;

    /// A saved report and the part of it that the engine gives the page say the same.
    #[test]
    fn the_view_has_all_that_a_page_shows() {
        let rows = |by: u32| {
            let line =
                |at: u32| format!("{},{},label {}\n", at % 50 + by, if at % 9 < by { "" } else { "7" }, at % 4 + by);
            "count,rare,label\n".to_owned() + &(0..400).map(line).collect::<String>()
        };
        let profile = |name: &str, by| profile_bytes(name, rows(by).as_bytes(), &ReadOptions::new(name)).expect("rows");
        let report = compare(&profile("before.csv", 0), &profile("after.csv", 3), &CompareOptions::default());
        let report = report.expect("comparable");
        let parse = |json: String| format!("{:?}", Report::parse(&json).expect("a report"));
        let view = serde_json::to_string(&ReportView::from(&report)).expect("plain data");
        let whole = serde_json::to_string(&report).expect("plain data");
        assert!(view.len() * 4 < whole.len(), "{} of {} bytes", view.len(), whole.len());
        assert_eq!(parse(view), parse(whole));
    }
}
