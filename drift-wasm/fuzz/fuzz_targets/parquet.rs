//! `entry/parquet.rs` under libFuzzer.
#![no_main]

#[path = "../entry/parquet.rs"]
mod entry;

// The decoder of the `parquet` crate panics on some damage, which our reader catches: only what gets out is a crash.
libfuzzer_sys::fuzz_target!(init: { let _ = std::panic::take_hook(); std::panic::set_hook(Box::new(|_| {})); }, |bytes: &[u8]| {
    entry::run(bytes);
});
