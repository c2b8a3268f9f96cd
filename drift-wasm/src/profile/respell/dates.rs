//! The order of day and month in a column of dates.

use std::borrow::Cow;

use crate::cell::spelled_date::{self, Order};
use crate::cell::text::text_of;
use crate::profile::ColumnProfile;

/// What a column says of the order of day and month.
pub(super) struct DateOrder {
    pub proven: Option<Order>,
}

pub(super) fn date_order(column: &ColumnProfile) -> DateOrder {
    let labels: Vec<String> = column.tokens.iter().map(|(label, _)| text_of(label).into_owned()).collect();
    let only = |one: Order, other: Order| {
        labels
            .iter()
            .any(|label| spelled_date::parse(label, one).is_some() && spelled_date::parse(label, other).is_none())
    };
    let facts = &column.time_facts;
    let is_month_first = facts.n_month_proven > 0 || only(Order::Month, Order::Day);
    let is_day_first = only(Order::Day, Order::Month);
    let proven = match (is_day_first, is_month_first) {
        (true, false) => Some(Order::Day),
        (false, true) => Some(Order::Month),
        _ => None,
    };
    DateOrder { proven }
}

/// The order by which most labels are dates, and how many.
pub(super) fn best_order(labels: &[&(Cow<'_, str>, u64)], proven: Option<Order>) -> Option<(Order, u64)> {
    let slashes = labels.iter().filter(|(label, _)| label.contains('/')).count() * 2 > labels.len();
    let mut orders = Order::ALL;
    // With slashes the month comes first where nothing decides, as it does in ISO-like readers.
    if proven == Some(Order::Month) || (proven.is_none() && slashes) {
        orders.swap(0, 1);
    }
    let mut best: Option<(Order, u64)> = None;
    for order in orders {
        let read = labels.iter().filter(|(label, _)| spelled_date::parse(label, order).is_some());
        let found = read.map(|(_, n)| n).sum::<u64>();
        if found > best.map_or(0, |(_, most)| most) {
            best = Some((order, found));
        }
    }
    best
}

/// A time whose day and month change places; as it is when that is no date.
pub(super) fn swapped(micros: f64) -> f64 {
    let spelled = crate::cell::time::spelled(micros as i64);
    let (Some(year), Some(month), Some(day)) = (spelled.get(..4), spelled.get(5..7), spelled.get(8..10)) else {
        return micros;
    };
    let turned = format!("{year}-{day}-{month}{}", spelled.get(10..).unwrap_or_default());
    crate::cell::time::parse(turned.as_bytes()).map_or(micros, |turned| turned as f64)
}
