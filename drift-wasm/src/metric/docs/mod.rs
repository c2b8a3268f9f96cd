//! What each metric means, for the docs, the page and every rendering.

mod distance;
mod mix;
mod share;
mod test;

use std::fmt;

use crate::metric::{Metric, MetricId};

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Grows with drift, 0 for none.
    Distance,
    /// A statistic with a p-value, which shrinks with drift.
    Test,
    /// A share of rows, or a change of one.
    Share,
}

/// Which way a number goes when drift grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Drift makes it larger: a distance.
    Grows,
    /// Drift makes it smaller: a p-value.
    Shrinks,
}

impl MetricKind {
    /// Which way the number goes by which the metric is read: the distance or the share, of a test its p-value.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Distance | Self::Share => Direction::Grows,
            Self::Test => Direction::Shrinks,
        }
    }
}

/// Values that a metric can take, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Nothing is smaller; `-∞` for no limit.
    pub low: f64,
    /// Nothing is larger; `∞` for no limit.
    pub high: f64,
    /// The unit, or what else limits it; empty when there is nothing to say.
    pub unit: &'static str,
}

impl Range {
    const fn share(unit: &'static str) -> Self {
        Self { low: 0.0, high: 1.0, unit }
    }

    const fn up(unit: &'static str) -> Self {
        Self { low: 0.0, high: f64::INFINITY, unit }
    }

    const fn any(unit: &'static str) -> Self {
        Self { low: f64::NEG_INFINITY, high: f64::INFINITY, unit }
    }

    /// Whether `value` lies in it, up to what rounding does to a sum.
    pub fn contains(&self, value: f64) -> bool {
        const ROUNDING: f64 = 1e-12;
        (self.low - ROUNDING..=self.high + ROUNDING).contains(&value)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low = || self.low.to_string().replace('-', "−");
        match (self.low.is_finite(), self.high.is_finite()) {
            (_, true) => write!(f, "{} to {}", low(), self.high)?,
            (true, false) => write!(f, "{} and up", low())?,
            (false, false) => f.write_str("any number")?,
        }
        if self.unit.is_empty() { Ok(()) } else { write!(f, ", {}", self.unit) }
    }
}

/// One metric in words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricDoc {
    /// Which metric; its name is the key in a report's `metrics`.
    pub id: MetricId,
    /// Name for people.
    pub title: &'static str,
    /// Name where there is little room: `D`, `TVD`.
    pub short: &'static str,
    /// Name within a sentence: `total variation`.
    pub phrase: &'static str,
    /// Kind of number.
    pub kind: MetricKind,
    /// Formula; p and F are the reference, q and G current.
    pub formula: &'static str,
    /// Values that [`Metric::value`] takes.
    pub range: Range,
    /// When a side has no value.
    pub empty: &'static str,
    /// When a column is constant.
    pub constant: &'static str,
    /// When no value occurs on both sides.
    pub disjoint: &'static str,
    /// Where it comes from, and what it agrees with.
    pub source: &'static str,
    /// When not to trust it.
    pub limits: &'static str,
}

impl MetricDoc {
    /// The key in a report's `metrics`.
    pub const fn name(&self) -> &'static str {
        self.id.as_str()
    }
}

impl Metric {
    /// Its number: the distance, else the statistic, else the p-value. `None` when it is undefined.
    pub fn value(&self) -> Option<f64> {
        self.distance.or(self.statistic).or(self.p_value)
    }
}

const PAGES: [&[MetricDoc]; 4] = [distance::PAGES, test::PAGES, mix::PAGES, share::PAGES];

/// Every metric, distances first, the usual ones before the others.
pub fn all() -> impl Iterator<Item = &'static MetricDoc> {
    PAGES.into_iter().flatten()
}

/// The page of a metric by name; `None` when there is no such metric.
pub fn doc(name: &str) -> Option<&'static MetricDoc> {
    MetricId::from_word(name).map(MetricId::doc)
}

/// Each metric has one page: checked when this is compiled.
const _: () = {
    let mut n_pages = [0; MetricId::ALL.len()];
    let mut part = 0;
    while part < PAGES.len() {
        let mut page = 0;
        while page < PAGES[part].len() {
            n_pages[PAGES[part][page].id as usize] += 1;
            page += 1;
        }
        part += 1;
    }
    let mut metric = 0;
    while metric < n_pages.len() {
        assert!(n_pages[metric] == 1, "a metric has no page, or two");
        metric += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_like_words() {
        assert_eq!(Range::share("").to_string(), "0 to 1");
        assert_eq!(Range::up("in nats").to_string(), "0 and up, in nats");
        assert_eq!(Range { low: -1.5, ..Range::up("") }.to_string(), "−1.5 and up");
        assert_eq!(Range::any("").to_string(), "any number");
        assert!(Range::share("").contains(1.0) && !Range::share("").contains(1.1));
    }
}
