//! The drift engine: has the data changed, how sure is it, what changed, and why.
//!
//! Rows become a profile ([`profile`]), two profiles are compared into a [`report::Report`].
//! No clock, no file, no network: callers hand in bytes and values.

pub mod bins;
pub mod bounded;
mod cell;
pub mod compare;
mod encoding;
pub mod error;
pub mod explain;
pub mod finding;
pub mod format;
pub mod infer;
pub mod metric;
pub mod monitor;
pub mod options;
mod parallel;
pub mod policy;
mod power;
pub mod profile;
pub mod read;
pub mod receipt;
pub mod remark;
pub mod render;
pub mod report;
pub mod schema;
pub mod verdict;
pub mod wire;
#[cfg(all(target_arch = "wasm32", any(feature = "reader", feature = "session")))]
pub mod worker;

pub use error::{Error, Refusal, RefusalKind, Result};
