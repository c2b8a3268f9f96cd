//! How the tables came to be: commented SQL, applied in order when the server starts.
//!
//! An applied file never changes.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        ALL.iter().map(|migration| Box::new(*migration) as Box<dyn MigrationTrait>).collect()
    }
}

/// One file of SQL.
#[derive(Clone, Copy)]
struct Migration {
    name: &'static str,
    sql: &'static str,
    databases: Databases,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Databases {
    All,
    Postgres,
    Sqlite,
}

impl Databases {
    fn include(self, database: DbBackend) -> bool {
        match self {
            Self::All => true,
            Self::Postgres => database == DbBackend::Postgres,
            Self::Sqlite => database == DbBackend::Sqlite,
        }
    }
}

const ALL: [Migration; 10] = [
    Migration { name: "0001_people", sql: include_str!("0001_people.sql"), databases: Databases::All },
    Migration { name: "0002_data", sql: include_str!("0002_data.sql"), databases: Databases::All },
    Migration { name: "0003_row_security", sql: include_str!("0003_row_security.sql"), databases: Databases::Postgres },
    Migration {
        name: "0004_batches_sqlite",
        sql: include_str!("0004_batches_sqlite.sql"),
        databases: Databases::Sqlite,
    },
    Migration {
        name: "0004_batches_postgres",
        sql: include_str!("0004_batches_postgres.sql"),
        databases: Databases::Postgres,
    },
    Migration {
        name: "0005_one_active_repair",
        sql: include_str!("0005_one_active_repair.sql"),
        databases: Databases::Postgres,
    },
    Migration { name: "0005_one_active", sql: include_str!("0005_one_active.sql"), databases: Databases::All },
    Migration { name: "0006_retention", sql: include_str!("0006_retention.sql"), databases: Databases::All },
    Migration { name: "0007_idempotency", sql: include_str!("0007_idempotency.sql"), databases: Databases::All },
    Migration {
        name: "0007_idempotency_postgres",
        sql: include_str!("0007_idempotency_postgres.sql"),
        databases: Databases::Postgres,
    },
];

impl MigrationName for Migration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if !self.databases.include(manager.get_database_backend()) {
            return Ok(());
        }
        manager.get_connection().execute_unprepared(self.sql).await.map(drop)
    }
}
