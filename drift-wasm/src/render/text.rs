//! For a terminal: the answer, one line for each column that moved, and what was read leniently.

use crate::format::{count, counted};
use crate::render::words::{self, printable};
use crate::render::{RenderOptions, badge, by_urgency, deciding};
use crate::report::words::{deciding_effect, findings as lenient, policy};
use crate::report::{ColumnReport, InputSummary, NotCompared, Report};
use crate::verdict::Verdict;

/// Cells of an effect bar; the floor stands in the middle.
const BAR: usize = 10;
/// Findings listed for each input.
const FINDINGS: usize = 5;
/// Least room for what changed before it goes on in the next line.
const WHAT: usize = 24;
/// Below this many terminal columns the q-value is left out; a loud column's is under the level anyway.
const WIDE: usize = 96;

pub(super) fn render(report: &Report, options: &RenderOptions) -> String {
    let width = options.width.clamp(40, 160);
    let mut out = headline(report, options, width);
    let columns = by_urgency(report);
    let (stable, moved): (Vec<&ColumnReport>, Vec<&ColumnReport>) =
        columns.into_iter().partition(|column| column.verdict == Verdict::Stable);
    let (not_compared, moved): (Vec<&ColumnReport>, Vec<&ColumnReport>) =
        moved.into_iter().partition(|column| column.verdict == Verdict::NotCompared);
    if !moved.is_empty() {
        out.push('\n');
    }
    out += &rows(&moved, options, width);
    if !not_compared.is_empty() {
        let names = not_compared.iter().map(|column| format!("{} ({})", printable(&column.name), reason_of(column)));
        let (n, of) = (count(not_compared.len() as u64), count(report.columns.len() as u64));
        let head = format!("∅ {n} of {of} not compared: ");
        // Every name is written out: a column that nobody looked at must not hide behind an ellipsis.
        let names = hang(&head, &names.collect::<Vec<_>>().join(", "), 2, width);
        out += &format!("\n{}", paint(options.color, Verdict::NotCompared, names.trim_end()));
        out.push('\n');
    }
    if !stable.is_empty() {
        let names: Vec<String> = stable.iter().map(|column| printable(&column.name)).collect();
        let head = format!("✓ {} unchanged: ", count(stable.len() as u64));
        let names = fit_end(&names.join(", "), width.saturating_sub(head.chars().count()));
        out += &format!("\n{}{names}\n", paint(options.color, Verdict::Stable, &head));
    }
    let mut notes = String::new();
    for change in &report.schema_changes {
        let text = printable(&format!("column `{}`: {}", change.column, change.in_words()));
        notes += &hang("! ", &text, 4, width);
    }
    for (side, input) in inputs(report) {
        notes += &findings(side, input, width);
        for remark in &input.remarks {
            notes += &hang("! ", &format!("{side}: {}", printable(&remark.to_string())), 4, width);
        }
    }
    if !notes.is_empty() {
        out += &format!("\n{notes}");
    }
    let digest = report.receipt.digest.get(..12).unwrap_or_default();
    out.push('\n');
    out + &hang("", &format!("{}; digest {digest}", policy(report)), 2, width)
}

/// Why a column was not compared, in a word or two.
fn reason_of(column: &ColumnReport) -> &'static str {
    column.not_compared.map_or("not judged", NotCompared::label)
}

fn inputs(report: &Report) -> [(&'static str, &InputSummary); 2] {
    [("reference", &report.reference), ("current", &report.current)]
}

/// The answer, what changed most, and both inputs.
fn headline(report: &Report, options: &RenderOptions, width: usize) -> String {
    let (shape, _) = badge(report.verdict);
    let sentence = format!("{shape} {}", printable(&report.sentence));
    let severity = report.severity.map_or(String::new(), |severity| format!("   severity {severity:.2}"));
    let mut out = format!("{}{severity}\n", paint(options.color, report.verdict, &sentence));
    if let Some(lead) = &report.lead {
        out += &hang("  ", &printable(lead), 2, width);
    }
    for (side, input) in inputs(report) {
        let rows = format!(" ({})", counted(input.n_rows, "row"));
        let name = fit_start(&printable(&input.name), width.saturating_sub(12 + rows.chars().count()));
        out += &format!("  {side:<9} {name}{rows}\n");
    }
    out
}

/// One line for each column, the next lines indented where what changed needs more room.
fn rows(columns: &[&ColumnReport], options: &RenderOptions, width: usize) -> String {
    let longest = |text: &dyn Fn(&ColumnReport) -> usize| columns.iter().map(|column| text(column)).max().unwrap_or(0);
    let word_width = longest(&|column| badge(column.verdict).1.chars().count());
    let metric_width = longest(&|column| effect(column).map_or(0, |(name, _)| name.chars().count()));
    let value_width = longest(&|column| effect(column).map_or(0, |(_, value)| value.chars().count()));
    let q_width = if width >= WIDE { longest(&|column| q_value(column).chars().count()) } else { 0 };
    // What is left when the figures, the gaps and the least room for what changed are taken away.
    let figures = BAR + metric_width + value_width + q_width;
    let room = width.saturating_sub(word_width + figures + 12 + WHAT);
    let name_width = longest(&|column| column.name.chars().count()).min(room.clamp(8, width / 4));
    let mut out = String::new();
    for column in columns {
        let (shape, word) = badge(column.verdict);
        let head = format!("{shape} {word:<word_width$}");
        let mut line = format!(" {}", fit(&printable(&column.name), name_width));
        if let Some((metric, value)) = effect(column) {
            line += &format!("  {}  {metric:<metric_width$} {value:>value_width$}", bar(column));
        }
        if q_width > 0 && effect(column).is_some() {
            line += &format!("  {:<q_width$}", q_value(column));
        }
        let at = head.chars().count() + line.chars().count() + 2;
        let lines = wrap(&printable(&column.what_changed), width.saturating_sub(at).max(WHAT));
        let text = lines.join(&format!("\n{}", " ".repeat(at)));
        out += &format!("{}{line}  {text}", paint(options.color, column.verdict, &head));
        out.truncate(out.trim_end().len());
        out.push('\n');
        if column.tests.iter().any(|test| test.could_flip) {
            let indent = " ".repeat(word_width + 3);
            out += &format!("{indent}(the summary's error could turn this verdict: raise --exact-limit)\n");
        }
    }
    out
}

fn effect(column: &ColumnReport) -> Option<(String, String)> {
    deciding_effect(column).map(|effect| (effect.name, effect.value))
}

fn q_value(column: &ColumnReport) -> String {
    deciding(column).and_then(words::q_value).unwrap_or_default()
}

fn findings(side: &str, input: &InputSummary, width: usize) -> String {
    let mut out: String = lenient(input).iter().map(|found| format!("! {side}: {found}\n")).collect();
    for finding in input.findings.listed.iter().take(FINDINGS) {
        let column = finding.column.as_ref().map_or(String::new(), |name| format!(", column `{}`", printable(name)));
        let text = format!(
            "row {}{column}: found {}, expected {}",
            count(finding.row),
            printable(&finding.found),
            printable(&finding.expected)
        );
        out += &hang("    ", &text, 6, width);
    }
    let n_listed = input.findings.listed.len();
    if n_listed > FINDINGS {
        out += &format!("    and more; the JSON report lists the first {n_listed}\n");
    }
    out
}

/// Effect against its floor: the tick in the middle is the floor, the arrow says that it goes on.
fn bar(column: &ColumnReport) -> String {
    let Some(test) = deciding(column) else {
        return String::new();
    };
    let cells = if test.floor > 0.0 { test.effect / test.floor * BAR as f64 / 2.0 } else { BAR as f64 };
    let filled = (cells.min(BAR as f64) + 0.5) as usize;
    let more = cells > BAR as f64 + 0.5;
    (0..BAR)
        .map(|cell| match (cell < filled, cell == BAR / 2) {
            (true, true) => '╋',
            (true, false) if more && cell == BAR - 1 => '▶',
            (true, false) => '━',
            (false, true) => '┃',
            (false, false) => '·',
        })
        .collect()
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

/// The end of a path says more than its start.
fn fit_start(text: &str, width: usize) -> String {
    let n = text.chars().count();
    if n <= width {
        return text.to_owned();
    }
    "…".to_owned() + &text.chars().skip(n + 1 - width.max(1)).collect::<String>()
}

/// `text` behind `head`, broken at spaces, further lines indented.
fn hang(head: &str, text: &str, indent: usize, width: usize) -> String {
    let lines = wrap(text, width.saturating_sub(indent.max(head.chars().count())).min(100));
    format!("{head}{}\n", lines.join(&format!("\n{}", " ".repeat(indent))))
}

/// Lines of at most `width` characters, broken at spaces only.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}

fn paint(color: bool, verdict: Verdict, text: &str) -> String {
    let code = match verdict {
        Verdict::Drifted => "1;31",
        Verdict::Warning => "33",
        Verdict::Stable => "36",
        Verdict::InsufficientData | Verdict::NotCompared => "2",
        Verdict::Error => "35",
    };
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
