//! Any bytes as delimited text (or whatever they turn out to be): a profile or a refusal, never a panic.

use drift::read::{Limits, ReadOptions, profile_bytes};

/// Panics when the promise breaks.
pub fn run(bytes: &[u8]) {
    let limits = Limits { max_decompressed_bytes: 1 << 22, max_columns: 200, ..Limits::default() };
    let lenient = ReadOptions { limits, ..ReadOptions::new("fuzz.csv") };
    let strict = ReadOptions { strict: true, ..lenient.clone() };
    if profile_bytes("fuzz.csv", bytes, &strict).is_ok() {
        profile_bytes("fuzz.csv", bytes, &lenient).expect("what strict reading takes, lenient reading takes");
    }
}
