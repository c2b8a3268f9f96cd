//! The names of the columns, and what stands above and below them.

use serde::{Deserialize, Serialize};

use crate::cell::text::text_of;
use crate::error::{Refusal, RefusalKind, Result};
use crate::options::ReadOptions;
use crate::read::csv::cells::unquote;
use crate::read::csv::dialect::{n_known, usual_cells};
use crate::read::csv::sample::{Kind, Record, column_kind, kind};
use crate::remark::{Remark, RemarkKind};

/// Rows below a second line of the header, at least.
const ROWS_BELOW: usize = 3;
/// Characters of a line that are shown.
const SHOWN: usize = 60;

/// The columns that a file names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Column names; an empty one becomes `column_3`.
    pub names: Vec<String>,
    /// Rows of the file up to and with the header; 0 when it has none.
    pub n_rows: u64,
    /// Bytes of the text up to the first row of data.
    pub n_bytes: usize,
}

/// What is known of a text before its header is looked for.
pub(super) struct Setting<'a> {
    pub quote: u8,
    /// Names that columns are known by.
    pub known: Vec<&'a str>,
    /// Whether somebody said where the header is, so that no line above it is looked for.
    pub is_placed: bool,
    /// What stands in the last line of comments above the rows.
    pub comment: Option<Record<'a>>,
}

/// The header among the first records of a text, which are at least one.
pub(super) fn find(
    records: &[Record<'_>],
    setting: &Setting<'_>,
    options: &ReadOptions,
    remarks: &mut Vec<Remark>,
) -> Result<Header> {
    let quote = setting.quote;
    let n_cells = usual_cells(records);
    let above = if setting.is_placed { 0 } else { n_above(records, n_cells, quote) };
    let rows = &records[above..];
    let first = &rows[0];
    let has_header = options.parse.header.unwrap_or_else(|| {
        n_known(first, &setting.known, quote) > 0 || setting.is_placed || !is_data(rows, n_cells, quote)
    });
    if above > 0 {
        let last = &records[above - 1];
        if !has_header && options.parse.header.is_none() && last.cells.len() > 1 && last.cells.len() < n_cells {
            return Err(refuse_header(last, n_cells, quote, options));
        }
        remarks.push(lines_above(&records[..above], quote));
    }
    let commented = setting.comment.as_ref().filter(|comment| !has_header && comment.cells.len() == n_cells);
    if let (Some(comment), None) = (commented, options.parse.header) {
        let names = names(&comment.cells, n_cells, quote);
        return Ok(Header { names, n_rows: first.row - 1, n_bytes: first.start });
    }
    if !has_header {
        if options.parse.header.is_none() {
            let shown: Vec<String> =
                first.cells.iter().take(3).map(|cell| format!("`{}`", text(cell, quote))).collect();
            let said = format!(
                "row {} (such as {}) looks like data, so the columns are numbered, as with `--no-header`",
                first.row,
                shown.join(", ")
            );
            let remark = Remark::new(RemarkKind::NoHeader, said).at_rows([first.row]);
            remarks.push(remark.remedy("--header-line", Some(&first.row.to_string())));
        }
        let names = names(&[], n_cells.max(first.cells.len()), quote);
        return Ok(Header { names, n_rows: first.row - 1, n_bytes: first.start });
    }
    let below = &rows[1..];
    if !setting.is_placed && is_second_line(below, n_cells, quote) {
        let second = &below[0];
        let said =
            format!("line {} ({}) belongs to the header and is not read as data", second.row, line(second, quote));
        let remark = Remark::new(RemarkKind::TwoHeaderLines, said).at_rows([second.row]);
        remarks.push(remark.remedy("--header-line", Some(&first.row.to_string())));
        let names = joined_names(first, second, n_cells, quote);
        return Ok(Header { names, n_rows: second.row, n_bytes: second.end });
    }
    let mut cells = first.cells.clone();
    if n_cells == cells.len() + 1 && below.len() > 1 {
        let is_empty = |row: &Record<'_>| row.cells.len() < n_cells || row.cells[n_cells - 1].is_empty();
        let said = if below.iter().all(is_empty) {
            cells.push(b"");
            "each row ends with a delimiter, which makes an empty last column"
        } else {
            cells.insert(0, b"");
            "each row has one cell more than the header: the first is taken for the name of the row"
        };
        remarks.push(Remark::new(RemarkKind::ExtraCells, said).at_rows([below[0].row]));
    }
    Ok(Header { names: names(&cells, cells.len(), quote), n_rows: first.row, n_bytes: first.end })
}

/// Records above the header: they have fewer cells than the rows, or only one that is not empty.
fn n_above(records: &[Record<'_>], n_cells: usize, quote: u8) -> usize {
    let is_header = |(index, record): (usize, &Record<'_>)| {
        let n = record.cells.len();
        let n_filled = record.cells.iter().filter(|cell| kind(cell, quote) != Kind::Empty).count();
        let is_text = kind(record.cells[0], quote) == Kind::Text;
        let is_last = index + 1 == records.len();
        let is_title = n_cells > 2 && !is_last && (n_filled == 0 || (n_filled == 1 && is_text));
        let below = &records[index + 1..];
        let is_open = |row: &Record<'_>| row.cells.len() != n_cells || row.cells[n_cells - 1].is_empty();
        let is_short = n > 1 && n + 1 == n_cells && (below.iter().all(is_open) || is_data(below, n_cells, quote));
        (n >= n_cells && !is_title) || is_short
    };
    if n_cells < 2 {
        return 0;
    }
    records.iter().enumerate().position(is_header).unwrap_or(0)
}

/// Whether the first of `rows` is one of them, and not the names of their columns.
fn is_data(rows: &[Record<'_>], n_cells: usize, quote: u8) -> bool {
    let [first, below @ ..] = rows else { return false };
    if below.is_empty() || first.cells.len() < n_cells {
        return false;
    }
    let (mut n_same, mut n_text, mut n_again) = (0, 0, 0);
    let mut numbers = Vec::new();
    for (column, cell) in first.cells.iter().enumerate().take(n_cells) {
        let (of_column, of_cell) = (column_kind(below, column, quote), kind(cell, quote));
        if matches!(of_column, Kind::Number | Kind::Time) {
            n_same += usize::from(of_cell == of_column);
            n_text += usize::from(of_cell != of_column && of_cell != Kind::Empty);
            if of_cell == Kind::Number {
                numbers.push((whole(cell, quote), column));
            }
        } else if of_column == Kind::Text {
            n_again += usize::from(below.iter().any(|row| row.cells.get(column) == Some(cell)));
        }
    }
    if n_same + n_text == 0 {
        return below.len() > 2 && 2 * n_again > n_cells;
    }
    n_same > 2 * n_text && !are_numbered_names(&numbers, below, quote)
}

/// Whether numbers in the first row are names all the same: 0, 1, 2, … or years over columns of something else.
fn are_numbered_names(numbers: &[(Option<i64>, usize)], below: &[Record<'_>], quote: u8) -> bool {
    let is_year = |number: i64| (1800..2200).contains(&number);
    let are_years = numbers.iter().all(|(number, _)| number.is_some_and(is_year));
    let are_counted = numbers.len() > 1 && numbers.iter().zip(0..).all(|((number, _), n)| *number == Some(n));
    let year = |row: &Record<'_>, column: usize| row.cells.get(column).and_then(|cell| whole(cell, quote));
    let has_years = |column: usize| below.iter().all(|row| year(row, column).is_some_and(is_year));
    are_counted || (!numbers.is_empty() && are_years && !numbers.iter().all(|(_, column)| has_years(*column)))
}

/// A cell as a whole number.
fn whole(cell: &[u8], quote: u8) -> Option<i64> {
    let mut scratch = Vec::new();
    std::str::from_utf8(unquote(cell, quote, &mut scratch)).ok()?.trim().parse().ok()
}

/// Whether the first of the rows below a header belongs to it: units, or the second part of names.
fn is_second_line(below: &[Record<'_>], n_cells: usize, quote: u8) -> bool {
    let [second, rows @ ..] = below else { return false };
    if rows.len() < ROWS_BELOW || second.cells.len() != n_cells {
        return false;
    }
    let (mut n_typed, mut n_text) = (0, 0);
    for (column, cell) in second.cells.iter().enumerate() {
        if !matches!(column_kind(rows, column, quote), Kind::Number | Kind::Time) {
            continue;
        }
        n_typed += 1;
        let is_again = || rows.iter().any(|row| row.cells.get(column) == Some(cell));
        match kind(cell, quote) {
            Kind::Text if !is_again() => n_text += 1,
            Kind::Empty => {}
            _ => return false,
        }
    }
    let mut scratch = Vec::new();
    let mut is_unit = |cell: &[u8]| matches!(unquote(cell, quote, &mut scratch), [b'(', .., b')'] | [b'[', .., b']']);
    2 * n_text > n_typed && (n_text > 1 || second.cells.iter().any(|cell| is_unit(cell)))
}

/// Names of two lines: those of the first, or of both where the first leaves cells empty or says them twice.
fn joined_names(first: &Record<'_>, second: &Record<'_>, n_cells: usize, quote: u8) -> Vec<String> {
    let mut upper: Vec<String> = first.cells.iter().map(|cell| text(cell, quote)).collect();
    let mut sorted = upper.clone();
    sorted.sort_unstable();
    let is_enough = upper.len() == n_cells && sorted.windows(2).all(|two| two[0] != two[1]) && !sorted[0].is_empty();
    if is_enough {
        return upper;
    }
    for index in 1..upper.len() {
        if upper[index].is_empty() {
            upper[index] = upper[index - 1].clone();
        }
    }
    let lower = second.cells.iter().map(|cell| text(cell, quote));
    let joined = upper.iter().zip(lower).map(|(upper, lower)| format!("{upper} {lower}").trim().to_owned());
    let joined: Vec<String> = joined.collect();
    names(&joined.iter().map(String::as_bytes).collect::<Vec<_>>(), n_cells, quote)
}

/// `n` names; where a cell has none, the column's number is its name.
fn names(cells: &[&[u8]], n: usize, quote: u8) -> Vec<String> {
    let name = |index: usize| match cells.get(index).map(|cell| text(cell, quote)) {
        Some(name) if !name.is_empty() => name,
        _ => format!("column_{}", index + 1),
    };
    (0..n).map(name).collect()
}

fn text(cell: &[u8], quote: u8) -> String {
    let mut scratch = Vec::new();
    text_of(unquote(cell, quote, &mut scratch)).trim().to_owned()
}

/// A line as it is shown.
pub(super) fn line(record: &Record<'_>, quote: u8) -> String {
    let cells: Vec<String> = record.cells.iter().map(|cell| text(cell, quote)).collect();
    let line = cells.join(" | ");
    let end = line.char_indices().nth(SHOWN).map_or("", |_| "…");
    format!("`{}{end}`", line.chars().take(SHOWN).collect::<String>())
}

fn lines_above(above: &[Record<'_>], quote: u8) -> Remark {
    let (first, last) = (&above[0], &above[above.len() - 1]);
    let shown = line(first, quote);
    let said = if above.len() == 1 {
        format!("line {} ({shown}) is above the header and is not read", first.row)
    } else {
        format!("lines {} to {} ({shown}, …) are above the header and are not read", first.row, last.row)
    };
    let remark = Remark::new(RemarkKind::LinesAboveHeader, said).at_rows(above.iter().map(|record| record.row));
    remark.remedy("--header-line", Some(&first.row.to_string()))
}

fn refuse_header(header: &Record<'_>, n_cells: usize, quote: u8, options: &ReadOptions) -> crate::error::Error {
    let found = format!("a line of {} cells ({}) above rows of {n_cells}", header.cells.len(), line(header, quote));
    let mend = format!(
        "is it the header? give its line with `--header-line {}`; if not, leave it out with `--skip-lines {}`",
        header.row, header.row
    );
    let refusal = Refusal::new(RefusalKind::MalformedInput, found, "a header with a name for each cell", mend);
    refusal.in_file(&options.name).at_row(header.row).into()
}
