//! One row a column, for a spreadsheet.

use crate::report::{ColumnReport, Report};

const HEADER: &str = "column,type,verdict,severity,test,effect,floor,p_value,q_value,what_changed,n_reference,n_current,\
null_share_reference,null_share_current\n";

pub(super) fn render(report: &Report) -> String {
    report.columns.iter().fold(HEADER.to_owned(), |out, column| out + &row(column))
}

fn row(column: &ColumnReport) -> String {
    let worst = column.tests.iter().max_by(|a, b| a.severity.total_cmp(&b.severity));
    let plain = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let nulls = |side: &crate::report::ColumnSummary| {
        if side.n_rows == 0 { String::new() } else { (side.n_null as f64 / side.n_rows as f64).to_string() }
    };
    [
        text(&column.name),
        column.r#type.as_str().to_owned(),
        column.verdict.as_str().to_owned(),
        plain(column.severity),
        worst.map_or(String::new(), |test| text(&test.metric)),
        plain(worst.map(|test| test.effect)),
        plain(worst.map(|test| test.floor)),
        plain(worst.and_then(|test| test.p_value)),
        plain(worst.and_then(|test| test.q_value)),
        text(&column.what_changed),
        column.reference.n.to_string(),
        column.current.n.to_string(),
        nulls(&column.reference),
        nulls(&column.current),
    ]
    .join(",")
        + "\n"
}

/// A quoted text; what a spreadsheet would run as a formula gets an apostrophe in front.
fn text(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
