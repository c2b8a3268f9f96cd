//! The thin end of a histogram once more, taller: where a change sits in bars too low to be read.

use std::ops::Range;

use plotters::series::{AreaSeries, LineSeries};
use plotters_backend::text_anchor::{HPos, VPos};

use super::{Drawn, Ink, Plane, Root, SCALE, line, shown, steps, text};
use crate::format::percent;
use crate::report::Histogram;
use crate::schema::ColumnType;

/// Bars below this part of the height cannot be read.
const LOW: f64 = 0.065;
/// Part of the width that an inset must have for its words.
const LEAST_WIDTH: f64 = 0.38;
/// A change of the end's share below this is not worth an inset.
const LEAST_CHANGE: f64 = 0.01;
/// The inset's lower and upper edge, as parts of the height.
const BOX: (f64, f64) = (0.16, 0.94);
/// The highest bar in it.
const TALLEST: f64 = 0.72;
/// How many times taller bars may be drawn.
const TIMES: [f64; 14] = [2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 30.0, 40.0, 60.0, 100.0];

/// The bins at one end that are too low to be read on a chart of height `top`, though their share changed.
pub(super) fn thin_end(histogram: &Histogram, top: f64) -> Option<Range<usize>> {
    let n = histogram.reference.len();
    let is_low = |at: &usize| histogram.reference[*at].max(histogram.current[*at]) < LOW * top;
    let from = (0..n).rev().take_while(is_low).last().unwrap_or(n);
    let to = (0..n).take_while(is_low).last().map_or(0, |at| at + 1);
    let width = |bins: &Range<usize>| histogram.edges[bins.end] - histogram.edges[bins.start];
    let end = if width(&(from..n)) >= width(&(0..to)) { from..n } else { 0..to };
    let (reference, current) = shares(histogram, &end);
    let is_wide = width(&end) >= LEAST_WIDTH * width(&(0..n));
    (is_wide && end.len() < n && (reference - current).abs() >= LEAST_CHANGE).then_some(end)
}

/// Shares of both sides in some bins.
fn shares(histogram: &Histogram, bins: &Range<usize>) -> (f64, f64) {
    let sum = |shares: &[f64]| shares[bins.clone()].iter().sum();
    (sum(&histogram.reference), sum(&histogram.current))
}

/// Draws these bins taller, above where they stand.
pub(super) fn draw(
    root: &Root<'_>,
    chart: &mut Plane<'_, '_>,
    histogram: &Histogram,
    bins: Range<usize>,
    top: f64,
    kind: ColumnType,
) -> Drawn {
    let edges = &histogram.edges[bins.start..=bins.end];
    let highest = histogram.reference[bins.clone()].iter().chain(&histogram.current[bins.clone()]);
    let highest = highest.fold(0.0, |a: f64, b| a.max(*b));
    let room = (TALLEST - BOX.0) * top;
    let Some(times) = TIMES.into_iter().rev().find(|times| times * highest <= room) else { return Ok(()) };
    let ground = BOX.0 * top;
    let taller = |shares: &[f64]| {
        let levels: Vec<f64> = shares[bins.clone()].iter().map(|share| ground + times * share).collect();
        steps(edges, &levels)
    };
    let corner = |x: usize, y: f64| chart.backend_coord(&(edges[x], y * top));
    let (low, high) = (corner(0, BOX.0), corner(edges.len() - 1, BOX.1));
    line(root, Ink::Grid, &[low, (low.0, high.1), high, (high.0, low.1), low])?;
    chart.draw_series(AreaSeries::new(taller(&histogram.reference), ground, Ink::ReferenceArea.color()))?;
    chart.draw_series(LineSeries::new(taller(&histogram.current), Ink::Current.color()))?;
    let (reference, current) = shares(histogram, &bins);
    let where_ = if bins.start == 0 {
        format!("below {}", shown(edges[edges.len() - 1], kind))
    } else {
        format!("{} or more", shown(edges[0], kind))
    };
    let words = format!("{where_}: {} → {}", percent(reference), percent(current));
    let y = |row: i32| high.1 + (11 + 15 * row) * SCALE;
    text(root, Ink::AxisText, &words, (low.0 + 8 * SCALE, y(0)), (HPos::Left, VPos::Center))?;
    let factor = format!("{times} × taller");
    text(root, Ink::OddAxisText, &factor, (high.0 - 8 * SCALE, y(1)), (HPos::Right, VPos::Center))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::right(&[0.6, 0.3, 0.02, 0.02, 0.02, 0.02], &[0.6, 0.2, 0.05, 0.05, 0.05, 0.05], Some(2..6))]
    #[case::left(&[0.01, 0.01, 0.01, 0.01, 0.96], &[0.03, 0.03, 0.03, 0.03, 0.88], Some(0..4))]
    #[case::no_change(&[0.6, 0.3, 0.02, 0.02, 0.02, 0.02], &[0.6, 0.3, 0.02, 0.02, 0.02, 0.02], None)]
    #[case::narrow(&[0.3, 0.3, 0.3, 0.1], &[0.3, 0.3, 0.38, 0.02], None)]
    fn a_thin_end_is_found_where_it_changed(
        #[case] reference: &[f64],
        #[case] current: &[f64],
        #[case] expected: Option<Range<usize>>,
    ) {
        let histogram = Histogram {
            edges: (0..=reference.len()).map(|edge| edge as f64).collect(),
            reference: reference.to_vec(),
            current: current.to_vec(),
            below: (0.0, 0.0),
            above: (0.0, 0.0),
        };
        assert_eq!(thin_end(&histogram, 1.0), expected);
    }
}
