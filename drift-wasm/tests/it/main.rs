//! The engine from outside: conformance with the reference packages, and properties of every metric.

mod calibration;
mod golden;
mod metrics;
