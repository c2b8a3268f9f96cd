//! Cheap facts of times and texts that do not fit a quantile or a label table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::profile::shape::{N_CLASSES, ShapeCounter, Shapes};
use crate::profile::tokens::Tokens;

/// Hour and weekday mix, in UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeFacts {
    /// Rows by hour.
    pub hours: [u64; 24],
    /// Rows by weekday, Monday first.
    pub weekdays: [u64; 7],
    /// Times that were spelled with slashes and read with the month first.
    pub n_month_first: u64,
    /// Those of them that can be read no other way: the day is beyond 12.
    pub n_month_proven: u64,
}

impl TimeFacts {
    /// Counts one time.
    #[inline]
    pub fn add(&mut self, micros: i64) {
        let hour = micros.div_euclid(3_600_000_000);
        self.hours[hour.rem_euclid(24) as usize] += 1;
        // 1970-01-01 was a Thursday.
        self.weekdays[(hour.div_euclid(24) + 3).rem_euclid(7) as usize] += 1;
    }

    /// Notes that a time was spelled with slashes, month first.
    #[cold]
    pub fn note_month_first(&mut self, micros: i64) {
        self.n_month_first += 1;
        let spelled = crate::cell::time::spelled(micros);
        let day: u32 = spelled.get(8..10).and_then(|day| day.parse().ok()).unwrap_or(0);
        self.n_month_proven += u64::from(day > 12);
    }

    /// Adds the other's counts.
    pub fn merge(&mut self, other: &Self) {
        self.n_month_first += other.n_month_first;
        self.n_month_proven += other.n_month_proven;
        self.hours.iter_mut().zip(other.hours).for_each(|(ours, theirs)| *ours += theirs);
        self.weekdays.iter_mut().zip(other.weekdays).for_each(|(ours, theirs)| *ours += theirs);
    }
}

/// Bins of [`TextFacts::lengths`]: 0, 1, 2, 3, 4–5, 6–7, 8–11, 12–15, 16–23, … two for each power of two.
pub const N_LENGTH_BINS: usize = 40;

/// Length, alphabet and shape of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFacts {
    /// Rows.
    pub n: u64,
    /// Characters in all rows.
    pub n_characters: u64,
    /// Shortest text, in characters; `u64::MAX` when there is none.
    pub min_length: u64,
    /// Longest.
    pub max_length: u64,
    /// Characters by class: letters, digits, spaces, punctuation, non-ASCII.
    pub alphabet: [u64; 5],
    /// Rows by length, two bins for each doubling.
    pub lengths: Vec<u64>,
    /// Rows by the classes of characters that occur in them: bits in the order of [`ROW_ALPHABET`].
    pub alphabets: BTreeMap<u8, u64>,
    /// Rows by shape.
    pub shapes: Shapes,
    /// Rows in which several digits begin with a zero: `00123`, `AB-0012`.
    pub n_zero_led: u64,
}

/// Names of the bits of [`TextFacts::alphabets`].
pub const ROW_ALPHABET: [&str; N_CLASSES - 1] =
    ["lower-case letters", "capitals", "digits", "spaces", "punctuation", "other characters"];

/// Names of the classes of [`TextFacts::alphabet`].
pub const ALPHABET: [&str; 5] = ["letters", "digits", "spaces", "punctuation", "non_ascii"];

impl Default for TextFacts {
    fn default() -> Self {
        Self {
            n: 0,
            n_characters: 0,
            min_length: u64::MAX,
            max_length: 0,
            alphabet: [0; 5],
            lengths: vec![0; N_LENGTH_BINS],
            alphabets: BTreeMap::new(),
            shapes: Shapes::default(),
            n_zero_led: 0,
        }
    }
}

impl TextFacts {
    /// Facts of all labels of a block, each counted as often as it stands there.
    pub fn of(tokens: &Tokens) -> Self {
        let mut facts = Self::default();
        let mut shapes = ShapeCounter::default();
        let mut alphabets = [0_u64; 1 << (N_CLASSES - 1)];
        for (label, n) in tokens.iter() {
            let ([lower, upper, digits, spaces, punctuation, other, _], is_zero_led) = shapes.add(label, n);
            let of_row = [lower, upper, digits, spaces, punctuation, other];
            let set = of_row.iter().enumerate().fold(0, |set, (bit, n)| set | usize::from(*n > 0) << bit);
            alphabets[set] += n;
            facts.n_zero_led += u64::from(is_zero_led) * n;
            let classes = [lower + upper, digits, spaces, punctuation, other];
            let length = classes.iter().sum::<u64>();
            facts.n += n;
            facts.n_characters += length * n;
            facts.min_length = facts.min_length.min(length);
            facts.max_length = facts.max_length.max(length);
            facts.lengths[length_bin(length)] += n;
            facts.alphabet.iter_mut().zip(classes).for_each(|(sum, class)| *sum += class * n);
        }
        facts.shapes = shapes.finish();
        let rows = alphabets.iter().enumerate().filter(|(_, n)| **n > 0);
        facts.alphabets = rows.map(|(set, n)| (set as u8, *n)).collect();
        facts
    }

    /// Adds the other's counts.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.n_characters += other.n_characters;
        self.min_length = self.min_length.min(other.min_length);
        self.max_length = self.max_length.max(other.max_length);
        self.alphabet.iter_mut().zip(other.alphabet).for_each(|(ours, theirs)| *ours += theirs);
        self.lengths.iter_mut().zip(&other.lengths).for_each(|(ours, theirs)| *ours += theirs);
        other.alphabets.iter().for_each(|(set, n)| *self.alphabets.entry(*set).or_default() += n);
        self.shapes.merge(&other.shapes);
        self.n_zero_led += other.n_zero_led;
    }

    /// Whether these can be the facts of a column of `n_rows` rows.
    pub(crate) fn is_possible(&self, n_rows: u64) -> bool {
        let rows = self.lengths.iter().chain([&self.n, &self.n_zero_led]).chain(self.alphabets.values());
        self.lengths.len() == N_LENGTH_BINS
            && self.alphabets.len() <= 1 << (N_CLASSES - 1)
            && rows.copied().all(|n| n <= n_rows)
            && self.shapes.is_possible(n_rows)
    }
}

/// The bin of a length.
fn length_bin(length: u64) -> usize {
    if length < 4 {
        return length as usize;
    }
    let power = length.ilog2();
    let upper_half = length >> (power - 1) & 1;
    ((2 * power + upper_half as u32) as usize).min(N_LENGTH_BINS - 1)
}

/// A length bin in words: `8 to 11`.
pub fn length_label(bin: usize) -> String {
    if bin < 4 {
        return bin.to_string();
    }
    let (power, half) = (bin / 2, bin as u64 % 2);
    let low = (2 + half) << (power - 1);
    if bin == N_LENGTH_BINS - 1 {
        format!("{low} or more")
    } else {
        format!("{low} to {}", low + (1 << (power - 1)) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_lies_in_the_bin_that_its_label_names() {
        assert_eq!(
            ["0", "3", "4 to 5", "6 to 7", "8 to 11", "12 to 15"].map(str::to_owned),
            [0, 3, 4, 7, 8, 15].map(|length| length_label(length_bin(length)))
        );
    }

    #[test]
    fn the_epoch_was_a_thursday_at_midnight() {
        let mut facts = TimeFacts::default();
        facts.add(0);
        facts.add(-1);
        assert_eq!((facts.hours[0], facts.hours[23]), (1, 1));
        assert_eq!((facts.weekdays[3], facts.weekdays[2]), (1, 1));
    }
}
