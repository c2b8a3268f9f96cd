//! The type of a column, inferred from all of its cells, with the reason in words.

use crate::format;
use crate::profile::ColumnProfile;
use crate::schema::{ColumnSchema, ColumnType, Role};

/// Up to this many distinct integers can be a label set.
const FEW_INTEGERS: u64 = 10;
/// Rows for each distinct integer from which they are labels rather than counts.
const ROWS_PER_LABEL: u64 = 20;
/// Share of cells that must fit a type; the rest is invalid.
const MOSTLY: f64 = 0.9;
/// Share of distinct values from which labels identify rows.
const ALMOST_ALL: f64 = 0.95;
/// Fewer values than this are not told from labels.
const ENOUGH_TO_TELL: u64 = 50;

/// The type of a column, the one at `index` of its input, as inferred from its own cells alone.
pub fn schema(index: usize, column: &ColumnProfile) -> ColumnSchema {
    infer(index, column, None)
}

/// Decides the type of a column of the reference, or of the current side when the reference has no value.
///
/// A type given from outside wins. Ties go to the plainer type.
pub(crate) fn infer(index: usize, reference: &ColumnProfile, current: Option<&ColumnProfile>) -> ColumnSchema {
    let hint = reference.hint.as_ref();
    let (kind, reason) = match hint.and_then(|hint| hint.r#type) {
        Some(kind) => (kind, "given".to_owned()),
        None if n_values(reference) > 0 => decide(reference),
        None => match current.filter(|current| n_values(current) > 0) {
            Some(current) => {
                let (kind, reason) = decide(current);
                (kind, format!("{reason} (from the current side: the reference has no value)"))
            }
            None => (ColumnType::Empty, "no value on either side".to_owned()),
        },
    };
    let role = hint.and_then(|hint| hint.role).unwrap_or(if kind == ColumnType::Id { Role::Id } else { Role::Feature });
    ColumnSchema { name: reference.name.clone(), index, r#type: kind, reason, role }
}

fn n_values(column: &ColumnProfile) -> u64 {
    column.n_values() + column.counts.n_pos_inf + column.counts.n_neg_inf
}

fn decide(column: &ColumnProfile) -> (ColumnType, String) {
    let counts = &column.counts;
    let n = n_values(column);
    let n_numbers = column.n_numbers() + counts.n_pos_inf + counts.n_neg_inf;
    let n_spelled = counts.n_big_integer + counts.n_leading_zero;
    let mostly = |part: u64| part as f64 >= MOSTLY * n as f64;
    let rest = |part: u64| match n - part {
        0 => String::new(),
        rest => format!(", {} that are not", format::count(rest)),
    };
    if counts.n_leading_zero > 0 && mostly(n_numbers + n_spelled) {
        let (kind, reason) = decide_labels(column, n);
        return (kind, format!("numbers with leading zeros are labels: {reason}"));
    }
    if counts.n_big_integer > 0 && mostly(n_numbers + n_spelled) {
        let (kind, reason) = decide_labels(column, n);
        return (kind, format!("integers beyond 2^53 are labels: {reason}"));
    }
    if mostly(n_numbers) {
        let (kind, reason) = decide_numbers(column, n_numbers);
        return (kind, reason + &rest(n_numbers));
    }
    if mostly(column.n_times()) {
        return (ColumnType::Datetime, {
            let n = column.n_times();
            let what = if n == 1 { "date or time" } else { "dates or times" };
            format!("{} {what}{}", format::count(n), rest(n))
        });
    }
    decide_labels(column, n)
}

fn decide_numbers(column: &ColumnProfile, n: u64) -> (ColumnType, String) {
    if !column.is_integer() || column.counts.n_pos_inf + column.counts.n_neg_inf > 0 {
        return (ColumnType::Numeric, format::counted(n, "number"));
    }
    let n_distinct = column.numbers.n_distinct();
    let reason =
        format!("integer with {} in {}", format::counted(n_distinct, "distinct value"), format::counted(n, "row"));
    let (min, max) = (column.numbers.min().unwrap_or(0.0), column.numbers.max().unwrap_or(0.0));
    if n_distinct == 2 && min == 0.0 && max == 1.0 {
        return (ColumnType::Boolean, "0 and 1 only".to_owned());
    }
    if n_distinct > 1 && n_distinct <= FEW_INTEGERS && n >= ROWS_PER_LABEL * n_distinct {
        return (ColumnType::Categorical, reason);
    }
    let counts_up = column.numbers.is_exact() && n_distinct == n && max - min == (n - 1) as f64;
    if n >= ENOUGH_TO_TELL && (counts_up || (is_named_id(&column.name) && n_distinct as f64 >= ALMOST_ALL * n as f64)) {
        return (ColumnType::Id, format!("{reason}: it numbers the rows"));
    }
    if is_key(&column.name, n, n_distinct) {
        return (ColumnType::Id, format!("{reason}: named an identifier"));
    }
    (ColumnType::Numeric, reason)
}

fn decide_labels(column: &ColumnProfile, n: u64) -> (ColumnType, String) {
    let labels = column.tokens();
    let n_distinct = labels.n_distinct() + column.numbers.n_distinct() + column.times.n_distinct();
    let is_truth = |label: &[u8]| label.eq_ignore_ascii_case(b"true") || label.eq_ignore_ascii_case(b"false");
    if n_distinct <= 2 && column.n_numbers() + column.n_times() == 0 && labels.iter().all(|(label, _)| is_truth(label))
    {
        return (ColumnType::Boolean, "true and false only".to_owned());
    }
    let reason = format!("{} in {}", format::counted(n_distinct, "distinct value"), format::counted(n, "row"));
    let share = n_distinct as f64 / n as f64;
    let facts = &column.text_facts;
    let mean_length = facts.n_characters as f64 / facts.n.max(1) as f64;
    let has_words = facts.alphabet[2] >= 2 * facts.n.max(1);
    if n >= ENOUGH_TO_TELL && (has_words || mean_length > 64.0) && share > 0.5 {
        return (ColumnType::Text, format!("{reason}, several words each"));
    }
    if n >= ENOUGH_TO_TELL && share >= ALMOST_ALL {
        return (ColumnType::Id, format!("{reason}: almost all distinct"));
    }
    if is_key(&column.name, n, n_distinct) {
        return (ColumnType::Id, format!("{reason}: named an identifier"));
    }
    if n >= ENOUGH_TO_TELL && share > 0.5 {
        return (ColumnType::Text, format!("{reason}: more than half distinct"));
    }
    (ColumnType::Categorical, reason)
}

/// Whether values identify something else than the row, such as the customers of orders: many, few rows each, and named so.
fn is_key(name: &str, n: u64, n_distinct: u64) -> bool {
    n >= ENOUGH_TO_TELL && n_distinct >= ENOUGH_TO_TELL && n < ROWS_PER_LABEL * n_distinct && is_named_id(name)
}

fn is_named_id(name: &str) -> bool {
    // `userId` is one, `paid` and `GRID` are none.
    let is_capital = |stem: &str| stem.ends_with(|last: char| last.is_ascii_lowercase());
    if name.strip_suffix("Id").or_else(|| name.strip_suffix("ID")).is_some_and(is_capital) {
        return true;
    }
    let name = name.to_ascii_lowercase();
    name == "id" || name == "uuid" || name.ends_with("_id") || name.ends_with("-id") || name.ends_with(" id")
}
