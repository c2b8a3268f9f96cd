//! What the server keeps: SQLite or PostgreSQL behind one set of questions.
//!
//! Only this module knows SeaORM. Each file answers the questions about one thing; whatever belongs to an org is
//! reached through an [`OrgScope`], which adds the org to every query.

pub mod accounts;
pub mod audit;
pub mod batches;
pub mod datasets;
mod entity;
mod error;
pub mod expiry;
pub mod id;
pub mod idempotency;
pub mod invites;
pub mod keys;
mod migration;
pub mod orgs;
mod postgres;
pub mod references;
mod row;
mod scope;
pub mod sessions;
mod sqlite;
mod time;
pub mod usage;

use std::{fmt, sync::Arc};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::{
    error::{Result, StoreError, Unique},
    postgres::RowSecurity,
    scope::OrgScope,
    sqlite::Durability,
};
use self::{
    id::{AccountId, OrgId},
    migration::Migrator,
};

/// Where a store is, and how careful it is.
#[derive(Clone)]
pub struct Location {
    /// `sqlite:<file>` or `postgres://…`.
    pub url: String,
    /// Connections that may be open at once.
    pub n_connections: u32,
    /// What SQLite does before it calls a commit done.
    pub durability: Durability,
}

/// Without the address, which may hold a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n_connections, durability, .. } = self;
        f.debug_struct("Location")
            .field("n_connections", n_connections)
            .field("durability", durability)
            .finish_non_exhaustive()
    }
}

impl Location {
    /// A place with the usual care.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), n_connections: 10, durability: Durability::Full }
    }
}

/// The database, opened, checked and migrated.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// One connection on SQLite, which knows one writer; the whole pool on PostgreSQL.
    writer: DatabaseConnection,
    /// The same pool on PostgreSQL.
    reader: DatabaseConnection,
    /// Keep a second server away from the file for as long as this one lives.
    _locks: Vec<std::fs::File>,
    row_security: RowSecurity,
    /// Set when the disk did not confirm a write.
    lost: CancellationToken,
    /// Where SQLite's file is.
    folder: Option<std::path::PathBuf>,
}

/// For whom a transaction works; row-level security is told so.
#[derive(Clone, Copy)]
enum Whom<'a> {
    /// Tables that belong to no org.
    Nobody,
    Org(OrgId),
    /// An account that asks what it belongs to.
    Account(AccountId),
    /// Somebody who shows the name of a key, or the hash of an invite's secret.
    Holder(&'a str),
    /// The account or API key that asks, for what it did under keys of its own.
    Visitor(Uuid),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

impl Store {
    /// Opens a database, refuses settings that would lose data, and brings its tables up to date.
    pub async fn open(location: &Location) -> Result<Self> {
        let inner = match location.url.split_once(':') {
            Some(("sqlite", path)) => sqlite::open(path, location).await?,
            Some(("postgres" | "postgresql", _)) => postgres::open(location).await?,
            _ => return Err(StoreError::UnknownDatabase),
        };
        let store = Self { inner: Arc::new(inner) };
        store.migrate().await?;
        Ok(store)
    }

    /// The only door to what an org owns. The caller has checked that its visitor may pass.
    pub fn org(&self, org: OrgId) -> OrgScope {
        OrgScope::new(self.clone(), org)
    }

    /// Whether the database itself keeps orgs apart.
    pub fn row_security(&self) -> RowSecurity {
        self.inner.row_security
    }

    /// Bytes that are free where SQLite writes; nothing for other databases, which watch their own disk.
    pub fn free_disk(&self) -> Option<u64> {
        let folder = self.inner.folder.as_deref()?;
        fs4::available_space(folder).ok()
    }

    /// Fails when the database does not answer.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.inner.reader.ping().await?)
    }

    /// Ends the connections, after what they are doing.
    pub async fn close(&self) -> Result<()> {
        self.inner.reader.clone().close().await?;
        Ok(self.inner.writer.clone().close().await?)
    }

    fn is_postgres(&self) -> bool {
        self.inner.writer.get_database_backend() == DbBackend::Postgres
    }

    /// Applies new migrations in one transaction, under a lock that all servers respect.
    async fn migrate(&self) -> Result<()> {
        let txn = self.begin(Access::Write, Whom::Nobody).await?;
        if self.is_postgres() {
            // Freed by the end of the transaction.
            txn.execute_unprepared("select pg_advisory_xact_lock(7203841552)").await?;
        }
        Migrator::up(&txn, None).await?;
        self.commit(txn).await
    }

    /// Waits until the disk did not confirm a write: from then on nothing is written, and only opening the database again
    /// finds out what is on the disk.
    pub async fn lost(&self) {
        self.inner.lost.cancelled().await;
    }

    /// Keeps what a transaction wrote. After a write that the disk did not confirm, no other one counts as kept.
    async fn commit(&self, txn: DatabaseTransaction) -> Result<()> {
        let kept = txn.commit().await.map_err(StoreError::from);
        if matches!(kept, Err(StoreError::UnknownOnDisk(_))) {
            self.inner.lost.cancel();
        }
        kept?;
        self.check_disk()
    }

    fn check_disk(&self) -> Result<()> {
        if !self.inner.lost.is_cancelled() {
            return Ok(());
        }
        Err(StoreError::UnknownOnDisk(DbErr::Custom("an earlier write was not confirmed".to_owned())))
    }

    async fn begin(&self, access: Access, whom: Whom<'_>) -> Result<DatabaseTransaction> {
        self.check_disk()?;
        let connection = match access {
            Access::Read => &self.inner.reader,
            Access::Write => &self.inner.writer,
        };
        let mode = match access {
            Access::Read => SqliteTransactionMode::Deferred,
            Access::Write => SqliteTransactionMode::Immediate,
        };
        let options = TransactionOptions { sqlite_transaction_mode: Some(mode), ..TransactionOptions::default() };
        let txn = connection.begin_with_options(options).await?;
        self.work_for(&txn, whom).await?;
        Ok(txn)
    }

    /// Tells row-level security for whom the transaction works from here on.
    async fn work_for(&self, txn: &DatabaseTransaction, whom: Whom<'_>) -> Result<()> {
        work_for(txn, whom).await
    }
}

/// Tells row-level security for whom a transaction works, beside those for whom it works already.
async fn work_for(txn: &DatabaseTransaction, whom: Whom<'_>) -> Result<()> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let (setting, value) = match whom {
        Whom::Nobody => return Ok(()),
        Whom::Org(org) => ("app.org", org.to_string()),
        Whom::Account(account) => ("app.account", account.to_string()),
        Whom::Holder(held) => ("app.held", held.to_owned()),
        Whom::Visitor(visitor) => ("app.visitor", visitor.to_string()),
    };
    let sql = "select set_config($1, $2, true)";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [setting.into(), value.into()]);
    txn.execute_raw(statement).await?;
    Ok(())
}
