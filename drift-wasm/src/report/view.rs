//! The part of a report that a page shows before a row is opened: a hundredth of it where there are many columns.
//!
//! The engine writes it, the page reads it. Numbers that a reader sees are words already, by the functions that the
//! other renderings use.

use serde::{Deserialize, Serialize};

use super::words::{self, Effect};
use super::{ColumnReport, ColumnSummary, InputSummary, Report, SchemaChange, Subject, VerdictCounts};
use crate::format::percent;
use crate::policy::{Method, Preset};
use crate::remark::Remark;
use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// A report without what only open rows show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportView {
    /// The dataset's verdict.
    pub verdict: Verdict,
    /// The answer in one sentence.
    pub sentence: String,
    /// What changed most; absent when nothing did.
    pub lead: Option<String>,
    /// Largest severity of any column, 0–1; absent when none was judged.
    pub severity: Option<f64>,
    /// Number of columns by verdict.
    pub counts: VerdictCounts,
    /// The reference input.
    pub reference: InputView,
    /// The current input.
    pub current: InputView,
    /// What the columns and the dataset were held to.
    pub policy: PolicyView,
    /// The columns, in the order of the reference.
    pub columns: Vec<ColumnView>,
    /// Columns that one input lacks, or whose values changed their kind.
    pub schema_changes: Vec<SchemaChange>,
    /// BLAKE3 of the report's canonical JSON, hex.
    pub digest: String,
    /// Engine version.
    pub engine: String,
}

/// One input, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputView {
    /// File name, or what the caller called it.
    pub name: String,
    /// Rows, without the header.
    pub n_rows: u64,
    /// What was read leniently, a line each; empty when nothing was.
    pub findings: Vec<String>,
    /// What was decided about it while it was read.
    pub remarks: Vec<Remark>,
}

/// What a page's controls show of a policy, and the policy in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyView {
    /// What it starts from.
    pub preset: Preset,
    /// The floor of all columns, a share of rows; absent when it is the preset's.
    pub floor: Option<f64>,
    /// In a sentence with a full stop.
    pub text: String,
}

/// One column, as its row shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnView {
    /// Column name.
    pub name: String,
    /// Position in the reference, from 0.
    pub index: usize,
    /// Type it was compared as.
    pub r#type: ColumnType,
    /// How its values were compared.
    pub method: Method,
    /// Its verdict.
    pub verdict: Verdict,
    /// 0–1, 0.5 is the floor; absent when it was not judged.
    pub severity: Option<f64>,
    /// A few words for a table cell.
    pub what_changed: String,
    /// The effect behind the verdict; absent when the column was not judged.
    pub effect: Option<Effect>,
    /// Nulls on both sides.
    pub nulls: Nulls,
}

/// Nulls of a column on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Nulls {
    /// Share of the reference's rows, 0–1; 0 when it has no row.
    pub reference: f64,
    /// Share of current's rows, 0–1; 0 when it has no row.
    pub current: f64,
    /// Whether their change alone is drift.
    pub has_drifted: bool,
}

impl ReportView {
    /// Reads the JSON that a session's view is written as.
    ///
    /// # Errors
    /// In words, when it is not a view of this version.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("this is not a report of DriftSiren: {error}"))
    }
}

impl Nulls {
    /// Of both sides of a column.
    pub fn of(column: &ColumnReport) -> Self {
        let share = |side: &ColumnSummary| {
            if side.n_rows == 0 { 0.0 } else { side.n_null as f64 / side.n_rows as f64 }
        };
        let drifted = |test: &super::Test| test.subject == Subject::Nulls && test.verdict == Verdict::Drifted;
        Self {
            reference: share(&column.reference),
            current: share(&column.current),
            has_drifted: column.tests.iter().any(drifted),
        }
    }

    /// Both shares as percent; the first without its sign, for `1.2 → 8.6 %`.
    pub fn words(&self) -> (String, String) {
        let reference = percent(self.reference);
        (reference.trim_end_matches("\u{a0}%").to_owned(), percent(self.current))
    }
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        Self {
            verdict: report.verdict,
            sentence: report.sentence.clone(),
            lead: report.lead.clone(),
            severity: report.severity,
            counts: report.counts,
            reference: (&report.reference).into(),
            current: (&report.current).into(),
            policy: PolicyView {
                preset: report.policy.preset,
                floor: report.policy.all.floor,
                text: words::policy_sentence(report),
            },
            columns: report.columns.iter().map(ColumnView::from).collect(),
            schema_changes: report.schema_changes.clone(),
            digest: report.receipt.digest.clone(),
            engine: report.receipt.engine.clone(),
        }
    }
}

impl From<&InputSummary> for InputView {
    fn from(input: &InputSummary) -> Self {
        Self {
            name: input.name.clone(),
            n_rows: input.n_rows,
            findings: words::findings(input),
            remarks: input.remarks.clone(),
        }
    }
}

impl From<&ColumnReport> for ColumnView {
    fn from(column: &ColumnReport) -> Self {
        Self {
            name: column.name.clone(),
            index: column.index,
            r#type: column.r#type,
            method: column.policy.method,
            verdict: column.verdict,
            severity: column.severity,
            what_changed: column.what_changed.clone(),
            effect: words::deciding_effect(column),
            nulls: Nulls::of(column),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compare::{CompareOptions, compare};
    use crate::read::{ReadOptions, profile_bytes};
    use crate::render::{Format, RenderOptions, render};

    use super::*;

    fn report() -> Report {
        let rows = |by: u32| {
            let line =
                |at: u32| format!("{},{},label {}\n", at % 50 + by, if at % 9 < by { "" } else { "7" }, at % 4 + by);
            "count,rare,label\n".to_owned() + &(0..400).map(line).collect::<String>()
        };
        let profile = |name: &str, by| profile_bytes(name, rows(by).as_bytes(), &ReadOptions::new(name)).expect("rows");
        compare(&profile("before.csv", 0), &profile("after.csv", 3), &CompareOptions::default()).expect("comparable")
    }

    #[test]
    fn a_view_is_read_as_it_was_written_and_is_short() {
        let report = report();
        let view = ReportView::from(&report);
        let json = serde_json::to_string(&view).expect("plain data");
        assert_eq!(ReportView::parse(&json).expect("a view"), view);
        let whole = serde_json::to_string(&report).expect("plain data");
        assert!(json.len() * 4 < whole.len(), "{} of {} bytes", json.len(), whole.len());
    }

    #[test]
    fn a_row_of_the_page_and_of_the_html_file_say_the_same() {
        let report = report();
        let html = render(&report, Format::Html, &RenderOptions::default());
        let view = ReportView::from(&report);
        assert!(html.contains(&view.policy.text), "{}", view.policy.text);
        for column in &view.columns {
            let effect = column.effect.as_ref().expect("judged");
            let shown = format!("<span>{} <small>{}</small></span>", effect.value, effect.name);
            assert!(html.contains(&shown), "{shown}");
            assert!(html.contains(&format!("title=\"floor {}\"", effect.floor)), "{}", effect.floor);
            assert!(html.contains(&column.nulls.words().1), "{:?}", column.nulls);
        }
        assert!(view.columns.iter().any(|column| column.nulls.has_drifted), "a case with nulls is among them");
    }
}
