//! Sorting a column's numbers: the largest part of a comparison of long columns.

/// Values from which it pays to share them out before they are sorted.
const SHARED_FROM: usize = 4_096;
/// Leading bits that tell shares apart: a share of a million values is then small enough for the nearest cache.
const SHARE_BITS: u32 = 14;

/// Sorts finite doubles ascending and turns `-0.0` into `0.0`.
pub(crate) fn sort(values: &mut [f64]) {
    if values.len() < SHARED_FROM || has_many_ties(values) {
        sort_keys(values);
    } else {
        sort_in_shares(values);
    }
    for value in values.iter_mut() {
        *value += 0.0;
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

/// Whether values repeat so often that a sort by comparing, which skips equal ones, is the faster. Decides nothing else.
fn has_many_ties(values: &[f64]) -> bool {
    const LOOKED_AT: usize = 512;
    let mut some: Vec<u64> = values.iter().step_by(values.len() / LOOKED_AT).map(|value| value.to_bits()).collect();
    some.sort_unstable();
    let n_repeats = some.windows(2).filter(|pair| pair[0] == pair[1]).count();
    n_repeats > LOOKED_AT / 100
}

/// Shares values out by the first bits in which they differ, then sorts each share.
fn sort_in_shares(values: &mut [f64]) {
    let (least, most) = values
        .iter()
        .map(|value| key(*value))
        .fold((u64::MAX, 0), |(least, most), key| (least.min(key), most.max(key)));
    let shift = (u64::BITS - (least ^ most).leading_zeros()).saturating_sub(SHARE_BITS);
    let share = |key: u64| (key >> shift) as usize & ((1 << SHARE_BITS) - 1);
    let mut ends = vec![0_u32; 1 << SHARE_BITS];
    for value in values.iter() {
        ends[share(key(*value))] += 1;
    }
    let mut n_before = 0;
    for end in &mut ends {
        let n = std::mem::replace(end, n_before);
        n_before += n;
    }
    // What stands in `ends` is the next free place of each share, and after the last value its end.
    let mut keys = vec![0_u64; values.len()];
    for value in values.iter() {
        let key = key(*value);
        let place = &mut ends[share(key)];
        keys[*place as usize] = key;
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

/// The number of a key.
#[inline(always)]
fn number(key: u64) -> f64 {
    f64::from_bits(key ^ ((!key as i64 >> 63) as u64 | 1 << 63))
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
        fn numbers_of_one_range_are_sorted(low in -1e9..1e9_f64, width in 0.0..1e6_f64, shares in proptest::collection::vec(0.0..1.0_f64, 5_000..9_000)) {
            assert_sorted(shares.into_iter().map(|share| low + share * width).collect());
        }
    }

    #[test]
    fn equal_numbers_and_both_zeros_are_sorted() {
        assert_sorted(vec![7.5; 10_000]);
        assert_sorted((0..10_000).map(|at| if at % 2 == 0 { 0.0 } else { -0.0 }).collect());
        assert_sorted((0..10_000).map(|at| f64::from(at) * -1e300).collect());
    }
}
