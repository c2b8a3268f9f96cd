//! The distribution of the one-sample Kolmogorov-Smirnov distance `D_n`.
//!
//! Same choice of methods as SciPy's `kstwo` (Simard and L'Ecuyer 2011, "Computing the two-sided
//! Kolmogorov-Smirnov distribution"), so that p-values agree with it: Ruben-Gambino at both ends, Durbin's matrix
//! (Marsaglia, Tsang, Wang 2003), Pomeranz's recursion (1974), Pelz and Good's expansion (1976), and twice the
//! one-sided tail where the two sides hardly overlap.

use std::f64::consts::PI;

use crate::metric::special::{binomial_density, stirling_error};

/// `P(D_n >= d)`.
///
/// Range 0–1. Tails are good to about 1e-12 in relative terms down to 1e-300.
pub fn upper(n: u64, d: f64) -> f64 {
    if d >= 1.0 {
        return 0.0;
    }
    if d <= 0.0 || n == 0 {
        return 1.0;
    }
    let size = n as f64;
    let t = size * d;
    if t <= 1.0 {
        return 1.0 - smallest(size, t);
    }
    if t >= size - 1.0 {
        return (2.0 * libm::exp(size * libm::log1p(-d))).min(1.0);
    }
    if d >= 0.5 {
        return (2.0 * one_sided(n, d)).min(1.0);
    }
    let spread = t * d;
    let below = if n <= 140 {
        if spread <= 0.754_693 {
            durbin(n, d)
        } else if spread <= 4.0 {
            pomeranz(n, d)
        } else {
            return (2.0 * one_sided(n, d)).min(1.0);
        }
    } else if spread >= 370.0 {
        return 0.0;
    } else if spread >= 2.2 {
        return (2.0 * one_sided(n, d)).min(1.0);
    } else if spread <= 0.03 {
        // The cumulative probability is below 1e-16 here, and the matrix would be large.
        0.0
    } else if n <= 100_000 && size * d * d.sqrt() <= 1.4 {
        durbin(n, d)
    } else {
        pelz_good(size, d)
    };
    (1.0 - below).clamp(0.0, 1.0)
}

/// `P(D_n <= d)` for `1/2 < t = n d <= 1`: `n! ((2t - 1) / n)^n`.
fn smallest(n: f64, t: f64) -> f64 {
    if t <= 0.5 {
        return 0.0;
    }
    let ln_factorial_share = stirling_error(n) + 0.5 * libm::log(2.0 * PI * n) - n;
    libm::exp(ln_factorial_share + n * libm::log(2.0 * t - 1.0)).min(1.0)
}

/// `P(D_n⁺ >= d)` by Birnbaum and Tingey's sum; all terms are positive.
///
/// Above a few thousand terms the sum is taken with a stride: the terms are then a smooth bump that vanishes at both
/// ends, where the trapezoid rule is exact to rounding.
fn one_sided(n: u64, d: f64) -> f64 {
    let size = n as f64;
    let last = libm::floor(size * (1.0 - d)) as u64;
    let shift = size * d;
    let mut sum = libm::exp(size * libm::log1p(-d));
    let stride = if last > 8192 { last / 1024 } else { 1 };
    let mut j = stride;
    let mut rest = 0.0;
    while j <= last.min(n - 1) {
        let k = j as f64;
        let p = (k + shift) / size;
        let q = (size - k - shift) / size;
        rest += binomial_density(k, size, p, q, -shift) * (d / p);
        j += stride;
    }
    sum += rest * stride as f64;
    sum
}

/// `P(D_n < d)` as an entry of the n-th power of Durbin's matrix.
fn durbin(n: u64, d: f64) -> f64 {
    let nd = n as f64 * d;
    let k = libm::ceil(nd) as usize;
    let h = k as f64 - nd;
    let m = 2 * k - 1;
    let mut matrix = vec![0.0; m * m];
    let mut factor = 1.0;
    let mut weights = vec![0.0; m];
    let mut first = vec![0.0; m];
    let mut power = 1.0;
    for j in 1..=m {
        weights[j - 1] = factor;
        factor /= j as f64;
        power *= h;
        first[j - 1] = (1.0 - power) * factor;
    }
    let corner = whole_power((2.0 * h - 1.0).max(0.0), m) - 2.0 * power;
    first[m - 1] = (1.0 + corner) * factor;
    for column in 1..m {
        for row in (column - 1)..m {
            matrix[row * m + column] = weights[row + 1 - column];
        }
    }
    for row in 0..m {
        matrix[row * m] = first[row];
    }
    for column in 0..m {
        matrix[(m - 1) * m + column] = first[m - 1 - column];
    }
    let (mut result, mut result_exponent) = (identity(m), 0_i64);
    let mut exponent = 0_i64;
    let mut left = n;
    while left > 0 {
        if left % 2 == 1 {
            result = multiply(&result, &matrix, m);
            result_exponent += exponent;
        }
        left /= 2;
        if left == 0 {
            break;
        }
        matrix = multiply(&matrix, &matrix, m);
        exponent *= 2;
        if matrix[(k - 1) * m + k - 1].abs() > BIG {
            for entry in &mut matrix {
                *entry *= SMALL;
            }
            exponent += 128;
        }
    }
    let mut p = result[(k - 1) * m + k - 1];
    for i in 1..=n {
        p = i as f64 * p / n as f64;
        if p.abs() < SMALL {
            p *= BIG;
            result_exponent -= 128;
        }
    }
    scale(p, result_exponent).clamp(0.0, 1.0)
}

const BIG: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;
const SMALL: f64 = 1.0 / BIG;

fn scale(x: f64, exponent: i64) -> f64 {
    libm::scalbn(x, exponent.clamp(-5000, 5000) as i32)
}

fn whole_power(x: f64, n: usize) -> f64 {
    let mut product = 1.0;
    for _ in 0..n {
        product *= x;
    }
    product
}

fn identity(m: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; m * m];
    for i in 0..m {
        matrix[i * m + i] = 1.0;
    }
    matrix
}

fn multiply(a: &[f64], b: &[f64], m: usize) -> Vec<f64> {
    let mut product = vec![0.0; m * m];
    for (row, out) in a.chunks_exact(m).zip(product.chunks_exact_mut(m)) {
        for (factor, line) in row.iter().zip(b.chunks_exact(m)) {
            if *factor != 0.0 {
                for (sum, entry) in out.iter_mut().zip(line) {
                    *sum += factor * entry;
                }
            }
        }
    }
    product
}

/// First and last column of row `i` that can be other than 0, in Pomeranz's table.
fn pomeranz_window(i: i64, n: i64, whole: i64, ceil: i64, round: i64) -> (i64, i64) {
    let (first, last) = if i == 0 {
        (-whole - ceil - 1, whole + ceil - 1)
    } else {
        let half = (i + 1) / 2;
        if (i + 1) % 2 == 0 {
            if half == n + 1 {
                (n - whole - ceil - 1, n + whole + ceil - 1)
            } else {
                (half - 1 - whole - round - 1, half + whole - 1 + ceil - 1)
            }
        } else {
            (half - 1 - whole - 1, half + whole + round - 1)
        }
    };
    ((first + 2).max(0), last.min(n))
}

/// `P(D_n <= d)` by Pomeranz's recursion.
fn pomeranz(n: u64, d: f64) -> f64 {
    let size = n as f64;
    let t = size * d;
    let whole = libm::floor(t) as i64;
    let part = t - whole as f64;
    let g = part.min(1.0 - part);
    let ceil = i64::from(part > 0.0);
    let round = i64::from(part > 0.5);
    let rows = n as i64;
    let width = (2 * (whole + 1)) as usize;
    let powers = |x: f64| {
        let mut powers = vec![1.0; width];
        for m in 1..width {
            powers[m] = powers[m - 1] * x / m as f64;
        }
        powers
    };
    let edge = powers(g / size);
    let odd = powers(2.0 * g / size);
    let even = powers((1.0 - 2.0 * g) / size);
    // One row of the table, addressed by absolute column.
    let mut row = vec![0.0; n as usize + 1];
    row[0] = 1.0;
    let mut exponent = 0_i64;
    let (mut first, mut last) = pomeranz_window(0, rows, whole, ceil, round);
    for i in 1..=(2 * rows + 1) {
        let factors = if i == 1 || i == 2 * rows + 1 {
            &edge
        } else if i % 2 == 1 {
            &odd
        } else {
            &even
        };
        let (from, to) = pomeranz_window(i, rows, whole, ceil, round);
        let mut next = vec![0.0; n as usize + 1];
        let mut largest = 0.0_f64;
        for j in from..=to {
            let mut sum = 0.0;
            for k in first..=j.min(last) {
                let step = (j - k) as usize;
                if step < width {
                    sum += row[k as usize] * factors[step];
                }
            }
            next[j as usize] = sum;
            largest = largest.max(sum);
        }
        if largest > 0.0 && largest < SMALL {
            for entry in &mut next {
                *entry *= BIG;
            }
            exponent -= 128;
        }
        row = next;
        (first, last) = (from, to);
    }
    let mut p = row[n as usize];
    for m in 1..=n {
        if p.abs() > BIG {
            p *= SMALL;
            exponent += 128;
        }
        p *= m as f64;
    }
    scale(p, exponent).clamp(0.0, 1.0)
}

/// `P(D_n <= d)` by Pelz and Good's expansion in `1 / √n`.
fn pelz_good(n: f64, d: f64) -> f64 {
    let z = n.sqrt() * d;
    let z2 = z * z;
    let (z3, z4) = (z2 * z, z2 * z2);
    let (z6, z7, z8, z10) = (z4 * z2, z4 * z3, z4 * z4, z4 * z4 * z2);
    let pi2 = PI * PI;
    let (pi4, pi6) = (pi2 * pi2, pi2 * pi2 * pi2);
    let exponent = -pi2 / 8.0 / z2;
    if exponent < -708.0 {
        return 0.0;
    }
    let q = libm::exp(exponent);
    let last = libm::ceil(16.0 * z / PI) as u64;
    let mut k0 = [0.0; 4];
    for k in (1..=last).rev() {
        let m = (2 * k - 1) as f64;
        let (m2, m4, m6) = (m * m, m * m * m * m, m * m * m * m * m * m);
        let shrink = libm::exp(exponent * 8.0 * k as f64);
        let terms = [
            1.0,
            -z2 + pi2 / 4.0 * m2,
            6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * m2 + pi4 * (1.0 - 2.0 * z2) / 16.0 * m4,
            -30.0 * z6 - 90.0 * z8
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + pi4 * (-60.0 * z2 + 212.0 * z4) / 16.0 * m4
                + pi6 * (5.0 - 30.0 * z2) / 64.0 * m6,
        ];
        for (sum, term) in k0.iter_mut().zip(terms) {
            *sum = *sum * shrink + term;
        }
    }
    let root = (2.0 * PI).sqrt();
    for (sum, divisor) in k0.iter_mut().zip([z, 6.0 * z4, 72.0 * z7, 6480.0 * z10]) {
        *sum = *sum * q * root / divisor;
    }
    let (mut second, mut third) = (0.0, 0.0);
    for k in (1..=last).rev() {
        let k2 = (k * k) as f64;
        let weight = libm::exp(-pi2 / 2.0 / z2 * k2);
        second += k2 * weight;
        third += (3.0 * z2 - pi2 * k2) * k2 * weight;
    }
    k0[2] += second * pi2 * root / (-36.0 * z3);
    k0[3] += third * pi2 * root / (216.0 * z6);
    k0[0] + k0[1] / n.sqrt() + k0[2] / n + k0[3] / (n * n.sqrt())
}
