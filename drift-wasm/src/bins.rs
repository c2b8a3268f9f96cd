//! Bins for numbers, made from the reference alone and kept with its profile.
//!
//! Tenths of the reference, so that an outlier in current cannot stretch them; a value that a tenth of the rows share
//! has a bin of its own; both ends are open, so every number has a bin.

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

    /// The bin of a number.
    pub fn index_of(&self, x: f64) -> usize {
        self.cuts.partition_point(|cut| cut.at < x || (cut.at == x && !cut.belongs_below))
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

    /// The bins in words: `≤ 10`, `10 to 20`, `= 0`, `> 20`.
    ///
    /// "10 to 20" does not hold 10 and holds 20, unless 20 has a bin of its own.
    pub fn labels(&self) -> Vec<String> {
        (0..self.len())
            .map(|index| {
                let above = index.checked_sub(1).map(|i| self.cuts[i]);
                label(above, self.cuts.get(index).copied())
            })
            .collect()
    }
}

fn label(from: Option<Cut>, to: Option<Cut>) -> String {
    match (from, to) {
        (None, None) => "all".to_owned(),
        (None, Some(to)) if to.belongs_below => format!("≤ {}", number(to.at)),
        (None, Some(to)) => format!("< {}", number(to.at)),
        (Some(from), None) if from.belongs_below => format!("> {}", number(from.at)),
        (Some(from), None) => format!("≥ {}", number(from.at)),
        (Some(from), Some(to)) if from.at == to.at => format!("= {}", number(to.at)),
        (Some(from), Some(to)) => format!("{} to {}", number(from.at), number(to.at)),
    }
}

/// A cut in the fewest digits that tell it from every other number; an exponent where those would be many.
fn number(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) { format!("{x:e}") } else { format!("{x}") }
}
