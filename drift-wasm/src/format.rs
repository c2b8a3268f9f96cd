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

/// A number with 4 significant digits, thousands separators and a real minus: `31,200`, `−0.01234`, `1.2e9`.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs();
    let sign = if value < 0.0 { "−" } else { "" };
    if !(1e-4..1e9).contains(&magnitude) {
        return format!("{sign}{magnitude:.3e}");
    }
    let whole = libm::floor(libm::log10(magnitude)) as i32 + 1;
    let decimals = (4 - whole).clamp(0, 8) as usize;
    let text = format!("{magnitude:.decimals$}");
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let integer = integer.parse().map_or_else(|_| integer.to_owned(), count);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{integer}{point}{fraction}")
}

/// A share as percent with one decimal and a no-break space: `10.2 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let text = if percent != 0.0 && percent.abs() < 0.1 { format!("{percent:.2}") } else { format!("{percent:.1}") };
    format!("{}\u{a0}%", text.strip_suffix(".0").unwrap_or(&text))
}

/// Seconds since 1970-01-01 UTC as a date: `2013-01-31`.
pub fn date(seconds: f64) -> String {
    jiff::Timestamp::from_second(seconds as i64)
        .map_or_else(|_| number(seconds), |at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}
