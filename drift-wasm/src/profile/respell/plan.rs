//! How the labels of one column are read, decided from all of them.

use std::borrow::Cow;

use super::dates::best_order;
use super::epoch::Epoch;
use super::{MOSTLY, mostly, n_values};
use crate::cell::spelled_date::{self, Order};
use crate::cell::spelled_number::{self, Marks};
use crate::cell::text::text_of;
use crate::profile::ColumnProfile;
use crate::schema::ColumnType;

/// Share of values that must be numbers or times for an odd label among them to be a mark for null.
const HALF: f64 = 0.5;

/// Labels that stand for a missing value among numbers or times, in small letters.
const NULL_WORDS: [&str; 38] = [
    "?",
    "-",
    "--",
    "---",
    ".",
    "..",
    "*",
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "#n/a",
    "#n/a n/a",
    "#na",
    "#value!",
    "#ref!",
    "#div/0!",
    "#num!",
    "#null!",
    "#name?",
    "null",
    "(null)",
    "<null>",
    "nil",
    "none",
    "<na>",
    "nat",
    "missing",
    "unknown",
    "not available",
    "not applicable",
    "nan",
    "-nan",
    "1.#qnan",
    "-1.#ind",
    "\u{2013}",
    "\u{2014}",
    "void",
];

/// How the labels of one column are read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plan {
    /// Labels that stand for null, as they are written.
    pub nulls: Vec<String>,
    pub numbers: Option<Marks>,
    /// Whether the marks of numbers could be read the other way round.
    pub is_open_number: bool,
    pub dates: Option<Order>,
    /// Whether day and month of times that were read month first change places.
    pub swaps: bool,
    /// Whether nothing says if day or month comes first.
    pub is_open_date: bool,
    pub epoch: Option<Epoch>,
    pub is_truth: bool,
    pub is_trimmed: bool,
}

impl Plan {
    pub(super) fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the column is one of times, with what the plan reads.
    pub(super) fn times(&self, column: &ColumnProfile) -> bool {
        self.dates.is_some() || mostly(column.n_times(), n_values(column) - self.n_null(column))
    }

    pub(super) fn n_null(&self, column: &ColumnProfile) -> u64 {
        column.tokens.iter().filter(|(label, _)| self.is_null(&text_of(label))).map(|(_, n)| n).sum()
    }

    pub(super) fn is_null(&self, label: &str) -> bool {
        self.nulls.iter().any(|null| null == label)
    }

    pub(super) fn of(
        column: &ColumnProfile,
        given: Option<ColumnType>,
        order: Option<Order>,
        is_number_there: bool,
    ) -> Self {
        let mut plan = Self::default();
        let facts = &column.time_facts;
        let all_month_first = facts.n_month_first > 0 && facts.n_month_first == column.n_times();
        plan.swaps = all_month_first && facts.n_month_proven == 0 && order == Some(Order::Day);
        plan.is_open_date = all_month_first && facts.n_month_proven == 0 && order.is_none();
        if column.n_labels() == 0 || column.tokens.n_other() > 0 {
            return plan;
        }
        let labels: Vec<(Cow<'_, str>, u64)> = column.tokens.iter().map(|(label, n)| (text_of(label), n)).collect();
        let is_word = |label: &str| NULL_WORDS.contains(&label.trim().to_lowercase().as_str());
        let (words, rest): (Vec<_>, Vec<_>) = labels.iter().partition(|(label, _)| is_word(label));
        let count = |labels: &[&(Cow<'_, str>, u64)]| labels.iter().map(|(_, n)| n).sum::<u64>();
        let n = n_values(column) - count(&words);
        let numbers = (given != Some(ColumnType::Datetime)).then(|| best_marks(&rest)).flatten();
        let dates = (given != Some(ColumnType::Numeric) && (given.is_none() || column.n_times() == 0))
            .then(|| best_order(&rest, order))
            .flatten();
        let fits = |own: u64, found: u64, share: f64| n > 0 && (own + found) as f64 >= share * n as f64;
        // Texts that a format keeps apart from numbers may be codes: they are numbers when the other side has numbers,
        // or when they are too many for labels.
        let is_plain = |marks: &Marks| marks.thousands.is_none() && marks.decimal == '.';
        let is_likely = |(marks, found): &(Marks, u64)| {
            !is_plain(marks)
                || is_number_there
                || given == Some(ColumnType::Numeric)
                || column.n_numbers() > 0
                || rest.iter().any(|(label, _)| label.parse::<f64>().is_err())
                || (rest.len() as f64 > HALF * *found as f64 && rest.iter().any(|(label, _)| label.contains('.')))
        };
        let numbers = numbers.filter(is_likely);
        let found_numbers = numbers.map_or(0, |(_, found)| found);
        let found_dates = dates.map_or(0, |(_, found)| found);
        let as_numbers = fits(column.n_numbers(), found_numbers, MOSTLY);
        let as_dates = fits(column.n_times(), found_dates, MOSTLY);
        let own =
            |labels: &[&(Cow<'_, str>, u64)]| labels.iter().map(|(label, _)| label.to_string()).collect::<Vec<_>>();
        if as_numbers && column.n_numbers() + found_numbers > 0 {
            plan.numbers = numbers.map(|(marks, _)| marks);
            plan.nulls = own(&words);
        } else if as_dates && column.n_times() + found_dates > 0 {
            plan.dates = dates.map(|(order, _)| order);
            plan.nulls = own(&words);
        } else {
            // One or two odd words, each several times, among numbers or times.
            let reads = |label: &str| {
                numbers.is_some_and(|(marks, _)| spelled_number::parse(label, marks).is_some())
                    || dates.is_some_and(|(order, _)| spelled_date::parse(label, order).is_some())
            };
            let odd: Vec<&(Cow<'_, str>, u64)> = rest.iter().copied().filter(|(label, _)| !reads(label)).collect();
            let n_odd = count(&odd);
            let are_marks = given.is_none()
                && (1..=2).contains(&odd.len())
                && odd.iter().all(|(label, n)| *n > 1 && label.len() <= 16);
            let as_numbers =
                column.n_numbers() + found_numbers == n - n_odd && fits(column.n_numbers(), found_numbers, HALF);
            let as_dates = column.n_times() + found_dates == n - n_odd && fits(column.n_times(), found_dates, HALF);
            if are_marks && (as_numbers || as_dates) && n > n_odd {
                plan.numbers = numbers.filter(|_| as_numbers).map(|(marks, _)| marks);
                plan.dates = dates.filter(|_| !as_numbers).map(|(order, _)| order);
                plan.nulls = own(&words);
                plan.nulls.extend(own(&odd));
            } else if !words.is_empty() && as_numbers {
                plan.nulls = own(&words);
            }
        }
        plan.is_open_number = plan.numbers.is_some_and(|marks| {
            let read = rest.iter().filter(|(label, _)| spelled_number::parse(label, marks).is_some());
            let mut grouped = read.filter(|(label, _)| label.contains([',', '.'])).peekable();
            grouped.peek().is_some() && grouped.all(|(label, _)| spelled_number::is_open(label, marks))
        });
        plan.is_open_date |= plan.dates.is_some()
            && order.is_none()
            && rest.iter().any(|(label, _)| {
                let read = |order| spelled_date::parse(label, order);
                read(Order::Day) != read(Order::Month)
            });
        plan
    }
}

/// The marks by which most labels are numbers, and how many; the plainer when several do as well.
fn best_marks(labels: &[&(Cow<'_, str>, u64)]) -> Option<(Marks, u64)> {
    let count = |marks: Marks| {
        let read = labels.iter().filter(|(label, _)| spelled_number::parse(label, marks).is_some());
        read.map(|(_, n)| n).sum::<u64>()
    };
    let mut best: Option<(Marks, u64)> = None;
    for marks in spelled_number::ALL {
        let found = count(marks);
        if found > best.map_or(0, |(_, most)| most) {
            best = Some((marks, found));
        }
    }
    best
}
