//! A column's finite numbers, sorted: what every numeric metric is computed from.

use serde::{Deserialize, Serialize};

use crate::profile::sort::sort;

/// Finite numbers in ascending order, each once (exact) or with a weight (compacted).
///
/// Never holds NaN or an infinity; `-0.0` is stored as `0.0`.
/// When compacted, ranks are off by at most [`Sample::rank_error`] rows, and the whole distribution was moved by at
/// most [`Sample::transport_error`] value units per row (Wasserstein-1), both summed up as the compaction went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    #[serde(with = "crate::profile::values")]
    values: Vec<f64>,
    weights: Option<Vec<u64>>,
    n: u64,
    rank_error: u64,
    transport_error: f64,
    moments: Moments,
}

/// Mean and spread of a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Number of values.
    pub n: u64,
    /// Arithmetic mean; 0 when empty.
    pub mean: f64,
    /// Sum of squared distances from the mean.
    pub sum_of_squares: f64,
}

impl Moments {
    /// Moments of a block: shifted two-pass sums in a fixed order of additions.
    pub fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let n = values.len() as f64;
        let shift = values[0];
        let mean = shift + lane_sum(values, |value| value - shift) / n;
        // Dividing first keeps sums of values near the largest double finite.
        let mean = if mean.is_finite() { mean } else { lane_sum(values, |value| value / n) };
        let residue = lane_sum(values, |value| value - mean) / n;
        let mean = mean + if residue.is_finite() { residue } else { 0.0 };
        let sum_of_squares = lane_sum(values, |value| (value - mean) * (value - mean));
        Self { n: values.len() as u64, mean, sum_of_squares }
    }

    /// Moments of both together (Chan, Golub, LeVeque 1979).
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if self.n == 0 {
            return other;
        }
        if other.n == 0 {
            return self;
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let delta = other.mean - self.mean;
        Self {
            n: self.n + other.n,
            mean: self.mean + delta * (b / (a + b)),
            sum_of_squares: self.sum_of_squares + other.sum_of_squares + delta * delta * (a * b / (a + b)),
        }
    }
}

/// Neumaier's compensated sum, in the order given.
pub(crate) fn compensated_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    if lost.is_finite() { sum + lost } else { sum }
}

/// Compensated sum of `term` over `values`: eight running sums, value `i` in sum `i mod 8`, added up at the end.
///
/// The order of additions is fixed, so the result has the same bits on every machine; eight at a time, because one
/// compensated sum waits for itself.
fn lane_sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 8;
    let (mut sums, mut lost) = ([0.0_f64; LANES], [0.0_f64; LANES]);
    let (whole, rest) = values.as_chunks::<LANES>();
    for values in whole {
        for lane in 0..LANES {
            // Knuth's two-sum: what the addition lost, without a branch.
            let value = term(values[lane]);
            let next = sums[lane] + value;
            let part = next - sums[lane];
            lost[lane] += (sums[lane] - (next - part)) + (value - part);
            sums[lane] = next;
        }
    }
    compensated_sum(sums.into_iter().chain(rest.iter().map(|value| term(*value))).chain(lost.map(finite_or_zero)))
}

/// Once a sum has overflowed, what its additions lost is no number.
fn finite_or_zero(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

impl Sample {
    /// A sample of `values`, which may be in any order; NaN and infinities are left out.
    pub fn exact(mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        sort(&mut values);
        Self::from_sorted(values)
    }

    /// A sample of values that are sorted, finite and without `-0.0`.
    pub(crate) fn from_sorted(values: Vec<f64>) -> Self {
        let moments = Moments::of(&values);
        Self { n: values.len() as u64, values, weights: None, rank_error: 0, transport_error: 0.0, moments }
    }

    /// A compacted sample: `values` ascending with their weights.
    pub(crate) fn compacted(
        values: Vec<f64>,
        weights: Vec<u64>,
        rank_error: u64,
        transport_error: f64,
        moments: Moments,
    ) -> Self {
        debug_assert_eq!(values.len(), weights.len());
        let n = weights.iter().sum();
        Self { values, weights: Some(weights), n, rank_error, transport_error, moments }
    }

    /// The values, ascending.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The weight of each value, `None` when each stands for one row.
    pub fn weights(&self) -> Option<&[u64]> {
        self.weights.as_deref()
    }

    /// Number of rows it stands for.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Whether every row's value is held.
    pub fn is_exact(&self) -> bool {
        self.weights.is_none()
    }

    /// The most that any rank can be off, in rows; 0 when exact.
    pub fn rank_error(&self) -> u64 {
        self.rank_error
    }

    /// `rank_error / n`: the most that the cumulative share can be off anywhere; 0 when exact or empty.
    pub fn share_error(&self) -> f64 {
        if self.n == 0 { 0.0 } else { self.rank_error as f64 / self.n as f64 }
    }

    /// The most that the distribution was moved, in value units per row (Wasserstein-1); 0 when exact.
    pub fn transport_error(&self) -> f64 {
        self.transport_error
    }

    /// Mean and squared deviations of all rows.
    pub fn moments(&self) -> Moments {
        self.moments
    }

    /// Arithmetic mean, `None` when empty or not finite.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.moments.mean).filter(|mean| mean.is_finite())
    }

    /// Variance with divisor `n - ddof`, `None` when there are not more than `ddof` rows or it is not finite.
    pub fn variance(&self, ddof: u64) -> Option<f64> {
        (self.n > ddof)
            .then(|| self.moments.sum_of_squares / (self.n - ddof) as f64)
            .filter(|variance| variance.is_finite())
    }

    /// Standard deviation with divisor `n - ddof`.
    pub fn standard_deviation(&self, ddof: u64) -> Option<f64> {
        self.variance(ddof).map(f64::sqrt)
    }

    /// Smallest value.
    pub fn min(&self) -> Option<f64> {
        self.values.first().copied()
    }

    /// Largest value.
    pub fn max(&self) -> Option<f64> {
        self.values.last().copied()
    }

    /// Value of rank `rank` (0-based, `rank < n`).
    pub(crate) fn at_rank(&self, rank: u64) -> f64 {
        match &self.weights {
            None => self.values[rank as usize],
            Some(weights) => {
                // Whole blocks are added up at once, then the block that holds the rank is walked.
                const BLOCK: usize = 512;
                let mut seen = 0;
                for (values, weights) in self.values.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
                    let n: u64 = weights.iter().sum();
                    if rank >= seen + n {
                        seen += n;
                        continue;
                    }
                    for (value, weight) in values.iter().zip(weights) {
                        seen += weight;
                        if rank < seen {
                            return *value;
                        }
                    }
                }
                self.values[self.values.len() - 1]
            }
        }
    }

    /// Quantile at `p` in 0–1 by linear interpolation at position `(n - 1) p` (NumPy's default, Hyndman-Fan 7).
    ///
    /// `None` when empty.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if self.n == 0 {
            return None;
        }
        let position = (self.n - 1) as f64 * p;
        let below = libm::floor(position);
        let part = position - below;
        let low = self.at_rank(below as u64);
        let high = self.at_rank((below as u64 + 1).min(self.n - 1));
        // NumPy's lerp: exact at both ends, monotone. The difference may overflow; halves cannot.
        let gap = high - low;
        Some(if gap.is_finite() {
            if part >= 0.5 { high - gap * (1.0 - part) } else { low + gap * part }
        } else {
            low * (1.0 - part) + high * part
        })
    }

    /// Distinct values with their row counts, ascending.
    pub fn runs(&self) -> Runs<'_> {
        Runs { sample: self, next: 0 }
    }

    /// Number of distinct values held (exact only when the sample is).
    pub fn n_distinct(&self) -> u64 {
        let repeats = self.values.windows(2).filter(|pair| pair[0] == pair[1]).count();
        (self.values.len() - repeats) as u64
    }

    /// Rows with a value `< x`.
    pub fn n_below(&self, x: f64) -> u64 {
        self.n_before(self.values.partition_point(|value| *value < x))
    }

    /// Rows with a value `<= x`.
    pub fn n_at_most(&self, x: f64) -> u64 {
        self.n_before(self.values.partition_point(|value| *value <= x))
    }

    /// Rows of the first `end` values.
    fn n_before(&self, end: usize) -> u64 {
        match &self.weights {
            None => end as u64,
            Some(weights) => weights[..end].iter().sum(),
        }
    }
}

/// Iterator over the distinct values of a [`Sample`] with their row counts.
pub struct Runs<'a> {
    sample: &'a Sample,
    next: usize,
}

impl Iterator for Runs<'_> {
    type Item = (f64, u64);

    #[inline]
    fn next(&mut self) -> Option<(f64, u64)> {
        let values = &self.sample.values;
        let start = self.next;
        let value = *values.get(start)?;
        let mut end = start + 1;
        while end < values.len() && values[end] == value {
            end += 1;
        }
        self.next = end;
        let count = match &self.sample.weights {
            None => (end - start) as u64,
            Some(weights) => weights[start..end].iter().sum(),
        };
        Some((value, count))
    }
}

/// Walks both samples in value order: `visit(value, reference rows, current rows)` once for each distinct value.
#[inline]
pub fn pooled_runs(reference: &Sample, current: &Sample, mut visit: impl FnMut(f64, u64, u64)) {
    let (mut left, mut right) = (reference.runs(), current.runs());
    let (mut a, mut b) = (left.next(), right.next());
    loop {
        match (a, b) {
            (Some((x, n)), Some((y, m))) => {
                if x < y {
                    visit(x, n, 0);
                    a = left.next();
                } else if y < x {
                    visit(y, 0, m);
                    b = right.next();
                } else {
                    visit(x, n, m);
                    a = left.next();
                    b = right.next();
                }
            }
            (Some((x, n)), None) => {
                visit(x, n, 0);
                a = left.next();
            }
            (None, Some((y, m))) => {
                visit(y, 0, m);
                b = right.next();
            }
            (None, None) => return,
        }
    }
}

impl Sample {
    /// The sample with every value multiplied by `factor`, which must be positive.
    #[must_use]
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        self.values.iter_mut().for_each(|value| *value *= factor);
        self.transport_error *= factor;
        self.moments.mean *= factor;
        self.moments.sum_of_squares *= factor * factor;
        self
    }
}

impl Sample {
    /// Whether a decoded sample keeps what the others promise.
    pub(crate) fn is_possible(&self) -> bool {
        let ordered = self.values.windows(2).all(|pair| pair[0] <= pair[1]);
        let finite = self.values.iter().all(|value| value.is_finite());
        let n = match &self.weights {
            None => Some(self.values.len() as u64),
            Some(weights) if weights.len() == self.values.len() && !weights.contains(&0) => {
                weights.iter().try_fold(0_u64, |sum, weight| sum.checked_add(*weight))
            }
            Some(_) => None,
        };
        ordered
            && finite
            && n == Some(self.n)
            && self.transport_error >= 0.0
            && self.rank_error <= self.n.saturating_mul(64)
    }
}
