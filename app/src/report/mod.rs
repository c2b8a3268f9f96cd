//! A report as the page needs it: what stands in rows and above them. Open rows are drawn by the engine.

pub mod row;

use std::sync::Arc;

use drift::{
    monitor::Policy,
    report::{InputSummary, SchemaChange, VerdictCounts},
    verdict::Verdict,
};
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
    pub reference: InputSummary,
    /// The current input.
    pub current: InputSummary,
    /// The effective policy.
    pub policy: Policy,
    /// The columns, in the order of the reference.
    pub columns: Vec<Arc<Row>>,
    /// Columns that one input lacks, or whose values changed their kind.
    pub schema_changes: Vec<SchemaChange>,
    /// Its digest.
    pub receipt: Receipt,
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
