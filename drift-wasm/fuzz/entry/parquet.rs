//! Any bytes as Parquet: blocks or a refusal. What panics within the decoder is caught by the reader.

use bytes::Bytes;
use drift::read::parquet::ParquetTable;
use drift::read::{Limits, ReadOptions};

/// Panics when the promise breaks.
pub fn run(bytes: &[u8]) {
    let limits = Limits { max_rows: 1 << 16, parquet_max_page_bytes: 1 << 20, ..Limits::default() };
    let options = ReadOptions { limits, ..ReadOptions::new("fuzz.parquet") };
    let Ok(table) = ParquetTable::open("fuzz.parquet", Bytes::copy_from_slice(bytes), &options) else { return };
    for row_group in 0..table.n_row_groups() {
        let _ = table.profile_row_group(row_group, &mut |_| Ok(()));
    }
}
