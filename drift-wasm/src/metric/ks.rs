//! Two-sample Kolmogorov-Smirnov test.

use crate::metric::Metric;
use crate::metric::ecdf::{EcdfDistances, ecdf_distances};
use crate::metric::empty_reason;
use crate::metric::kolmogorov;
use crate::profile::Sample;

/// Up to this many rows on the larger side the p-value is exact, as in SciPy.
const EXACT_LIMIT: u64 = 10_000;

/// Kolmogorov-Smirnov: the widest gap between the two cumulative shares, and how likely so wide a gap is.
///
/// `D = max |F − G|`, 0–1, symmetric; `p_value` is the probability of at least that gap when both sides come from one
/// continuous distribution (with ties it is conservative). `D = 0` gives p = 1 at once.
/// Undefined when a side is empty. `detail` says whether p is `exact` (at most 10,000 rows a side) or `asymptotic`.
/// When a sample was compacted, `half_width` bounds how far D can be off.
/// Same as `scipy.stats.ks_2samp` with `method="auto"`.
pub fn ks(reference: &Sample, current: &Sample) -> Metric {
    match ecdf_distances(reference, current) {
        None => Metric::undefined(empty_reason(reference.is_empty())),
        Some(distances) => ks_of(&distances, reference, current),
    }
}

/// [`ks`] from a pass already made.
pub fn ks_of(distances: &EcdfDistances, reference: &Sample, current: &Sample) -> Metric {
    let (p_value, detail) = p_value(distances, reference.n(), current.n());
    Metric::distance_test(distances.ks, p_value)
        .with_half_width(reference.share_error() + current.share_error())
        .with_detail(detail)
}

/// [`ks`] with the asymptotic p-value whatever the size.
///
/// Same as `scipy.stats.ks_2samp` with `method="asymp"`.
pub fn ks_asymptotic(distances: &EcdfDistances, reference: &Sample, current: &Sample) -> Metric {
    let p_value = ks_p_asymptotic(distances.ks, reference.n(), current.n());
    Metric::distance_test(distances.ks, p_value)
        .with_half_width(reference.share_error() + current.share_error())
        .with_detail("asymptotic")
}

/// p-value of a two-sample distance from the one-sample distribution with `n₁ n₂ / (n₁ + n₂)` rows, rounded.
pub fn ks_p_asymptotic(d: f64, n_reference: u64, n_current: u64) -> f64 {
    let (n1, n2) = (n_reference as f64, n_current as f64);
    if d <= 0.0 || n_reference == 0 || n_current == 0 {
        return 1.0;
    }
    let (large, small) = (n1.max(n2), n1.min(n2));
    kolmogorov::upper(libm::rint(large * small / (large + small)) as u64, d)
}

fn p_value(distances: &EcdfDistances, n1: u64, n2: u64) -> (f64, &'static str) {
    if distances.ks_numerator == 0 {
        return (1.0, "exact");
    }
    if n1.max(n2) <= EXACT_LIMIT {
        let divisor = greatest_common_divisor(n1, n2);
        // D in steps of 1 / lcm(n1, n2); the numerator is a multiple of the common divisor.
        let steps = (distances.ks_numerator / u128::from(divisor)) as u64;
        let p = if n1 == n2 { outside_square(n1, steps) } else { outside(n1, n2, divisor, steps) };
        if (0.0..=1.0).contains(&p) {
            return (p, "exact");
        }
    }
    (ks_p_asymptotic(distances.ks, n1, n2), "asymptotic")
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Share of lattice paths in an n×n square that touch `|x − y| >= h` (a Horner form of the reflection sum).
fn outside_square(n: u64, h: u64) -> f64 {
    let mut p = 0.0;
    for k in (0..=n / h).rev() {
        let mut ratio = 1.0;
        for j in 0..h {
            let Some(above) = n.checked_sub(k * h + j) else {
                ratio = 0.0;
                break;
            };
            ratio = above as f64 * ratio / (n + k * h + j + 1) as f64;
        }
        p = ratio * (1.0 - p);
    }
    2.0 * p
}

/// Share of lattice paths from (0, 0) to (m, n) that touch `|x/m − y/n| >= h / lcm(m, n)`.
///
/// Column by column inside a sliding window; every entry is the probability of having been outside by then, a
/// weighted mean of two earlier ones, so nothing cancels and tails stay exact.
fn outside(n1: u64, n2: u64, divisor: u64, h: u64) -> f64 {
    let (m, n) = (n1.max(n2), n1.min(n2));
    let (mg, ng) = ((m / divisor) as i64, (n / divisor) as i64);
    let (m, n, h) = (m as i64, n as i64, h as i64);
    let reciprocal: Vec<f64> = (0..=m + n).map(|k| 1.0 / (k.max(1)) as f64).collect();
    let ceiling = |a: i64| a.div_euclid(mg) + i64::from(a.rem_euclid(mg) != 0);
    let (mut low, mut high) = (0, ceiling(h).min(n + 1));
    // Entries beyond the window are 1: certainly outside.
    let mut column = vec![1.0; (n + 2) as usize];
    column[..high as usize].fill(0.0);
    for i in 1..=m {
        let next_low = ((ng * i - h).div_euclid(mg) + 1).clamp(0, n);
        let next_high = ceiling(ng * i + h).min(n + 1);
        if next_high <= next_low {
            return 1.0;
        }
        column[low as usize..next_low as usize].fill(1.0);
        let x = i as f64;
        let mut below = if next_low == 0 { 0.0 } else { 1.0 };
        let cells = &mut column[next_low as usize..next_high as usize];
        let inverse = &reciprocal[(i + next_low) as usize..(i + next_high) as usize];
        let mut y = next_low as f64;
        for (cell, inverse) in cells.iter_mut().zip(inverse) {
            below = *cell * (x * inverse) + below * (y * inverse);
            *cell = below;
            y += 1.0;
        }
        (low, high) = (next_low, next_high);
    }
    column[high as usize - 1]
}
