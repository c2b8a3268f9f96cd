//! From cells to counts: one column of one block.

use crate::cell::number::{self, Number};
use crate::cell::time;
use crate::options::ReadOptions;
use crate::profile::cell_reader::CellReader;
use crate::profile::facts::{TextFacts, TimeFacts};
use crate::profile::tokens::Tokens;
use crate::schema::{ColumnHint, ColumnType};

/// Findings listed for each input; all are counted.
pub const LISTED_FINDINGS: usize = 20;

/// What a column's cells are read as.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reading {
    /// Nothing was said: numbers, times and labels are told apart cell by cell.
    Any,
    /// Numbers; everything else is invalid.
    Number,
    /// Labels, to the letter.
    Label,
    /// Times; everything else is invalid.
    Time(Option<String>),
}

/// The cells of one column within one block.
#[derive(Debug, Clone)]
pub struct ColumnBuilder {
    reading: Reading,
    pub(crate) n_null: u64,
    pub(crate) n_nan: u64,
    pub(crate) n_pos_inf: u64,
    pub(crate) n_neg_inf: u64,
    pub(crate) n_empty: u64,
    pub(crate) n_leading_zero: u64,
    pub(crate) n_big_integer: u64,
    pub(crate) n_decoded: u64,
    /// Numbers that were not spelled as plain integers.
    pub(crate) n_float: u64,
    /// Numbers that were spelled with an exponent.
    pub(crate) n_exponent: u64,
    pub(crate) numbers: Vec<f64>,
    pub(crate) times: Vec<f64>,
    pub(crate) tokens: Tokens,
    pub(crate) time_facts: TimeFacts,
    pub(crate) text_facts: TextFacts,
    /// The first cells that are neither number nor time, with their row within the block.
    pub(crate) odd: Vec<(u64, Vec<u8>)>,
    n_labels: u64,
    scratch: Vec<u8>,
}

impl ColumnBuilder {
    pub(super) fn new(hint: Option<&ColumnHint>, options: &ReadOptions) -> Self {
        let reading = match hint.and_then(|hint| hint.r#type) {
            None | Some(ColumnType::Empty) => Reading::Any,
            Some(ColumnType::Numeric) => Reading::Number,
            Some(ColumnType::Datetime) => {
                let pattern = options.parse.time_format.clone();
                Reading::Time(pattern.filter(|pattern| pattern != "iso"))
            }
            Some(ColumnType::Categorical | ColumnType::Boolean | ColumnType::Text | ColumnType::Id) => Reading::Label,
        };
        Self {
            reading,
            n_null: 0,
            n_nan: 0,
            n_pos_inf: 0,
            n_neg_inf: 0,
            n_empty: 0,
            n_leading_zero: 0,
            n_big_integer: 0,
            n_decoded: 0,
            n_float: 0,
            n_exponent: 0,
            numbers: Vec::new(),
            times: Vec::new(),
            tokens: Tokens::default(),
            time_facts: TimeFacts::default(),
            text_facts: TextFacts::default(),
            odd: Vec::new(),
            n_labels: 0,
            scratch: Vec::new(),
        }
    }

    /// A column of which nothing is known yet.
    pub(crate) fn empty() -> Self {
        Self::new(None, &ReadOptions::new(""))
    }

    #[inline]
    fn push_label(&mut self, label: &[u8], n: u64) {
        if self.odd.len() < LISTED_FINDINGS {
            self.note_odd(label);
        }
        self.n_labels += n;
        self.tokens.add(label, n);
    }

    #[cold]
    fn note_odd(&mut self, label: &[u8]) {
        let n_values = (self.numbers.len() + self.times.len()) as u64;
        let row = n_values + self.n_null + self.n_pos_inf + self.n_neg_inf + self.n_labels;
        self.odd.push((row, label[..label.len().min(60)].to_vec()));
    }

    /// A missing value.
    #[inline]
    pub fn push_null(&mut self) {
        self.n_null += 1;
    }

    /// `n` missing values.
    pub fn push_nulls(&mut self, n: u64) {
        self.n_null += n;
    }

    /// A number; NaN counts as null, infinities are counted apart.
    #[inline]
    pub fn push_number(&mut self, value: f64) {
        self.n_float += 1;
        self.push_value(value);
    }

    #[inline]
    fn push_value(&mut self, value: f64) {
        if value.is_finite() && self.reading != Reading::Label {
            self.numbers.push(value);
        } else {
            self.push_odd_value(value);
        }
    }

    #[cold]
    fn push_odd_value(&mut self, value: f64) {
        if value.is_nan() {
            self.n_nan += 1;
            self.n_null += 1;
        } else if self.reading == Reading::Label {
            let label = number::canonical(value);
            self.push_label(label.as_bytes(), 1);
        } else if value > 0.0 {
            self.n_pos_inf += 1;
        } else {
            self.n_neg_inf += 1;
        }
    }

    /// Numbers without nulls.
    pub fn push_numbers(&mut self, values: &[f64]) {
        // A look at all of them is nothing beside a look at each.
        let are_plain = values.iter().fold(true, |are, value| are & value.is_finite());
        if are_plain && self.reading != Reading::Label {
            self.n_float += values.len() as u64;
            self.numbers.extend_from_slice(values);
        } else {
            values.iter().for_each(|value| self.push_number(*value));
        }
    }

    /// An integer; beyond ±2^53 it is kept as a label.
    #[inline]
    pub fn push_integer(&mut self, value: i64) {
        if value.unsigned_abs() <= 1 << 53 || self.reading == Reading::Number {
            self.push_value(value as f64);
        } else {
            self.n_big_integer += 1;
            self.push_label(value.to_string().as_bytes(), 1);
        }
    }

    /// A truth value.
    #[inline]
    pub fn push_boolean(&mut self, value: bool) {
        if self.reading == Reading::Number {
            self.push_integer(i64::from(value));
        } else {
            self.push_label(if value { b"true" } else { b"false" }, 1);
        }
    }

    /// A time in microseconds since 1970-01-01 UTC.
    #[inline]
    pub fn push_timestamp(&mut self, micros: i64) {
        match self.reading {
            Reading::Any | Reading::Time(_) => {
                self.time_facts.add(micros);
                self.times.push(micros as f64);
            }
            // Declared numeric: seconds, as epoch columns are.
            Reading::Number => self.push_number(micros as f64 / 1e6),
            Reading::Label => {
                let label = time::spelled(micros);
                self.push_label(label.as_bytes(), 1);
            }
        }
    }

    /// A text that its format says is text: never read as a number unless the column is declared numeric.
    pub fn push_text(&mut self, text: &[u8]) {
        self.push_text_n(text, 1);
    }

    /// The same text `n` times.
    pub fn push_text_n(&mut self, text: &[u8], n: u64) {
        if text.is_empty() {
            self.n_empty += n;
        }
        if self.reading != Reading::Any && self.reading != Reading::Label {
            for _ in 0..n {
                self.push_declared(text, Some(text).and_then(number::parse));
            }
            return;
        }
        let time = if self.reading == Reading::Any { time::parse(text) } else { None };
        match time {
            Some(micros) => (0..n).for_each(|_| {
                self.note_spelling(text, micros);
                self.push_timestamp(micros);
            }),
            None => self.push_label(text, n),
        }
    }

    /// Keeps what decides later whether the day or the month comes first.
    #[inline]
    fn note_spelling(&mut self, cell: &[u8], micros: i64) {
        if matches!(cell, [_, b'/', ..] | [_, _, b'/', ..]) {
            self.time_facts.note_month_first(micros);
        }
    }

    /// A value of no column type, such as a nested list.
    pub fn push_invalid(&mut self, text: &[u8]) {
        self.push_label(text, 1);
    }

    /// An untyped cell, as CSV has it.
    #[inline]
    pub fn push_cell(&mut self, cell: &[u8], reader: &CellReader) {
        if reader.is_null(cell) {
            self.n_null += 1;
            return;
        }
        if self.reading == Reading::Any && reader.plain_numbers {
            match cell.first() {
                Some(b'0'..=b'9' | b'-' | b'+' | b'.') => {
                    if let Some((value, has_fraction)) = number::parse_plain(cell) {
                        self.n_float += u64::from(has_fraction);
                        self.numbers.push(value);
                    } else {
                        self.push_rare_number(cell, reader);
                    }
                }
                Some(b' ' | b'\t' | b'i' | b'I' | b'n' | b'N') => self.push_other_cell(cell, reader),
                _ => self.push_label(cell, 1),
            }
        } else if self.reading == Reading::Label {
            self.push_label(cell, 1);
        } else {
            self.push_other_cell(cell, reader);
        }
    }

    /// An untyped cell that was read as a number already, with marks that mean the same in all options.
    #[inline]
    pub(crate) fn push_read_cell(&mut self, cell: &[u8], number: Number, reader: &CellReader) {
        match number {
            Number::Integer(value) if self.reading == Reading::Any => self.numbers.push(value),
            Number::Float(value) if self.reading == Reading::Any && value.is_finite() => {
                self.n_float += 1;
                self.numbers.push(value);
            }
            _ => self.push_cell(cell, reader),
        }
    }

    /// A cell that begins as a number does, but is none of the usual ones.
    #[inline(never)]
    fn push_rare_number(&mut self, cell: &[u8], reader: &CellReader) {
        match number::parse(cell) {
            Some(Number::Integer(value)) => self.numbers.push(value),
            Some(Number::Float(value)) if value.is_finite() => {
                self.n_float += 1;
                self.n_exponent += u64::from(has_exponent(cell));
                self.numbers.push(value);
            }
            _ => self.push_other_cell(cell, reader),
        }
    }

    #[inline(never)]
    fn push_other_cell(&mut self, cell: &[u8], reader: &CellReader) {
        if self.reading == Reading::Any
            && let Some(micros) = time::parse(cell)
        {
            self.note_spelling(cell, micros);
            self.push_timestamp(micros);
            return;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let number = reader.number(cell, &mut scratch);
        self.scratch = scratch;
        if self.reading != Reading::Any {
            self.push_declared(cell, number);
            return;
        }
        match number {
            Some(Number::Integer(value)) => self.numbers.push(value),
            Some(Number::Float(value)) => {
                self.n_exponent += u64::from(value.is_finite() && has_exponent(cell));
                self.push_number(value);
            }
            Some(Number::NaN) => self.push_number(f64::NAN),
            Some(Number::LeadingZero(_)) => {
                self.n_leading_zero += 1;
                self.push_label(cell.trim_ascii(), 1);
            }
            Some(Number::BigInteger(_)) => {
                self.n_big_integer += 1;
                self.push_label(cell.trim_ascii(), 1);
            }
            None => self.push_label(cell, 1),
        }
    }

    /// A cell of a column whose type was given from outside.
    fn push_declared(&mut self, cell: &[u8], number: Option<Number>) {
        match &self.reading {
            Reading::Number => match number {
                Some(Number::Integer(value) | Number::LeadingZero(value)) => {
                    self.push_value(value);
                }
                // Kept to the letter: doubles would merge neighbours. The column still sees it as a number.
                Some(Number::BigInteger(_)) => {
                    self.n_big_integer += 1;
                    self.push_label(cell.trim_ascii(), 1);
                }
                Some(Number::Float(value)) => self.push_number(value),
                Some(Number::NaN) => self.push_number(f64::NAN),
                None => self.push_label(cell, 1),
            },
            Reading::Time(pattern) => {
                let micros = match pattern {
                    Some(pattern) => time::parse_with(pattern, cell),
                    None => time::parse(cell),
                };
                match micros {
                    Some(micros) => self.push_timestamp(micros),
                    None => self.push_label(cell, 1),
                }
            }
            Reading::Any | Reading::Label => self.push_label(cell, 1),
        }
    }
}

/// Whether a number is spelled with an exponent.
fn has_exponent(cell: &[u8]) -> bool {
    cell.iter().any(|byte| byte.eq_ignore_ascii_case(&b'e'))
}
