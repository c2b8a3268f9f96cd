//! The first records of a text as a trial delimiter cuts them, and what their cells look like.

use std::ops::Range;

use crate::cell::time;
use crate::options::NULL_MARKERS;
use crate::read::csv::cells::unquote;
use crate::read::csv::rows::Careful;
use crate::read::scan::Marks;

/// Records that are looked at.
pub(super) const SAMPLE_RECORDS: usize = 100;

/// A record that is not blank.
#[derive(Debug, Clone)]
pub(super) struct Record<'a> {
    /// Its cells, with their quotes.
    pub cells: Vec<&'a [u8]>,
    /// Records of the text up to it and with it; blank ones count.
    pub row: u64,
    /// Where it begins.
    pub start: usize,
    /// Where the next one begins.
    pub end: usize,
}

/// The first complete records of `text`; the last line counts as complete when the text `is_all` there is.
pub(super) fn records(text: &[u8], is_all: bool, marks: Marks) -> Vec<Record<'_>> {
    let mut records: Vec<Record<'_>> = Vec::new();
    let (mut cells, mut row) = (Vec::new(), 1);
    let (mut start, mut cell_start) = (0, 0);
    let mut state = Careful::Start;
    for (position, byte) in text.iter().enumerate() {
        let before = state;
        state = state.after(*byte, marks);
        if before == Careful::Quoted || (*byte != marks.newline && *byte != marks.delimiter) {
            continue;
        }
        cells.push(&text[cell_start..position]);
        cell_start = position + 1;
        if *byte != marks.newline {
            continue;
        }
        let cells = std::mem::take(&mut cells);
        records.extend(record(cells, row, start..position + 1));
        if records.len() == SAMPLE_RECORDS {
            return records;
        }
        (row, start) = (row + 1, position + 1);
    }
    if is_all && state != Careful::Quoted && start < text.len() {
        cells.push(&text[cell_start..]);
        records.extend(record(cells, row, start..text.len()));
    }
    records
}

/// A record of these cells, unless it is blank.
fn record(mut cells: Vec<&[u8]>, row: u64, place: Range<usize>) -> Option<Record<'_>> {
    let last = cells.last_mut()?;
    *last = last.strip_suffix(b"\r").unwrap_or(last);
    let is_blank = cells.len() == 1 && cells[0].trim_ascii().is_empty();
    (!is_blank).then_some(Record { cells, row, start: place.start, end: place.end })
}

/// What a cell looks like, whatever its column will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Empty, or a usual marker of nulls.
    Empty,
    /// Digits with marks of decimals, thousands, currencies or percents.
    Number,
    /// A date or a time.
    Time,
    /// Anything else.
    Text,
}

/// What `cell`, with its quotes, looks like.
pub(super) fn kind(cell: &[u8], quote: u8) -> Kind {
    let mut scratch = Vec::new();
    let cell = unquote(cell, quote, &mut scratch).trim_ascii();
    if matches!(cell, b"-" | b"?" | b".") || NULL_MARKERS.iter().any(|marker| marker.as_bytes() == cell) {
        return Kind::Empty;
    }
    if !cell.iter().any(u8::is_ascii_digit) {
        return Kind::Text;
    }
    let is_inner = |index: usize| index > 0 && index + 1 < cell.len();
    let is_number = cell.iter().enumerate().all(|(index, byte)| match byte {
        b'0'..=b'9' | b',' | b'.' | b' ' | b'\'' | b'_' | b'%' | b'$' | b'(' | b')' | 0x80.. => true,
        b'e' | b'E' => is_inner(index) && cell[index - 1].is_ascii_digit(),
        b'-' | b'+' => !is_inner(index) || matches!(cell[index - 1], b'e' | b'E' | b'$' | b'('),
        _ => false,
    });
    let n_marks = cell.iter().filter(|byte| matches!(byte, b'-' | b'/' | b':')).count();
    let is_spelled = n_marks >= 1
        && cell.iter().all(|byte| byte.is_ascii_digit() || b"-/:. +,TZ".contains(byte))
        && cell[0].is_ascii_digit();
    if is_number {
        Kind::Number
    } else if is_spelled || time::parse(cell).is_some() {
        Kind::Time
    } else {
        Kind::Text
    }
}

/// What the cells of a column look like: of the kind of nine in ten that are not empty.
pub(super) fn column_kind(rows: &[Record<'_>], column: usize, quote: u8) -> Kind {
    let (mut n_number, mut n_time, mut n) = (0, 0, 0);
    for cell in rows.iter().filter_map(|row| row.cells.get(column)) {
        let kind = kind(cell, quote);
        n_number += usize::from(kind == Kind::Number);
        n_time += usize::from(kind == Kind::Time);
        n += usize::from(kind != Kind::Empty);
    }
    match n {
        0 => Kind::Empty,
        _ if 10 * n_number >= 9 * n => Kind::Number,
        _ if 10 * n_time >= 9 * n => Kind::Time,
        _ => Kind::Text,
    }
}
