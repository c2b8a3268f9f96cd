//! What a count of simulations says about the rate behind it.

/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// 95 % interval of a share (Wilson 1927): right for shares near 0 and 1 as well.
pub fn share(k: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (k, n) = (k as f64, n as f64);
    let p = k / n;
    let middle = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let all = 1.0 + Z * Z / n;
    (((middle - half) / all).max(0.0), ((middle + half) / all).min(1.0))
}

/// 95 % interval of the difference of two shares that were seen on the same comparisons.
///
/// `n_only_first` and `n_only_second` are the comparisons on which they disagree.
pub fn paired_difference(n_only_first: u64, n_only_second: u64, n: u64) -> (f64, f64) {
    let (b, c, n) = (n_only_first as f64, n_only_second as f64, n.max(1) as f64);
    let difference = (b - c) / n;
    // One more disagreement on either side keeps the interval honest when there was none.
    let variance = ((b + c + 2.0) - (b - c) * (b - c) / n) / (n * n);
    let half = Z * variance.max(0.0).sqrt();
    (difference - half, difference + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_what_was_seen() {
        let (low, high) = share(50, 1000);
        assert!(low < 0.05 && high > 0.05 && (0.036..0.039).contains(&low) && (0.064..0.067).contains(&high));
        let (low, high) = share(0, 200);
        assert!(low < 1e-12 && (0.018..0.020).contains(&high));
        assert_eq!(share(0, 0), (0.0, 1.0));
    }

    #[test]
    fn a_clear_difference_lies_below_nothing() {
        assert!(paired_difference(10, 100, 1000).1 < -0.06);
        assert!(paired_difference(10, 12, 1000).1 > 0.0);
    }
}
