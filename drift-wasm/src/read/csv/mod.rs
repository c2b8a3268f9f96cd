//! Delimited text: its dialect, its header, and its blocks.

mod cells;
mod dialect;
mod header;
mod layout;
mod recognise;
mod rows;
mod sample;
#[cfg(test)]
mod tests;

pub use dialect::Dialect;
pub use header::Header;
pub(crate) use layout::Straightener;
pub(crate) use recognise::{Recognised, recognise};
pub use rows::{BLOCK_BYTES, Block, RowSplitter, Spares};

use std::ops::Range;

use crate::error::{Refusal, RefusalKind, Result};
use crate::finding::Finding;
use crate::options::{Ragged, ReadOptions};
use crate::profile::{BlockBuilder, BlockProfile, CellReader};

/// Reads one block of complete rows. Blocks may be read in any order, by any number of threads.
pub fn profile_block(
    block: &Block,
    dialect: Dialect,
    header: &Header,
    reader: &CellReader,
    options: &ReadOptions,
) -> Result<BlockProfile> {
    let first_row = header.n_rows + block.first_row + 1;
    let n_columns = header.names.len();
    let mut builder = BlockBuilder::new(&header.names, options).starting_at(first_row);
    let mut ragged_rows = Vec::new();
    let mut scratch = Vec::new();
    let longest = options.limits.max_cell_bytes;
    // The first in reading order: its row in the block, its column, its length.
    let mut too_long: Option<(u64, usize, usize)> = None;
    let marks = dialect.marks();
    cells::split(
        block,
        marks,
        n_columns,
        |batch| {
            let row = builder.n_rows();
            for index in 0..n_columns {
                let column = builder.column(index);
                for (row, cell) in (row..).zip(batch.column(index)) {
                    if cell.first() == Some(&marks.quote) {
                        column.push_cell(cells::unquote(cell, marks.quote, &mut scratch), reader);
                    } else {
                        column.push_cell(cell, reader);
                    }
                    if cell.len() > longest && too_long.is_none_or(|first| (row, index) < (first.0, first.1)) {
                        too_long = Some((row, index, cell.len()));
                    }
                }
            }
            if builder.n_rows() == 0 {
                builder.expect(batch.share());
            }
            builder.end_rows(batch.n_rows() as u64);
        },
        |ragged| ragged_rows.push(ragged),
    );
    if let Some((row, index, length)) = too_long {
        return Err(Refusal::new(
            RefusalKind::CellTooLong,
            format!("a cell of {length} bytes"),
            format!("at most {longest}"),
            "is a quote left open?",
        )
        .in_file(&options.name)
        .at_row(first_row + row)
        .in_column(&header.names[index])
        .into());
    }
    for ragged in ragged_rows {
        let row = first_row + ragged.row;
        let found = format!("{} cells", ragged.n_cells);
        let expected = format!("{n_columns} as in the header");
        if options.strict || options.parse.ragged == Some(Ragged::Refuse) {
            let mend = "mend the row, or let ragged rows be padded (lenient reading, `--ragged pad`)";
            return Err(Refusal::new(RefusalKind::MalformedInput, found, expected, mend)
                .in_file(&options.name)
                .at_row(row)
                .into());
        }
        builder.ragged_row();
        builder.finding(Finding { row, column: None, found, expected });
    }
    Ok(builder.finish())
}

/// Where each row of a block stands, without its line end, with what `read` makes of its cell in `column`.
pub fn rows_with<T>(
    block: &Block,
    dialect: Dialect,
    n_columns: usize,
    column: Option<usize>,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Vec<(Range<usize>, Option<T>)> {
    let mut rows = Vec::new();
    let mut scratch = Vec::new();
    // Surplus cells of a row are in no batch, so a row goes on to the next one.
    let take = |batch: cells::Batch<'_>| match column {
        None => rows.extend(batch.row_starts().map(|start| (start..start, None))),
        Some(column) => {
            let with_cell = batch.row_starts().zip(batch.column(column));
            let read =
                with_cell.map(|(start, cell)| (start..start, read(cells::unquote(cell, dialect.quote, &mut scratch))));
            rows.extend(read);
        }
    };
    cells::split(block, dialect.marks(), n_columns, take, |_| ());
    let mut end = block.bytes.len();
    for (range, _) in rows.iter_mut().rev() {
        let next = range.start;
        range.end = end;
        while range.end > range.start && matches!(block.bytes[range.end - 1], b'\n' | b'\r') {
            range.end -= 1;
        }
        end = next;
    }
    rows
}
