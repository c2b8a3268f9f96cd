//! One object, read into cells by column, without building a tree.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::HashTable;

use crate::error::RefusalKind;
use crate::options::Limits;
use crate::read::json::value::{self, Cell, Fault};
use crate::read::names::{Names, TextNames};

/// Names that a column's name is made of at most: `a.b.c`.
pub const FLATTENED_NAMES: usize = 3;

/// Why a row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `MalformedInput` for what can be left out; anything else is a limit.
    pub kind: RefusalKind,
    pub found: String,
    pub expected: String,
    pub column: Option<String>,
}

/// Reads rows, and remembers the columns that it met.
pub struct RowReader {
    limits: Limits,
    is_strict: bool,
    /// Columns by the hash of their name; only looked up, never walked.
    positions: HashTable<usize>,
    hasher: foldhash::fast::FixedState,
    names: Names,
    /// Whether a name stands in a row as it is, without escapes.
    is_plain: Vec<bool>,
    /// The last row that each column was met in, and the cell's place there.
    met: Vec<(u64, usize)>,
    n_read: u64,
    /// Columns that the caller was told of.
    n_told: usize,
    cells: Vec<(usize, Cell)>,
    texts: Vec<u8>,
    path: Vec<u8>,
    repeated: Option<usize>,
    /// The column that is being read, for messages.
    current: Option<usize>,
}

/// Columns for which there is room from the beginning.
const USUAL_COLUMNS: usize = 28;

impl RowReader {
    pub fn new(limits: &Limits, is_strict: bool) -> Self {
        Self {
            limits: *limits,
            is_strict,
            positions: HashTable::with_capacity(USUAL_COLUMNS),
            hasher: foldhash::fast::FixedState::default(),
            names: Names::with_capacity(USUAL_COLUMNS),
            is_plain: Vec::with_capacity(USUAL_COLUMNS),
            met: Vec::with_capacity(USUAL_COLUMNS),
            n_read: 0,
            n_told: 0,
            cells: Vec::with_capacity(USUAL_COLUMNS),
            texts: Vec::new(),
            path: Vec::new(),
            repeated: None,
            current: None,
        }
    }

    /// The cells of the row that was read last, by column.
    pub fn cells(&self) -> &[(usize, Cell)] {
        &self.cells
    }

    /// What [`Cell::Unescaped`] points into.
    pub fn texts(&self) -> &[u8] {
        &self.texts
    }

    /// A column that the last row named twice.
    pub fn repeated(&self) -> Option<String> {
        self.repeated.map(|index| self.name(index))
    }

    /// Names of columns that were first met in the last row.
    pub fn new_columns(&mut self) -> Vec<String> {
        let told = std::mem::replace(&mut self.n_told, self.names.len());
        (told..self.names.len()).map(|index| self.name(index)).collect()
    }

    /// Takes the columns of the last row for told, as [`RowReader::new_columns`] does.
    pub fn tell_columns(&mut self) {
        self.n_told = self.names.len();
    }

    /// Names of all columns that were told, in the order in which they were met.
    pub fn into_names(mut self) -> TextNames {
        self.names.truncate(self.n_told);
        self.names.into_text()
    }

    fn name(&self, index: usize) -> String {
        String::from_utf8_lossy(self.names.get(index).unwrap_or_default()).into_owned()
    }

    /// Reads a line that is one object; on a problem nothing of it is kept.
    pub fn read(&mut self, line: &[u8]) -> Result<(), Problem> {
        self.cells.clear();
        self.texts.clear();
        self.path.clear();
        (self.repeated, self.current) = (None, None);
        self.n_read += 1;
        let result = self.read_row(line);
        let problem = match result {
            Ok(()) => match self.check_limits(line.len()) {
                None => return Ok(()),
                Some(problem) => problem,
            },
            Err(fault) => self.describe(line, &fault),
        };
        for index in self.n_told..self.names.len() {
            let hash = self.hasher.hash_one(self.names.get(index).unwrap_or_default());
            if let Ok(entry) = self.positions.find_entry(hash, |at| *at == index) {
                entry.remove();
            }
        }
        self.names.truncate(self.n_told);
        self.is_plain.truncate(self.n_told);
        self.met.truncate(self.n_told);
        Err(problem)
    }

    fn read_row(&mut self, line: &[u8]) -> Result<(), Fault> {
        let at = value::skip_blank(line, 0);
        if line.get(at) != Some(&b'{') {
            return Err(Fault::new(at, "one object a row"));
        }
        let end = value::skip_blank(line, self.read_object(line, at, 1)?);
        if end < line.len() {
            return Err(Fault::new(end, "nothing behind the object"));
        }
        Ok(())
    }

    /// Reads the object at `at`, whose members' names have `level` parts; returns where it ends.
    fn read_object(&mut self, line: &[u8], at: usize, level: usize) -> Result<usize, Fault> {
        let mut at = value::skip_blank(line, at + 1);
        if line.get(at) == Some(&b'}') {
            return Ok(at + 1);
        }
        loop {
            if line.get(at) != Some(&b'"') {
                return Err(Fault::new(at, "a name in quotes"));
            }
            let expected = self.expected(line, at + 1);
            let (end, is_escaped) = match expected {
                Some((_, end)) => (end, false),
                None => value::text_end(line, at + 1)?,
            };
            let name = at + 1..end;
            at = value::skip_blank(line, end + 1);
            if line.get(at) != Some(&b':') {
                return Err(Fault::new(at, "`:`"));
            }
            at = value::skip_blank(line, at + 1);
            at = if line.get(at) == Some(&b'{') && level < FLATTENED_NAMES {
                let length = self.path.len();
                self.extend_path(line, name, is_escaped)?;
                self.path.push(b'.');
                let end = self.read_object(line, at, level + 1)?;
                self.path.truncate(length);
                end
            } else {
                let column = match expected {
                    Some((column, _)) => column,
                    None => self.column(line, name, is_escaped)?,
                };
                self.read_member(line, column, at, level)?
            };
            at = value::skip_blank(line, at);
            match line.get(at) {
                Some(b',') => at = value::skip_blank(line, at + 1),
                Some(b'}') => return Ok(at + 1),
                _ => return Err(Fault::new(at, "`,` or `}`")),
            }
        }
    }

    /// Reads one member's value into a cell; returns where it ends.
    fn read_member(&mut self, line: &[u8], column: usize, at: usize, level: usize) -> Result<usize, Fault> {
        self.current = Some(column);
        let (cell, end) = match line.get(at) {
            Some(b'"') => {
                let (end, is_escaped) = value::text_end(line, at + 1)?;
                let range = at + 1..end;
                let cell = if is_escaped {
                    Cell::Unescaped(value::unescape(line, range, &mut self.texts)?)
                } else {
                    Cell::Text(range)
                };
                (cell, end + 1)
            }
            Some(b'[' | b'{') => {
                let depth = self.limits.max_json_depth.saturating_sub(level);
                let end = value::skip(line, at, depth, self.is_strict)?;
                (Cell::Invalid(at..end), end)
            }
            _ => value::scalar(line, at, self.is_strict)?,
        };
        let (row, place) = self.met[column];
        if row == self.n_read {
            self.repeated = Some(column);
            self.cells[place].1 = cell;
        } else {
            self.met[column] = (self.n_read, self.cells.len());
            self.cells.push((column, cell));
        }
        Ok(end)
    }

    fn extend_path(&mut self, line: &[u8], name: Range<usize>, is_escaped: bool) -> Result<(), Fault> {
        if is_escaped {
            value::unescape(line, name, &mut self.path)?;
        } else {
            self.path.extend_from_slice(&line[name]);
        }
        Ok(())
    }

    /// The next column and the end of its name, if that is what stands at `at`: rows mostly name their members in the
    /// same order, and comparing is quicker than reading.
    #[inline]
    fn expected(&self, line: &[u8], at: usize) -> Option<(usize, usize)> {
        let next = self.next_column();
        let name = self.names.get(next).filter(|_| self.path.is_empty() && self.is_plain[next])?;
        let end = at + name.len();
        (line.get(end) == Some(&b'"') && line[at..end] == *name).then_some((next, end))
    }

    #[inline]
    fn next_column(&self) -> usize {
        self.cells.last().map_or(0, |(index, _)| index + 1)
    }

    /// The column of a name as it stands in a row.
    fn column(&mut self, line: &[u8], name: Range<usize>, is_escaped: bool) -> Result<usize, Fault> {
        if self.path.is_empty() && !is_escaped {
            return Ok(self.position(&line[name]));
        }
        let length = self.path.len();
        self.extend_path(line, name, is_escaped)?;
        let path = std::mem::take(&mut self.path);
        let column = self.position(&path);
        self.path = path;
        self.path.truncate(length);
        Ok(column)
    }

    fn position(&mut self, name: &[u8]) -> usize {
        let next = self.next_column();
        if self.names.get(next) == Some(name) {
            return next;
        }
        let hash = self.hasher.hash_one(name);
        if let Some(index) = self.positions.find(hash, |index| self.names.get(*index) == Some(name)) {
            return *index;
        }
        let index = self.names.len();
        let (hasher, names) = (&self.hasher, &self.names);
        self.positions.insert_unique(hash, index, |index| hasher.hash_one(names.get(*index).unwrap_or_default()));
        self.names.push(name);
        self.is_plain.push(!name.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)));
        self.met.push((0, 0));
        index
    }

    fn check_limits(&self, n_bytes: usize) -> Option<Problem> {
        let Limits { max_columns, max_cell_bytes, .. } = self.limits;
        if self.names.len() > max_columns {
            return Some(Problem {
                kind: RefusalKind::TooManyColumns,
                found: format!("more than {max_columns} columns"),
                expected: format!("at most {max_columns}"),
                column: None,
            });
        }
        if n_bytes <= max_cell_bytes {
            return None;
        }
        let (index, length) = self.cells.iter().find_map(|(index, cell)| {
            let length = match cell {
                Cell::Null | Cell::Boolean(_) | Cell::NotFinite(_) => 0,
                Cell::Number(range, _) | Cell::Text(range) | Cell::Unescaped(range) | Cell::Invalid(range) => {
                    range.len()
                }
            };
            (length > max_cell_bytes).then_some((*index, length))
        })?;
        Some(Problem {
            kind: RefusalKind::CellTooLong,
            found: format!("a cell of {length} bytes"),
            expected: format!("at most {max_cell_bytes}"),
            column: Some(self.name(index)),
        })
    }

    fn describe(&self, line: &[u8], fault: &Fault) -> Problem {
        let column = self.current.map(|index| self.name(index));
        if fault.is_too_deep {
            return Problem {
                kind: RefusalKind::JsonTooDeep,
                found: format!("JSON nested deeper than {} levels", self.limits.max_json_depth),
                expected: format!("at most {}", self.limits.max_json_depth),
                column,
            };
        }
        let found = match line.get(fault.at) {
            None => "the end of the line".to_owned(),
            Some(b'/') => format!("`/` at byte {} (JSON has no comments)", fault.at + 1),
            Some(byte @ b'!'..=b'~') => format!("`{}` at byte {}", char::from(*byte), fault.at + 1),
            Some(_) => format!("a byte that does not belong at byte {}", fault.at + 1),
        };
        Problem { kind: RefusalKind::MalformedInput, found, expected: fault.expected.to_owned(), column }
    }
}
