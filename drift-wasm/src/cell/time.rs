//! Text to time: microseconds since 1970-01-01 UTC.

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, "chrono-compatible date algorithms").
#[inline]
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = i64::from(month);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[inline]
fn digits<const N: usize>(text: &[u8]) -> Option<u32> {
    let digits = text.first_chunk::<N>()?;
    let mut value = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some(value)
}

#[inline]
pub(super) fn date(year: u32, month: u32, day: u32) -> Option<i64> {
    const LENGTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = LENGTHS.get(month.wrapping_sub(1) as usize)? + u32::from(leap && month == 2);
    (1..=length).contains(&day).then(|| days_from_civil(i64::from(year), month, day))
}

/// Reads a date or a time: `2013-01-31`, `2013/01/31`, `1/31/2013` (month first), each with an optional
/// `T` or blank and `15:04[:05[.123456]]`, and an optional `Z`, `UTC` or `±hh[:mm]`. No zone means UTC.
///
/// `None` when `text` is anything else; a day that does not exist is nothing else than text.
#[inline]
pub fn parse(text: &[u8]) -> Option<i64> {
    if text.len() < 8 || !text[0].is_ascii_digit() {
        return None;
    }
    let (days, rest) = match text {
        [_, _, _, _, b'-', _, _, b'-', _, _, rest @ ..] | [_, _, _, _, b'/', _, _, b'/', _, _, rest @ ..] => {
            (date(digits::<4>(text)?, digits::<2>(&text[5..])?, digits::<2>(&text[8..])?)?, rest)
        }
        _ => month_first(text)?,
    };
    time_of_day(rest).map(|micros| days * 86_400_000_000 + micros)
}

#[cold]
fn month_first(text: &[u8]) -> Option<(i64, &[u8])> {
    let slash = text.iter().take(3).position(|byte| *byte == b'/')?;
    let second = slash + 1 + text[slash + 1..].iter().take(3).position(|byte| *byte == b'/')?;
    let number = |part: &[u8]| match part.len() {
        1 => digits::<1>(part),
        2 => digits::<2>(part),
        _ => None,
    };
    let year = text.get(second + 1..second + 5)?;
    let days = date(digits::<4>(year)?, number(&text[..slash])?, number(&text[slash + 1..second])?)?;
    Some((days, &text[second + 5..]))
}

#[inline]
fn time_of_day(text: &[u8]) -> Option<i64> {
    let text = match text {
        [] => return Some(0),
        [b'T' | b't' | b' ', rest @ ..] => rest,
        _ => return None,
    };
    let (hour, minute) = (digits::<2>(text)?, digits::<2>(text.get(3..)?)?);
    if text[2] != b':' || hour > 24 || minute > 59 {
        return None;
    }
    let mut micros = i64::from(hour * 60 + minute) * 60_000_000;
    let mut rest = &text[5..];
    if let [b':', seconds @ ..] = rest {
        let second = digits::<2>(seconds)?;
        if second > 60 {
            return None;
        }
        micros += i64::from(second) * 1_000_000;
        rest = &seconds[2..];
        if let [b'.' | b',', fraction @ ..] = rest {
            let n = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if n == 0 || n > 9 {
                return None;
            }
            let mut unit = 100_000;
            for digit in &fraction[..n] {
                micros += i64::from(digit - b'0') * unit;
                unit /= 10;
            }
            rest = &fraction[n..];
        }
    }
    zone(rest).map(|offset| micros - offset)
}

#[inline]
pub(super) fn zone(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    match text {
        [] | [b'Z' | b'z'] | b"UTC" => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let hours = digits::<2>(rest)?;
            let minutes = match &rest[2..] {
                [] => 0,
                [b':', minutes @ ..] if minutes.len() == 2 => digits::<2>(minutes)?,
                minutes if minutes.len() == 2 => digits::<2>(minutes)?,
                _ => return None,
            };
            let offset = i64::from(hours * 60 + minutes) * 60_000_000;
            Some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

/// Reads `text` by a `strptime` pattern; a pattern without a time means midnight, without a zone UTC.
#[cfg(feature = "patterns")]
pub fn parse_with(pattern: &str, text: &[u8]) -> Option<i64> {
    use jiff::civil;
    use jiff::fmt::strtime;

    let parsed = strtime::parse(pattern, text).ok()?;
    if let Ok(timestamp) = parsed.to_timestamp() {
        return Some(timestamp.as_microsecond());
    }
    let date = parsed.to_date().ok()?;
    let time = parsed.to_time().unwrap_or(civil::Time::midnight());
    let timestamp = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(timestamp.as_microsecond())
}

/// Options with a pattern are refused where there are none.
#[cfg(not(feature = "patterns"))]
pub fn parse_with(_pattern: &str, _text: &[u8]) -> Option<i64> {
    None
}

const MICROS_OF_DAY: i64 = 86_400_000_000;

/// The one spelling of a time as a label: `2013-01-31`, with the time of day when it is not midnight.
/// Beyond the years ±9999 the microseconds.
pub fn spelled(micros: i64) -> String {
    let (days, time) = (micros.div_euclid(MICROS_OF_DAY), micros.rem_euclid(MICROS_OF_DAY));
    let (year, month, day) = civil_from_days(days);
    if !(-9_999..=9_999).contains(&year) {
        return micros.to_string();
    }
    let date =
        if year < 0 { format!("-{:06}-{month:02}-{day:02}", -year) } else { format!("{year:04}-{month:02}-{day:02}") };
    if time == 0 {
        return date;
    }
    let (seconds, micros) = (time / 1_000_000, time % 1_000_000);
    let clock = format!("{date}T{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if micros == 0 { clock } else { format!("{clock}.{}", format!("{micros:06}").trim_end_matches('0')) }
}

/// Year, month and day of a day counted from 1970-01-01; the other way from [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// A time as a cell has it: a date and time as in [`parse`], or seconds or milliseconds since 1970.
pub(crate) fn of_cell(cell: &[u8], pattern: Option<&str>) -> Option<i64> {
    /// Numbers from here on count milliseconds: as seconds they would lie beyond the year 5000.
    const MILLISECONDS_FROM: f64 = 1e11;
    let cell = cell.trim_ascii();
    let written = match pattern {
        Some(pattern) if pattern != "iso" => parse_with(pattern, cell),
        _ => parse(cell),
    };
    written.or_else(|| {
        let number: f64 = std::str::from_utf8(cell).ok()?.parse().ok().filter(|number: &f64| number.is_finite())?;
        let micros = if number.abs() < MILLISECONDS_FROM { number * 1e6 } else { number * 1e3 };
        (micros.abs() < 9e18).then_some(micros as i64)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1970-01-01", Some(0))]
    #[case("2000-02-29", Some(951_782_400))]
    #[case("1900-02-29", None)]
    #[case("2013/01/31", Some(1_359_590_400))]
    #[case("1/31/2013", Some(1_359_590_400))]
    #[case("31/1/2013", None)]
    #[case("2026-01-05T03:04:05", Some(1_767_582_245))]
    #[case("2026-01-05 03:04:05Z", Some(1_767_582_245))]
    #[case("2026-01-05T04:04:05+01:00", Some(1_767_582_245))]
    #[case("2026-01-05T04:04:05.000000000+0100", Some(1_767_582_245))]
    #[case("1969-12-31T23:59:59", Some(-1))]
    #[case("2026-01-05x", None)]
    #[case("2026-13-05", None)]
    #[case("20260105", None)]
    #[case("12345678", None)]
    fn times_are_told_from_other_text(#[case] text: &str, #[case] seconds: Option<i64>) {
        assert_eq!(parse(text.as_bytes()), seconds.map(|seconds| seconds * 1_000_000));
    }

    proptest::proptest! {
        #[test]
        fn times_are_spelled_as_the_library_spells_them(
            seconds in -377_705_000_000..253_402_200_000_i64,
            fraction in proptest::sample::select(vec![0, 0, 1, 120_000, 999_999]),
            whole_day in proptest::bool::ANY,
        ) {
            let micros = if whole_day { seconds.div_euclid(86_400) * MICROS_OF_DAY } else { seconds * 1_000_000 + fraction };
            let timestamp = jiff::Timestamp::from_microsecond(micros).expect("within its years");
            let civil = timestamp.to_zoned(jiff::tz::TimeZone::UTC).datetime();
            let expected = if micros % MICROS_OF_DAY == 0 { civil.date().to_string() } else { civil.to_string() };
            proptest::prop_assert_eq!(spelled(micros), expected);
        }
    }

    #[test]
    fn times_beyond_the_calendar_are_spelled_as_numbers() {
        assert_eq!(spelled(i64::MAX), i64::MAX.to_string());
        assert_eq!(spelled(i64::MIN), i64::MIN.to_string());
    }

    #[rstest]
    #[case("%m/%d/%Y", "05/20/1987", Some(548_467_200))]
    #[case("%Y/%m/%d", "2013/01/31", Some(1_359_590_400))]
    #[case("%d.%m.%Y %H:%M", "31.01.2013 01:00", Some(1_359_594_000))]
    #[case("%Y/%m/%d", "2013-01-31", None)]
    fn patterns_are_followed(#[case] pattern: &str, #[case] text: &str, #[case] seconds: Option<i64>) {
        assert_eq!(parse_with(pattern, text.as_bytes()), seconds.map(|seconds| seconds * 1_000_000));
    }
}
