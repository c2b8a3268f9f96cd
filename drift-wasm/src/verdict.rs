//! Verdicts: a change must be real and big enough.

use serde::{Deserialize, Serialize};

/// What is said of a column or a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No change, or one too small to matter.
    Stable,
    /// Real, and between half the floor and the floor.
    Warning,
    /// Real and at or above the floor.
    Drifted,
    /// Too few rows to say.
    InsufficientData,
    /// Could not be evaluated.
    Error,
    /// Its values were not compared; the report says why.
    NotCompared,
}

impl Verdict {
    /// All verdicts, loudest first.
    pub const ALL: [Self; 6] =
        [Self::Drifted, Self::Warning, Self::Error, Self::InsufficientData, Self::NotCompared, Self::Stable];

    /// The word used in JSON, configuration and text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Warning => "warning",
            Self::Drifted => "drifted",
            Self::InsufficientData => "insufficient_data",
            Self::Error => "error",
            Self::NotCompared => "not_compared",
        }
    }

    /// In words for people, in small letters: `drifted`, `too few rows`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Warning => "warning",
            Self::Drifted => "drifted",
            Self::InsufficientData => "too few rows",
            Self::Error => "error",
            Self::NotCompared => "not compared",
        }
    }
}

impl Verdict {
    /// The louder of two verdicts of a dataset.
    #[must_use]
    pub(crate) fn max_with(self, other: Option<Self>) -> Self {
        let rank = |verdict: Self| Self::ALL.iter().position(|one| *one == verdict);
        other.filter(|other| rank(*other) < rank(self)).unwrap_or(self)
    }
}

/// Effect against its floor on a scale of 0–1: `x / (1 + x)` with `x = effect / floor`; 0.5 is the floor.
pub fn severity(effect: f64, floor: f64) -> f64 {
    if effect <= 0.0 {
        0.0
    } else if floor <= 0.0 {
        1.0
    } else {
        effect / (effect + floor)
    }
}

/// q-values of Benjamini and Hochberg (1995), weighted as by Genovese, Roeder and Wasserman (2006): the smallest
/// false-discovery rate at which each test would count.
///
/// In the order of `p_values`; each in 0–1. `weights` are positive, one for each p-value, and only their ratios matter;
/// with equal weights no q-value is below its p-value. Empty in, empty out.
pub fn benjamini_hochberg(p_values: &[f64], weights: &[f64]) -> Vec<f64> {
    let n = p_values.len();
    let mean = weights.iter().sum::<f64>() / n as f64;
    let weighted: Vec<f64> = p_values.iter().zip(weights).map(|(p, weight)| p / (weight / mean)).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| weighted[*a].total_cmp(&weighted[*b]));
    let mut q_values = vec![1.0; n];
    let mut smallest = 1.0_f64;
    for (rank, index) in order.into_iter().enumerate().rev() {
        smallest = smallest.min(weighted[index] * n as f64 / (rank + 1) as f64);
        q_values[index] = smallest;
    }
    q_values
}

/// Verdict of one test: real, and big enough.
pub fn judge(effect: f64, floor: f64, warning_from: f64, is_real: bool) -> Verdict {
    if !is_real || effect <= 0.0 {
        Verdict::Stable
    } else if effect >= floor {
        Verdict::Drifted
    } else if effect >= floor * warning_from {
        Verdict::Warning
    } else {
        Verdict::Stable
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn q_values_match_a_hand_calculation() {
        let q = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005], &[1.0; 4]);
        assert_eq!(q, vec![0.02, 0.04, 0.04, 0.02]);
        assert!(benjamini_hochberg(&[], &[]).is_empty());
    }

    #[test]
    fn a_heavier_test_gets_more_of_the_rate() {
        // Of 5 %, three quarters go to the first test.
        let q = benjamini_hochberg(&[0.037, 0.2], &[3.0, 1.0]);
        assert!((q[0] - 0.037 * 2.0 / 1.5).abs() < 1e-15 && q[1] == 0.4, "{q:?}");
        assert!(q[0] < 0.05);
    }

    #[rstest]
    #[case::real_and_big(0.2, Some(0.01), Verdict::Drifted)]
    #[case::at_the_floor(0.1, Some(0.01), Verdict::Drifted)]
    #[case::real_and_middling(0.07, Some(0.01), Verdict::Warning)]
    #[case::real_and_small(0.01, Some(0.0), Verdict::Stable)]
    #[case::big_by_chance(0.9, Some(0.06), Verdict::Stable)]
    #[case::bare_threshold(0.2, None, Verdict::Drifted)]
    fn a_change_must_be_real_and_big_enough(#[case] effect: f64, #[case] q: Option<f64>, #[case] expected: Verdict) {
        assert_eq!(judge(effect, 0.1, 0.5, q.is_none_or(|q| q <= 0.05)), expected);
    }

    #[test]
    fn severity_is_one_half_at_the_floor() {
        assert_eq!(severity(0.1, 0.1), 0.5);
        assert_eq!(severity(0.0, 0.1), 0.0);
        assert!((severity(0.05, 0.1) - 1.0 / 3.0).abs() < 1e-15);
    }
}
