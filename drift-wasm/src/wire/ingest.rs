//! How a server reads rows, so that profiles made elsewhere merge with its own.

use std::sync::LazyLock;

use crate::read::ReadOptions;

/// Values that a server holds exactly for each column of a batch: a profile file keeps fewer, and memory must stay
/// bounded whatever the body.
pub const EXACT_LIMIT: usize = 1 << 14;

/// Distinct labels that a server holds exactly for each column of a batch.
pub const CATEGORY_LIMIT: usize = 1 << 13;

/// The options that decide what a profile on a server is.
pub fn server_options(name: &str) -> ReadOptions {
    ReadOptions { exact_limit: EXACT_LIMIT, category_limit: CATEGORY_LIMIT, ..ReadOptions::new(name) }
}

/// The same, as they stand in a profile.
pub fn server_options_json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| server_options("").to_json());
    &JSON
}
