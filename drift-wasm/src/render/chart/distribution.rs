//! Histogram of both sides: the reference is ground, the current side a line.

use plotters::series::{AreaSeries, LineSeries};
use plotters_backend::text_anchor::{HPos, VPos};

use super::{Caption, Ink, SCALE, axes, figure, inset, line, plane, shown, steps, text, ticks};
use crate::format::percent;
use crate::report::{ColumnReport, Histogram};

/// Bins above which a chart without its table is drawn with half as many.
const COARSE: usize = 40;

/// The distribution of a column, with its medians.
pub(in crate::render) fn distribution(column: &ColumnReport, histogram: &Histogram, with_table: bool) -> String {
    let coarse;
    let histogram = if !with_table && histogram.reference.len() > COARSE {
        coarse = halved(histogram);
        &coarse
    } else {
        histogram
    };
    let (Some(low), Some(high)) = (histogram.edges.first(), histogram.edges.last()) else {
        return String::new();
    };
    let x = (*low, *high);
    let highest = histogram.reference.iter().chain(&histogram.current).fold(0.0, |a: f64, b| a.max(*b));
    let y = (0.0, ceiling(highest));
    let kind = column.r#type;
    let medians = [&column.reference, &column.current].map(|side| side.numeric.as_ref()?.quantiles.get("q50").copied());
    let caption = Caption {
        title: "Distribution",
        unit: &unit(histogram),
        class: "dist",
        narrow: match medians {
            [Some(a), Some(b)] => format!("median {} → {}", shown(a, kind), shown(b, kind)),
            _ => String::new(),
        },
        has_key: true,
        description: describe(column, histogram),
        table: if with_table { table(column, histogram) } else { String::new() },
    };
    figure(&caption, |root| {
        let mut chart = plane(root, x, y)?;
        axes(root, &chart, x, y, kind)?;
        let reference = steps(&histogram.edges, &histogram.reference);
        chart.draw_series(AreaSeries::new(reference, 0.0, Ink::ReferenceArea.color()))?;
        // Over the area's lower edge.
        let ground = [(x.0, 0.0), (x.1, 0.0)].map(|at| chart.backend_coord(&at));
        line(root, Ink::Axis, &ground)?;
        let mut current = steps(&histogram.edges, &histogram.current);
        current.insert(0, (x.0, 0.0));
        current.push((x.1, 0.0));
        chart.draw_series(LineSeries::new(current, Ink::Current.color()))?;
        // The smaller median's label stands to the left of its line, the larger one's to the right.
        let first_is_left = match medians {
            [Some(reference), Some(current)] => reference <= current,
            _ => true,
        };
        let sides = [
            (Ink::ReferenceMedian, Ink::ReferenceText, first_is_left),
            (Ink::CurrentMedian, Ink::CurrentText, !first_is_left),
        ];
        for (median, (stroke, words, is_left)) in medians.into_iter().zip(sides) {
            let Some(median) = median.filter(|median| (x.0..=x.1).contains(median)) else {
                continue;
            };
            let (px, bottom) = chart.backend_coord(&(median, 0.0));
            let label = format!("median {}", shown(median, kind));
            let room = label.chars().count() as i32 * 7 * SCALE;
            let left = (is_left || px + room > super::WIDTH as i32 * SCALE) && px > room;
            let (across, dx) = if left { (HPos::Right, -3) } else { (HPos::Left, 3) };
            line(root, stroke, &[(px, 6 * SCALE), (px, bottom)])?;
            let at = (px + dx * SCALE, 8 * SCALE);
            text(root, words, &label, at, (across, VPos::Center))?;
        }
        if let Some(end) = inset::thin_end(histogram, y.1) {
            inset::draw(root, &mut chart, histogram, end, y.1, kind)?;
        }
        Ok(())
    })
}

/// Two bins as one; an odd last one stays.
fn halved(histogram: &Histogram) -> Histogram {
    let add = |shares: &[f64]| shares.chunks(2).map(|pair| pair.iter().sum()).collect();
    let mut edges: Vec<f64> = histogram.edges.iter().copied().step_by(2).collect();
    if histogram.edges.len().is_multiple_of(2) {
        edges.extend(histogram.edges.last());
    }
    Histogram { edges, reference: add(&histogram.reference), current: add(&histogram.current), ..histogram.clone() }
}

/// A round level at or above the highest bar.
fn ceiling(highest: f64) -> f64 {
    if highest <= 0.0 {
        return 1.0;
    }
    let levels = ticks(0.0, highest, 4);
    match levels.as_slice() {
        [.., a, b] if highest > b * 1.0001 => b + (b - a),
        [.., b] if *b > 0.0 => b.max(highest),
        _ => highest,
    }
}

fn unit(histogram: &Histogram) -> String {
    let outside = |share: f64, words: &str| {
        if share >= 0.0005 { format!(", {} {words}", percent(share)) } else { String::new() }
    };
    format!(
        "share of values{}{}",
        outside(histogram.below.0.max(histogram.below.1), "left of it"),
        outside(histogram.above.0.max(histogram.above.1), "right of it")
    )
}

fn describe(column: &ColumnReport, histogram: &Histogram) -> String {
    let peak = |shares: &[f64]| {
        let at = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]))?;
        Some(format!(
            "{} to {} ({})",
            shown(histogram.edges[at], column.r#type),
            shown(histogram.edges[at + 1], column.r#type),
            percent(shares[at])
        ))
    };
    format!(
        "Histogram of {}: the reference is highest from {}, current from {}.",
        column.name,
        peak(&histogram.reference).unwrap_or_default(),
        peak(&histogram.current).unwrap_or_default()
    )
}

fn table(column: &ColumnReport, histogram: &Histogram) -> String {
    let mut out = "<tr><th>From<th>Reference<th>Current".to_owned();
    for ((edge, reference), current) in histogram.edges.iter().zip(&histogram.reference).zip(&histogram.current) {
        out += &format!("<tr><td>{}<td>{}<td>{}", shown(*edge, column.r#type), percent(*reference), percent(*current));
    }
    out
}
