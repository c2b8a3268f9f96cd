//! Collects numbers: every one up to a limit, a certified summary above it.

use crate::profile::sample::{Moments, Sample};
use crate::profile::sort::sort;

/// Finite numbers as they arrive. Exact up to `limit`; above it pairs of neighbours are replaced by one of them.
///
/// Compaction is deterministic (Manku, Rajagopalan and Lindsay 1998, with alternating instead of random choice) and adds
/// up its worst rank error and the distance over which it moved values, so that what is computed from the summary can
/// be given with a certified half-width.
#[derive(Debug, Clone)]
pub struct Quantiles {
    limit: usize,
    /// `levels[h]` holds values that stand for `2^h` rows each; all but the first are sorted.
    levels: Vec<Vec<f64>>,
    /// Whether the next compaction of a level keeps the upper of each pair.
    upper: Vec<bool>,
    rank_error: u64,
    moved: f64,
    /// Moments of all rows, kept from the first compaction on.
    moments: Option<Moments>,
    min: f64,
    max: f64,
}

impl Quantiles {
    /// An empty summary that holds at most `limit` values (at least 64).
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(64),
            levels: vec![Vec::new()],
            upper: vec![false],
            rank_error: 0,
            moved: 0.0,
            moments: None,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Makes room for `n` values in all, as far as they would be held.
    pub fn expect(&mut self, n: usize) {
        let values = &mut self.levels[0];
        values.reserve_exact(n.min(self.limit).saturating_sub(values.len()));
    }

    /// Adds the finite values of one block, in order.
    pub fn extend(&mut self, values: &[f64]) {
        if values.is_empty() {
            return;
        }
        if let Some(moments) = &mut self.moments {
            *moments = moments.merge(Moments::of(values));
        } else if self.n_held() + values.len() > self.limit {
            // They cannot be told any more once there is a compaction.
            self.moments = Some(Moments::of(&self.levels[0]).merge(Moments::of(values)));
        }
        let mut rest = values;
        while !rest.is_empty() {
            let room = self.limit - self.n_held().min(self.limit);
            if room == 0 {
                self.compact();
                continue;
            }
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.levels[0].extend_from_slice(now);
            rest = later;
        }
    }

    /// Adds everything of a sealed sample.
    pub fn absorb(&mut self, sample: &Sample) {
        let Some(weights) = sample.weights() else {
            self.extend(sample.values());
            return;
        };
        let own = self.moments.unwrap_or_else(|| Moments::of(&self.levels[0]));
        self.moments = Some(own.merge(sample.moments()));
        self.rank_error += sample.rank_error();
        self.moved += sample.transport_error() * sample.n() as f64;
        for (value, weight) in sample.values().iter().zip(weights) {
            // A weight is a sum of powers of two when equal values were joined.
            let mut weight = *weight;
            while weight > 0 {
                let level = weight.trailing_zeros() as usize;
                self.grow_to(level);
                self.levels[level].push(*value);
                weight &= weight - 1;
            }
        }
        self.levels[1..].iter_mut().for_each(|level| sort(level));
        while self.n_held() > self.limit {
            self.compact();
        }
    }

    /// Values held.
    pub fn n_held(&self) -> usize {
        self.levels.iter().map(Vec::len).sum()
    }

    fn grow_to(&mut self, level: usize) {
        while self.levels.len() <= level {
            self.levels.push(Vec::new());
            self.upper.push(false);
        }
    }

    /// Halves the fullest level into the next.
    fn compact(&mut self) {
        let level = (0..self.levels.len()).max_by_key(|level| (self.levels[*level].len(), usize::MAX - level));
        let Some(level) = level.filter(|level| self.levels[*level].len() > 1) else {
            return;
        };
        self.grow_to(level + 1);
        let mut values = std::mem::take(&mut self.levels[level]);
        if level == 0 {
            sort(&mut values);
            self.note_range(&values);
        }
        let odd = if values.len() % 2 == 1 { values.pop() } else { None };
        let keep = usize::from(self.upper[level]);
        self.upper[level] = !self.upper[level];
        let weight = 1_u64 << level;
        let mut n_moved = 0.0;
        let kept: Vec<f64> = values
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| {
                n_moved += pair[1] - pair[0];
                pair[keep]
            })
            .collect();
        values.clear();
        values.extend(odd);
        self.levels[level] = values;
        self.rank_error += weight;
        self.moved += n_moved * weight as f64;
        let above = std::mem::take(&mut self.levels[level + 1]);
        self.levels[level + 1] = merge(above, kept, |value| *value);
    }

    fn note_range(&mut self, sorted: &[f64]) {
        if let (Some(first), Some(last)) = (sorted.first(), sorted.last()) {
            self.min = self.min.min(*first);
            self.max = self.max.max(*last);
        }
    }

    /// The ends are known exactly: the outermost rows get their values back, from the nearest item that can spare a row.
    fn restore_ends(&mut self, items: &mut Vec<(f64, u64)>) {
        let spare = |item: &&mut (f64, u64)| item.1 > 1;
        if items.first().is_some_and(|(value, _)| *value != self.min)
            && let Some(item) = items.iter_mut().find(spare)
        {
            item.1 -= 1;
            self.moved += item.0 - self.min;
            self.rank_error += 1;
            items.insert(0, (self.min, 1));
        }
        if items.last().is_some_and(|(value, _)| *value != self.max)
            && let Some(item) = items.iter_mut().rev().find(spare)
        {
            item.1 -= 1;
            self.moved += self.max - item.0;
            self.rank_error += 1;
            items.push((self.max, 1));
        }
    }

    /// Ends collecting: the sorted sample.
    pub fn seal(mut self) -> Sample {
        if self.levels.len() == 1 {
            let mut values = std::mem::take(&mut self.levels[0]);
            sort(&mut values);
            values.shrink_to_fit();
            return Sample::from_sorted(values);
        }
        let mut levels = std::mem::take(&mut self.levels);
        sort(&mut levels[0]);
        levels.iter().for_each(|level| self.note_range(level));
        let mut items = weighed(levels);
        items.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        self.restore_ends(&mut items);
        let (values, weights): (Vec<f64>, Vec<u64>) = items.into_iter().unzip();
        let n: u64 = weights.iter().sum();
        let transport = self.moved / n.max(1) as f64;
        Sample::compacted(values, weights, self.rank_error, transport, self.moments.unwrap_or_default())
    }
}

/// All levels, each sorted, as one list in order of value; each value with the rows it stands for.
fn weighed(levels: Vec<Vec<f64>>) -> Vec<(f64, u64)> {
    let mut all = Vec::new();
    // The shortest first: what was merged is walked again for each level.
    let mut levels: Vec<(usize, Vec<f64>)> = levels.into_iter().enumerate().collect();
    levels.sort_unstable_by_key(|(_, values)| values.len());
    for (level, values) in levels {
        let new = values.into_iter().map(|value| (value, 1_u64 << level)).collect();
        all = merge(all, new, |item: &(f64, u64)| item.0);
    }
    all
}

/// Merges two sorted lists.
fn merge<T: Copy>(left: Vec<T>, right: Vec<T>, value: impl Fn(&T) -> f64) -> Vec<T> {
    if left.is_empty() || right.is_empty() {
        return if left.is_empty() { right } else { left };
    }
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut a, mut b) = (left.as_slice(), right.as_slice());
    while let (Some(x), Some(y)) = (a.first(), b.first()) {
        // Which side is taken cannot be foretold, so nothing branches on it.
        let is_left = value(x) <= value(y);
        merged.push(if is_left { *x } else { *y });
        a = &a[usize::from(is_left)..];
        b = &b[usize::from(!is_left)..];
    }
    merged.extend_from_slice(a);
    merged.extend_from_slice(b);
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rank_of(sorted: &[f64], x: f64) -> u64 {
        sorted.partition_point(|value| *value <= x) as u64
    }

    fn collect(values: &[f64], limit: usize, block: usize) -> Sample {
        let mut quantiles = Quantiles::new(limit);
        values.chunks(block).for_each(|block| quantiles.extend(block));
        quantiles.seal()
    }

    #[test]
    fn moments_are_kept_when_a_block_ends_just_at_the_limit() {
        let values: Vec<f64> = (0..65).map(f64::from).collect();
        let sample = collect(&values, 64, 64);
        assert!(sample.weights().is_some(), "it was compacted");
        assert_eq!(sample.moments(), collect(&values, 64, 63).moments());
        assert_eq!((sample.moments().n, sample.moments().mean), (65, 32.0));
    }

    proptest! {
        #[test]
        fn ranks_are_within_the_certified_error(values in proptest::collection::vec(-1e6..1e6_f64, 1..3000), block in 1..500_usize) {
            let sample = collect(&values, 64, block);
            let mut sorted = values.clone();
            sort(&mut sorted);
            prop_assert_eq!(sample.n(), values.len() as u64);
            prop_assert_eq!(sample.min(), sorted.first().copied());
            prop_assert_eq!(sample.max(), sorted.last().copied());
            for x in &sorted {
                let off = sample.n_at_most(*x).abs_diff(rank_of(&sorted, *x));
                prop_assert!(off <= sample.rank_error(), "rank of {x} is off by {off}, certified {}", sample.rank_error());
            }
        }

        #[test]
        fn under_the_limit_a_merge_is_the_whole(a in proptest::collection::vec(-1e3..1e3_f64, 0..200), b in proptest::collection::vec(-1e3..1e3_f64, 0..200)) {
            let mut merged = Quantiles::new(1000);
            merged.absorb(&collect(&a, 1000, 7));
            merged.absorb(&collect(&b, 1000, 7));
            prop_assert_eq!(merged.seal(), collect(&[a, b].concat(), 1000, 50));
        }

        #[test]
        fn above_the_limit_a_merge_is_within_the_certified_error(a in proptest::collection::vec(-1e3..1e3_f64, 1..900), b in proptest::collection::vec(-1e3..1e3_f64, 1..900)) {
            let mut merged = Quantiles::new(64);
            merged.absorb(&collect(&a, 64, 7));
            merged.absorb(&collect(&b, 64, 7));
            let merged = merged.seal();
            let mut sorted = [a, b].concat();
            sort(&mut sorted);
            for x in &sorted {
                prop_assert!(merged.n_at_most(*x).abs_diff(rank_of(&sorted, *x)) <= merged.rank_error());
            }
            let exact = Sample::from_sorted(sorted);
            let scale = 1.0 + exact.moments().sum_of_squares;
            prop_assert!((merged.moments().sum_of_squares - exact.moments().sum_of_squares).abs() < 1e-9 * scale);
        }
    }
}
