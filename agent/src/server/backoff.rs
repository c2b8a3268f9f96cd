//! When to try again what failed in passing, and when to give up.

use std::time::{Duration, Instant};

use crate::output::note;
use crate::server::RequestError;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// When the next attempt is due; starts over after each success.
#[derive(Debug)]
pub struct Backoff {
    /// From the first failure; without it there is no end.
    limit: Option<Duration>,
    n_failures: u32,
    failing_since: Option<Instant>,
}

impl Backoff {
    /// Goes on for `limit` after the first failure, or without end.
    pub fn new(limit: Option<Duration>) -> Self {
        Self { limit, n_failures: 0, failing_since: None }
    }

    /// A call worked.
    pub fn renew(&mut self) {
        *self = Self::new(self.limit);
    }

    /// A call failed at `now`: how long to wait before the next, as long as the server asked if it did. Nothing when
    /// that would be past the limit: there is no use in waiting for what will not be tried.
    pub fn next(&mut self, now: Instant, retry_after: Option<Duration>) -> Option<Duration> {
        self.n_failures = self.n_failures.saturating_add(1);
        let since = *self.failing_since.get_or_insert(now);
        let wait = retry_after.unwrap_or_else(|| pause(self.n_failures));
        let end = now.saturating_duration_since(since) + wait;
        let is_within = self.limit.is_none_or(|limit| !limit.is_zero() && end <= limit);
        is_within.then_some(wait)
    }
}

/// How long to wait before attempt `n` (from 1), when the server did not say.
fn pause(n: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(n.saturating_sub(1))).min(LONGEST_PAUSE)
}

/// Tries a call that may be repeated until it works, is refused, or has failed for as long as `limit`.
pub fn with_retries<T>(
    limit: Duration,
    is_quiet: bool,
    mut call: impl FnMut() -> Result<T, RequestError>,
) -> Result<T, RequestError> {
    let mut backoff = Backoff::new(Some(limit));
    loop {
        let error = match call() {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let RequestError::Transient { retry_after, .. } = &error else { return Err(error) };
        let Some(wait) = backoff.next(Instant::now(), *retry_after) else { return Err(error) };
        note(is_quiet, &format!("{}; trying again in {} s", error.line(), seconds(wait)));
        std::thread::sleep(wait);
    }
}

/// Seconds, half ones too.
pub fn seconds(wait: Duration) -> f64 {
    (wait.as_secs_f64() * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn pauses_double_up_to_half_a_minute() {
        let millis: Vec<_> = (1..=9).map(|n| pause(n).as_millis()).collect();
        assert_eq!(millis, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn retries_end_before_a_wait_that_is_too_long() {
        let start = Instant::now();
        let mut backoff = Backoff::new(Some(secs(10)));
        assert_eq!(backoff.next(start, None), Some(Duration::from_millis(500)));
        assert_eq!(backoff.next(start + secs(1), Some(secs(9))), Some(secs(9)), "as the server asked");
        assert_eq!(backoff.next(start + secs(1), Some(secs(10))), None, "it would end after eleven seconds");
        backoff.renew();
        assert_eq!(backoff.next(start + secs(60), None), Some(Duration::from_millis(500)), "counted from anew");
    }

    #[test]
    fn without_time_there_is_one_attempt_and_without_limit_there_is_no_end() {
        let start = Instant::now();
        assert_eq!(Backoff::new(Some(Duration::ZERO)).next(start, Some(Duration::ZERO)), None);
        let mut endless = Backoff::new(None);
        assert!((0..1000).all(|n| endless.next(start + secs(n * 60), None).is_some()));
    }
}
