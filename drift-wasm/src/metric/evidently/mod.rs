//! Evidently 0.7's tests, bins, thresholds and choices, flaws and all, for those who migrate.
//!
//! Not what DriftSiren's own verdicts are made from. Written from the definitions; proven on the conformance pairs.

mod binned;
mod categorical;
mod choice;
mod numeric;
mod said;

pub use categorical::categorical;
pub use choice::Choice;
pub use numeric::numeric;
pub use said::{EvidentlyColumn, EvidentlyTest};

use crate::metric::special::normal_upper;

/// How a score turns into a verdict.
#[derive(Debug, Clone, Copy)]
enum Rule {
    PBelow(f64),
    PAtMost(f64),
    AtLeast(f64),
    Above(f64),
}

impl Rule {
    fn is_drift(self, score: f64) -> bool {
        match self {
            Self::PBelow(limit) => score < limit,
            Self::PAtMost(limit) => score <= limit,
            Self::AtLeast(limit) => score >= limit,
            Self::Above(limit) => score > limit,
        }
    }
}

/// Default rule of each test.
fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "anderson" | "fisher_exact" | "g_test" => Rule::PBelow(0.1),
        "cramer_von_mises" => Rule::PAtMost(0.1),
        "ed" => Rule::Above(0.1),
        "hellinger" | "jensenshannon" | "kl_div" | "psi" | "wasserstein" => Rule::AtLeast(0.1),
        "chisquare" | "es" | "mannw" | "t_test" | "z" => Rule::PBelow(0.05),
        "ks" => Rule::PAtMost(0.05),
        _ => return None,
    })
}

fn put(column: &mut EvidentlyColumn, name: &str, score: Option<f64>) {
    put_with(column, name, score, None);
}

fn put_with(column: &mut EvidentlyColumn, name: &str, score: Option<f64>, statistic: Option<f64>) {
    let Some(score) = score.filter(|score| score.is_finite()) else {
        return;
    };
    let test = EvidentlyTest {
        score: Some(score),
        drifted: rule(name).map(|rule| rule.is_drift(score)),
        statistic: statistic.filter(|statistic| statistic.is_finite()),
    };
    column.tests.insert(name.to_owned(), test);
}

/// The preset's choice, once its score is known.
fn chosen(column: &mut EvidentlyColumn, choice: Choice, score: Option<f64>) {
    let score = score.filter(|score| score.is_finite());
    column.method = Some(choice);
    column.threshold = Some(choice.threshold());
    column.score = score;
    column.drifted = match (score, rule(choice.key())) {
        (Some(score), Some(rule)) => Some(rule.is_drift(score)),
        _ => None,
    };
}

/// One-sample chi-square of current against the reference's shares: statistic (infinite when current has a label that
/// the reference lacks) and p-value. `None` with fewer than two labels.
fn chi_square_of_fit(reference: &[u64], current: &[u64]) -> Option<(f64, f64)> {
    if reference.len() < 2 {
        return None;
    }
    let n1: u64 = reference.iter().sum();
    let n2: u64 = current.iter().sum();
    if reference.contains(&0) {
        return Some((f64::INFINITY, 0.0));
    }
    let scale = n2 as f64 / n1 as f64;
    let statistic = crate::profile::compensated_sum(reference.iter().zip(current).map(|(a, b)| {
        let expected = *a as f64 * scale;
        let gap = *b as f64 - expected;
        gap * gap / expected
    }));
    let freedom = reference.len() as f64 - 1.0;
    Some((statistic, crate::metric::special::chi_square_upper(statistic, freedom)))
}

/// z test of the share of all labels but the first; p = 1 when both sides hold one and the same label.
fn z_test(reference: &[u64], current: &[u64]) -> Option<f64> {
    let (n1, n2) = (reference.iter().sum::<u64>() as f64, current.iter().sum::<u64>() as f64);
    let (first1, first2) = (*reference.first()? as f64, *current.first()? as f64);
    if reference.len() == 1 {
        return Some(1.0);
    }
    let (p1, p2) = ((n1 - first1) / n1, (n2 - first2) / n2);
    let pooled = (n1 - first1 + n2 - first2) / (n1 + n2);
    let z = (p1 - p2) / (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    z.is_finite().then(|| (2.0 * normal_upper(z.abs())).min(1.0))
}
