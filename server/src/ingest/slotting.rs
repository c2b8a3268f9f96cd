//! Which slot a row belongs to, and which times cannot be.

use drift::read::SlotOf;
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};

use crate::{
    limits,
    problem::{ApiError, ApiResult, kinds},
    retention,
    store::datasets::Dataset,
};

/// How times become slots.
#[derive(Clone, Debug)]
pub struct Slotting {
    seconds: i64,
    zone: TimeZone,
    /// Older rows are refused.
    retention_days: u32,
    now: Timestamp,
    /// When rows without a time of their own happened.
    at: Timestamp,
}

impl Slotting {
    /// The slots of a dataset; its zone is checked when the dataset is made.
    pub fn of(dataset: &Dataset, now: Timestamp, at: Option<Timestamp>) -> Self {
        let zone = TimeZone::get(&dataset.time_zone).unwrap_or(TimeZone::UTC);
        Self {
            seconds: dataset.slot_seconds.into(),
            zone,
            retention_days: dataset.retention_days,
            now,
            at: at.unwrap_or(now),
        }
    }

    /// The start of the slot of a time: slots are counted from the day's beginning in the dataset's zone.
    pub fn start(&self, at: Timestamp) -> Timestamp {
        const DAY: i64 = 86_400;
        if self.zone == TimeZone::UTC {
            let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
            let start = second.div_euclid(self.seconds) * self.seconds;
            return Timestamp::from_second(start).unwrap_or(at);
        }
        let local = at.to_zoned(self.zone.clone());
        let Ok(midnight) = local.start_of_day() else { return at };
        if self.seconds >= DAY {
            return midnight.timestamp();
        }
        // By the clock on the wall of that day's beginning: a day of 23 hours has one slot of an hour less.
        let since = at.duration_since(midnight.timestamp()).as_secs();
        let start = midnight.timestamp() + SignedDuration::from_secs(since / self.seconds * self.seconds);
        Zoned::new(start, self.zone.clone()).timestamp()
    }
}

/// What a reader saw of times on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// A row that lies too far ahead.
    pub ahead: Option<Timestamp>,
    /// A row older than what is kept.
    pub too_old: Option<Timestamp>,
    pub is_late: bool,
    /// Rows whose time is missing or cannot be read.
    pub n_without_time: u64,
}

impl Seen {
    /// Notes a row's time, and gives the start of its slot in microseconds.
    pub fn note(&mut self, time: Option<i64>, slotting: &Slotting) -> i64 {
        let now = slotting.now;
        let at = time.and_then(|micros| Timestamp::from_microsecond(micros).ok());
        self.n_without_time += u64::from(at.is_none());
        let at = at.unwrap_or(slotting.at);
        let age = now.duration_since(at);
        if age < -limits::EVENT_AHEAD {
            self.ahead.get_or_insert(at);
        } else if age > retention::of_days(slotting.retention_days) {
            self.too_old.get_or_insert(at);
        } else if age > limits::LATENESS {
            self.is_late = true;
        }
        slotting.start(at).as_microsecond()
    }

    /// Refuses times that cannot be.
    pub fn check(&self, slotting: &Slotting) -> ApiResult<()> {
        if let Some(at) = self.ahead {
            let detail = format!("a row is of {at}, more than 5 minutes ahead; is its time zone right?");
            return Err(ApiError::new(kinds::TIMESTAMP_IN_FUTURE, detail));
        }
        if let Some(at) = self.too_old {
            let days = slotting.retention_days;
            let detail = format!(
                "a row is of {at}, older than the {days} days for which this dataset keeps what arrives; use it as a \
                 reference, or set `retention_days` to more"
            );
            return Err(ApiError::new(kinds::TIMESTAMP_TOO_OLD, detail));
        }
        Ok(())
    }
}

/// Tells the slots of rows, and notes what their times are like.
#[derive(Debug)]
pub struct Noting {
    pub seen: Seen,
    pub slotting: Slotting,
}

impl SlotOf for Noting {
    fn slot_of(&mut self, time: Option<i64>) -> i64 {
        self.seen.note(time, &self.slotting)
    }
}
