//! `cargo xtask bench alarms`: how often verdicts are wrong.

fn main() {}
