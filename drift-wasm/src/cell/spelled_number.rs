//! Numbers as people write them: `1.299,99`, `$1,234.50`, `12.5 %`, `(310)`, `1 234`.

use crate::cell::number::{self, Number};

/// The marks of a way to write numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Between whole and fraction.
    pub decimal: char,
    /// Between groups of three digits; a blank stands for every kind of blank.
    pub thousands: Option<char>,
}

/// The ways to write numbers, plainest first.
pub const ALL: [Marks; 8] = [
    Marks { decimal: '.', thousands: None },
    Marks { decimal: '.', thousands: Some(',') },
    Marks { decimal: ',', thousands: None },
    Marks { decimal: ',', thousands: Some('.') },
    Marks { decimal: '.', thousands: Some(' ') },
    Marks { decimal: ',', thousands: Some(' ') },
    Marks { decimal: '.', thousands: Some('\'') },
    Marks { decimal: ',', thousands: Some('\'') },
];

/// Signs and codes of currencies that stand before or after an amount.
const CURRENCIES: [&str; 46] = [
    "R$", "A$", "C$", "US$", "HK$", "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₫", "₪", "฿", "zł", "Kč", "kr", "Ft",
    "Fr.", "CHF", "USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
    "RUB", "BRL", "MXN", "ZAR", "KRW", "TRY", "NZD", "SGD", "HKD", "Rs.",
];

/// The number that `text` spells with these marks; `None` when it spells none.
///
/// Blanks around it, one currency, a percent sign, a sign before or behind it and parentheses for negative amounts are
/// taken. A percentage is the number that is written: `12.5 %` is 12.5. Whole numbers with leading zeros and those
/// beyond ±2^53 are labels, as they are elsewhere. Groups have three digits, all but the first; with commas also two, as
/// in India.
pub fn parse(text: &str, marks: Marks) -> Option<f64> {
    let mut rest = text.trim();
    let mut is_negative = false;
    if let Some(inside) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (is_negative, rest) = (true, inside.trim());
    }
    let mut n_signs = u32::from(is_negative);
    loop {
        let before = rest;
        if let Some(after) = rest.strip_prefix(['-', '\u{2212}']) {
            (is_negative, n_signs, rest) = (true, n_signs + 1, after);
        } else if let Some(after) = rest.strip_prefix('+') {
            (n_signs, rest) = (n_signs + 1, after);
        } else if let Some(front) = rest.strip_suffix(['-', '\u{2212}']).filter(|_| n_signs == 0) {
            (is_negative, n_signs, rest) = (true, n_signs + 1, front);
        } else if let Some(front) = rest.strip_suffix('%') {
            rest = front;
        } else if let Some(currency) = CURRENCIES.iter().find(|currency| rest.starts_with(**currency)) {
            rest = &rest[currency.len()..];
        } else if let Some(currency) = CURRENCIES.iter().find(|currency| rest.ends_with(**currency)) {
            rest = &rest[..rest.len() - currency.len()];
        }
        rest = rest.trim();
        if rest == before {
            break;
        }
    }
    if n_signs > 1 || !rest.starts_with(|c: char| c.is_ascii_digit() || c == marks.decimal) {
        return None;
    }
    let plain = plain(rest, marks)?;
    match number::parse(plain.as_bytes())? {
        Number::Integer(value) | Number::Float(value) if value.is_finite() => {
            Some(if is_negative { -value } else { value })
        }
        _ => None,
    }
}

/// Digits with a point, without groups.
fn plain(text: &str, marks: Marks) -> Option<String> {
    let (whole, fraction) = text.split_once(marks.decimal).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut out = String::with_capacity(text.len());
    let groups: Vec<&str> = whole.split(|c| marks.thousands.is_some_and(|mark| is_mark(c, mark))).collect();
    let is_grouped = groups.len() > 1;
    for (at, group) in groups.iter().enumerate() {
        let fits = match (is_grouped, at) {
            (false, _) => true,
            (true, 0) => (1..=3).contains(&group.len()),
            (true, at) if at + 1 == groups.len() => group.len() == 3,
            (true, _) => group.len() == 3 || (group.len() == 2 && marks.thousands == Some(',')),
        };
        if !fits || !is_digits(group) {
            return if is_grouped { None } else { exponent(text, marks) };
        }
        out += group;
    }
    if let Some(fraction) = fraction {
        if !is_digits(fraction) {
            return if is_grouped { None } else { exponent(text, marks) };
        }
        out.push('.');
        out += fraction;
    }
    Some(out)
}

/// A number with an exponent and no groups.
fn exponent(text: &str, marks: Marks) -> Option<String> {
    text.contains(['e', 'E']).then(|| text.replace(marks.decimal, "."))
}

fn is_mark(c: char, mark: char) -> bool {
    match mark {
        ' ' => matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
        '\'' => matches!(c, '\'' | '\u{2019}'),
        mark => c == mark,
    }
}

/// Whether `text` is one group behind a mark, such as `1,234`: a fraction for one reader, a thousand for another.
pub fn is_open(text: &str, marks: Marks) -> bool {
    let digits = text.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = digits.split([',', '.']).collect();
    let one_mark = digits.contains(marks.thousands.unwrap_or(marks.decimal));
    matches!(parts.as_slice(), [first, second] if one_mark && (1..=3).contains(&first.len()) && second.len() == 3)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn marks(decimal: char, thousands: Option<char>) -> Marks {
        Marks { decimal, thousands }
    }

    #[rstest]
    #[case("1.299,99", marks(',', Some('.')), Some(1_299.99))]
    #[case("1.299.000", marks(',', Some('.')), Some(1_299_000.0))]
    #[case("12,5", marks(',', None), Some(12.5))]
    #[case("$1,234.50", marks('.', Some(',')), Some(1_234.5))]
    #[case("USD 1,234", marks('.', Some(',')), Some(1_234.0))]
    #[case("-$5.00", marks('.', None), Some(-5.0))]
    #[case("$-5.00", marks('.', None), Some(-5.0))]
    #[case("(310.25)", marks('.', None), Some(-310.25))]
    #[case("310.25-", marks('.', None), Some(-310.25))]
    #[case("\u{2212}7", marks('.', None), Some(-7.0))]
    #[case("+7", marks('.', None), Some(7.0))]
    #[case("12.5 %", marks('.', None), Some(12.5))]
    #[case("1 234 567,8 €", marks(',', Some(' ')), Some(1_234_567.8))]
    #[case("1\u{202f}234", marks('.', Some(' ')), Some(1_234.0))]
    #[case("1'234.5", marks('.', Some('\'')), Some(1_234.5))]
    #[case("12,34,567.8", marks('.', Some(',')), Some(1_234_567.8))]
    #[case("1e-3", marks('.', None), Some(0.001))]
    #[case("1,5e3", marks(',', None), Some(1_500.0))]
    #[case("1,23", marks('.', Some(',')), None)]
    #[case("1,2345", marks('.', Some(',')), None)]
    #[case("--5", marks('.', None), None)]
    #[case("007", marks('.', None), None)]
    #[case("$", marks('.', None), None)]
    #[case("", marks('.', None), None)]
    #[case("12a", marks('.', None), None)]
    #[case("9007199254740993", marks('.', None), None)]
    #[case("2024-01-31", marks('.', None), None)]
    #[case("10.0.0.1", marks('.', None), None)]
    fn numbers_are_read_with_their_marks(#[case] text: &str, #[case] marks: Marks, #[case] expected: Option<f64>) {
        assert_eq!(parse(text, marks), expected);
    }
}
