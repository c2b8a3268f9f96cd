//! What a whole process costs, as the system counts it.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use wait4::Wait4;

use crate::program;

/// The cost of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// CPU seconds of user and system.
    pub cpu: f64,
    /// Seconds from start to end.
    pub wall: f64,
    /// Peak resident memory in MB (10^6 bytes).
    pub memory: f64,
}

impl Cost {
    fn median(costs: &[Self]) -> Self {
        Self {
            cpu: median(costs.iter().map(|cost| cost.cpu)),
            wall: median(costs.iter().map(|cost| cost.wall)),
            memory: median(costs.iter().map(|cost| cost.memory)),
        }
    }
}

/// Middle of the values; the mean of the two middle ones when their number is even. NaN when there are none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n => (values[(n - 1) / 2] + values[n / 2]) / 2.0,
    }
}

/// Runs the calls in turn, `rounds` times over, so that a busy machine hurts all alike. Median cost of each.
pub fn in_turn(calls: &mut [Command], rounds: usize) -> anyhow::Result<Vec<Cost>> {
    let mut costs = vec![Vec::new(); calls.len()];
    for _ in 0..rounds {
        for (call, costs) in calls.iter_mut().zip(&mut costs) {
            costs.push(once(call)?);
        }
    }
    Ok(costs.iter().map(|costs| Cost::median(costs)).collect())
}

/// Runs one call to its end. One that fails has no cost, but an error.
pub fn once(call: &mut Command) -> anyhow::Result<Cost> {
    let line = program::shown(call);
    let started_at = Instant::now();
    let quiet = call.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let ended = quiet.spawn().and_then(|mut child| child.wait4()).with_context(|| format!("cannot run `{line}`"))?;
    let wall = started_at.elapsed();
    if !ended.status.success() {
        bail!("`{line}` failed ({})", ended.status);
    }
    let used = ended.rusage;
    Ok(Cost { cpu: seconds(used.utime + used.stime), wall: seconds(wall), memory: used.maxrss as f64 / 1e6 })
}

/// CPU seconds that a running process has used so far, with those of its children and their ended ones.
pub fn cpu_of(process: u32) -> anyhow::Result<f64> {
    /// The kernel counts in hundredths of a second, whatever its own clock is.
    const TICKS: f64 = 100.0;
    let path = format!("/proc/{process}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    // The name of the program may hold blanks, so the fields are counted from behind it.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
    let ticks: f64 = fields.skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum();
    let children = format!("/proc/{process}/task/{process}/children");
    let children = std::fs::read_to_string(children).unwrap_or_default();
    // A child that has ended meanwhile is among the ended ones next time.
    let live: f64 = children.split_whitespace().filter_map(|child| cpu_of(child.parse().ok()?).ok()).sum();
    Ok(ticks / TICKS + live)
}

/// Peak resident memory of a running process in MB (10^6 bytes).
pub fn peak_memory_of(process: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the kernel tells no peak")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024.0 / 1e6)
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert!(median(std::iter::empty()).is_nan());
    }
}
