//! One column: a row that opens.

use super::{Detail, chip, figures, words};
use crate::render::{badge, chart, escape};
use crate::report::words::deciding_effect;
use crate::report::{ColumnReport, Nulls, Report};
use crate::verdict::Verdict;

/// Floors at the end of the effect bar.
const SCALE_FLOORS: f64 = 2.5;

/// The row of a column, with its panel; `rank` counts columns by how much they changed.
pub(super) fn row(column: &ColumnReport, report: &Report, detail: Detail, rank: usize) -> String {
    let (glyph, kind) = (column.r#type.glyph(), column.r#type.as_str());
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

fn effect(column: &ColumnReport) -> String {
    let Some(effect) = deciding_effect(column) else {
        return "<span class=\"eff\">–</span>".to_owned();
    };
    let times = effect.times.unwrap_or(SCALE_FLOORS);
    let beyond = if times > SCALE_FLOORS { " x" } else { "" };
    format!(
        "<span class=\"eff\"><span class=\"bar {}{beyond}\" title=\"floor {}\"><i style=\"width:{:.0}%\"></i></span><span>{} <small>{}</small></span></span>",
        column.verdict.as_str(),
        effect.floor,
        (100.0 / SCALE_FLOORS * times).clamp(0.0, 100.0),
        escape(&effect.value),
        escape(&effect.name)
    )
}

fn nulls(column: &ColumnReport) -> String {
    let nulls = Nulls::of(column);
    let class = if nulls.has_drifted { " class=\"up\"" } else { "" };
    let (reference, current) = nulls.words();
    format!("<span class=\"nul\"><span class=\"vh\">nulls </span>{reference} → <b{class}>{current}</b></span>")
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
