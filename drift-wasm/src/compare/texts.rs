//! Texts and identifiers: what can be said of them without a look at their values.
//!
//! Each later window has other identifiers and other texts by nature. How often they repeat, what characters they are
//! made of and what shape they have does not change by nature: a postcode that lost its leading zero is found by its shape.

use std::collections::BTreeMap;

use crate::compare::test::open_test;
use crate::compare::values::{mix_test, total_variation_of};
use crate::metric::{Frequencies, Metric, MetricId, duplicate_share, duplicate_share_estimated};
use crate::policy::Policy;
use crate::profile::{Categories, ColumnProfile, Contingency, ROW_ALPHABET, Shapes, Tokens, pooled_runs, shape};
use crate::report::{ColumnReport, Subject};
use crate::schema::{ColumnSchema, ColumnType, Role};

/// Share of the reference's values with padded numbers (`00123`) from which the number of digits means something.
const PADDED: f64 = 0.01;
/// Shapes rarer than this on both sides together are one, when not all shapes are held.
const RARE: f64 = 0.02;
/// Identifiers of which more than this repeat in the reference are keys of something else, which may come more or less often.
const UNIQUE: f64 = 0.05;
/// Bits of `alphabets` that numbers, and times, have.
const OF_NUMBERS: u8 = 0b00_0100;
const OF_TIMES: u8 = 0b01_0110;
/// Shapes named in words.
const N_NAMED: usize = 2;

/// What the texts of a column said.
#[derive(Debug, Clone, Default)]
pub(super) struct MeasuredTexts {
    shapes: Contingency,
    alphabets: Contingency,
    duplicates: Metric,
    is_key: bool,
}

/// Whether a column is one of texts or identifiers.
pub(super) fn is_text(schema: &ColumnSchema) -> bool {
    matches!(schema.r#type, ColumnType::Text | ColumnType::Id) || schema.role == Role::Id
}

/// Measures the texts of one column.
#[inline(never)]
pub(super) fn measure(schema: &ColumnSchema, reference: &ColumnProfile, current: &ColumnProfile) -> MeasuredTexts {
    let duplicates = duplicates(reference, current);
    let repeats = 1.0 - n_distinct(reference) as f64 / reference.n_values().max(1) as f64;
    MeasuredTexts {
        shapes: shapes(reference, current),
        alphabets: alphabets(reference, current),
        duplicates,
        is_key: schema.r#type != ColumnType::Text && repeats > UNIQUE,
    }
}

/// Adds metrics and tests to a column.
#[inline(never)]
pub(super) fn judge(report: &mut ColumnReport, measured: &MeasuredTexts, policy: &Policy) {
    let floors = report.policy.floors;
    let (n, m) = (measured.shapes.n_reference(), measured.shapes.n_current());
    let has_enough = n.min(m) >= policy.min_rows.max(1);
    let rows = (report.reference.n_rows, report.current.n_rows);
    let empty = (report.reference.n_empty, report.current.n_empty);
    if rows.0 == 0 || rows.1 == 0 {
        let side = if rows.0 == 0 { "the reference has no row" } else { "the current input has no row" };
        report.metrics.insert(MetricId::EmptyShare, Metric::undefined(side));
    } else {
        let (difference, p_value) = crate::metric::two_proportion(rows.0, empty.0, rows.1, empty.1);
        let metric = Metric::distance_test(difference.abs(), p_value);
        report.metrics.insert(MetricId::EmptyShare, metric);
        if empty.0 + empty.1 > 0 && rows.0.min(rows.1) >= policy.min_rows {
            let test = open_test(Subject::Empty, MetricId::EmptyShare.into(), difference.abs(), floors.nulls, p_value);
            report.tests.push(test);
        }
    }
    let duplicates = &measured.duplicates;
    if let (Some(effect), Some(p_value), true) = (duplicates.distance, duplicates.p_value, has_enough)
        && !measured.is_key
    {
        report.tests.push(open_test(
            Subject::Duplicates,
            MetricId::DuplicateShare.into(),
            effect,
            floors.unseen,
            p_value,
        ));
    }
    report.metrics.insert(MetricId::DuplicateShare, duplicates.clone());
    let mixes = [
        (Subject::Alphabet, MetricId::AlphabetMix, &measured.alphabets, floors.values),
        // Values of another shape are cells that do not fit.
        (Subject::Shapes, MetricId::ShapeMix, &measured.shapes, floors.invalid),
    ];
    for (subject, id, table, floor) in mixes {
        let test = mix_test(subject, id, table, floor);
        let metric = match &test {
            Some(test) => {
                let metric = Metric::distance_test(total_variation_of(table), test.p_value.unwrap_or(1.0));
                metric.with_detail(if subject == Subject::Shapes { changed(table) } else { kind_changed(table) })
            }
            None => Metric::undefined(if n == 0 || m == 0 { "one side has no text" } else { "there is no text" }),
        };
        report.metrics.insert(id, metric);
        let n_kinds = table.reference.iter().zip(&table.current).filter(|(a, b)| **a + **b > 0).count();
        report.tests.extend(test.filter(|_| has_enough && n_kinds > 1));
    }
}

/// Rows by shape on both sides.
///
/// Numbers grow: `ORD-999` is followed by `ORD-1000`. So the number of digits counts only where the reference pads them.
fn shapes(reference: &ColumnProfile, current: &ColumnProfile) -> Contingency {
    let is_padded = reference.text_facts.n_zero_led as f64 >= PADDED * reference.n_values().max(1) as f64
        && reference.text_facts.n_zero_led > 0;
    let sides = [reference, current].map(|side| shapes_of(side, is_padded));
    let is_exact = sides.iter().all(Shapes::is_exact);
    let [reference, current] = sides.map(|side| Categories {
        n_distinct: side.counts.len() as u64,
        entries: side.counts.into_iter().collect(),
        n_other: side.n_other,
        count_error: 0,
    });
    let table = Contingency::of(&reference, &current);
    if is_exact { table } else { without_rare(&table) }
}

fn shapes_of(column: &ColumnProfile, is_padded: bool) -> Shapes {
    let mut shapes = Shapes { n_other: column.text_facts.shapes.n_other, ..Shapes::default() };
    let mut add = |shape: &str, n: u64| {
        if is_padded { shapes.add(shape, n) } else { shapes.add(&of_any_width(shape), n) }
    };
    column.text_facts.shapes.counts.iter().for_each(|(shape, n)| add(shape, *n));
    add(&shape(b"2024-01-31T00:00:00"), column.times.n());
    // Which numbers have an exponent is not kept, but programs write the largest ones so.
    let mut n_plain = column.numbers.n().saturating_sub(column.counts.n_exponent);
    for (value, n) in column.numbers.runs() {
        let plain = n.min(n_plain);
        n_plain -= plain;
        add(&shape_of_number(value), plain);
        add("9.9A+9", n - plain);
    }
    shapes
}

/// The shape of a number as a label, with one digit for all after the point.
fn shape_of_number(value: f64) -> String {
    let whole = libm::trunc(value.abs());
    let mut n_digits = 1;
    let mut beyond = 10.0;
    while n_digits < 20 && whole >= beyond {
        n_digits += 1;
        beyond *= 10.0;
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let fraction = if whole == value.abs() { "" } else { ".9" };
    format!("{sign}{}{fraction}", "9".repeat(n_digits))
}

/// A shape with one digit for any number of them.
fn of_any_width(shape: &str) -> String {
    let mut out = String::with_capacity(shape.len());
    let mut characters = shape.chars().peekable();
    let mut in_braces = false;
    while let Some(character) = characters.next() {
        in_braces = (in_braces || character == '{') && character != '}';
        if character == '9' && !in_braces {
            while characters.next_if(|next| matches!(next, '9' | '…')).is_some() {}
        }
        out.push(character);
    }
    out
}

fn without_rare(table: &Contingency) -> Contingency {
    let all = (table.n_reference() + table.n_current()) as f64;
    let mut kept = Contingency::default();
    let (mut before, mut after) = (0, 0);
    for ((label, a), b) in table.labels.iter().zip(&table.reference).zip(&table.current) {
        if label.is_some() && (a + b) as f64 >= RARE * all {
            kept.labels.push(label.clone());
            kept.reference.push(*a);
            kept.current.push(*b);
        } else {
            (before, after) = (before + a, after + b);
        }
    }
    kept.labels.push(None);
    kept.reference.push(before);
    kept.current.push(after);
    kept
}

/// The shapes whose shares changed most, in words: "`99999` 100 % → 12 %, `9999` 0 % → 88 %".
fn changed(table: &Contingency) -> String {
    let (n, m) = (table.n_reference().max(1) as f64, table.n_current().max(1) as f64);
    let shares = table.reference.iter().zip(&table.current).map(|(a, b)| (*a as f64 / n, *b as f64 / m));
    let mut shares: Vec<(&str, f64, f64)> = table
        .labels
        .iter()
        .zip(shares)
        .filter_map(|(label, (a, b))| Some((label.as_deref()?, a, b)))
        .filter(|(_, a, b)| a != b)
        .collect();
    shares.sort_by(|x, y| (y.2 - y.1).abs().total_cmp(&(x.2 - x.1).abs()).then_with(|| x.0.cmp(y.0)));
    let word = |(shape, a, b): &(&str, f64, f64)| {
        let shape = if shape.is_empty() { "empty".to_owned() } else { format!("`{shape}`") };
        format!("{shape} {} → {}", crate::format::percent(*a), crate::format::percent(*b))
    };
    let words: Vec<String> = shares.iter().take(N_NAMED).map(word).collect();
    if words.is_empty() { "no shape changed its share".to_owned() } else { words.join(", ") }
}

/// The kind of characters that occur in more or fewer rows than before: "rows with digits 3 % → 41 %".
fn kind_changed(table: &Contingency) -> String {
    let share = |counts: &[u64], bit: usize| {
        let sets = table.labels.iter().map(|set| set.as_deref().and_then(|set| set.parse::<usize>().ok()).unwrap_or(0));
        let with: u64 = sets.zip(counts).filter(|(set, _)| set >> bit & 1 == 1).map(|(_, n)| n).sum();
        with as f64 / counts.iter().sum::<u64>().max(1) as f64
    };
    let kinds = ROW_ALPHABET.iter().enumerate();
    let kinds = kinds.map(|(bit, kind)| (kind, share(&table.reference, bit), share(&table.current, bit)));
    let change = |(_, a, b): &(&&str, f64, f64)| (b - a).abs();
    match kinds.rev().max_by(|x, y| change(x).total_cmp(&change(y))) {
        Some((kind, a, b)) if a != b => {
            format!("rows with {kind} {} → {}", crate::format::percent(a), crate::format::percent(b))
        }
        _ => "no kind of characters changed its share".to_owned(),
    }
}

/// Rows by the kinds of characters that occur in them.
fn alphabets(reference: &ColumnProfile, current: &ColumnProfile) -> Contingency {
    let sides = [reference, current].map(|side| {
        let mut rows: BTreeMap<u8, u64> = side.text_facts.alphabets.clone();
        for (set, n) in [(OF_NUMBERS, side.numbers.n()), (OF_TIMES, side.times.n())] {
            *rows.entry(set).or_default() += n;
        }
        Categories {
            entries: rows.into_iter().map(|(set, n)| (format!("{set:02}"), n)).collect(),
            ..Categories::default()
        }
    });
    Contingency::of(&sides[0], &sides[1])
}

fn n_distinct(column: &ColumnProfile) -> u64 {
    column.tokens.n_distinct() + column.numbers.n_distinct() + column.times.n_distinct()
}

fn duplicates(reference: &ColumnProfile, current: &ColumnProfile) -> Metric {
    let sides = [reference, current];
    if sides.iter().any(|side| !side.numbers.is_exact() || !side.times.is_exact()) {
        return Metric::undefined("too many values to hold them all");
    }
    if sides.iter().any(|side| side.tokens.n_other() > 0) {
        return duplicate_share_estimated(
            (reference.n_values(), n_distinct(reference)),
            (current.n_values(), n_distinct(current)),
        );
    }
    let frequencies = |side: &ColumnProfile| {
        let mut of = Frequencies::new();
        let values = side.tokens.iter().map(|(_, n)| n);
        let values = values.chain(side.numbers.runs().map(|(_, n)| n)).chain(side.times.runs().map(|(_, n)| n));
        values.for_each(|times| *of.entry(times).or_default() += 1);
        of
    };
    duplicate_share(&frequencies(reference), &frequencies(current), &pooled(reference, current))
}

fn pooled(reference: &ColumnProfile, current: &ColumnProfile) -> Frequencies {
    let mut of = Frequencies::new();
    let mut both = Tokens::default();
    both.absorb(&reference.tokens, usize::MAX);
    both.absorb(&current.tokens, usize::MAX);
    both.iter().for_each(|(_, n)| *of.entry(n).or_default() += 1);
    for (a, b) in [(&reference.numbers, &current.numbers), (&reference.times, &current.times)] {
        pooled_runs(a, b, |_, n, m| *of.entry(n + m).or_default() += 1);
    }
    of
}
