//! JSON: one object a line, or an array of objects that [`ArraySplitter`] turns into lines.
//!
//! Each object is a row. Members are columns in the order in which they first appear; a row without a member is null
//! there. Objects within a row are flattened to `outer.inner`, [`FLATTENED_NAMES`] names deep; arrays and deeper
//! objects are kept as their JSON text, which is of no column type. Texts are texts: `"12"` is never a number.
//! `NaN`, `Infinity` and `-Infinity`, which Python writes, are read unless reading is strict. Where a row names a
//! member twice the last one counts, as everywhere else.

mod array;
mod row;
mod value;

pub use array::ArraySplitter;
pub use row::FLATTENED_NAMES;

use crate::error::{Refusal, RefusalKind, Result};
use crate::profile::{BlockBuilder, BlockProfile, CellReader, ColumnBuilder};
use crate::read::csv::Block;
use crate::read::json::row::{Problem, RowReader};
use crate::read::json::value::Cell;
use crate::read::options::ReadOptions;
use crate::read::scan::Marks;
use crate::report::Finding;

/// Marks for cutting lines with [`crate::read::csv::RowSplitter`]: a line end always ends a row, because JSON has none
/// within its texts. The other marks are bytes that UTF-8 never has.
pub(crate) const LINE_MARKS: Marks = Marks { delimiter: 0xfe, newline: b'\n', quote: 0xff };

/// Reads one block of complete lines; its columns are those that it finds. Blocks may be read in any order.
///
/// Blank lines are skipped. A line that is no object is rejected with a finding, and refused when reading is strict.
pub fn profile_block(block: &Block, options: &ReadOptions) -> Result<BlockProfile> {
    let mut builder = BlockBuilder::new(&[], options).starting_at(block.first_row + 1);
    let cell_reader = CellReader::new(&ReadOptions::new(options.name.as_str()));
    let mut reader = RowReader::new(&options.limits, options.strict);
    // Rows that each column has a cell of; the rows between are null.
    let mut n_filled: Vec<u64> = Vec::new();
    for (index, line) in block.bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let row = block.first_row + index as u64 + 1;
        if let Err(problem) = reader.read(line) {
            reject(&mut builder, problem, row, options)?;
            continue;
        }
        if let Some(column) = reader.repeated() {
            let (found, expected) = ("a member named twice; the last one counts", "each name once");
            if options.strict {
                let refusal =
                    Refusal::new(RefusalKind::MalformedInput, found, expected, "mend the row or read leniently");
                return Err(refusal.in_file(&options.name).at_row(row).in_column(&column).into());
            }
            builder.finding(Finding { row, column: Some(column), found: found.into(), expected: expected.into() });
        }
        let n_rows = builder.n_rows();
        for name in reader.new_columns() {
            builder.add_column(&name);
            n_filled.push(n_rows);
        }
        for (index, cell) in reader.cells() {
            let column = builder.column(*index);
            column.push_nulls(n_rows - n_filled[*index]);
            n_filled[*index] = n_rows + 1;
            push(column, cell, line, reader.texts(), &cell_reader);
        }
        builder.end_rows(1);
    }
    for (index, n_filled) in n_filled.into_iter().enumerate() {
        let n_rows = builder.n_rows();
        builder.column(index).push_nulls(n_rows - n_filled);
    }
    Ok(builder.finish())
}

/// Where each line of a block begins, with what `read` makes of its member `column`. A line that is no object goes
/// with the one before it, to be rejected there; it has no time of its own.
pub fn rows_with<T>(
    block: &Block,
    column: &str,
    options: &ReadOptions,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Vec<(usize, Option<T>)> {
    let mut reader = RowReader::new(&options.limits, false);
    let mut position = None;
    let mut n_columns = 0;
    let mut rows = Vec::new();
    let mut start = 0;
    for whole in block.bytes.split_inclusive(|byte| *byte == b'\n') {
        let line = whole.trim_ascii();
        let is_row = !line.is_empty() && reader.read(line).is_ok();
        if is_row {
            for name in reader.new_columns() {
                if name == column {
                    position = Some(n_columns);
                }
                n_columns += 1;
            }
            let cell = reader.cells().iter().find(|(index, _)| Some(*index) == position);
            let time = cell.and_then(|(_, cell)| match cell {
                Cell::Number(range, _) | Cell::Text(range) => read(&line[range.clone()]),
                Cell::Unescaped(range) => read(&reader.texts()[range.clone()]),
                Cell::Null | Cell::Boolean(_) | Cell::NotFinite(_) | Cell::Invalid(_) => None,
            });
            rows.push((start, time));
        } else if rows.is_empty() {
            rows.push((start, None));
        }
        start += whole.len();
    }
    rows
}

/// Finds the cell of one column in lines.
pub(crate) struct CellFinder {
    reader: RowReader,
    name: String,
    /// Number of the column, when a row has had it.
    index: Option<usize>,
    n_columns: usize,
}

impl CellFinder {
    /// A finder for the column `name`.
    pub fn new(name: &str, options: &ReadOptions) -> Self {
        Self { reader: RowReader::new(&options.limits, false), name: name.to_owned(), index: None, n_columns: 0 }
    }

    /// The text of the column in a line; nothing where it has none, or the line is no object.
    pub fn find<'a>(&'a mut self, line: &'a [u8]) -> Option<&'a [u8]> {
        self.reader.read(line).ok()?;
        for name in self.reader.new_columns() {
            if name == self.name {
                self.index = Some(self.n_columns);
            }
            self.n_columns += 1;
        }
        let index = self.index?;
        let (_, cell) = self.reader.cells().iter().find(|(column, _)| *column == index)?;
        match cell {
            Cell::Text(range) => Some(&line[range.clone()]),
            Cell::Unescaped(range) => Some(&self.reader.texts()[range.clone()]),
            Cell::Null | Cell::Boolean(_) | Cell::Number(..) | Cell::NotFinite(_) | Cell::Invalid(_) => None,
        }
    }
}

fn push(column: &mut ColumnBuilder, cell: &Cell, line: &[u8], texts: &[u8], reader: &CellReader) {
    match cell {
        Cell::Null => column.push_null(),
        Cell::Boolean(value) => column.push_boolean(*value),
        Cell::Number(range, Some(number)) => column.push_read_cell(&line[range.clone()], *number, reader),
        Cell::Number(range, None) => column.push_cell(&line[range.clone()], reader),
        Cell::NotFinite(value) => column.push_number(*value),
        Cell::Text(range) => column.push_text(&line[range.clone()]),
        Cell::Unescaped(range) => column.push_text(&texts[range.clone()]),
        Cell::Invalid(range) => column.push_invalid(&line[range.clone()]),
    }
}

/// Counts a row that cannot be read, or refuses the input for it.
fn reject(builder: &mut BlockBuilder, problem: Problem, row: u64, options: &ReadOptions) -> Result<()> {
    let Problem { kind, found, expected, column } = problem;
    if options.strict || kind != RefusalKind::MalformedInput {
        let mend = match kind {
            RefusalKind::MalformedInput => "mend the row, or read leniently: it is then left out and counted",
            RefusalKind::TooManyColumns => "are keys used as data? give one object a row with the same keys",
            _ => "leave the column out",
        };
        let mut refusal = Refusal::new(kind, found, expected, mend).in_file(&options.name).at_row(row);
        refusal.column = column;
        return Err(refusal.into());
    }
    builder.reject_row();
    builder.finding(Finding { row, column, found, expected });
    Ok(())
}

#[cfg(test)]
mod tests;
