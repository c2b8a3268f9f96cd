//! Distances between two lists of counts: bins of numbers or categories, one code for both.
//!
//! Every function takes the rows of each bin or category on both sides, in the same order. Bins empty on both sides
//! do not count. All are undefined when a side is empty.

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::metric::special::chi_square_upper;
use crate::profile::compensated_sum;

/// Shares below this are raised to it in [`psi_textbook`].
const TEXTBOOK_FLOOR: f64 = 1e-4;

/// Both sides' rows in all, or why there is no number.
fn totals(reference: &[u64], current: &[u64]) -> Result<(f64, f64), &'static str> {
    let n1: u64 = reference.iter().sum();
    let n2: u64 = current.iter().sum();
    if n1 == 0 || n2 == 0 {
        return Err(empty_reason(n1 == 0));
    }
    Ok((n1 as f64, n2 as f64))
}

/// Sum of `term(p, q)` over bins that are not empty on both sides.
fn sum_over_shares(reference: &[u64], current: &[u64], n1: f64, n2: f64, term: impl Fn(f64, f64) -> f64) -> f64 {
    compensated_sum(
        reference.iter().zip(current).filter(|(a, b)| **a + **b > 0).map(|(a, b)| term(*a as f64 / n1, *b as f64 / n2)),
    )
}

/// Population stability index, with its significance.
///
/// `Σ (q − p) ln(q / p)`, in nats, 0 for equal shares, no upper bound, symmetric. Half a row is added to every bin on
/// both sides and shares are taken anew, so the result is always finite.
/// Even unchanged data have a PSI of about `(B − 1) (1/n₁ + 1/n₂)`: `p_value` holds `PSI / (1/n₁ + 1/n₂)` against
/// chi-square with B − 1 degrees of freedom. The usual limits 0.1 and 0.25 are a habit, not a test.
/// Source: Yurdakul (2018), "Statistical properties of population stability index".
pub fn psi(reference: &[u64], current: &[u64]) -> Metric {
    let (n1, n2) = match totals(reference, current) {
        Ok(totals) => totals,
        Err(reason) => return Metric::undefined(reason),
    };
    let n_bins = reference.iter().zip(current).filter(|(a, b)| **a + **b > 0).count() as f64;
    let (half1, half2) = (0.5 / n1, 0.5 / n2);
    let (all1, all2) = (1.0 + n_bins * half1, 1.0 + n_bins * half2);
    let value = sum_over_shares(reference, current, n1, n2, |p, q| {
        let (p, q) = ((p + half1) / all1, (q + half2) / all2);
        (q - p) * libm::log(q / p)
    })
    .max(0.0);
    let p_value = if n_bins > 1.0 { chi_square_upper(value / (1.0 / n1 + 1.0 / n2), n_bins - 1.0) } else { 1.0 };
    Metric::distance_test(value, p_value).with_degrees_of_freedom(n_bins - 1.0)
}

/// Population stability index as textbooks have it: shares below 0.0001 are raised to it, nothing is taken anew.
///
/// `Σ (q − p) ln(q / p)`, in nats, 0 for equal shares, at most about 18.4 (disjoint), symmetric.
/// Jumps when one row falls into a bin that was empty; [`psi`] does not.
pub fn psi_textbook(reference: &[u64], current: &[u64]) -> Metric {
    let (n1, n2) = match totals(reference, current) {
        Ok(totals) => totals,
        Err(reason) => return Metric::undefined(reason),
    };
    Metric::distance(sum_over_shares(reference, current, n1, n2, |p, q| {
        let (p, q) = (p.max(TEXTBOOK_FLOOR), q.max(TEXTBOOK_FLOOR));
        (q - p) * libm::log(q / p)
    }))
}

/// Jensen-Shannon distance, base 2.
///
/// Root of the mean of both sides' Kullback-Leibler divergence from their midpoint: 0 for equal shares, 1 for
/// disjoint ones, symmetric, a metric. Grows with the number of bins on small samples.
/// Same as `scipy.spatial.distance.jensenshannon(base=2)` (Lin 1991, Endres and Schindelin 2003).
pub fn jensen_shannon(reference: &[u64], current: &[u64]) -> Metric {
    let (n1, n2) = match totals(reference, current) {
        Ok(totals) => totals,
        Err(reason) => return Metric::undefined(reason),
    };
    let part = |share: f64, middle: f64| {
        if share > 0.0 { share * libm::log2(share / middle) } else { 0.0 }
    };
    let sum = sum_over_shares(reference, current, n1, n2, |p, q| {
        let middle = (p + q) / 2.0;
        part(p, middle) + part(q, middle)
    });
    Metric::distance((sum / 2.0).clamp(0.0, 1.0).sqrt())
}

/// Hellinger distance.
///
/// `√(½ Σ (√p − √q)²)`: 0 for equal shares, 1 for disjoint ones, symmetric, a metric.
pub fn hellinger(reference: &[u64], current: &[u64]) -> Metric {
    let (n1, n2) = match totals(reference, current) {
        Ok(totals) => totals,
        Err(reason) => return Metric::undefined(reason),
    };
    let sum = sum_over_shares(reference, current, n1, n2, |p, q| {
        let gap = p.sqrt() - q.sqrt();
        gap * gap
    });
    Metric::distance((sum / 2.0).clamp(0.0, 1.0).sqrt())
}

/// Total variation distance: the share of rows that would have to change bin.
///
/// `½ Σ |p − q|`: 0 for equal shares, 1 for disjoint ones, symmetric, a metric.
pub fn total_variation(reference: &[u64], current: &[u64]) -> Metric {
    let (n1, n2) = match totals(reference, current) {
        Ok(totals) => totals,
        Err(reason) => return Metric::undefined(reason),
    };
    let sum = sum_over_shares(reference, current, n1, n2, |p, q| (p - q).abs());
    Metric::distance((sum / 2.0).clamp(0.0, 1.0))
}

/// Largest change of one share, with the label that has it.
///
/// `max |p − q|`: 0 for equal shares, 1 when each side is one label of its own, symmetric.
/// `detail` names the label (the first, when there are several).
pub fn l_infinity<'a>(reference: &[u64], current: &[u64], label: impl Fn(usize) -> &'a str) -> Metric {
    let (n1, n2) = match totals(reference, current) {
        Ok(totals) => totals,
        Err(reason) => return Metric::undefined(reason),
    };
    let (mut largest, mut at) = (0.0, None);
    for (index, (a, b)) in reference.iter().zip(current).enumerate() {
        let gap = (*a as f64 / n1 - *b as f64 / n2).abs();
        if gap > largest {
            (largest, at) = (gap, Some(index));
        }
    }
    let metric = Metric::distance(largest);
    match at {
        Some(index) => metric.with_detail(label(index)),
        None => metric,
    }
}
