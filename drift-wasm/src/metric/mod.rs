//! Metrics: one file a measure, with its formula, limits and source.

mod value;

pub use value::Metric;
