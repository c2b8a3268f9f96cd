//! Student's and Welch's t test.

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::metric::special::student_both;
use crate::profile::Sample;

/// Welch's t test: has the mean changed, with variances of their own on both sides?
///
/// `t = (x̄ − ȳ) / √(s₁²/n₁ + s₂²/n₂)`, two-sided p with Welch-Satterthwaite degrees of freedom.
/// Undefined when a side has fewer than two rows, or both are constant, or a sum exceeds the range of a double.
/// Blind to anything but the mean; heavy tails make it weak.
/// Same as `scipy.stats.ttest_ind(equal_var=False)`.
pub fn welch_t(reference: &Sample, current: &Sample) -> Metric {
    evaluate(reference, current, |v1, n1, v2, n2| {
        let (a, b) = (v1 / n1, v2 / n2);
        let whole = a + b;
        // Shares of the whole keep squares within range.
        let (p, q) = (a / whole, b / whole);
        (whole, 1.0 / (p * p / (n1 - 1.0) + q * q / (n2 - 1.0)))
    })
}

/// Student's t test: has the mean changed, with one variance for both sides?
///
/// `t = (x̄ − ȳ) / √(s² (1/n₁ + 1/n₂))`, two-sided p with `n₁ + n₂ − 2` degrees of freedom.
/// Undefined as [`welch_t`]. Wrong when the spread changed and the sizes differ.
/// Same as `scipy.stats.ttest_ind(equal_var=True)`.
pub fn student_t(reference: &Sample, current: &Sample) -> Metric {
    evaluate(reference, current, |v1, n1, v2, n2| {
        let freedom = n1 + n2 - 2.0;
        let pooled = v1 * ((n1 - 1.0) / freedom) + v2 * ((n2 - 1.0) / freedom);
        (pooled * (1.0 / n1 + 1.0 / n2), freedom)
    })
}

fn evaluate(reference: &Sample, current: &Sample, error: impl Fn(f64, f64, f64, f64) -> (f64, f64)) -> Metric {
    if reference.is_empty() || current.is_empty() {
        return Metric::undefined(empty_reason(reference.is_empty()));
    }
    if reference.n() < 2 || current.n() < 2 {
        return Metric::undefined("a side has fewer than two rows");
    }
    let (Some(mean1), Some(mean2), Some(v1), Some(v2)) =
        (reference.mean(), current.mean(), reference.variance(1), current.variance(1))
    else {
        return Metric::undefined("the variance exceeds the range of a double");
    };
    let (n1, n2) = (reference.n() as f64, current.n() as f64);
    let (squared_error, freedom) = error(v1, n1, v2, n2);
    if !squared_error.is_finite() || squared_error < f64::MIN_POSITIVE {
        return Metric::undefined("both sides are constant");
    }
    let t = (mean1 - mean2) / squared_error.sqrt();
    Metric::test(t, student_both(t, freedom)).with_degrees_of_freedom(freedom)
}
