//! Parquet: row groups, read by any number of threads.
//!
//! Every leaf without lists above it is a column; members of structs are named `outer.inner`. Lists and maps are left
//! out with a finding. Times of day become seconds, decimals doubles, bytes that are no UTF-8 hexadecimal text.
//!
//! The footer's list sizes and every page header are held to the limits before anything is reserved for them; the codecs
//! are pure Rust. Values are decoded by the `parquet` crate, except texts, whose dictionary keys are counted as they are.

mod codec;
mod column;
#[cfg(not(target_arch = "wasm32"))]
mod file;
mod footer;
mod kept;
mod kind;
mod levels;
mod metadata;
mod pages;
mod text;
mod thrift;

use std::cell::Cell;
use std::sync::Arc;

pub use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::schema::types::SchemaDescPtr;

#[cfg(not(target_arch = "wasm32"))]
pub use self::file::PositionedFile;
pub use self::kept::Kept;

use crate::error::{Refusal, RefusalKind, Result};
use crate::finding::Finding;
use crate::options::ReadOptions;
use crate::profile::{BlockBuilder, BlockProfile, CellReader};
use crate::read::parquet::column::ColumnCursor;
use crate::read::parquet::metadata::RowGroup;
use crate::read::parquet::pages::{Chunk, malformed};

/// Rows of the largest block: bounds memory when a row group is larger.
const BLOCK_ROWS: u64 = 1 << 20;

/// A Parquet file whose structure was checked.
pub struct ParquetTable<R> {
    reader: Arc<R>,
    schema: SchemaDescPtr,
    row_groups: Vec<RowGroup>,
    options: ReadOptions,
    /// The columns that are read: their position among the leaves, and their name.
    leaves: Vec<usize>,
    names: Vec<String>,
    findings: Vec<Finding>,
    /// First row of each row group, and the number of all rows.
    first_rows: Vec<u64>,
}

impl<R: ChunkReader + 'static> ParquetTable<R> {
    /// Reads and checks the footer of the input called `name`.
    pub fn open(name: &str, reader: R, options: &ReadOptions) -> Result<Self> {
        let options = ReadOptions { name: name.to_owned(), ..options.clone() };
        let (schema, row_groups) = guard(|| footer::read(&reader, &options)).map_err(|error| error.in_file(name))?;
        let (mut leaves, mut names, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        for (index, leaf) in schema.columns().iter().enumerate() {
            let name = leaf.path().parts().join(".");
            if leaf.max_rep_level() == 0 {
                leaves.push(index);
                names.push(name);
            } else {
                let found = "a list or map, which is not compared".to_owned();
                let expected = "one value a row".to_owned();
                findings.push(Finding { row: 1, column: Some(name), found, expected });
            }
        }
        let mut first_rows = vec![0];
        for row_group in &row_groups {
            let n_before = first_rows.last().copied().unwrap_or(0);
            first_rows.push(n_before + u64::try_from(row_group.n_rows).unwrap_or(0));
        }
        Ok(Self { reader: Arc::new(reader), schema, row_groups, options, leaves, names, findings, first_rows })
    }

    /// The columns, in the order of the file.
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// Number of row groups.
    pub fn n_row_groups(&self) -> usize {
        self.row_groups.len()
    }

    /// Where in the file one row group ends: the end of its last column.
    pub fn end_of(&self, row_group: usize) -> u64 {
        let columns = &self.row_groups[row_group].columns;
        let ends =
            columns.iter().filter_map(|column| footer::chunk_range(column, self.reader.len())).map(|(_, end)| end);
        ends.max().unwrap_or(0)
    }

    /// Rows of one row group.
    pub fn n_rows_of(&self, row_group: usize) -> u64 {
        self.first_rows[row_group + 1] - self.first_rows[row_group]
    }

    /// All rows.
    pub fn n_rows(&self) -> u64 {
        self.first_rows.last().copied().unwrap_or(0)
    }

    /// Reads one row group and hands out its blocks in order: one, unless it has more than a million rows.
    ///
    /// Row groups may be read in any order; merge their blocks in the order of the file.
    pub fn profile_row_group(&self, row_group: usize, emit: &mut dyn FnMut(BlockProfile) -> Result<()>) -> Result<()> {
        guard(|| self.read_row_group(row_group, emit)).map_err(|error| error.in_file(&self.options.name))
    }

    fn read_row_group(&self, row_group: usize, emit: &mut dyn FnMut(BlockProfile) -> Result<()>) -> Result<()> {
        let first_row = self.first_rows[row_group];
        let n_rows = self.n_rows_of(row_group);
        let mut cursors: Vec<Option<ColumnCursor<R>>> = self.leaves.iter().map(|_| None).collect();
        let mut n_done = 0;
        loop {
            let now = (n_rows - n_done).min(BLOCK_ROWS);
            let mut builder = BlockBuilder::new(&self.names, &self.options).starting_at(first_row + n_done + 1);
            if row_group == 0 && n_done == 0 {
                self.findings.iter().for_each(|finding| builder.finding(finding.clone()));
            }
            // A row group of no rows may have no pages either.
            let cursors = if n_rows == 0 { &mut [] } else { cursors.as_mut_slice() };
            for (index, slot) in cursors.iter_mut().enumerate() {
                let mut cursor = slot.take().map_or_else(|| self.cursor(row_group, index), Ok)?;
                let result = cursor.read(now as usize, builder.column(index));
                result.map_err(|error| self.locate(error, row_group, index))?;
                // A finished column's pages are let go before the next one's are read.
                if n_done + now < n_rows {
                    *slot = Some(cursor);
                }
            }
            builder.end_rows(now);
            emit(builder.finish())?;
            n_done += now;
            if n_done >= n_rows {
                return Ok(());
            }
        }
    }

    fn cursor(&self, row_group: usize, index: usize) -> Result<ColumnCursor<R>> {
        let leaf = self.leaves[index];
        let chunk = &self.row_groups[row_group].columns[leaf];
        let (start, end) = footer::chunk_range(chunk, self.reader.len())
            .ok_or_else(|| malformed("a column that lies outside the file", "one within it"))?;
        let codec = codec::numbered(chunk.codec)
            .ok_or_else(|| malformed(format!("pages of a codec with number {}", chunk.codec), "a known codec"))?;
        let is_plain = !chunk.has_delta_texts;
        let column = self.schema.column(leaf);
        let chunk = Chunk {
            start,
            end,
            codec,
            physical: column.physical_type(),
            type_length: usize::try_from(column.type_length()).unwrap_or(0),
            n_rows: self.n_rows_of(row_group),
            max_page_bytes: self.options.limits.parquet_max_page_bytes,
        };
        let cells = CellReader::new(&ReadOptions::new(""));
        Ok(ColumnCursor::new(&self.reader, chunk, &column, is_plain, cells, self.options.limits.max_cell_bytes))
    }

    /// Adds the column, and the first row of the row group.
    fn locate(&self, error: crate::error::Error, row_group: usize, index: usize) -> crate::error::Error {
        let row = self.first_rows[row_group] + 1;
        let mut refusal = error.0.in_column(&self.names[index]).at_row(row);
        if refusal.kind == RefusalKind::MalformedParquet {
            refusal.found = format!("in row group {} {}", row_group + 1, refusal.found);
        }
        refusal.into()
    }
}

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is reading Parquet, so that a panic becomes a refusal: a panic hook has nothing to report then.
#[must_use]
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

/// Turns a panic of the decoder into a refusal.
///
/// The checks before it should leave none; this is the last line against a file made to break it. A browser's worker
/// aborts instead, and is started anew.
fn guard<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    IS_GUARDED.set(true);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    IS_GUARDED.set(false);
    outcome.unwrap_or_else(|_| {
        let mend = "have its writer make it again";
        Err(Refusal::new(RefusalKind::MalformedParquet, "data that the decoder gave up on", "a valid file", mend)
            .into())
    })
}

#[cfg(test)]
mod tests;
