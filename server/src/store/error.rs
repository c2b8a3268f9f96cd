//! Every way in which the database can fail us.

use std::fmt;

use sea_orm::{DbErr, RuntimeErr, TransactionError, sqlx};

pub type Result<T> = std::result::Result<T, StoreError>;

/// Why a question got no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database's address must begin with `sqlite:` or `postgres://`")]
    UnknownDatabase,
    /// The database did not answer when the server started.
    #[error("the database at {address} cannot be reached: {cause}")]
    Unreachable { address: String, cause: String },
    /// A setting that must hold does not.
    #[error("{0}")]
    Unsuitable(String),
    /// Nothing like this is kept, or not for this visitor.
    #[error("nothing like this is kept")]
    NotFound,
    /// Something of this name exists; the constraint says what.
    #[error("this {0} is taken")]
    Taken(Unique),
    /// It was changed since it was read.
    #[error("it was changed in the meantime, now version {0}")]
    Stale(i64),
    /// It would leave an org without an owner.
    #[error("an org needs at least one owner")]
    LastOwner,
    /// Batches are compared with it, and others could take its place.
    #[error("this reference is the active one")]
    ActiveReference,
    /// Its idempotency key is held by another request by now.
    #[error("another request with the same idempotency key took its place")]
    Overtaken,
    #[error("the disk is full")]
    DiskFull,
    /// A row is there and cannot be read back: it was damaged, or written by another version.
    #[error("the row {id} of the table `{table}` is corrupt: its `{column}` cannot be read")]
    Corrupt { table: &'static str, id: String, column: &'static str },
    /// The disk did not confirm a write, so nobody knows what is on it until the database is opened again.
    #[error("the disk did not confirm a write: {0}")]
    UnknownOnDisk(#[source] DbErr),
    /// The database is away or too busy; trying again may help.
    #[error("the database does not answer: {0}")]
    Unavailable(#[source] DbErr),
    #[error("the database refused: {0}")]
    Unexpected(#[source] DbErr),
}

/// What only one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    Email,
    /// An org's name in addresses.
    Slug,
    Member,
    Name,
    IdempotencyKey,
}

impl fmt::Display for Unique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "email",
            Self::Slug => "slug",
            Self::Member => "member",
            Self::Name => "name",
            Self::IdempotencyKey => "idempotency key",
        })
    }
}

/// Constraints that callers can run into by honest means.
const TAKEN: [(&str, &str, Unique); 6] = [
    // The constraint, how SQLite tells of it, and what it means.
    ("account_email_key", "account.email", Unique::Email),
    ("org_slug_key", "org.slug", Unique::Slug),
    ("membership_pk", "membership.org_id, membership.account_id", Unique::Member),
    ("dataset_name_key", "dataset.org_id, dataset.name", Unique::Name),
    ("reference_name_key", "reference.org_id, reference.dataset_id, reference.name", Unique::Name),
    ("batch_idempotency_key", "batch.org_id, batch.dataset_id, batch.idempotency_key", Unique::IdempotencyKey),
];

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let sqlx = match &error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => error.clone(),
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Self::Unavailable(error),
            _ => return Self::Unexpected(error),
        };
        match &*sqlx {
            sqlx::Error::Database(refusal) => Self::of_refusal(&**refusal, error),
            // A connection that ends in the middle of a message is a breach of the protocol, too.
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            _ => Self::Unexpected(error),
        }
    }
}

/// Whether the disk did not confirm what was written: a file, or its entry in a folder.
fn is_unknown_on_disk(code: &str) -> bool {
    ["1034", "1290"].contains(&code)
}

impl StoreError {
    fn of_refusal(refusal: &dyn sqlx::error::DatabaseError, error: DbErr) -> Self {
        let code = refusal.code().unwrap_or_default();
        if refusal.is_unique_violation() {
            let message = refusal.message();
            let known = TAKEN.iter().find(|(constraint, columns, _)| {
                refusal.constraint() == Some(*constraint) || message.ends_with(&format!(": {columns}"))
            });
            return known.map_or(Self::Unexpected(error), |(_, _, what)| Self::Taken(*what));
        }
        if refusal.is_foreign_key_violation() {
            // What it belongs to was removed in the meantime.
            return Self::NotFound;
        }
        match &*code {
            // SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC: what reached the disk is unknown, and only a fresh start finds
            // out.
            code if is_unknown_on_disk(code) => Self::UnknownOnDisk(error),
            // SQLITE_FULL, SQLITE_IOERR_WRITE, disk_full.
            "13" | "778" | "53100" => Self::DiskFull,
            // SQLITE_BUSY and its kinds.
            "5" | "261" | "517" => Self::Unavailable(error),
            // Connections, resources, operator intervention, time-outs, serialisation.
            _ if ["08", "53", "57", "40"].iter().any(|class| code.len() == 5 && code.starts_with(class)) => {
                Self::Unavailable(error)
            }
            "55P03" | "25P03" => Self::Unavailable(error),
            _ => Self::Unexpected(error),
        }
    }
}

impl From<TransactionError<DbErr>> for StoreError {
    fn from(error: TransactionError<DbErr>) -> Self {
        match error {
            TransactionError::Connection(error) | TransactionError::Transaction(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_unknown_on_disk;

    #[test]
    fn a_write_that_the_disk_did_not_confirm_is_told_from_one_that_failed() {
        // SQLITE_IOERR (10) with SQLITE_IOERR_FSYNC (4) and SQLITE_IOERR_DIR_FSYNC (5) in the second byte.
        assert!(is_unknown_on_disk(&(10 | 4 << 8).to_string()) && is_unknown_on_disk(&(10 | 5 << 8).to_string()));
        assert!(!is_unknown_on_disk("778") && !is_unknown_on_disk("13"));
    }
}
