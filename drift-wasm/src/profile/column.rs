//! One column of a profile: everything its cells said, so that its type can still be decided or changed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::cell::number::{self, Number};
use crate::cell::text::text_of;
use crate::cell::time;
use crate::profile::builder::{ColumnBuilder, LISTED_FINDINGS};
use crate::profile::categories::Categories;
use crate::profile::facts::{TextFacts, TimeFacts};
use crate::profile::quantiles::Quantiles;
use crate::profile::sample::Sample;
use crate::profile::tokens::Tokens;
use crate::schema::{ColumnHint, ColumnType};

/// How many cells of each kind a column has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellCounts {
    /// Rows.
    pub n_rows: u64,
    /// Nulls, NaN included.
    pub n_null: u64,
    /// NaN.
    pub n_nan: u64,
    /// `+inf`.
    pub n_pos_inf: u64,
    /// `-inf`.
    pub n_neg_inf: u64,
    /// Texts of length 0.
    pub n_empty: u64,
    /// Integers spelled with leading zeros.
    pub n_leading_zero: u64,
    /// Integers beyond ±2^53.
    pub n_big_integer: u64,
    /// Cells that were not UTF-8.
    pub n_decoded: u64,
    /// Numbers that were not spelled as plain integers.
    pub n_float: u64,
    /// Numbers that were spelled with an exponent: `1.2E+15`.
    pub n_exponent: u64,
}

impl CellCounts {
    fn add(&mut self, other: &Self) {
        self.n_rows += other.n_rows;
        self.n_null += other.n_null;
        self.n_nan += other.n_nan;
        self.n_pos_inf += other.n_pos_inf;
        self.n_neg_inf += other.n_neg_inf;
        self.n_empty += other.n_empty;
        self.n_leading_zero += other.n_leading_zero;
        self.n_big_integer += other.n_big_integer;
        self.n_decoded += other.n_decoded;
        self.n_float += other.n_float;
        self.n_exponent += other.n_exponent;
    }
}

/// A column while blocks are still being added.
#[derive(Debug, Clone)]
pub struct ColumnTally {
    pub(crate) name: String,
    pub(crate) hint: Option<ColumnHint>,
    counts: CellCounts,
    numbers: Quantiles,
    times: Quantiles,
    tokens: Tokens,
    time_facts: TimeFacts,
    text_facts: TextFacts,
    odd: Vec<(u64, String)>,
    category_limit: usize,
}

impl ColumnTally {
    pub(crate) fn new(name: String, hint: Option<ColumnHint>, exact_limit: usize, category_limit: usize) -> Self {
        Self {
            name,
            hint,
            counts: CellCounts::default(),
            numbers: Quantiles::new(exact_limit),
            times: Quantiles::new(exact_limit),
            tokens: Tokens::default(),
            time_facts: TimeFacts::default(),
            text_facts: TextFacts::default(),
            odd: Vec::new(),
            category_limit: category_limit.max(64),
        }
    }

    /// Memory, by estimate.
    pub(crate) fn held_bytes(&self) -> usize {
        /// Of the lists that every column has.
        const LISTS: usize = 600;
        let n_values = self.numbers.n_held() + self.times.n_held();
        size_of::<Self>() + LISTS + n_values * size_of::<f64>() + self.tokens.held_bytes()
    }

    /// `n` rows in which the column does not occur.
    pub(crate) fn push_missing_rows(&mut self, n: u64) {
        self.counts.n_rows += n;
        self.counts.n_null += n;
    }

    /// Makes room for `times` as many values as `block` has.
    pub(crate) fn expect_like(&mut self, block: &ColumnBuilder, times: f64) {
        self.numbers.expect((block.numbers.len() as f64 * times) as usize);
        self.times.expect((block.times.len() as f64 * times) as usize);
    }

    /// Adds the next block, of `n_rows` rows.
    #[inline(never)]
    pub(crate) fn absorb_block(&mut self, block: &ColumnBuilder, first_row: u64, n_rows: u64) {
        self.counts.add(&CellCounts {
            n_rows,
            n_null: block.n_null,
            n_nan: block.n_nan,
            n_pos_inf: block.n_pos_inf,
            n_neg_inf: block.n_neg_inf,
            n_empty: block.n_empty,
            n_leading_zero: block.n_leading_zero,
            n_big_integer: block.n_big_integer,
            n_decoded: block.n_decoded,
            n_float: block.n_float,
            n_exponent: block.n_exponent,
        });
        self.numbers.extend(&block.numbers);
        self.times.extend(&block.times);
        self.tokens.absorb(&block.tokens, self.category_limit);
        self.time_facts.merge(&block.time_facts);
        self.text_facts.merge(&block.text_facts);
        let room = LISTED_FINDINGS - self.odd.len();
        let odd = block.odd.iter().take(room);
        self.odd.extend(odd.map(|(row, cell)| (first_row + row, text_of(cell).into_owned())));
    }

    /// Adds a finished column of the same name.
    pub(crate) fn absorb(&mut self, column: &ColumnProfile) {
        self.counts.add(&column.counts);
        self.numbers.absorb(&column.numbers);
        self.times.absorb(&column.times);
        self.tokens.absorb(&column.tokens, self.category_limit);
        self.time_facts.merge(&column.time_facts);
        self.text_facts.merge(&column.text_facts);
        let room = LISTED_FINDINGS - self.odd.len();
        self.odd.extend(column.odd.iter().take(room).cloned());
    }

    /// Ends collecting: sorts.
    #[inline(never)]
    pub(crate) fn seal(self) -> ColumnProfile {
        ColumnProfile {
            name: self.name,
            hint: self.hint,
            counts: self.counts,
            numbers: self.numbers.seal(),
            times: self.times.seal(),
            tokens: self.tokens,
            time_facts: self.time_facts,
            text_facts: self.text_facts,
            odd: self.odd,
            category_limit: self.category_limit,
        }
    }
}

/// One column of a profile.
#[derive(Debug, Clone)]
pub struct ColumnProfile {
    /// Column name.
    pub name: String,
    /// What the caller said of it.
    pub hint: Option<ColumnHint>,
    /// Cells by kind.
    pub counts: CellCounts,
    /// Finite numbers.
    pub(crate) numbers: Sample,
    /// Times in microseconds since 1970-01-01 UTC.
    pub(crate) times: Sample,
    /// Everything else.
    pub(crate) tokens: Tokens,
    /// Hour and weekday mix.
    pub time_facts: TimeFacts,
    /// Length and alphabet of what is neither number nor time.
    pub text_facts: TextFacts,
    /// The first cells that are neither number nor time, with their rows.
    pub(crate) odd: Vec<(u64, String)>,
    pub(crate) category_limit: usize,
}

/// A column seen as one type: the values that fit, and how many do not.
#[derive(Debug, Clone)]
pub struct TypedColumn<'a> {
    /// The column.
    pub column: &'a ColumnProfile,
    /// The type it is seen as.
    pub kind: ColumnType,
    /// Numbers; times in seconds since 1970-01-01 UTC. Empty for other types.
    pub sample: Cow<'a, Sample>,
    /// Labels; empty for other types than categorical, boolean and id.
    pub categories: Categories,
    /// Cells that do not fit the type.
    pub n_invalid: u64,
}

impl ColumnProfile {
    /// Finite numbers seen.
    pub fn n_numbers(&self) -> u64 {
        self.numbers.n()
    }

    /// Times seen.
    pub fn n_times(&self) -> u64 {
        self.times.n()
    }

    /// Labels seen.
    pub fn n_labels(&self) -> u64 {
        self.tokens.n()
    }

    /// Whether all numbers were spelled as plain integers.
    pub fn is_integer(&self) -> bool {
        self.counts.n_float == 0 && self.numbers.n() > 0
    }

    /// Whether pandas would read it as `int64`: plain integers only and no null.
    pub fn is_int64(&self) -> bool {
        self.counts.n_float == 0
            && self.counts.n_null == 0
            && self.tokens.n() == self.counts.n_big_integer
            && self.counts.n_rows > 0
    }

    /// Values of any kind.
    pub fn n_values(&self) -> u64 {
        self.numbers.n() + self.times.n() + self.tokens.n()
    }

    /// The labels as they stand, without numbers and times.
    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Sees the column as `kind`.
    #[inline(never)]
    pub fn typed(&self, kind: ColumnType) -> TypedColumn<'_> {
        let (sample, categories, n_invalid) = match kind {
            ColumnType::Numeric => {
                let (sample, n_labels_used) = self.numeric_sample();
                (sample, Categories::default(), self.tokens.n() - n_labels_used + self.times.n())
            }
            ColumnType::Datetime => {
                let n_invalid = self.tokens.n() + self.numbers.n() + self.counts.n_pos_inf + self.counts.n_neg_inf;
                (Cow::Owned(self.times.clone().scaled(1e-6)), Categories::default(), n_invalid)
            }
            ColumnType::Categorical | ColumnType::Boolean | ColumnType::Id => {
                (Cow::Owned(Sample::default()), self.all_labels(), 0)
            }
            ColumnType::Text | ColumnType::Empty => (Cow::Owned(Sample::default()), Categories::default(), 0),
        };
        TypedColumn { column: self, kind, sample, categories, n_invalid }
    }

    /// Numbers, with those labels that spell a number after all (beyond 2^53, leading zeros) and how many those were.
    fn numeric_sample(&self) -> (Cow<'_, Sample>, u64) {
        let mut spelled: Vec<f64> = Vec::new();
        if self.counts.n_big_integer + self.counts.n_leading_zero > 0 {
            for (label, n) in self.tokens.iter() {
                if let Some(Number::BigInteger(value) | Number::LeadingZero(value) | Number::Integer(value)) =
                    number::parse(label)
                {
                    spelled.extend(std::iter::repeat_n(value, n as usize));
                }
            }
        }
        if spelled.is_empty() {
            return (Cow::Borrowed(&self.numbers), 0);
        }
        let n = spelled.len() as u64;
        let mut all = Quantiles::new((self.numbers.values().len() + spelled.len()).max(64));
        all.absorb(&self.numbers);
        all.extend(&spelled);
        (Cow::Owned(all.seal()), n)
    }

    /// Labels, with numbers and times spelled the canonical way, sorted.
    #[inline(never)]
    fn all_labels(&self) -> Categories {
        let mut all = Tokens::default();
        let odd = [("inf", self.counts.n_pos_inf), ("-inf", self.counts.n_neg_inf)];
        odd.iter().filter(|(_, n)| *n > 0).for_each(|(label, n)| all.add(label.as_bytes(), *n));
        self.numbers.runs().for_each(|(value, n)| all.add(number::canonical(value).as_bytes(), n));
        self.times.runs().for_each(|(micros, n)| all.add(time::spelled(micros as i64).as_bytes(), n));
        let tokens = if all.len() == 0 {
            Cow::Borrowed(&self.tokens)
        } else {
            let mut merged = self.tokens.clone();
            merged.absorb(&all, self.category_limit);
            Cow::Owned(merged)
        };
        let mut entries: Vec<(String, u64)> =
            tokens.iter().map(|(label, n)| (text_of(label).into_owned(), n)).collect();
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        // Two spellings can decode to one text: join them.
        entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        Categories {
            n_distinct: if tokens.n_other() == 0 { entries.len() as u64 } else { tokens.n_distinct() },
            entries,
            n_other: tokens.n_other(),
            count_error: tokens.count_error(),
        }
    }
}
