//! `cargo xtask prove`: promises about whole processes, broken on purpose and counted.
//!
//! Every proof fails when its fault did not happen: what was not broken proves nothing.

mod acknowledged;
mod api;
mod client;
mod database_cut;
mod disk;
mod hostile;
mod journey;
mod overload;
mod proxy;
mod retries;
mod spool;
mod wait;
mod watched;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::{Args, ValueEnum};

use crate::{native, postgres::Postgres};

/// What to prove, and how long.
#[derive(Args)]
pub struct Options {
    /// What to prove; everything when left out
    promise: Vec<Promise>,
    /// How often the server is killed
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Only on SQLite, without PostgreSQL
    #[arg(long)]
    sqlite_only: bool,
    /// The short form, as the test command runs it
    #[arg(long)]
    short: bool,
}

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Promise {
    /// A new owner, an org, a key, a pushed file, the batch on the dataset's page
    Journey,
    /// P1: an acknowledged batch outlives the end of the process, and none is doubled
    Acknowledged,
    /// P2: the same batch sent many times at once is one batch
    Retries,
    /// P3: the agent loses nothing while the server is away
    Spool,
    /// P11: too much work is refused, and nothing else breaks
    Overload,
    /// P12: a full disk stops acknowledging and corrupts nothing
    Disk,
    /// P13: the database goes away and comes back
    DatabaseCut,
    /// P17: files made to break readers are refused in bounded time and memory
    Hostile,
    /// P19: every answer of the API is what the OpenAPI document says
    Api,
}

/// The databases that a promise is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Database {
    Sqlite,
    Postgres,
}

impl Promise {
    fn is_about(self, database: Database) -> bool {
        match self {
            Self::Journey | Self::Acknowledged | Self::Retries | Self::Api => true,
            // PostgreSQL's disk is PostgreSQL's business, and what is refused here never reaches a database.
            Self::Disk | Self::Spool | Self::Overload | Self::Hostile => database == Database::Sqlite,
            Self::DatabaseCut => database == Database::Postgres,
        }
    }
}

/// Where a proof works.
struct Place<'a> {
    /// A folder of its own.
    home: &'a Path,
    /// The address of an empty database.
    database: &'a str,
    is_short: bool,
    kills: u32,
}

/// The promises that the test command checks in a short form; the API has a step of its own.
pub fn short() -> anyhow::Result<()> {
    let promise = Promise::value_variants().iter().copied().filter(|promise| *promise != Promise::Api).collect();
    run(&Options { promise, kills: 5, sqlite_only: false, short: true })
}

/// The same for the API.
pub fn short_api() -> anyhow::Result<()> {
    run(&Options { promise: vec![Promise::Api], kills: 0, sqlite_only: true, short: true })
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    native::everything()?;
    let wanted = Promise::value_variants()
        .iter()
        .filter(|promise| options.promise.is_empty() || options.promise.contains(promise));
    let wanted: Vec<Promise> = wanted.copied().collect();
    let needs_postgres = !options.sqlite_only && wanted.iter().any(|promise| promise.is_about(Database::Postgres));
    let postgres = if needs_postgres { Some(Postgres::start()?) } else { None };
    for promise in wanted {
        let folder = Folder::new(&format!("{promise:?}"))?;
        let mut databases = Vec::new();
        if promise.is_about(Database::Sqlite) {
            databases.push(("SQLite", format!("sqlite:{}", folder.0.join("data.db").display())));
        }
        if let Some(postgres) = postgres.as_ref().filter(|_| promise.is_about(Database::Postgres)) {
            databases.push(("PostgreSQL", postgres.database(&format!("{promise:?}").to_lowercase())?));
        }
        for (name, database) in databases {
            let home = folder.0.join(name);
            fs::create_dir_all(&home)?;
            let place = Place { home: &home, database: &database, is_short: options.short, kills: options.kills };
            let started_at = Instant::now();
            let said = promise.prove(&place)?;
            println!("  {promise:?} on {name}: {said} ({:.1} s)", started_at.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

impl Promise {
    fn prove(self, place: &Place) -> anyhow::Result<String> {
        match self {
            Self::Journey => journey::prove(place.home, place.database),
            Self::Acknowledged => acknowledged::prove(place.home, place.database, place.kills),
            Self::Retries => retries::prove(place),
            Self::Spool => spool::prove(place),
            Self::Overload => overload::prove(place),
            Self::Disk => disk::prove(place),
            Self::DatabaseCut => database_cut::prove(place),
            Self::Hostile => hostile::prove(place),
            Self::Api => api::prove(place),
        }
    }
}

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("driftsiren-prove-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
