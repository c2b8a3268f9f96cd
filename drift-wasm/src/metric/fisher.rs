//! Fisher's exact test of a 2×2 table.

use crate::metric::Metric;
use crate::metric::chi_square::cells_of;
use crate::metric::empty_reason;
use crate::metric::special::hypergeometric_density;
use crate::profile::Contingency;

/// Two tables this close in probability are a tie.
const TIE: f64 = 1.0 + 1e-11;

/// Fisher's exact test: both sides' shares of two labels, exact at every size.
///
/// `p_value` is the probability of all tables with these margins that are no likelier than the observed one.
/// Conservative. Undefined when a side is empty or there are more than two labels; one label only gives p = 1.
/// Same as `scipy.stats.fisher_exact` (two-sided).
pub fn fisher_exact(table: &Contingency) -> Metric {
    let (n1, n2) = (table.n_reference(), table.n_current());
    if n1 == 0 || n2 == 0 {
        return Metric::undefined(empty_reason(n1 == 0));
    }
    match cells_of(table)[..] {
        [_] => p_only(1.0),
        [(a, b), (c, d)] => p_only(fisher_p(a, c, b, d).0),
        _ => Metric::undefined("needs exactly two labels"),
    }
}

fn p_only(p_value: f64) -> Metric {
    Metric { p_value: Some(p_value), ..Metric::default() }
}

/// Two-sided p-value of `[[a, b], [c, d]]`, and the same with the observed probability counted half (mid-p).
pub(crate) fn fisher_p(a: u64, b: u64, c: u64, d: u64) -> (f64, f64) {
    let margins = Margins { drawn: a + b, marked: a + c, total: a + b + c + d };
    let (first, last) = margins.support();
    if first == last {
        return (1.0, 1.0);
    }
    let observed = margins.density(a);
    let mode = margins.mode().clamp(first, last);
    let (p, ties) = if margins.density(mode) <= observed * TIE {
        (1.0, observed)
    } else if a < mode {
        let other = margins.first_unlikely_above(mode, last, observed);
        let far = other.map_or(0.0, |k| margins.tail_up(k, last));
        (margins.tail_down(a, first) + far, observed)
    } else {
        let other = margins.first_unlikely_below(mode, first, observed);
        let far = other.map_or(0.0, |k| margins.tail_down(k, first));
        (margins.tail_up(a, last) + far, observed)
    };
    let p = p.min(1.0);
    (p, (p - ties / 2.0).max(0.0))
}

/// The margins that all compared tables share.
#[derive(Debug, Clone, Copy)]
struct Margins {
    drawn: u64,
    marked: u64,
    total: u64,
}

impl Margins {
    fn support(&self) -> (u64, u64) {
        let unmarked = self.total - self.marked;
        (self.drawn.saturating_sub(unmarked), self.drawn.min(self.marked))
    }

    fn mode(&self) -> u64 {
        let numerator = (u128::from(self.drawn) + 1) * (u128::from(self.marked) + 1);
        (numerator / (u128::from(self.total) + 2)) as u64
    }

    fn density(&self, k: u64) -> f64 {
        hypergeometric_density(k, self.drawn, self.marked, self.total)
    }

    /// Density at `k + 1` over that at `k`.
    fn step_up(&self, k: u64) -> f64 {
        let above = (self.marked - k) as f64 * (self.drawn - k) as f64;
        let rest = (self.total - self.marked + k + 1 - self.drawn) as f64;
        above / ((k + 1) as f64 * rest)
    }

    /// Probability of `k` and less, for `k` below the mode.
    fn tail_down(&self, k: u64, first: u64) -> f64 {
        let (mut ratio, mut sum, mut at) = (1.0, 1.0, k);
        while at > first {
            at -= 1;
            ratio /= self.step_up(at);
            sum += ratio;
            if ratio < sum * 1e-17 {
                break;
            }
        }
        self.density(k) * sum
    }

    /// Probability of `k` and more, for `k` above the mode.
    fn tail_up(&self, k: u64, last: u64) -> f64 {
        let (mut ratio, mut sum, mut at) = (1.0, 1.0, k);
        while at < last {
            ratio *= self.step_up(at);
            at += 1;
            sum += ratio;
            if ratio < sum * 1e-17 {
                break;
            }
        }
        self.density(k) * sum
    }

    fn first_unlikely_above(&self, mode: u64, last: u64, observed: f64) -> Option<u64> {
        if self.density(last) > observed * TIE {
            return None;
        }
        let (mut likely, mut unlikely) = (mode, last);
        while unlikely - likely > 1 {
            let middle = likely + (unlikely - likely) / 2;
            if self.density(middle) > observed * TIE {
                likely = middle;
            } else {
                unlikely = middle;
            }
        }
        Some(unlikely)
    }

    fn first_unlikely_below(&self, mode: u64, first: u64, observed: f64) -> Option<u64> {
        if self.density(first) > observed * TIE {
            return None;
        }
        let (mut likely, mut unlikely) = (mode, first);
        while likely - unlikely > 1 {
            let middle = unlikely + (likely - unlikely) / 2;
            if self.density(middle) > observed * TIE {
                likely = middle;
            } else {
                unlikely = middle;
            }
        }
        Some(unlikely)
    }
}
