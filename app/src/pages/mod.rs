//! One file a route.

pub mod analyze;
pub mod not_found;
