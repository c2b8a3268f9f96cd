//! `cargo xtask bench engine`: the command line beside the programs that people use for the same question.
//!
//! Whole processes on the same files, in turn, in one run; what counts is their ratio.

use std::{
    fmt::Write,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::bail;
use clap::Args;

use super::{
    data, machine,
    measure::{self, Cost},
    python,
};
use crate::{
    program::{self, cargo, command},
    workspace,
};

/// How much to measure, and where to write.
#[derive(Args)]
pub struct Options {
    /// Rounds in which each program runs once; Evidently runs in the first only
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Only the small tables, without Evidently: a minute; writes nothing unless `--output` is given
    #[arg(long)]
    quick: bool,
    /// The document to write; docs/benchmarks.md unless given
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// What ours is held against.
#[derive(Clone, Copy, PartialEq)]
enum Peer {
    /// An expert's script, see `bench/engine/polars_scipy.py`.
    Polars,
    /// Evidently's preset, see `bench/engine/evidently_preset.py`.
    Evidently,
}

/// One comparison and what it promises.
struct Case {
    name: &'static str,
    n_rows: u32,
    format: &'static str,
    arguments: &'static [&'static str],
    peer: Peer,
    is_quick: bool,
    /// Our CPU seconds over the peer's, at most.
    cpu: f64,
    /// Our peak memory over the peer's, at most.
    memory: Option<f64>,
    /// Our peak memory in MB, at most.
    megabytes: Option<f64>,
}

const POLARS: Case = Case {
    name: "",
    n_rows: 0,
    format: "csv",
    arguments: &[],
    peer: Peer::Polars,
    is_quick: false,
    cpu: 0.6,
    memory: None,
    megabytes: None,
};

const CASES: [Case; 6] = [
    Case { name: "100,000 rows, CSV", n_rows: 100_000, is_quick: true, cpu: 0.25, ..POLARS },
    Case { name: "1,000,000 rows, CSV", n_rows: 1_000_000, memory: Some(0.35), ..POLARS },
    Case { name: "1,000,000 rows, Parquet", n_rows: 1_000_000, format: "parquet", ..POLARS },
    Case { name: "5,000,000 rows, CSV", n_rows: 5_000_000, memory: Some(0.35), ..POLARS },
    Case {
        name: "5,000,000 rows, CSV, `--exact-limit 200000`",
        n_rows: 5_000_000,
        arguments: &["--exact-limit", "200000"],
        megabytes: Some(512.0),
        ..POLARS
    },
    Case { name: "1,000,000 rows, CSV", n_rows: 1_000_000, peer: Peer::Evidently, cpu: 1.0 / 33.0, ..POLARS },
];

/// Wall seconds over CPU seconds with two cores, at most.
const WALL: f64 = 0.6;
/// Seconds that `driftsiren --version` may take.
const VERSION_SECONDS: f64 = 0.02;

pub fn run(options: &Options) -> anyhow::Result<()> {
    program::run(&mut cargo(&["build", "--release", "--package", "driftsiren"]))?;
    let ours = workspace::target_dir().join("release/driftsiren");
    let python = python::environment("bench/engine/requirements.txt")?;
    let mut document = String::from(HEAD);
    writeln!(document, "{}\n", machine::line()?)?;
    writeln!(document, "| files | against | CPU s | CPU ratio | peak MB | memory ratio | wall / CPU |")?;
    writeln!(document, "| --- | --- | --- | --- | --- | --- | --- |")?;
    let mut broken = Vec::new();
    for case in CASES.iter().filter(|case| case.is_quick || !options.quick) {
        let (cost, peer) = case.measure(&ours, &python, options.rounds)?;
        let (row, broke) = case.judge(cost, peer);
        println!("{row}");
        writeln!(document, "{row}")?;
        broken.extend(broke);
    }
    let version = version_seconds(&ours)?;
    writeln!(
        document,
        "\n`driftsiren --version` takes {:.1} ms (promised: at most {:.0}).",
        version * 1e3,
        VERSION_SECONDS * 1e3
    )?;
    if version > VERSION_SECONDS {
        broken.push(format!("--version takes {:.1} ms", version * 1e3));
    }
    writeln!(
        document,
        "\n{}",
        if broken.is_empty() { "Every promise held in this run." } else { "Promises that this run broke:" }
    )?;
    broken.iter().try_for_each(|what| writeln!(document, "- {what}"))?;
    let usual = (!options.quick).then(|| workspace::root().join("docs/benchmarks.md"));
    match options.output.clone().or(usual) {
        Some(path) => std::fs::write(path, document)?,
        None => print!("{document}"),
    }
    if !broken.is_empty() {
        bail!("promises broken: {}", broken.join("; "));
    }
    Ok(())
}

const HEAD: &str = "\
# Benchmarks of the engine

Written by `cargo xtask bench engine`: whole processes on two files of 20 columns (12 numeric, 6 categorical with up
to 10,000 labels, one boolean, one of times; nulls in some), run in turn. Times are of this machine and mean nothing
elsewhere: the ratios count. `polars` is an expert's script that reads with polars and compares with NumPy and SciPy,
`Evidently` its `DataDriftPreset`; both are under `bench/engine/`. Ours writes the full default report.

";

impl Case {
    /// Median cost of ours and of the peer.
    fn measure(&self, ours: &Path, python: &Path, rounds: usize) -> anyhow::Result<(Cost, Cost)> {
        let files = data::files(python, self.n_rows, self.format)?;
        // Each finds the files in memory: disks are not compared.
        for file in &files {
            std::io::copy(&mut BufReader::with_capacity(1 << 20, File::open(file)?), &mut std::io::sink())?;
        }
        let mut check = command(ours);
        check.arg("check").args(&files).args(["--fail-on", "never"]).args(self.arguments);
        let (script, rounds) = match self.peer {
            Peer::Polars => ("bench/engine/polars_scipy.py", rounds),
            Peer::Evidently => ("bench/engine/evidently_preset.py", 1),
        };
        let mut peer = python::script(python, script);
        peer.args(&files);
        let costs = measure::in_turn(&mut [check, peer], rounds)?;
        Ok((costs[0], costs[1]))
    }

    /// The row of the table, and the promises that it breaks.
    fn judge(&self, ours: Cost, peer: Cost) -> (String, Vec<String>) {
        let (cpu, memory, wall) = (ours.cpu / peer.cpu, ours.memory / peer.memory, ours.wall / ours.cpu);
        let against = if self.peer == Peer::Polars { "polars" } else { "Evidently" };
        let mut broken = Vec::new();
        let mut promised = |what: &str, found: f64, at_most: Option<f64>| match at_most {
            None => String::new(),
            Some(at_most) => {
                if found > at_most {
                    broken.push(format!("{} against {against}: {what} {found:.3}, promised {at_most:.3}", self.name));
                }
                format!(" (≤ {at_most:.2})")
            }
        };
        let row = format!(
            "| {} | {against} | {:.2} : {:.2} | {cpu:.3}{} | {:.0} : {:.0}{} | {memory:.2}{} | {wall:.2}{} |",
            self.name,
            ours.cpu,
            peer.cpu,
            promised("CPU ratio", cpu, Some(self.cpu)),
            ours.memory,
            peer.memory,
            promised("peak MB", ours.memory, self.megabytes),
            promised("memory ratio", memory, self.memory),
            promised("wall over CPU", wall, (self.n_rows > 100_000).then_some(WALL)),
        );
        (row, broken)
    }
}

fn version_seconds(ours: &Path) -> anyhow::Result<f64> {
    let mut call: Command = command(ours);
    call.arg("--version");
    let costs = (0..20).map(|_| measure::once(&mut call)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(measure::median(costs.iter().map(|cost| cost.wall)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_is_told() {
        let case = Case { name: "a table", n_rows: 1_000_000, memory: Some(0.5), ..POLARS };
        let peer = Cost { cpu: 10.0, wall: 10.0, memory: 100.0 };
        let (row, broken) = case.judge(Cost { cpu: 5.0, wall: 2.0, memory: 40.0 }, peer);
        assert_eq!(broken, Vec::<String>::new());
        assert_eq!(
            row,
            "| a table | polars | 5.00 : 10.00 | 0.500 (≤ 0.60) | 40 : 100 | 0.40 (≤ 0.50) | 0.40 (≤ 0.60) |"
        );
        let (_, broken) = case.judge(Cost { cpu: 7.0, wall: 7.0, memory: 60.0 }, peer);
        assert_eq!(broken.len(), 3, "{broken:?}");
    }
}
