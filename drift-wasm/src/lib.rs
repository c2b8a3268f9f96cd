//! The drift engine: has the data changed, how sure is it, what changed, and why.
//!
//! Rows become a profile ([`profile`]), two profiles are compared into a [`report::Report`].
//! No clock, no file, no network: callers hand in bytes and values.

pub mod error;
pub mod metric;
pub mod monitor;
pub mod profile;
pub mod read;
pub mod report;
pub mod schema;
pub mod verdict;

pub use error::{Error, Refusal, RefusalKind, Result};
