//! Profiles: mergeable, deterministic summaries of columns.

mod categories;
mod sample;

pub use categories::{Categories, Contingency};
pub(crate) use sample::compensated_sum;
pub use sample::{Moments, Runs, Sample, pooled_runs};
