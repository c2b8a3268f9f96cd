//! The profile of a block on its way from one worker of a program to another, in pieces of about a megabyte.
//!
//! Each piece is a head or some columns: plain data in postcard, then numbers and labels as they lie in memory. Pieces
//! stay on one machine.
//! Nothing is signed, and nothing is believed either: what cannot be is refused.

use serde::{Deserialize, Serialize};

use crate::error::{Result, broken_message};
use crate::finding::Finding;
use crate::options::{InputFormat, ReadOptions};
use crate::profile::block::BlockProfile;
use crate::profile::builder::ColumnBuilder;
use crate::profile::facts::{TextFacts, TimeFacts};
use crate::profile::table::{Profile, ProfileBuilder};
use crate::profile::tokens::Tokens;
use crate::remark::Remark;

/// Bytes from which on a piece is handed out.
const PIECE_BYTES: usize = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Head {
    names: Vec<String>,
    first_row: u64,
    n_rows: u64,
    n_rejected: u64,
    n_ragged: u64,
    /// Row, column, found, expected.
    findings: Vec<(u64, Option<String>, String, String)>,
    share: f64,
}

#[derive(Serialize, Deserialize)]
struct ColumnHead {
    counts: [u64; 10],
    n_numbers: u32,
    n_times: u32,
    n_label_bytes: u32,
    labels: Vec<(u32, u64)>,
    time_facts: TimeFacts,
    text_facts: TextFacts,
    odd: Vec<(u64, Vec<u8>)>,
}

/// How an input ended.
#[derive(Serialize, Deserialize)]
pub enum Ending {
    /// Its blocks are all of it.
    Blocks {
        /// What it was.
        format: InputFormat,
        /// Bytes as given.
        n_bytes: u64,
        /// BLAKE3 of the bytes, hex.
        input_hash: String,
        /// Columns that are known without any row.
        columns: Vec<String>,
        /// What was decided about it while it was read.
        remarks: Vec<Remark>,
    },
    /// It was a profile, of these bytes.
    Profile(Vec<u8>),
}

impl Ending {
    /// For [`Assembly::end`].
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain data, and memory is not bounded here")
    }
}

/// A block taken apart: its pieces in order, each let go when the next is asked for.
pub struct Pieces {
    head: Option<Vec<u8>>,
    columns: std::vec::IntoIter<ColumnBuilder>,
    n_rows: u64,
}

impl Pieces {
    /// Takes a block apart; `share` guesses how many blocks like it the input has.
    pub fn new(block: BlockProfile, share: f64) -> Self {
        let BlockProfile { names, columns, first_row, n_rows, n_rejected, n_ragged, findings } = block;
        let findings =
            findings.into_iter().map(|Finding { row, column, found, expected }| (row, column, found, expected));
        let head = Head { names, first_row, n_rows, n_rejected, n_ragged, findings: findings.collect(), share };
        Self { head: Some(encoded(&head)), columns: columns.into_iter(), n_rows }
    }

    /// Rows of the block.
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }
}

impl Iterator for Pieces {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if let Some(head) = self.head.take() {
            return Some(Piece { n_bytes: head.len(), head, columns: Vec::new() });
        }
        let mut piece = Piece { n_bytes: 0, head: Vec::new(), columns: Vec::new() };
        while piece.n_bytes < PIECE_BYTES
            && let Some(column) = self.columns.next()
        {
            let head = encoded_head(&column);
            let n_values = column.numbers.len() + column.times.len();
            piece.n_bytes += head.len() + n_values * size_of::<f64>() + column.tokens.listed().0.len();
            piece.columns.push((head, column));
        }
        (piece.n_bytes > 0).then_some(piece)
    }
}

/// A piece of a block: the block's head, or some of its columns.
#[derive(Default)]
pub struct Piece {
    head: Vec<u8>,
    columns: Vec<(Vec<u8>, ColumnBuilder)>,
    n_bytes: usize,
}

impl Piece {
    /// Its length in bytes.
    pub fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// Its bytes, run by run as they lie in memory: so that they need be copied once.
    pub fn runs(&self) -> impl Iterator<Item = &[u8]> {
        let columns = self.columns.iter().flat_map(|(head, column)| {
            let values = [&column.numbers, &column.times].map(|values| bytemuck::cast_slice(values));
            [head, values[0], values[1], column.tokens.listed().0]
        });
        std::iter::once(self.head.as_slice()).chain(columns).filter(|run| !run.is_empty())
    }

    /// All its bytes, for [`Assembly::take`].
    pub fn to_bytes(&self) -> Vec<u8> {
        self.runs().collect::<Vec<_>>().concat()
    }
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain data, and memory is not bounded here")
}

fn encoded_head(column: &ColumnBuilder) -> Vec<u8> {
    let (labels, counts) = column.tokens.listed();
    encoded(&ColumnHead {
        counts: [
            column.n_null,
            column.n_nan,
            column.n_pos_inf,
            column.n_neg_inf,
            column.n_empty,
            column.n_leading_zero,
            column.n_big_integer,
            column.n_decoded,
            column.n_float,
            column.n_exponent,
        ],
        n_numbers: column.numbers.len() as u32,
        n_times: column.times.len() as u32,
        n_label_bytes: labels.len() as u32,
        labels: counts.collect(),
        time_facts: column.time_facts.clone(),
        text_facts: column.text_facts.clone(),
        odd: column.odd.clone(),
    })
}

/// Takes the next column off a piece.
#[inline(never)]
fn take_column<'a>(piece: &mut &'a [u8]) -> Result<ColumnBuilder> {
    let (head, rest): (ColumnHead, &[u8]) = postcard::take_from_bytes(piece).map_err(|_| broken_message())?;
    *piece = rest;
    let mut take = |n: usize| -> Result<&'a [u8]> {
        let (taken, rest) = piece.split_at_checked(n).ok_or_else(broken_message)?;
        *piece = rest;
        Ok(taken)
    };
    let values = |bytes: &[u8]| bytes.as_chunks::<8>().0.iter().map(|value| f64::from_ne_bytes(*value)).collect();
    let numbers: Vec<f64> = values(take(head.n_numbers as usize * 8)?);
    let times: Vec<f64> = values(take(head.n_times as usize * 8)?);
    let tokens =
        Tokens::from_listed(take(head.n_label_bytes as usize)?, head.labels.into_iter()).ok_or_else(broken_message)?;
    if !head.text_facts.is_possible(tokens.n()) {
        return Err(broken_message());
    }
    let mut column = ColumnBuilder::empty();
    [
        column.n_null,
        column.n_nan,
        column.n_pos_inf,
        column.n_neg_inf,
        column.n_empty,
        column.n_leading_zero,
        column.n_big_integer,
        column.n_decoded,
        column.n_float,
        column.n_exponent,
    ] = head.counts;
    (column.numbers, column.times, column.tokens) = (numbers, times, tokens);
    (column.time_facts, column.text_facts, column.odd) = (head.time_facts, head.text_facts, head.odd);
    Ok(column)
}

/// An input put together again from the pieces of its blocks, which come in order.
pub struct Assembly {
    options: ReadOptions,
    builder: ProfileBuilder,
    open: Option<Open>,
}

/// A block of which some columns have come.
struct Open {
    /// Without its columns.
    block: BlockProfile,
    positions: Vec<usize>,
    n_done: usize,
}

impl Assembly {
    /// An input of which nothing has come yet, and how it is read.
    pub fn new(options: &ReadOptions) -> Self {
        Self { options: options.clone(), builder: ProfileBuilder::new(&[], options), open: None }
    }

    /// How the input is read.
    pub fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// Takes the next piece.
    pub fn take(&mut self, piece: &[u8]) -> Result<()> {
        self.take_piece(piece).map_err(|error| error.in_file(&self.options.name))
    }

    fn take_piece(&mut self, mut piece: &[u8]) -> Result<()> {
        let open = match self.open.take() {
            None => self.begin(postcard::from_bytes(piece).map_err(|_| broken_message())?),
            Some(mut open) => {
                while !piece.is_empty() {
                    let column = take_column(&mut piece)?;
                    let position = *open.positions.get(open.n_done).ok_or_else(broken_message)?;
                    self.builder.absorb_column(position, &column, open.block.first_row, open.block.n_rows);
                    open.n_done += 1;
                }
                open
            }
        };
        if open.n_done == open.positions.len() {
            return self.builder.end_block(&open.block, &open.positions);
        }
        self.open = Some(open);
        Ok(())
    }

    fn begin(&mut self, head: Head) -> Open {
        let Head { names, first_row, n_rows, n_rejected, n_ragged, findings, share } = head;
        self.builder.expect_blocks(share);
        let findings = findings.into_iter();
        let findings = findings.map(|(row, column, found, expected)| Finding { row, column, found, expected });
        let positions = self.builder.place(&names);
        let columns = Vec::new();
        let findings = findings.collect();
        Open {
            block: BlockProfile { names, columns, first_row, n_rows, n_rejected, n_ragged, findings },
            positions,
            n_done: 0,
        }
    }

    /// The profile, when the pieces of all blocks have come.
    pub fn end(self, ending: &[u8]) -> Result<Profile> {
        let Self { options, mut builder, open } = self;
        let ending = postcard::from_bytes(ending).map_err(|_| broken_message())?;
        let end = || match ending {
            _ if open.is_some() => Err(broken_message()),
            Ending::Blocks { format, n_bytes, input_hash, columns, remarks } => {
                builder.remark(remarks);
                // Columns of an input without rows.
                if builder.n_rows() == 0 {
                    builder.place(&columns);
                }
                Ok(builder.finish(format, n_bytes, input_hash, 1))
            }
            Ending::Profile(file) => Ok(Profile { name: options.name.clone(), ..Profile::decode(&file)? }),
        };
        end().map_err(|error| error.in_file(&options.name))
    }
}
