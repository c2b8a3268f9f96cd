//! How a delimited text is read, found by looking at its beginning.

use std::borrow::Cow;

use crate::error::{Refusal, RefusalKind, Result};
use crate::options::{InputFormat, ReadOptions};
use crate::read::csv::dialect::{Dialect, Division, NO_DELIMITER, divide, has_escapes, has_single_quotes};
use crate::read::csv::header::{self, Header, Setting};
use crate::read::csv::layout::Layout;
use crate::read::csv::rows::Careful;
use crate::read::csv::sample::{Record, records};
use crate::read::scan::Marks;
use crate::remark::{Remark, RemarkKind};

/// Text that is looked at.
const SAMPLE_BYTES: usize = 64 << 10;
/// What lines of comments begin with.
const COMMENTS: [&str; 4] = ["#", "//", "%", "!"];

/// How a delimited text is read.
pub(crate) struct Recognised {
    pub dialect: Dialect,
    pub layout: Layout,
    /// Its bytes are counted in the text as the layout straightens it, from `start` on.
    pub header: Header,
    /// Where that text begins.
    pub start: usize,
    pub remarks: Vec<Remark>,
}

/// Refuses a first record of more cells than columns are allowed, before a list of them is made.
fn refuse_if_too_wide(text: &[u8], marks: Marks, options: &ReadOptions) -> Result<()> {
    let most = options.limits.max_columns;
    let (mut state, mut n_cells) = (Careful::Start, 1);
    for byte in text {
        let before = state;
        state = state.after(*byte, marks);
        if before == Careful::Quoted {
            continue;
        }
        if *byte == marks.newline && n_cells > 1 {
            break;
        }
        n_cells += usize::from(*byte == marks.delimiter);
        if n_cells > most {
            let remedy = "check the delimiter, or read fewer columns";
            let (found, expected) = (format!("more than {most} columns"), format!("at most {most}"));
            let refusal = Refusal::new(RefusalKind::TooManyColumns, found, expected, remedy);
            return Err(refusal.in_file(&options.name).into());
        }
    }
    Ok(())
}

/// How the text that begins with `head` is read; `None` when more of it is needed. What `options` say is not looked for.
pub(crate) fn recognise(
    head: &[u8],
    is_all: bool,
    format: InputFormat,
    options: &ReadOptions,
) -> Result<Option<Recognised>> {
    let (parse, mut remarks) = (&options.parse, Vec::new());
    let ascii = |mark: Option<char>| mark.and_then(|mark| u8::try_from(mark).ok());
    let newline = if !head.contains(&b'\n') && head.contains(&b'\r') { b'\r' } else { b'\n' };
    let separator = separator_line(head, newline);
    if let Some((_, mark)) = separator {
        let said = format!("line 1 says that `{}` stands between cells, and is no header", char::from(mark));
        remarks.push(Remark::new(RemarkKind::SeparatorLine, said).at_rows([1]));
    }
    let n_skipped = parse.skip_lines.or(parse.header_line.map(|line| line.saturating_sub(1)));
    let n_skipped = n_skipped.unwrap_or(0).max(u64::from(separator.is_some()));
    let Some(start) = start_of_line(head, newline, n_skipped) else {
        let refuse = || {
            let refusal = Refusal::new(RefusalKind::Empty, "fewer lines", format!("rows below line {n_skipped}"), "");
            refusal.in_file(&options.name)
        };
        return if is_all { Err(refuse().into()) } else { Ok(None) };
    };
    let body = &head[start..];
    let is_whole = |text: &[u8]| is_all && text.len() <= SAMPLE_BYTES;
    let sample = &body[..body.len().min(SAMPLE_BYTES)];
    let quote = ascii(parse.quote).unwrap_or(if has_single_quotes(sample) { b'\'' } else { b'"' });
    if parse.quote.is_none() && quote == b'\'' {
        let remark = Remark::new(RemarkKind::SingleQuotes, "cells are quoted with `'`");
        remarks.push(remark.remedy("--quote", Some("\"")));
    }
    let mut layout = Layout { has_escapes: has_escapes(sample, quote), ..Layout::default() };
    if layout.has_escapes {
        let said = "a backslash before a quote keeps the quote within its cell";
        remarks.push(Remark::new(RemarkKind::BackslashEscapes, said));
    }
    layout.comment = match &parse.comment {
        Some(mark) => mark.as_bytes().to_vec(),
        None => leading_comment(sample, newline).map(Into::into).unwrap_or_default(),
    };
    let known: Vec<&str> = options.hints.iter().map(|hint| hint.name.as_str()).collect();
    let tab = (format == InputFormat::Tsv).then_some(b'\t');
    let given = ascii(parse.delimiter).or(tab).or(separator.map(|(_, mark)| mark));
    let mut marks = Marks { delimiter: NO_DELIMITER, newline, quote };
    let text = straightened(sample, &layout, marks);
    let division = match given {
        Some(b' ') => Division::Blanks(1),
        Some(mark) => Division::Mark(mark),
        None => divide(&text, is_whole(body), marks, &known),
    };
    match division {
        Division::Mark(mark) => marks.delimiter = mark,
        Division::Blanks(min_blanks) => {
            (marks.delimiter, layout.min_blanks) = (b'\t', min_blanks);
            if given.is_none() {
                let remark = Remark::new(RemarkKind::AlignedColumns, "columns are lined up with blanks");
                remarks.push(remark.remedy("--delimiter", Some(",")));
            }
        }
        Division::None => {
            let remark =
                Remark::new(RemarkKind::OneColumn, "the header names one column, so rows are not cut at commas");
            remarks.push(remark.remedy("--delimiter", Some(",")));
        }
    }
    if parse.comment.is_none() && layout.comment.is_empty() {
        let text = straightened(sample, &layout, marks);
        layout.comment = comment_between(&records(&text, is_whole(body), marks)).map(Into::into).unwrap_or_default();
    }
    // A header that is longer than the sample is looked for in all that is here.
    let mut text = straightened(sample, &layout, marks);
    let mut found = records(&text, is_whole(body), marks);
    if found.is_empty() && body.len() > sample.len() {
        refuse_if_too_wide(body, marks, options)?;
        text = straightened(body, &layout, marks);
        found = records(&text, is_all, marks);
    }
    if found.is_empty() {
        return if is_all { Err(no_header(&text, n_skipped, marks, options)) } else { Ok(None) };
    }
    let comment_lines = comment_lines(sample, &layout.comment, newline);
    if !layout.comment.is_empty() && !comment_lines.is_empty() && parse.comment.is_none() {
        let mark = String::from_utf8_lossy(&layout.comment).into_owned();
        let shown: String = String::from_utf8_lossy(comment_lines[0].1).trim().chars().take(40).collect();
        let said = format!("lines that begin with `{mark}` are comments and are not read (`{shown}`)");
        let rows = comment_lines.iter().map(|(row, _)| n_skipped + row);
        remarks.push(Remark::new(RemarkKind::CommentLines, said).at_rows(rows).remedy("--comment", Some("")));
    }
    let last_comment = comment_lines.iter().take_while(|(row, _)| *row < found[0].row).last();
    let last_comment = last_comment.map(|(_, line)| names_in_comment(line, &layout));
    let comment = last_comment.as_ref().and_then(|line| records(line, true, marks).pop());
    let is_placed = parse.skip_lines.or(parse.header_line).is_some();
    let setting = Setting { quote, known, is_placed, comment };
    let mut header = header::find(&found, &setting, options, &mut remarks)?;
    header.n_rows += n_skipped;
    check_names(&header, options)?;
    let dialect = Dialect { delimiter: marks.delimiter, quote, newline };
    for remark in &mut remarks {
        let is_below = !matches!(remark.kind, RemarkKind::SeparatorLine | RemarkKind::CommentLines);
        remark.rows.iter_mut().filter(|_| is_below).for_each(|row| *row += n_skipped);
    }
    Ok(Some(Recognised { dialect, layout, header, start, remarks }))
}

fn straightened<'a>(text: &'a [u8], layout: &Layout, marks: Marks) -> Cow<'a, [u8]> {
    if layout.is_plain() { Cow::Borrowed(text) } else { Cow::Owned(layout.straighten(text, marks)) }
}

/// The first line where it only says what stands between cells (`sep=;`, as Excel writes it), and what that is.
fn separator_line(head: &[u8], newline: u8) -> Option<(usize, u8)> {
    let end = head.iter().position(|byte| *byte == newline).unwrap_or(head.len());
    let line = head[..end].strip_suffix(b"\r").unwrap_or(&head[..end]);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let mark = match line.split_at_checked(4)? {
        (sep, [mark]) if sep.eq_ignore_ascii_case(b"sep=") => *mark,
        (sep, b"\\t") if sep.eq_ignore_ascii_case(b"sep=") => b'\t',
        _ => return None,
    };
    mark.is_ascii().then_some((end, mark))
}

/// Where the line after the first `n` begins, if it is here.
fn start_of_line(head: &[u8], newline: u8, n: u64) -> Option<usize> {
    let mut start = 0;
    for _ in 0..n {
        start += head[start..].iter().position(|byte| *byte == newline)? + 1;
    }
    Some(start)
}

/// Lines with their number from 1; the last one may be cut off.
fn lines(text: &[u8], newline: u8) -> impl Iterator<Item = (u64, &[u8])> {
    (1..).zip(text.split(move |byte| *byte == newline))
}

/// What the first line and others begin with, when that is a mark of comments, and there are lines without it.
fn leading_comment(text: &[u8], newline: u8) -> Option<&'static str> {
    let mut filled = lines(text, newline).map(|(_, line)| line.trim_ascii()).filter(|line| !line.is_empty());
    let first = filled.next()?;
    let mark = COMMENTS.into_iter().find(|mark| first.starts_with(mark.as_bytes()))?;
    filled.any(|line| !line.starts_with(mark.as_bytes())).then_some(mark)
}

/// What lines between the rows begin with that are no rows, when that is a mark of comments.
fn comment_between(records: &[Record<'_>]) -> Option<&'static str> {
    let n_cells = crate::read::csv::dialect::usual_cells(records);
    COMMENTS.into_iter().take(2).find(|mark| {
        let is_marked = |record: &&Record<'_>| record.cells[0].starts_with(mark.as_bytes());
        let mut marked = records.iter().filter(is_marked).peekable();
        n_cells > 1 && marked.peek().is_some() && marked.all(|record| record.cells.len() != n_cells)
    })
}

/// Lines of comments with their number.
fn comment_lines<'a>(text: &'a [u8], comment: &[u8], newline: u8) -> Vec<(u64, &'a [u8])> {
    let is_comment = |line: &[u8]| !comment.is_empty() && line.trim_ascii_start().starts_with(comment);
    lines(text, newline).filter(|(_, line)| is_comment(line)).collect()
}

/// A line of comments without its mark, as a header: `#Fields: a b`, `# a,b`.
fn names_in_comment(line: &[u8], layout: &Layout) -> Vec<u8> {
    let line = line.trim_ascii_start();
    let mut line = line.strip_prefix(layout.comment.as_slice()).unwrap_or(line);
    while let Some(rest) = line.strip_prefix(layout.comment.as_slice()).filter(|_| !layout.comment.is_empty()) {
        line = rest;
    }
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"Fields:").unwrap_or(line).trim_ascii_start();
    let plain = Layout { comment: Vec::new(), ..layout.clone() };
    let marks = Marks { delimiter: b'\t', newline: b'\n', quote: b'"' };
    straightened(line, &plain, marks).into_owned()
}

/// Why a text without a complete record is refused.
fn no_header(text: &[u8], n_skipped: u64, marks: Marks, options: &ReadOptions) -> crate::error::Error {
    let is_open = text.contains(&marks.quote);
    let row = n_skipped + 1;
    let refusal = if is_open {
        open_quote().at_row(row)
    } else {
        Refusal::new(RefusalKind::Empty, "no header", "column names in the first row", "is the file empty?")
    };
    refusal.in_file(&options.name).into()
}

/// A quote that opens a cell and is never closed; its place is added.
pub(crate) fn open_quote() -> Refusal {
    let mend = "close it, double it if it belongs to the text, or give another `--quote`";
    Refusal::new(RefusalKind::MalformedInput, "a quote that is not closed", "a quote at the end of the cell", mend)
}

fn check_names(header: &Header, options: &ReadOptions) -> Result<()> {
    let (n, limit) = (header.names.len(), options.limits.max_columns);
    if n <= limit {
        return Ok(());
    }
    let mend = "is the delimiter right? give it with `--delimiter`";
    let found = format!("{n} columns");
    let refusal = Refusal::new(RefusalKind::TooManyColumns, found, format!("at most {limit}"), mend);
    Err(refusal.in_file(&options.name).into())
}
