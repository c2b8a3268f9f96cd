//! The same value, whatever it is written in: labels of a column that are numbers, times, truth values or nulls after
//! all, as its whole shows.
//!
//! Cells are told apart one by one while they are read, by the plainest spelling. What only a column as a whole can
//! decide is decided here, from its distinct labels: marks of decimals and thousands, the order of day and month, marks
//! for null, epochs. Each decision is a remark with the flag that decides otherwise. The file's own profile stays as it
//! is; a comparison sees both columns through here.

mod apply;
mod dates;
mod epoch;
mod plan;
mod truth;

use std::borrow::Cow;

use self::dates::date_order;
use self::epoch::epoch;
use self::plan::Plan;
use self::truth::{is_padded, is_truth, words_of};
use crate::profile::ColumnProfile;
use crate::remark::Remark;
use crate::schema::ColumnType;

/// Share of values that must fit for a column to be of a kind.
const MOSTLY: f64 = 0.9;

/// A column as its whole reads, and what was decided.
pub(crate) struct Respelled<'a> {
    pub column: Cow<'a, ColumnProfile>,
    pub remarks: Vec<Remark>,
}

/// Both columns of a pair, each read by its own spelling; what one leaves open the other decides.
pub(crate) fn respell<'a>(reference: &'a ColumnProfile, current: &'a ColumnProfile) -> [Respelled<'a>; 2] {
    let given = reference.hint.as_ref().and_then(|hint| hint.r#type);
    let sides = [reference, current];
    if matches!(
        given,
        Some(ColumnType::Categorical | ColumnType::Boolean | ColumnType::Text | ColumnType::Id | ColumnType::Empty)
    ) {
        return sides.map(|column| Respelled { column: Cow::Borrowed(column), remarks: Vec::new() });
    }
    let orders = sides.map(date_order);
    let order = |at: usize| orders[at].proven.or(orders[1 - at].proven);
    let mut plans = [0, 1].map(|at| {
        let is_number_there = mostly(sides[1 - at].n_numbers(), n_values(sides[1 - at]));
        Plan::of(sides[at], given, order(at), is_number_there)
    });
    let are_times = [0, 1].map(|at| plans[at].times(sides[at]));
    for at in [0, 1] {
        plans[at].epoch = epoch(sides[at], given, are_times[1 - at]).filter(|_| !are_times[at]);
    }
    let are_truths = given.is_none() && [0, 1].iter().all(|at| plans[*at].is_idle() && is_truth(sides[*at]));
    // A label more or less is a change; other words for the same are not.
    let is_part = |some: &[String], of: &[String]| some.iter().all(|word| of.contains(word));
    if are_truths {
        let (ours, theirs) = (words_of(reference), words_of(current));
        let speak_alike = is_part(&ours, &theirs) || is_part(&theirs, &ours);
        plans.iter_mut().for_each(|plan| plan.is_truth = !speak_alike);
    }
    if sides.iter().any(|column| is_padded(column)) {
        plans.iter_mut().for_each(|plan| plan.is_trimmed = true);
    }
    [0, 1].map(|at| plans[at].apply(sides[at]))
}

fn n_values(column: &ColumnProfile) -> u64 {
    column.n_numbers() + column.n_times() + column.n_labels()
}

fn mostly(part: u64, n: u64) -> bool {
    n > 0 && part as f64 >= MOSTLY * n as f64
}
