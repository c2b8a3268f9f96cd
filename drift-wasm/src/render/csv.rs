//! One row a column, for a spreadsheet: RFC 4180, with formulas disarmed.

use crate::render::deciding;
use crate::report::{ColumnReport, ColumnSummary, Report, SchemaChange, SchemaChangeKind};
use crate::verdict::Verdict;

const HEADER: &str = "column,type,verdict,severity,test,effect,floor,p_value,q_value,what_changed,cause,n_reference,n_current,\
null_share_reference,null_share_current\r\n";

pub(super) fn render(report: &Report) -> String {
    let columns = report.columns.iter().map(row);
    let changes = report.schema_changes.iter().filter(|change| change.kind != SchemaChangeKind::Retyped);
    let changes = changes.map(|change| of_change(report, change));
    HEADER.to_owned() + &columns.chain(changes).collect::<String>()
}

/// A column that one input lacks has a verdict and words, and nothing that was measured.
fn of_change(report: &Report, change: &SchemaChange) -> String {
    let verdict = change.verdict(&report.policy).unwrap_or(Verdict::NotCompared);
    format!("{},,{},,,,,,,{},,,,,\r\n", text(&change.column), verdict.as_str(), text(&change.in_words()))
}

fn row(column: &ColumnReport) -> String {
    let test = deciding(column);
    // Debug is the shortest text that reads back, with an exponent for the very small.
    let plain = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:?}"));
    let nulls = |side: &ColumnSummary| {
        if side.n_rows == 0 { String::new() } else { (side.n_null as f64 / side.n_rows as f64).to_string() }
    };
    [
        text(&column.name),
        column.r#type.as_str().to_owned(),
        column.verdict.as_str().to_owned(),
        plain(column.severity),
        test.map_or(String::new(), |test| text(test.metric.as_str())),
        plain(test.map(|test| test.effect)),
        plain(test.map(|test| test.floor)),
        plain(test.and_then(|test| test.p_value)),
        plain(test.and_then(|test| test.q_value)),
        text(&column.what_changed),
        column.cause.as_ref().map_or(String::new(), |cause| text(&cause.text)),
        column.reference.n.to_string(),
        column.current.n.to_string(),
        nulls(&column.reference),
        nulls(&column.current),
    ]
    .join(",")
        + "\r\n"
}

/// A quoted text; what a spreadsheet would run as a formula gets an apostrophe in front.
fn text(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
