//! One file for a browser: the answer, the evidence, and how to check it. Readable without scripts, without a network.

mod figures;
mod row;

use crate::format::{count, counted};
use crate::render::{badge, by_urgency, escape};
use crate::report::words::policy_sentence;
use crate::report::{ColumnReport, InputSummary, NotCompared, Report, file_name};
use crate::verdict::Verdict;

/// Bytes above which the document leaves out what can be read elsewhere in it.
const LARGEST: usize = 290_000;

const STYLE: &str = include_str!("style.css");

/// The shapes of the verdicts, used by reference.
const SHAPES: &str = concat!(
    "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>",
    "<symbol id=\"drifted\" viewBox=\"0 0 14 14\"><path fill=\"currentColor\" fill-rule=\"evenodd\" d=\"M6.1 1.4a1 1 0 0 1 1.8 0l5.3 9.9a1 1 0 0 1-.9 1.5H1.7a1 1 0 0 1-.9-1.5zM6.3 4.8v3.6h1.4V4.8zm0 4.7v1.5h1.4V9.5z\"/></symbol>",
    "<symbol id=\"warning\" viewBox=\"0 0 14 14\"><path fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.4\" stroke-linejoin=\"round\" stroke-linecap=\"round\" d=\"M7 1.8 12.6 12H1.4zM7 5.5v3M7 10.2v.1\"/></symbol>",
    "<symbol id=\"stable\" viewBox=\"0 0 14 14\"><path fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.7\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"m2.5 7.5 3 3 6-7\"/></symbol>",
    "<symbol id=\"insufficient_data\" viewBox=\"0 0 14 14\"><circle cx=\"7\" cy=\"7\" r=\"5.3\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.4\" stroke-dasharray=\"2.2 1.9\"/></symbol>",
    "<symbol id=\"error\" viewBox=\"0 0 14 14\"><g fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.4\" stroke-linecap=\"round\"><circle cx=\"7\" cy=\"7\" r=\"5.6\"/><path d=\"m5 5 4 4m0-4-4 4\"/></g></symbol>",
    "<symbol id=\"chev\" viewBox=\"0 0 16 16\"><path fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"m6 4 4 4-4 4\"/></symbol>",
    "</defs></svg>",
);

/// How much of the charts travels with the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Charts with their tables.
    Tables,
    /// Charts; the numbers stand in quantiles, contributions and metrics.
    Charts,
    /// Charts and metrics of the columns that changed most, this many; sentence, figures and shares of
    /// the others, sentence and figures of stable ones.
    First(usize),
}

pub(super) fn render(report: &Report) -> String {
    let mut page = String::new();
    for detail in [
        Detail::Tables,
        Detail::Charts,
        Detail::First(40),
        Detail::First(32),
        Detail::First(26),
        Detail::First(22),
        Detail::First(18),
        Detail::First(14),
        Detail::First(8),
        Detail::First(0),
    ] {
        page = document(report, detail);
        if page.len() <= LARGEST {
            break;
        }
    }
    page
}

/// What stands in the open row of a column, for a page that has the shapes and the style of its own.
#[cfg(all(target_arch = "wasm32", feature = "session"))]
pub(crate) fn panel(column: &ColumnReport, report: &Report) -> String {
    row::panel(column, report, Detail::Tables, 0)
}

/// The small chart in the row of a column.
#[cfg(all(target_arch = "wasm32", feature = "session"))]
pub(crate) fn mini(column: &ColumnReport) -> String {
    crate::render::chart::mini(column)
}

fn document(report: &Report, detail: Detail) -> String {
    let title = escape(&report.sentence);
    let description = escape(report.lead.as_deref().unwrap_or(&report.sentence));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><meta name=\"description\" content=\"{description}\"><meta name=\"generator\" content=\"DriftSiren {}\"><title>{title}</title><style>{STYLE}</style></head><body>{SHAPES}<main>{}{}{}{}{}{}</main></body></html>\n",
        escape(&report.receipt.engine),
        inputs(report),
        hero(report),
        columns(report, detail),
        schema(report),
        findings(report),
        footer(report)
    )
}

fn inputs(report: &Report) -> String {
    let side = |word: &str, key: &str, input: &InputSummary| {
        format!(
            "<span><i class=\"{key}\"></i><span class=\"vh\">{word}: </span><b>{}</b> {}</span>",
            escape(file_name(&input.name)),
            counted(input.n_rows, "row")
        )
    };
    format!(
        "<header class=\"inputs\">{}<span aria-hidden=\"true\">→</span>{}<span class=\"brand\">DriftSiren report</span></header>",
        side("Reference", "kr", &report.reference),
        side("Current", "kc", &report.current)
    )
}

fn hero(report: &Report) -> String {
    let class = report.verdict.as_str();
    let lead = report.lead.as_ref().map_or(String::new(), |lead| format!("<p>{}</p>", words(lead)));
    let severity = report.severity.map_or(String::new(), |severity| {
        format!(
            "<div class=\"sev {class}\"><div><span class=\"note\">Severity, largest of all columns</span><b>{severity:.2}</b></div><div class=\"track\" aria-hidden=\"true\"><i style=\"width:{:.1}%\"></i></div><div class=\"scale note\"><span>0</span><span>0.5 drifted</span><span>1</span></div></div>",
            100.0 * severity
        )
    });
    let counts = &report.counts;
    let chips: String = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, counts.of(verdict)))
        .filter(|(_, n)| *n > 0)
        .map(|(verdict, n)| chip(verdict, &format!("{} {}", count(n), badge(verdict).1)))
        .collect();
    format!(
        "<div class=\"hero\"><div class=\"answer\"><span class=\"tile {class}\">{}</span><div><h1>{}</h1>{lead}</div></div>{severity}</div><div class=\"chips\">{chips}</div>",
        icon(report.verdict),
        escape(&report.sentence)
    )
}

fn icon(verdict: Verdict) -> String {
    format!("<svg class=\"i\" aria-hidden=\"true\"><use href=\"#{}\"/></svg>", verdict.as_str())
}

fn chip(verdict: Verdict, words: &str) -> String {
    format!("<span class=\"chip {}\">{}{words}</span>", verdict.as_str(), icon(verdict))
}

/// A sentence with the names between backquotes as code.
fn words(text: &str) -> String {
    let text = escape(text);
    if text.matches('`').count() % 2 == 1 {
        return text;
    }
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out += &format!("<code>{part}</code>");
        } else {
            out += part;
        }
    }
    out
}

fn columns(report: &Report, detail: Detail) -> String {
    let (stable, moved): (Vec<&ColumnReport>, Vec<&ColumnReport>) =
        by_urgency(report).into_iter().partition(|column| column.verdict == Verdict::Stable);
    if report.columns.is_empty() {
        return "<p class=\"note\">The two inputs have no column in common.</p>".to_owned();
    }
    let mut out = "<section class=\"list\" aria-label=\"Columns\"><div class=\"head\" aria-hidden=\"true\"><span>Column</span><span>Verdict</span><span title=\"Bars by the square root of the share, so that tails show\">Reference, current</span><span>What changed</span><span>Effect against floor</span><span class=\"nul\">Nulls</span><span class=\"num\">Severity</span></div>".to_owned();
    out.insert_str(0, &not_compared(report));
    for (rank, column) in moved.iter().enumerate() {
        out += &row::row(column, report, detail, rank);
    }
    if !stable.is_empty() {
        let names: Vec<String> = stable.iter().map(|column| escape(&column.name)).collect();
        let rows: String = stable
            .iter()
            .enumerate()
            .map(|(rank, column)| row::row(column, report, detail, moved.len() + rank))
            .collect();
        out += &format!(
            "<details class=\"row fold\"><summary><svg class=\"chev\" aria-hidden=\"true\"><use href=\"#chev\"/></svg>{}<span class=\"names\">{}</span></summary>{rows}</details>",
            chip(Verdict::Stable, &format!("{} stable", count(stable.len() as u64))),
            names.join(", ")
        );
    }
    out += "</section>";
    if let Detail::First(n) = detail {
        out += &format!(
            "<p class=\"note\">To keep this file small, only the {n} columns that changed most have charts and all metrics; the JSON report has them for every column.</p>"
        );
    }
    out
}

/// The columns that nobody looked at, by name and reason.
fn not_compared(report: &Report) -> String {
    let columns = report.columns.iter().filter(|column| column.verdict == Verdict::NotCompared);
    let names: Vec<String> = columns
        .map(|column| {
            let reason = column.not_compared.map_or("not judged", NotCompared::label);
            format!("<code>{}</code> ({reason})", escape(&column.name))
        })
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let (n, of) = (count(names.len() as u64), count(report.columns.len() as u64));
    format!("<p class=\"note\">{n} of {of} not compared: {}.</p>", names.join(", "))
}

fn schema(report: &Report) -> String {
    if report.schema_changes.is_empty() {
        return String::new();
    }
    let rows: String = report
        .schema_changes
        .iter()
        .map(|change| format!("<li><code>{}</code> {}", escape(&change.column), words(&change.in_words())))
        .collect();
    format!("<section><h2>Schema changes</h2><ul class=\"plain card\">{rows}</ul></section>")
}

fn findings(report: &Report) -> String {
    let mut rows = String::new();
    for (side, input) in [("Reference", &report.reference), ("Current", &report.current)] {
        let found = &input.findings;
        let kinds = [
            (found.n_ragged_rows, "rows with fewer or more cells than the header"),
            (found.n_rejected_rows, "rows that could not be read"),
            (found.n_decoded_cells, "cells that were not UTF-8, read as Windows-1252"),
        ];
        for (n, what) in kinds.into_iter().filter(|(n, _)| *n > 0) {
            rows += &format!("<li><b>{side}</b>: {} {what}", count(n));
        }
        for finding in &found.listed {
            let column = finding
                .column
                .as_ref()
                .map_or(String::new(), |column| format!(", column <code>{}</code>", escape(column)));
            rows += &format!(
                "<li>{side}, row {}{column}: found {}, expected {}",
                count(finding.row),
                escape(&finding.found),
                escape(&finding.expected)
            );
        }
    }
    for (side, input) in [("Reference", &report.reference), ("Current", &report.current)] {
        for remark in &input.remarks {
            rows += &format!("<li><b>{side}</b>: {}", escape(&remark.to_string()));
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    format!("<section><h2>Read leniently</h2><ul class=\"plain card\">{rows}</ul></section>")
}

fn footer(report: &Report) -> String {
    let receipt = &report.receipt;
    let seed = receipt.seed.to_string();
    let parts = [
        ("Digest", receipt.digest.as_str()),
        ("Engine", &receipt.engine),
        ("Reference, BLAKE3", &receipt.reference_input),
        ("Current, BLAKE3", &receipt.current_input),
        ("Reference profile", &receipt.reference_profile),
        ("Current profile", &receipt.current_profile),
        ("Seed", &seed),
        ("Read with", &receipt.options),
    ];
    let parts: String = parts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escape(value)))
        .collect();
    let digest: String = receipt.digest.chars().take(12).collect();
    format!(
        "<footer class=\"foot\"><p>{} Digest <code>{}</code>.</p><details class=\"more\"><summary>Receipt</summary><dl class=\"receipt\">{parts}</dl><p>Whoever has both inputs can recompute this report: <code>driftsiren verify</code>.</p></details></footer>",
        escape(&policy_sentence(report)),
        escape(&digest)
    )
}

#[cfg(test)]
mod tests;
