//! Two-sample Anderson-Darling test.

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::profile::{Sample, pooled_runs};

/// Anderson-Darling: squared gaps between the cumulative shares, weighted up in the tails.
///
/// Scholz and Stephens' `A²` for two samples with midranks for ties, standardised as `(A² − 1) / σ`; about −1.3 and up,
/// symmetric. `p_value` is a fit to seven tabulated points, good to two digits, and stays within 0.001–0.25.
/// Undefined when a side is empty, with fewer than four rows, or when every row has the same value.
/// Same as `scipy.stats.anderson_ksamp(variant="midrank")` (Scholz and Stephens 1987).
pub fn anderson_darling(reference: &Sample, current: &Sample) -> Metric {
    if reference.is_empty() || current.is_empty() {
        return Metric::undefined(empty_reason(reference.is_empty()));
    }
    let (n1, n2) = (reference.n() as f64, current.n() as f64);
    let total = n1 + n2;
    if total < 4.0 {
        return Metric::undefined("fewer than four rows in all");
    }
    if reference.min() == current.max() && reference.max() == current.min() {
        return Metric::undefined("every row has the same value");
    }
    let (mut before1, mut before2) = (0.0, 0.0);
    let (mut sum1, mut sum2) = (0.0, 0.0);
    pooled_runs(reference, current, |_, a, b| {
        let (a, b) = (a as f64, b as f64);
        let ties = a + b;
        let middle = before1 + before2 + ties / 2.0;
        let weight = ties / total / (middle * (total - middle) - total * ties / 4.0);
        let gap1 = total * (before1 + a / 2.0) - middle * n1;
        let gap2 = total * (before2 + b / 2.0) - middle * n2;
        sum1 += weight * gap1 * gap1;
        sum2 += weight * gap2 * gap2;
        before1 += a;
        before2 += b;
    });
    let raw = (sum1 / n1 + sum2 / n2) * (total - 1.0) / total;
    let statistic = (raw - 1.0) / variance(n1, n2).sqrt();
    Metric::test(statistic, p_value(statistic))
}

/// Variance of `A²` for two samples under no change.
fn variance(n1: f64, n2: f64) -> f64 {
    let total = n1 + n2;
    let (mut harmonic, mut g) = (0.0, 0.0);
    let mut i = total - 1.0;
    while i >= 2.0 {
        harmonic += 1.0 / i;
        g += harmonic / (total - i + 1.0);
        i -= 1.0;
    }
    let h = harmonic + 1.0;
    let inverse = 1.0 / n1 + 1.0 / n2;
    let a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * inverse;
    let b = (2.0 * g - 4.0) * 4.0 + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * inverse - 8.0 * h + 4.0 * g - 6.0;
    let c = (6.0 * h + 2.0 * g - 2.0) * 4.0 + (4.0 * h - 4.0 * g + 6.0) * 2.0 + (2.0 * h - 6.0) * inverse + 4.0 * h;
    let d = (2.0 * h + 6.0) * 4.0 - 8.0 * h;
    (((a * total + b) * total + c) * total + d) / ((total - 1.0) * (total - 2.0) * (total - 3.0))
}

/// Least squares parabola through the logarithms of seven tabulated significance levels (two samples).
fn p_value(statistic: f64) -> f64 {
    if statistic < 0.325 {
        0.25
    } else if statistic > 6.546 {
        0.001
    } else {
        libm::exp(
            -1.077_770_279_820_487_3 + statistic * (-1.008_226_564_465_250_6 + statistic * 0.018_198_094_574_111_258),
        )
    }
}
