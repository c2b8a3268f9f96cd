//! `cargo xtask bench ingest`: rows sent to a server that keeps them, beside a handler that only counts them and beside
//! PostgreSQL taking the same rows alone.
//!
//! Release builds, all in one run on one machine. What counts is the CPU of the server's process; the senders are
//! another process on the same cores.

mod alone;

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde::Deserialize;

use super::{
    machine,
    measure::{cpu_of, peak_memory_of},
};
use crate::{
    postgres::Postgres,
    program::{self, cargo, command},
    server::Server,
    workspace,
};

/// How long to send, and where to write.
#[derive(Args)]
pub struct Options {
    /// Seconds for which rows are sent in each measure
    #[arg(long, value_name = "N", default_value_t = 8.0)]
    seconds: f64,
    /// Only SQLite and the handler that counts, two seconds each; writes nothing unless `--output` is given
    #[arg(long)]
    quick: bool,
    /// The document to write; docs/benchmarks-ingest.md unless given
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// What is sent to a server, and by how many.
#[derive(Clone, Copy, PartialEq)]
struct Load {
    format: &'static str,
    n_rows: usize,
    n_clients: usize,
}

const SINGLE: Load = Load { format: "ndjson", n_rows: 1, n_clients: 64 };
const HUNDRED: Load = Load { format: "ndjson", n_rows: 100, n_clients: 16 };
const THOUSAND: Load = Load { format: "ndjson", n_rows: 1_000, n_clients: 8 };
const MANY: Load = Load { format: "ndjson", n_rows: 20_000, n_clients: 4 };
/// About 60 MB, just under what a body may have.
const FILE: Load = Load { format: "csv", n_rows: 300_000, n_clients: 2 };

const NDJSON: [Load; 4] = [SINGLE, HUNDRED, THOUSAND, MANY];

/// Rows by CPU second over those of the handler that counts, at least.
const OF_LIMIT: [(Load, f64); 2] = [(THOUSAND, 0.65), (SINGLE, 0.5)];
/// MB of CSV by CPU second, profiled and durable, at least.
const CSV_SPEED: f64 = 30.0;
/// MiB of the server at its peak, at most.
const MEMORY: f64 = 512.0;

/// How often each of those that are compared has its turn.
const ROUNDS: usize = 5;

/// What the senders say.
#[derive(Deserialize)]
struct Sent {
    n_requests: f64,
    n_rows: f64,
    n_bytes: f64,
    seconds: f64,
}

/// One load on one server.
struct Measure {
    server: String,
    load: Load,
    sent: Sent,
    cpu: f64,
    /// CPU of PostgreSQL, where it keeps the rows.
    database_cpu: Option<f64>,
}

impl Measure {
    fn rows_by_cpu(&self) -> f64 {
        self.sent.n_rows / self.cpu
    }

    fn row(&self, limit: Option<f64>) -> String {
        let Self { server, load, sent, cpu, database_cpu } = self;
        format!(
            "| {server} | {} | {} | {} | {:.0} | {:.0} | {:.0} | {:.1} | {} | {} |",
            load.format,
            load.n_rows,
            load.n_clients,
            sent.n_requests / sent.seconds,
            sent.n_rows / sent.seconds,
            self.rows_by_cpu(),
            sent.n_bytes / 1e6 / cpu,
            limit.map_or("–".to_owned(), |limit| format!("{:.2}", self.rows_by_cpu() / limit)),
            database_cpu.map_or("–".to_owned(), |database| format!("{:.2}", database / cpu)),
        )
    }
}

/// The programs that take part.
struct Programs {
    server: PathBuf,
    bare: PathBuf,
    load: PathBuf,
}

impl Programs {
    fn build() -> anyhow::Result<Self> {
        // In one call: features that are put together differently would compile half of the dependencies again.
        let packages = ["--package", "driftsiren-server", "--package", "driftsiren-bench"];
        let binaries = ["--bin", "driftsiren-server", "--bin", "bare", "--bin", "load"];
        program::run(cargo(&["build", "--release"]).args(packages).args(binaries))?;
        let at = |name: &str| workspace::target_dir().join("release").join(name);
        Ok(Self { server: at("driftsiren-server"), bare: at("bare"), load: at("load") })
    }

    /// What `load` prints for these arguments.
    fn load(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = command(&self.load).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "`load {}` failed ({})", arguments.join(" "), output.status);
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn send(&self, url: &str, key: &str, load: Load, seconds: f64) -> anyhow::Result<Sent> {
        let (rows, clients, seconds) = (load.n_rows.to_string(), load.n_clients.to_string(), seconds.to_string());
        let mut arguments = vec!["send", url, "--format", load.format, "--rows", &rows, "--clients", &clients];
        arguments.extend(["--seconds", &seconds, "--key", key]);
        Ok(serde_json::from_str(&self.load(&arguments)?)?)
    }

    fn start(&self, database: &str, synchronous: &str) -> anyhow::Result<Keeper> {
        let mut server = command(&self.server);
        server
            .stdin(Stdio::null())
            .env("DRIFTSIREN_ADDR", "127.0.0.1:0")
            .env("DRIFTSIREN_DATABASE_URL", database)
            .env("DRIFTSIREN_SQLITE_SYNCHRONOUS", synchronous)
            .env("DRIFTSIREN_INGEST_PER_MINUTE", "10000000")
            .env("DRIFTSIREN_LOG", "error")
            .env_remove("DRIFTSIREN_SITE");
        let server = Server::listening(server)?;
        let key = self.load(&["set-up", &server.url])?;
        Ok(Keeper { server, key })
    }
}

/// A server of ours with the key of a program.
struct Keeper {
    server: Server,
    key: String,
}

impl Keeper {
    fn place(&self, name: &str, dataset: &str, database: Option<u32>) -> Place<'_> {
        let url = format!("{}/api/v1/orgs/acme/datasets/{dataset}/batches", self.server.url);
        Place { name: name.to_owned(), server: &self.server, url, key: &self.key, database }
    }
}

/// Where to send, and as whom.
struct Place<'a> {
    /// As the table calls it.
    name: String,
    server: &'a Server,
    url: String,
    key: &'a str,
    /// The process of PostgreSQL, where it keeps the rows.
    database: Option<u32>,
}

/// One run.
struct Bench<'a> {
    programs: &'a Programs,
    folder: &'a Path,
    seconds: f64,
    measures: Vec<Measure>,
    peak: f64,
}

impl Bench<'_> {
    /// Sends a load to a process; gives what it cost.
    fn measure(&self, place: &Place<'_>, load: Load, seconds: f64) -> anyhow::Result<Measure> {
        let Place { name, server, url, key, database } = place;
        // What is loaded on the first requests belongs to none.
        self.programs.send(url, key, load, seconds / 8.0)?;
        let cpu = || -> anyhow::Result<_> { Ok((cpu_of(server.id())?, database.map(cpu_of).transpose()?)) };
        let before = cpu()?;
        let sent = self.programs.send(url, key, load, seconds)?;
        let after = cpu()?;
        let database_cpu = after.1.zip(before.1).map(|(after, before)| after - before);
        Ok(Measure { server: name.clone(), load, sent, cpu: after.0 - before.0, database_cpu })
    }

    fn note(&mut self, measure: Measure) {
        println!("{}", measure.row(None));
        self.measures.push(measure);
    }

    /// Sends a load to several processes in turn, and again; notes of each the measure in the middle. A moment in which
    /// the machine is slow falls on all of them, or on one round.
    fn in_turn(&mut self, places: &[Place<'_>], load: Load) -> anyhow::Result<()> {
        let seconds = self.seconds / 2.0;
        let mut rounds: Vec<Vec<Measure>> = places.iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for (place, measures) in places.iter().zip(&mut rounds) {
                measures.push(self.measure(place, load, seconds)?);
            }
        }
        for mut measures in rounds {
            measures.sort_by(|a, b| a.rows_by_cpu().total_cmp(&b.rows_by_cpu()));
            self.note(measures.swap_remove(ROUNDS / 2));
        }
        Ok(())
    }

    /// The handler that counts, and ours on SQLite, side by side.
    fn sqlite(&mut self) -> anyhow::Result<()> {
        let mut bare: Command = command(&self.programs.bare);
        bare.stdin(Stdio::null());
        let bare = Server::listening(bare)?;
        let files = ["normal", "full"].map(|synchronous| self.folder.join(format!("{synchronous}.db")));
        let start =
            |file: &Path, synchronous: &str| self.programs.start(&format!("sqlite:{}", file.display()), synchronous);
        let (normal, full) = (start(&files[0], "normal")?, start(&files[1], "full")?);
        let counts = |name: &str, path: &str| Place {
            name: name.to_owned(),
            server: &bare,
            url: format!("{}/{path}", bare.url),
            key: "none",
            database: None,
        };
        let places = [
            counts(BARE, "visitor"),
            counts(TREE, "tree"),
            normal.place(NORMAL, "plain", None),
            full.place(FULL, "plain", None),
        ];
        for load in NDJSON {
            self.in_turn(&places, load)?;
        }
        self.others(NORMAL, &normal, None)?;
        self.others(FULL, &full, None)
    }

    /// Ours on PostgreSQL.
    fn postgres(&mut self, database: &str, process: u32) -> anyhow::Result<()> {
        let keeper = self.programs.start(database, "full")?;
        for load in NDJSON {
            let measure = self.measure(&keeper.place(POSTGRES, "plain", Some(process)), load, self.seconds)?;
            self.note(measure);
        }
        self.others(POSTGRES, &keeper, Some(process))
    }

    /// Loads that have no limit to stand beside.
    fn others(&mut self, name: &str, keeper: &Keeper, database: Option<u32>) -> anyhow::Result<()> {
        let timed = format!("{name}, time column");
        for (place, load) in
            [(keeper.place(name, "plain", database), FILE), (keeper.place(&timed, "timed", database), THOUSAND)]
        {
            let measure = self.measure(&place, load, self.seconds)?;
            self.note(measure);
        }
        self.peak = self.peak.max(peak_memory_of(keeper.server.id())?);
        Ok(())
    }

    fn limit(&self, name: &str, load: Load) -> Option<f64> {
        self.of(name, load).map(Measure::rows_by_cpu)
    }

    fn of(&self, name: &str, load: Load) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.server == name && measure.load == load)
    }

    /// The table, and the promises that were broken.
    fn judge(&self) -> anyhow::Result<(String, Vec<String>)> {
        let mut table = String::from(TABLE);
        for measure in &self.measures {
            writeln!(table, "{}", measure.row(self.limit(BARE, measure.load)))?;
        }
        let mut held = Vec::new();
        for (load, at_least) in OF_LIMIT {
            for server in [NORMAL, FULL] {
                let measure = self.of(server, load).context("a load was not measured")?;
                let limits = [BARE, TREE].map(|limit| self.limit(limit, load).unwrap_or(f64::NAN));
                let [of_bare, of_tree] = limits.map(|limit| measure.rows_by_cpu() / limit);
                let what = format!(
                    "{server}, {} rows a request: {of_bare:.2} of the limit ({of_tree:.2} of the one with trees)",
                    load.n_rows
                );
                // The durable commit of single rows is what group commit is for; of a thousand it is stated only.
                let is_promised = server == NORMAL || load == SINGLE;
                held.push((what, is_promised.then_some(at_least), of_bare));
            }
        }
        let csv = self.of(FULL, FILE).context("CSV was not measured")?;
        let speed = csv.sent.n_bytes / 1e6 / csv.cpu;
        held.push((format!("CSV, profiled and durable: {speed:.0} MB for each CPU second"), Some(CSV_SPEED), speed));
        let mut broken = Vec::new();
        table.push('\n');
        for (what, at_least, found) in held {
            let promise = at_least.map_or("stated".to_owned(), |at_least| format!("promised: at least {at_least}"));
            writeln!(table, "- {what} ({promise})")?;
            if at_least.is_some_and(|at_least| found < at_least) {
                broken.push(what);
            }
        }
        let memory = format!("memory at its peak: {:.0} MiB", self.peak * 1e6 / f64::from(1 << 20));
        writeln!(table, "- {memory} (promised: at most {MEMORY})")?;
        if self.peak * 1e6 / f64::from(1 << 20) > MEMORY {
            broken.push(memory);
        }
        Ok((table, broken))
    }
}

const BARE: &str = "counts only";
const TREE: &str = "counts only, by trees";
const NORMAL: &str = "SQLite, `NORMAL`";
const FULL: &str = "SQLite, durable";
const POSTGRES: &str = "PostgreSQL, durable";

const TABLE: &str = "\
| server | format | rows a request | senders | requests/s | rows/s | rows by CPU s | MB by CPU s | of the limit | CPU of PostgreSQL |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
";

const HEAD: &str = "\
# Benchmarks of the ingest

Written by `cargo xtask bench ingest`: rows of 20 columns (12 numeric, 6 of labels, one of truth values, one of times;
nulls in some), sent by programs with keys over connections that stay open, to servers on the same cores. What counts
is the CPU of the server's process, user and system. `counts only` is the limit: a bare axum handler that parses the
same NDJSON into counts of cells by column and stores nothing, while serde reads and without building anything
(`bench/src/bin/bare.rs`); `by trees` builds a `serde_json::Map` of each row first. Ours reads, checks, profiles,
hashes and keeps each batch; `durable` waits for the disk before it answers, `NORMAL` leaves that to the system.
Those that stand beside the limit have their turn five times, one after another; the measure in the middle counts.

";

pub fn run(options: &Options) -> anyhow::Result<()> {
    let programs = Programs::build()?;
    let folder = workspace::target_dir().join(format!("bench/ingest-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let seconds = if options.quick { options.seconds.min(2.0) } else { options.seconds };
    let mut bench = Bench { programs: &programs, folder: &folder, seconds, measures: Vec::new(), peak: 0.0 };
    let measured = measure_all(&mut bench, options.quick);
    std::fs::remove_dir_all(&folder)?;
    let alone = measured?;
    let (table, broken) = bench.judge()?;
    let verdict =
        if broken.is_empty() { "Every promise held in this run.\n" } else { "Promises that this run broke:\n" };
    let broken_lines: String = broken.iter().map(|what| format!("- {what}\n")).collect();
    let document = format!("{HEAD}{}\n\n{table}\n{verdict}{broken_lines}{alone}", machine::line()?);
    let usual = (!options.quick).then(|| workspace::root().join("docs/benchmarks-ingest.md"));
    match options.output.clone().or(usual) {
        Some(path) => std::fs::write(path, document)?,
        None => print!("{document}"),
    }
    if !broken.is_empty() {
        bail!("promises broken: {}", broken.join("; "));
    }
    Ok(())
}

/// Measures everything; gives what PostgreSQL costs alone, as text.
fn measure_all(bench: &mut Bench, is_quick: bool) -> anyhow::Result<String> {
    bench.sqlite()?;
    if is_quick {
        return Ok(String::new());
    }
    let postgres = Postgres::start()?;
    let database = postgres.database("ingest")?;
    bench.postgres(&database, postgres.id()?)?;
    alone::measure(bench.programs, &postgres)
}
