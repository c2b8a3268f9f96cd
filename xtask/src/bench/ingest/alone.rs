//! PostgreSQL alone: what taking the same rows costs without us.

use std::fmt::Write;

use super::Programs;
use crate::{bench::measure::cpu_of, postgres::Postgres};

/// Rows that PostgreSQL takes alone.
const N_COPIED: usize = 300_000;
const N_INSERTED: usize = 20_000;

/// The same rows into a table of PostgreSQL, without us.
pub fn measure(programs: &Programs, postgres: &Postgres) -> anyhow::Result<String> {
    postgres.database("alone")?;
    let at = |name: &str| postgres.folder().join(name).display().to_string();
    let (csv, single, thousand) = (at("rows.csv"), at("single.sql"), at("thousand.sql"));
    programs.load(&["write", "--format", "csv", "--rows", &N_COPIED.to_string(), &csv])?;
    for (each, path) in [("1", &single), ("1000", &thousand)] {
        programs.load(&["write-inserts", "--rows", &N_INSERTED.to_string(), "--each", each, path])?;
    }
    postgres.psql("alone", &["-c", &programs.load(&["table"])?])?;
    let copy = format!("\\copy rows from '{csv}' csv header");
    let cases: [(&str, usize, [&str; 2]); 3] = [
        ("`COPY` of one CSV file", N_COPIED, ["-c", &copy]),
        ("`INSERT` of 1,000 rows each", N_INSERTED, ["-f", &thousand]),
        ("`INSERT` of one row each, a commit each", N_INSERTED, ["-f", &single]),
    ];
    let mut text = String::from(ALONE);
    for (what, n_rows, arguments) in cases {
        let (before, started_at) = (cpu_of(postgres.id()?)?, std::time::Instant::now());
        postgres.psql("alone", &arguments)?;
        let seconds = started_at.elapsed().as_secs_f64();
        let cpu = cpu_of(postgres.id()?)? - before;
        let n_rows = n_rows as f64;
        writeln!(text, "| {what} | {:.0} | {:.0} |", n_rows / seconds, n_rows / cpu)?;
    }
    Ok(text)
}

const ALONE: &str = "
PostgreSQL alone, through psql, into a table of the same columns without an index; CPU of PostgreSQL's processes:

| | rows/s | rows by CPU s |
| --- | --- | --- |
";
