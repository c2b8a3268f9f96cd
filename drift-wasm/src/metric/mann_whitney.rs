//! Mann-Whitney U test.

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::metric::special::normal_upper;
use crate::profile::{Sample, pooled_runs};

/// Largest table of the exact distribution; beyond it the normal approximation is used.
const EXACT_CELLS: u128 = 1_000_000;

/// What the ranks of both sides say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    n_reference: u64,
    n_current: u64,
    /// Twice `U` of the reference: pairs in which it is larger, ties counting half.
    twice_u: u128,
    /// Standard deviation of `U` when nothing changed, corrected for ties.
    deviation: f64,
    has_ties: bool,
}

impl Ranks {
    /// Ranks of two samples; `None` when a side is empty.
    pub fn of(reference: &Sample, current: &Sample) -> Option<Self> {
        if reference.is_empty() || current.is_empty() {
            return None;
        }
        let mut before = 0_u128;
        let mut twice_rank_sum = 0_u128;
        let mut ties = 0_u128;
        let mut has_ties = false;
        pooled_runs(reference, current, |_, a, b| {
            let (a, t) = (u128::from(a), u128::from(a) + u128::from(b));
            twice_rank_sum += a * (2 * before + t + 1);
            if t > 1 {
                has_ties = true;
                ties += t * t * t - t;
            }
            before += t;
        });
        let (n1, n2) = (u128::from(reference.n()), u128::from(current.n()));
        let total = (n1 + n2) as f64;
        let variance = (n1 * n2) as f64 / 12.0 * ((total + 1.0) - ties as f64 / (total * (total - 1.0)));
        Some(Self {
            n_reference: reference.n(),
            n_current: current.n(),
            twice_u: twice_rank_sum - n1 * (n1 + 1),
            deviation: variance.max(0.0).sqrt(),
            has_ties,
        })
    }

    /// `U` of the reference.
    pub fn u(&self) -> f64 {
        self.twice_u as f64 / 2.0
    }

    fn twice_u_current(&self) -> u128 {
        2 * u128::from(self.n_reference) * u128::from(self.n_current) - self.twice_u
    }

    fn is_exact(&self) -> bool {
        let pairs = u128::from(self.n_reference) * u128::from(self.n_current);
        self.n_reference.min(self.n_current) <= 8 && !self.has_ties && pairs <= EXACT_CELLS
    }

    /// `P(U >= u)` for twice `u`, by counting arrangements; without ties `u` is whole.
    fn upper_exact(&self, twice_u: u128) -> f64 {
        let pairs = u128::from(self.n_reference) * u128::from(self.n_current);
        // Symmetric: as many arrangements with U >= u as with U <= pairs − u.
        let at_most = (pairs - twice_u / 2) as usize;
        let (few, many) =
            (self.n_reference.min(self.n_current) as usize, self.n_reference.max(self.n_current) as usize);
        // Arrangements by U: Π (1 − q^{many + i}) / (1 − q^i), modulo 2^128, which the counts stay below.
        let mut counts = vec![0_u128; pairs as usize + 1];
        counts[0] = 1;
        for i in 1..=few {
            for u in (many + i..counts.len()).rev() {
                counts[u] = counts[u].wrapping_sub(counts[u - many - i]);
            }
            for u in i..counts.len() {
                counts[u] = counts[u].wrapping_add(counts[u - i]);
            }
        }
        let all: f64 = counts.iter().map(|n| *n as f64).sum();
        let tail: f64 = counts[..=at_most].iter().map(|n| *n as f64).sum();
        tail / all
    }

    fn upper_normal(&self, twice_u: u128, correct_always: bool) -> Option<f64> {
        if self.deviation <= 0.0 {
            return None;
        }
        let pairs = self.n_reference as f64 * self.n_current as f64;
        let above = twice_u as f64 / 2.0 - pairs / 2.0;
        let correction = if above > 0.0 || correct_always { 0.5 } else { 0.0 };
        Some(normal_upper((above - correction) / self.deviation))
    }

    /// p-value of the one-sided alternative that the reference is smaller; 1 when every row is tied.
    pub fn p_less(&self) -> f64 {
        let twice_u = self.twice_u_current();
        if self.is_exact() { self.upper_exact(twice_u) } else { self.upper_normal(twice_u, true).unwrap_or(1.0) }
    }

    fn p_two_sided(&self, exact: bool) -> Option<f64> {
        let twice_u = self.twice_u.max(self.twice_u_current());
        let upper = if exact { Some(self.upper_exact(twice_u)) } else { self.upper_normal(twice_u, false) };
        upper.map(|p| (2.0 * p).min(1.0))
    }
}

/// Mann-Whitney: is one side larger than the other?
///
/// `U` counts the pairs in which the reference is larger (a tie is half), 0 to `n₁ n₂`; `p_value` is two-sided, so a
/// shift up and a shift down weigh the same. Blind to changes of spread or shape.
/// Undefined when a side is empty; without a p-value when every row has the same value.
/// `detail` is `exact` when a side has at most 8 rows and there are no ties, else `asymptotic` (ties and continuity
/// corrected). Same as `scipy.stats.mannwhitneyu`.
pub fn mann_whitney(reference: &Sample, current: &Sample) -> Metric {
    match Ranks::of(reference, current) {
        None => Metric::undefined(empty_reason(reference.is_empty())),
        Some(ranks) => metric(&ranks, ranks.is_exact()),
    }
}

/// [`mann_whitney`] with the normal approximation whatever the size.
pub fn mann_whitney_asymptotic(reference: &Sample, current: &Sample) -> Metric {
    match Ranks::of(reference, current) {
        None => Metric::undefined(empty_reason(reference.is_empty())),
        Some(ranks) => metric(&ranks, false),
    }
}

fn metric(ranks: &Ranks, exact: bool) -> Metric {
    let detail = if exact { "exact" } else { "asymptotic" };
    match ranks.p_two_sided(exact) {
        Some(p) => Metric::test(ranks.u(), p).with_detail(detail),
        None => Metric {
            statistic: Some(ranks.u()),
            undefined: Some("every row has the same value".to_owned()),
            ..Metric::default()
        },
    }
}
