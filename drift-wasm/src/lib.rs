//! The drift engine.
