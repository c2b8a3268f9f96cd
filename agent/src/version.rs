//! Versions of this program and of what it writes.

/// Version of this program and of its engine: they are released together.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Name and version of the profile file's format.
pub fn profile_format() -> String {
    format!("driftsiren.profile/{}", drift::profile::VERSION)
}
