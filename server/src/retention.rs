//! How long things are kept: decisions, which know no clock and no database.

use jiff::{SignedDuration, Timestamp};

use crate::limits;

/// A day of an hour more, when clocks are put back: no slot is longer.
const LONGEST_SLOT: SignedDuration = SignedDuration::from_hours(25);

/// Readers of events who were away for longer read everything again.
const EVENTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Sessions and invites let nobody in once they are over; for so long they can still be looked at, past the server.
const AFTER_END: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The retention of a dataset that keeps what arrives for so many days.
pub fn of_days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(days) * 24)
}

/// Batches that were received before are deleted.
pub fn batches_from(now: Timestamp, days: u32) -> Timestamp {
    now - of_days(days)
}

/// Slots that begin before are deleted: each of their rows is older than the retention, however long slots were.
pub fn slots_from(now: Timestamp, days: u32) -> Timestamp {
    now - of_days(days) - LONGEST_SLOT
}

/// Events before are deleted.
pub fn events_from(now: Timestamp) -> Timestamp {
    now - EVENTS
}

/// Requests that were made before are let go of, with their answers: their idempotency keys are new again.
pub fn requests_from(now: Timestamp) -> Timestamp {
    now - limits::IDEMPOTENCY_KEPT
}

/// Sessions and invites that were over before are deleted.
pub fn ends_from(now: Timestamp) -> Timestamp {
    now - AFTER_END
}

#[cfg(test)]
mod tests {
    use drift::wire::RETENTION_DAYS;
    use rstest::rstest;

    use super::*;

    /// Slots of a day, in a zone where clocks are put back on 2026-10-25.
    #[rstest]
    #[case::the_day_of_25_hours("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    #[case::an_hour("2026-10-24T22:00:00Z", "2026-10-24T23:00:00Z")]
    fn a_slot_goes_when_its_last_row_may(#[case] start: Timestamp, #[case] end: Timestamp) {
        // A row of the slot's last moment is just within the retention, so it was taken.
        let now = end - SignedDuration::from_micros(1) + of_days(30);
        assert!(slots_from(now, 30) < start);
        assert!(slots_from(end + of_days(31) + LONGEST_SLOT, 30) > start);
    }

    #[test]
    fn every_retention_leads_to_a_time() {
        let now: Timestamp = "2026-01-31T08:00:00Z".parse().expect("a time");
        assert_eq!(batches_from(now, *RETENTION_DAYS.start()), "2026-01-30T08:00:00Z".parse().expect("a time"));
        assert_eq!(batches_from(now, *RETENTION_DAYS.end()), "2016-02-03T08:00:00Z".parse().expect("a time"));
    }
}
