//! One text input cut in two: the rows before a cut are the reference, the others current.
//!
//! Each half is text of its own that any reader takes: delimited text with a header, or one JSON object a line.

use std::sync::Arc;

use crate::cell::time;
use crate::error::{Refusal, RefusalKind, Result};
use crate::options::ReadOptions;
use crate::read::csv::Block;
use crate::read::feed::{End, Feed};
use crate::read::text::{Rows, TextTable};

/// Where an input is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// This many rows come before it; blank lines do not count.
    AtRow(u64),
    /// Rows before this time in a column come before it. Rows whose cell is no time are in neither half.
    AtTime {
        /// The column's name.
        column: String,
        /// Microseconds since 1970, UTC.
        micros: i64,
    },
}

/// A half as far as it has been cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Half {
    /// Text that has not been taken yet.
    pub bytes: Vec<u8>,
    /// Rows so far.
    pub n_rows: u64,
}

/// Cuts an input that is pushed piece by piece.
pub struct Splitter {
    feed: Feed,
    halves: Halves,
}

struct Halves {
    cut: Cut,
    reference: Half,
    current: Half,
    /// Rows whose cell in the time column is no time.
    n_left_out: u64,
    /// What finds rows in blocks; known with the first block.
    rows: Option<Rows>,
}

impl Splitter {
    /// A splitter for an input read with these options.
    pub fn new(options: &ReadOptions, cut: Cut) -> Result<Self> {
        options.check()?;
        let (reference, current) = (Half::default(), Half::default());
        let halves = Halves { cut, reference, current, n_left_out: 0, rows: None };
        Ok(Self { feed: Feed::new(options.clone()), halves })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let name = self.feed.options.name.clone();
        let halves = &mut self.halves;
        self.feed.push(bytes, &mut |table, block| halves.absorb(table, block)).map_err(|error| error.in_file(&name))
    }

    /// The text of the reference and of current since the last call.
    pub fn take(&mut self) -> [Vec<u8>; 2] {
        [&mut self.halves.reference, &mut self.halves.current].map(|half| std::mem::take(&mut half.bytes))
    }

    /// The rest of both halves, when all bytes were pushed. A half without rows is refused.
    pub fn finish(mut self) -> Result<[Half; 2]> {
        let name = self.feed.options.name.clone();
        let halves = &mut self.halves;
        let end = self.feed.finish(&mut |table, block| halves.absorb(table, block));
        match end.map_err(|error| error.in_file(&name))? {
            (End::Text(_), _) => self.halves.finish().map_err(|error| error.in_file(&name)),
            (End::Whole(format, _), _) => Err(Refusal::new(
                RefusalKind::UnsupportedFormat,
                format!("a file in the format {}", format.as_str()),
                "text: CSV, TSV, NDJSON or JSON",
                "save the two parts as files of their own and compare those",
            )
            .in_file(&name)
            .into()),
        }
    }
}

impl Halves {
    fn absorb(&mut self, table: &Arc<TextTable>, block: Block) -> Result<()> {
        let Self { cut, reference, current, n_left_out, rows } = self;
        let rows = match rows {
            Some(rows) => rows,
            None => {
                let column = if let Cut::AtTime { column, .. } = cut { Some(column.as_str()) } else { None };
                let header = table.header_line();
                reference.bytes.extend_from_slice(&header);
                current.bytes.extend_from_slice(&header);
                if let Some(column) = column {
                    table.check_column(column)?;
                }
                rows.insert(table.rows(column))
            }
        };
        for (range, time) in rows.find(&block, |cell| time::parse(cell.trim_ascii())) {
            let is_before = match cut {
                Cut::AtRow(n) => reference.n_rows < *n,
                Cut::AtTime { micros, .. } => match time {
                    Some(at) => at < *micros,
                    None => {
                        *n_left_out += 1;
                        continue;
                    }
                },
            };
            let half = if is_before { &mut *reference } else { &mut *current };
            half.bytes.extend_from_slice(&block.bytes[range]);
            half.bytes.push(b'\n');
            half.n_rows += 1;
        }
        table.recycle(block);
        Ok(())
    }

    fn finish(self) -> Result<[Half; 2]> {
        let (n_before, n_after) = (self.reference.n_rows, self.current.n_rows);
        if n_before > 0 && n_after > 0 {
            return Ok([self.reference, self.current]);
        }
        let found = format!("{n_before} rows before the cut, {n_after} after it, {} without a time", self.n_left_out);
        let mend = match self.cut {
            Cut::AtRow(_) => "cut where both parts have rows",
            Cut::AtTime { .. } => "choose a time between the first and the last of the column",
        };
        Err(Refusal::new(RefusalKind::InvalidOption, found, "rows in both parts", mend).into())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn halves(text: &str, cut: Cut, n_bytes: usize) -> Result<[String; 2]> {
        let mut splitter = Splitter::new(&ReadOptions::new("t"), cut)?;
        let mut out = [Vec::new(), Vec::new()];
        let (head, rest) = text.as_bytes().split_at(text.len().min(8));
        for piece in std::iter::once(head).chain(rest.chunks(n_bytes)) {
            splitter.push(piece)?;
            for (out, new) in out.iter_mut().zip(splitter.take()) {
                out.extend(new);
            }
        }
        for (out, half) in out.iter_mut().zip(splitter.finish()?) {
            out.extend(half.bytes);
        }
        Ok(out.map(|bytes| String::from_utf8(bytes).expect("UTF-8")))
    }

    fn at(column: &str, time: &str) -> Cut {
        Cut::AtTime { column: column.to_owned(), micros: time::parse(time.as_bytes()).expect("a time") }
    }

    #[rstest]
    #[case::rows("a,b\n1,x\n\n2,y\r\n3,z", Cut::AtRow(2), ["1,x\n2,y\n", "3,z\n"])]
    #[case::quoted("a,b\n1,\"x\ny\"\n2,\"p,\"\"q\"\n", Cut::AtRow(1), ["1,\"x\ny\"\n", "2,\"p,\"\"q\"\n"])]
    #[case::ragged("a,b\n1\n2,y,z\n", Cut::AtRow(1), ["1\n", "2,y,z\n"])]
    #[case::time("a,b\n2013-01-05,x\n?,y\n\"2013-02-01\",z\n2013-01-06,u\n", at("a", "2013-01-20"), ["2013-01-05,x\n2013-01-06,u\n", "\"2013-02-01\",z\n"])]
    fn delimited_rows_go_to_their_half(#[case] text: &str, #[case] cut: Cut, #[case] expected: [&str; 2]) {
        for n_bytes in [1, 3, 1000] {
            let expected = expected.map(|rows| format!("\"a\",\"b\"\n{rows}"));
            assert_eq!(halves(text, cut.clone(), n_bytes).expect("both halves have rows"), expected);
        }
    }

    #[rstest]
    #[case::lines("{\"t\": \"2013-01-05\"}\n{\"n\": 1, \"t\": \"2013-02-01\"}\n{\"n\": 2}\n")]
    #[case::array("[{\"t\": \"2013-01-05\"}, {\"n\": 1, \"t\": \"2013-02-01\"}, {\"n\": 2}]")]
    fn objects_go_to_their_half(#[case] text: &str) {
        let [before, after] = halves(text, at("t", "2013-01-20"), 5).expect("both halves have rows");
        assert_eq!(before.trim(), "{\"t\": \"2013-01-05\"}");
        assert_eq!(after.trim(), "{\"n\": 1, \"t\": \"2013-02-01\"}");
    }

    #[rstest]
    #[case::all_before("a,b\n1,2\n3,4\n", Cut::AtRow(2), "2 rows before the cut, 0 after it")]
    #[case::no_such_column("a,b\n1,2\n3,4\n", at("c", "2013-01-20"), "no column `c`")]
    #[case::a_profile("PAR1....PAR1", Cut::AtRow(1), "parquet")]
    fn what_cannot_be_cut_is_refused(#[case] text: &str, #[case] cut: Cut, #[case] words: &str) {
        let error = halves(text, cut, 1000).expect_err("refused").to_string();
        assert!(error.contains(words), "{error}");
    }
}
