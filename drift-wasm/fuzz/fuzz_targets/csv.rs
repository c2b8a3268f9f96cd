//! `entry/csv.rs` under libFuzzer.
#![no_main]

#[path = "../entry/csv.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry::run(bytes));
