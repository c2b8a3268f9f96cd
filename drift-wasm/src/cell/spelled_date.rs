//! Dates as people write them: `31.01.2024`, `5 Feb 2024`, `Mon, 02/05/24 3:04 PM`, `2024-03`.

use crate::cell::time::{date, zone};

/// Which part of a date of numbers comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `31/1/2024`.
    Day,
    /// `1/31/2024`.
    Month,
    /// `24-01-31`. Years of four digits at the front need no order.
    Year,
}

impl Order {
    /// All orders, in the order in which they are preferred when nothing decides.
    pub const ALL: [Self; 3] = [Self::Day, Self::Month, Self::Year];
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Microseconds since 1970-01-01 UTC of a date with an optional time of day and zone; `None` when `text` is none.
///
/// A month without a day is its first day. Years of two digits are 1969 to 2068. Without a zone it is UTC.
pub fn parse(text: &str, order: Order) -> Option<i64> {
    let text = text.trim();
    if text.len() < 5 || text.len() > 48 || !text.is_ascii() {
        return None;
    }
    let text = without_weekday(text);
    let (day, clock) = match text.find(':') {
        Some(colon) => {
            let digits = text[..colon].bytes().rev().take_while(u8::is_ascii_digit).count();
            text.split_at(colon - digits)
        }
        None => (text, ""),
    };
    let days = days(day.trim_end_matches([' ', ',', 'T', 't', '-']), order)?;
    let micros = if clock.is_empty() { 0 } else { time_of_day(clock)? };
    Some(days * 86_400_000_000 + micros)
}

fn without_weekday(text: &str) -> &str {
    let name = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    if is_name(&text[..name], &WEEKDAYS).is_some() { text[name..].trim_start_matches([',', '.', ' ']) } else { text }
}

/// The position of a name that `word` is, whole or by its first three letters (or four, for `sept`).
fn is_name(word: &str, names: &[&str]) -> Option<u32> {
    let word = word.to_ascii_lowercase();
    let is = |name: &&str| word == **name || ((3..=4).contains(&word.len()) && name.starts_with(&word));
    names.iter().position(is).and_then(|at| u32::try_from(at).ok())
}

fn days(text: &str, order: Order) -> Option<i64> {
    let is_mark = |c: char| matches!(c, '-' | '/' | '.' | ',' | ' ');
    let parts: Vec<&str> = text.split(is_mark).filter(|part| !part.is_empty()).collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let named = parts.iter().position(|part| is_name(part, &MONTHS).is_some());
    match (parts.as_slice(), named) {
        ([a, b, c], None) => {
            let (year, month, day) = match (a.len(), order) {
                (4, _) => (a, b, c),
                (_, Order::Day) => (c, b, a),
                (_, Order::Month) => (c, a, b),
                (_, Order::Year) => (a, b, c),
            };
            date(self::year(year)?, short(month)?, short(day)?)
        }
        ([a, b], None) => {
            let (year, month) = if a.len() == 4 { (a, b) } else { (b, a) };
            if year.len() == 4 { date(self::year(year)?, short(month)?, 1) } else { None }
        }
        (all, Some(at)) => {
            let month = is_name(all[at], &MONTHS)? + 1;
            let numbers: Vec<&str> = all.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, part)| *part).collect();
            match numbers.as_slice() {
                [year] => date(self::year(year)?, month, 1),
                [a, b] if a.len() == 4 => date(self::year(a)?, month, ordinal(b)?),
                [a, b] => date(self::year(b)?, month, ordinal(a)?),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A number of one or two digits.
fn short(text: &str) -> Option<u32> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The same, also as `1st`, `2nd`, `3rd`, `4th`.
fn ordinal(text: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
    short(digits)
}

/// A year of four digits, or of two: 69 to 99 are of the last century.
fn year(text: &str) -> Option<u32> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year: u32 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(if year < 69 { 2_000 + year } else { 1_900 + year }),
        _ => None,
    }
}

/// `15:04[:05[.123]] [AM|PM] [zone]`.
fn time_of_day(text: &str) -> Option<i64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let mut parts = clock.split(':');
    let (hour, minute) = (short(parts.next()?)?, short(parts.next()?)?);
    let seconds = parts.next().unwrap_or("0");
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let second = short(second)?;
    if parts.next().is_some() || minute > 59 || second > 60 || fraction.len() > 9 {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let rest = rest.trim_start();
    let half = |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let (hour, rest) = if half("am") || half("pm") {
        let is_late = half("pm");
        let hour = match (hour, is_late) {
            (12, false) => 0,
            (12, true) => 12,
            (1..=11, late) => hour + if late { 12 } else { 0 },
            _ => return None,
        };
        (hour, rest[2..].trim_start())
    } else if hour <= 24 {
        (hour, rest)
    } else {
        return None;
    };
    let offset = if rest == "GMT" { 0 } else { zone(rest.as_bytes())? };
    Some((i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second)) * 1_000_000 + micros - offset)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::cell::time;

    #[rstest]
    #[case("31/1/2024", Order::Day, Some("2024-01-31"))]
    #[case("31.01.2024", Order::Day, Some("2024-01-31"))]
    #[case("31-01-24", Order::Day, Some("2024-01-31"))]
    #[case("31/1/2024", Order::Month, None)]
    #[case("1/31/2024", Order::Month, Some("2024-01-31"))]
    #[case("24-01-31", Order::Year, Some("2024-01-31"))]
    #[case("2024.1.31", Order::Day, Some("2024-01-31"))]
    #[case("5 Feb 2024", Order::Day, Some("2024-02-05"))]
    #[case("February 5th, 2024", Order::Day, Some("2024-02-05"))]
    #[case("05-Feb-24", Order::Day, Some("2024-02-05"))]
    #[case("Mon, 05 Feb 2024 03:04:05 GMT", Order::Day, Some("2024-02-05T03:04:05"))]
    #[case("02/05/2024 3:04 PM", Order::Month, Some("2024-02-05T15:04:00"))]
    #[case("02/05/2024 12:04:30 am", Order::Month, Some("2024-02-05T00:04:30"))]
    #[case("05.02.2024 04:04:05+01:00", Order::Day, Some("2024-02-05T03:04:05"))]
    #[case("05.02.2024, 15:04", Order::Day, Some("2024-02-05T15:04:00"))]
    #[case("2024-03", Order::Day, Some("2024-03-01"))]
    #[case("03/2024", Order::Day, Some("2024-03-01"))]
    #[case("Mar 2024", Order::Day, Some("2024-03-01"))]
    #[case("1/1/69", Order::Day, Some("1969-01-01"))]
    #[case("30.02.2024", Order::Day, None)]
    #[case("1.2.3", Order::Day, None)]
    #[case("10.0.0.1", Order::Day, None)]
    #[case("13:04:05", Order::Day, None)]
    #[case("maybe 2024", Order::Day, None)]
    fn dates_are_read_in_an_order(#[case] text: &str, #[case] order: Order, #[case] expected: Option<&str>) {
        assert_eq!(parse(text, order).map(time::spelled).as_deref(), expected);
    }
}
