//! Distribution tails, accurate in relative terms far out, and the same bits on every target.
//!
//! Only `libm` and `+ - * /` are used. The forms follow Loader (2000, "Fast and accurate computation of binomial
//! probabilities"): a density is `exp(-deviance)` with a small Stirling correction, so that nothing large cancels.

use std::f64::consts::{PI, SQRT_2};

const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_8;
const TINY: f64 = 1e-300;
/// A continued fraction is done when a step changes it by no more than two rounding units (it may never be exactly 1).
const CONVERGED: f64 = 4.5e-16;
/// Gamma functions of a larger shape than this would take too many terms.
const HUGE_SHAPE: f64 = 1e9;

/// Upper tail of the standard normal distribution, `P(Z > z)`.
pub fn normal_upper(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// Upper tail of the chi-square distribution, `P(X > x)`; 0 degrees of freedom put everything at 0.
pub fn chi_square_upper(x: f64, degrees_of_freedom: f64) -> f64 {
    gamma_upper(degrees_of_freedom / 2.0, x / 2.0)
}

/// Both tails of Student's t distribution, `P(|T| > |t|)`, for any positive real number of degrees of freedom.
pub fn student_both(t: f64, degrees_of_freedom: f64) -> f64 {
    let t = t.abs();
    if t == 0.0 {
        return 1.0;
    }
    let a = degrees_of_freedom / 2.0;
    let b = 0.5;
    // x = df / (df + t²), y = 1 - x, by their logarithms so that neither under- nor overflows.
    let ratio = (t / degrees_of_freedom.sqrt()) * (t / degrees_of_freedom.sqrt());
    let (ln_x, ln_y) = if ratio.is_finite() && ratio > 0.0 {
        (-libm::log1p(ratio), -libm::log1p(1.0 / ratio))
    } else if ratio > 0.0 {
        (libm::log(degrees_of_freedom) - 2.0 * libm::log(t), 0.0)
    } else {
        return 1.0;
    };
    let (x, y) = if ratio.is_finite() { (1.0 / (1.0 + ratio), ratio / (1.0 + ratio)) } else { (0.0, 1.0) };
    let lead = libm::exp(a * ln_x + b * ln_y - ln_beta_half(a));
    let p = if x > (a + 1.0) / (a + b + 2.0) {
        1.0 - lead * beta_fraction(b, a, y) / b
    } else {
        lead * beta_fraction(a, b, x) / a
    };
    p.clamp(0.0, 1.0)
}

/// Regularised upper incomplete gamma function `Q(a, x)`.
pub fn gamma_upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if a <= 0.0 || !x.is_finite() {
        return 0.0;
    }
    if a > HUGE_SHAPE {
        // Wilson and Hilferty: the cube root is normal, at this size to more digits than the sum would keep.
        let ninth = 1.0 / (9.0 * a);
        return normal_upper((libm::cbrt(x / a) - 1.0 + ninth) / ninth.sqrt());
    }
    // x^a e^-x / Γ(a + 1)
    let lead = poisson_density(a, x);
    let p = if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0, 1.0, a);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        1.0 - sum * lead
    } else {
        let mut b = x + 1.0 - a;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / b;
        let mut h = d;
        for i in 1..1_000_000 {
            let i = f64::from(i);
            let an = -i * (i - a);
            b += 2.0;
            d = 1.0 / away_from_zero(an * d + b);
            c = away_from_zero(b + an / c);
            h *= d * c;
            if (d * c - 1.0).abs() < CONVERGED {
                break;
            }
        }
        lead * a * h
    };
    p.clamp(0.0, 1.0)
}

/// `ln n! - ln(√(2πn) (n/e)^n)` for real `n > 0`.
pub fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - HALF_LN_2_PI
    } else {
        let m = n * n;
        (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / m) / m) / m) / m) / n
    }
}

/// `x ln(x / mean) + mean - x` with `delta = x - mean` given, without cancellation.
pub fn deviance(x: f64, mean: f64, delta: f64) -> f64 {
    if delta.abs() < 0.1 * (x + mean) {
        let v = delta / (x + mean);
        let mut sum = delta * v;
        let mut term = 2.0 * x * v;
        let v = v * v;
        for k in 1..1000 {
            term *= v;
            let next = sum + term / f64::from(2 * k + 1);
            if next == sum {
                break;
            }
            sum = next;
        }
        sum
    } else {
        x * libm::log(x / mean) - delta
    }
}

/// `mean^x e^-mean / Γ(x + 1)` for real `x > 0`.
fn poisson_density(x: f64, mean: f64) -> f64 {
    libm::exp(-stirling_error(x) - deviance(x, mean, x - mean)) / (2.0 * PI * x).sqrt()
}

/// `C(n, k) p^k q^(n - k)` for real `0 < k < n`, with `delta = k - n p`.
pub fn binomial_density(k: f64, n: f64, p: f64, q: f64, delta: f64) -> f64 {
    if p <= 0.0 || q <= 0.0 {
        return 0.0;
    }
    libm::exp(ln_binomial_density(k, n, p, q, delta))
}

fn ln_binomial_density(k: f64, n: f64, p: f64, q: f64, delta: f64) -> f64 {
    let rest = n - k;
    stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - deviance(k, n * p, delta)
        - deviance(rest, n * q, -delta)
        + 0.5 * libm::log(n / (2.0 * PI * k * rest))
}

/// Hypergeometric probability of `k` marked among `drawn`, from `total` of which `marked` are.
pub fn hypergeometric_density(k: u64, drawn: u64, marked: u64, total: u64) -> f64 {
    if k > drawn || k > marked || drawn - k > total - marked {
        return 0.0;
    }
    if total == drawn || drawn == 0 {
        return 1.0;
    }
    let p = drawn as f64 / total as f64;
    let q = (total - drawn) as f64 / total as f64;
    // Logarithms of binomial densities: the densities themselves would underflow long before their ratio does.
    let log = |k: u64, n: u64| -> f64 {
        let size = n as f64;
        if k == 0 {
            size * libm::log1p(-p)
        } else if k == n {
            size * libm::log(p)
        } else {
            let delta = (k as f64 * total as f64 - size * drawn as f64) / total as f64;
            ln_binomial_density(k as f64, size, p, q, delta)
        }
    };
    libm::exp(log(k, marked) + log(drawn - k, total - marked) - log(drawn, total))
}

/// `ln B(a, 1/2)`.
fn ln_beta_half(a: f64) -> f64 {
    let ln_gamma_half = 0.572_364_942_924_700_1;
    let difference = if a > 15.0 {
        let m = a * a;
        0.5 * libm::log(a)
            - (1.0 / 8.0 - (1.0 / 192.0 - (1.0 / 640.0 - (17.0 / 14336.0 - 31.0 / 18432.0 / m) / m) / m) / m) / a
    } else {
        libm::lgamma(a + 0.5) - libm::lgamma(a)
    };
    ln_gamma_half - difference
}

/// The continued fraction of the incomplete beta function (modified Lentz).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..200_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < CONVERGED {
            break;
        }
    }
    h
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}
