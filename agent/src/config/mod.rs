//! Configuration: where it is found, what it may say, and how it is laid under flags.

mod explain;
mod file;
mod layers;
mod locate;
mod schema_file;

pub use file::{ConfigFile, FailOn};
pub use layers::{Over, hints, hints_over, policy};
pub use locate::{FILE_NAME, load, load_one, locate};
pub use schema_file::{SchemaFile, read_schema_file};

/// JSON Schema of a driftsiren.toml.
pub const JSON_SCHEMA: &str = include_str!("../../../schemas/driftsiren.config.1.json");
