//! Sorting a column's numbers: the largest part of a comparison of long columns.

/// Values from which it pays to share them out before they are sorted.
const SHARED_FROM: usize = 4_096;
/// Values of a share, about: so few are sorted by insertion.
const OF_SHARE: usize = 16;
/// Most shares: more would not keep their ends in the nearer caches.
const MOST_SHARES: usize = 1 << 15;

/// Sorts finite doubles ascending and turns `-0.0` into `0.0`.
#[inline(never)]
pub(crate) fn sort(values: &mut [f64]) {
    if values.len() < SHARED_FROM {
        sort_keys(values);
    } else {
        sort_many(values);
    }
}

/// Sorts without sharing out: integers are compared in half the time of numbers.
fn sort_keys(values: &mut [f64]) {
    let mut keys: Vec<u64> = values.iter().map(|value| key(*value)).collect();
    keys.sort_unstable();
    for (value, key) in values.iter_mut().zip(keys) {
        *value = number(key);
    }
}

/// Looks at some values to tell how all are sorted fastest. Decides nothing else.
fn sort_many(values: &mut [f64]) {
    const LOOKED_AT: usize = 512;
    let some: Vec<f64> = values.iter().step_by(values.len() / LOOKED_AT).copied().collect();
    let n_different = |share: &dyn Fn(f64) -> u64| {
        let mut shares: Vec<u64> = some.iter().map(|value| share(*value)).collect();
        shares.sort_unstable();
        shares.dedup();
        shares.len()
    };
    // Values that repeat often are skipped by a sort that compares.
    if n_different(&key) < LOOKED_AT * 3 / 4 {
        return sort_keys(values);
    }
    let (least, most) = ends(values);
    let n_shares = (values.len() / OF_SHARE).min(MOST_SHARES).next_power_of_two();
    // Equal widths suit most columns; equal widths of the logarithm, which the first bits are, suit those with long tails.
    let width = (n_shares as f64 - 0.5) / (most - least);
    let by_value = |value: f64| (((value - least) * width) as usize).min(n_shares - 1);
    let shift = (u64::BITS - (key(least) ^ key(most)).leading_zeros()).saturating_sub(n_shares.ilog2());
    let by_bits = |value: f64| (key(value) >> shift) as usize & (n_shares - 1);
    if n_different(&|value| by_value(value) as u64) > n_different(&|value| by_bits(value) as u64) {
        sort_in_shares(values, n_shares, by_value);
    } else {
        sort_in_shares(values, n_shares, by_bits);
    }
}

/// The least and the greatest value.
fn ends(values: &[f64]) -> (f64, f64) {
    const LANES: usize = 8;
    let (mut least, mut most) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let (whole, rest) = values.as_chunks::<LANES>();
    let lesser = |a: f64, b: f64| if b < a { b } else { a };
    let greater = |a: f64, b: f64| if b > a { b } else { a };
    for values in whole {
        for lane in 0..LANES {
            least[lane] = lesser(least[lane], values[lane]);
            most[lane] = greater(most[lane], values[lane]);
        }
    }
    let least = least.iter().chain(rest).copied().fold(f64::INFINITY, lesser);
    (least, most.iter().chain(rest).copied().fold(f64::NEG_INFINITY, greater))
}

/// Shares values out, then sorts each share. The share of a greater value must not be less.
#[inline]
fn sort_in_shares(values: &mut [f64], n_shares: usize, share: impl Fn(f64) -> usize) {
    let mut ends = vec![0_u32; n_shares];
    for value in values.iter() {
        ends[share(*value)] += 1;
    }
    let mut n_before = 0;
    for end in &mut ends {
        let n = std::mem::replace(end, n_before);
        n_before += n;
    }
    // What stands in `ends` is the next free place of each share, and after the last value its end.
    let mut keys = vec![0_u64; values.len()];
    for value in values.iter() {
        let place = &mut ends[share(*value)];
        keys[*place as usize] = key(*value);
        *place += 1;
    }
    let mut start = 0;
    for end in ends {
        keys[start as usize..end as usize].sort_unstable();
        start = end;
    }
    for (value, key) in values.iter_mut().zip(keys) {
        *value = number(key);
    }
}

/// An integer that orders as the number does.
#[inline(always)]
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    // All bits of a negative number turn, of others the sign alone.
    bits ^ (((bits as i64 >> 63) as u64) | 1 << 63)
}

/// The number of a key; that of `-0.0` is `0.0`.
#[inline(always)]
fn number(key: u64) -> f64 {
    f64::from_bits(key ^ ((!key as i64 >> 63) as u64 | 1 << 63)) + 0.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_sorted(mut values: Vec<f64>) {
        let mut expected = values.clone();
        expected.sort_by(f64::total_cmp);
        expected.iter_mut().for_each(|value| *value += 0.0);
        sort(&mut values);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert!(bits(&values) == bits(&expected));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_numbers_are_sorted(values in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::ZERO, 1..20_000)) {
            assert_sorted(values);
        }

        #[test]
        fn numbers_with_long_tails_are_sorted(exponents in proptest::collection::vec(-300.0..300.0_f64, 5_000..9_000)) {
            assert_sorted(exponents.into_iter().map(|exponent| exponent.signum() * libm::exp10(exponent)).collect());
        }

        #[test]
        fn numbers_of_one_range_are_sorted(low in -1e9..1e9_f64, width in 0.0..1e6_f64, shares in proptest::collection::vec(0.0..1.0_f64, 5_000..9_000)) {
            assert_sorted(shares.into_iter().map(|share| low + share * width).collect());
        }
    }

    #[test]
    fn equal_numbers_and_both_zeros_are_sorted() {
        assert_sorted(vec![7.5; 10_000]);
        assert_sorted((0..10_000).map(|at| if at % 2 == 0 { 0.0 } else { -0.0 }).collect());
        assert_sorted((0..10_000).map(|at| f64::from(at) * -1e300).collect());
        assert_sorted((0..10_000).map(|at| f64::from(at % 5_000) * 5e-324 - f64::from(at)).collect());
        assert_sorted((0..10_000).map(|at| (f64::from(at) / 5_000.0 - 1.0) * f64::MAX).collect());
    }
}
