//! Which earlier windows a window is compared with.

use std::collections::BTreeSet;

use super::cadence::Constants;

/// A window that may be part of a reference: it had rows, and nobody excluded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinedWindow {
    /// When it starts, in seconds since 1970.
    pub start: i64,
    /// Its season, such as the weekday; windows of one season are alike. `None` where there are no seasons.
    pub season: Option<u16>,
}

/// Chooses the windows of a column's reference from the earlier ones, oldest first; `None` while there are too few.
///
/// The last windows of the same season, or when these are too few, the last of any season. Windows that were unusual in
/// this column are left out, so that one bad day neither poisons the reference nor echoes in later windows; but not when
/// fewer than half would remain: by then the unusual has become usual.
pub fn choose_reference(
    joined: &[JoinedWindow],
    season: Option<u16>,
    unusual: &BTreeSet<i64>,
    constants: &Constants,
) -> Option<Vec<JoinedWindow>> {
    let seasonal = || last(joined.iter().filter(|window| window.season == season), constants.k_season);
    let candidates = season
        .map(|_| seasonal())
        .filter(|found| found.len() >= constants.least_season)
        .or_else(|| Some(last(joined.iter(), constants.k_any)).filter(|found| found.len() >= constants.least_any))?;
    let usual: Vec<JoinedWindow> =
        candidates.iter().copied().filter(|window| !unusual.contains(&window.start)).collect();
    Some(if 2 * usual.len() >= candidates.len() { usual } else { candidates })
}

/// The last of some windows, in their order.
fn last<'a>(windows: impl DoubleEndedIterator<Item = &'a JoinedWindow>, most: usize) -> Vec<JoinedWindow> {
    let mut found: Vec<JoinedWindow> = windows.rev().take(most).copied().collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Cadence;

    fn days(n: i64) -> Vec<JoinedWindow> {
        (0..n).map(|start| JoinedWindow { start, season: u16::try_from(start % 7).ok() }).collect()
    }

    fn starts(n: i64, unusual: &[i64]) -> Option<Vec<i64>> {
        let unusual = unusual.iter().copied().collect();
        let season = u16::try_from(n % 7).ok();
        let chosen = choose_reference(&days(n), season, &unusual, &Constants::of(Cadence::Day))?;
        Some(chosen.iter().map(|window| window.start).collect())
    }

    #[test]
    fn a_week_of_days_makes_the_first_reference() {
        assert_eq!(starts(6, &[]), None);
        assert_eq!(starts(7, &[]), Some((0..7).collect()));
    }

    #[test]
    fn the_same_weekday_is_preferred_once_there_are_three() {
        assert_eq!(starts(20, &[]), Some((0..20).collect()), "two of this weekday are too few");
        assert_eq!(starts(21, &[]), Some(vec![0, 7, 14]));
        assert_eq!(starts(70, &[]), Some(vec![28, 35, 42, 49, 56, 63]), "six at most");
    }

    #[test]
    fn an_unusual_window_is_left_out_until_half_are_unusual() {
        assert_eq!(starts(42, &[28]), Some(vec![0, 7, 14, 21, 35]));
        assert_eq!(starts(42, &[14, 28, 35]), Some(vec![0, 7, 21]));
        assert_eq!(starts(42, &[14, 21, 28, 35]), Some(vec![0, 7, 14, 21, 28, 35]));
    }
}
