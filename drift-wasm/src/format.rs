//! Numbers for people.

/// A count with thousands separators: `12,345`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How many of something: `1 row`, `9,002 rows`.
pub fn counted(n: u64, unit: &str) -> String {
    format!("{} {unit}{}", count(n), if n == 1 { "" } else { "s" })
}

/// An amount of bytes, in powers of ten: `999 bytes`, `1.5 kB`, `20.0 MB`, `1.25 GB`.
pub fn bytes(n: u64) -> String {
    let at = |unit: f64| n as f64 / unit;
    match n {
        0..1_000 => format!("{n}\u{a0}bytes"),
        1_000..999_950 => format!("{:.1}\u{a0}kB", at(1e3)),
        999_950..999_995_000 => format!("{:.1}\u{a0}MB", at(1e6)),
        _ => format!("{:.2}\u{a0}GB", at(1e9)),
    }
}

/// A number with 4 significant digits, thousands separators and a real minus: `31,234`, `−0.01234`, `1.2e9`.
///
/// Digits before the point are never rounded away. Below 0.0001 and from 10⁹ on with an exponent.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs();
    let sign = if value < 0.0 { "−" } else { "" };
    if !(1e-4..1e9).contains(&magnitude) {
        let text = format!("{magnitude:.3e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{sign}{}e{}", trimmed(mantissa), exponent.replace('-', "−"));
    }
    let whole = libm::floor(libm::log10(magnitude)) as i32 + 1;
    let decimals = (4 - whole).clamp(0, 8) as usize;
    let text = format!("{magnitude:.decimals$}");
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let integer = integer.parse().map_or_else(|_| integer.to_owned(), count);
    let fraction = trimmed(&format!(".{fraction}")).to_owned();
    format!("{sign}{integer}{fraction}")
}

/// A decimal fraction without zeros at its end.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A share as percent with one decimal and a no-break space: `10.2 %`, `0.04 %`, `under 0.01 %`.
///
/// What is not everything is never shown as 100 %, what is not nothing never as 0 %.
pub fn percent(share: f64) -> String {
    let percent = share.abs() * 100.0;
    let sign = if share < 0.0 { "−" } else { "" };
    let text = if percent == 0.0 {
        "0".to_owned()
    } else if percent < 0.01 {
        return format!("under {sign}0.01\u{a0}%");
    } else if percent < 0.1 {
        format!("{percent:.2}")
    } else if (99.95..100.0).contains(&percent) {
        return format!("over {sign}99.9\u{a0}%");
    } else {
        format!("{percent:.1}")
    };
    format!("{sign}{}\u{a0}%", trimmed(&text))
}

/// Two shares as percent, with as many decimals as tell them apart, up to four: `10.21 %` and `10.24 %`.
pub fn percents(a: f64, b: f64) -> (String, String) {
    let (short, other) = (percent(a), percent(b));
    if short != other || a == b {
        return (short, other);
    }
    let with = |share: f64, decimals: usize| {
        let sign = if share < 0.0 { "−" } else { "" };
        format!("{sign}{:.decimals$}\u{a0}%", share.abs() * 100.0)
    };
    // What is not everything is never shown as 100 %.
    let told = [(2, 5e-5), (3, 5e-6), (4, 5e-7)].into_iter().find(|(decimals, half)| {
        let is_honest = |share: f64| share == 1.0 || 1.0 - share.abs() >= *half;
        is_honest(a) && is_honest(b) && with(a, *decimals) != with(b, *decimals)
    });
    told.map_or((short, other), |(decimals, _)| (with(a, decimals), with(b, decimals)))
}

/// A p- or q-value with three decimals: `0.012`, `< 0.001`.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

/// Seconds since 1970-01-01 UTC as a date: `2013-01-31`.
pub fn date(seconds: f64) -> String {
    jiff::Timestamp::from_second(seconds as i64)
        .map_or_else(|_| number(seconds), |at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

/// Seconds since 1970-01-01 UTC as a time that files hold: `2013-01-31T15:04:05`.
pub fn time(seconds: f64) -> String {
    jiff::Timestamp::from_second(seconds as i64)
        .map_or_else(|_| number(seconds), |at| at.to_zoned(jiff::tz::TimeZone::UTC).datetime().to_string())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(1_000, "1,000")]
    #[case(18_446_744_073_709_551_615, "18,446,744,073,709,551,615")]
    fn counts_have_thousands_separators(#[case] n: u64, #[case] expected: &str) {
        assert_eq!(count(n), expected);
    }

    #[rstest]
    #[case(0.0, "0")]
    #[case(-0.0, "0")]
    #[case(26.5, "26.5")]
    #[case(0.124_649, "0.1246")]
    #[case(-0.012_344, "−0.01234")]
    #[case(31_234.5, "31,234")]
    #[case(999.96, "1,000")]
    #[case(123.45, "123.5")]
    #[case(1e9, "1e9")]
    #[case(1.2345e300, "1.234e300")]
    #[case(-1.5e-7, "−1.5e−7")]
    #[case(f64::MAX, "1.798e308")]
    #[case(5e-324, "4.941e−324")]
    fn numbers_have_four_significant_digits(#[case] value: f64, #[case] expected: &str) {
        assert_eq!(number(value), expected);
    }

    #[rstest]
    #[case(0.0, "0\u{a0}%")]
    #[case(0.102, "10.2\u{a0}%")]
    #[case(0.08, "8\u{a0}%")]
    #[case(0.000_4, "0.04\u{a0}%")]
    #[case(0.000_01, "under 0.01\u{a0}%")]
    #[case(0.999_9, "over 99.9\u{a0}%")]
    #[case(1.0, "100\u{a0}%")]
    #[case(-0.031, "−3.1\u{a0}%")]
    fn shares_become_percent(#[case] share: f64, #[case] expected: &str) {
        assert_eq!(percent(share), expected);
    }

    #[rstest]
    #[case(0.002, 0.004, "0.2\u{a0}%", "0.4\u{a0}%")]
    #[case(0.1021, 0.1024, "10.21\u{a0}%", "10.24\u{a0}%")]
    #[case(0.999_92, 0.999_99, "99.992\u{a0}%", "99.999\u{a0}%")]
    #[case(0.5, 0.5, "50\u{a0}%", "50\u{a0}%")]
    #[case(0.5, 0.500_000_01, "50\u{a0}%", "50\u{a0}%")]
    fn two_shares_are_told_apart(#[case] a: f64, #[case] b: f64, #[case] before: &str, #[case] after: &str) {
        assert_eq!(percents(a, b), (before.to_owned(), after.to_owned()));
    }

    #[rstest]
    #[case(0, "0\u{a0}bytes")]
    #[case(999, "999\u{a0}bytes")]
    #[case(1_500, "1.5\u{a0}kB")]
    #[case(999_949, "999.9\u{a0}kB")]
    #[case(999_950, "1.0\u{a0}MB")]
    #[case(999_995_000, "1.00\u{a0}GB")]
    #[case(u64::MAX, "18446744073.71\u{a0}GB")]
    fn bytes_have_the_unit_that_fits(#[case] n: u64, #[case] expected: &str) {
        assert_eq!(bytes(n), expected);
    }

    #[rstest]
    #[case(0.0, "< 0.001")]
    #[case(0.001, "0.001")]
    #[case(0.012_4, "0.012")]
    #[case(1.0, "1.000")]
    fn p_values_have_three_decimals(#[case] p: f64, #[case] expected: &str) {
        assert_eq!(p_value(p), expected);
    }

    #[rstest]
    #[case(0.0, "1970-01-01")]
    #[case(1_372_636_800.0, "2013-07-01")]
    #[case(1e300, "1e300")]
    fn times_become_dates(#[case] seconds: f64, #[case] expected: &str) {
        assert_eq!(date(seconds), expected);
    }
}
