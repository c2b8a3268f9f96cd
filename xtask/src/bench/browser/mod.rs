//! `cargo xtask bench browser`: our page beside what people run in a browser for the same question.
//!
//! Two files are handed to one engine in a new browser; the cost is that of all of the browser's processes from then
//! until the answer is on the screen. Engines take turns in one run on one browser; what counts is their ratio.

mod smooth;

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, bail};
use clap::Args;
use serde::{Deserialize, de::DeserializeOwned};

use super::{data, machine, measure::median, node, python};
use crate::{
    program::command,
    requirement::{self, Area},
    server::{self, Server},
    setup, site,
    wasm::Effort,
    workspace,
};

/// How much to measure, and where to write.
#[derive(Args)]
pub struct Options {
    /// Rounds in which each engine runs once; on the largest files only one
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Only the small tables: a minute; writes nothing unless `--output` is given
    #[arg(long)]
    quick: bool,
    /// The document to write; docs/benchmarks-browser.md unless given
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

impl Options {
    /// Rows of the files during which the page must answer.
    fn smooth_rows(&self) -> u32 {
        if self.quick { 100_000 } else { 1_000_000 }
    }
}

/// Who compares; the file in bench/browser that does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    DriftSiren,
    PapaParse,
    DuckDb,
    HyParquet,
}

/// What ours may cost, as a share of a peer's, or in itself.
#[derive(Clone, Copy, Default)]
struct Promise {
    seconds: Option<f64>,
    cpu: Option<f64>,
    growth: Option<f64>,
}

/// Two files, and who compares them beside us.
struct Case {
    name: &'static str,
    n_rows: u32,
    format: &'static str,
    rounds: usize,
    is_quick: bool,
    peers: &'static [(Engine, Promise)],
    /// Our memory growth in MB, at most.
    megabytes: Option<f64>,
}

const NOTHING: Promise = Promise { seconds: None, cpu: None, growth: None };

const CASES: [Case; 4] = [
    Case {
        name: "100,000 rows, CSV",
        n_rows: 100_000,
        format: "csv",
        rounds: usize::MAX,
        is_quick: true,
        peers: &[(Engine::PapaParse, Promise { seconds: Some(0.45), ..NOTHING }), (Engine::DuckDb, NOTHING)],
        megabytes: None,
    },
    Case {
        name: "1,000,000 rows, CSV",
        n_rows: 1_000_000,
        format: "csv",
        rounds: usize::MAX,
        is_quick: false,
        peers: &[
            (Engine::PapaParse, Promise { cpu: Some(0.35), ..NOTHING }),
            (Engine::DuckDb, Promise { cpu: Some(0.25), growth: Some(0.4), ..NOTHING }),
        ],
        megabytes: None,
    },
    Case {
        name: "1,000,000 rows, Parquet",
        n_rows: 1_000_000,
        format: "parquet",
        rounds: usize::MAX,
        is_quick: false,
        peers: &[(Engine::HyParquet, Promise { cpu: Some(0.35), ..NOTHING })],
        megabytes: None,
    },
    Case {
        name: "5,000,000 rows, CSV",
        n_rows: 5_000_000,
        format: "csv",
        rounds: 1,
        is_quick: false,
        peers: &[],
        megabytes: Some(1_600.0),
    },
];

/// What `bench/browser/measure.mjs` prints.
#[derive(Deserialize)]
struct Run {
    seconds: f64,
    cpu_seconds: f64,
    growth_mb: f64,
    browser: String,
}

/// Medians of several runs.
#[derive(Clone, Copy, Debug)]
struct Cost {
    seconds: f64,
    cpu: f64,
    growth: f64,
}

/// What every run needs.
struct Bench {
    chromium: PathBuf,
    modules: PathBuf,
    site: String,
}

const HEAD: &str = "\
# Benchmarks in the browser

Written by `cargo xtask bench browser`: two files of 20 columns (see [the engine's benchmarks](benchmarks.md)) are
handed to one engine in a new browser. Ours is the page as it is served, on which they are dropped, with its full
report; DuckDB-Wasm computes PSI, Kolmogorov-Smirnov and chi-square in SQL, PapaParse and hyparquet read the files in
a worker, where plain JavaScript computes the same. All are under `bench/browser/`. Seconds are from the drop until
the answer is on the screen; CPU is that of all of the browser's processes meanwhile; memory is their growth over the
page at rest, what they share counted once. By then ours has started its engine and compared two small tables, as it
does whenever the page is idle; what that took is not counted. Times are of this machine and mean nothing elsewhere: the
ratios count.

";

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::ensure(&[Area::Build, Area::Node, Area::End2end])?;
    let python = python::environment("bench/engine/requirements.txt")?;
    let modules = node::modules("bench/browser")?;
    server::build()?;
    site::make(Effort::Small)?;
    let server = Server::start("127.0.0.1:0")?;
    let chromium = requirement::chromium().context("the browser is gone")?;
    let bench = Bench { chromium, modules, site: server.url.clone() };
    let mut document = String::from(HEAD);
    writeln!(document, "{}\n", machine::line()?)?;
    writeln!(document, "| files | engine | seconds | CPU s | MB | seconds ratio | CPU ratio | memory ratio |")?;
    writeln!(document, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
    let (mut broken, mut browser) = (Vec::new(), String::new());
    for case in CASES.iter().filter(|case| case.is_quick || !options.quick) {
        let files = data::files(&python, case.n_rows, case.format)?;
        let costs = bench.costs(case, &files, options.rounds, &mut browser)?;
        let (rows, broke) = case.judge(&costs);
        print!("{rows}");
        document.push_str(&rows);
        broken.extend(broke);
    }
    let (rows, broke) = smooth::measure(&bench, &data::files(&python, options.smooth_rows(), "csv")?)?;
    print!("{rows}");
    document.push_str(&rows);
    broken.extend(broke);
    writeln!(document, "\nThe browser was Chromium {browser}.")?;
    let verdict = if broken.is_empty() { "Every promise held in this run." } else { "Promises that this run broke:" };
    writeln!(document, "\n{verdict}")?;
    broken.iter().try_for_each(|what| writeln!(document, "- {what}"))?;
    let usual = (!options.quick).then(|| workspace::root().join("docs/benchmarks-browser.md"));
    match options.output.clone().or(usual) {
        Some(path) => fs::write(path, document)?,
        None => print!("{document}"),
    }
    if !broken.is_empty() {
        bail!("promises broken: {}", broken.join("; "));
    }
    Ok(())
}

impl Bench {
    /// Median cost of ours, then of each peer.
    fn costs(
        &self,
        case: &Case,
        files: &[PathBuf; 2],
        rounds: usize,
        browser: &mut String,
    ) -> anyhow::Result<Vec<Cost>> {
        let engines: Vec<Engine> =
            std::iter::once(Engine::DriftSiren).chain(case.peers.iter().map(|(peer, _)| *peer)).collect();
        let mut runs: Vec<Vec<Run>> = engines.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds.min(case.rounds) {
            for (engine, runs) in engines.iter().zip(&mut runs) {
                let run = self.once(*engine, files).with_context(|| format!("{}, {}", engine.name(), case.name))?;
                browser.clone_from(&run.browser);
                runs.push(run);
            }
        }
        Ok(runs.iter().map(|runs| Cost::median(runs)).collect())
    }

    fn once(&self, engine: Engine, files: &[PathBuf; 2]) -> anyhow::Result<Run> {
        self.run("bench/browser/measure.mjs", &[engine.script()], files)
    }

    /// What a script prints of a new browser.
    fn run<T: DeserializeOwned>(&self, script: &str, arguments: &[&str], files: &[PathBuf; 2]) -> anyhow::Result<T> {
        let profile = workspace::target_dir().join("bench/browser-profile");
        empty(&profile)?;
        let mut call = command("node");
        call.arg(script).args(arguments).args(files);
        call.env("CHROMIUM", &self.chromium).env("MODULES", &self.modules);
        call.env("SITE", &self.site).env("PROFILE", &profile);
        // What goes wrong, the script says on its own.
        let output = call.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("cannot start node")?;
        if !output.status.success() {
            bail!("the run in the browser failed ({})", output.status);
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("{script} printed no measures"))
    }
}

/// Makes a folder, or empties it.
fn empty(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| folder.display().to_string());
        }
        _ => {}
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

impl Engine {
    fn script(self) -> &'static str {
        match self {
            Self::DriftSiren => "driftsiren",
            Self::PapaParse => "papaparse",
            Self::DuckDb => "duckdb",
            Self::HyParquet => "hyparquet",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::DriftSiren => "DriftSiren",
            Self::PapaParse => "PapaParse + JavaScript",
            Self::DuckDb => "DuckDB-Wasm",
            Self::HyParquet => "hyparquet + JavaScript",
        }
    }
}

impl Cost {
    fn median(runs: &[Run]) -> Self {
        Self {
            seconds: median(runs.iter().map(|run| run.seconds)),
            cpu: median(runs.iter().map(|run| run.cpu_seconds)),
            growth: median(runs.iter().map(|run| run.growth_mb)),
        }
    }

    fn row(&self, case: &str, engine: Engine) -> String {
        let Self { seconds, cpu, growth } = self;
        format!("| {case} | {} | {seconds:.2} | {cpu:.2} | {growth:.0}", engine.name())
    }
}

impl Case {
    /// The rows of the table, and the promises that it breaks; `costs` are ours, then the peers'.
    fn judge(&self, costs: &[Cost]) -> (String, Vec<String>) {
        let (ours, mut broken) = (costs[0], Vec::new());
        let mut rows = ours.row(self.name, Engine::DriftSiren);
        if let Some(at_most) = self.megabytes {
            rows += &format!(" (≤ {at_most:.0})");
            if ours.growth > at_most {
                broken.push(format!("{}: {:.0} MB, promised {at_most:.0}", self.name, ours.growth));
            }
        }
        rows += " | | | |\n";
        for ((peer, promise), cost) in self.peers.iter().zip(&costs[1..]) {
            let mut held = |what: &str, ratio: f64, at_most: Option<f64>| match at_most {
                None => format!("{ratio:.3}"),
                Some(at_most) => {
                    if ratio > at_most {
                        let against = peer.name();
                        broken
                            .push(format!("{} against {against}: {what} {ratio:.3}, promised {at_most:.2}", self.name));
                    }
                    format!("{ratio:.3} (≤ {at_most:.2})")
                }
            };
            let ratios = [
                held("seconds ratio", ours.seconds / cost.seconds, promise.seconds),
                held("CPU ratio", ours.cpu / cost.cpu, promise.cpu),
                held("memory ratio", ours.growth / cost.growth, promise.growth),
            ];
            rows += &format!("{} | {} |\n", cost.row("", *peer), ratios.join(" | "));
        }
        (rows, broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_is_told() {
        let case = &CASES[1];
        let ours = Cost { seconds: 2.0, cpu: 2.0, growth: 300.0 };
        let peers = [Cost { seconds: 9.0, cpu: 8.0, growth: 400.0 }, Cost { seconds: 20.0, cpu: 16.0, growth: 1000.0 }];
        let (rows, broken) = case.judge(&[ours, peers[0], peers[1]]);
        assert_eq!(broken, Vec::<String>::new());
        assert_eq!(
            rows.lines().last(),
            Some("|  | DuckDB-Wasm | 20.00 | 16.00 | 1000 | 0.100 | 0.125 (≤ 0.25) | 0.300 (≤ 0.40) |")
        );
        let (_, broken) = case.judge(&[Cost { cpu: 5.0, growth: 500.0, ..ours }, peers[0], peers[1]]);
        assert_eq!(broken.len(), 3, "{broken:?}");
        let (_, broken) = CASES[3].judge(&[Cost { growth: 1_700.0, ..ours }]);
        assert_eq!(broken.len(), 1, "{broken:?}");
    }
}
