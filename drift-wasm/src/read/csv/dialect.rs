//! What divides the cells of a text, found by looking at its beginning.
//!
//! Follows van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019): the
//! right delimiter makes rows alike and cells that look like something. It divides the header, too.

use serde::{Deserialize, Serialize};

use crate::cell::time;
use crate::read::csv::layout::Layout;
use crate::read::csv::sample::{Kind, Record, column_kind, kind, records};
use crate::read::scan::Marks;

/// Delimiters that are looked for, the likeliest first.
pub(super) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Between the cells of a text that has one column: no text holds it.
pub(super) const NO_DELIMITER: u8 = 0x1f;
/// Share of records that must have as many cells as most, for a delimiter that only few files have.
const ALIKE: f64 = 0.9;
/// Cells looked at in each record.
const SAMPLE_CELLS: usize = 50;

/// The marks of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Around cells.
    pub quote: u8,
    /// After rows.
    pub newline: u8,
}

impl Dialect {
    /// The marks to scan for.
    pub fn marks(self) -> Marks {
        Marks { delimiter: self.delimiter, newline: self.newline, quote: self.quote }
    }
}

/// What divides the cells of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Division {
    /// This byte.
    Mark(u8),
    /// So many blanks at least.
    Blanks(usize),
    /// Nothing, although the rows hold a mark that could: there is one column.
    None,
}

/// A delimiter on trial.
struct Trial<'a> {
    records: Vec<Record<'a>>,
    n_cells: usize,
    /// Share of records that have `n_cells`.
    share: f64,
    /// How well the first record is divided as the others are: 1 as they are, less with one cell less or more.
    header: f64,
}

/// What divides the cells of `text`, the beginning of an input; a division into columns of `known` names is the right one.
pub(super) fn divide(text: &[u8], is_all: bool, marks: Marks, known: &[&str]) -> Division {
    let trial = |delimiter: u8| Trial::new(text, is_all, Marks { delimiter, ..marks });
    let mut best: Option<(f64, u8, Trial<'_>)> = None;
    for delimiter in DELIMITERS.into_iter().filter(|delimiter| text.contains(delimiter)) {
        let trial = trial(delimiter);
        if trial.names(known, marks.quote) {
            return Division::Mark(delimiter);
        }
        let score = trial.score(marks.quote);
        if score > best.as_ref().map_or(0.0, |(best, ..)| *best) {
            best = Some((score, delimiter, trial));
        }
    }
    if let Some((_, delimiter, trial)) = &best
        && trial.header > 0.5
        && trial.share > 0.5
    {
        return Division::Mark(*delimiter);
    }
    last_resort(text, is_all, marks).unwrap_or(match best {
        Some((_, _, trial)) if trial.is_one_column(marks.quote) => Division::None,
        Some((_, delimiter, _)) => Division::Mark(delimiter),
        None => Division::Mark(b','),
    })
}

/// Blanks or colons, which stand in names, times and addresses far more often than between cells.
fn last_resort(text: &[u8], is_all: bool, marks: Marks) -> Option<Division> {
    let colon = Trial::new(text, is_all, Marks { delimiter: b':', ..marks });
    // Colons between digits are those of times and addresses, unless a header has them, too.
    let is_name = |cell: &&[u8]| kind(cell, marks.quote) == Kind::Text && !cell.iter().all(u8::is_ascii_hexdigit);
    let has_names = colon.records.first().is_some_and(|first| first.cells.iter().all(is_name));
    let is_between_digits = |two: &[&[u8]]| {
        let ends = [two[0].last(), two[1].first()];
        ends.iter().all(|end| end.is_none_or(u8::is_ascii_hexdigit))
    };
    let is_moment = |record: &Record<'_>| record.cells.windows(2).all(is_between_digits);
    if colon.is_alike() && colon.header == 1.0 && (has_names || !colon.records.iter().any(is_moment)) {
        return Some(Division::Mark(b':'));
    }
    let tabs = Marks { delimiter: b'\t', ..marks };
    let mut best = (0.0, None);
    for min_blanks in [1, 2] {
        let straight = Layout { min_blanks, ..Layout::default() }.straighten(text, tabs);
        let trial = Trial::new(&straight, is_all, tabs);
        let rows = trial.records.get(1..).unwrap_or_default();
        let has_kind = |column| matches!(column_kind(rows, column, marks.quote), Kind::Number | Kind::Time);
        let are_moments = |record: &Record<'_>| time::parse(&record.cells.join(&b' ')).is_some();
        if trial.is_alike()
            && trial.header > f64::max(best.0, 0.5)
            && rows.len() > 1
            && (0..trial.n_cells).any(has_kind)
            && !rows.iter().all(are_moments)
        {
            best = (trial.header, Some(Division::Blanks(min_blanks)));
        }
    }
    best.1
}

impl<'a> Trial<'a> {
    fn new(text: &'a [u8], is_all: bool, marks: Marks) -> Self {
        let records = records(text, is_all, marks);
        let n_cells = usual_cells(&records);
        let n_alike = records.iter().filter(|record| record.cells.len() == n_cells).count();
        let share = n_alike as f64 / records.len().max(1) as f64;
        let header = match records.first().map_or(0, |first| first.cells.len()) {
            n if n == n_cells => 1.0,
            n if n > 1 && n.abs_diff(n_cells) == 1 => 0.9,
            _ => 0.25,
        };
        Self { records, n_cells, share, header }
    }

    /// Whether the rows are so alike that a delimiter that only few files have may be one.
    fn is_alike(&self) -> bool {
        let rows = self.records.get(1..).unwrap_or_default();
        let n_alike = rows.iter().filter(|row| row.cells.len() == self.n_cells).count();
        self.n_cells > 1 && n_alike as f64 >= ALIKE * rows.len() as f64
    }

    /// Whether a record names columns that are known.
    fn names(&self, known: &[&str], quote: u8) -> bool {
        !known.is_empty() && self.n_cells > 1 && self.records.iter().any(|record| n_known(record, known, quote) > 1)
    }

    /// How well the delimiter explains the text, 0–1.
    fn score(&self, quote: u8) -> f64 {
        if self.n_cells < 2 {
            return 0.0;
        }
        let alike = self.records.iter().filter(|record| record.cells.len() == self.n_cells);
        let cells = alike.flat_map(|record| record.cells.iter().take(SAMPLE_CELLS));
        let (sum, n) = cells.fold((0.0, 0_u32), |(sum, n), cell| (sum + sense(cell, quote), n + 1));
        let sense = sum / f64::from(n.max(1));
        let pattern = (self.n_cells - 1) as f64 / self.n_cells as f64;
        self.share * self.share * self.header * sense * sense * pattern
    }

    /// Whether the first line names one column, and the rows only happen to hold the mark.
    fn is_one_column(&self, quote: u8) -> bool {
        let [first, rows @ ..] = self.records.as_slice() else { return false };
        if self.share <= 0.5 {
            return first.cells.len() == 1;
        }
        let is_cut = |next: &&Record<'_>| first.cells.len() == 1 && next.cells.len() == self.n_cells;
        let Some(next) = rows.first().filter(is_cut) else { return false };
        let kinds = |column: usize| (column_kind(&rows[1..], column, quote), kind(next.cells[column], quote));
        let mut columns = (0..next.cells.len()).map(kinds);
        let has_names =
            columns.clone().any(|(rows, next)| matches!(rows, Kind::Number | Kind::Time) && next == Kind::Text);
        let is_table = self.n_cells > 2 && columns.all(|(rows, next)| rows == next && rows != Kind::Text);
        !has_names && !is_table
    }
}

/// How many cells most records have; the first one's number unless most of the others agree on another.
pub(super) fn usual_cells(records: &[Record<'_>]) -> usize {
    let mut counts: Vec<usize> = records.iter().skip(1).map(|record| record.cells.len()).collect();
    let first = records.first().map_or(1, |record| record.cells.len());
    counts.sort_unstable();
    let n_others = counts.len();
    let commonest = counts.chunk_by(|a, b| a == b).max_by_key(|same| (same.len(), same[0]));
    match commonest {
        Some(same) if same.len() > 1 && 2 * same.len() > n_others => same[0],
        Some(same) if first == 1 && same.len() == n_others => same[0],
        _ => first,
    }
}

/// Cells of a record that are names of columns that are known.
pub(super) fn n_known(record: &Record<'_>, known: &[&str], quote: u8) -> usize {
    let mut scratch = Vec::new();
    let mut is_known = |cell: &[u8]| {
        let cell = crate::read::csv::cells::unquote(cell, quote, &mut scratch).trim_ascii();
        known.iter().any(|name| name.as_bytes() == cell)
    };
    record.cells.iter().filter(|cell| is_known(cell)).count()
}

/// How much a cell looks like one cell: 1 for numbers, times, words and quoted text; less when it holds a mark that
/// divides cells elsewhere.
fn sense(cell: &[u8], quote: u8) -> f64 {
    match cell {
        [] => 1.0,
        [first, .., last] if *first == quote && *last == quote => 1.0,
        [first, ..] if *first == quote => 0.3,
        _ if kind(cell, quote) != Kind::Text => 1.0,
        _ if cell.contains(&b'\t') => 0.0,
        _ if cell.iter().any(|byte| matches!(byte, b';' | b'|')) => 0.5,
        _ if cell.contains(&b',') => 0.9,
        _ => 1.0,
    }
}

/// Whether cells are quoted with `'`: such quotes open and close cells, and no `"` does.
pub(super) fn has_single_quotes(text: &[u8]) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_none_or(|byte| b",;\t|\r\n".contains(byte));
    let (mut n_open, mut n_close, mut n_double) = (0, 0, 0);
    for (index, byte) in text.iter().enumerate() {
        let (begins, ends) =
            (is_edge(index.checked_sub(1).and_then(|before| text.get(before))), is_edge(text.get(index + 1)));
        match byte {
            b'\'' if begins && !ends => n_open += 1,
            b'\'' if ends && !begins => n_close += 1,
            b'"' if begins != ends => n_double += 1,
            _ => {}
        }
    }
    n_open > 1 && n_double == 0 && n_open == n_close
}

/// Whether a backslash keeps a quote from closing its cell: after it the cell goes on.
pub(super) fn has_escapes(text: &[u8], quote: u8) -> bool {
    let goes_on = |byte: u8| byte != quote && !b",;\t|\r\n:".contains(&byte);
    let opens = |pair: &[u8]| pair[1] == quote && b",;\t|\n".contains(&pair[0]);
    let has_quotes = text.first() == Some(&quote) || text.windows(2).any(opens);
    has_quotes
        && text.windows(4).any(|some| {
            let is_inside = some[0] != quote && !b",;\t|\n".contains(&some[0]);
            (is_inside || some[0] == quote) && some[1] == b'\\' && some[2] == quote && goes_on(some[3])
        })
}
