//! How often windows close, and the constants that follow from it.

/// How long the windows of a monitor are, as far as its statistics depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Shorter than a day; the value is the number of windows in a day (2 to 96, 24 for hours).
    PerDay(u16),
    /// A day. Windows by batch or by number of rows use its constants too, without a season.
    Day,
    /// Longer than a day: a week or a month.
    Longer,
}

/// What [`Cadence`] decides. All counts are windows.
///
/// Measured for hours, days and weeks on real streams; other lengths follow by the same formulas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constants {
    /// Most earlier windows of the same season that make a reference.
    pub k_season: usize,
    /// Fewest of them.
    pub least_season: usize,
    /// Most earlier windows of any season that make a reference when there are too few of the same.
    pub k_any: usize,
    /// Fewest of them.
    pub least_any: usize,
    /// Most stored effects that say what is usual.
    pub history: usize,
    /// Fewest of them; below, a channel is learning.
    pub least_history: usize,
    /// Calm windows in a row after which an alert resolves.
    pub recover: u32,
    /// Threshold and scale of the evidence's tail before there are scores.
    pub evidence_prior: (f64, f64),
    /// How many windows that prior weighs.
    pub prior_weight: f64,
}

impl Constants {
    /// The constants of a cadence.
    pub fn of(cadence: Cadence) -> Self {
        let longer = Self {
            k_season: 8,
            least_season: 4,
            k_any: 8,
            least_any: 4,
            history: 90,
            least_history: 10,
            recover: 3,
            evidence_prior: (2.5, 1.0),
            prior_weight: 20.0,
        };
        match cadence {
            Cadence::Longer => longer,
            Cadence::Day => Self { k_season: 6, least_season: 3, k_any: 28, least_any: 7, least_history: 14, ..longer },
            Cadence::PerDay(per_day) => {
                let m = usize::from(per_day);
                let (evidence_prior, prior_weight) =
                    if m < 12 { (longer.evidence_prior, longer.prior_weight) } else { ((5.0, 2.0), 100.0) };
                Self {
                    k_season: 10,
                    least_season: 3,
                    k_any: 7 * m,
                    least_any: m,
                    history: (28 * m).min(2_688),
                    least_history: if m < 24 { (4 * m).max(14) } else { 100 },
                    recover: if m < 24 { u32::from(per_day / 4).max(3) } else { 6 },
                    evidence_prior,
                    prior_weight,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::hours(Cadence::PerDay(24), 10, 168, 24, 672, 100, 6)]
    #[case::quarters_of_an_hour(Cadence::PerDay(96), 10, 672, 96, 2_688, 100, 6)]
    #[case::eight_hours(Cadence::PerDay(3), 10, 21, 3, 84, 14, 3)]
    #[case::days(Cadence::Day, 6, 28, 7, 90, 14, 3)]
    #[case::weeks(Cadence::Longer, 8, 8, 4, 90, 10, 3)]
    fn the_length_of_windows_decides_the_constants(
        #[case] cadence: Cadence,
        #[case] k_season: usize,
        #[case] k_any: usize,
        #[case] least_any: usize,
        #[case] history: usize,
        #[case] least_history: usize,
        #[case] recover: u32,
    ) {
        let found = Constants::of(cadence);
        assert_eq!(
            (found.k_season, found.k_any, found.least_any, found.history, found.least_history, found.recover),
            (k_season, k_any, least_any, history, least_history, recover)
        );
    }
}
