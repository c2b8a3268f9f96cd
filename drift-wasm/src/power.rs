//! The smallest drift that a comparison could have seen.

/// 80 % quantile of the standard normal distribution.
const Z_80: f64 = 0.841_621_233_572_914_3;

/// KS distance that is found with 80 % power at level `alpha` by samples of these sizes; above 1 when none is.
///
/// The asymptotic critical value plus the spread of the distance at its widest point (at most ½ per side); conservative.
pub fn smallest_ks(n_reference: u64, n_current: u64, alpha: f64) -> f64 {
    if n_reference == 0 || n_current == 0 {
        return f64::MAX;
    }
    let scale = (1.0 / n_reference as f64 + 1.0 / n_current as f64).sqrt();
    let critical = (libm::log(2.0 / alpha) / 2.0).sqrt();
    (critical + 0.5 * Z_80) * scale
}

/// Total variation over `n_categories` that is found with 80 % power by the chi-square test at level `alpha`.
///
/// By Cauchy and Schwarz every change of that total variation has at least the noncentrality that is needed; many
/// smaller ones are found too. The noncentral distribution is approximated by a normal one.
pub fn smallest_total_variation(n_reference: u64, n_current: u64, n_categories: u64, alpha: f64) -> f64 {
    if n_reference == 0 || n_current == 0 || n_categories < 2 {
        return f64::MAX;
    }
    let freedom = (n_categories - 1) as f64;
    let critical = chi_square_quantile(freedom, alpha);
    // critical = k + λ − z √(2 (k + 2 λ)), solved for λ.
    let mut noncentrality = critical;
    for _ in 0..40 {
        noncentrality = critical - freedom + Z_80 * (2.0 * (freedom + 2.0 * noncentrality)).sqrt();
        noncentrality = noncentrality.max(1.0);
    }
    let scale = 1.0 / n_reference as f64 + 1.0 / n_current as f64;
    0.5 * (noncentrality * scale).sqrt()
}

/// Upper `alpha` quantile of chi-square (Wilson and Hilferty 1931), good to 2.5 % with two degrees of freedom, better with more.
fn chi_square_quantile(freedom: f64, alpha: f64) -> f64 {
    let z = normal_quantile(alpha);
    let h = 2.0 / (9.0 * freedom);
    let root = 1.0 - h + z * h.sqrt();
    freedom * root * root * root
}

/// Upper `alpha` quantile of the normal distribution (Abramowitz and Stegun 26.2.23, error < 4.5e-4).
fn normal_quantile(alpha: f64) -> f64 {
    let t = (-2.0 * libm::log(alpha.clamp(1e-300, 0.5))).sqrt();
    let top = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let bottom = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    t - top / bottom
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_drift_shrinks_with_the_square_root_of_the_rows() {
        let small = smallest_ks(100, 100, 0.05);
        assert!((small / smallest_ks(10_000, 10_000, 0.05) - 10.0).abs() < 1e-9);
        assert!((0.2..0.3).contains(&small), "{small}");
        let table = smallest_total_variation(1000, 1000, 2, 0.05);
        // A two-sided z test on shares near one half needs 2.8 standard errors of √(½/1000).
        assert!((table - 0.0626).abs() < 0.004, "{table}");
    }

    #[test]
    fn quantiles_are_as_good_as_they_say() {
        use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};
        let normal = Normal::standard();
        assert!((normal.inverse_cdf(0.8) - Z_80).abs() < 1e-9);
        for alpha in [0.2, 0.1, 0.05, 0.01, 1e-3] {
            assert!((normal_quantile(alpha) - normal.inverse_cdf(1.0 - alpha)).abs() < 4.5e-4, "{alpha}");
            for freedom in [2.0, 5.0, 20.0, 300.0] {
                let exact = ChiSquared::new(freedom).expect("a positive number").inverse_cdf(1.0 - alpha);
                let off = (chi_square_quantile(freedom, alpha) / exact - 1.0).abs();
                assert!(off < 0.025, "{alpha} {freedom}: {off}");
            }
        }
    }

    #[test]
    fn no_rows_see_nothing() {
        assert!(smallest_ks(0, 10, 0.05) > 1.0);
        assert!(smallest_total_variation(10, 10, 1, 0.05) > 1.0);
    }
}
