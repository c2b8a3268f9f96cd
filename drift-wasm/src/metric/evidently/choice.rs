//! The test that Evidently's preset chooses for a column.

use serde::{Deserialize, Serialize};

use crate::metric::docs::Direction;
use crate::words;

/// Reference rows up to which the preset uses tests, and distances above.
const FEW_ROWS: u64 = 1000;

/// What the preset can choose, by Evidently's display names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Choice {
    /// Kolmogorov-Smirnov, by its p-value.
    #[serde(rename = "K-S p_value")]
    Ks,
    /// Wasserstein distance over the reference's standard deviation.
    #[serde(rename = "Wasserstein distance (normed)")]
    Wasserstein,
    /// Jensen-Shannon distance.
    #[serde(rename = "Jensen-Shannon distance")]
    JensenShannon,
    /// Chi-square test against the reference's shares, by its p-value.
    #[serde(rename = "chi-square p_value")]
    ChiSquare,
    /// Two-proportion z test, by its p-value.
    #[serde(rename = "Z-test p_value")]
    Z,
}

words!(Choice {
    Ks => "K-S p_value",
    Wasserstein => "Wasserstein distance (normed)",
    JensenShannon => "Jensen-Shannon distance",
    ChiSquare => "chi-square p_value",
    Z => "Z-test p_value",
});

impl Choice {
    pub(super) fn for_numbers(n_reference: u64, n_distinct: u64) -> Self {
        match (n_reference <= FEW_ROWS, n_distinct) {
            (true, 0..=2) => Self::Z,
            (true, 3..=5) => Self::ChiSquare,
            (true, _) => Self::Ks,
            (false, 0..=5) => Self::JensenShannon,
            (false, _) => Self::Wasserstein,
        }
    }

    pub(super) fn for_labels(n_reference: u64, n_distinct: u64) -> Self {
        match (n_reference <= FEW_ROWS, n_distinct) {
            (true, 0..=2) => Self::Z,
            (true, _) => Self::ChiSquare,
            (false, _) => Self::JensenShannon,
        }
    }

    /// Evidently's key of the test.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Ks => "ks",
            Self::Wasserstein => "wasserstein",
            Self::JensenShannon => "jensenshannon",
            Self::ChiSquare => "chisquare",
            Self::Z => "z",
        }
    }

    /// Name where there is little room.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Ks => "K-S p",
            Self::Wasserstein => "Wasserstein",
            Self::JensenShannon => "Jensen-Shannon",
            Self::ChiSquare => "chi-square p",
            Self::Z => "Z-test p",
        }
    }

    /// Which way its score goes when drift grows.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Wasserstein | Self::JensenShannon => Direction::Grows,
            Self::Ks | Self::ChiSquare | Self::Z => Direction::Shrinks,
        }
    }

    pub(super) fn threshold(self) -> f64 {
        match self {
            Self::Wasserstein | Self::JensenShannon => 0.1,
            Self::Ks | Self::ChiSquare | Self::Z => 0.05,
        }
    }
}
