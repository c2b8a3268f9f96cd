//! Labels that the reference never had.

use crate::format::percent;
use crate::metric::Metric;
use crate::metric::special::normal_upper;
use crate::profile::Contingency;

/// Rows of current with labels that the reference lacks, against what a reference of its size misses by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unseen {
    /// Their share of current's rows, 0–1.
    pub share: f64,
    /// Good's (1953) estimate of the share that is missed by chance: the reference's share of labels seen once.
    pub expected: f64,
    /// The share beyond it, from 0.
    pub effect: f64,
    /// Standard error of the share.
    pub sampling_error: f64,
    /// Probability of at least this when nothing changed; 1 when nothing is unseen.
    pub p_value: f64,
}

impl Unseen {
    /// The share as a metric; the detail says what chance explains.
    pub fn metric(&self) -> Metric {
        let metric = Metric::distance_test(self.share, self.p_value);
        if self.expected > 0.0 {
            metric.with_detail(format!("{} expected by chance", percent(self.expected)))
        } else {
            metric
        }
    }
}

/// Rows with labels that the reference never had, beyond what a reference of its size misses by chance.
///
/// The expected share is Good's (1953) estimate, the reference's share of labels seen once. Two ways to be real, each at
/// half the level: many labels together (normal, with the labels' own sizes as variance), or a single label that is too
/// frequent: were the rows dealt out by chance, how many labels of at least its size would lie in current alone?
/// Every label of both sides must be in the table. All 0 with p = 1 when current has no row.
pub fn unseen_share(table: &Contingency) -> Unseen {
    let (n, m) = (table.n_reference(), table.n_current());
    let rows = || table.reference.iter().zip(&table.current);
    let n_once = rows().filter(|(theirs, _)| **theirs == 1).count() as f64;
    let unseen: Vec<u64> = rows().filter(|(theirs, _)| **theirs == 0).map(|(_, ours)| *ours).collect();
    let n_unseen: u64 = unseen.iter().sum();
    let expected = if n == 0 { 0.0 } else { n_once / n as f64 };
    if n_unseen == 0 {
        return Unseen { share: 0.0, expected, effect: 0.0, sampling_error: 0.0, p_value: 1.0 };
    }
    let share = n_unseen as f64 / m as f64;
    let effect = (share - expected).max(0.0);
    let spread: f64 =
        unseen.iter().map(|k| (k * k) as f64).sum::<f64>() / (m as f64 * m as f64) + n_once / (n as f64 * n as f64);
    let together = if spread > 0.0 { normal_upper(effect / spread.sqrt()) } else { 1.0 };
    let largest = unseen.iter().max().copied().unwrap_or(0);
    let sizes = rows().map(|(theirs, ours)| theirs + ours).filter(|size| *size >= largest);
    let alone: f64 = sizes.map(|size| dealt_to_current(size, n, m)).sum();
    let p_value = (2.0 * together.min(alone)).min(1.0);
    Unseen { share, expected, effect, sampling_error: (share * (1.0 - share) / m as f64).sqrt(), p_value }
}

/// Probability that `size` rows out of `n + m` all lie among the `m` of current when they are dealt out by chance.
///
/// Ends at 1e-12: what is rarer changes nothing.
fn dealt_to_current(size: u64, n: u64, m: u64) -> f64 {
    let mut probability = 1.0;
    for dealt in 0..size {
        if dealt >= m || probability < 1e-12 {
            return if dealt >= m { 0.0 } else { probability };
        }
        probability *= (m - dealt) as f64 / (n + m - dealt) as f64;
    }
    probability
}
