//! Blocks of bytes that are pushed, for callers that cannot be read from: browsers.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, broken_message};
use crate::options::{InputFormat, ReadOptions};
use crate::profile::{Ending, Pieces};
use crate::read::csv::Block;
use crate::read::feed::{End, Feed};
use crate::read::text::TextTable;

/// Cuts a source that is pushed piece by piece into blocks, which wait until somebody profiles them.
///
/// Their profiles, absorbed in order, make what [`profile_source`](crate::read::profile_source) gives.
pub struct PushReader {
    feed: Option<Feed>,
    options: Arc<ReadOptions>,
    /// Bytes that will be pushed.
    n_bytes: u64,
    table: Option<Arc<TextTable>>,
    waiting: VecDeque<Block>,
}

/// What stands before a block that is passed to another worker.
#[derive(Serialize, Deserialize)]
struct Passed {
    first_row: u64,
    irregular: bool,
    /// See [`Pieces::new`].
    share: f64,
}

impl PushReader {
    /// A reader for an input of `n_bytes` bytes that is read with these options.
    pub fn new(options: &ReadOptions, n_bytes: u64) -> Result<Self> {
        options.check()?;
        let options = Arc::new(options.clone());
        Ok(Self { feed: Some(Feed::new(options.clone())), options, n_bytes, table: None, waiting: VecDeque::new() })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let Self { feed: Some(feed), table, waiting, options, .. } = self else { return Ok(()) };
        let mut keep = |of: &Arc<TextTable>, block| keep(table, waiting, of, block);
        feed.push(bytes, &mut keep).map_err(|error| error.in_file(&options.name))
    }

    /// Blocks that nobody has profiled or taken yet.
    pub fn n_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Profiles the next block.
    pub fn profile_next(&mut self) -> Result<Option<Pieces>> {
        let (Some(table), Some(block)) = (&self.table, self.waiting.pop_front()) else { return Ok(None) };
        let profile = table.profile_block(&block).map_err(|error| error.in_file(&self.options.name))?;
        let share = self.share(&block);
        table.recycle(block);
        Ok(Some(Pieces::new(profile, share)))
    }

    /// The next block, for [`BlockReader::profile`] elsewhere.
    pub fn take_next(&mut self) -> Option<Vec<u8>> {
        let block = self.waiting.pop_front()?;
        let head = Passed { first_row: block.first_row, irregular: block.irregular, share: self.share(&block) };
        let mut passed = postcard::to_stdvec(&head).expect("plain data, and memory is not bounded here");
        passed.extend_from_slice(&block.bytes);
        if let Some(table) = &self.table {
            table.recycle(block);
        }
        Some(passed)
    }

    /// What a [`BlockReader`] elsewhere must know; nothing before the first block.
    pub fn table(&self) -> Option<Vec<u8>> {
        self.table.as_ref().map(|table| table.encode())
    }

    /// How many blocks like this one the whole input may have.
    fn share(&self, block: &Block) -> f64 {
        const MARGIN: f64 = 1.02;
        self.n_bytes as f64 / block.bytes.len().max(1) as f64 * MARGIN
    }

    /// Ends reading; the last blocks wait. To be called once, when all bytes were pushed.
    pub fn finish(&mut self) -> Result<Ending> {
        let Self { table, waiting, options, .. } = self;
        let Some(feed) = self.feed.take() else { return Ok(Ending::Profile(Vec::new())) };
        let mut keep = |of: &Arc<TextTable>, block| keep(table, waiting, of, block);
        let (end, bytes) = feed.finish(&mut keep).map_err(|error| error.in_file(&options.name))?;
        match end {
            End::Text(table) => Ok(Ending::Blocks {
                format: table.format,
                n_bytes: bytes.n,
                input_hash: bytes.hash,
                columns: table.columns().to_vec(),
                remarks: table.remarks().to_vec(),
            }),
            End::Whole(InputFormat::Profile, file) => Ok(Ending::Profile(file)),
            End::Whole(format, _) => Err(super::pipeline::unsupported(format).in_file(&options.name)),
        }
    }
}

fn keep(
    table: &mut Option<Arc<TextTable>>,
    waiting: &mut VecDeque<Block>,
    of: &Arc<TextTable>,
    block: Block,
) -> Result<()> {
    table.get_or_insert_with(|| of.clone());
    waiting.push_back(block);
    Ok(())
}

/// Profiles blocks that a [`PushReader`] elsewhere has cut.
pub struct BlockReader {
    table: TextTable,
    name: String,
}

impl BlockReader {
    /// A reader of blocks of the input that `table` (see [`PushReader::table`]) describes.
    pub fn new(options: &ReadOptions, table: &[u8]) -> Result<Self> {
        Ok(Self { table: TextTable::decode(options, table)?, name: options.name.clone() })
    }

    /// The profile of a block, see [`PushReader::take_next`].
    pub fn profile(&self, passed: &[u8]) -> Result<Pieces> {
        let read = || {
            let (head, bytes): (Passed, &[u8]) = postcard::take_from_bytes(passed).map_err(|_| broken_message())?;
            let block = Block { bytes: bytes.to_vec(), first_row: head.first_row, irregular: head.irregular };
            Ok(Pieces::new(self.table.profile_block(&block)?, head.share))
        };
        read().map_err(|error: Error| error.in_file(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use rstest::rstest;

    use super::*;
    use crate::profile::{Assembly, Profile};
    use crate::read::profile_bytes;

    /// Three blocks with numbers, labels, times, nulls, and a ragged row.
    fn table() -> String {
        let mut text = String::from("number,label,time,number\n");
        for row in 0..300_000 {
            let null = if row % 7 == 0 { String::new() } else { format!("{}.{}", row % 977, row % 10) };
            let (label, second) = (row % 1_013, row % 60);
            writeln!(text, "{null},\"label {label}\",2026-01-05T03:04:{second:02},{row}").expect("a text grows");
        }
        text + "1,2\n"
    }

    fn assembled(text: &[u8], piece: usize, with_helper: bool) -> Profile {
        let options = ReadOptions { exact_limit: 100_000, ..ReadOptions::new("a.csv") };
        let mut assembly = Assembly::new(&options);
        let mut reader = PushReader::new(&options, text.len() as u64).expect("the options are good");
        let mut profile = |reader: &mut PushReader| {
            while reader.n_waiting() > 0 {
                let pieces = if with_helper {
                    let table = reader.table().expect("a block waits");
                    let helper = BlockReader::new(&options, &table).expect("the table is whole");
                    let block = reader.take_next().expect("a block waits");
                    helper.profile(&block)
                } else {
                    reader.profile_next().map(|pieces| pieces.expect("a block waits"))
                };
                for piece in pieces.expect("the text is good") {
                    assembly.take(&piece.to_bytes()).expect("pieces fit");
                }
            }
        };
        for piece in text.chunks(piece) {
            reader.push(piece).expect("the text is good");
            profile(&mut reader);
        }
        let ending = reader.finish().expect("the text is good").encode();
        profile(&mut reader);
        assembly.end(&ending).expect("all came")
    }

    #[rstest]
    #[case(1 << 16, false)]
    #[case(1 << 16, true)]
    #[case(5 << 20, true)]
    fn pieces_put_together_are_the_profile(#[case] piece: usize, #[case] with_helper: bool) {
        let text = table();
        let options = ReadOptions { exact_limit: 100_000, ..ReadOptions::new("a.csv") };
        let whole = profile_bytes("a.csv", text.as_bytes(), &options).expect("the text is good");
        let again = assembled(text.as_bytes(), piece, with_helper);
        assert_eq!(whole.columns.len(), 4);
        assert_eq!(again.findings, whole.findings);
        assert_eq!((again.n_rows, again.n_bytes, &again.input_hash), (whole.n_rows, whole.n_bytes, &whole.input_hash));
        assert_eq!((again.hash(), again.encode()), (whole.hash(), whole.encode()));
    }

    #[test]
    fn an_input_without_rows_keeps_its_columns() {
        let profile = assembled(b"a,b,a\n", 2, false);
        assert_eq!(profile.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["a", "b", "a"]);
    }

    #[test]
    fn a_piece_that_nobody_makes_is_refused() {
        let text = table();
        let options = ReadOptions::new("a.csv");
        let mut reader = PushReader::new(&options, text.len() as u64).expect("the options are good");
        reader.push(text.as_bytes()).expect("the text is good");
        let pieces = reader.profile_next().expect("the text is good").expect("a block waits");
        let pieces: Vec<_> = pieces.map(|piece| piece.to_bytes()).collect();
        for (index, piece) in pieces.iter().enumerate() {
            for length in (0..piece.len()).step_by(piece.len() / 50 + 1) {
                let mut assembly = Assembly::new(&options);
                pieces[..index].iter().for_each(|piece| assembly.take(piece).expect("pieces fit"));
                let cut = assembly.take(&piece[..length]);
                // A piece may be cut between two columns; then the next one is missed.
                assert!(cut.is_err() || assembly.end(&Ending::Profile(Vec::new()).encode()).is_err());
            }
        }
    }
}
