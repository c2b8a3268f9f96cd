//! One block of rows: its columns, and what was odd about its rows.

use crate::finding::Finding;
use crate::options::ReadOptions;
use crate::profile::builder::{ColumnBuilder, LISTED_FINDINGS};
use crate::profile::facts::TextFacts;

/// What one block became.
#[derive(Debug, Clone)]
pub struct BlockProfile {
    pub(crate) names: Vec<String>,
    pub(crate) columns: Vec<ColumnBuilder>,
    /// Number of the first row in the input, the header being row 1.
    pub(crate) first_row: u64,
    pub(crate) n_rows: u64,
    pub(crate) n_rejected: u64,
    pub(crate) n_ragged: u64,
    pub(crate) findings: Vec<Finding>,
}

impl BlockProfile {
    /// Rows of the block.
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }
}

/// Collects one block, column by column.
pub struct BlockBuilder {
    options: ReadOptions,
    block: BlockProfile,
}

impl BlockBuilder {
    /// An empty block of these columns.
    pub fn new(columns: &[String], options: &ReadOptions) -> Self {
        let mut builder = Self {
            options: options.clone(),
            block: BlockProfile {
                names: Vec::new(),
                columns: Vec::new(),
                first_row: 1,
                n_rows: 0,
                n_rejected: 0,
                n_ragged: 0,
                findings: Vec::new(),
            },
        };
        for name in columns {
            builder.add_column(name);
        }
        builder
    }

    /// Says which row of the input is the first of the block, counted from 1.
    #[must_use]
    pub fn starting_at(mut self, first_row: u64) -> Self {
        self.block.first_row = first_row;
        self
    }

    /// Adds a column that appears late: null in the rows so far. Returns its position.
    pub fn add_column(&mut self, name: &str) -> usize {
        let index = self.block.columns.len();
        let mut column = ColumnBuilder::new(self.options.hint(name, index), &self.options);
        column.push_nulls(self.block.n_rows);
        self.block.names.push(name.to_owned());
        self.block.columns.push(column);
        index
    }

    /// The column at `index`.
    #[inline]
    pub fn column(&mut self, index: usize) -> &mut ColumnBuilder {
        &mut self.block.columns[index]
    }

    /// Makes room for `times` as many values as there are, so that columns need not grow bit by bit.
    pub fn expect(&mut self, times: f64) {
        const MARGIN: f64 = 1.1;
        for column in &mut self.block.columns {
            for values in [&mut column.numbers, &mut column.times] {
                values.reserve_exact((values.len() as f64 * times * MARGIN) as usize);
            }
        }
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.block.columns.len()
    }

    /// Rows complete so far.
    pub fn n_rows(&self) -> u64 {
        self.block.n_rows
    }

    /// `n` rows are complete.
    pub fn end_rows(&mut self, n: u64) {
        self.block.n_rows += n;
    }

    /// Something was read leniently.
    pub fn finding(&mut self, finding: Finding) {
        if self.block.findings.len() < LISTED_FINDINGS {
            self.block.findings.push(finding);
        }
    }

    /// A row had fewer or more cells than the header.
    pub fn ragged_row(&mut self) {
        self.block.n_ragged += 1;
    }

    /// A row could not be read at all.
    pub fn reject_row(&mut self) {
        self.block.n_rejected += 1;
    }

    /// Ends the block.
    pub fn finish(mut self) -> BlockProfile {
        for column in &mut self.block.columns {
            column.text_facts = TextFacts::of(&column.tokens);
            let undecodable = column.tokens.iter().filter(|(label, _)| std::str::from_utf8(label).is_err());
            column.n_decoded = undecodable.map(|(_, n)| n).sum();
        }
        self.block
    }
}
