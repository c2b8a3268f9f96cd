//! Rows that are read back: a value that cannot be read is an error that names its row, never a default.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{Result, StoreError};

/// The row that is being read.
#[derive(Clone, Debug)]
pub(super) struct Row {
    table: &'static str,
    id: String,
}

impl Row {
    pub(super) fn new(table: &'static str, id: impl ToString) -> Self {
        Self { table, id: id.to_string() }
    }

    /// The error of a value that cannot be read.
    pub(super) fn corrupt(&self, column: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, id: self.id.clone(), column }
    }

    /// A value that was parsed, if it could be.
    pub(super) fn need<T>(&self, column: &'static str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.corrupt(column))
    }

    /// A number within the range of its type: counts are never negative.
    pub(super) fn number<T: TryFrom<i64>>(&self, column: &'static str, value: i64) -> Result<T> {
        self.need(column, T::try_from(value).ok())
    }

    /// A time in microseconds since 1970.
    pub(super) fn time(&self, column: &'static str, micros: i64) -> Result<Timestamp> {
        self.need(column, Timestamp::from_microsecond(micros).ok())
    }

    /// The same, where there may be none.
    pub(super) fn time_if_any(&self, column: &'static str, micros: Option<i64>) -> Result<Option<Timestamp>> {
        micros.map(|micros| self.time(column, micros)).transpose()
    }

    /// A value that is kept as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T> {
        self.need(column, serde_json::from_str(text).ok())
    }
}
