//! The small overlay in the table: bars by the square root of the share, so that tails show.

use plotters::chart::ChartBuilder;
use plotters::series::{AreaSeries, LineSeries};

use super::{Ink, SCALE, steps, svg};
use crate::report::ColumnReport;

const WIDTH: u32 = 132;
const HEIGHT: u32 = 28;
const N_BINS: usize = 20;
const N_LABELS: usize = 10;

/// The overlay of a column; a dash where there is nothing to draw.
pub(in crate::render) fn mini(column: &ColumnReport) -> String {
    let (reference, current, is_stepped) = match &column.histogram {
        Some(histogram) => (merged(&histogram.reference), merged(&histogram.current), true),
        None => {
            let shown = column.contributions.iter().take(N_LABELS);
            let side = |of: fn(&crate::report::Contribution) -> f64| shown.clone().map(of).collect();
            let (reference, current): (Vec<f64>, Vec<f64>) = (side(|c| c.reference), side(|c| c.current));
            (reference, current, false)
        }
    };
    let highest = reference.iter().chain(&current).fold(0.0, |a: f64, b| a.max(*b));
    if highest <= 0.0 {
        return "–".to_owned();
    }
    let level =
        |shares: &[f64]| -> Vec<f64> { shares.iter().map(|share| libm::sqrt(share.max(0.0) / highest)).collect() };
    let (reference, current) = (level(&reference), level(&current));
    let n = reference.len();
    svg((WIDTH, HEIGHT), "", |root| {
        let mut chart = ChartBuilder::on(root)
            .margin_top(2 * SCALE)
            .margin_bottom(SCALE)
            .build_cartesian_2d(0.0..n as f64, 0.0..1.0)?;
        if is_stepped {
            let edges: Vec<f64> = (0..=n).map(|edge| edge as f64).collect();
            let area = Ink::ReferenceArea.color();
            chart.draw_series(AreaSeries::new(steps(&edges, &reference), 0.0, area))?;
            let mut line = steps(&edges, &current);
            line.insert(0, (0.0, 0.0));
            line.push((n as f64, 0.0));
            return chart.draw_series(LineSeries::new(line, Ink::Current.color())).map(|_| ());
        }
        let bar = |index: usize| (index as f64 + 0.08, index as f64 + 0.92);
        for (index, level) in reference.iter().enumerate() {
            let ends = bar(index);
            let corners = [(ends.0, *level), (ends.1, *level)];
            chart.draw_series(AreaSeries::new(corners, 0.0, Ink::ReferenceArea.color()))?;
        }
        for (index, level) in current.iter().enumerate() {
            let ends = bar(index);
            let cap = [(ends.0, *level), (ends.1, *level)];
            chart.draw_series(LineSeries::new(cap, Ink::Current.color()))?;
        }
        Ok(())
    })
}

/// Neighbouring bins added up to at most [`N_BINS`].
fn merged(shares: &[f64]) -> Vec<f64> {
    shares.chunks(shares.len().div_ceil(N_BINS).max(1)).map(|bins| bins.iter().sum()).collect()
}
