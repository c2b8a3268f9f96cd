//! What marks a text file uses, found by looking at its beginning.

use serde::{Deserialize, Serialize};

use crate::error::{Refusal, RefusalKind, Result};
use crate::options::{InputFormat, ReadOptions};
use crate::read::csv::cells::unquote;
use crate::read::csv::rows::Careful;
use crate::read::scan::Marks;

/// Delimiters that are looked for, the likeliest first.
const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', b':'];
/// Records that are looked at.
const SAMPLE_RECORDS: usize = 100;

/// The marks of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Around cells.
    pub quote: u8,
    /// After rows.
    pub newline: u8,
    /// Whether the first row names the columns.
    pub has_header: bool,
}

impl Dialect {
    /// The marks to scan for.
    pub fn marks(self) -> Marks {
        Marks { delimiter: self.delimiter, newline: self.newline, quote: self.quote }
    }
}

/// The columns that a file names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Column names; an empty one becomes `column_3`.
    pub names: Vec<String>,
    /// Rows of the file up to and with the header; 0 when it has none.
    pub n_rows: u64,
    /// Bytes of the file up to the first row of data.
    pub n_bytes: usize,
}

/// The dialect of a text that begins with `head`; what `options` give is not looked for.
pub fn sniff_dialect(head: &[u8], format: InputFormat, options: &ReadOptions) -> Dialect {
    let ascii = |mark: Option<char>| mark.and_then(|mark| u8::try_from(mark).ok());
    let quote = ascii(options.parse.quote).unwrap_or(b'"');
    let newline = if !head.contains(&b'\n') && head.contains(&b'\r') { b'\r' } else { b'\n' };
    let tab = (format == InputFormat::Tsv).then_some(b'\t');
    let delimiter = ascii(options.parse.delimiter).or(tab).unwrap_or_else(|| {
        let score = |delimiter: &u8| consistency(head, Marks { delimiter: *delimiter, newline, quote });
        let best = DELIMITERS.iter().map(score).fold(0.0_f64, f64::max);
        // The first of the best; a file of one column has none.
        DELIMITERS.into_iter().find(|delimiter| best > 0.0 && score(delimiter) == best).unwrap_or(b',')
    });
    Dialect { delimiter, quote, newline, has_header: options.parse.header.unwrap_or(true) }
}

/// How well a delimiter explains the sample: cells a record, times the share of records that have the commonest number.
fn consistency(head: &[u8], marks: Marks) -> f64 {
    let mut counts = Vec::new();
    let (mut state, mut n_cells, mut length) = (Careful::Start, 1_usize, 0);
    for byte in head {
        let before = state;
        state = state.after(*byte, marks);
        if before != Careful::Quoted && *byte == marks.newline {
            if length > 0 {
                counts.push(n_cells);
            }
            (n_cells, length) = (1, 0);
            if counts.len() == SAMPLE_RECORDS {
                break;
            }
        } else {
            n_cells += usize::from(before != Careful::Quoted && *byte == marks.delimiter);
            length += usize::from(*byte != b'\r');
        }
    }
    if counts.is_empty() {
        counts.push(n_cells);
    }
    let mut sorted = counts.clone();
    sorted.sort_unstable();
    let commonest = sorted.chunk_by(|a, b| a == b).max_by_key(|same| (same.len(), same[0]));
    let (n_same, n_cells) = commonest.map_or((0, 1), |same| (same.len(), same[0]));
    let share = n_same as f64 / counts.len() as f64;
    if n_cells < 2 { 0.0 } else { share * share * (n_cells.min(50) as f64).sqrt() }
}

/// The header at the beginning of `head`, or `None` when its record is not complete there and `is_all` is false.
pub fn read_header(head: &[u8], is_all: bool, dialect: Dialect, options: &ReadOptions) -> Result<Option<Header>> {
    let marks = dialect.marks();
    let (mut state, mut start, mut n_rows, mut cells) = (Careful::Start, 0, 0, Vec::new());
    let mut cell_start = 0;
    let mut end = None;
    for (position, byte) in head.iter().enumerate() {
        let before = state;
        state = state.after(*byte, marks);
        if before == Careful::Quoted || (*byte != marks.newline && *byte != marks.delimiter) {
            continue;
        }
        cells.push(&head[cell_start..position]);
        cell_start = position + 1;
        if *byte == marks.newline {
            n_rows += 1;
            if cells.len() == 1 && cells[0].trim_ascii().is_empty() {
                cells.clear();
                start = position + 1;
                continue;
            }
            end = Some(position + 1);
            break;
        }
    }
    let end = match end {
        Some(end) => end,
        None if !is_all => return Ok(None),
        None => {
            cells.push(&head[cell_start..]);
            n_rows += 1;
            head.len()
        }
    };
    if let Some(last) = cells.last_mut() {
        *last = last.strip_suffix(b"\r").unwrap_or(last);
    }
    if cells.iter().all(|cell| cell.is_empty()) {
        let refusal =
            Refusal::new(RefusalKind::Empty, "no header", "column names in the first row", "is the file empty?");
        return Err(refusal.in_file(&options.name).into());
    }
    let mut scratch = Vec::new();
    let mut name = |(index, cell): (usize, &&[u8])| {
        let text = crate::cell::text::text_of(unquote(cell, marks.quote, &mut scratch)).trim().to_owned();
        if text.is_empty() || !dialect.has_header { format!("column_{}", index + 1) } else { text }
    };
    let names: Vec<String> = cells.iter().enumerate().map(&mut name).collect();
    if names.len() > options.limits.max_columns {
        let limit = options.limits.max_columns;
        return Err(Refusal::new(
            RefusalKind::TooManyColumns,
            format!("{} columns", names.len()),
            format!("at most {limit}"),
            "is the delimiter right? give it with `--delimiter`",
        )
        .in_file(&options.name)
        .into());
    }
    Ok(Some(if dialect.has_header {
        Header { names, n_rows, n_bytes: end }
    } else {
        Header { names, n_rows: n_rows - 1, n_bytes: start }
    }))
}
