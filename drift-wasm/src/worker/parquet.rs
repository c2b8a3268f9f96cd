//! A Parquet file as workers read it: by ranges, row group by row group, by any number of them.

use std::cell::RefCell;
use std::io::{Cursor, Read};
use std::rc::Rc;

use ::parquet::errors::ParquetError;
use bytes::Bytes;
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::*;

use crate::profile::{BlockProfile, Ending, Pieces};
use crate::read::InputFormat;
use crate::read::parquet::{ChunkReader, Kept, Length, ParquetTable};
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

/// A file of this length, read by ranges. Whoever takes all its bytes in passing keeps some, so that they are read once.
struct Ranges {
    source: SendWrapper<Source>,
    kept: SendWrapper<Rc<RefCell<Kept>>>,
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
        if let Some(bytes) = self.kept.borrow().get(start, length) {
            return Ok(bytes);
        }
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
    kept: SendWrapper<Rc<RefCell<Kept>>>,
    hasher: blake3::Hasher,
}

#[wasm_bindgen]
impl ParquetFile {
    /// Reads and checks the footer of a file called `name`, of `n_bytes` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, options: &[u8], source: Source, n_bytes: f64) -> Result<ParquetFile, JsError> {
        let options = settings::taken(name, options)?;
        options.check().map_err(|error| error.in_file(name))?;
        let kept: SendWrapper<Rc<RefCell<Kept>>> = SendWrapper::new(Rc::default());
        let ranges = Ranges { source: SendWrapper::new(source), kept: kept.clone(), length: n_bytes as u64 };
        let table = ParquetTable::open(name, ranges, &options)?;
        Ok(Self { table, name: name.to_owned(), kept, hasher: blake3::Hasher::new() })
    }

    /// Takes the next bytes of the file: all are hashed, and the last are kept to be read.
    pub fn push(&mut self, bytes: Vec<u8>) {
        self.hasher.update(&bytes);
        self.kept.borrow_mut().push(Bytes::from(bytes));
    }

    /// Lets go the bytes that lie before `at`.
    pub fn forget(&self, at: f64) {
        self.kept.borrow_mut().forget(at as u64);
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

    /// How the input ended, for the session, when all its bytes were taken.
    pub fn ending(&self) -> Vec<u8> {
        let columns = self.table.columns().to_vec();
        let input_hash = self.hasher.finalize().to_hex().to_string();
        let n_bytes = self.hasher.count();
        Ending::Blocks { format: InputFormat::Parquet, n_bytes, input_hash, columns, remarks: Vec::new() }.encode()
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
