//! docs/alarms.md.

use crate::promise::{Found, Result};

/// How it was made.
pub struct Run {
    pub seconds: u64,
    pub seed: u64,
    pub is_quick: bool,
}

pub fn write(results: &[Result], found: &Found, run: &Run) -> String {
    let _ = (found, run.seconds, run.seed, run.is_quick);
    let mut text = String::new();
    for (scenario, outcome) in results {
        text.push_str(&format!(
            "{:?} {:?} {} {} n={} {:?}\n",
            scenario.columns,
            scenario.change,
            scenario.n_reference,
            scenario.n_current,
            outcome.n,
            crate::rules::Rule::ALL.map(|r| (outcome.rate(r) * 1000.0).round() / 10.0)
        ));
    }
    text
}
