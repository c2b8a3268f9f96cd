//! One column: a row that opens.

use super::{Detail, chip, figures, words};
use crate::format::percent;
use crate::render::words::{effect as effect_of, floor as floor_of};
use crate::render::{badge, chart, deciding, escape};
use crate::report::{ColumnReport, Report, Subject};
use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// The row of a column, with its panel; `rank` counts columns by how much they changed.
pub(super) fn row(column: &ColumnReport, report: &Report, detail: Detail, rank: usize) -> String {
    let (glyph, kind) = glyph(column.r#type);
    let severity = column.severity.map_or("–".to_owned(), |severity| format!("{severity:.2}"));
    let (_, word) = badge(column.verdict);
    let mut verdict = word.to_owned();
    if let Some(first) = verdict.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let chevron = "<svg class=\"chev\" aria-hidden=\"true\"><use href=\"#chev\"/></svg>";
    let cells = format!(
        "<span class=\"nm\">{chevron}<span class=\"ty\" title=\"{kind}\">{glyph}</span><code title=\"{name}\">{name}</code></span><span class=\"vt\">{}</span><span class=\"mini\">{}</span><span class=\"wt\">{}</span>{}{}<span class=\"se\"><span class=\"vh\">severity </span>{severity}</span>",
        chip(column.verdict, &verdict),
        chart::mini(column),
        words(&column.what_changed),
        effect(column),
        nulls(column),
        name = escape(&column.name),
    );
    format!("<details class=\"row\"><summary>{cells}</summary>{}</details>", panel(column, report, detail, rank))
}

/// Box letter and word of a type.
fn glyph(kind: ColumnType) -> (&'static str, &'static str) {
    let glyph = match kind {
        ColumnType::Numeric => "#",
        ColumnType::Categorical => "A",
        ColumnType::Boolean => "B",
        ColumnType::Datetime => "T",
        ColumnType::Text => "¶",
        ColumnType::Id => "@",
        ColumnType::Empty => "∅",
    };
    (glyph, kind.as_str())
}

fn effect(column: &ColumnReport) -> String {
    let Some(test) = deciding(column).filter(|_| column.severity.is_some()) else {
        return "<span class=\"eff\">–</span>".to_owned();
    };
    let (name, value) = effect_of(column, test);
    let times = if test.floor > 0.0 { test.effect / test.floor } else { 2.5 };
    let beyond = if times > 2.5 { " x" } else { "" };
    format!(
        "<span class=\"eff\"><span class=\"bar {}{beyond}\" title=\"floor {}\"><i style=\"width:{:.0}%\"></i></span><span>{} <small>{}</small></span></span>",
        column.verdict.as_str(),
        floor_of(column, test),
        (40.0 * times).clamp(0.0, 100.0),
        escape(&value),
        escape(&name)
    )
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// Null shares of both sides.
pub(super) fn null_shares(column: &ColumnReport) -> (f64, f64) {
    (share(column.reference.n_null, column.reference.n_rows), share(column.current.n_null, column.current.n_rows))
}

fn nulls(column: &ColumnReport) -> String {
    let (reference, current) = null_shares(column);
    let is_loud = column.tests.iter().any(|test| test.subject == Subject::Nulls && test.verdict == Verdict::Drifted);
    let class = if is_loud { " class=\"up\"" } else { "" };
    let first = percent(reference);
    format!(
        "<span class=\"nul\"><span class=\"vh\">nulls </span>{} → <b{class}>{}</b></span>",
        first.trim_end_matches("\u{a0}%"),
        percent(current)
    )
}

pub(super) fn panel(column: &ColumnReport, report: &Report, detail: Detail, rank: usize) -> String {
    let is_full = match detail {
        Detail::Tables | Detail::Charts => true,
        Detail::First(n) => rank < n,
    };
    let with_table = detail == Detail::Tables;
    let cause = column.cause.as_ref().map_or_else(
        || {
            if matches!(column.verdict, Verdict::Drifted | Verdict::Warning) {
                "<p class=\"note\">No likely cause recognised.</p>".to_owned()
            } else {
                String::new()
            }
        },
        |cause| format!("<p class=\"note\">Likely cause: {}</p>", words(&cause.text)),
    );
    let histogram = column
        .histogram
        .as_ref()
        .filter(|_| is_full)
        .map_or(String::new(), |data| chart::distribution(column, data, with_table));
    let cumulative = column
        .cumulative
        .as_ref()
        .filter(|_| is_full)
        .map_or(String::new(), |data| chart::cumulative(column, data, with_table));
    let cards = format!(
        "{histogram}{cumulative}{}{}{}",
        figures::quantiles(column),
        chart::contributions(column),
        figures::labels(column)
    );
    let is_shown = is_full || column.verdict != Verdict::Stable;
    let cards =
        if cards.is_empty() || !is_shown { String::new() } else { format!("<div class=\"quad\">{cards}</div>") };
    format!(
        "<div class=\"panel\"><p>{}</p>{cause}{}{cards}{}</div>",
        words(&column.why),
        figures::strip(column, report),
        if is_full { figures::metrics(column) } else { String::new() }
    )
}
