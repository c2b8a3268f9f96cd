//! An empty database for one test.
//!
//! SQLite in a folder of its own; PostgreSQL when `DRIFTSIREN_TEST_POSTGRES` holds the address of a server on which
//! databases may be made. The test command runs the tests once with each.

use driftsiren_server::store::{Location, Store};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

pub struct TestDatabase {
    location: Location,
    /// Removed with what is in it when the test ends.
    _folder: TempDir,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match std::env::var("DRIFTSIREN_TEST_POSTGRES") {
            Ok(server) => fresh_postgres(&server).await,
            Err(_) => format!("sqlite:{}", folder.path().join("test.db").display()),
        };
        Self { location: Location::new(url), _folder: folder }
    }

    pub fn url(&self) -> &str {
        &self.location.url
    }

    pub fn is_postgres(&self) -> bool {
        self.location.url.starts_with("postgres")
    }

    /// Changes something past the store.
    pub async fn run(&self, sql: &str) {
        let connection = self.connect().await;
        connection.execute_unprepared(sql).await.expect("sound SQL");
        connection.close().await.expect("closed");
    }

    /// One connection past the store.
    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url());
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.expect("the store has it open too")
    }

    /// Makes every change of a table's rows fail, as a full disk would.
    pub async fn refuse_updates(&self, table: &str) {
        self.refuse(table, "update").await;
    }

    /// The same, of changes that set this column.
    pub async fn refuse_updates_of(&self, table: &str, column: &str) {
        self.refuse(table, &format!("update of {column}")).await;
    }

    async fn refuse(&self, table: &str, what: &str) {
        let sql = if self.is_postgres() {
            format!(
                "create function refuse_{table}() returns trigger language plpgsql as \
                 $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$; \
                 create trigger refuse_{table} before {what} on {table} for each row execute function refuse_{table}()"
            )
        } else {
            format!("create trigger refuse_{table} before {what} on {table} begin select raise(abort, 'no room'); end")
        };
        self.run(&sql).await;
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.location).await.expect("a database that can be used")
    }
}

/// Makes a database on the server. The whole server is thrown away by the test command, and its databases with it.
async fn fresh_postgres(server: &str) -> String {
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    let connection = Database::connect(format!("{server}/postgres")).await.expect("the test server");
    connection.execute_unprepared(&format!("create database {name}")).await.expect("a role that may make databases");
    connection.close().await.expect("closed");
    format!("{server}/{name}")
}
