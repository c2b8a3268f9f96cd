//! A column made anew by its plan, and what is remarked about it.

use std::borrow::Cow;

use super::Respelled;
use super::dates::swapped;
use super::plan::Plan;
use super::truth::truth;
use crate::cell::spelled_date::{self, Order};
use crate::cell::spelled_number;
use crate::cell::text::text_of;
use crate::format;
use crate::profile::facts::{TextFacts, TimeFacts};
use crate::profile::quantiles::Quantiles;
use crate::profile::tokens::Tokens;
use crate::profile::{ColumnProfile, Sample};
use crate::remark::{Remark, RemarkKind};

impl Plan {
    /// The column as the plan reads it.
    pub(super) fn apply<'a>(&self, column: &'a ColumnProfile) -> Respelled<'a> {
        if self.is_idle() {
            return Respelled { column: Cow::Borrowed(column), remarks: Vec::new() };
        }
        let mut made = column.clone();
        let (mut numbers, mut times, mut tokens) = (Vec::new(), Vec::new(), Tokens::default());
        for (label, n) in column.tokens.iter() {
            let text = text_of(label);
            let repeated = |value: f64| std::iter::repeat_n(value, usize::try_from(n).unwrap_or(usize::MAX));
            if self.is_null(&text) {
                made.counts.n_null += n;
            } else if let Some(value) = self.numbers.and_then(|marks| spelled_number::parse(&text, marks)) {
                made.counts.n_float += if value.fract() == 0.0 { 0 } else { n };
                numbers.extend(repeated(value));
            } else if let Some(micros) = self.dates.and_then(|order| spelled_date::parse(&text, order)) {
                times.extend(repeated(micros as f64));
            } else if let Some(micros) = self.epoch.and_then(|epoch| epoch.micros(text.trim().parse().ok()?)) {
                times.extend(repeated(micros));
            } else if self.is_truth {
                tokens.add(if truth(&text) == Some(true) { b"true" } else { b"false" }, n);
            } else if self.is_trimmed {
                tokens.add(text.trim().as_bytes(), n);
            } else {
                tokens.add(label, n);
            }
        }
        if self.is_truth {
            column.numbers.runs().for_each(|(value, n)| tokens.add(if value == 0.0 { b"false" } else { b"true" }, n));
            made.numbers = Sample::default();
            made.counts.n_float = 0;
        } else if let Some(epoch) = self.epoch {
            let read = column.numbers.runs().filter_map(|(value, n)| Some((epoch.micros(value)?, n)));
            times.extend(read.flat_map(|(micros, n)| std::iter::repeat_n(micros, usize::try_from(n).unwrap_or(0))));
            made.numbers = Sample::default();
            made.counts.n_float = 0;
        } else if self.numbers.is_some_and(|marks| marks.thousands == Some('.')) {
            // `1.299` was read as a fraction before the column as a whole showed that the point marks thousands.
            let whole = |value: f64| if value.fract() == 0.0 { value } else { (value * 1e3).round() };
            let read = column
                .numbers
                .runs()
                .flat_map(|(value, n)| std::iter::repeat_n(whole(value), usize::try_from(n).unwrap_or(0)));
            made.numbers = sampled(&Sample::default(), &read.collect::<Vec<_>>());
        }
        if self.swaps {
            let read = column
                .times
                .runs()
                .flat_map(|(micros, n)| std::iter::repeat_n(swapped(micros), usize::try_from(n).unwrap_or(0)));
            times.extend(read);
            made.times = Sample::default();
        }
        if !numbers.is_empty() {
            made.numbers = sampled(&made.numbers, &numbers);
        }
        if !times.is_empty() {
            made.times = sampled(&made.times, &times);
            made.time_facts = TimeFacts::default();
            for (micros, n) in made.times.runs() {
                (0..n).for_each(|_| made.time_facts.add(micros as i64));
            }
        }
        made.text_facts = TextFacts::of(&tokens);
        let is_left = |cell: &str| tokens.iter().any(|(label, _)| text_of(label) == cell);
        made.odd.retain(|(_, cell)| is_left(cell));
        if numbers.len() + times.len() > 0 || !self.nulls.is_empty() {
            made.counts.n_leading_zero = 0;
        }
        made.tokens = tokens;
        Respelled { column: Cow::Owned(made), remarks: self.remarks(column, numbers.len() as u64) }
    }

    fn remarks(&self, column: &ColumnProfile, n_numbers: u64) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let about = |kind: RemarkKind, text: String| Remark::new(kind, text).in_column(&column.name);
        if !self.nulls.is_empty() {
            let names: Vec<String> = self.nulls.iter().map(|null| format!("`{}`", null.trim())).collect();
            let n = self.n_null(column);
            let text =
                format!("{} {} null", names.join(", "), if names.len() == 1 { "is read as" } else { "are read as" });
            let text = format!("{text} ({})", format::counted(n, "cell"));
            remarks.push(
                about(RemarkKind::NullMarkers, text).remedy("--type", Some(&format!("{}=categorical", column.name))),
            );
        }
        if let Some(marks) = self.numbers.filter(|_| n_numbers > 0) {
            let how = match (marks.decimal, marks.thousands) {
                ('.', None) => "with their signs left out".to_owned(),
                (decimal, None) => format!("with `{decimal}` before decimals"),
                (decimal, Some(' ')) => format!("with `{decimal}` before decimals and blanks between thousands"),
                (decimal, Some(mark)) => format!("with `{decimal}` before decimals and `{mark}` between thousands"),
            };
            let text = format!("{} are read as numbers, {how}", format::counted(n_numbers, "text"));
            let other = if marks.thousands == Some(',') || marks.decimal == ',' {
                if marks.decimal == '.' { "," } else { "." }
            } else {
                ","
            };
            let remark = if self.is_open_number {
                about(RemarkKind::NumbersInText, format!("{text}; they can be read the other way"))
                    .remedy("--decimal", Some(other))
            } else {
                about(RemarkKind::NumbersInText, text).remedy("--type", Some(&format!("{}=categorical", column.name)))
            };
            remarks.push(remark);
        }
        if self.is_open_date {
            let first = match self.dates {
                Some(Order::Day) => "day",
                _ => "month",
            };
            let other = if first == "day" { "%m/%d/%Y" } else { "%d/%m/%Y" };
            let text = format!("dates are read with the {first} first; nothing in them decides");
            remarks.push(about(RemarkKind::DateOrder, text).remedy("--time-format", Some(other)));
        } else if self.swaps || self.dates == Some(Order::Day) {
            remarks.push(about(RemarkKind::DateOrder, "dates are read with the day first".to_owned()));
        }
        if let Some(epoch) = self.epoch {
            let text = format!("numbers are read as times, {}", epoch.words());
            remarks.push(about(RemarkKind::Epoch, text).remedy("--type", Some(&format!("{}=numeric", column.name))));
        }
        remarks
    }
}

/// A sample with more values.
fn sampled(sample: &Sample, more: &[f64]) -> Sample {
    let mut all = Quantiles::new((sample.values().len() + more.len()).max(64));
    all.absorb(sample);
    all.extend(more);
    all.seal()
}
