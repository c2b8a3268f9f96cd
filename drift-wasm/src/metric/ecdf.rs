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

fn measure_exact(left: &[f64], right: &[f64], scale: f64) -> EcdfDistances {
    let (n1, n2) = (left.len() as i64, right.len() as i64);
    let whole = n1 as f64 * n2 as f64;
    let (mut i, mut j) = (0_usize, 0_usize);
    let mut last = left[0].min(right[0]);
    let (mut ahead, mut widest, mut widest_at) = (0_i64, 0_i64, last);
    let (mut area, mut square) = (0.0_f64, 0.0_f64);
    while i < left.len() && j < right.len() {
        let (mut block_area, mut block_square) = (0.0_f64, 0.0_f64);
        for _ in 0..1024 {
            if i >= left.len() || j >= right.len() {
                break;
            }
            let (x, y) = (left[i], right[j]);
            let value = if x < y { x } else { y };
            let size = if value > last { ahead.abs() } else { 0 };
            let share = size as f64;
            let step = share * (value * scale - last * scale);
            block_area += step;
            block_square += share * step;
            widest_at = if size > widest { last } else { widest_at };
            widest = if size > widest { size } else { widest };
            let (take_left, take_right) = (x <= value, y <= value);
            i += usize::from(take_left);
            j += usize::from(take_right);
            ahead += i64::from(take_left) * n2 - i64::from(take_right) * n1;
            last = value;
        }
        area += block_area;
        square += block_square;
    }
    let (rest, step) = if i < left.len() { (&left[i..], n2) } else { (&right[j..], -n1) };
    for block in rest.chunks(1024) {
        let (mut block_area, mut block_square) = (0.0_f64, 0.0_f64);
        for value in block {
            if *value > last {
                let size = ahead.abs();
                let share = size as f64;
                let step = share * (value * scale - last * scale);
                block_area += step;
                block_square += share * step;
                if size > widest {
                    (widest, widest_at) = (size, last);
                }
            }
            ahead += step;
            last = *value;
        }
        area += block_area;
        square += block_square;
    }
    EcdfDistances {
        ks: widest as f64 / whole,
        ks_numerator: u128::from(widest.unsigned_abs()),
        widest_at,
        wasserstein: area / whole,
        energy: (2.0 * (square / whole / whole)).sqrt(),
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
