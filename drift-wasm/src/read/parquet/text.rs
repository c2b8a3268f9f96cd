//! Columns of texts: dictionary keys are counted before any text is touched.

use ::parquet::basic::Encoding;
use ::parquet::column::page::Page;
use ::parquet::file::reader::ChunkReader;
use bytes::Bytes;

use crate::error::Result;
use crate::profile::ColumnBuilder;
use crate::read::parquet::levels::Hybrid;
use crate::read::parquet::pages::{Pages, malformed};

/// Reads plain and dictionary pages of byte arrays, straight into a column.
pub struct TextCursor<R> {
    pages: Pages<R>,
    max_definition: u32,
    max_cell_bytes: usize,
    /// The dictionary's texts, as they stand in its page.
    dictionary: Bytes,
    texts: Vec<std::ops::Range<usize>>,
    counts: Vec<u64>,
    levels: Option<Hybrid>,
    values: Values,
    n_left: usize,
}

enum Values {
    Keys(Hybrid),
    Plain(Bytes),
}

impl<R: ChunkReader> TextCursor<R> {
    pub fn new(pages: Pages<R>, max_definition: u32, max_cell_bytes: usize) -> Self {
        Self {
            pages,
            max_definition,
            max_cell_bytes,
            dictionary: Bytes::new(),
            texts: Vec::new(),
            counts: Vec::new(),
            levels: None,
            values: Values::Plain(Bytes::new()),
            n_left: 0,
        }
    }

    /// Reads `n_rows` rows; `push` gets each text with the number of its rows. Returns the number of nulls.
    pub fn read(
        &mut self,
        mut n_rows: usize,
        column: &mut ColumnBuilder,
        push: &mut dyn FnMut(&mut ColumnBuilder, &[u8], u64),
    ) -> Result<()> {
        while n_rows > 0 {
            if self.n_left == 0 {
                self.next_page()?;
                continue;
            }
            let now = n_rows.min(self.n_left);
            let n_values = self.read_levels(now)?;
            column.push_nulls((now - n_values) as u64);
            match &mut self.values {
                Values::Keys(keys) => count_keys(keys, n_values, &mut self.counts)?,
                Values::Plain(bytes) => {
                    for _ in 0..n_values {
                        let text = take_text(bytes).ok_or_else(|| malformed("a text beyond its page", "its end"))?;
                        check_length(text.len(), self.max_cell_bytes)?;
                        push(column, &text, 1);
                    }
                }
            }
            self.n_left -= now;
            n_rows -= now;
        }
        for (count, text) in self.counts.iter_mut().zip(&self.texts) {
            let n = std::mem::take(count);
            if n > 0 {
                check_length(text.len(), self.max_cell_bytes)?;
                push(column, &self.dictionary[text.clone()], n);
            }
        }
        Ok(())
    }

    fn read_levels(&mut self, n: usize) -> Result<usize> {
        let Some(levels) = &mut self.levels else { return Ok(n) };
        let mut n_same = 0;
        let mut n_single = 0;
        let max = self.max_definition;
        let read = levels.read(
            n,
            |level, n| n_same += if level == max { n } else { 0 },
            |level| n_single += usize::from(level == max),
        );
        read.ok_or_else(|| malformed("definition levels that end early", "one for each row"))?;
        Ok(n_same + n_single)
    }

    fn next_page(&mut self) -> Result<()> {
        let page = self.pages.next_page()?;
        let page = page.ok_or_else(|| malformed("the end of a column before its last row", "all rows"))?;
        let (values, encoding) = match page {
            Page::DictionaryPage { buf, num_values, .. } => return self.take_dictionary(&buf, num_values as usize),
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => {
                self.n_left = num_values as usize;
                let mut rest = buf;
                if self.max_definition > 0 {
                    if def_level_encoding != Encoding::RLE {
                        return Err(malformed(format!("levels encoded as {def_level_encoding}"), "RLE"));
                    }
                    let levels = take_text(&mut rest);
                    self.set_levels(levels.ok_or_else(|| malformed("levels beyond their page", "their end"))?)?;
                }
                (rest, encoding)
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
                self.n_left = num_values as usize;
                let (definition, repetition) = (def_levels_byte_len as usize, rep_levels_byte_len as usize);
                if buf.len() < definition + repetition {
                    return Err(malformed("levels beyond their page", "their end"));
                }
                if self.max_definition > 0 {
                    self.set_levels(buf.slice(repetition..repetition + definition))?;
                }
                (buf.slice(repetition + definition..), encoding)
            }
        };
        self.values = match encoding {
            Encoding::PLAIN => Values::Plain(values),
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => {
                let width = values.first().copied().unwrap_or(0);
                let keys = if values.is_empty() { values } else { values.slice(1..) };
                let keys = Hybrid::new(keys, u32::from(width));
                Values::Keys(keys.ok_or_else(|| malformed(format!("keys of {width} bits"), "at most 32"))?)
            }
            other => {
                return Err(malformed(
                    format!("texts encoded as {other}, which the metadata did not say"),
                    "what it says",
                ));
            }
        };
        Ok(())
    }

    fn set_levels(&mut self, levels: Bytes) -> Result<()> {
        let width = u32::BITS - self.max_definition.leading_zeros();
        self.levels = Hybrid::new(levels, width);
        Ok(())
    }

    fn take_dictionary(&mut self, page: &Bytes, n: usize) -> Result<()> {
        let mut at = 0;
        for _ in 0..n {
            let length =
                length_at(page, at).ok_or_else(|| malformed("a dictionary that ends early", "all its texts"))?;
            self.texts.push(at + 4..at + 4 + length);
            at += 4 + length;
        }
        self.counts = vec![0; n];
        self.dictionary = page.clone();
        Ok(())
    }
}

#[inline]
fn count_keys(keys: &mut Hybrid, n: usize, counts: &mut [u64]) -> Result<()> {
    let counts = std::cell::Cell::from_mut(counts).as_slice_of_cells();
    let n_beyond = std::cell::Cell::new(0_u64);
    let cell = |key: u32| counts.get(key as usize).unwrap_or(&n_beyond);
    let read = keys.read(
        n,
        |key, n| {
            let count = cell(key);
            count.set(count.get() + n as u64);
        },
        |key| {
            let count = cell(key);
            count.set(count.get() + 1);
        },
    );
    match read {
        Some(()) if n_beyond.get() == 0 => Ok(()),
        Some(()) => Err(malformed("a key beyond its dictionary", &format!("less than {}", counts.len()))),
        None => Err(malformed("keys that end early", "one for each value")),
    }
}

/// The length before the text at `at`, when the text is within `bytes`.
#[inline]
fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize;
    (length <= bytes.len() - at - 4).then_some(length)
}

/// Takes the text at the front, whose length stands before it.
#[inline]
fn take_text(bytes: &mut Bytes) -> Option<Bytes> {
    let length = length_at(bytes, 0)?;
    let text = bytes.slice(4..4 + length);
    *bytes = bytes.slice(4 + length..);
    Some(text)
}

/// Refuses a cell that is longer than the limit.
pub fn check_length(length: usize, max: usize) -> Result<()> {
    if length <= max {
        return Ok(());
    }
    let found = format!("a cell of {length} bytes");
    let kind = crate::error::RefusalKind::CellTooLong;
    Err(crate::error::Refusal::new(kind, found, format!("at most {max}"), "leave the column out").into())
}
