//! Bytes in, profiles out: push-style, so that a file, a pipe, a request body and a slice of a Blob are all the same.
//!
//! Text is cut into blocks at offsets that depend on the bytes alone; blocks are read by any number of threads and
//! merged in order, so that the profile does not depend on threads, sources or the sizes of pieces.

pub mod csv;
pub mod decompress;
mod feed;
mod few;
pub mod json;
mod names;
#[cfg(feature = "parquet")]
pub mod parquet;
mod pipeline;
mod push;
pub(crate) mod scan;
mod slots;
pub mod sniff;
mod split;
mod text;

use crate::cell::time;
pub use crate::options::{
    CATEGORY_LIMIT, EXACT_LIMIT, InputFormat, Limits, NULL_MARKERS, ParseOptions, Ragged, ReadOptions,
};
pub use few::{FewRows, Part};
#[cfg(not(target_arch = "wasm32"))]
pub use pipeline::profile_file;
pub use pipeline::{NoProgress, Progress, profile_bytes, profile_source};
pub use push::{BlockReader, PushReader};
pub use slots::{SlotOf, SlotReader, Slotted};
pub use split::{Cut, Half, Splitter};
pub use text::{TextReader, TextTable};

/// A time as it is spelled in files, in microseconds since 1970 UTC; nothing when it is none.
pub fn time_of(text: &str) -> Option<i64> {
    time::parse(text.trim().as_bytes())
}
