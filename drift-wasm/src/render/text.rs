//! For a terminal: the answer, one line for each column that moved, and what was read leniently.

use crate::format::{count, number, percent};
use crate::render::{RenderOptions, badge, by_urgency};
use crate::report::{ColumnReport, InputSummary, Report, Subject};
use crate::verdict::Verdict;

/// Cells of an effect bar; the floor stands in the middle.
const BAR: usize = 10;
/// Findings listed for each input.
const FINDINGS: usize = 5;

pub(super) fn render(report: &Report, options: &RenderOptions) -> String {
    let paint = |verdict: Verdict, text: &str| paint(options.color, verdict, text);
    let (shape, _) = badge(report.verdict);
    let severity = report.severity.map_or(String::new(), |severity| format!("   severity {severity:.2}"));
    let mut out = format!("{}{severity}\n", paint(report.verdict, &format!("{shape} {}", report.sentence)));
    if let Some(lead) = &report.lead {
        out += &wrap(lead, options.width, "  ");
    }
    let inputs = [("reference", &report.reference), ("current", &report.current)];
    let rows = |(side, input): (&str, &InputSummary)| format!("{side} {} ({} rows)", input.name, count(input.n_rows));
    out += &format!("  {}\n", inputs.map(rows).join(", "));
    let columns = by_urgency(report);
    let moved: Vec<&ColumnReport> =
        columns.iter().copied().filter(|column| column.verdict != Verdict::Stable).collect();
    let name_width = moved.iter().map(|column| column.name.chars().count()).max().unwrap_or(0).min(28);
    if !moved.is_empty() {
        out.push('\n');
    }
    for column in &moved {
        let (shape, word) = badge(column.verdict);
        let head = paint(column.verdict, &format!("{shape} {word:<12}"));
        let name = fit(&column.name, name_width);
        out += format!("{head} {name}  {}  {}", bar(column), column.what_changed).trim_end();
        out += &format!("{}\n", q_value(column));
        if column.tests.iter().any(|test| test.could_flip) {
            out += "               (the summary's error could turn this verdict: raise --exact-limit)\n";
        }
    }
    let stable: Vec<&str> = columns.iter().filter(|c| c.verdict == Verdict::Stable).map(|c| c.name.as_str()).collect();
    if !stable.is_empty() {
        let names = stable.join(", ");
        let shape = paint(Verdict::Stable, "✓");
        out += &format!(
            "\n{shape} {} unchanged: {}\n",
            count(stable.len() as u64),
            fit_end(&names, options.width.max(40) - 20)
        );
    }
    for change in &report.schema_changes {
        out += &format!("! column `{}`: {}\n", change.column, change.text);
    }
    for (side, input) in inputs {
        out += &findings(side, input);
    }
    out + &footer(report)
}

fn footer(report: &Report) -> String {
    let n_tests = report.columns.iter().flat_map(|column| &column.tests).filter(|test| test.p_value.is_some()).count();
    let alpha = percent(report.policy.alpha);
    let rule = match report.policy.preset {
        crate::monitor::Preset::Evidently => "as Evidently 0.7's DataDriftPreset".to_owned(),
        _ => format!(
            "real (false-discovery rate {alpha} over {} tests) and at or above the floor",
            count(n_tests as u64)
        ),
    };
    let digest = report.receipt.digest.get(..12).unwrap_or_default();
    format!("\npolicy {}: {rule}; digest {digest}\n", report.policy.preset.as_str())
}

fn findings(side: &str, input: &InputSummary) -> String {
    let found = &input.findings;
    let kinds = [
        (found.n_ragged_rows, "rows with fewer or more cells than the header"),
        (found.n_rejected_rows, "rows that could not be read"),
        (found.n_decoded_cells, "cells that were not UTF-8, read as Windows-1252"),
    ];
    let mut out = String::new();
    for (n, what) in kinds.into_iter().filter(|(n, _)| *n > 0) {
        out += &format!("! {side}: {} {what}\n", count(n));
    }
    for finding in found.listed.iter().take(FINDINGS) {
        let column = finding.column.as_ref().map_or(String::new(), |column| format!(", column `{column}`"));
        out += &format!("    row {}{column}: found {}, expected {}\n", finding.row, finding.found, finding.expected);
    }
    if found.listed.len() > FINDINGS {
        out += &format!("    and more; the JSON report lists the first {}\n", found.listed.len());
    }
    out
}

/// Effect against its floor: the tick in the middle is the floor.
fn bar(column: &ColumnReport) -> String {
    let worst = column.tests.iter().max_by(|a, b| a.severity.total_cmp(&b.severity));
    let Some(test) = worst.filter(|_| column.severity.is_some()) else {
        return " ".repeat(BAR + 9);
    };
    let filled = ((test.effect / test.floor * BAR as f64 / 2.0).min(BAR as f64) + 0.5) as usize;
    let bar: String = (0..BAR)
        .map(|cell| match (cell < filled, cell == BAR / 2) {
            (true, true) => '╋',
            (true, false) => '━',
            (false, true) => '┃',
            (false, false) => '·',
        })
        .collect();
    let name = match test.subject {
        Subject::Values => number(test.effect),
        Subject::Nulls | Subject::Invalid | Subject::Unseen | Subject::Infinite => percent(test.effect),
    };
    format!("{bar} {name:<8}")
}

fn q_value(column: &ColumnReport) -> String {
    let worst = column.tests.iter().max_by(|a, b| a.severity.total_cmp(&b.severity));
    match worst.and_then(|test| test.q_value) {
        Some(q) if q < 0.001 => "  q < 0.001".to_owned(),
        Some(q) => format!("  q {q:.3}"),
        None => String::new(),
    }
}

fn fit(text: &str, width: usize) -> String {
    let shown = fit_end(text, width);
    let pad = width.saturating_sub(shown.chars().count());
    shown + &" ".repeat(pad)
}

fn fit_end(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).collect::<String>() + "…"
}

fn wrap(text: &str, width: usize, indent: &str) -> String {
    let width = width.clamp(40, 100);
    let (mut out, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && indent.len() + line.chars().count() + word.chars().count() >= width {
            out += &format!("{indent}{line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    out + &format!("{indent}{line}\n")
}

fn paint(color: bool, verdict: Verdict, text: &str) -> String {
    let code = match verdict {
        Verdict::Drifted => "1;31",
        Verdict::Warning => "33",
        Verdict::Stable => "36",
        Verdict::InsufficientData => "2",
        Verdict::Error => "35",
    };
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
