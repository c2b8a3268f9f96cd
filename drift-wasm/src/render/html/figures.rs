//! The numbers in an open row: figures, quantiles, labels, metrics.

use crate::format::{count, counted, number, p_value, percent};
use crate::render::{chart, deciding, escape};
use crate::report::words::effect as effect_of;
use crate::report::{CategoryCount, ColumnReport, Nulls, Report};
use crate::schema::ColumnType;

/// Labels listed on each side.
const N_LABELS: usize = 8;

/// Up to six figures in a strip: label, value, note.
pub(super) fn strip(column: &ColumnReport, report: &Report) -> String {
    let mut out = String::new();
    let mut add = |label: &str, value: String, note: String| {
        out += &format!("<div><dt>{label}</dt><dd>{value}<small>{note}</small></dd></div>");
    };
    if let Some(test) = deciding(column) {
        let effect = effect_of(column, test);
        let times =
            effect.times.map_or(String::new(), |times| format!(", {} ×", number(libm::round(times * 100.0) / 100.0)));
        add(
            &format!("Effect, {}", escape(&effect.name)),
            escape(&effect.value),
            format!("floor {}{times}", effect.floor),
        );
        if let Some(q) = test.q_value {
            let tests =
                report.columns.iter().flat_map(|column| &column.tests).filter(|test| test.p_value.is_some()).count();
            add(
                "Chance, corrected",
                format!("q {}", escape(&p_value(q))),
                format!("of {}", counted(tests as u64, "test")),
            );
        }
    }
    if let Some(smallest) = column.smallest_detectable {
        add("Could have seen", number(smallest), "smallest effect at 80\u{a0}% power".to_owned());
    }
    if column.r#type == ColumnType::Numeric
        && let (Some(reference), Some(current)) = (&column.reference.numeric, &column.current.numeric)
    {
        let pair = |a: Option<f64>, b: Option<f64>| Some((a?, b?));
        if let Some((a, b)) = pair(reference.mean, current.mean) {
            let spread = pair(reference.standard_deviation, current.standard_deviation);
            let note = spread.map_or(String::new(), |(a, b)| format!("std. dev. {} → {}", number(a), number(b)));
            add("Mean", format!("{} → {}", number(a), number(b)), note);
        }
    } else {
        let (a, b) = (column.reference.n_distinct, column.current.n_distinct);
        add("Distinct", format!("{} → {}", count(a), count(b)), "values".to_owned());
    }
    let nulls = Nulls::of(column);
    let (reference, current) = nulls.words();
    add(
        "Nulls",
        format!("{reference} → {current}"),
        format!("of {} and {}", count(column.reference.n_rows), counted(column.current.n_rows, "row")),
    );
    format!("<dl class=\"strip\">{out}</dl>")
}

/// Quantiles of both sides with the shift as a bar.
pub(super) fn quantiles(column: &ColumnReport) -> String {
    let (Some(reference), Some(current)) = (&column.reference.numeric, &column.current.numeric) else {
        return String::new();
    };
    let is_time = column.r#type == ColumnType::Datetime;
    let rows: Vec<(&str, f64, f64)> = [
        ("q01", "1\u{a0}%"),
        ("q05", "5\u{a0}%"),
        ("q10", "10\u{a0}%"),
        ("q25", "25\u{a0}%"),
        ("q50", "Median"),
        ("q75", "75\u{a0}%"),
        ("q90", "90\u{a0}%"),
        ("q95", "95\u{a0}%"),
        ("q99", "99\u{a0}%"),
    ]
    .into_iter()
    .filter_map(|(key, label)| Some((label, *reference.quantiles.get(key)?, *current.quantiles.get(key)?)))
    .collect();
    if rows.is_empty() {
        return String::new();
    }
    let widest = rows.iter().map(|row| (row.2 - row.1).abs()).fold(0.0, f64::max);
    let mut body = String::new();
    for (label, reference, current) in rows {
        let shift = current - reference;
        let width = if widest > 0.0 { 92.0 * shift.abs() / widest } else { 0.0 };
        let words = match (is_time, shift > 0.0) {
            (true, _) => days(shift),
            (false, true) => format!("+{}", number(shift)),
            (false, false) => number(shift),
        };
        let class = if label == "Median" { " class=\"mid\"" } else { "" };
        let side = if shift < 0.0 { "n" } else { "p" };
        let bar = if shift == 0.0 { String::new() } else { format!("<i style=width:{width:.0}%></i>") };
        body += &format!(
            "<tr{class}><td>{label}<td>{}<td>{}<td>{words}<td class=\"b {side}\">{bar}",
            chart::shown(reference, column.r#type),
            chart::shown(current, column.r#type),
        );
    }
    let exact = match (reference.share_error, current.share_error) {
        (None, None) => String::new(),
        (a, b) => format!(
            " <small>each rank certified to within {} of rows</small>",
            percent(a.unwrap_or(0.0).max(b.unwrap_or(0.0)))
        ),
    };
    format!(
        "<section class=\"card\"><h3>Quantiles{exact}</h3><div class=\"scroll\"><table class=\"quant\"><thead><tr><th>Quantile<th class=\"tr\">Reference<th class=\"tc\">Current<th>Shift<td><tbody>{body}</table></div></section>"
    )
}

/// A shift of time in days.
fn days(seconds: f64) -> String {
    let days = seconds / 86_400.0;
    let sign = if days > 0.0 { "+" } else { "" };
    format!("{sign}{}\u{a0}d", number(libm::round(days * 100.0) / 100.0))
}

/// Labels that came and went.
pub(super) fn labels(column: &ColumnReport) -> String {
    let list = |title: &str, labels: &[CategoryCount], n: u64| {
        if labels.is_empty() {
            return String::new();
        }
        let rows: String = labels
            .iter()
            .take(N_LABELS)
            .map(|label| format!("<tr><td>{}<td>{}", escape(&label.label), counted(label.n, "row")))
            .collect();
        let shown = labels.len().min(N_LABELS) as u64;
        let more = if n > shown { format!("<small>and {} more</small>", count(n - shown)) } else { String::new() };
        format!("<div><h3>{title} <small>{}</small></h3><table>{rows}</table>{more}</div>", count(n))
    };
    let both = list("New values", &column.new_categories, column.n_new_categories)
        + &list("Vanished values", &column.vanished_categories, column.n_vanished_categories);
    if both.is_empty() {
        return both;
    }
    format!("<section class=\"card pair\">{both}</section>")
}

/// Every metric of a column.
pub(super) fn metrics(column: &ColumnReport) -> String {
    if column.metrics.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for (name, metric) in &column.metrics {
        let value = metric.distance.or(metric.statistic).map_or("–".to_owned(), number);
        let half = metric.half_width.map_or(String::new(), |half| format!(" ± {}", number(half)));
        let p = metric.p_value.map_or("–".to_owned(), |p| escape(&p_value(p)));
        let note = metric.undefined.as_ref().or(metric.detail.as_ref()).map_or(String::new(), |note| escape(note));
        rows += &format!("<tr><td>{}<td>{value}{half}<td>{p}<td>{note}", escape(&name.as_str().replace('_', " ")));
    }
    format!(
        "<details class=\"more\"><summary>All {} metrics, type and role</summary><p class=\"note\">Compared as {}: {}.</p><div class=\"scroll\"><table><thead><tr><th>Metric<th>Value<th>p<th>Note<tbody>{rows}</table></div></details>",
        column.metrics.len(),
        column.r#type.as_str(),
        escape(column.type_reason.trim_end_matches('.'))
    )
}
