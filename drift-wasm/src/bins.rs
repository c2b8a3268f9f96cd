//! Bins for numbers, made from the reference alone and kept with its profile.
//!
//! Tenths of the reference, so that an outlier in current cannot stretch them; a value that a tenth of the rows share
//! has a bin of its own; both ends are open, so every number has a bin.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::profile::Sample;

/// How many bins of equal share the reference is cut into.
const N_BINS: u64 = 10;

/// Where one bin ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The value.
    pub at: f64,
    /// Whether the value itself belongs to the bin below (`<= at`) or above (`< at`).
    pub belongs_below: bool,
}

/// Bins over all numbers, in ascending order: one more than there are cuts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bins {
    /// The cuts, ascending; at one value at most one cut below it and one above it.
    pub cuts: Vec<Cut>,
}

impl Bins {
    /// Bins from the reference's rows; one bin for everything when it is empty.
    ///
    /// A value with at least a tenth of the rows has a bin of its own, with bins for what lies between two such values
    /// even when the reference has nothing there. Other rows are cut at the value where each further tenth is
    /// complete; tenths that end in one value are one bin. From a compacted sample the tenths are off by its
    /// `share_error` at most.
    pub fn of(reference: &Sample) -> Self {
        let n = reference.n();
        let mut bins = Self::default();
        if n == 0 {
            return bins;
        }
        // A run of a tenth of the rows covers a rank that is a multiple of its length.
        let heavy_from = n.div_ceil(N_BINS);
        let mut start = 0;
        for rank in (0..n).step_by(heavy_from as usize) {
            let value = reference.at_rank(rank);
            let (below, end) = (reference.n_below(value), reference.n_at_most(value));
            if end > start && end - below >= heavy_from {
                bins.cut_stretch(reference, start..below);
                bins.cut(value, false);
                bins.cut(value, true);
                start = end;
            }
        }
        bins.cut_stretch(reference, start..n);
        bins
    }

    /// Cuts neighbouring rows without a heavy value among them into about as many parts as they hold tenths.
    fn cut_stretch(&mut self, reference: &Sample, ranks: Range<u64>) {
        let wide = u128::from;
        let (rows, n) = (ranks.end - ranks.start, reference.n());
        let parts = (wide(rows) * wide(N_BINS) * 2 + wide(n)) / (2 * wide(n));
        let parts = parts.clamp(1, wide(N_BINS));
        let mut part = 1;
        while part < parts {
            let rows_complete = (wide(rows) * part).div_ceil(parts).max(1) as u64;
            if ranks.start + rows_complete > ranks.end {
                return;
            }
            let value = reference.at_rank(ranks.start + rows_complete - 1);
            let seen = reference.n_at_most(value) - ranks.start;
            if seen >= rows {
                return;
            }
            self.cut(value, true);
            while part < parts && wide(seen) * parts >= wide(rows) * part {
                part += 1;
            }
        }
    }

    fn cut(&mut self, at: f64, belongs_below: bool) {
        self.cuts.push(Cut { at, belongs_below });
    }

    /// Number of bins, at least 1.
    pub fn len(&self) -> usize {
        self.cuts.len() + 1
    }

    /// Never: there is always a bin.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Whether cuts ascend, as they do in bins that were made here and not by a stranger.
    pub fn is_valid(&self) -> bool {
        self.cuts.iter().all(|cut| cut.at.is_finite())
            && self.cuts.windows(2).all(|pair| {
                pair[0].at < pair[1].at || (pair[0].at == pair[1].at && !pair[0].belongs_below && pair[1].belongs_below)
            })
    }

    /// Rows of a sample in each bin; they add up to its rows.
    pub fn counts(&self, sample: &Sample) -> Vec<u64> {
        let values = sample.values();
        let mut counts = Vec::with_capacity(self.len());
        let mut start = 0;
        let mut take = |end: usize| {
            let end = end.max(start);
            counts.push(match sample.weights() {
                None => (end - start) as u64,
                Some(weights) => weights[start..end].iter().sum(),
            });
            start = end;
        };
        for cut in &self.cuts {
            take(values.partition_point(|value| *value < cut.at || (cut.belongs_below && *value == cut.at)));
        }
        take(values.len());
        counts
    }

    /// The bins, in ascending order.
    ///
    /// "10 to 20" does not hold 10 and holds 20, unless 20 has a bin of its own.
    pub fn intervals(&self) -> impl Iterator<Item = Interval> {
        (0..self.len()).map(|index| Interval {
            from: index.checked_sub(1).map(|i| self.cuts[i]),
            to: self.cuts.get(index).copied(),
        })
    }
}

/// The numbers of one bin: those between two cuts. In words `≤ 10`, `10 to 20`, `= 0`, `> 20`, `all`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Where it begins; `None` when nothing is below it.
    pub from: Option<Cut>,
    /// Where it ends; `None` when nothing is above it.
    pub to: Option<Cut>,
}

impl Interval {
    /// Both ends in words, when it has two that differ.
    pub fn ends(self) -> Option<(String, String)> {
        let (from, to) = self.from.zip(self.to)?;
        (from.at != to.at).then(|| (number(from.at), number(to.at)))
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (None, None) => f.write_str("all"),
            (None, Some(to)) if to.belongs_below => write!(f, "≤ {}", number(to.at)),
            (None, Some(to)) => write!(f, "< {}", number(to.at)),
            (Some(from), None) if from.belongs_below => write!(f, "> {}", number(from.at)),
            (Some(from), None) => write!(f, "≥ {}", number(from.at)),
            (Some(from), Some(to)) if from.at == to.at => write!(f, "= {}", number(to.at)),
            (Some(from), Some(to)) => write!(f, "{} to {}", number(from.at), number(to.at)),
        }
    }
}

/// A cut in the fewest digits that tell it from every other number; an exponent where those would be many.
fn number(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) { format!("{x:e}") } else { format!("{x}") }
}
