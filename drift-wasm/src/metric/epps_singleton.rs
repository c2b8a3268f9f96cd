//! Epps-Singleton test.

#![allow(clippy::needless_range_loop, reason = "four-by-four matrices read best by their indices")]

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::metric::special::chi_square_upper;
use crate::profile::{Sample, pooled_runs};

type Four = [f64; 4];
type Matrix = [Four; 4];

/// Epps-Singleton: are the two characteristic functions the same at two points?
///
/// A quadratic form of `cos` and `sin` means at 0.4 and 0.8 per half pooled IQR, 0 and up, chi-square with the rank of
/// the covariance (4) degrees of freedom; works for whole numbers with ties as well.
/// Undefined when a side has fewer than five rows or the middle half of all rows is one value.
/// Same as `scipy.stats.epps_singleton_2samp` (Epps and Singleton 1986).
pub fn epps_singleton(reference: &Sample, current: &Sample) -> Metric {
    if reference.is_empty() || current.is_empty() {
        return Metric::undefined(empty_reason(reference.is_empty()));
    }
    if reference.n() < 5 || current.n() < 5 {
        return Metric::undefined("a side has fewer than five rows");
    }
    let half_iqr = half_interquartile_range(reference, current);
    if half_iqr.is_nan() || half_iqr <= 0.0 {
        return Metric::undefined("the middle half of all rows is one value");
    }
    let points = [0.4 / half_iqr, 0.8 / half_iqr];
    if points.iter().any(|point| !point.is_finite()) {
        return Metric::undefined("the middle half of all rows is too narrow for a double");
    }
    let (n1, n2) = (reference.n() as f64, current.n() as f64);
    let total = n1 + n2;
    let (mean1, covariance1) = moments(reference, points);
    let (mean2, covariance2) = moments(current, points);
    let mut covariance = [[0.0; 4]; 4];
    let mut gap = [0.0; 4];
    for i in 0..4 {
        gap[i] = mean1[i] - mean2[i];
        for j in 0..4 {
            covariance[i][j] = total / n1 * covariance1[i][j] + total / n2 * covariance2[i][j];
        }
    }
    let (form, rank) = inverse_form(covariance, gap);
    if rank == 0 {
        return Metric::undefined("the covariance of the test is 0");
    }
    let mut statistic = total * form;
    if n1.max(n2) < 25.0 {
        let power = |x: f64, exponent: f64| libm::pow(x, exponent);
        statistic /= 1.0 + power(total, -0.45) + 10.1 * (power(n1, -1.7) + power(n2, -1.7));
    }
    let freedom = f64::from(rank);
    if total == 0.0 || form == 0.0 {
        // Equal samples: what a statistic would show is rounding (SciPy gives some 1e-31 by the order of the rows).
        return Metric { p_value: Some(1.0), ..Metric::undefined("both sides hold the same values") };
    }
    Metric::test(statistic, chi_square_upper(statistic, freedom)).with_degrees_of_freedom(freedom)
}

/// Half the distance between the quartiles of both sides together, linear interpolation.
fn half_interquartile_range(reference: &Sample, current: &Sample) -> f64 {
    let last = reference.n() + current.n() - 1;
    let at = |p: f64| {
        let position = last as f64 * p;
        let below = libm::floor(position);
        (below as u64, position - below)
    };
    let ((low, low_part), (high, high_part)) = (at(0.25), at(0.75));
    let ranks = [low, (low + 1).min(last), high, (high + 1).min(last)];
    let mut found = [0.0; 4];
    let mut before = 0;
    pooled_runs(reference, current, |value, a, b| {
        let after = before + a + b;
        for (slot, rank) in found.iter_mut().zip(ranks) {
            if (before..after).contains(&rank) {
                *slot = value;
            }
        }
        before = after;
    });
    let between = |a: f64, b: f64, part: f64| {
        let gap = b - a;
        if !gap.is_finite() {
            a * (1.0 - part) + b * part
        } else if part >= 0.5 {
            b - gap * (1.0 - part)
        } else {
            a + gap * part
        }
    };
    // Halved one by one: the difference itself may overflow.
    between(found[2], found[3], high_part) / 2.0 - between(found[0], found[1], low_part) / 2.0
}

fn waves(value: f64, points: [f64; 2]) -> Four {
    let (a, b) = (points[0] * value, points[1] * value);
    [libm::cos(a), libm::cos(b), libm::sin(a), libm::sin(b)]
}

/// Means and biased covariances of the four waves over a sample.
fn moments(sample: &Sample, points: [f64; 2]) -> (Four, Matrix) {
    let n = sample.n() as f64;
    let mut mean = [0.0; 4];
    for (value, count) in sample.runs() {
        let wave = waves(value, points);
        for i in 0..4 {
            mean[i] += wave[i] * count as f64;
        }
    }
    for entry in &mut mean {
        *entry /= n;
    }
    let mut covariance = [[0.0; 4]; 4];
    for (value, count) in sample.runs() {
        let wave = waves(value, points);
        for i in 0..4 {
            for j in 0..=i {
                covariance[i][j] += (wave[i] - mean[i]) * (wave[j] - mean[j]) * count as f64;
            }
        }
    }
    for i in 0..4 {
        for j in 0..=i {
            covariance[i][j] /= n;
            covariance[j][i] = covariance[i][j];
        }
    }
    (mean, covariance)
}

/// `gᵀ C⁺ g` and the rank of `C⁺`: the pseudo-inverse by Jacobi's rotations, with NumPy's cut-off.
fn inverse_form(mut c: Matrix, gap: Four) -> (f64, u32) {
    let mut vectors = [[0.0; 4]; 4];
    for (i, row) in vectors.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    for _ in 0..60 {
        let mut off = 0.0;
        for i in 0..4 {
            for j in 0..i {
                off += c[i][j] * c[i][j];
            }
        }
        if off == 0.0 {
            break;
        }
        for p in 0..4 {
            for q in (p + 1)..4 {
                rotate(&mut c, &mut vectors, p, q);
            }
        }
    }
    let largest = (0..4).map(|i| c[i][i].abs()).fold(0.0, f64::max);
    let cut = largest * 4.0 * f64::EPSILON;
    let (mut form, mut rank) = (0.0, 0);
    for i in 0..4 {
        if c[i][i].abs() > cut {
            let along: f64 = (0..4).map(|k| vectors[k][i] * gap[k]).sum();
            form += along * along / c[i][i];
            rank += 1;
        }
    }
    (form, rank)
}

fn rotate(c: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    if c[p][q] == 0.0 {
        return;
    }
    let theta = (c[q][q] - c[p][p]) / (2.0 * c[p][q]);
    let t = if theta.abs() > 1e150 {
        0.5 / theta
    } else {
        let size = 1.0 / (theta.abs() + (theta * theta + 1.0).sqrt());
        if theta < 0.0 { -size } else { size }
    };
    let cosine = 1.0 / (t * t + 1.0).sqrt();
    let sine = t * cosine;
    for row in c.iter_mut() {
        let (x, y) = (row[p], row[q]);
        row[p] = cosine * x - sine * y;
        row[q] = sine * x + cosine * y;
    }
    for k in 0..4 {
        let (x, y) = (c[p][k], c[q][k]);
        c[p][k] = cosine * x - sine * y;
        c[q][k] = sine * x + cosine * y;
    }
    c[p][q] = 0.0;
    c[q][p] = 0.0;
    for row in vectors.iter_mut() {
        let (x, y) = (row[p], row[q]);
        row[p] = cosine * x - sine * y;
        row[q] = sine * x + cosine * y;
    }
}
