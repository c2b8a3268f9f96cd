//! A column's labels with their counts, and the 2×K table that categorical metrics are computed from.

use serde::{Deserialize, Serialize};

/// Labels with their row counts, sorted by label (code points).
///
/// Exact up to the cap. Above it the rarest were folded into `n_other`, each count may be short by at most
/// `count_error` rows, and `n_distinct` is an estimate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Categories {
    /// Label and rows, sorted by label.
    pub entries: Vec<(String, u64)>,
    /// Rows whose label is not held.
    pub n_other: u64,
    /// Number of distinct labels.
    pub n_distinct: u64,
    /// The most that a held count can be short, in rows; 0 when exact.
    pub count_error: u64,
}

impl Categories {
    /// Rows in all.
    pub fn n(&self) -> u64 {
        self.entries.iter().map(|(_, n)| n).sum::<u64>() + self.n_other
    }

    /// Whether every label is held with its true count.
    pub fn is_exact(&self) -> bool {
        self.n_other == 0 && self.count_error == 0
    }
}

/// Counts of both sides over the union of labels, sorted by label; rows not held stand under `None`, last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contingency {
    /// The label, `None` for "other".
    pub labels: Vec<Option<String>>,
    /// Reference rows for each label.
    pub reference: Vec<u64>,
    /// Current rows for each label.
    pub current: Vec<u64>,
}

impl Contingency {
    /// The table of two columns; a label absent on one side counts 0 there.
    pub fn of(reference: &Categories, current: &Categories) -> Self {
        let mut table = Self::default();
        let (mut a, mut b) = (reference.entries.iter().peekable(), current.entries.iter().peekable());
        loop {
            let order = match (a.peek(), b.peek()) {
                (Some((x, _)), Some((y, _))) => x.cmp(y),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => break,
            };
            let left = if order.is_le() { a.next() } else { None };
            let right = if order.is_ge() { b.next() } else { None };
            let label = left.or(right).map(|(label, _)| label.clone());
            table.labels.push(label);
            table.reference.push(left.map_or(0, |(_, n)| *n));
            table.current.push(right.map_or(0, |(_, n)| *n));
        }
        if reference.n_other + current.n_other > 0 {
            table.labels.push(None);
            table.reference.push(reference.n_other);
            table.current.push(current.n_other);
        }
        table
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Reference rows in all.
    pub fn n_reference(&self) -> u64 {
        self.reference.iter().sum()
    }

    /// Current rows in all.
    pub fn n_current(&self) -> u64 {
        self.current.iter().sum()
    }
}
