//! PostgreSQL: many servers, and a second lock on the door between orgs.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    sqlx::{self, Connection, PgConnection, postgres::PgConnectOptions},
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Inner, Location, Result, StoreError};

/// Whether the database keeps orgs apart by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSecurity {
    /// It has no such thing; only our queries do.
    Absent,
    /// The server logs in as a role that row-level security does not bind.
    Bypassed,
    InForce,
}

/// One try to reach the database takes so long at the most.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The database is waited for so long, one try a second.
const REACHED_WITHIN: Duration = Duration::from_secs(5);

/// Every connection's settings, and what `show` must answer.
const SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "1min"),
    ("synchronous_commit", "on"),
];

pub(super) async fn open(location: &Location) -> Result<Inner> {
    let mut options = ConnectOptions::new(location.url.clone());
    options
        .max_connections(location.n_connections)
        .acquire_timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|options| options.options(SETTINGS).application_name("driftsiren-server"));
    reach(location).await?;
    let pool = Database::connect(options).await?;
    check(&pool).await?;
    let row_security = row_security(&pool).await?;
    Ok(Inner {
        writer: pool.clone(),
        reader: pool,
        _locks: Vec::new(),
        lost: CancellationToken::new(),
        folder: None,
        row_security,
    })
}

/// Tries to connect until the database answers, or for [`REACHED_WITHIN`]: it may be starting, too. A pool would say of
/// what stands in the way only that it took too long.
async fn reach(location: &Location) -> Result<()> {
    let options: PgConnectOptions = location.url.parse().map_err(|error: sqlx::Error| {
        StoreError::Unsuitable(format!("the address of the PostgreSQL database cannot be read: {error}"))
    })?;
    let address = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let mut n_tries = REACHED_WITHIN.as_secs();
    loop {
        let cause = match timeout(CONNECT_WITHIN, PgConnection::connect_with(&options)).await {
            Ok(Ok(connection)) => {
                // It was there for this question only.
                let _ = connection.close().await;
                return Ok(());
            }
            Ok(Err(error)) if !may_pass(&error) => {
                return Err(StoreError::Unreachable { address, cause: error.to_string() });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", CONNECT_WITHIN.as_secs()),
        };
        n_tries -= 1;
        if n_tries == 0 {
            return Err(StoreError::Unreachable { address, cause });
        }
        tracing::warn!(%address, %cause, n_tries, "PostgreSQL cannot be reached; trying again");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Whether a database that is starting may answer otherwise in a moment.
fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // cannot_connect_now
        sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| code == "57P03"),
        _ => false,
    }
}

async fn check(pool: &DatabaseConnection) -> Result<()> {
    let version: String = value(pool, "show server_version_num").await?;
    if version.parse::<u32>().is_ok_and(|version| version < 150_000) {
        return Err(StoreError::Unsuitable(format!("PostgreSQL is {version}, need 15 or later")));
    }
    for (name, must) in SETTINGS {
        let is: String = value(pool, &format!("show {name}")).await?;
        if is != must {
            return Err(StoreError::Unsuitable(format!(
                "PostgreSQL has `{name}` at {is} and did not change it to {must}; does a pooler drop start-up options?"
            )));
        }
    }
    Ok(())
}

async fn row_security(pool: &DatabaseConnection) -> Result<RowSecurity> {
    let sql = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user";
    let is_bypassed: bool = value(pool, sql).await?;
    Ok(if is_bypassed { RowSecurity::Bypassed } else { RowSecurity::InForce })
}

async fn value<T: sea_orm::TryGetable>(connection: &DatabaseConnection, sql: &str) -> Result<T> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.ok_or(StoreError::NotFound)?.try_get_by_index(0)?)
}
