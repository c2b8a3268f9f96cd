//! PostgreSQL: many servers, and a second lock on the door between orgs.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

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
    let pool = Database::connect(options).await?;
    check(&pool).await?;
    let row_security = row_security(&pool).await?;
    Ok(Inner { writer: pool.clone(), reader: pool, _lock: None, folder: None, row_security })
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
