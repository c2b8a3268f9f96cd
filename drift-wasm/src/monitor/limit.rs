//! The lines that alerts are held to: what the dataset's own past crosses in a given share of windows.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Scores that are kept, at most.
const MOST_SCORES: usize = 2_000;
/// Fewer scores say nothing about a tail: the prior alone decides.
const FEWEST_SCORES: usize = 10;
/// Largest scores that make the tail, at most.
const MOST_IN_TAIL: usize = 30;
/// The share of scores in the tail that the prior stands for.
const PRIOR_SHARE: f64 = 0.1;
/// How many excesses the prior's scale weighs.
const PRIOR_EXCESSES: f64 = 5.0;

/// Past scores of a monitor, one per judged window without an open alert: the largest over all of its columns.
///
/// Scores are maxima over columns, so the number of columns and their correlation are in the line already.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores(VecDeque<f64>);

/// What is known of a tail before there are scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Where the tail begins.
    pub threshold: f64,
    /// Its mean excess.
    pub scale: f64,
    /// How many windows it weighs.
    pub weight: f64,
}

/// The share of windows that may cross a line, above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level(pub f64);

/// An exponential tail above a threshold, and the line it gives at a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    threshold: f64,
    scale: f64,
    share: f64,
    /// The score to cross.
    pub limit: f64,
}

impl Scores {
    /// Keeps a score; the oldest goes when there are too many.
    pub fn push(&mut self, score: f64) {
        self.0.push_back(score);
        if self.0.len() > MOST_SCORES {
            self.0.pop_front();
        }
    }

    /// The line that these scores cross in a share `level` of windows.
    ///
    /// The threshold is the score above which a tenth of the scores lie (at most 30); their mean excess is the scale of
    /// an exponential tail. Both are drawn towards the prior while scores are few.
    pub fn line(&self, prior: Prior, level: Level) -> Line {
        let n = self.0.len();
        let (threshold, scale, share) = if n < FEWEST_SCORES {
            (prior.threshold, prior.scale, PRIOR_SHARE)
        } else {
            let mut sorted: Vec<f64> = self.0.iter().copied().collect();
            sorted.sort_by(f64::total_cmp);
            let k = (n / 10).min(MOST_IN_TAIL);
            let (count, in_tail) = (n as f64, k as f64);
            let share = in_tail / count;
            let quantile = sorted[n - k - 1];
            let excess: f64 = sorted[n - k..].iter().map(|score| score - quantile).sum();
            let expected = prior.threshold + prior.scale * libm::log(PRIOR_SHARE / share);
            let threshold = (count * quantile + prior.weight * expected) / (count + prior.weight);
            let scale = (excess + PRIOR_EXCESSES * prior.scale) / (in_tail + PRIOR_EXCESSES);
            (threshold, scale, share)
        };
        let limit = threshold + scale * libm::log(share / level.0).max(0.0);
        Line { threshold, scale, share, limit }
    }
}

impl Line {
    /// The share of windows expected to score higher; `None` below the tail, where nothing is claimed.
    pub fn chance(&self, score: f64) -> Option<f64> {
        (score > self.threshold).then(|| self.share * libm::exp(-(score - self.threshold) / self.scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Prior = Prior { threshold: 3.0, scale: 1.2, weight: 20.0 };

    #[test]
    fn without_scores_the_prior_decides() {
        let line = Scores::default().line(PRIOR, Level(0.0005));
        assert!((line.limit - (3.0 + 1.2 * libm::log(200.0))).abs() < 1e-12);
        assert_eq!(line.chance(3.0), None);
        let chance = line.chance(line.limit).expect("within the tail");
        assert!((chance - 0.0005).abs() < 1e-12, "the limit is crossed at its level: {chance}");
    }

    #[test]
    fn quiet_scores_bring_the_line_down_and_loud_ones_up() {
        let of = |score: f64| {
            let mut scores = Scores::default();
            (0..200).for_each(|_| scores.push(score));
            scores.line(PRIOR, Level(0.0005)).limit
        };
        let unknown = Scores::default().line(PRIOR, Level(0.0005)).limit;
        assert!(of(0.0) < unknown && unknown < of(12.0));
    }

    #[test]
    fn only_the_last_scores_are_kept() {
        let mut scores = Scores::default();
        (0..MOST_SCORES + 5).for_each(|n| scores.push(n as f64));
        assert_eq!((scores.0.len(), scores.0[0]), (MOST_SCORES, 5.0));
    }
}
