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

use std::ops::Range;

pub use array::ArraySplitter;
pub use row::FLATTENED_NAMES;

use crate::error::{Refusal, RefusalKind, Result};
use crate::finding::{Finding, Findings};
use crate::options::ReadOptions;
use crate::profile::{BlockBuilder, BlockProfile, CellReader, ColumnBuilder, LISTED_FINDINGS};
use crate::read::csv::Block;
use crate::read::json::row::{Problem, RowReader};
use crate::read::json::value::Cell;
use crate::read::names::TextNames;
use crate::read::scan::Marks;

/// Marks for cutting lines with [`crate::read::csv::RowSplitter`]: a line end always ends a row, because JSON has none
/// within its texts. The other marks are bytes that UTF-8 never has.
pub(crate) const LINE_MARKS: Marks = Marks { delimiter: 0xfe, newline: b'\n', quote: 0xff };

/// Rows by which it is guessed how many values the columns of a block will have.
const GUESSED_BY: u64 = 32;

/// Takes the rows of a block.
trait Rows {
    /// Takes the row that `reader` has just read from `line`.
    fn row(&mut self, reader: &mut RowReader, line: &[u8]);
    /// Something was read leniently.
    fn finding(&mut self, finding: Finding);
    /// A row was left out.
    fn reject(&mut self, finding: Finding);
}

/// Reads one block of complete lines; its columns are those that it finds. Blocks may be read in any order.
///
/// Blank lines are skipped. A line that is no object is rejected with a finding, and refused when reading is strict.
pub fn profile_block(block: &Block, options: &ReadOptions) -> Result<BlockProfile> {
    let mut rows = Filled::new(block, options);
    read_rows(block, options, &mut rows)?;
    Ok(rows.finish())
}

/// What one block holds, without its cells: refused where [`profile_block`] would refuse it.
pub(super) fn survey_block(block: &Block, options: &ReadOptions) -> Result<Survey> {
    let mut survey = Survey::default();
    survey.names = read_rows(block, options, &mut survey)?.into_names();
    Ok(survey)
}

/// Rows of a block, counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Survey {
    pub n_rows: u64,
    /// Columns in the order in which they first appear.
    pub names: TextNames,
    pub findings: Findings,
}

impl Rows for Survey {
    fn row(&mut self, reader: &mut RowReader, _: &[u8]) {
        reader.tell_columns();
        self.n_rows += 1;
    }

    fn finding(&mut self, finding: Finding) {
        if self.findings.listed.len() < LISTED_FINDINGS {
            self.findings.listed.push(finding);
        }
    }

    fn reject(&mut self, finding: Finding) {
        self.findings.n_rejected_rows += 1;
        self.finding(finding);
    }
}

/// Rows of a block on their way into its columns.
struct Filled {
    builder: BlockBuilder,
    cell_reader: CellReader,
    /// Rows that each column has a cell of; the rows between are null.
    n_filled: Vec<u64>,
    n_bytes: usize,
    n_read: usize,
}

impl Filled {
    fn new(block: &Block, options: &ReadOptions) -> Self {
        Self {
            builder: BlockBuilder::new(&[], options).starting_at(block.first_row + 1),
            cell_reader: CellReader::new(&ReadOptions::new(options.name.as_str())),
            n_filled: Vec::new(),
            n_bytes: block.bytes.len(),
            n_read: 0,
        }
    }

    fn finish(mut self) -> BlockProfile {
        for (index, n_filled) in self.n_filled.into_iter().enumerate() {
            let n_rows = self.builder.n_rows();
            self.builder.column(index).push_nulls(n_rows - n_filled);
        }
        self.builder.finish()
    }
}

impl Rows for Filled {
    fn row(&mut self, reader: &mut RowReader, line: &[u8]) {
        let Self { builder, cell_reader, n_filled, .. } = self;
        let n_rows = builder.n_rows();
        for name in reader.new_columns() {
            builder.add_column(&name);
            n_filled.push(n_rows);
        }
        for (index, cell) in reader.cells() {
            let column = builder.column(*index);
            column.push_nulls(n_rows - n_filled[*index]);
            n_filled[*index] = n_rows + 1;
            push(column, cell, line, reader.texts(), cell_reader);
        }
        builder.end_rows(1);
        self.n_read += line.len() + 1;
        if builder.n_rows() == GUESSED_BY {
            builder.expect(self.n_bytes as f64 / self.n_read as f64);
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.builder.finding(finding);
    }

    fn reject(&mut self, finding: Finding) {
        self.builder.reject_row();
        self.builder.finding(finding);
    }
}

/// Reads the lines of a block, and hands out each row; gives what read them.
fn read_rows(block: &Block, options: &ReadOptions, rows: &mut impl Rows) -> Result<RowReader> {
    let mut reader = RowReader::new(&options.limits, options.strict);
    for (index, line) in block.bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let row = block.first_row + index as u64 + 1;
        if let Err(problem) = reader.read(line) {
            rows.reject(rejected(problem, row, options)?);
            continue;
        }
        if let Some(column) = reader.repeated() {
            let (found, expected) = ("a member named twice; the last one counts", "each name once");
            if options.strict {
                let refusal =
                    Refusal::new(RefusalKind::MalformedInput, found, expected, "mend the row or read leniently");
                return Err(refusal.in_file(&options.name).at_row(row).in_column(&column).into());
            }
            rows.finding(Finding { row, column: Some(column), found: found.into(), expected: expected.into() });
        }
        rows.row(&mut reader, line);
    }
    Ok(reader)
}

/// Finds rows in blocks of lines, and their cell of one column.
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

    /// Where each row of a block stands, with what `read` makes of its cell. A line that is no object goes with the row
    /// before it, to be rejected there; it has no cell of its own.
    pub fn rows<T>(&mut self, block: &Block, read: impl Fn(&[u8]) -> Option<T>) -> Vec<(Range<usize>, Option<T>)> {
        let mut rows: Vec<(Range<usize>, Option<T>)> = Vec::new();
        for range in lines(block) {
            let line = &block.bytes[range.clone()];
            if self.reader.read(line).is_ok() {
                let cell = self.cell(line).and_then(&read);
                rows.push((range, cell));
            } else if let Some((before, _)) = rows.last_mut() {
                before.end = range.end;
            } else {
                rows.push((range, None));
            }
        }
        rows
    }

    /// The text of the column in the line that was read.
    fn cell<'a>(&'a mut self, line: &'a [u8]) -> Option<&'a [u8]> {
        for name in self.reader.new_columns() {
            if name == self.name {
                self.index = Some(self.n_columns);
            }
            self.n_columns += 1;
        }
        let index = self.index?;
        let (_, cell) = self.reader.cells().iter().find(|(column, _)| *column == index)?;
        match cell {
            Cell::Number(range, _) | Cell::Text(range) => Some(&line[range.clone()]),
            Cell::Unescaped(range) => Some(&self.reader.texts()[range.clone()]),
            Cell::Null | Cell::Boolean(_) | Cell::NotFinite(_) | Cell::Invalid(_) => None,
        }
    }
}

/// Where the lines of a block stand that are not blank.
pub(crate) fn lines(block: &Block) -> impl Iterator<Item = Range<usize>> {
    let mut next = 0;
    block.bytes.split(|byte| *byte == b'\n').filter_map(move |whole| {
        let blanks = whole.len() - whole.trim_ascii_start().len();
        let line = whole.trim_ascii();
        let start = next + blanks;
        next += whole.len() + 1;
        (!line.is_empty()).then_some(start..start + line.len())
    })
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

/// What is said of a row that cannot be read, or the refusal of the input for it.
fn rejected(problem: Problem, row: u64, options: &ReadOptions) -> Result<Finding> {
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
    Ok(Finding { row, column, found, expected })
}

#[cfg(test)]
mod tests;
