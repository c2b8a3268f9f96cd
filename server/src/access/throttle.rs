//! How often somebody may ask: a bucket that fills with time.

use std::{collections::HashMap, hash::Hash, time::Duration};

use jiff::{SignedDuration, Timestamp};

/// How much, how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a rest.
    pub burst: u32,
    /// One more after each of these.
    pub every: Duration,
}

impl Rate {
    /// So many a minute, and a burst.
    pub const fn per_minute(n: u32, burst: u32) -> Self {
        Self { burst, every: Duration::from_nanos(60_000_000_000 / n as u64) }
    }
}

/// The time at which a bucket is full again; its whole state.
///
/// Gives the new state, or how long to wait.
pub fn take(full_at: Option<Timestamp>, rate: Rate, now: Timestamp) -> Result<Timestamp, Duration> {
    let every = SignedDuration::try_from(rate.every).unwrap_or(SignedDuration::MAX);
    let room = every.saturating_mul(i32::try_from(rate.burst).unwrap_or(i32::MAX));
    let full_at = full_at.map_or(now, |at| at.max(now));
    let next = full_at.saturating_add(every).unwrap_or(Timestamp::MAX);
    let over = next.duration_since(now) - room;
    if over.is_positive() { Err(over.unsigned_abs()) } else { Ok(next) }
}

/// One bucket for each of many.
#[derive(Debug)]
pub struct Throttle<K> {
    rate: Rate,
    full_at: HashMap<K, Timestamp>,
    /// Buckets are swept when there are this many: full ones need no memory.
    sweep_at: usize,
}

const FIRST_SWEEP: usize = 1024;

impl<K: Eq + Hash> Throttle<K> {
    pub fn new(rate: Rate) -> Self {
        Self { rate, full_at: HashMap::new(), sweep_at: FIRST_SWEEP }
    }

    /// Takes one from the bucket, or says how long until there is one.
    pub fn take(&mut self, who: K, now: Timestamp) -> Result<(), Duration> {
        let next = take(self.full_at.get(&who).copied(), self.rate, now)?;
        self.full_at.insert(who, next);
        if self.full_at.len() >= self.sweep_at {
            self.full_at.retain(|_, at| *at > now);
            self.sweep_at = FIRST_SWEEP.max(self.full_at.len() * 2);
        }
        Ok(())
    }

    /// Puts one back that was taken for nothing.
    pub fn give_back(&mut self, who: &K) {
        let every = SignedDuration::try_from(self.rate.every).unwrap_or(SignedDuration::MAX);
        if let Some(at) = self.full_at.get_mut(who) {
            *at = at.saturating_sub(every).unwrap_or(Timestamp::MIN);
        }
    }

    /// Fills the bucket: a right password forgives wrong ones.
    pub fn forget(&mut self, who: &K) {
        self.full_at.remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a time")
    }

    #[test]
    fn a_burst_passes_then_one_each_interval() {
        let mut throttle = Throttle::new(Rate::per_minute(60, 3));
        for _ in 0..3 {
            assert_eq!(throttle.take("a", at(0)), Ok(()));
        }
        assert_eq!(throttle.take("a", at(0)), Err(Duration::from_secs(1)));
        assert_eq!(throttle.take("b", at(0)), Ok(()), "another has a bucket of its own");
        assert_eq!(throttle.take("a", at(1)), Ok(()));
        assert!(throttle.take("a", at(1)).is_err());
        throttle.forget(&"a");
        assert_eq!(throttle.take("a", at(1)), Ok(()));
    }

    #[test]
    fn what_was_taken_for_nothing_is_put_back() {
        let mut throttle = Throttle::new(Rate::per_minute(60, 1));
        assert_eq!(throttle.take("a", at(0)), Ok(()));
        throttle.give_back(&"a");
        assert_eq!(throttle.take("a", at(0)), Ok(()));
        assert!(throttle.take("a", at(0)).is_err(), "no more is put back than was taken");
        throttle.give_back(&"b");
    }

    #[test]
    fn buckets_that_are_full_again_are_dropped() {
        let mut throttle = Throttle::new(Rate::per_minute(60, 3));
        for n in 0..10_000_u32 {
            throttle.take(n, at(i64::from(n) * 10)).expect("each is the first of its kind");
        }
        assert!(throttle.full_at.len() <= FIRST_SWEEP);
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out_for_long() {
        let mut throttle = Throttle::new(Rate::per_minute(60, 3));
        throttle.take("a", at(100)).expect("the first");
        assert!(throttle.take("a", at(0)).expect_err("the bucket is full later") <= Duration::from_secs(101));
    }
}
