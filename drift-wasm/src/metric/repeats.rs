//! How many rows repeat the value of an earlier one.

use std::collections::BTreeMap;

use crate::metric::Metric;
use crate::metric::special::normal_upper;

/// Values by how often they occur: times → number of values.
pub type Frequencies = BTreeMap<u64, u64>;

/// Relative standard error of an estimated number of distinct values, each side.
const ESTIMATE_ERROR: f64 = 0.016_3;
/// Weights below this part of the largest one change nothing.
const NEGLIGIBLE: f64 = 1e-14;

/// Change of the share of rows that repeat an earlier value, at the size of the smaller side, with its p-value.
///
/// A larger sample repeats more by nature, so the larger side is looked at as a random sample of the smaller one's
/// size (rarefaction; Hurlbert 1971). p-value: were the rows of both sides dealt out by chance, how far would the two
/// shares differ? The mean is exact for rows dealt one by one, the variance allows for the fixed sizes (Holst 1979),
/// and the distribution is taken as normal. 1 when the shares are equal. `pooled` counts values over both sides.
/// `distance` is 0–1 and the change without its sign; undefined when a side has no value.
pub fn duplicate_share(reference: &Frequencies, current: &Frequencies, pooled: &Frequencies) -> Metric {
    let n_rows = |of: &Frequencies| of.iter().map(|(times, values)| times * values).sum::<u64>();
    let (n, m) = (n_rows(reference), n_rows(current));
    if n == 0 || m == 0 {
        return Metric::undefined(crate::metric::empty_reason(n == 0));
    }
    let size = n.min(m);
    let (before, after) = (repeated_at(reference, n, size), repeated_at(current, m, size));
    let (mut mean, mut variance, mut with_rows, mut of_rows) = (0.0, 0.0, 0.0, 0.0);
    for (times, values) in pooled {
        let dealt = Dealt::of(*times, n as f64, m as f64);
        let values = *values as f64;
        mean += values * dealt.mean;
        variance += values * dealt.variance;
        with_rows += values * dealt.with_rows;
        of_rows += values * dealt.of_rows;
    }
    let variance = variance - with_rows * with_rows / of_rows;
    let observed = repeated_at(current, m, m) - repeated_at(reference, n, n);
    let p_value = if after.total_cmp(&before).is_ne() && variance > 0.0 {
        (2.0 * normal_upper(((observed - mean) / variance.sqrt()).abs())).min(1.0)
    } else {
        1.0
    };
    Metric::distance_test((after - before).abs(), p_value).with_detail(in_words(before, after, n.max(m) > size))
}

/// [`duplicate_share`] from estimated numbers of distinct values: `(rows, distinct values)` of each side.
///
/// Only what neither a finite population of values nor rows repeated as before would explain counts, and the p-value
/// is that of the estimates' own error, so this finds less.
pub fn duplicate_share_estimated(reference: (u64, u64), current: (u64, u64)) -> Metric {
    let ((n, k), (m, l)) = (reference, current);
    if n == 0 || m == 0 {
        return Metric::undefined(crate::metric::empty_reason(n == 0));
    }
    let share = |rows: u64, distinct: f64| (1.0 - distinct / rows as f64).clamp(0.0, 1.0);
    let (before, after) = (share(n, k as f64), share(m, l as f64));
    let population = population_of(n as f64, k as f64);
    let expected = share(m, distinct_of(population, m as f64));
    let (low, high) = (before.min(expected), before.max(expected));
    let effect = if after > high { after - high } else { (low - after).max(0.0) };
    let p_value = (2.0 * normal_upper(effect / (std::f64::consts::SQRT_2 * ESTIMATE_ERROR))).min(1.0);
    Metric::distance_test(effect, p_value).with_detail(in_words(before, after, false))
}

fn in_words(before: f64, after: f64, is_smaller: bool) -> String {
    let share = |share: f64| crate::format::percent(share);
    let at = if is_smaller { ", at the size of the smaller side" } else { "" };
    format!("rows that repeat a value: {} → {}{at}", share(before), share(after))
}

/// Share of rows that repeat a value in a random `size` of `n` rows.
fn repeated_at(of: &Frequencies, n: u64, size: u64) -> f64 {
    let part = size as f64 / n as f64;
    let repeated = of.iter().map(|(times, values)| {
        let mut absent = 1.0;
        for taken in 0..*times {
            let left = (n - taken) as f64;
            absent *= (left - size as f64).max(0.0) / left;
            if absent < NEGLIGIBLE {
                absent = 0.0;
                break;
            }
        }
        *values as f64 * (*times as f64 * part - (1.0 - absent))
    });
    (repeated.sum::<f64>() / size as f64).clamp(0.0, 1.0)
}

/// One value's part in "repeats of current minus repeats of the reference" when its rows are dealt out by chance.
struct Dealt {
    mean: f64,
    variance: f64,
    /// Covariance with its rows in the reference, and their variance.
    with_rows: f64,
    of_rows: f64,
}

impl Dealt {
    fn of(times: u64, n: f64, m: f64) -> Self {
        let (p, t) = (n / (n + m), times as f64);
        let of_rows = t * p * (1.0 - p);
        if times < 2 {
            return Self { mean: 0.0, variance: 0.0, with_rows: 0.0, of_rows };
        }
        // The binomial distribution outwards from its middle, so that nothing underflows.
        let middle = libm::floor(t * p).min(t);
        let mut sums = [0.0_f64; 4];
        let mut add = |x: f64, weight: f64| {
            let part = (t - x - 1.0).max(0.0) / m - (x - 1.0).max(0.0) / n;
            let terms = [1.0, part, part * part, part * x];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
        };
        let (mut x, mut weight) = (middle, 1.0);
        while weight > NEGLIGIBLE {
            add(x, weight);
            weight *= (t - x) / (x + 1.0) * (p / (1.0 - p));
            x += 1.0;
        }
        (x, weight) = (middle, 1.0);
        while x > 0.0 {
            weight *= x / (t - x + 1.0) * ((1.0 - p) / p);
            x -= 1.0;
            if weight <= NEGLIGIBLE {
                break;
            }
            add(x, weight);
        }
        let [all, part, square, product] = sums;
        let mean = part / all;
        Self { mean, variance: (square / all - mean * mean).max(0.0), with_rows: product / all - mean * t * p, of_rows }
    }
}

/// Distinct values among `rows` drawn from a population of equally likely values.
fn distinct_of(population: f64, rows: f64) -> f64 {
    -population * libm::expm1(-rows / population)
}

/// The population from which `rows` show `distinct` values; very large when all are distinct.
fn population_of(rows: f64, distinct: f64) -> f64 {
    let (mut low, mut high) = (distinct.max(1.0), 1e15);
    for _ in 0..100 {
        let middle = libm::sqrt(low * high);
        if distinct_of(middle, rows) < distinct {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frequencies(values: &[u64]) -> Frequencies {
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        values.iter().for_each(|value| *counts.entry(*value).or_default() += 1);
        let mut frequencies = Frequencies::new();
        counts.values().for_each(|times| *frequencies.entry(*times).or_default() += 1);
        frequencies
    }

    fn of(reference: &[u64], current: &[u64]) -> Metric {
        let both = [reference, current].concat();
        duplicate_share(&frequencies(reference), &frequencies(current), &frequencies(&both))
    }

    /// A generator of numbers that look random (Steele, Lea and Flood 2014).
    fn random(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn rows_sent_twice_are_found() {
        let reference: Vec<u64> = (0..500).collect();
        let current: Vec<u64> = (1000..1250).chain(1000..1250).collect();
        let metric = of(&reference, &current);
        assert_eq!(metric.distance, Some(0.5));
        assert!(metric.p_value.is_some_and(|p| p < 1e-12), "{metric:?}");
    }

    #[test]
    fn the_same_values_show_no_change() {
        let values: Vec<u64> = (0..300).map(|i| i % 97).collect();
        let metric = of(&values, &values);
        assert_eq!((metric.distance, metric.p_value), (Some(0.0), Some(1.0)));
        assert!(of(&[], &values).undefined.is_some());
    }

    #[test]
    fn unchanged_populations_are_rarely_called_changed() {
        let mut state = 7;
        for (n, m, population) in [(60, 60, 50), (300, 300, 400), (1000, 200, 300), (200, 1000, 5000), (500, 500, 20)] {
            let mut alarms = 0;
            for _ in 0..400 {
                let mut draw = |n: u64| -> Vec<u64> {
                    (0..n).map(|_| random(&mut state) % population * (random(&mut state) % 3 + 1)).collect()
                };
                let (reference, current) = (draw(n), draw(m));
                alarms += u32::from(of(&reference, &current).p_value.is_some_and(|p| p <= 0.05));
            }
            assert!(alarms <= 32, "{n} v {m} of {population}: {alarms} of 400");
        }
    }

    #[test]
    fn estimates_leave_room_for_a_finite_population() {
        let distinct = |rows: f64| libm::round(distinct_of(20_000.0, rows)) as u64;
        let unchanged = duplicate_share_estimated((1_000, distinct(1e3)), (10_000, distinct(1e4)));
        assert!(unchanged.distance.is_some_and(|effect| effect < 0.01), "{unchanged:?}");
        let twice = duplicate_share_estimated((100_000, 99_000), (100_000, 50_000));
        assert!(twice.distance.is_some_and(|effect| effect > 0.4) && twice.p_value.is_some_and(|p| p < 1e-6));
    }
}
