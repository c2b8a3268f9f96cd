//! Text to number, correctly rounded and the same everywhere.

/// What a cell says, read as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Digits only, with an optional sign, within ±2^53.
    Integer(f64),
    /// Digits only, beyond ±2^53: a double would merge neighbours.
    BigInteger(f64),
    /// Digits only, the first of several a zero: `007`.
    LeadingZero(f64),
    /// Anything else: fraction, exponent, infinity. NaN never.
    Float(f64),
    /// `nan` in any case, with or without a sign.
    NaN,
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The common case of [`parse`] alone: `[-]digits[.digits]`, exact in a double; whether it has a fraction.
///
/// `None` says nothing: ask [`parse`].
#[inline(always)]
pub fn parse_plain(text: &[u8]) -> Option<(f64, bool)> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (mut mantissa, whole) = take_digits(0, digits);
    let mut n_digits = whole;
    let mut fraction = 0;
    if let Some(b'.') = digits.get(whole) {
        (mantissa, fraction) = take_digits(mantissa, &digits[whole + 1..]);
        n_digits += fraction + 1;
    } else if whole > 1 && digits[0] == b'0' {
        return None;
    }
    if n_digits != digits.len() || whole == 0 || whole + fraction > 19 || mantissa > 1 << 53 {
        return None;
    }
    let value = mantissa as f64 / POWERS[fraction];
    Some((if negative { -value } else { value }, n_digits != whole))
}

/// Reads `[+-]digits[.digits][e[+-]digits]`, `inf`, `infinity`, `nan`; `None` when `text` is anything else.
///
/// Correctly rounded (as Python's `float`): up to 2^53 and 22 decimals by one exact division (Clinger 1990), everything
/// else by Eisel-Lemire (`fast-float2`).
#[inline]
pub fn parse(text: &[u8]) -> Option<Number> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let first = *digits.first()?;
    if !first.is_ascii_digit() && first != b'.' {
        return if first.is_ascii_alphabetic() { word(digits, negative) } else { None };
    }
    let (mut mantissa, whole) = take_digits(0, digits);
    let rest = &digits[whole..];
    let (fraction, rest) = match rest {
        [b'.', after @ ..] => {
            let (more, n) = take_digits(mantissa, after);
            mantissa = more;
            (n, &after[n..])
        }
        _ => (0, rest),
    };
    if whole + fraction == 0 {
        return None;
    }
    if rest.is_empty() && whole + fraction <= 19 && mantissa <= 1 << 53 && fraction <= 22 {
        let value = mantissa as f64;
        let value = if negative { -value } else { value };
        if digits.len() == whole {
            let leading_zero = whole > 1 && first == b'0';
            return Some(if leading_zero { Number::LeadingZero(value) } else { Number::Integer(value) });
        }
        return Some(Number::Float(value / POWERS[fraction]));
    }
    slow(text, digits, whole, negative)
}

/// The number that `text` begins with, as JSON writes them, and its length; `None` unless it is short and has no
/// exponent, or when it is no number.
#[inline]
pub fn leading(text: &[u8]) -> Option<(Number, usize)> {
    let negative = text.first() == Some(&b'-');
    let digits = &text[usize::from(negative)..];
    let (mantissa, whole) = take_digits(0, digits);
    if whole == 0 || (whole > 1 && digits[0] == b'0') {
        return None;
    }
    let (mantissa, fraction) = match &digits[whole..] {
        [b'.', after @ ..] => match take_digits(mantissa, after) {
            (_, 0) => return None,
            (mantissa, n) => (mantissa, Some(n)),
        },
        _ => (mantissa, None),
    };
    let end = usize::from(negative) + whole + fraction.map_or(0, |n| n + 1);
    let n_digits = whole + fraction.unwrap_or(0);
    if n_digits > 19 || mantissa > 1 << 53 || matches!(text.get(end), Some(b'e' | b'E')) {
        return None;
    }
    let value = if negative { -(mantissa as f64) } else { mantissa as f64 };
    let number = match fraction {
        None => Number::Integer(value),
        Some(n) => Number::Float(value / POWERS[n]),
    };
    Some((number, end))
}

#[cold]
fn word(digits: &[u8], negative: bool) -> Option<Number> {
    let is = |word: &str| digits.eq_ignore_ascii_case(word.as_bytes());
    if is("nan") {
        Some(Number::NaN)
    } else if is("inf") || is("infinity") {
        Some(Number::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY }))
    } else {
        None
    }
}

#[inline(never)]
fn slow(text: &[u8], digits: &[u8], whole: usize, negative: bool) -> Option<Number> {
    // The library takes no plus sign everywhere and accepts words, which were handled above.
    let value: f64 = fast_float2::parse(digits).ok()?;
    let value = if negative { -value } else { value };
    debug_assert!(!text.is_empty());
    Some(if digits.len() == whole {
        if whole > 1 && digits[0] == b'0' { Number::LeadingZero(value) } else { Number::BigInteger(value) }
    } else {
        Number::Float(value)
    })
}

/// Appends the leading decimal digits of `text` to `mantissa` and counts them; the mantissa wraps beyond 19 digits.
#[inline(always)]
fn take_digits(mut mantissa: u64, text: &[u8]) -> (u64, usize) {
    let mut n = 0;
    while let Some(eight) = text[n..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        let is_digits =
            (word & 0xf0f0_f0f0_f0f0_f0f0) | ((word.wrapping_add(0x0606_0606_0606_0606) & 0xf0f0_f0f0_f0f0_f0f0) >> 4);
        if is_digits != 0x3333_3333_3333_3333 {
            break;
        }
        // Eight ASCII digits to an integer in three multiplications (Lemire 2018).
        let word = (word & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(2561) >> 8;
        let word = (word & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
        let word = (word & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32;
        mantissa = mantissa.wrapping_mul(100_000_000).wrapping_add(word);
        n += 8;
    }
    while let Some(byte) = text.get(n) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        n += 1;
    }
    (mantissa, n)
}

/// The first eight bytes, the first in the lowest place; zeros where there are fewer.
#[inline(always)]
pub(crate) fn first_eight(text: &[u8]) -> u64 {
    if let Some(eight) = text.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    let n = text.len();
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (n - 4));
    }
    match text {
        [] => 0,
        [first, .., last] => {
            u64::from(*first) | u64::from(text[n / 2]) << (8 * (n / 2)) | u64::from(*last) << (8 * (n - 1))
        }
        [first] => u64::from(*first),
    }
}

/// Rewrites a number with other marks into the plain spelling; `None` when the groups are not of three digits.
pub fn normalise(text: &[u8], decimal: u8, thousands: Option<u8>, out: &mut Vec<u8>) -> Option<()> {
    out.clear();
    let mut group: Option<usize> = None;
    let mut in_fraction = false;
    for byte in text {
        if !in_fraction && Some(*byte) == thousands {
            if group.is_some_and(|n| n != 3) || !out.last().is_some_and(u8::is_ascii_digit) {
                return None;
            }
            group = Some(0);
        } else if *byte == decimal {
            in_fraction = true;
            out.push(b'.');
        } else if *byte == b'.' {
            return None;
        } else {
            if !in_fraction && byte.is_ascii_digit() {
                group = group.map(|n| n + 1);
            } else if !byte.is_ascii_digit() && matches!(byte, b'e' | b'E') {
                in_fraction = true;
            }
            out.push(*byte);
        }
        if in_fraction && group.take().is_some_and(|n| n != 3) {
            return None;
        }
    }
    group.is_none_or(|n| n == 3).then_some(())
}

/// The one spelling of a number as a label: integers without a fraction, others as short as they round-trip.
pub fn canonical(value: f64) -> String {
    if value.is_infinite() { if value > 0.0 { "inf".into() } else { "-inf".into() } } else { format!("{value}") }
}

#[cfg(test)]
mod plain_tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_read_plainly_is_read_the_same(text in "[+-]?[0-9]{0,12}[.]?[0-9]{0,12}[e ]?") {
            if let Some((value, has_fraction)) = parse_plain(text.as_bytes()) {
                let expected = if has_fraction { Number::Float(value) } else { Number::Integer(value) };
                prop_assert_eq!(parse(text.as_bytes()), Some(expected));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("12,", Some((Number::Integer(12.0), 2)))]
    #[case("-0.5}", Some((Number::Float(-0.5), 4)))]
    #[case("0", Some((Number::Integer(0.0), 1)))]
    #[case("-1234567890.125]", Some((Number::Float(-1_234_567_890.125), 15)))]
    #[case("007", None)]
    #[case("1.", None)]
    #[case("-", None)]
    #[case(".5", None)]
    #[case("1e5", None)]
    #[case("9007199254740993", None)]
    #[case("0.12345678901234567890", None)]
    fn a_leading_number_is_read_once(#[case] text: &str, #[case] expected: Option<(Number, usize)>) {
        assert_eq!(leading(text.as_bytes()), expected);
        if let Some((number, n)) = expected {
            assert_eq!(parse(&text.as_bytes()[..n]), Some(number), "the same as of the cell alone");
        }
    }

    #[rstest]
    #[case("0", Some(Number::Integer(0.0)))]
    #[case("-12", Some(Number::Integer(-12.0)))]
    #[case("+5", Some(Number::Integer(5.0)))]
    #[case("007", Some(Number::LeadingZero(7.0)))]
    #[case("9007199254740993", Some(Number::BigInteger(9_007_199_254_740_992.0)))]
    #[case("1.5e3", Some(Number::Float(1500.0)))]
    #[case(".5", Some(Number::Float(0.5)))]
    #[case("5.", Some(Number::Float(5.0)))]
    #[case("-Infinity", Some(Number::Float(f64::NEG_INFINITY)))]
    #[case("NaN", Some(Number::NaN))]
    #[case("", None)]
    #[case("-", None)]
    #[case(".", None)]
    #[case("1e", None)]
    #[case("1,5", None)]
    #[case("12abc", None)]
    #[case("0x10", None)]
    #[case("1 000", None)]
    fn numbers_are_told_from_other_text(#[case] text: &str, #[case] expected: Option<Number>) {
        assert_eq!(parse(text.as_bytes()), expected);
    }

    #[rstest]
    #[case("1,234.5", b'.', Some(b','), Some("1234.5"))]
    #[case("1.234,5", b',', Some(b'.'), Some("1234.5"))]
    #[case("12,34", b'.', Some(b','), None)]
    #[case("-1,234,567", b'.', Some(b','), Some("-1234567"))]
    #[case("3,5", b',', None, Some("3.5"))]
    #[case("3.5", b',', None, None)]
    fn other_marks_are_rewritten(
        #[case] text: &str,
        #[case] decimal: u8,
        #[case] thousands: Option<u8>,
        #[case] expected: Option<&str>,
    ) {
        let mut out = Vec::new();
        let done = normalise(text.as_bytes(), decimal, thousands, &mut out);
        assert_eq!(done.map(|()| String::from_utf8(out).unwrap()), expected.map(str::to_owned));
    }

    proptest! {
        #[test]
        fn doubles_round_trip(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            for text in [format!("{value}"), format!("{value:e}"), format!("{value:?}")] {
                let read = match parse(text.as_bytes()) {
                    Some(Number::Integer(x) | Number::BigInteger(x) | Number::LeadingZero(x) | Number::Float(x)) => x,
                    other => panic!("{other:?}"),
                };
                prop_assert_eq!(read, value);
            }
        }

        #[test]
        fn short_decimals_equal_the_standard_library(text in "[+-]?[0-9]{1,12}(\\.[0-9]{0,12})?(e[+-]?[0-9]{1,2})?") {
            let read = match parse(text.as_bytes()) {
                Some(Number::Integer(x) | Number::BigInteger(x) | Number::LeadingZero(x) | Number::Float(x)) => x,
                other => panic!("{other:?}"),
            };
            prop_assert_eq!(read, text.parse::<f64>().unwrap());
        }
    }
}
