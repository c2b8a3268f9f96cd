//! The rows of one org, read past the server.

use std::collections::BTreeSet;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::database::TestDatabase;

/// A look at the database itself, with the eyes of one org.
pub struct Rows {
    connection: DatabaseConnection,
    org: String,
    /// What the rows of the org and its people hold: ids without dashes.
    names: Vec<String>,
}

impl Rows {
    /// Opens the database for the rows that name the org or one of these accounts.
    pub async fn of(database: &TestDatabase, org: &str, accounts: &[&str]) -> Self {
        let mut options = ConnectOptions::new(database.url());
        // Settings of a session hold for one connection.
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await.expect("the server has it open too");
        let names = accounts.iter().chain([&org]).map(|id| id.replace('-', "")).collect();
        let rows = Self { connection, org: org.to_owned(), names };
        if rows.is_postgres() {
            for (setting, value) in [("app.org", org), ("app.account", accounts.first().copied().unwrap_or_default())] {
                rows.run(&format!("select set_config('{setting}', '{value}', false)")).await;
            }
        }
        rows
    }

    fn is_postgres(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Postgres
    }

    async fn run(&self, sql: &str) {
        self.connection.execute_unprepared(sql).await.expect("sound SQL");
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.connection.get_database_backend(), sql);
        let rows = self.connection.query_all_raw(statement).await.expect("sound SQL");
        rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("text")).collect()
    }

    async fn tables(&self) -> Vec<String> {
        let sql = if self.is_postgres() {
            "select table_name::text from information_schema.tables where table_schema = 'public'"
        } else {
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
        };
        self.texts(sql).await
    }

    /// Every row that names the org or its people, with its table.
    pub async fn all(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for table in self.tables().await {
            let sql = if self.is_postgres() {
                format!("select t::text from \"{table}\" t")
            } else {
                let columns = self.texts(&format!("select name from pragma_table_info('{table}')")).await;
                let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                format!("select lower({}) from \"{table}\"", quoted.join(" || ',' || "))
            };
            let rows = self.texts(&sql).await.into_iter().filter(|row| self.is_named(row));
            all.extend(rows.map(|row| format!("{table}: {row}")));
        }
        all
    }

    fn is_named(&self, row: &str) -> bool {
        let row = row.replace('-', "");
        self.names.iter().any(|name| row.contains(name))
    }

    /// Changes something behind the server's back.
    pub async fn plant(&self, sql: &str) {
        self.run(sql).await;
    }

    /// Lets PostgreSQL show everything to the role that owns the tables, as if there were no row-level security.
    pub async fn without_row_security(&self) {
        for table in self.texts("select relname::text from pg_class where relforcerowsecurity").await {
            self.run(&format!("alter table \"{table}\" no force row level security")).await;
        }
    }

    /// Datasets of the org that a session sees which works for another one.
    pub async fn n_datasets_seen_by(&self, other: &str) -> usize {
        self.run(&format!("select set_config('app.org', '{other}', false)")).await;
        let seen = self.texts("select t::text from dataset t").await;
        self.run(&format!("select set_config('app.org', '{}', false)", self.org)).await;
        seen.iter().filter(|row| self.is_named(row)).count()
    }
}
