//! Evidently's bins and what it computes from them.

use crate::profile::{Sample, compensated_sum, pooled_runs};

/// Up to this many distinct reference values each value is a bin.
const FEW_VALUES: u64 = 20;
/// NumPy's histograms of a wider range than this many Sturges bins do not occur; a guard against hostile input.
const MOST_BINS: f64 = 10_000.0;

/// Shares of both sides over the same bins.
pub struct Shares {
    pub reference: Vec<f64>,
    pub current: Vec<f64>,
}

impl Shares {
    /// Shares from counts; zeros are kept.
    pub fn of_counts(reference: &[u64], current: &[u64]) -> Self {
        Self { reference: shares(reference), current: shares(current) }
    }

    /// Shares of numbers over Evidently's bins: Sturges bins of both sides together, or one bin a value when the
    /// reference has at most 20 distinct ones. `None` where NumPy fails.
    pub fn of_samples(reference: &Sample, current: &Sample, integers: bool) -> Option<Self> {
        if reference.n_distinct() > FEW_VALUES {
            let edges = sturges_edges(
                reference.min()?.min(current.min()?),
                reference.max()?.max(current.max()?),
                reference.n() + current.n(),
                integers,
            )?;
            return Some(Self::of_counts(&histogram(reference, &edges), &histogram(current, &edges)));
        }
        let (mut left, mut right) = (Vec::new(), Vec::new());
        pooled_runs(reference, current, |_, a, b| {
            left.push(a);
            right.push(b);
        });
        Some(Self::of_counts(&left, &right))
    }

    /// Jensen-Shannon distance, natural logarithm.
    pub fn jensen_shannon(&self) -> f64 {
        let part = |share: f64, middle: f64| {
            if share > 0.0 { share * libm::log(share / middle) } else { 0.0 }
        };
        let sum = self.sum(|p, q| {
            let middle = (p + q) / 2.0;
            part(p, middle) + part(q, middle)
        });
        (sum / 2.0).max(0.0).sqrt()
    }

    /// Kullback-Leibler divergence from the reference, zeros filled, then taken anew as shares.
    pub fn kl_divergence(&self) -> f64 {
        let filled = self.filled();
        let (all1, all2) =
            (compensated_sum(filled.reference.iter().copied()), compensated_sum(filled.current.iter().copied()));
        filled.sum(|p, q| {
            let (p, q) = (p / all1, q / all2);
            p * libm::log(p / q)
        })
    }

    /// Population stability index, zeros filled.
    pub fn psi(&self) -> f64 {
        self.filled().sum(|p, q| (p - q) * libm::log(p / q))
    }

    /// Half the sum, and the largest, of the gaps.
    pub fn gaps(&self) -> (f64, f64) {
        let largest = self.reference.iter().zip(&self.current).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
        (0.5 * self.sum(|p, q| (p - q).abs()), largest)
    }

    /// Hellinger distance as Evidently has it for labels: `√(1 − Σ √(p q))`.
    pub fn hellinger(&self) -> f64 {
        hellinger_of(self.sum(|p, q| (p * q).sqrt()))
    }

    fn sum(&self, term: impl Fn(f64, f64) -> f64) -> f64 {
        compensated_sum(self.reference.iter().zip(&self.current).map(|(p, q)| term(*p, *q)))
    }

    fn filled(&self) -> Self {
        Self { reference: fill(&self.reference), current: fill(&self.current) }
    }
}

fn hellinger_of(overlap: f64) -> f64 {
    (1.0 - overlap.clamp(0.0, 1.0)).sqrt()
}

fn shares(counts: &[u64]) -> Vec<f64> {
    let n = counts.iter().sum::<u64>() as f64;
    counts.iter().map(|count| *count as f64 / n).collect()
}

/// Zeros become 0.0001, or a millionth of the smallest share where that is not above 0.0001.
fn fill(shares: &[f64]) -> Vec<f64> {
    let smallest = shares.iter().copied().filter(|share| *share > 0.0).fold(f64::INFINITY, f64::min);
    let stand_in = if smallest <= 0.0001 { smallest / 1e6 } else { 0.0001 };
    shares.iter().map(|share| if *share == 0.0 { stand_in } else { *share }).collect()
}

/// Evidently's Hellinger distance of numbers: Sturges bins of the distinct pooled values, densities.
pub fn hellinger_of_samples(reference: &Sample, current: &Sample, integers: (bool, bool)) -> Option<f64> {
    let (mut n_distinct, mut is_new) = (0, false);
    pooled_runs(reference, current, |_, a, _| {
        n_distinct += 1;
        is_new |= a == 0;
    });
    // A union of Python sets: equal values keep the reference's type.
    let are_integers = integers.0 && (integers.1 || !is_new);
    let edges = sturges_edges(
        reference.min()?.min(current.min()?),
        reference.max()?.max(current.max()?),
        n_distinct,
        are_integers,
    )?;
    let (left, right) = (histogram(reference, &edges), histogram(current, &edges));
    let (n1, n2) = (reference.n() as f64, current.n() as f64);
    let width = (edges[edges.len() - 1] - edges[0]) / (edges.len() - 1) as f64;
    let overlap = compensated_sum(left.iter().zip(&right).zip(edges.windows(2)).map(|((a, b), edge)| {
        let own = edge[1] - edge[0];
        (*a as f64 / (n1 * own)).sqrt() * (*b as f64 / (n2 * own)).sqrt() * width
    }));
    overlap.is_finite().then(|| hellinger_of(overlap))
}

/// `numpy.histogram_bin_edges(values, "sturges")` from the range and the number of values.
fn sturges_edges(low: f64, high: f64, n: u64, integers: bool) -> Option<Vec<f64>> {
    if low == high {
        return Some(vec![low - 0.5, high + 0.5]);
    }
    let mut width = (high - low) / (libm::log2(n as f64) + 1.0);
    if integers && width < 1.0 {
        width = 1.0;
    }
    let n_bins = libm::ceil((high - low) / width);
    if !width.is_finite() || width == 0.0 || !(1.0..=MOST_BINS).contains(&n_bins) {
        return None;
    }
    let step = (high - low) / n_bins;
    let mut edges: Vec<f64> = (0..n_bins as u32).map(|i| f64::from(i) * step + low).collect();
    edges.push(high);
    Some(edges)
}

/// Rows in `[e₀, e₁)`, …, `[eₖ₋₁, eₖ]`.
fn histogram(sample: &Sample, edges: &[f64]) -> Vec<u64> {
    let values = sample.values();
    let rows = |start: usize, end: usize| match sample.weights() {
        None => end.saturating_sub(start) as u64,
        Some(weights) => weights[start..end.max(start)].iter().sum(),
    };
    let last = edges.len() - 1;
    let mut start = values.partition_point(|value| *value < edges[0]);
    edges[1..]
        .iter()
        .enumerate()
        .map(|(index, edge)| {
            let end = values.partition_point(|value| *value < *edge || (index + 1 == last && *value == *edge));
            let count = rows(start, end);
            start = end.max(start);
            count
        })
        .collect()
}
