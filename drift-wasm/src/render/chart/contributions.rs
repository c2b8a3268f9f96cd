//! What adds up to the change: one diverging bar for each bin or label. The picture is its own table.

use crate::render::escape;
use crate::report::ColumnReport;
use crate::schema::ColumnType;

/// Rows shown; the others are added up in the last one.
const N_ROWS: usize = 12;

/// The contributions of a column's bins or labels to its change.
pub(in crate::render) fn contributions(column: &ColumnReport) -> String {
    let mut rows: Vec<(String, f64, f64)> = column
        .contributions
        .iter()
        .map(|row| {
            let words = row.label.words();
            let label =
                if column.r#type == ColumnType::Numeric { words.replace('-', "−") } else { words.into_owned() };
            (label, row.reference, row.current)
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    if rows.len() > N_ROWS {
        let rest = rows.split_off(N_ROWS - 1);
        let sum = |of: fn(&(String, f64, f64)) -> f64| rest.iter().map(of).sum();
        rows.push((format!("{} more", rest.len()), sum(|row| row.1), sum(|row| row.2)));
    }
    let moved = |row: &(String, f64, f64)| row.2 - row.1;
    let total: f64 = rows.iter().map(|row| moved(row).max(0.0)).sum();
    let widest = rows.iter().map(|row| moved(row).abs()).fold(0.0, f64::max);
    let fallen = rows.iter().map(|row| -moved(row)).fold(0.0, f64::max);
    let risen = rows.iter().map(moved).fold(0.0, f64::max);
    // The zero line stands so that both sides use the same scale, with room for the figure at each bar's end.
    let span = (fallen + risen).max(1e-9);
    let zero = 20.0 + 60.0 * fallen / span;
    let mut out = String::new();
    for row in &rows {
        let change = moved(row);
        let width = 60.0 * change.abs() / span;
        let side = if change < 0.0 { "n" } else { "p" };
        let tint = if change.abs() >= widest && widest > 0.0 { " class=top" } else { "" };
        out += &format!(
            "<tr{tint}><th>{}<td class=\"b {side}\" style=--w:{width:.1}%><i></i><em>{}</em><td>{}<td>{}",
            escape(&row.0),
            points(change),
            share(row.1),
            share(row.2)
        );
    }
    format!(
        "<section class=\"card\"><h3>What adds up to the change <small>falls = rises = {} points</small></h3><div class=\"scroll\"><table class=\"contrib\" style=\"--z:{zero:.1}%\"><thead><tr><th>Value<th>Change, points<th class=\"tr\">Ref<span class=\"lo\">erence</span><th class=\"tc\">Cur<span class=\"lo\">rent</span><tbody>{out}</table></div></section>",
        points(total).trim_start_matches('+')
    )
}

/// A share with one decimal, the same in every row.
fn share(share: f64) -> String {
    format!("{:.1}\u{a0}%", share * 100.0)
}

/// A change of share in points: `+8.4`, `−3.5`.
fn points(change: f64) -> String {
    let text = format!("{:.1}", (change * 100.0).abs());
    match (text.as_str(), change < 0.0) {
        ("0.0", _) => "0".to_owned(),
        (text, true) => format!("−{text}"),
        (text, false) => format!("+{text}"),
    }
}
