//! The bodies of `/api/v1`, shared by the server, the pages and the command line.
//!
//! Times are RFC 3339 in UTC, ids UUIDs; both travel as text. Bodies that are sent refuse names they do not know.

mod check;
mod data;
mod ingest;
mod people;
mod problem;
mod remarks;
#[cfg(feature = "openapi")]
mod text;

pub use check::*;
pub use data::*;
pub use ingest::*;
pub use people::*;
pub use problem::*;
pub use remarks::MOST_FINDINGS;
