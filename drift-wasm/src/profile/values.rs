//! Sorted numbers as bytes of a profile file: as decimals where all of them are, and otherwise as they lie in memory.
//!
//! Most columns hold prices, counts and measurements of a few digits. As whole numbers of their last digit, each told by
//! its distance from the one before, they take a fifth of the room and come back to the bit: a quotient of two whole
//! numbers below 2^53 is the double nearest to the decimal, as is the number that was read from it. The idea is that of
//! ALP (Afroozeh, Kuffo and Boncz 2023), made simple by the order of the numbers.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::Serializer;

/// Powers of ten by which decimals may be shifted.
const POWERS: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/// Added and taken away again, it rounds a number of no more than [`LARGEST`] to a whole one.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
const LARGEST: f64 = 2_251_799_813_685_248.0;
/// The first byte: numbers as they lie in memory follow. Any other is a number of digits after the point, plus one.
const PLAIN: u8 = 0;

/// Ascending finite numbers, as bytes.
pub fn encode(values: &[f64]) -> Vec<u8> {
    let Some(n_digits) = digits(values) else {
        let mut bytes = Vec::with_capacity(1 + size_of_val(values));
        bytes.push(PLAIN);
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        return bytes;
    };
    let power = POWERS[n_digits];
    let mut bytes = Vec::with_capacity(10 + 2 * values.len());
    bytes.push(n_digits as u8 + 1);
    let mut before = None;
    for value in values {
        let whole = round(value * power) as i64;
        match before {
            None => push_varint(&mut bytes, (whole << 1 ^ whole >> 63) as u64),
            Some(before) => push_varint(&mut bytes, whole.wrapping_sub(before) as u64),
        }
        before = Some(whole);
    }
    bytes
}

/// What [`encode`] was given; `None` when the bytes are not its.
pub fn decode(bytes: &[u8]) -> Option<Vec<f64>> {
    let (first, mut rest) = bytes.split_first()?;
    if *first == PLAIN {
        let (values, rest) = rest.as_chunks::<8>();
        return rest.is_empty().then(|| values.iter().map(|value| f64::from_le_bytes(*value)).collect());
    }
    let power = POWERS.get(usize::from(*first - 1))?;
    let start = take_varint(&mut rest)?;
    let mut whole = (start >> 1) as i64 ^ -((start & 1) as i64);
    let mut values = Vec::with_capacity(1 + rest.len());
    loop {
        if whole.unsigned_abs() > LARGEST as u64 {
            return None;
        }
        values.push(whole as f64 / power);
        if rest.is_empty() {
            values.shrink_to_fit();
            return Some(values);
        }
        whole = whole.checked_add_unsigned(take_varint(&mut rest)?)?;
    }
}

/// Digits after the point that all these numbers have at most, if they are few.
fn digits(values: &[f64]) -> Option<usize> {
    let largest = values.first()?.abs().max(values.last()?.abs());
    let mut n_digits = 0;
    for value in values {
        // A number that a few digits tell is told by more, too.
        while round(value * POWERS[n_digits]) / POWERS[n_digits] != *value {
            n_digits += 1;
            if n_digits == POWERS.len() || largest * POWERS[n_digits] > LARGEST {
                return None;
            }
        }
    }
    (largest * POWERS[n_digits] <= LARGEST).then_some(n_digits)
}

#[inline]
fn round(value: f64) -> f64 {
    (value + ROUNDER) - ROUNDER
}

/// Seven bits a byte, the lowest first (LEB128).
#[inline]
fn push_varint(bytes: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
}

#[inline]
fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(n);
        }
    }
    None
}

/// For serde's `with`.
pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(&encode(values))
}

/// For serde's `with`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    decode(<&[u8]>::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("numbers that are none"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        crate::profile::sort::sort(&mut values);
        values
    }

    fn assert_comes_back(values: Vec<f64>) {
        let values = sorted(values);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let bytes = encode(&values);
        assert!(bytes.len() <= 10 + size_of_val(values.as_slice()), "{} bytes of {values:?}", bytes.len());
        assert_eq!(decode(&bytes).map(|decoded| bits(&decoded)), Some(bits(&values)));
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(values in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL, 0..200)) {
            assert_comes_back(values);
        }

        #[test]
        fn decimals_come_back(n_digits in 0..12_u32, wholes in proptest::collection::vec(-9_000_000_000_000_000..9_000_000_000_000_000_i64, 0..50), scale in 0..15_u32) {
            let values = wholes.iter().map(|whole| (whole / 10_i64.pow(scale)) as f64 / libm::pow(10.0, f64::from(n_digits)));
            assert_comes_back(values.collect());
        }

        #[test]
        fn any_bytes_are_numbers_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(values) = decode(&bytes) {
                prop_assert!(values.len() <= bytes.len());
            }
        }
    }

    #[test]
    fn a_price_takes_a_byte_or_two() {
        let prices: Vec<f64> = (0..1_000).map(|n| f64::from(n * 7 % 1_000) / 100.0).collect();
        assert_eq!(encode(&sorted(prices)).len(), 1 + 1_000);
    }

    #[rstest]
    #[case::nothing(&[])]
    #[case::no_number(&[1])]
    #[case::cut_short(&[1, 0x80])]
    #[case::many_digits(&[11, 0])]
    #[case::plain_cut_short(&[0, 1, 2, 3])]
    #[case::too_large(&[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])]
    #[case::overflow(&[1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])]
    fn what_is_no_list_of_numbers_is_refused(#[case] bytes: &[u8]) {
        assert_eq!(decode(bytes), None);
    }
}
