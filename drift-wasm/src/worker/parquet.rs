//! A Parquet file as workers read it: by ranges, row group by row group, by any number of them.

use std::io::{Cursor, Read};

use ::parquet::errors::ParquetError;
use bytes::Bytes;
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::*;

use crate::profile::{BlockProfile, Ending, Pieces};
use crate::read::InputFormat;
use crate::read::parquet::{ChunkReader, Length, ParquetTable};
use crate::worker::reader::Profiled;
use crate::worker::settings;

#[wasm_bindgen]
extern "C" {
    /// A file that a worker can read from.
    pub type Source;

    /// The bytes from `start` to `end`.
    #[wasm_bindgen(method, catch)]
    fn range(this: &Source, start: f64, end: f64) -> Result<Vec<u8>, JsValue>;
}

/// A file of this length, read by ranges.
struct Ranges {
    source: SendWrapper<Source>,
    length: u64,
}

impl Length for Ranges {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Ranges {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> ::parquet::errors::Result<Self::T> {
        let length = usize::try_from(self.length.saturating_sub(start)).unwrap_or(usize::MAX);
        Ok(Box::new(Cursor::new(self.get_bytes(start, length)?)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ::parquet::errors::Result<Bytes> {
        let end = start.saturating_add(length as u64).min(self.length);
        let bytes = self.source.range(start as f64, end as f64).map_err(|error| {
            let words = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
            ParquetError::General(words.unwrap_or_else(|| "the browser cannot read the file".to_owned()))
        })?;
        Ok(Bytes::from(bytes))
    }
}

/// A Parquet file, opened.
#[wasm_bindgen]
pub struct ParquetFile {
    table: ParquetTable<Ranges>,
    name: String,
}

#[wasm_bindgen]
impl ParquetFile {
    /// Reads and checks the footer of a file called `name`, of `n_bytes` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, options: &[u8], source: Source, n_bytes: f64) -> Result<ParquetFile, JsError> {
        let options = settings::taken(name, options)?;
        options.check().map_err(|error| error.in_file(name))?;
        let ranges = Ranges { source: SendWrapper::new(source), length: n_bytes as u64 };
        Ok(Self { table: ParquetTable::open(name, ranges, &options)?, name: name.to_owned() })
    }

    /// Number of row groups.
    #[wasm_bindgen(getter, js_name = rowGroups)]
    pub fn row_groups(&self) -> usize {
        self.table.n_row_groups()
    }

    /// Where in the file a row group ends.
    #[wasm_bindgen(js_name = endOf)]
    pub fn end_of(&self, position: usize) -> Option<f64> {
        (position < self.table.n_row_groups()).then(|| self.table.end_of(position) as f64)
    }

    /// Profiles a row group.
    #[wasm_bindgen(js_name = rowGroup)]
    pub fn row_group(&self, position: usize) -> Result<RowGroup, JsError> {
        if position >= self.table.n_row_groups() {
            return Err(JsError::new(&format!("{}: no row group {}", self.name, position + 1)));
        }
        let mut blocks = Vec::new();
        self.table.profile_row_group(position, &mut |block| {
            blocks.push(block);
            Ok(())
        })?;
        Ok(RowGroup { blocks: blocks.into_iter(), n_rows: self.table.n_rows() })
    }

    /// How the input ended, for the session, when its bytes had this hash.
    pub fn ending(&self, hash: Hash, n_bytes: f64) -> Vec<u8> {
        let columns = self.table.columns().to_vec();
        let input_hash = hash.hasher.finalize().to_hex().to_string();
        Ending::Blocks { format: InputFormat::Parquet, n_bytes: n_bytes as u64, input_hash, columns }.encode()
    }
}

/// The blocks of a row group: one, unless it is very large.
#[wasm_bindgen]
pub struct RowGroup {
    blocks: std::vec::IntoIter<BlockProfile>,
    n_rows: u64,
}

#[wasm_bindgen]
impl RowGroup {
    /// The next block, or nothing after the last.
    pub fn next(&mut self) -> Option<Profiled> {
        let block = self.blocks.next()?;
        let share = self.n_rows as f64 / block.n_rows().max(1) as f64;
        Some(Profiled::new(Pieces::new(block, share)))
    }
}

/// The hash of a file that is read by ranges.
#[wasm_bindgen]
#[derive(Default)]
pub struct Hash {
    hasher: blake3::Hasher,
}

#[wasm_bindgen]
impl Hash {
    /// Of nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }
}
