//! How long a login lasts.

use jiff::{SignedDuration, Timestamp};

/// Without a request for so long, a session ends.
pub const IDLE: SignedDuration = SignedDuration::from_hours(12);

/// After so long it ends whatever happens.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Uses within this time of the last noted one are not noted: a page asks many things at once.
pub const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Whether a session still lets its browser in.
pub fn is_alive(created_at: Timestamp, last_used_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last_used_at) < IDLE && now.duration_since(created_at) < ABSOLUTE
}

/// Whether this use should be noted.
pub fn is_worth_noting(last_used_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last_used_at) >= NOTED_EVERY
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::fresh(0, 0, true)]
    #[case::used_lately(29 * 24, 11, true)]
    #[case::idle(13, 13, false)]
    #[case::at_the_idle_limit(12, 12, false)]
    #[case::too_old_though_in_use(30 * 24, 0, false)]
    fn a_session_ends_by_idleness_and_by_age(#[case] age: i64, #[case] idle: i64, #[case] expected: bool) {
        let now = Timestamp::from_second(2_000_000_000).expect("a time");
        let ago = |hours| now - SignedDuration::from_hours(hours);
        assert_eq!(is_alive(ago(age), ago(idle), now), expected);
    }
}
