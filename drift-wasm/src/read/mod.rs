//! Bytes in, typed columns out.

pub mod options;

pub use options::{InputFormat, Limits, ParseOptions, Ragged, ReadOptions};
