//! Cuts delimited text into blocks of complete rows at offsets that do not depend on how the bytes arrived.

use std::sync::{Arc, Mutex};

use crate::error::{Error, Refusal, RefusalKind, Result};
use crate::read::scan::{Marks, prefix_xor, scan};

/// Bytes of text after which a block ends (with the last row that is complete by then).
pub const BLOCK_BYTES: usize = 4 << 20;

/// Bytes that need no buffer for a whole block.
const SMALL: usize = 32 << 10;

/// Complete rows, and where they stand in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The rows; each but perhaps the last ends with a line end.
    pub bytes: Vec<u8>,
    /// Number of the first row, counted from 0.
    pub first_row: u64,
    /// Whether quotes stand where the fast splitter does not expect them, so that the careful one must be used.
    pub irregular: bool,
}

/// Buffers of blocks that were read, to be filled again: fresh memory costs more than what is read into it.
#[derive(Debug, Clone, Default)]
pub struct Spares(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spares {
    /// Takes back the buffer of a block that nobody needs any more.
    pub fn give(&self, block: Block) {
        if let Ok(mut buffers) = self.0.lock() {
            buffers.push(block.bytes);
        }
    }

    /// Memory of the buffers that wait.
    fn held_bytes(&self) -> usize {
        self.0.lock().map_or(0, |buffers| buffers.iter().map(Vec::capacity).sum())
    }

    /// An empty buffer of at least `capacity` bytes.
    fn take(&self, capacity: usize) -> Vec<u8> {
        let mut buffer = self.0.lock().ok().and_then(|mut buffers| buffers.pop()).unwrap_or_default();
        buffer.clear();
        buffer.reserve(capacity);
        buffer
    }
}

/// Cuts a stream into [`Block`]s: block `k` ends with the last row that is complete within `(k + 1) * block_bytes`.
pub struct RowSplitter {
    marks: Marks,
    block_bytes: usize,
    max_record_bytes: usize,
    buffer: Vec<u8>,
    /// Bytes of the stream up to the end of `buffer`.
    n_seen: usize,
    /// Bytes of `buffer` that were scanned.
    scanned: usize,
    /// End of the last complete row within the scanned bytes.
    complete: usize,
    /// Rows complete so far in `buffer`, and before it.
    n_rows: u64,
    first_row: u64,
    /// Rows of the header, which errors count too.
    n_header_rows: u64,
    quoted: bool,
    /// Whether the byte before the scanned end was a mark: a quote may open after it.
    may_open: bool,
    irregular: bool,
    careful: Careful,
    /// Where in `buffer` the last quote opened that the careful scanner saw, and whether a line ended within it.
    opened: usize,
    spans_lines: bool,
    /// Line ends within quotes, up to the scanned end.
    n_quoted_lines: u64,
    spares: Spares,
}

/// State of the byte-by-byte scanner that allows quotes anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Careful {
    /// At the start of a cell.
    Start,
    /// Within an unquoted cell, or after the closing quote of a quoted one.
    Bare,
    /// Within a quoted cell.
    Quoted,
    /// After a quote within a quoted cell: it closes, or escapes the next.
    Closing,
}

impl Careful {
    /// The state after `byte`.
    #[inline]
    #[must_use]
    pub fn after(self, byte: u8, marks: Marks) -> Self {
        match self {
            Self::Quoted => {
                if byte == marks.quote {
                    Self::Closing
                } else {
                    Self::Quoted
                }
            }
            Self::Closing if byte == marks.quote => Self::Quoted,
            Self::Start if byte == marks.quote => Self::Quoted,
            Self::Start | Self::Bare | Self::Closing => {
                if byte == marks.delimiter || byte == marks.newline {
                    Self::Start
                } else {
                    Self::Bare
                }
            }
        }
    }
}

impl RowSplitter {
    /// A splitter for `marks`; a record longer than `max_record_bytes` is refused.
    pub fn new(marks: Marks, block_bytes: usize, max_record_bytes: usize) -> Self {
        Self::filling(Spares::default(), marks, block_bytes, max_record_bytes)
    }

    /// As [`RowSplitter::new`], with buffers that come back.
    pub fn filling(spares: Spares, marks: Marks, block_bytes: usize, max_record_bytes: usize) -> Self {
        Self {
            marks,
            block_bytes,
            max_record_bytes,
            buffer: Vec::new(),
            n_seen: 0,
            scanned: 0,
            complete: 0,
            n_rows: 0,
            first_row: 0,
            n_header_rows: 0,
            quoted: false,
            may_open: true,
            irregular: false,
            careful: Careful::Start,
            opened: 0,
            spans_lines: false,
            n_quoted_lines: 0,
            spares,
        }
    }

    /// The same below a header of `n_rows` rows: errors name the row as a text editor counts it.
    #[must_use]
    pub fn below(self, n_rows: u64) -> Self {
        Self { n_header_rows: n_rows, ..self }
    }

    /// Memory of its buffers.
    pub fn held_bytes(&self) -> usize {
        self.buffer.capacity() + self.spares.held_bytes()
    }

    /// Bytes of a buffer that will rarely have to grow.
    fn capacity(&self) -> usize {
        self.block_bytes + self.block_bytes / 16
    }

    /// Takes the next bytes and hands out the blocks that they complete.
    pub fn push(&mut self, mut bytes: &[u8], mut emit: impl FnMut(Block) -> Result<()>) -> Result<()> {
        while !bytes.is_empty() {
            let wanted = self.block_bytes - self.n_seen % self.block_bytes;
            let (now, later) = bytes.split_at(wanted.min(bytes.len()));
            if self.buffer.capacity() == 0 {
                // An input that begins small mostly ends there.
                let is_small = self.n_seen == 0 && now.len() < SMALL;
                self.buffer = self.spares.take(if is_small { now.len() } else { self.capacity() });
            }
            self.buffer.extend_from_slice(now);
            self.n_seen += now.len();
            bytes = later;
            if self.n_seen.is_multiple_of(self.block_bytes) {
                self.scan_new()?;
                self.emit_complete(&mut emit)?;
            }
        }
        Ok(())
    }

    /// Hands out what is left, as the last block. Refused when a quote is still open.
    pub fn finish(mut self, mut emit: impl FnMut(Block) -> Result<()>) -> Result<()> {
        self.scan_new()?;
        let is_open = if self.irregular { self.careful == Careful::Quoted } else { self.quoted };
        if is_open {
            return Err(self.open_quote(self.last_quote(), self.buffer.len()));
        }
        if self.buffer.is_empty() {
            return Ok(());
        }
        emit(Block { bytes: self.buffer, first_row: self.first_row, irregular: self.irregular })
    }

    fn emit_complete(&mut self, emit: &mut impl FnMut(Block) -> Result<()>) -> Result<()> {
        if self.buffer.len() - self.complete > self.max_record_bytes {
            return Err(Refusal::new(
                RefusalKind::RecordTooLong,
                format!("a record of more than {} bytes", self.max_record_bytes),
                "a line end before that",
                "is a quote left open, or is this not a text file?",
            )
            .at_row(self.n_header_rows + self.first_row + self.n_rows + 1)
            .into());
        }
        if self.complete == 0 {
            return Ok(());
        }
        let mut rest = self.spares.take(self.capacity());
        rest.extend_from_slice(&self.buffer[self.complete..]);
        let mut bytes = std::mem::replace(&mut self.buffer, rest);
        bytes.truncate(self.complete);
        let block = Block { bytes, first_row: self.first_row, irregular: self.irregular };
        self.first_row += self.n_rows;
        self.n_rows = 0;
        self.scanned -= self.complete;
        self.opened = self.opened.saturating_sub(self.complete);
        self.complete = 0;
        emit(block)
    }

    /// Finds the rows that end within the bytes not scanned yet.
    fn scan_new(&mut self) -> Result<()> {
        if !self.irregular && !self.scan_fast() {
            // Quotes stand where they should not: start again from the last complete row, byte by byte. Blocks begin
            // at rows, so the rows already counted in this buffer were regular and stay.
            self.irregular = true;
            self.careful = Careful::Start;
            self.n_quoted_lines -= self.n_lines(self.complete, self.scanned);
            self.scanned = self.complete;
        }
        if self.irregular {
            self.scan_careful()?;
        }
        self.scanned = self.buffer.len();
        Ok(())
    }

    /// Where the quote opened that is open at the end: what is behind the last complete row is read again for it.
    fn last_quote(&self) -> usize {
        let (mut state, mut opened) = (Careful::Start, self.complete);
        for (index, byte) in self.buffer.iter().enumerate().skip(self.complete) {
            let before = state;
            state = before.after(*byte, self.marks);
            if before == Careful::Start && state == Careful::Quoted {
                opened = index;
            }
        }
        opened
    }

    /// Line ends in a part of the buffer.
    fn n_lines(&self, from: usize, to: usize) -> u64 {
        self.buffer[from..to].iter().filter(|byte| **byte == self.marks.newline).count() as u64
    }

    /// Refuses a quote that opened at `opened` and was found, at `scanned`, not to close where a cell ends.
    fn open_quote(&self, opened: usize, scanned: usize) -> Error {
        let row = self.n_header_rows + self.first_row + self.n_rows + 1;
        let n_before = self.n_quoted_lines - self.n_lines(self.complete, scanned) + self.n_lines(self.complete, opened);
        let mut refusal = super::recognise::open_quote().at_row(row + n_before);
        let line = self.buffer[opened..].split(|byte| *byte == self.marks.newline).next().unwrap_or_default();
        let shown: String = String::from_utf8_lossy(line).trim().chars().take(40).collect();
        refusal.found = format!("a quote that is not closed, on line {} (`{shown}`)", row + n_before);
        refusal.into()
    }

    fn scan_fast(&mut self) -> bool {
        let start = self.scanned;
        let (mut quoted, mut may_open) = (u64::from(self.quoted).wrapping_neg(), u64::from(self.may_open));
        let (mut complete, mut n_rows, mut regular) = (self.complete, self.n_rows, true);
        let mut n_quoted_lines = self.n_quoted_lines;
        scan(&self.buffer[start..], self.marks, |offset, masks, length| {
            let inside = prefix_xor(masks.quote) ^ quoted;
            let any = masks.delimiter | masks.newline | masks.quote;
            if masks.quote & inside & !(any << 1 | may_open) != 0 {
                regular = false;
                return false;
            }
            let ends = masks.newline & !inside;
            if ends != masks.newline {
                n_quoted_lines += u64::from((masks.newline & inside).count_ones());
            }
            if ends != 0 {
                complete = start + offset + 64 - ends.leading_zeros() as usize;
                n_rows += u64::from(ends.count_ones());
            }
            quoted = ((inside >> (length - 1) & 1) as i64).wrapping_neg() as u64;
            may_open = any >> (length - 1) & 1;
            true
        });
        if regular {
            (self.complete, self.n_rows) = (complete, n_rows);
            (self.quoted, self.may_open) = (quoted != 0, may_open != 0);
            self.n_quoted_lines = n_quoted_lines;
        }
        regular
    }

    fn scan_careful(&mut self) -> Result<()> {
        for index in self.scanned..self.buffer.len() {
            let (before, byte) = (self.careful, self.buffer[index]);
            self.careful = before.after(byte, self.marks);
            let ends_line = byte == self.marks.newline;
            match (before, self.careful) {
                (Careful::Quoted, _) if ends_line => {
                    self.n_quoted_lines += 1;
                    self.spans_lines = true;
                }
                (Careful::Start, Careful::Quoted) => (self.opened, self.spans_lines) = (index, false),
                // It closed lines below, where another cell opens: the quotes do not go together.
                (Careful::Closing, Careful::Bare) if self.spans_lines && byte != b'\r' => {
                    return Err(self.open_quote(self.opened, index));
                }
                _ if ends_line => {
                    self.complete = index + 1;
                    self.n_rows += 1;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
