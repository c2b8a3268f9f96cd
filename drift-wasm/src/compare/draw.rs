//! Numbers for the charts: few enough to travel with the report.

use crate::profile::Sample;
use crate::report::{Cumulative, Histogram};

/// Bins of a histogram.
const N_BINS: usize = 40;
/// Points of a cumulative curve.
const N_POINTS: usize = 48;

/// Equal-width bins over the middle 99 % of both sides together, on round edges; integers get whole bins.
#[inline(never)]
pub fn histogram(reference: &Sample, current: &Sample, is_integer: bool) -> Option<Histogram> {
    let ends = |p: f64| [reference.quantile(p), current.quantile(p)].into_iter().flatten();
    let low = ends(0.005).min_by(f64::total_cmp)?;
    let high = ends(0.995).max_by(f64::total_cmp)?;
    let span = high - low;
    if !span.is_finite() || (span > 0.0 && (span / N_BINS as f64) < f64::MIN_POSITIVE * 1e16) {
        return None;
    }
    let (start, width, n_bins) = if span == 0.0 {
        let half = (low.abs() * 1e-3).max(0.5);
        (low - half, 2.0 * half, 1)
    } else if is_integer && span < N_BINS as f64 {
        (low - 0.5, 1.0, span as usize + 1)
    } else {
        let width = nice(span / N_BINS as f64);
        let width = if is_integer { width.max(1.0) } else { width };
        let start = libm::floor(low / width) * width;
        let start = if is_integer { start - 0.5 } else { start };
        (start, width, (libm::ceil((high - start) / width) as usize).clamp(1, 2 * N_BINS))
    };
    let edges: Vec<f64> = (0..=n_bins).map(|bin| start + bin as f64 * width).collect();
    let shares = |sample: &Sample| {
        let n = sample.n().max(1) as f64;
        // Bins hold their lower edge; the last one holds both.
        let below = |edge: f64| sample.n_below(edge);
        let mut bins: Vec<f64> = edges.windows(2).map(|pair| (below(pair[1]) - below(pair[0])) as f64 / n).collect();
        let last = edges[n_bins];
        bins[n_bins - 1] += (sample.n_at_most(last) - sample.n_below(last)) as f64 / n;
        (bins, below(edges[0]) as f64 / n, (sample.n() - sample.n_at_most(last)) as f64 / n)
    };
    let (reference, below_reference, above_reference) = shares(reference);
    let (current, below_current, above_current) = shares(current);
    Some(Histogram {
        edges,
        reference,
        current,
        below: (below_reference, below_current),
        above: (above_reference, above_current),
    })
}

/// The next of 1, 2, 2.5, 5 times a power of ten at or above `width`.
fn nice(width: f64) -> f64 {
    let unit = libm::pow(10.0, libm::floor(libm::log10(width)));
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * unit).find(|step| *step >= width).unwrap_or(width)
}

/// Cumulative shares of both sides at quantiles of either, and where they are furthest apart.
#[inline(never)]
pub fn cumulative(reference: &Sample, current: &Sample, widest_at: f64) -> Option<Cumulative> {
    if reference.is_empty() || current.is_empty() {
        return None;
    }
    let mut x: Vec<f64> = (0..=N_POINTS / 2)
        .map(|step| 0.002 + 0.996 * step as f64 / (N_POINTS / 2) as f64)
        .flat_map(|p| [reference.quantile(p), current.quantile(p)])
        .flatten()
        .filter(|value| value.is_finite())
        .chain([widest_at])
        .collect();
    x.sort_unstable_by(f64::total_cmp);
    x.dedup();
    let share = |sample: &Sample, value: f64| sample.n_at_most(value) as f64 / sample.n() as f64;
    Some(Cumulative {
        reference: x.iter().map(|value| share(reference, *value)).collect(),
        current: x.iter().map(|value| share(current, *value)).collect(),
        widest: (widest_at, share(reference, widest_at), share(current, widest_at)),
        x,
    })
}
