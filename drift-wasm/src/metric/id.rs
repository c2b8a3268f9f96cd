//! The metrics by name: one table from which reports, sentences, pages and computing take theirs.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::metric::docs::{self, MetricDoc};
use crate::words;

/// A metric of a column. In the order of their names, which are the keys of a report's `metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each has a page of its own: `MetricId::doc`")]
pub enum MetricId {
    AlphabetMix,
    AndersonDarling,
    ChiSquare,
    ChiSquareYates,
    CramerVonMises,
    CramerVonMisesSeries,
    CramersV,
    DuplicateShare,
    EmptyShare,
    EnergyDistance,
    EppsSingleton,
    FisherExact,
    GTest,
    Hellinger,
    HourMix,
    InfiniteShare,
    InvalidShare,
    JensenShannon,
    Ks,
    KsAsymptotic,
    LInfinity,
    LengthMix,
    MannWhitney,
    MannWhitneyAsymptotic,
    NullShare,
    Psi,
    PsiTextbook,
    ShapeMix,
    StudentT,
    TotalVariation,
    TwoProportionZ,
    UnseenShare,
    Wasserstein,
    WassersteinScaled,
    WeekdayMix,
    WelchT,
}

words!(MetricId {
    AlphabetMix => "alphabet_mix",
    AndersonDarling => "anderson_darling",
    ChiSquare => "chi_square",
    ChiSquareYates => "chi_square_yates",
    CramerVonMises => "cramer_von_mises",
    CramerVonMisesSeries => "cramer_von_mises_series",
    CramersV => "cramers_v",
    DuplicateShare => "duplicate_share",
    EmptyShare => "empty_share",
    EnergyDistance => "energy_distance",
    EppsSingleton => "epps_singleton",
    FisherExact => "fisher_exact",
    GTest => "g_test",
    Hellinger => "hellinger",
    HourMix => "hour_mix",
    InfiniteShare => "infinite_share",
    InvalidShare => "invalid_share",
    JensenShannon => "jensen_shannon",
    Ks => "ks",
    KsAsymptotic => "ks_asymptotic",
    LInfinity => "l_infinity",
    LengthMix => "length_mix",
    MannWhitney => "mann_whitney",
    MannWhitneyAsymptotic => "mann_whitney_asymptotic",
    NullShare => "null_share",
    Psi => "psi",
    PsiTextbook => "psi_textbook",
    ShapeMix => "shape_mix",
    StudentT => "student_t",
    TotalVariation => "total_variation",
    TwoProportionZ => "two_proportion_z",
    UnseenShare => "unseen_share",
    Wasserstein => "wasserstein",
    WassersteinScaled => "wasserstein_scaled",
    WeekdayMix => "weekday_mix",
    WelchT => "welch_t",
});

impl MetricId {
    /// Its page: what it means, its range, and when not to trust it.
    pub fn doc(self) -> &'static MetricDoc {
        docs::all().find(|doc| doc.id == self).expect("every metric has a page: checked when this is compiled")
    }
}

/// By name, as keys are in a report: names and variants have the same order.
impl Borrow<str> for MetricId {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_in_the_order_of_their_names_and_named_as_in_json() {
        assert!(MetricId::ALL.is_sorted() && MetricId::WORDS.is_sorted());
        for id in MetricId::ALL {
            assert_eq!(serde_json::to_value(id).expect("a word"), id.as_str());
        }
    }
}
