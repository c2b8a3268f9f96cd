//! Cells without a type, as CSV has them: which are null, and which are numbers.

use crate::cell::number::{self, Number};
use crate::options::{NULL_MARKERS, ReadOptions};

/// How untyped cells are read; one for all columns of an input.
#[derive(Debug, Clone)]
pub struct CellReader {
    null_markers: Vec<Vec<u8>>,
    /// Length of the longest null marker, and whether one begins with a byte.
    longest_marker: usize,
    begins_marker: [bool; 256],
    empty_is_null: bool,
    decimal: u8,
    thousands: Option<u8>,
    pub(super) plain_numbers: bool,
    trim: bool,
}

impl CellReader {
    /// A reader for these options.
    pub fn new(options: &ReadOptions) -> Self {
        let parse = &options.parse;
        let markers = parse.null_markers.clone();
        let markers = markers.unwrap_or_else(|| NULL_MARKERS.iter().map(|marker| (*marker).to_owned()).collect());
        let null_markers: Vec<Vec<u8>> = markers.into_iter().map(String::into_bytes).collect();
        let mut begins_marker = [false; 256];
        for marker in &null_markers {
            if let Some(first) = marker.first() {
                begins_marker[usize::from(*first)] = true;
            }
        }
        let ascii = |mark: Option<char>| mark.and_then(|mark| u8::try_from(mark).ok());
        let decimal = ascii(parse.decimal).unwrap_or(b'.');
        let thousands = ascii(parse.thousands);
        Self {
            longest_marker: null_markers.iter().map(Vec::len).max().unwrap_or(0),
            empty_is_null: null_markers.iter().any(Vec::is_empty),
            begins_marker,
            null_markers,
            decimal,
            plain_numbers: decimal == b'.' && thousands.is_none(),
            thousands,
            trim: parse.trim_numeric.unwrap_or(true),
        }
    }

    #[inline]
    pub(super) fn is_null(&self, cell: &[u8]) -> bool {
        match cell.first() {
            None => self.empty_is_null,
            Some(first) => {
                self.begins_marker[usize::from(*first)]
                    && cell.len() <= self.longest_marker
                    && self.null_markers.iter().any(|marker| marker == cell)
            }
        }
    }

    pub(super) fn number(&self, cell: &[u8], scratch: &mut Vec<u8>) -> Option<Number> {
        let cell = if self.trim { cell.trim_ascii() } else { cell };
        if self.plain_numbers {
            number::parse(cell)
        } else {
            number::normalise(cell, self.decimal, self.thousands, scratch)?;
            number::parse(scratch)
        }
    }
}
