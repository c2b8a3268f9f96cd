//! Cumulative shares of both sides, and where they are furthest apart.

use plotters::series::LineSeries;
use plotters_backend::text_anchor::{HPos, VPos};

use super::{Caption, Ink, SCALE, START, axes, figure, line, plane, shown, text};
use crate::format::{number, percent};
use crate::report::{ColumnReport, Cumulative};

/// The cumulative shares of a column, with D as a bracket.
pub(in crate::render) fn cumulative(column: &ColumnReport, curve: &Cumulative, with_table: bool) -> String {
    // The same stretch of values as the histogram, so that the two charts can be read across.
    let ends = column.histogram.as_ref().map_or(&curve.x, |h| &h.edges);
    let (Some(low), Some(high)) = (ends.first(), ends.last()) else {
        return String::new();
    };
    let x = if low < high { (*low, *high) } else { (low - 0.5, high + 0.5) };
    let y = (0.0, 1.0);
    let (at, reference, current) = curve.widest;
    let gap = (reference - current).abs();
    let kind = column.r#type;
    let caption = Caption {
        title: "Cumulative share",
        unit: "% of values at or below",
        class: "cumul",
        narrow: String::new(),
        has_key: false,
        description: format!(
            "The two curves of {} are furthest apart at {}: {} of the reference and {} of current lie at or below it.",
            column.name,
            shown(at, kind),
            percent(reference),
            percent(current)
        ),
        table: if with_table { table(column, curve) } else { String::new() },
    };
    figure(&caption, |root| {
        let mut chart = plane(root, x, y)?;
        axes(root, &chart, x, y, kind)?;
        let curves = [(Ink::Reference, &curve.reference), (Ink::Current, &curve.current)];
        for (ink, shares) in curves {
            let points = staircase(&curve.x, shares, x);
            chart.draw_series(LineSeries::new(points, ink.color()))?;
        }
        if (x.0..=x.1).contains(&at) {
            let (px, top) = chart.backend_coord(&(at, reference.max(current)));
            let (_, bottom) = chart.backend_coord(&(at, reference.min(current)));
            let (_, ground) = chart.backend_coord(&(at, 0.0));
            line(root, Ink::Drop, &[(px, bottom), (px, ground)])?;
            let cap = 4 * SCALE;
            let bracket = [(px, top), (px, bottom)];
            line(root, Ink::Bracket, &bracket)?;
            line(root, Ink::Bracket, &[(px - cap, top), (px + cap, top)])?;
            line(root, Ink::Bracket, &[(px - cap, bottom), (px + cap, bottom)])?;
            let is_right = px > super::WIDTH as i32 * SCALE / 2;
            let words = (if is_right { HPos::Right } else { HPos::Left }, VPos::Center);
            let dx = if is_right { -10 } else { 10 } * SCALE;
            // Beside the bracket where the curves leave room: above them at the left, below them at the right.
            let y = if is_right { top - 12 * SCALE } else { bottom + 12 * SCALE };
            let y = y.clamp(14 * SCALE, ground - 22 * SCALE);
            let label = format!("gap {}", number(gap));
            text(root, Ink::BracketText, &label, (px + dx, y), words)?;
            let place = format!("widest, at {}", shown(at, kind));
            text(root, Ink::AxisText, &place, (px + dx, y + 13 * SCALE), words)?;
        }
        names(root, &chart, x, curve)
    })
}

/// The name of each side above or below its line where the two are apart.
fn names(root: &super::Root, chart: &super::Plane, x: (f64, f64), curve: &Cumulative) -> super::Drawn {
    let middle = x.0 + 0.72 * (x.1 - x.0);
    // The level of the stairs there is that of the last point before.
    let before = curve.x.partition_point(|value| *value <= middle);
    let index = before.saturating_sub(1);
    let (Some(reference), Some(current)) = (curve.reference.get(index), curve.current.get(index)) else {
        return Ok(());
    };
    let is_over = reference >= current;
    let sides =
        [(Ink::ReferenceText, "Reference", *reference, is_over), (Ink::CurrentText, "Current", *current, !is_over)];
    for (ink, name, share, over) in sides {
        let (px, py) = chart.backend_coord(&(middle, share));
        let py = py + if over { -10 } else { 13 } * SCALE;
        text(root, ink, name, (px, py.max(8 * SCALE)), START)?;
    }
    Ok(())
}

/// Level, then up, within the ends of the plane.
fn staircase(x: &[f64], shares: &[f64], (low, high): (f64, f64)) -> Vec<(f64, f64)> {
    let mut level = 0.0;
    let mut out = Vec::with_capacity(2 * x.len() + 2);
    for (value, share) in x.iter().zip(shares) {
        if *value > high {
            break;
        }
        if *value >= low {
            if out.is_empty() {
                out.push((low, level));
            }
            out.push((*value, level));
            out.push((*value, *share));
        }
        level = *share;
    }
    out.push((high, level));
    out
}

fn table(column: &ColumnReport, curve: &Cumulative) -> String {
    let mut out = "<tr><th>At or below<th>Reference<th>Current".to_owned();
    for ((value, reference), current) in curve.x.iter().zip(&curve.reference).zip(&curve.current) {
        out += &format!("<tr><td>{}<td>{}<td>{}", shown(*value, column.r#type), percent(*reference), percent(*current));
    }
    out
}
