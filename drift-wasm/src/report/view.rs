//! The part of a report that a page shows before a row is opened: a hundredth of it where there are many columns.

use serde::Serialize;

use super::{ColumnReport, ColumnSummary, InputSummary, Report, SchemaChange, Test, VerdictCounts};
use crate::policy::{Method, Policy};
use crate::remark::Remark;
use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// A report without what only open rows show. Its fields are named and nested as in the report.
#[derive(Debug, Serialize)]
pub struct ReportView<'a> {
    verdict: Verdict,
    sentence: &'a str,
    lead: Option<&'a str>,
    severity: Option<f64>,
    counts: VerdictCounts,
    reference: InputView<'a>,
    current: InputView<'a>,
    policy: &'a Policy,
    columns: Vec<ColumnView<'a>>,
    schema_changes: &'a [SchemaChange],
    receipt: ReceiptView<'a>,
}

#[derive(Debug, Serialize)]
struct InputView<'a> {
    name: &'a str,
    n_rows: u64,
    remarks: &'a [Remark],
}

#[derive(Debug, Serialize)]
struct ReceiptView<'a> {
    digest: &'a str,
    engine: &'a str,
}

#[derive(Debug, Serialize)]
struct ColumnView<'a> {
    name: &'a str,
    index: usize,
    r#type: ColumnType,
    verdict: Verdict,
    severity: Option<f64>,
    what_changed: &'a str,
    tests: &'a [Test],
    policy: RuleView,
    evidently: Option<EvidentlyView>,
    reference: NullsView,
    current: NullsView,
}

#[derive(Debug, Serialize)]
struct RuleView {
    method: Method,
}

#[derive(Debug, Serialize)]
struct EvidentlyView {
    score: Option<f64>,
    threshold: Option<f64>,
}

#[derive(Debug, Serialize)]
struct NullsView {
    n_rows: u64,
    n_null: u64,
}

impl<'a> From<&'a Report> for ReportView<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            verdict: report.verdict,
            sentence: &report.sentence,
            lead: report.lead.as_deref(),
            severity: report.severity,
            counts: report.counts,
            reference: (&report.reference).into(),
            current: (&report.current).into(),
            policy: &report.policy,
            columns: report.columns.iter().map(ColumnView::from).collect(),
            schema_changes: &report.schema_changes,
            receipt: ReceiptView { digest: &report.receipt.digest, engine: &report.receipt.engine },
        }
    }
}

impl<'a> From<&'a InputSummary> for InputView<'a> {
    fn from(input: &'a InputSummary) -> Self {
        Self { name: &input.name, n_rows: input.n_rows, remarks: &input.remarks }
    }
}

impl<'a> From<&'a ColumnReport> for ColumnView<'a> {
    fn from(column: &'a ColumnReport) -> Self {
        let evidently = column.evidently.as_ref();
        Self {
            name: &column.name,
            index: column.index,
            r#type: column.r#type,
            verdict: column.verdict,
            severity: column.severity,
            what_changed: &column.what_changed,
            tests: &column.tests,
            policy: RuleView { method: column.policy.method },
            evidently: evidently.map(|said| EvidentlyView { score: said.score, threshold: said.threshold }),
            reference: (&column.reference).into(),
            current: (&column.current).into(),
        }
    }
}

impl From<&ColumnSummary> for NullsView {
    fn from(side: &ColumnSummary) -> Self {
        Self { n_rows: side.n_rows, n_null: side.n_null }
    }
}
