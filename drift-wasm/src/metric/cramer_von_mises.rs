//! Two-sample Cramér–von Mises test.

use std::f64::consts::PI;

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::profile::{Sample, pooled_runs};

/// Up to this many rows on the larger side the p-value is exact, as in SciPy.
const EXACT_LIMIT: u64 = 20;

/// Cramér–von Mises: the mean squared gap between the cumulative shares, over the pooled rows.
///
/// `T = U / (n₁ n₂ N) − (4 n₁ n₂ − 1) / (6 N)` from midranks, 0 and up, symmetric.
/// Undefined when a side has fewer than two rows. With heavy ties T does not go to 0 for equal shares: two equal
/// constant columns of different sizes give a tiny p, in SciPy as here, so do not read it on a constant column.
/// `detail` says whether p is `exact` (at most 20 rows a side) or `asymptotic`; the latter has SciPy's cut-off and is
/// good to 1e-7 in absolute terms, [`cramer_von_mises_series`] is good in the tail too.
/// Same as `scipy.stats.cramervonmises_2samp` (Anderson 1962).
pub fn cramer_von_mises(reference: &Sample, current: &Sample) -> Metric {
    evaluate(reference, current, |u| match u.is_small() {
        true => (exact(u, |x| x), "exact"),
        false => ((1.0 - bessel_series(u.limit(), 1e-7)).max(0.0), "asymptotic"),
    })
}

/// [`cramer_von_mises`] with the limiting distribution whatever the size, summed to the end.
pub fn cramer_von_mises_series(reference: &Sample, current: &Sample) -> Metric {
    evaluate(reference, current, |u| (limit_upper(u.limit()), "asymptotic"))
}

/// [`cramer_von_mises`] as Evidently's copy of SciPy's code has it: on few rows it counts in half precision.
pub(crate) fn cramer_von_mises_evidently(reference: &Sample, current: &Sample) -> Metric {
    evaluate(reference, current, |u| {
        let bound = u.lcm() * u.lcm() * i128::from(u.n1 + u.n2);
        let ways = u.ways();
        if !u.is_small() {
            ((1.0 - bessel_series(u.limit(), 1e-7)).max(0.0), "asymptotic")
        } else if bound as f64 <= ways && ways < 65_000.0 {
            (exact(u, half_precision), "exact")
        } else {
            (exact(u, |x| x), "exact")
        }
    })
}

/// Rounds to the eleven binary digits of a half-precision number (which small counts fit).
fn half_precision(x: f64) -> f64 {
    if x <= 0.0 {
        return x;
    }
    let (_, exponent) = libm::frexp(x);
    let shift = exponent.max(-13) - 11;
    libm::scalbn(libm::rint(libm::scalbn(x, -shift)), shift)
}

/// The statistic in whole numbers.
struct Statistic {
    n1: u64,
    n2: u64,
    /// `6 · 4U − 4 n₁ n₂ (4 n₁ n₂ − 1)`, which is `24 n₁ n₂ N T`.
    numerator: i128,
}

impl Statistic {
    fn pairs(&self) -> i128 {
        i128::from(self.n1) * i128::from(self.n2)
    }

    fn is_small(&self) -> bool {
        self.n1.max(self.n2) <= EXACT_LIMIT
    }

    fn lcm(&self) -> i128 {
        self.pairs() / i128::from(divisor(self.n1, self.n2))
    }

    /// Number of ways to choose the reference's rows.
    fn ways(&self) -> f64 {
        let mut ways = 1.0;
        for i in 1..=self.n1 {
            ways = ways * (self.n2 + i) as f64 / i as f64;
        }
        libm::rint(ways)
    }

    fn value(&self) -> f64 {
        let total = self.n1 as f64 + self.n2 as f64;
        self.numerator as f64 / (24.0 * self.pairs() as f64 * total)
    }

    /// The statistic brought to mean and variance of the limiting distribution.
    fn limit(&self) -> f64 {
        let (n1, n2) = (self.n1 as f64, self.n2 as f64);
        let (k, total) = (n1 * n2, n1 + n2);
        let mean = (1.0 + 1.0 / total) / 6.0;
        let variance =
            (total + 1.0) * (4.0 * k * total - 3.0 * (n1 * n1 + n2 * n2) - 2.0 * k) / (45.0 * total * total * 4.0 * k);
        1.0 / 6.0 + (self.value() - mean) / (45.0 * variance).sqrt()
    }
}

fn evaluate(reference: &Sample, current: &Sample, p_value: impl Fn(&Statistic) -> (f64, &'static str)) -> Metric {
    if reference.is_empty() || current.is_empty() {
        return Metric::undefined(empty_reason(reference.is_empty()));
    }
    let (n1, n2) = (reference.n(), current.n());
    if n1 < 2 || n2 < 2 {
        return Metric::undefined("a side has fewer than two rows");
    }
    let k = i128::from(n1) * i128::from(n2);
    let statistic = Statistic { n1, n2, numerator: 6 * fourfold_u(reference, current) - 4 * k * (4 * k - 1) };
    let (p, detail) = p_value(&statistic);
    Metric::test(statistic.value(), p).with_detail(detail)
}

/// `4 U`, `U = n₁ Σ (rᵢ − i)² + n₂ Σ (sⱼ − j)²` over midranks, in whole numbers.
fn fourfold_u(reference: &Sample, current: &Sample) -> i128 {
    let (mut before1, mut before2) = (0_i128, 0_i128);
    let (mut sum1, mut sum2) = (0_i128, 0_i128);
    // Σ_{s=1..a} (c − 2 s)²
    let squares = |c: i128, a: i128| a * c * c - 2 * c * a * (a + 1) + 2 * a * (a + 1) * (2 * a + 1) / 3;
    pooled_runs(reference, current, |_, a, b| {
        let (a, b) = (i128::from(a), i128::from(b));
        let twice_rank = 2 * (before1 + before2) + a + b + 1;
        sum1 += squares(twice_rank - 2 * before1, a);
        sum2 += squares(twice_rank - 2 * before2, b);
        before1 += a;
        before2 += b;
    });
    i128::from(reference.n()) * sum1 + i128::from(current.n()) * sum2
}

/// Upper tail of the limiting distribution: that of `Σ Zⱼ² / (π j)²`.
fn limit_upper(x: f64) -> f64 {
    if x < 0.003 {
        1.0
    } else if x > 0.6 {
        smirnov_tail(x)
    } else {
        (1.0 - bessel_series(x, 1e-18)).clamp(0.0, 1.0)
    }
}

/// Lower tail by Anderson and Darling's series in Bessel functions, up to the first term below `least`.
fn bessel_series(x: f64, least: f64) -> f64 {
    if x < 0.003 {
        return 0.0;
    }
    let mut sum = 0.0;
    // Γ(k + 1/2) / k!, from k = 0.
    let mut ratio = PI.sqrt();
    for k in 0..1000 {
        let k = f64::from(k);
        let y = 4.0 * k + 1.0;
        let q = y * y / (16.0 * x);
        let term = ratio / (PI * PI.sqrt() * x.sqrt()) * y.sqrt() * bessel_quarter(q);
        sum += term;
        if term < least {
            break;
        }
        ratio *= (k + 0.5) / (k + 1.0);
    }
    sum
}

/// `e^-q K_{1/4}(q)` by the trapezoid rule on `∫ e^{-q (1 + cosh t)} cosh(t / 4) dt`, which converges like e^{-π²/h}.
fn bessel_quarter(q: f64) -> f64 {
    let step = (0.5 / q.sqrt()).min(0.2);
    let mut sum = 0.5 * libm::exp(-2.0 * q);
    for i in 1..10_000 {
        let t = f64::from(i) * step;
        let term = libm::exp(-q * (1.0 + libm::cosh(t))) * libm::cosh(0.25 * t);
        sum += term;
        if term <= sum * 1e-18 {
            break;
        }
    }
    sum * step
}

/// Upper tail by Smirnov's integral, accurate in relative terms however far out.
///
/// `(2/π) Σ (−1)^{k+1} ∫ √(s / |sin s|) e^{-x s² / 2} ds / s` over `((2k−1)π, 2kπ)`; Chebyshev nodes take up the
/// singular ends.
fn smirnov_tail(x: f64) -> f64 {
    const NODES: i32 = 400;
    let mut p = 0.0;
    for k in 1..=2 {
        let first = f64::from(2 * k - 1) * PI;
        let half = PI / 2.0;
        let mut sum = 0.0;
        for i in 0..NODES {
            let angle = (f64::from(i) + 0.5) * PI / f64::from(NODES);
            // Distance from the nearer end, without cancellation.
            let u = half * 2.0 * libm::sin(angle / 2.0) * libm::sin(angle / 2.0);
            let s = first + u;
            let root = u * (PI - u);
            let sine = libm::sin(if u < half { u } else { PI - u });
            sum += (s * root / sine).sqrt() / s * libm::exp(-x * s * s / 2.0);
        }
        let part = 2.0 / PI * (PI / f64::from(NODES)) * sum;
        p += if k == 1 { part } else { -part };
    }
    p.clamp(0.0, 1.0)
}

/// Exact p-value by counting lattice paths with each value of the statistic (Xiao, Gordon, Yakovlev 2006).
///
/// Counts are whole numbers that a double holds; `round` is applied to each sum.
fn exact(statistic: &Statistic, round: impl Fn(f64) -> f64) -> f64 {
    let (m, n) = (statistic.n1 as usize, statistic.n2 as usize);
    let (k, lcm) = (statistic.pairs(), statistic.lcm());
    let (a, b) = (lcm / m as i128, lcm / n as i128);
    let total = (m + n) as i128;
    let bound = (lcm * lcm * total * statistic.numerator).div_euclid(24 * k * k);
    // For each row v: the values reached and in how many ways.
    let mut rows: Vec<Vec<(i128, f64)>> = vec![Vec::new(); m + 1];
    rows[0] = vec![(0, 1.0)];
    for u in 0..=n {
        let mut below: Vec<(i128, f64)> = Vec::new();
        for (v, row) in rows.iter_mut().enumerate() {
            let step = a * v as i128 - b * u as i128;
            let mut merged = merge(&below, row, &round);
            for entry in &mut merged {
                entry.0 += step * step;
            }
            row.clone_from(&merged);
            below = merged;
        }
    }
    let extreme: f64 = rows[m].iter().filter(|(value, _)| *value >= bound).map(|(_, ways)| ways).sum();
    round(round(extreme) / round(statistic.ways()))
}

fn divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn merge(left: &[(i128, f64)], right: &[(i128, f64)], round: impl Fn(f64) -> f64) -> Vec<(i128, f64)> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let (x, y) = (left.get(i), right.get(j));
        match (x, y) {
            (Some(x), Some(y)) if x.0 == y.0 => {
                merged.push((x.0, round(x.1 + y.1)));
                i += 1;
                j += 1;
            }
            (Some(x), Some(y)) if x.0 < y.0 => {
                merged.push(*x);
                i += 1;
            }
            (_, Some(y)) => {
                merged.push(*y);
                j += 1;
            }
            (Some(x), None) => {
                merged.push(*x);
                i += 1;
            }
            (None, None) => break,
        }
    }
    merged
}
