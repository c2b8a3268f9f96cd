//! Text formats, push-style: bytes in any pieces in, blocks of complete rows out.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::encoding::{Decoder, Encoding};
use crate::error::{Refusal, RefusalKind, Result, broken_message};
use crate::options::{InputFormat, ReadOptions};
use crate::profile::{BlockProfile, CellReader};
use crate::read::csv::{self, Block, Dialect, Header, Recognised, RowSplitter, Spares, Straightener};
use crate::read::json::{self, ArraySplitter};
use crate::read::scan::Marks;
use crate::read::sniff;
use crate::remark::Remark;

/// Text that is looked at to find encoding, format and marks.
const HEAD_BYTES: usize = 64 << 10;

/// What every block of one text input is read with. Shared by all threads or workers.
#[derive(Debug, Clone)]
pub struct TextTable {
    /// `Csv`, `Tsv`, `Ndjson` or `Json`.
    pub format: InputFormat,
    options: Arc<ReadOptions>,
    kind: Kind,
    remarks: Vec<Remark>,
    spares: Spares,
}

#[derive(Debug, Clone)]
enum Kind {
    Delimited {
        dialect: Dialect,
        header: Header,
        reader: Box<CellReader>,
    },
    /// One JSON object a line; columns are found on the way.
    Lines,
}

impl TextTable {
    /// What another worker needs to read blocks of the same input, beside the options.
    pub fn encode(&self) -> Vec<u8> {
        let delimited = match &self.kind {
            Kind::Delimited { dialect, header, .. } => Some((*dialect, header)),
            Kind::Lines => None,
        };
        postcard::to_stdvec(&(self.format, delimited)).expect("plain data, and memory is not bounded here")
    }

    /// What [`TextTable::encode`] described.
    pub fn decode(options: &ReadOptions, table: &[u8]) -> Result<Self> {
        let (format, delimited): (InputFormat, Option<(Dialect, Header)>) =
            postcard::from_bytes(table).map_err(|_| broken_message().in_file(&options.name))?;
        let kind = delimited.map_or(Kind::Lines, |(dialect, header)| {
            let reader = Box::new(CellReader::new(options));
            Kind::Delimited { dialect, header, reader }
        });
        Ok(Self { format, options: Arc::new(options.clone()), kind, remarks: Vec::new(), spares: Spares::default() })
    }

    /// The columns that are known before any row is read.
    pub fn columns(&self) -> &[String] {
        match &self.kind {
            Kind::Delimited { header, .. } => &header.names,
            Kind::Lines => &[],
        }
    }

    /// What was decided about the input, as far as its beginning shows.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Reads one block. Blocks may be read in any order; they are merged in their own.
    pub fn profile_block(&self, block: &Block) -> Result<BlockProfile> {
        match &self.kind {
            Kind::Delimited { dialect, header, reader } => {
                csv::profile_block(block, *dialect, header, reader, &self.options)
            }
            Kind::Lines => json::profile_block(block, &self.options),
        }
    }

    /// What reads a whole input, if that is lines of JSON which every step before would hand on as they are.
    pub(super) fn of_lines(options: &Arc<ReadOptions>, text: &[u8]) -> Option<Self> {
        let is_as_it_is = text.first() == Some(&b'{')
            && text.len() <= options.limits.max_record_bytes
            && options.parse.encoding.is_none()
            && options.format.or_else(|| sniff::sniff_text(text)) == Some(InputFormat::Ndjson)
            && sniff::refuse_known(&options.name, text).is_ok()
            && Encoding::sniff(text).is_utf8();
        let (format, options) = (InputFormat::Ndjson, options.clone());
        is_as_it_is.then(|| Self { format, options, kind: Kind::Lines, remarks: Vec::new(), spares: Spares::default() })
    }

    /// Whether each line is a row, whatever stands before and after: then blocks of several inputs can be read as one.
    pub(super) fn has_lines(&self) -> bool {
        matches!(self.kind, Kind::Lines)
    }

    /// How it is read.
    pub(super) fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// Rows of the header; 0 where there is none.
    fn n_header_rows(&self) -> u64 {
        match &self.kind {
            Kind::Delimited { header, .. } => header.n_rows,
            Kind::Lines => 0,
        }
    }

    /// What stands before the rows: the names of the columns, where rows are cells alone.
    pub(super) fn header_line(&self) -> Vec<u8> {
        let Kind::Delimited { dialect, header, .. } = &self.kind else { return Vec::new() };
        let quoted = |name: &String| {
            let doubled =
                name.bytes().flat_map(|byte| std::iter::repeat_n(byte, if byte == dialect.quote { 2 } else { 1 }));
            [vec![dialect.quote], doubled.collect(), vec![dialect.quote]].concat()
        };
        let names: Vec<Vec<u8>> = header.names.iter().map(quoted).collect();
        [names.join(&dialect.delimiter), vec![b'\n']].concat()
    }

    /// What finds rows in blocks, and their cell of a column, if there is one of this name.
    pub(super) fn rows(&self, column: Option<&str>) -> Rows {
        match &self.kind {
            Kind::Lines => Rows::Lines(column.map(|name| Box::new(json::CellFinder::new(name, &self.options)))),
            Kind::Delimited { dialect, header, .. } => {
                let index = column.and_then(|name| header.names.iter().position(|other| other == name));
                Rows::Delimited { dialect: *dialect, n_columns: header.names.len(), index }
            }
        }
    }

    /// Refuses a column that a header does not name.
    pub(super) fn check_column(&self, name: &str) -> Result<()> {
        let Kind::Delimited { header, .. } = &self.kind else { return Ok(()) };
        if header.names.iter().any(|other| other == name) {
            return Ok(());
        }
        let mend = format!("choose one of: {}", header.names.join(", "));
        let found = format!("no column `{name}`");
        Err(Refusal::new(RefusalKind::InvalidOption, found, "a column of the header", mend).into())
    }

    /// Takes back a block that was read, so that its memory is used for a later one.
    pub fn recycle(&self, block: Block) {
        self.spares.give(block);
    }

    fn marks(&self) -> Marks {
        match &self.kind {
            Kind::Delimited { dialect, .. } => dialect.marks(),
            Kind::Lines => json::LINE_MARKS,
        }
    }
}

/// Finds the rows of blocks.
pub(super) enum Rows {
    Delimited { dialect: Dialect, n_columns: usize, index: Option<usize> },
    Lines(Option<Box<json::CellFinder>>),
}

impl Rows {
    /// Where each row stands, without its line end, with what `read` makes of its cell of the column that was asked for.
    pub fn find<T>(&mut self, block: &Block, read: impl Fn(&[u8]) -> Option<T>) -> Vec<(Range<usize>, Option<T>)> {
        match self {
            Self::Delimited { dialect, n_columns, index } => csv::rows_with(block, *dialect, *n_columns, *index, read),
            Self::Lines(None) => json::lines(block).map(|range| (range, None)).collect(),
            Self::Lines(Some(finder)) => finder.rows(block, read),
        }
    }
}

/// Cuts a text input into blocks.
pub struct TextReader {
    options: Arc<ReadOptions>,
    block_bytes: usize,
    /// Bytes as they came, until the encoding is known; then text, until the header is complete.
    head: Vec<u8>,
    /// Bytes of text from which on it is worth looking for a header.
    look_from: usize,
    decoder: Option<Decoder>,
    is_encoding_known: bool,
    rows: Option<Intake>,
}

/// Where the rows of a recognised input begin.
#[derive(Default)]
struct Start {
    /// Bytes that are not looked at again.
    n_bytes: usize,
    /// What brings the rest into the form of RFC 4180, and how many bytes of what it gives are the header.
    straightener: Option<(Straightener, usize)>,
}

/// What takes the rows once the input is recognised.
struct Intake {
    table: Arc<TextTable>,
    straightener: Option<Straightener>,
    /// Bytes of the header that the straightener has not given yet.
    n_header_bytes: usize,
    /// Turns a JSON array into lines.
    elements: Option<ArraySplitter>,
    splitter: RowSplitter,
}

impl Intake {
    fn push(&mut self, text: &[u8], emit: &mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>) -> Result<()> {
        let Self { table, elements, straightener, n_header_bytes, splitter } = self;
        if let Some(straightener) = straightener {
            let mut straight = Vec::new();
            straightener.push(text, &mut straight);
            let n = straight.len().min(*n_header_bytes);
            *n_header_bytes -= n;
            return splitter.push(&straight[n..], |block| emit(table, block));
        }
        match elements {
            None => splitter.push(text, |block| emit(table, block)),
            Some(elements) => elements.push(text, &mut |lines| splitter.push(lines, |block| emit(table, block))),
        }
    }

    fn finish(mut self, emit: &mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>) -> Result<Arc<TextTable>> {
        if let Some(mut straightener) = self.straightener {
            let mut rest = Vec::new();
            straightener.finish(&mut rest);
            let n = rest.len().min(self.n_header_bytes);
            self.splitter.push(&rest[n..], |block| emit(&self.table, block))?;
        }
        self.elements.map_or(Ok(()), ArraySplitter::finish)?;
        self.splitter.finish(|block| emit(&self.table, block))?;
        Ok(self.table)
    }
}

impl TextReader {
    /// A reader for an input without compression.
    pub fn new(options: impl Into<Arc<ReadOptions>>) -> Self {
        Self::with_block_bytes(options, csv::BLOCK_BYTES)
    }

    /// A reader with blocks of another size. The size is part of what decides a profile above the exact limit.
    pub fn with_block_bytes(options: impl Into<Arc<ReadOptions>>, block_bytes: usize) -> Self {
        Self {
            options: options.into(),
            block_bytes,
            head: Vec::new(),
            look_from: HEAD_BYTES,
            decoder: None,
            is_encoding_known: false,
            rows: None,
        }
    }

    /// Takes the next bytes and hands out the blocks that they complete.
    pub fn push(&mut self, bytes: &[u8], emit: &mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>) -> Result<()> {
        if self.is_encoding_known {
            return self.push_decoded(bytes, false, emit);
        }
        // What comes at once is not copied to be looked at.
        let head = joined(&mut self.head, bytes);
        if head.len() < HEAD_BYTES {
            self.head = head.into_owned();
            return Ok(());
        }
        self.begin(&head, false, emit)
    }

    /// Memory of what was pushed and is in no block yet, with that of blocks that came back.
    pub fn held_bytes(&self) -> usize {
        self.head.capacity() + self.rows.as_ref().map_or(0, |rows| rows.splitter.held_bytes())
    }

    /// Hands out the last block. An input without a header is refused.
    pub fn finish(mut self, emit: &mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>) -> Result<Arc<TextTable>> {
        if self.is_encoding_known {
            self.push_decoded(&[], true, emit)?;
        } else {
            let head = std::mem::take(&mut self.head);
            self.begin(&head, true, emit)?;
        }
        let name = self.options.name.clone();
        let rows = self.rows.take().ok_or_else(|| nothing(&name))?;
        rows.finish(emit).map_err(|error| error.in_file(&name))
    }

    /// Finds the encoding by how the input begins.
    fn begin(
        &mut self,
        head: &[u8],
        is_all: bool,
        emit: &mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>,
    ) -> Result<()> {
        self.options.check()?;
        if head.is_empty() {
            return Err(nothing(&self.options.name));
        }
        sniff::refuse_known(&self.options.name, head)?;
        let given = self.options.parse.encoding.as_ref();
        let encoding = given.and_then(|label| Encoding::named(label));
        let encoding = encoding.unwrap_or_else(|| Encoding::sniff(head));
        self.is_encoding_known = true;
        // UTF-8 goes through as it is: a broken cell is decoded by itself, and counted.
        let mut text = head;
        if encoding.is_utf8() {
            text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        } else {
            self.decoder = Some(Decoder::new(encoding));
        }
        self.push_decoded(text, is_all, emit)
    }

    fn push_decoded(
        &mut self,
        bytes: &[u8],
        is_all: bool,
        emit: &mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>,
    ) -> Result<()> {
        let Some(mut decoder) = self.decoder.take() else {
            return self.push_text(bytes, is_all, emit);
        };
        decoder.decode(bytes, is_all, |text, is_all| self.push_text(text, is_all, emit))?;
        self.decoder = Some(decoder);
        Ok(())
    }

    fn push_text(
        &mut self,
        text: &[u8],
        is_all: bool,
        emit: &mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>,
    ) -> Result<()> {
        let name = self.options.name.clone();
        if let Some(rows) = &mut self.rows {
            return rows.push(text, emit).map_err(|error| error.in_file(&name));
        }
        let head = joined(&mut self.head, text);
        let longest = self.options.limits.max_record_bytes;
        if head.len() < self.look_from.min(longest.saturating_add(1)) && !is_all {
            self.head = head.into_owned();
            return Ok(());
        }
        let Some((table, start)) = self.recognise(&head, is_all)? else {
            // Looked at anew when there is twice as much, or a long first row would be read over and over.
            self.look_from = 2 * head.len();
            if head.len() > longest {
                return Err(Refusal::new(
                    RefusalKind::RecordTooLong,
                    format!("a first row of more than {longest} bytes"),
                    "a header row",
                    "is a quote left open, or is this not a text file?",
                )
                .in_file(&name)
                .into());
            }
            self.head = head.into_owned();
            return Ok(());
        };
        let splitter = RowSplitter::filling(table.spares.clone(), table.marks(), self.block_bytes, longest)
            .below(table.n_header_rows());
        let elements = (table.format == InputFormat::Json).then(|| ArraySplitter::new(&self.options.limits));
        let (straightener, n_header_bytes) = start.straightener.map_or((None, 0), |(one, n)| (Some(one), n));
        let mut rows = Intake { table: Arc::new(table), elements, straightener, n_header_bytes, splitter };
        rows.push(&head[start.n_bytes..], emit).map_err(|error| error.in_file(&name))?;
        self.rows = Some(rows);
        Ok(())
    }

    /// What the text is, and where its rows begin; `None` when more of it is needed.
    fn recognise(&self, head: &[u8], is_all: bool) -> Result<Option<(TextTable, Start)>> {
        if head.iter().all(u8::is_ascii_whitespace) {
            return if is_all { Err(nothing(&self.options.name)) } else { Ok(None) };
        }
        let format = self.options.format.or_else(|| sniff::sniff_text(head)).unwrap_or(InputFormat::Csv);
        if matches!(format, InputFormat::Json | InputFormat::Ndjson) {
            return Ok(Some((self.table(format, Kind::Lines, Vec::new()), Start::default())));
        }
        let Some(recognised) = csv::recognise(head, is_all, format, &self.options)? else { return Ok(None) };
        let Recognised { dialect, layout, header, start, remarks } = recognised;
        let has_tabs = dialect.delimiter == b'\t' && layout.min_blanks == 0;
        let format = if has_tabs { InputFormat::Tsv } else { InputFormat::Csv };
        // The header is straightened with what is below it, because a straightener must see a text from its start.
        let start = if layout.is_plain() {
            Start { n_bytes: start + header.n_bytes, straightener: None }
        } else {
            let straightener = Straightener::new(layout, dialect.marks());
            Start { n_bytes: start, straightener: Some((straightener, header.n_bytes)) }
        };
        let kind = Kind::Delimited { dialect, header, reader: Box::new(CellReader::new(&self.options)) };
        Ok(Some((self.table(format, kind, remarks), start)))
    }

    fn table(&self, format: InputFormat, kind: Kind, remarks: Vec<Remark>) -> TextTable {
        TextTable { format, options: self.options.clone(), kind, remarks, spares: Spares::default() }
    }
}

/// `more` behind what was kept, which is taken; as it stands when nothing was.
fn joined<'a>(kept: &mut Vec<u8>, more: &'a [u8]) -> Cow<'a, [u8]> {
    if kept.is_empty() {
        return Cow::Borrowed(more);
    }
    kept.extend_from_slice(more);
    Cow::Owned(std::mem::take(kept))
}

fn nothing(name: &str) -> crate::error::Error {
    let refusal = Refusal::new(RefusalKind::Empty, "no text", "a header and rows", "is this the right file?");
    refusal.in_file(name).into()
}
