//! For a comment or a wiki.

use crate::format::{count, counted};
use crate::render::{badge, by_urgency, deciding, words};
use crate::report::words::{deciding_effect, findings, policy};
use crate::report::{ColumnReport, NotCompared, Report};
use crate::verdict::Verdict;

/// Rows of the table; a comment holds 65,536 characters.
const ROWS: usize = 100;
/// Sentences under the table.
const SENTENCES: usize = 10;
/// Unchanged names written out; more are folded.
const NAMES: usize = 20;

pub(super) fn render(report: &Report) -> String {
    let (shape, _) = badge(report.verdict);
    let mut out = format!("## {shape} {}\n\n", prose(&report.sentence));
    if let Some(lead) = &report.lead {
        out += &format!("{}\n\n", prose(lead));
    }
    out += &inputs(report);
    let (stable, moved): (Vec<&ColumnReport>, Vec<&ColumnReport>) =
        by_urgency(report).into_iter().partition(|column| column.verdict == Verdict::Stable);
    let (not_compared, moved): (Vec<&ColumnReport>, Vec<&ColumnReport>) =
        moved.into_iter().partition(|column| column.verdict == Verdict::NotCompared);
    out += &table(&moved);
    out += &sentences(&moved);
    out += &uncompared(&not_compared, report.columns.len());
    out += &unchanged(&stable);
    for (n, change) in report.schema_changes.iter().enumerate() {
        let gap = if n == 0 { "\n" } else { "" };
        out += &format!("{gap}- Column {}: {}\n", code(&change.column), prose(&change.in_words()));
    }
    let digest = report.receipt.digest.get(..12).unwrap_or_default();
    out + &format!("\n<sub>{}; digest `{digest}`</sub>\n", prose(&policy(report)))
}

fn inputs(report: &Report) -> String {
    let mut out = String::new();
    for (side, input) in [("Reference", &report.reference), ("Current", &report.current)] {
        let size = format!("{}, {}", counted(input.n_rows, "row"), counted(input.n_columns, "column"));
        let found = findings(input);
        let found = if found.is_empty() { String::new() } else { format!("; {}", found.join(", ")) };
        out += &format!("- {side}: {}, {size}{found}\n", code(&input.name));
        for remark in &input.remarks {
            out += &format!("  - {}\n", prose(&remark.to_string()));
        }
    }
    out.push('\n');
    out
}

fn table(moved: &[&ColumnReport]) -> String {
    if moved.is_empty() {
        return String::new();
    }
    let mut out = "| Column | Verdict | What changed | Effect | Floor | q | Severity |\n\
                   | --- | --- | --- | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for column in moved.iter().take(ROWS) {
        let (shape, word) = badge(column.verdict);
        let test = column.severity.and(deciding(column));
        let dash = || "–".to_owned();
        let effect = deciding_effect(column);
        let floor = effect.as_ref().map_or_else(dash, |effect| effect.floor.clone());
        let effect = effect.map_or_else(dash, |effect| format!("{} {}", prose(&effect.name), effect.value));
        let q = test.and_then(words::q_value).map_or_else(dash, |q| q.trim_start_matches("q ").replace('<', "&lt;"));
        let severity = column.severity.map_or_else(dash, |severity| format!("{severity:.2}"));
        let (name, what) = (code(&column.name).replace('|', "\\|"), prose(&column.what_changed));
        out += &format!("| {name} | {shape} {word} | {what} | {effect} | {floor} | {q} | {severity} |\n");
    }
    if moved.len() > ROWS {
        out += &format!("\n{} more are in the JSON report.\n", count((moved.len() - ROWS) as u64));
    }
    out
}

/// The sentences of the loudest columns, folded.
fn sentences(moved: &[&ColumnReport]) -> String {
    let drifted: Vec<&&ColumnReport> = moved.iter().filter(|column| column.verdict == Verdict::Drifted).collect();
    if drifted.is_empty() {
        return String::new();
    }
    let mut out = "\n<details><summary>Why</summary>\n\n".to_owned();
    for column in drifted.iter().take(SENTENCES) {
        out += &format!("- {}\n", prose(&column.why));
    }
    out + "\n</details>\n"
}

fn uncompared(columns: &[&ColumnReport], n_columns: usize) -> String {
    if columns.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{} of {} not compared:\n\n", count(columns.len() as u64), count(n_columns as u64));
    for column in columns {
        let reason = column.not_compared.map_or("not judged", NotCompared::words);
        out += &format!("- {}: {reason}\n", code(&column.name));
    }
    out
}

fn unchanged(stable: &[&ColumnReport]) -> String {
    if stable.is_empty() {
        return String::new();
    }
    let names: Vec<String> = stable.iter().map(|column| code(&column.name)).collect();
    let (n, names) = (count(stable.len() as u64), names.join(", "));
    if stable.len() > NAMES {
        format!("\n<details><summary>{n} unchanged</summary>\n\n{names}\n\n</details>\n")
    } else {
        format!("\n{n} unchanged: {names}\n")
    }
}

/// Text whose Markdown is switched off, but for names between backticks.
fn prose(text: &str) -> String {
    let text = words::printable(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return literal(&text);
    }
    let names_are_plain = parts.iter().skip(1).step_by(2).all(|part| !part.is_empty() && !part.contains('|'));
    if !names_are_plain {
        return literal(&text);
    }
    let of = |(n, part): (usize, &&str)| if n % 2 == 0 { literal(part) } else { code(part) };
    parts.iter().enumerate().map(of).collect()
}

/// Text in which nothing is a link, a tag, a mention or a mark.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(character);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A zero-width space keeps a name from calling a person or a ticket.
            '@' | '#' => {
                out.push(character);
                out.push('\u{200b}');
            }
            other => out.push(other),
        }
    }
    out
}

/// A name as code, between more backticks than it holds in a row.
fn code(name: &str) -> String {
    let name = words::printable(name);
    let longest = name.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 || name.is_empty() { " " } else { "" };
    format!("{fence}{space}{name}{space}{fence}")
}
