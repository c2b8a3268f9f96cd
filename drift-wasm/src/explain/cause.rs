//! Likely causes: patterns that people make, told from drift that happens.

use crate::format::{count, number, percent};
use crate::profile::{ColumnProfile, Sample, TypedColumn};
use crate::report::{Cause, CauseKind, ColumnSummary};
use crate::schema::ColumnType;

/// Factors between units, both ways round.
const FACTORS: [f64; 16] = [
    10.0,
    100.0,
    1_000.0,
    10_000.0,
    1e6,
    1e9,
    60.0,
    3_600.0,
    86_400.0,
    24.0,
    2.54,
    0.3048,
    0.453_592_37,
    1.609_344,
    1_024.0,
    4.184,
];
/// How closely all quantiles must follow a rule.
const CLOSE: f64 = 0.03;
/// Share of values from which another spelling is a cause.
const RESPELLED: f64 = 0.02;
/// Extra share at an end from which values look clipped.
const PILED_UP: f64 = 0.05;

/// The first cause that fits, the surest first; `None` when none does.
#[inline(never)]
pub fn cause(
    reference: &TypedColumn<'_>,
    current: &TypedColumn<'_>,
    (a, b): (&ColumnSummary, &ColumnSummary),
) -> Option<Cause> {
    let share = |n: u64, of: u64| n as f64 / of.max(1) as f64;
    if b.n_rows > 0 && share(b.n_invalid, b.n_rows) > share(a.n_invalid, a.n_rows) + 0.5 {
        return some(CauseKind::TypeChange, "most values are no longer of the column's type".to_owned());
    }
    if a.n > 0 && b.n > 0 && b.n_distinct == 1 && a.n_distinct > 1 {
        return some(CauseKind::Constant, "every current value is the same: is the source stuck?".to_owned());
    }
    if share(b.n_null, b.n_rows) > share(a.n_null, a.n_rows) + 0.2 {
        return some(
            CauseKind::NullSurge,
            format!("{} of rows are null now: is a source missing?", percent(share(b.n_null, b.n_rows))),
        );
    }
    if matches!(reference.kind, ColumnType::Categorical | ColumnType::Text | ColumnType::Id)
        && let Some(cause) = spelling(reference.column, current.column)
    {
        return Some(cause);
    }
    match reference.kind {
        ColumnType::Numeric => numeric(&reference.sample, &current.sample),
        ColumnType::Datetime => hours(&reference.column.time_facts.hours, &current.column.time_facts.hours),
        ColumnType::Categorical | ColumnType::Boolean => labels(reference, current),
        ColumnType::Text | ColumnType::Id | ColumnType::Empty => None,
    }
}

/// Values that a program took for numbers and wrote back: without leading zeros, or with an exponent.
fn spelling(reference: &ColumnProfile, current: &ColumnProfile) -> Option<Cause> {
    let share = |column: &ColumnProfile, n: u64| n as f64 / column.n_values().max(1) as f64;
    let exponent = |column: &ColumnProfile| share(column, column.counts.n_exponent);
    if exponent(current) > exponent(reference) + RESPELLED {
        let written = percent(exponent(current));
        return some(
            CauseKind::Spelling,
            format!("{written} of values are written with an exponent: did a spreadsheet round them?"),
        );
    }
    let padded = |column: &ColumnProfile| share(column, column.text_facts.n_zero_led);
    let (before, after) = (padded(reference), padded(current));
    (before >= RESPELLED && after < before / 10.0).then(|| Cause {
        kind: CauseKind::Spelling,
        text: format!(
            "values with leading zeros went from {} to {}: were they read as numbers?",
            percent(before),
            percent(after)
        ),
    })
}

fn some(kind: CauseKind, text: String) -> Option<Cause> {
    Some(Cause { kind, text })
}

fn numeric(reference: &Sample, current: &Sample) -> Option<Cause> {
    if reference.n() < 30 || current.n() < 30 {
        return None;
    }
    unit_change(reference, current).or_else(|| clipped(reference, current)).or_else(|| duplicated(reference, current))
}

fn unit_change(reference: &Sample, current: &Sample) -> Option<Cause> {
    const AT: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
    let pairs: Vec<(f64, f64)> =
        AT.iter().map(|p| Some((reference.quantile(*p)?, current.quantile(*p)?))).collect::<Option<_>>()?;
    let spread = |side: fn(&(f64, f64)) -> f64| side(&pairs[5]) - side(&pairs[1]);
    let (before, after) = (spread(|pair| pair.0), spread(|pair| pair.1));
    if before <= 0.0 || after <= 0.0 {
        return None;
    }
    // A rule fits when it maps every quantile of the reference next to the current one, measured in current spreads.
    let fits = |rule: &dyn Fn(f64) -> f64| {
        pairs.iter().all(|(x, y)| (rule(*x) - y).abs() <= CLOSE * after)
            && pairs.iter().any(|(x, y)| (x - y).abs() > CLOSE * after)
    };
    for factor in FACTORS {
        if fits(&|x| x * factor) {
            return some(
                CauseKind::UnitChange,
                format!("values look multiplied by {}: a change of unit?", number(factor)),
            );
        }
        if fits(&|x| x / factor) {
            return some(
                CauseKind::UnitChange,
                format!("values look divided by {}: a change of unit?", number(factor)),
            );
        }
    }
    let rules: [(&str, &dyn Fn(f64) -> f64); 6] = [
        ("Celsius turned into Fahrenheit", &|x| x * 1.8 + 32.0),
        ("Fahrenheit turned into Celsius", &|x| (x - 32.0) / 1.8),
        ("Celsius turned into kelvin", &|x| x + 273.15),
        ("the natural logarithm was taken", &|x| {
            if x > 0.0 { libm::log(x) } else { f64::MAX }
        }),
        ("the decimal logarithm was taken", &|x| {
            if x > 0.0 { libm::log10(x) } else { f64::MAX }
        }),
        ("the logarithm of one more was taken", &|x| {
            if x > -1.0 { libm::log1p(x) } else { f64::MAX }
        }),
    ];
    if let Some((text, _)) = rules.iter().find(|(_, rule)| fits(rule)) {
        return some(CauseKind::UnitChange, format!("it looks as if {text}"));
    }
    if fits(&|x| -x) {
        return some(CauseKind::UnitChange, "values changed their sign".to_owned());
    }
    None
}

fn clipped(reference: &Sample, current: &Sample) -> Option<Cause> {
    let share_at = |sample: &Sample, value: f64, upper: bool| {
        let n = sample.n() as f64;
        let at_most = sample.n_at_most(value) as f64;
        if upper { 1.0 - (at_most - atom(sample, value)) / n } else { at_most / n }
    };
    let (top, bottom) = (current.max()?, current.min()?);
    // A constant has no end to pile up at.
    if top <= bottom || reference.max()? <= reference.min()? {
        return None;
    }
    let piled = |end: f64| atom(current, end) / current.n() as f64 - atom(reference, end) / reference.n() as f64;
    if top < reference.max()? && piled(top) >= PILED_UP && share_at(reference, top, true) >= PILED_UP {
        return some(CauseKind::Clipped, format!("values pile up at {}: clipped from above?", number(top)));
    }
    if bottom > reference.min()? && piled(bottom) >= PILED_UP && share_at(reference, bottom, false) >= PILED_UP {
        return some(CauseKind::Clipped, format!("values pile up at {}: clipped from below?", number(bottom)));
    }
    None
}

/// Rows that hold exactly `value`.
fn atom(sample: &Sample, value: f64) -> f64 {
    (sample.n_at_most(value) - sample.n_below(value)) as f64
}

/// Every value occurs a multiple of `k` times now, and did not before.
fn duplicated(reference: &Sample, current: &Sample) -> Option<Cause> {
    fn common(a: u64, b: u64) -> u64 {
        if b == 0 { a } else { common(b, a % b) }
    }
    // Ends at the first counts without a common divisor, which most columns have at once.
    let divisor = |sample: &Sample| {
        let steps = sample.runs().try_fold(0, |divisor, (_, n)| match common(n, divisor) {
            1 => None,
            divisor => Some(divisor),
        });
        steps.unwrap_or(1)
    };
    if !reference.is_exact() || !current.is_exact() {
        return None;
    }
    let times = divisor(current);
    (times > 1 && divisor(reference) == 1 && current.n_distinct() >= 20).then(|| Cause {
        kind: CauseKind::DuplicatedRows,
        text: format!("every value occurs {} times over: rows duplicated?", count(times)),
    })
}

fn hours(reference: &[u64; 24], current: &[u64; 24]) -> Option<Cause> {
    let (n, m) = (reference.iter().sum::<u64>() as f64, current.iter().sum::<u64>() as f64);
    if n < 100.0 || m < 100.0 {
        return None;
    }
    let distance = |shift: usize| {
        let shifted =
            (0..24).map(|hour| (reference[(hour + 24 - shift) % 24] as f64 / n - current[hour] as f64 / m).abs());
        shifted.sum::<f64>() / 2.0
    };
    let (shift, best) = (1..24).map(|shift| (shift, distance(shift))).min_by(|a, b| a.1.total_cmp(&b.1))?;
    (best < 0.25 * distance(0)).then(|| {
        let shift = if shift > 12 { shift as i64 - 24 } else { shift as i64 };
        Cause {
            kind: CauseKind::TimeZoneShift,
            text: format!(
                "hours moved by {}: another time zone?",
                if shift > 0 { format!("+{shift}") } else { format!("−{}", -shift) }
            ),
        }
    })
}

fn labels(reference: &TypedColumn<'_>, current: &TypedColumn<'_>) -> Option<Cause> {
    let (a, b) = (&reference.categories, &current.categories);
    if !a.is_exact() || !b.is_exact() {
        return None;
    }
    let share_outside = |of: &crate::profile::Categories, other: &crate::profile::Categories| {
        let missing = |label: &str| other.entries.binary_search_by(|(held, _)| held.as_str().cmp(label)).is_err();
        let n: u64 = of.entries.iter().filter(|(label, _)| missing(label)).map(|(_, n)| n).sum();
        n as f64 / of.n().max(1) as f64
    };
    let (new, gone) = (share_outside(b, a), share_outside(a, b));
    // Counts move on; nobody spells them another way.
    let are_counts = |side: &TypedColumn<'_>| 2 * side.column.n_numbers() > side.column.n_values();
    if new > 0.5 && gone > 0.5 && are_counts(reference) && are_counts(current) {
        return None;
    }
    if new > 0.5 && gone > 0.5 {
        return some(CauseKind::NewCategory, "most labels are new: another spelling or coding?".to_owned());
    }
    if new >= 0.02 {
        return some(
            CauseKind::NewCategory,
            format!("{} of rows have a label that was not there before", percent(new)),
        );
    }
    if gone >= 0.02 {
        return some(
            CauseKind::VanishedCategory,
            format!("labels of {} of the reference's rows are gone", percent(gone)),
        );
    }
    None
}
