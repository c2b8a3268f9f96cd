//! A report, rendered: the same report always gives the same bytes.

mod chart;
mod csv;
pub mod github;
pub(crate) mod html;
mod junit;
mod markdown;
mod sarif;
mod text;
mod words;

#[cfg(test)]
mod tests;

use crate::report::words::deciding;
use crate::report::{ColumnReport, Report};
use crate::verdict::Verdict;

/// The renderings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// The document itself.
    Json,
    /// For a comment or a wiki.
    Markdown,
    /// One file for a browser.
    Html,
    /// One row a column.
    Csv,
    /// One test case a column.
    Junit,
    /// For code scanning.
    Sarif,
    /// Annotations of a GitHub job.
    Github,
}

impl Format {
    /// All formats, in the order of the help.
    pub const ALL: [Self; 8] =
        [Self::Text, Self::Json, Self::Markdown, Self::Html, Self::Csv, Self::Junit, Self::Sarif, Self::Github];

    /// The word used in configuration and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }

    /// The format named `word`, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// How to render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// Whether text may hold terminal colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// `report` as `format`.
pub fn render(report: &Report, format: Format, options: &RenderOptions) -> String {
    match format {
        Format::Text => text::render(report, options),
        Format::Json => json(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
        Format::Csv => csv::render(report),
        Format::Junit => junit::render(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::annotations(report),
    }
}

fn json(report: &Report) -> String {
    serde_json::to_string_pretty(report).expect("a report holds only finite numbers and text keys") + "\n"
}

/// Columns by how much they want to be looked at: verdict first, then severity, then position.
fn by_urgency(report: &Report) -> Vec<&ColumnReport> {
    let rank = |verdict: Verdict| Verdict::ALL.iter().position(|other| *other == verdict);
    let mut columns: Vec<&ColumnReport> = report.columns.iter().collect();
    columns.sort_by(|a, b| {
        let severity = |column: &ColumnReport| column.severity.unwrap_or(0.0);
        rank(a.verdict).cmp(&rank(b.verdict)).then(severity(b).total_cmp(&severity(a))).then(a.index.cmp(&b.index))
    });
    columns
}

/// Shape and word of a verdict; never colour alone.
fn badge(verdict: Verdict) -> (&'static str, &'static str) {
    let shape = match verdict {
        Verdict::Drifted => "▲",
        Verdict::Warning => "△",
        Verdict::Stable => "✓",
        Verdict::InsufficientData => "◌",
        Verdict::Error => "⊗",
        Verdict::NotCompared => "∅",
    };
    (shape, verdict.words())
}

/// `text` for XML and HTML, in text and attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 has no way to write these.
            '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
