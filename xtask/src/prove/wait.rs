//! Waiting for something that must come.

use std::time::{Duration, Instant};

use anyhow::bail;

/// Asks again and again until something holds; fails after `at_most`.
pub fn wait(what: &str, at_most: Duration, mut holds: impl FnMut() -> bool) -> anyhow::Result<()> {
    wait_for(what, at_most, || Ok(holds()))
}

/// The same for a question that can fail: its error ends the waiting at once.
pub fn wait_for(what: &str, at_most: Duration, mut holds: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let started_at = Instant::now();
    while !holds()? {
        if started_at.elapsed() > at_most {
            bail!("{what} did not happen within {} s", at_most.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
