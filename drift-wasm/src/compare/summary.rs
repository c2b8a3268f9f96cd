//! One side of a column in numbers.

use crate::cell::number;
use crate::infer;
use crate::profile::{ALPHABET, Categories, Profile, Sample, TypedColumn};
use crate::report::{CategoryCount, ColumnSummary, DatetimeSummary, NumericSummary, TextSummary};
use crate::schema::{ColumnSchema, ColumnType};

/// Labels listed for each side.
const TOP_CATEGORIES: usize = 20;
/// The quantiles of a summary.
pub const QUANTILES: [(&str, f64); 9] = [
    ("q01", 0.01),
    ("q05", 0.05),
    ("q10", 0.10),
    ("q25", 0.25),
    ("q50", 0.50),
    ("q75", 0.75),
    ("q90", 0.90),
    ("q95", 0.95),
    ("q99", 0.99),
];

/// Type of each column as inferred from this profile alone, and its summary.
pub fn describe(profile: &Profile) -> Vec<(ColumnSchema, ColumnSummary)> {
    let describe = |(index, column)| {
        let schema: ColumnSchema = infer::schema(index, column);
        let summary = summarise(&column.typed(schema.r#type));
        (schema, summary)
    };
    profile.columns.iter().enumerate().map(describe).collect()
}

/// Counts, and what the type has: moments and quantiles, labels, hours, lengths.
#[inline(never)]
pub fn summarise(column: &TypedColumn<'_>) -> ColumnSummary {
    let counts = column.column.counts;
    let is_number = column.kind == ColumnType::Numeric;
    let (n_pos_inf, n_neg_inf) = if is_number { (counts.n_pos_inf, counts.n_neg_inf) } else { (0, 0) };
    let n = counts.n_rows - counts.n_null - n_pos_inf - n_neg_inf - column.n_invalid;
    ColumnSummary {
        n_rows: counts.n_rows,
        n,
        n_null: counts.n_null,
        n_nan: counts.n_nan,
        n_pos_inf,
        n_neg_inf,
        n_invalid: column.n_invalid,
        n_empty: counts.n_empty,
        n_distinct: n_distinct(column),
        numeric: matches!(column.kind, ColumnType::Numeric | ColumnType::Datetime).then(|| numeric(&column.sample)),
        datetime: (column.kind == ColumnType::Datetime).then(|| datetime(column)),
        text: (column.kind == ColumnType::Text).then(|| text(column)),
        top_categories: top(&column.categories),
    }
}

fn n_distinct(column: &TypedColumn<'_>) -> u64 {
    match column.kind {
        ColumnType::Numeric if column.column.counts.n_big_integer > 0 => {
            let spelled = column.column.tokens().iter().filter(|(label, _)| number::parse(label).is_some());
            column.column.numbers.n_distinct() + spelled.count() as u64
        }
        ColumnType::Numeric | ColumnType::Datetime => column.sample.n_distinct(),
        ColumnType::Categorical | ColumnType::Boolean | ColumnType::Id => column.categories.n_distinct,
        ColumnType::Text => column.column.tokens().n_distinct() + column.column.numbers.n_distinct(),
        ColumnType::Empty => 0,
    }
}

fn numeric(sample: &Sample) -> NumericSummary {
    let quantile =
        |(name, p): (&str, f64)| Some((name.to_owned(), sample.quantile(p).filter(|value| value.is_finite())?));
    NumericSummary {
        mean: sample.mean(),
        standard_deviation: sample.standard_deviation(1),
        min: sample.min(),
        max: sample.max(),
        quantiles: QUANTILES.into_iter().filter_map(quantile).collect(),
        share_error: (!sample.is_exact()).then(|| sample.share_error()),
    }
}

fn datetime(column: &TypedColumn<'_>) -> DatetimeSummary {
    let facts = &column.column.time_facts;
    let gaps = || column.sample.values().windows(2).map(|pair| (pair[1] - pair[0] + 0.5) as u64);
    let longest = if column.sample.is_exact() { gaps().max() } else { None };
    DatetimeSummary {
        hours: facts.hours.to_vec(),
        weekdays: facts.weekdays.to_vec(),
        cadence_seconds: longest.and_then(|_| majority(gaps().filter(|gap| *gap > 0))),
        longest_gap_seconds: longest,
    }
}

/// What more than half of the items are, if anything (Boyer and Moore 1991).
fn majority(items: impl Iterator<Item = u64> + Clone) -> Option<u64> {
    let (mut candidate, mut lead) = (None, 0_u64);
    for item in items.clone() {
        if lead == 0 {
            (candidate, lead) = (Some(item), 1);
        } else if candidate == Some(item) {
            lead += 1;
        } else {
            lead -= 1;
        }
    }
    let n_agree = items.clone().filter(|item| candidate == Some(*item)).count();
    candidate.filter(|_| 2 * n_agree > items.count())
}

fn text(column: &TypedColumn<'_>) -> TextSummary {
    let facts = &column.column.text_facts;
    let share = |n: u64| {
        if facts.n_characters == 0 { 0.0 } else { n as f64 / facts.n_characters as f64 }
    };
    TextSummary {
        mean_length: if facts.n == 0 { 0.0 } else { facts.n_characters as f64 / facts.n as f64 },
        min_length: if facts.n == 0 { 0 } else { facts.min_length },
        max_length: facts.max_length,
        alphabet: ALPHABET.iter().zip(facts.alphabet).map(|(name, n)| ((*name).to_owned(), share(n))).collect(),
    }
}

/// The commonest labels first; ties by label.
fn top(categories: &Categories) -> Vec<CategoryCount> {
    commonest(categories.entries.iter().map(|(label, n)| (label.as_str(), *n)))
}

/// At most 20 of `entries`, the commonest first; ties by label.
pub fn commonest<'a>(entries: impl Iterator<Item = (&'a str, u64)>) -> Vec<CategoryCount> {
    let mut all: Vec<(&str, u64)> = entries.collect();
    let order = |a: &(&str, u64), b: &(&str, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    if all.len() > TOP_CATEGORIES {
        all.select_nth_unstable_by(TOP_CATEGORIES, order);
        all.truncate(TOP_CATEGORIES);
    }
    all.sort_unstable_by(order);
    all.into_iter().map(|(label, n)| CategoryCount { label: label.to_owned(), n }).collect()
}
