//! Splits a block of complete rows into cells, a few thousand at a time, ready to be read column by column.

use crate::read::csv::rows::{Block, Careful};
use crate::read::scan::{Marks, prefix_xor, scan};

/// Cells to collect before they are handed out, so that they and their text stay in the nearest caches.
const BATCH_CELLS: usize = 1 << 11;

/// Cells of some rows: row `r`, column `c` at `r * n_columns + c`.
pub struct Batch<'a> {
    bytes: &'a [u8],
    bounds: &'a [(u32, u32)],
    n_columns: usize,
}

impl<'a> Batch<'a> {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.bounds.len() / self.n_columns
    }

    /// How many times as long as the block up to here all of it is.
    pub fn share(&self) -> f64 {
        let end = self.bounds.last().map_or(1, |(_, end)| *end + 1);
        self.bytes.len() as f64 / f64::from(end)
    }

    /// Where in the block each row begins.
    pub fn row_starts(&self) -> impl Iterator<Item = usize> {
        self.bounds.iter().step_by(self.n_columns).map(|(start, _)| *start as usize)
    }

    /// The raw cells of column `column`, quotes included.
    #[inline]
    pub fn column(&self, column: usize) -> impl Iterator<Item = &'a [u8]> {
        let bytes = self.bytes;
        self.bounds[column..]
            .iter()
            .step_by(self.n_columns)
            .map(move |(start, end)| &bytes[*start as usize..*end as usize])
    }
}

/// A row whose number of cells is not the header's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaggedRow {
    /// Number of the row within the block, from 0.
    pub row: u64,
    /// Cells it has.
    pub n_cells: usize,
}

/// Splits `block` into cells of `n_columns` columns.
///
/// Wholly empty lines are skipped; missing cells are empty, surplus cells are dropped, and such rows go to `ragged`.
pub fn split(
    block: &Block,
    marks: Marks,
    n_columns: usize,
    mut batch: impl FnMut(Batch<'_>),
    mut ragged: impl FnMut(RaggedRow),
) {
    let bytes = block.bytes.as_slice();
    let mut rows = Rows {
        bytes,
        n_columns,
        bounds: Vec::with_capacity(BATCH_CELLS + n_columns + 64),
        row_start: 0,
        cell_start: 0,
        row: 0,
    };
    let mut end = |rows: &mut Rows<'_>, position: usize, is_row_end: bool| {
        rows.end_cell(position);
        if is_row_end {
            rows.end_row(position, &mut ragged);
            if rows.bounds.len() >= BATCH_CELLS {
                batch(Batch { bytes, bounds: &rows.bounds, n_columns });
                rows.bounds.clear();
                rows.row_start = 0;
            }
        }
    };
    if block.irregular {
        let mut state = Careful::Start;
        for (position, byte) in bytes.iter().enumerate() {
            let before = state;
            state = before.after(*byte, marks);
            if before != Careful::Quoted && (*byte == marks.delimiter || *byte == marks.newline) {
                end(&mut rows, position, *byte == marks.newline);
            }
        }
    } else {
        let mut quoted = 0_u64;
        scan(bytes, marks, |offset, masks, length| {
            let inside = prefix_xor(masks.quote) ^ quoted;
            quoted = ((inside >> (length - 1) & 1) as i64).wrapping_neg() as u64;
            let newlines = masks.newline & !inside;
            let mut ends = (masks.delimiter | masks.newline) & !inside;
            while ends != 0 {
                let bit = ends.trailing_zeros();
                end(&mut rows, offset + bit as usize, newlines >> bit & 1 != 0);
                ends &= ends - 1;
            }
            true
        });
    }
    if rows.cell_start < bytes.len() || rows.bounds.len() > rows.row_start {
        end(&mut rows, bytes.len(), true);
    }
    if !rows.bounds.is_empty() {
        batch(Batch { bytes, bounds: &rows.bounds, n_columns });
    }
}

struct Rows<'a> {
    bytes: &'a [u8],
    n_columns: usize,
    bounds: Vec<(u32, u32)>,
    /// Where the current row begins in `bounds`.
    row_start: usize,
    cell_start: usize,
    row: u64,
}

impl Rows<'_> {
    #[inline(always)]
    fn end_cell(&mut self, position: usize) {
        self.bounds.push((self.cell_start as u32, position as u32));
        self.cell_start = position + 1;
    }

    #[inline(always)]
    fn end_row(&mut self, position: usize, ragged: &mut impl FnMut(RaggedRow)) {
        let last = self.bounds.len() - 1;
        let (start, end) = self.bounds[last];
        if end > start && self.bytes[end as usize - 1] == b'\r' {
            self.bounds[last].1 -= 1;
        }
        let n_cells = self.bounds.len() - self.row_start;
        if n_cells != self.n_columns || self.n_columns == 1 {
            self.mend_row(n_cells, position, ragged);
        }
        self.row_start = self.bounds.len();
        self.row += 1;
    }

    #[cold]
    fn mend_row(&mut self, n_cells: usize, position: usize, ragged: &mut impl FnMut(RaggedRow)) {
        let (start, end) = self.bounds[self.row_start];
        if n_cells == 1 && start == end {
            self.bounds.truncate(self.row_start);
        } else if n_cells != self.n_columns {
            self.bounds.resize(self.row_start + self.n_columns, (position as u32, position as u32));
            ragged(RaggedRow { row: self.row, n_cells });
        }
    }
}

/// The content of a cell: without its quotes, doubled quotes made single (into `scratch`).
///
/// A cell that only begins with a quote, or goes on after the closing one, is taken as it is.
#[inline]
pub fn unquote<'a>(cell: &'a [u8], quote: u8, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    match cell {
        [first, inner @ .., last] if *first == quote && *last == quote => {
            if !inner.contains(&quote) {
                return inner;
            }
            scratch.clear();
            let mut bytes = inner.iter();
            while let Some(byte) = bytes.next() {
                scratch.push(*byte);
                if *byte == quote && bytes.as_slice().first() == Some(&quote) {
                    bytes.next();
                }
            }
            scratch
        }
        _ => cell,
    }
}
