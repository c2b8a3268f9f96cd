//! `entry/json.rs` under libFuzzer.
#![no_main]

#[path = "../entry/json.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry::run(bytes));
