//! The engine from outside: conformance with the reference packages, and properties of every metric.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its corpus has to fail")]

mod calibration;
mod corpus;
mod golden;
mod metrics;
mod monitoring;
mod pages;
mod refusals;
mod sentences;
mod silence;
mod spelling;
mod tails;
mod texts;
mod whole_files;
