//! Two inputs at once, threads shared by their sizes.

use std::thread;

use drift::RefusalKind;
use drift::profile::Profile;
use drift::read::ReadOptions;

use crate::exit::{Exit, Failure, Outcome};
use crate::input::Input;
use crate::progress::{Bars, Meter};

/// Reads both inputs at once, the threads shared by their sizes; one after the other on one thread.
pub fn profile_both(
    reference: (Input, &ReadOptions),
    current: (Input, &ReadOptions),
    n_threads: usize,
    bars: &Bars,
) -> Outcome<(Profile, Profile)> {
    let shares = share_threads(n_threads, reference.0.n_bytes(), current.0.n_bytes());
    let meters =
        (bars.meter(&reference.0.name, reference.0.n_bytes()), bars.meter(&current.0.name, current.0.n_bytes()));
    if n_threads < 2 {
        let first = reference.0.read(reference.1, 1, &meters.0)?;
        return Ok((first, current.0.read(current.1, 1, &meters.1)?));
    }
    let read = |(input, options): (Input, &ReadOptions), n: usize, meter: &Meter<'_>| {
        let read = input.read(options, n, meter);
        if read.is_err() {
            bars.cancel();
        }
        read
    };
    let (first, second) = thread::scope(|scope| {
        let other = scope.spawn(|| read(current, shares.1, &meters.1));
        let first = read(reference, shares.0, &meters.0);
        let second = other.join().unwrap_or_else(|_| Err(Failure::new(Exit::Bug, "a reading thread ended early")));
        (first, second)
    });
    bars.clear();
    first_refusal(first, second)
}

/// Both, or the refusal that came first: the other input's was to stop.
fn first_refusal(first: Outcome<Profile>, second: Outcome<Profile>) -> Outcome<(Profile, Profile)> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(stopped), Err(cause)) if stopped.refused == Some(RefusalKind::Cancelled) => Err(cause),
        (Err(cause), _) | (_, Err(cause)) => Err(cause),
    }
}

/// Threads for each of two inputs by their bytes, at least one each; halves when a size is unknown.
fn share_threads(n_threads: usize, reference: Option<u64>, current: Option<u64>) -> (usize, usize) {
    let half = (n_threads.div_ceil(2), n_threads.div_ceil(2));
    let (Some(a), Some(b)) = (reference, current) else {
        return half;
    };
    if a == 0 || b == 0 {
        return half;
    }
    let share = |part: u64| {
        let exact = n_threads as f64 * part as f64 / (a as f64 + b as f64);
        (exact.round() as usize).clamp(1, n_threads)
    };
    (share(a), share(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_that_was_only_stopped_is_not_the_cause() {
        let refusal = |kind| Failure::from(drift::Error::from(drift::Refusal::new(kind, "x", "y", "")));
        let both = || (refusal(RefusalKind::Cancelled), refusal(RefusalKind::MalformedInput));
        let (stopped, cause) = both();
        assert_eq!(first_refusal(Err(stopped), Err(cause)).unwrap_err().refused, Some(RefusalKind::MalformedInput));
        let (stopped, cause) = both();
        assert_eq!(first_refusal(Err(cause), Err(stopped)).unwrap_err().refused, Some(RefusalKind::MalformedInput));
    }

    #[test]
    fn threads_follow_sizes() {
        assert_eq!(share_threads(8, Some(75), Some(25)), (6, 2));
        assert_eq!(share_threads(2, Some(1000), Some(1)), (2, 1));
        assert_eq!(share_threads(3, None, Some(5)), (2, 2));
        assert_eq!(share_threads(4, Some(0), Some(5)), (2, 2));
    }
}
