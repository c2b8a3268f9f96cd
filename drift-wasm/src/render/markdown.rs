//! For a comment or a wiki.

use crate::format::{count, number};
use crate::render::{badge, by_urgency};
use crate::report::Report;
use crate::verdict::Verdict;

pub(super) fn render(report: &Report) -> String {
    let (shape, _) = badge(report.verdict);
    let mut out = format!("## {shape} {}\n\n", cell(&report.sentence));
    if let Some(lead) = &report.lead {
        out += &format!("{lead}\n\n");
    }
    let inputs = [("Reference", &report.reference), ("Current", &report.current)];
    for (side, input) in inputs {
        out +=
            &format!("- {side}: `{}`, {} rows, {} columns\n", input.name, count(input.n_rows), count(input.n_columns));
    }
    out.push('\n');
    let columns = by_urgency(report);
    let moved = || columns.iter().filter(|column| column.verdict != Verdict::Stable);
    if moved().next().is_some() {
        out += "| column | verdict | what changed | effect | floor | q | severity |\n| --- | --- | --- | ---: | ---: | ---: | ---: |\n";
    }
    for column in moved() {
        let (shape, word) = badge(column.verdict);
        let worst = column.tests.iter().max_by(|a, b| a.severity.total_cmp(&b.severity));
        let of = |value: Option<f64>| value.map_or("–".to_owned(), number);
        out += &format!(
            "| {} | {shape} {word} | {} | {} | {} | {} | {} |\n",
            code(&column.name),
            cell(&column.what_changed),
            of(worst.map(|test| test.effect)),
            of(worst.map(|test| test.floor)),
            of(worst.and_then(|test| test.q_value)),
            column.severity.map_or("–".to_owned(), |severity| format!("{severity:.2}")),
        );
    }
    let stable: Vec<String> =
        columns.iter().filter(|column| column.verdict == Verdict::Stable).map(|column| code(&column.name)).collect();
    if !stable.is_empty() {
        out += &format!("\n{} unchanged: {}\n", count(stable.len() as u64), stable.join(", "));
    }
    for change in &report.schema_changes {
        out += &format!("\n- Column {}: {}\n", code(&change.column), cell(&change.text));
    }
    out + &format!("\nPolicy `{}`, digest `{}`.\n", report.policy.preset.as_str(), report.receipt.digest)
}

/// Text for a table cell.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}

/// A name as code, safe in a table.
fn code(name: &str) -> String {
    format!("`{}`", name.replace('`', "'").replace('|', "\\|").replace(['\n', '\r'], " "))
}
