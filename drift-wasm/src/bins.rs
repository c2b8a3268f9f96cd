//! Bins for numbers, made from the reference alone and kept with its profile.
//!
//! Tenths of the reference, so that an outlier in current cannot stretch them; a value that a tenth of the rows share
//! has a bin of its own; both ends are open, so every number has a bin.

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
        let mut stretch: Vec<(f64, u64)> = Vec::new();
        for (value, count) in reference.runs() {
            if u128::from(count) * u128::from(N_BINS) >= u128::from(n) {
                bins.cut_stretch(&stretch, n);
                stretch.clear();
                bins.cut(value, false);
                bins.cut(value, true);
            } else {
                stretch.push((value, count));
            }
        }
        bins.cut_stretch(&stretch, n);
        bins
    }

    /// Cuts neighbouring values without a heavy one among them into about as many parts as they hold tenths.
    fn cut_stretch(&mut self, stretch: &[(f64, u64)], n: u64) {
        let rows: u64 = stretch.iter().map(|(_, count)| count).sum();
        let parts = (u128::from(rows) * u128::from(N_BINS) * 2 + u128::from(n)) / (2 * u128::from(n));
        let parts = (parts.clamp(1, u128::from(N_BINS))) as u64;
        let (mut seen, mut part) = (0, 1);
        for (index, (value, count)) in stretch.iter().enumerate() {
            seen += count;
            let complete = u128::from(seen) * u128::from(parts) >= u128::from(rows) * u128::from(part);
            if part < parts && complete && index + 1 < stretch.len() {
                self.cut(*value, true);
                while part < parts && u128::from(seen) * u128::from(parts) >= u128::from(rows) * u128::from(part) {
                    part += 1;
                }
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
