//! The profile of a whole input: its columns, and where they came from.

use std::collections::BTreeMap;

use crate::error::{Refusal, RefusalKind, Result};
use crate::finding::Findings;
use crate::options::{InputFormat, ReadOptions};
use crate::profile::block::BlockProfile;
use crate::profile::builder::{ColumnBuilder, LISTED_FINDINGS};
use crate::profile::column::{ColumnProfile, ColumnTally};
use crate::remark::{self, Remark};
use crate::schema::{ColumnHint, ColumnType};

/// A mergeable summary of an input.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Name of the input.
    pub name: String,
    /// Format of the input.
    pub format: InputFormat,
    /// Rows.
    pub n_rows: u64,
    /// Bytes as given.
    pub n_bytes: u64,
    /// BLAKE3 of the bytes, hex; of the inputs' hashes in order when several were merged.
    pub input_hash: String,
    /// What was read leniently.
    pub findings: Findings,
    /// What was decided about it while it was read.
    pub remarks: Vec<Remark>,
    /// How it was read, as JSON.
    pub options: String,
    /// The columns in the order of the input.
    pub columns: Vec<ColumnProfile>,
}

/// Collects blocks, in order, into a profile.
pub struct ProfileBuilder {
    options: ReadOptions,
    columns: Vec<ColumnTally>,
    /// Position by name and occurrence, for blocks that find their own columns.
    positions: BTreeMap<(String, usize), usize>,
    n_rows: u64,
    n_expected_blocks: f64,
    findings: Findings,
    remarks: Vec<Remark>,
}

impl ProfileBuilder {
    /// A builder for an input of these columns; blocks may bring more.
    pub fn new(columns: &[String], options: &ReadOptions) -> Self {
        let mut builder = Self {
            options: options.clone(),
            columns: Vec::new(),
            positions: BTreeMap::new(),
            n_rows: 0,
            n_expected_blocks: 0.0,
            findings: Findings::default(),
            remarks: Vec::new(),
        };
        let mut seen = BTreeMap::new();
        for name in columns {
            let occurrence = seen.entry(name).and_modify(|n| *n += 1).or_insert(0);
            builder.position(name, *occurrence);
        }
        builder
    }

    fn position(&mut self, name: &str, occurrence: usize) -> usize {
        if let Some(position) = self.positions.get(&(name.to_owned(), occurrence)) {
            return *position;
        }
        let position = self.columns.len();
        let hint = self.options.hint(name, position).cloned();
        let mut column = ColumnTally::new(name.to_owned(), hint, self.options.exact_limit, self.options.category_limit);
        column.push_missing_rows(self.n_rows);
        self.columns.push(column);
        self.positions.insert((name.to_owned(), occurrence), position);
        position
    }

    /// Adds the next block. Blocks must come in the order of the input: the result depends on it, and on nothing else.
    pub fn absorb(&mut self, block: &BlockProfile) -> Result<()> {
        let positions = self.place(&block.names);
        for (position, column) in positions.iter().zip(&block.columns) {
            self.absorb_column(*position, column, block.first_row, block.n_rows);
        }
        self.end_block(block, &positions)
    }

    /// Makes room for so many blocks like the first, so that columns need not grow; a wrong guess changes nothing else.
    pub(crate) fn expect_blocks(&mut self, n: f64) {
        self.n_expected_blocks = n;
    }

    /// Positions of the columns of these names, in their order; those that are new are added.
    pub(crate) fn place(&mut self, names: &[String]) -> Vec<usize> {
        let Some(rename) = &self.options.parse.rename else { return self.place_as(names) };
        let names: Vec<String> = names.iter().map(|name| rename.get(name).unwrap_or(name).clone()).collect();
        self.place_as(&names)
    }

    fn place_as(&mut self, names: &[String]) -> Vec<usize> {
        let same_columns = names.len() == self.columns.len()
            && names.iter().zip(&self.columns).all(|(name, column)| *name == column.name);
        if same_columns {
            return (0..names.len()).collect();
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let place = |name| {
            let occurrence = *seen.entry(name).and_modify(|n| *n += 1).or_insert(0);
            self.position(name, occurrence)
        };
        names.iter().map(String::as_str).map(place).collect()
    }

    /// Adds one column of the next block, at its place; [`ProfileBuilder::end_block`] follows the last.
    pub(crate) fn absorb_column(&mut self, position: usize, column: &ColumnBuilder, first_row: u64, n_rows: u64) {
        if self.n_rows == 0 {
            self.columns[position].expect_like(column, self.n_expected_blocks);
        }
        self.columns[position].absorb_block(column, first_row, n_rows);
        self.findings.n_decoded_cells += column.n_decoded;
    }

    /// Ends a block whose columns, added already, are at `positions`.
    pub(crate) fn end_block(&mut self, block: &BlockProfile, positions: &[usize]) -> Result<()> {
        let mut is_here = vec![false; self.columns.len()];
        positions.iter().for_each(|position| is_here[*position] = true);
        for (column, is_here) in self.columns.iter_mut().zip(is_here) {
            if !is_here {
                column.push_missing_rows(block.n_rows);
            }
        }
        self.n_rows += block.n_rows;
        self.findings.n_ragged_rows += block.n_ragged;
        self.findings.n_rejected_rows += block.n_rejected;
        let room = LISTED_FINDINGS - self.findings.listed.len().min(LISTED_FINDINGS);
        self.findings.listed.extend(block.findings.iter().take(room).cloned());
        let limits = &self.options.limits;
        if self.columns.len() > limits.max_columns {
            return Err(Refusal::new(
                RefusalKind::TooManyColumns,
                format!("{} columns", self.columns.len()),
                format!("at most {}", limits.max_columns),
                "is the delimiter right?",
            )
            .in_file(&self.options.name)
            .into());
        }
        if self.n_rows > limits.max_rows {
            return Err(Refusal::new(
                RefusalKind::TooManyRows,
                format!("more than {} rows", limits.max_rows),
                "no more than that",
                "split the input",
            )
            .in_file(&self.options.name)
            .into());
        }
        if limits.max_held_bytes < usize::MAX {
            limits.check_held(self.held_bytes()).map_err(|error| error.in_file(&self.options.name))?;
        }
        Ok(())
    }

    /// Keeps what was decided about the input.
    pub fn remark(&mut self, remarks: impl IntoIterator<Item = Remark>) {
        remark::add(&mut self.remarks, remarks);
    }

    /// Memory, by estimate.
    pub(crate) fn held_bytes(&self) -> usize {
        self.columns.iter().map(ColumnTally::held_bytes).sum()
    }

    /// Rows absorbed so far.
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Ends collecting, sorting columns with `n_threads` threads.
    pub fn finish(self, format: InputFormat, n_bytes: u64, input_hash: String, n_threads: usize) -> Profile {
        let columns = crate::parallel::map(self.columns, n_threads, ColumnTally::seal);
        Profile {
            name: self.options.name.clone(),
            format,
            n_rows: self.n_rows,
            n_bytes,
            input_hash,
            findings: self.findings,
            remarks: self.remarks,
            options: self.options.to_json(),
            columns,
        }
    }
}

impl Profile {
    /// Both inputs together, `other` after `self`. Exact while the total fits the limits.
    ///
    /// Refused when the two were read with different options, because their cells would not mean the same.
    pub fn merge(self, other: &Self) -> Result<Self> {
        if self.options != other.options {
            return Err(Refusal::new(
                RefusalKind::NotComparable,
                format!("`{}` and `{}` read with different options", self.name, other.name),
                "profiles that were made the same way",
                "make both with the same flags and configuration",
            )
            .into());
        }
        let options = ReadOptions::from_json(&self.name, &self.options)?;
        let mut builder = ProfileBuilder::new(&[], &options);
        let mut n_before = 0;
        for part in [&self, other] {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            let mut is_here = vec![false; builder.columns.len()];
            for column in &part.columns {
                let occurrence = *seen.entry(&column.name).and_modify(|n| *n += 1).or_insert(0);
                let position = builder.position(&column.name, occurrence);
                is_here.resize(builder.columns.len(), false);
                is_here[position] = true;
                builder.columns[position].absorb(column);
            }
            for (tally, is_here) in builder.columns.iter_mut().zip(is_here) {
                if !is_here {
                    tally.push_missing_rows(part.n_rows);
                }
            }
            n_before += part.n_rows;
            builder.n_rows = n_before;
        }
        builder.findings = merge_findings(&self.findings, &other.findings);
        builder.remark(self.remarks.iter().chain(&other.remarks).cloned());
        let hash = blake3::hash(format!("{}{}", self.input_hash, other.input_hash).as_bytes()).to_hex().to_string();
        Ok(builder.finish(InputFormat::Profile, self.n_bytes + other.n_bytes, hash, 1))
    }

    /// Sees the columns of this name as `type`, or as what is inferred; whether that is a change.
    pub fn see_as(&mut self, name: &str, r#type: Option<ColumnType>) -> bool {
        let mut is_change = false;
        for column in self.columns.iter_mut().filter(|column| column.name == name) {
            is_change |= r#type != column.hint.as_ref().and_then(|hint| hint.r#type);
            let none = ColumnHint { name: name.to_owned(), index: None, r#type: None, role: None };
            let hint = ColumnHint { r#type, ..column.hint.clone().unwrap_or_else(|| none.clone()) };
            column.hint = (hint != none).then_some(hint);
        }
        is_change
    }
}

fn merge_findings(a: &Findings, b: &Findings) -> Findings {
    Findings {
        n_ragged_rows: a.n_ragged_rows + b.n_ragged_rows,
        n_decoded_cells: a.n_decoded_cells + b.n_decoded_cells,
        n_rejected_rows: a.n_rejected_rows + b.n_rejected_rows,
        listed: a.listed.iter().chain(&b.listed).take(LISTED_FINDINGS).cloned().collect(),
    }
}
