//! Distances between two cumulative distributions: one pass over both sorted samples gives them all.

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::profile::{Sample, pooled_runs};

/// What one pass over both samples finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EcdfDistances {
    /// Kolmogorov-Smirnov distance: the widest gap between the cumulative shares, 0–1.
    pub ks: f64,
    /// The same as a whole number: `ks · n_reference · n_current`.
    pub ks_numerator: u128,
    /// The value at and above which the gap is widest (the first, when there are several).
    pub widest_at: f64,
    /// Area between the cumulative shares, in value units; infinite when beyond the range of a double.
    pub wasserstein: f64,
    /// `√(2 ∫ (F − G)²)`, in the root of value units.
    pub energy: f64,
}

/// Walks both samples once. `None` when either is empty.
///
/// The hot path of a report: for samples that hold every row there is no branch on ties in the loop, and sums are
/// kept in blocks so that a million terms lose no more than a thousand would.
pub fn ecdf_distances(reference: &Sample, current: &Sample) -> Option<EcdfDistances> {
    if reference.is_empty() || current.is_empty() {
        return None;
    }
    let plain = measure(reference, current, 1.0);
    let range = reference.max()?.max(current.max()?) - reference.min()?.min(current.min()?);
    if range.is_finite() && (range == 0.0 || range > 1e-250) && range < 1e250 {
        return Some(plain);
    }
    // Gaps over- or underflow: measure in units that are a power of two.
    let unit = libm::scalbn(1.0, if range > 1.0 { 600 } else { -600 });
    let scaled = measure(reference, current, 1.0 / unit);
    Some(EcdfDistances { wasserstein: scaled.wasserstein * unit, energy: scaled.energy * unit.sqrt(), ..plain })
}

fn measure(reference: &Sample, current: &Sample, scale: f64) -> EcdfDistances {
    let product = u128::from(reference.n()) * u128::from(current.n());
    if reference.is_exact() && current.is_exact() && product < 1 << 62 {
        measure_exact(reference.values(), current.values(), scale)
    } else {
        measure_runs(reference, current, scale)
    }
}

/// Parts of the value range that are walked at once: one walk waits for each of its comparisons.
const N_WALKS: usize = 2;
/// Steps after which sums are put aside.
const STEPS: usize = 1024;

#[inline(never)]
fn measure_exact(left: &[f64], right: &[f64], scale: f64) -> EcdfDistances {
    let whole = left.len() as f64 * right.len() as f64;
    let mut walks = walks(left, right);
    // A step takes at most one value of each side, so this many need no look at the ends.
    while let steps @ 1.. = walks.iter().map(Walk::n_sure).min().unwrap_or(0).min(STEPS) {
        let mut sums = [(0.0, 0.0); N_WALKS];
        for _ in 0..steps {
            for (walk, sums) in walks.iter_mut().zip(&mut sums) {
                walk.step(scale, sums);
            }
        }
        walks.iter_mut().zip(sums).for_each(|(walk, sums)| walk.put_aside(sums));
    }
    let mut all = Walk { left: &[], right: &[], ..walks[0] };
    (all.widest, all.area, all.square) = (0, 0.0, 0.0);
    for mut walk in walks {
        walk.finish(scale);
        all.put_aside((walk.area, walk.square));
        if walk.widest > all.widest {
            (all.widest, all.widest_at) = (walk.widest, walk.widest_at);
        }
    }
    EcdfDistances {
        ks: all.widest as f64 / whole,
        ks_numerator: u128::from(all.widest.unsigned_abs()),
        widest_at: all.widest_at,
        wasserstein: all.area / whole,
        energy: (2.0 * (all.square / whole / whole)).sqrt(),
    }
}

/// Both sides in value order over a part of the range.
#[derive(Clone, Copy)]
struct Walk<'a> {
    left: &'a [f64],
    right: &'a [f64],
    n_left: i64,
    n_right: i64,
    /// The value before.
    last: f64,
    /// `(F − G) · n_left · n_right` at `last`.
    ahead: i64,
    widest: i64,
    widest_at: f64,
    area: f64,
    square: f64,
}

/// The whole range in parts that hold about as many rows of the left side each; equal values stay together.
fn walks<'a>(left: &'a [f64], right: &'a [f64]) -> [Walk<'a>; N_WALKS] {
    let (n_left, n_right) = (left.len() as i64, right.len() as i64);
    let begin = |part: usize| {
        let Some(value) = left.get(left.len() * part / N_WALKS) else { return (left.len(), right.len()) };
        if part == 0 {
            return (0, 0);
        }
        (left.partition_point(|held| held < value), right.partition_point(|held| held < value))
    };
    std::array::from_fn(|part| {
        let ((i, j), (i_end, j_end)) = (begin(part), begin(part + 1));
        let before = |values: &[f64], index: usize| index.checked_sub(1).map(|index| values[index]);
        let last = match (before(left, i), before(right, j)) {
            (Some(x), Some(y)) => x.max(y),
            (Some(x), None) | (None, Some(x)) => x,
            (None, None) => left[0].min(right[0]),
        };
        Walk {
            left: &left[i..i_end],
            right: &right[j..j_end],
            n_left,
            n_right,
            last,
            ahead: i as i64 * n_right - j as i64 * n_left,
            widest: 0,
            widest_at: last,
            area: 0.0,
            square: 0.0,
        }
    })
}

impl Walk<'_> {
    /// Steps that can be taken without reaching an end.
    fn n_sure(&self) -> usize {
        self.left.len().min(self.right.len())
    }

    fn put_aside(&mut self, (area, square): (f64, f64)) {
        self.area += area;
        self.square += square;
    }

    /// Notes the gap between the value before and `value`.
    #[inline(always)]
    fn reach(&mut self, value: f64, scale: f64, (area, square): &mut (f64, f64)) {
        let size = if value > self.last { self.ahead.abs() } else { 0 };
        let share = size as f64;
        let step = share * (value * scale - self.last * scale);
        *area += step;
        *square += share * step;
        self.widest_at = if size > self.widest { self.last } else { self.widest_at };
        self.widest = if size > self.widest { size } else { self.widest };
        self.last = value;
    }

    /// Takes the next value, from both sides when both have it. Neither side may be at its end.
    #[inline(always)]
    fn step(&mut self, scale: f64, sums: &mut (f64, f64)) {
        let (x, y) = (self.left[0], self.right[0]);
        let value = if x < y { x } else { y };
        self.reach(value, scale, sums);
        let (take_left, take_right) = (x <= value, y <= value);
        self.left = &self.left[usize::from(take_left)..];
        self.right = &self.right[usize::from(take_right)..];
        self.ahead += i64::from(take_left) * self.n_right - i64::from(take_right) * self.n_left;
    }

    /// Walks to the end of both sides.
    fn finish(&mut self, scale: f64) {
        while let steps @ 1.. = self.n_sure().min(STEPS) {
            let mut sums = (0.0, 0.0);
            (0..steps).for_each(|_| self.step(scale, &mut sums));
            self.put_aside(sums);
        }
        let (rest, weight) = if self.left.is_empty() { (self.right, -self.n_left) } else { (self.left, self.n_right) };
        for block in rest.chunks(STEPS) {
            let mut sums = (0.0, 0.0);
            for value in block {
                self.reach(*value, scale, &mut sums);
                self.ahead += weight;
            }
            self.put_aside(sums);
        }
    }
}

fn measure_runs(reference: &Sample, current: &Sample, scale: f64) -> EcdfDistances {
    let (n1, n2) = (i128::from(reference.n()), i128::from(current.n()));
    let whole = n1 as f64 * n2 as f64;
    let mut last = f64::NAN;
    let (mut ahead, mut widest, mut widest_at) = (0_i128, 0_i128, 0.0);
    let (mut area, mut square) = (0.0_f64, 0.0_f64);
    pooled_runs(reference, current, |value, a, b| {
        if !last.is_nan() {
            let share = ahead.unsigned_abs() as f64 / whole;
            let step = share * (value * scale - last * scale);
            area += step;
            square += share * step;
            if ahead.abs() > widest {
                (widest, widest_at) = (ahead.abs(), last);
            }
        } else {
            widest_at = value;
        }
        ahead += i128::from(a) * n2 - i128::from(b) * n1;
        last = value;
    });
    EcdfDistances {
        ks: widest as f64 / whole,
        ks_numerator: widest.unsigned_abs(),
        widest_at,
        wasserstein: area,
        energy: (2.0 * square).sqrt(),
    }
}

/// Wasserstein-1 distance: how far a row has to move on average to turn one side into the other.
///
/// `∫ |F − G| dx`, in the units of the values, 0 for equal samples, no upper bound, symmetric.
/// Undefined when a side is empty or the area exceeds the range of a double.
/// Moves with outliers: one row of a million, moved by a million, counts 1.
/// When a sample was compacted, `half_width` is the most that this can have moved the distance.
/// Same as `scipy.stats.wasserstein_distance`.
pub fn wasserstein(reference: &Sample, current: &Sample) -> Metric {
    match ecdf_distances(reference, current) {
        None => Metric::undefined(empty_reason(reference.is_empty())),
        Some(distances) => wasserstein_of(&distances, reference, current),
    }
}

/// [`wasserstein`] from a pass already made.
pub fn wasserstein_of(distances: &EcdfDistances, reference: &Sample, current: &Sample) -> Metric {
    Metric::distance(distances.wasserstein).with_half_width(reference.transport_error() + current.transport_error())
}

/// [`wasserstein`] in units of the reference's spread, so that columns can be compared.
///
/// Divided by `IQR / 1.349` of the reference (its standard deviation, were it normal), or by its standard deviation
/// (divisor n) when the middle half of the reference is one value. No upper bound, not symmetric.
/// Undefined when a side is empty or the reference is constant while the current side is not equal to it: there is
/// no scale. Both constant and equal gives 0.
pub fn wasserstein_scaled(reference: &Sample, current: &Sample) -> Metric {
    match ecdf_distances(reference, current) {
        None => Metric::undefined(empty_reason(reference.is_empty())),
        Some(distances) => wasserstein_scaled_of(&distances, reference, current),
    }
}

/// [`wasserstein_scaled`] from a pass already made.
pub fn wasserstein_scaled_of(distances: &EcdfDistances, reference: &Sample, current: &Sample) -> Metric {
    if distances.wasserstein == 0.0 {
        return Metric::distance(0.0);
    }
    let quarter = |p: f64| reference.quantile(p).unwrap_or(0.0);
    let spread = (quarter(0.75) - quarter(0.25)) / 1.349;
    let (unit, detail) = if spread > 0.0 {
        (spread, "divided by IQR / 1.349 of the reference")
    } else {
        let deviation = reference.standard_deviation(0).unwrap_or(0.0);
        (deviation, "divided by the standard deviation of the reference")
    };
    if unit <= 0.0 {
        return Metric::undefined("the reference is constant, so there is no scale to divide by");
    }
    Metric::distance(distances.wasserstein / unit)
        .with_half_width((reference.transport_error() + current.transport_error()) / unit)
        .with_detail(detail)
}

/// Energy distance: `√(2 ∫ (F − G)² dx)`.
///
/// In the root of value units, 0 for equal samples, no upper bound, symmetric; less moved by single outliers than
/// [`wasserstein`]. Undefined when a side is empty. Same as `scipy.stats.energy_distance` (Székely and Rizzo 2013).
pub fn energy_distance(reference: &Sample, current: &Sample) -> Metric {
    match ecdf_distances(reference, current) {
        None => Metric::undefined(empty_reason(reference.is_empty())),
        Some(distances) => Metric::distance(distances.energy),
    }
}
