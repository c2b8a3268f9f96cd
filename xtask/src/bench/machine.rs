//! The machine of a measure, in words that name no one's.

use anyhow::Context;

use crate::program::{answer, command};

/// `2 cores of …, 24 GB, Linux 6.1; driftsiren 0.1.0, rustc 1.95.0`.
pub fn line() -> anyhow::Result<String> {
    let cores = std::thread::available_parallelism()?;
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default().to_owned();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let model = value(&read("/proc/cpuinfo"), "model name");
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    let gigabytes = memory.split(' ').next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1e6;
    let system = answer(command("uname").args(["-s", "-r"])).unwrap_or_default();
    let date = answer(command("date").args(["-u", "+%Y-%m-%d"])).context("`date` does not run")?;
    let rust = answer(command("rustc").arg("--version")).unwrap_or_default();
    let rust = rust.split(" (").next().unwrap_or_default();
    Ok(format!(
        "Last run: {date}, on {cores} cores of {model}, {gigabytes:.0} GB of memory, {system}; DriftSiren {}, {rust}.",
        env!("CARGO_PKG_VERSION")
    ))
}
