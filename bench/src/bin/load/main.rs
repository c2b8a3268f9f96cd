//! The senders of `cargo xtask bench ingest`: programs with a key that send rows as fast as they are taken.

mod rows;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};
use ureq::{Agent, http::header};

use crate::rows::{COLUMNS, Format, Rows};

/// Makes rows and sends them.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes an owner, an org, the datasets `plain` and `timed`, and a key, which it prints
    SetUp {
        /// Of a server with an empty database
        url: String,
    },
    /// Sends rows for some seconds; prints what was taken as JSON
    Send(Send),
    /// Writes rows to a file
    Write {
        #[arg(long)]
        format: Format,
        #[arg(long)]
        rows: usize,
        path: PathBuf,
    },
    /// Writes the table and one `insert` for each so many rows, as psql reads them
    WriteInserts {
        #[arg(long)]
        rows: usize,
        #[arg(long)]
        each: usize,
        path: PathBuf,
    },
    /// Prints the statement that makes a table of these columns in PostgreSQL
    Table,
}

#[derive(Args)]
struct Send {
    /// Where to
    url: String,
    /// The key, where one is wanted
    #[arg(long, default_value = "")]
    key: String,
    #[arg(long)]
    format: Format,
    /// Rows in each request
    #[arg(long)]
    rows: usize,
    /// Senders at once, each with a connection of its own
    #[arg(long)]
    clients: usize,
    #[arg(long)]
    seconds: f64,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::SetUp { url } => println!("{}", set_up(&url)?),
        What::Send(send) => println!("{}", run(&send)?),
        What::Write { format, rows, path } => std::fs::write(path, made(1).text(format, rows))?,
        What::WriteInserts { rows, each, path } => std::fs::write(path, inserts(rows, each))?,
        What::Table => println!("{}", table()),
    }
    Ok(())
}

fn made(seed: u64) -> Rows {
    Rows::new(seed, Timestamp::now())
}

fn table() -> String {
    format!("create table rows ({});", COLUMNS.map(|(name, kind)| format!("\"{name}\" {kind}")).join(", "))
}

fn inserts(n_rows: usize, each: usize) -> String {
    let csv = made(1).text(Format::Csv, n_rows);
    let rows: Vec<String> = csv.lines().skip(1).map(values).collect();
    rows.chunks(each).map(|rows| format!("insert into rows values {};\n", rows.join(", "))).collect()
}

/// A line of CSV as a tuple of SQL.
fn values(line: &str) -> String {
    let mut cells = Vec::new();
    let mut is_quoted = false;
    let mut cell = String::new();
    for mark in line.chars().chain([',']) {
        match mark {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    let literal = |cell: &String| if cell.is_empty() { "null".to_owned() } else { format!("'{cell}'") };
    format!("({})", cells.iter().map(literal).collect::<Vec<_>>().join(", "))
}

fn set_up(url: &str) -> anyhow::Result<String> {
    let agent = agent();
    let owner = json!({
        "email": "ada@example.org", "name": "Ada", "password": "correct horse battery", "org_name": "Acme",
    });
    let answer = agent.post(format!("{url}/api/v1/setup")).send_json(owner)?;
    let cookie = answer.headers().get(header::SET_COOKIE).context("no cookie")?.to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let post = |path: &str, body: Value| -> anyhow::Result<Value> {
        let mut answer =
            agent.post(format!("{url}/api/v1/orgs/acme/{path}")).header("cookie", &cookie).send_json(body)?;
        Ok(answer.body_mut().read_json()?)
    };
    post("datasets", json!({"name": "plain"}))?;
    post("datasets", json!({"name": "timed", "time_column": "time"}))?;
    let key = post("keys", json!({"name": "load", "scopes": ["ingest"]}))?;
    Ok(key["secret"].as_str().context("no key was made")?.to_owned())
}

fn agent() -> Agent {
    Agent::config_builder().timeout_global(Some(Duration::from_secs(120))).build().new_agent()
}

/// Bodies that senders take in turn: making them would slow the senders down.
fn bodies(send: &Send) -> Vec<String> {
    let n = (20_000 / send.rows).clamp(1, 1_000);
    let mut rows = made(2);
    (0..n).map(|_| rows.text(send.format, send.rows)).collect()
}

fn run(send: &Send) -> anyhow::Result<Value> {
    let bodies = bodies(send);
    let (n_requests, n_bytes, is_over) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let started_at = Instant::now();
    let sender = |client: usize| -> anyhow::Result<()> {
        let agent = agent();
        for body in bodies.iter().cycle().skip(client * 7 % bodies.len()) {
            if is_over.load(Relaxed) || started_at.elapsed().as_secs_f64() > send.seconds {
                return Ok(());
            }
            let kind = if send.format == Format::Csv { "text/csv" } else { "application/x-ndjson" };
            let request = agent.post(&send.url).content_type(kind);
            let request = request.header("authorization", format!("Bearer {}", send.key));
            let mut answer = request.config().http_status_as_error(false).build().send(body)?;
            let text = answer.body_mut().read_to_string()?;
            ensure!(answer.status().is_success(), "{}: {text}", answer.status());
            n_requests.fetch_add(1, Relaxed);
            n_bytes.fetch_add(body.len() as u64, Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let senders: Vec<_> = (0..send.clients).map(|client| scope.spawn(move || sender(client))).collect();
        senders.into_iter().try_for_each(|sender| {
            let sent = sender.join().map_err(|_| anyhow::anyhow!("a sender broke"))?;
            sent.inspect_err(|_| is_over.store(true, Relaxed))
        })
    })?;
    let n_requests = n_requests.into_inner();
    Ok(json!({
        "n_requests": n_requests,
        "n_rows": n_requests * send.rows as u64,
        "n_bytes": n_bytes.into_inner(),
        "seconds": started_at.elapsed().as_secs_f64(),
    }))
}
