//! Numbers that are times: epochs and days as yyyymmdd.

use super::{mostly, n_values};
use crate::cell::text::text_of;
use crate::profile::ColumnProfile;
use crate::schema::ColumnType;

/// What a number counts when it is a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Epoch {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    /// `20240131`
    CalendarDay,
}

/// What the numbers of a column count when they are times: the type is given, or the other side has times.
pub(super) fn epoch(column: &ColumnProfile, given: Option<ColumnType>, is_time_there: bool) -> Option<Epoch> {
    let is_wanted = given == Some(ColumnType::Datetime) || (given.is_none() && is_time_there);
    if !is_wanted || column.n_times() > 0 {
        return None;
    }
    let labels = column.tokens.iter().filter_map(|(label, n)| Some((text_of(label).trim().parse::<f64>().ok()?, n)));
    let numbers: Vec<(f64, u64)> = labels.chain(column.numbers.runs()).collect();
    let fits = |epoch: Epoch| {
        let read = numbers.iter().filter(|(value, _)| epoch.micros(*value).is_some());
        mostly(read.map(|(_, n)| n).sum(), n_values(column))
    };
    [Epoch::CalendarDay, Epoch::Seconds, Epoch::Milliseconds, Epoch::Microseconds, Epoch::Nanoseconds]
        .into_iter()
        .find(|epoch| fits(*epoch))
}

impl Epoch {
    /// Microseconds since 1970; `None` for what lies outside of the years 1973 to 2286, or is no date.
    pub(super) fn micros(self, value: f64) -> Option<f64> {
        let per = match self {
            Self::CalendarDay => {
                let is_day = value.fract() == 0.0 && (19_000_101.0..=21_001_231.0).contains(&value);
                let text = is_day.then(|| format!("{value:.0}"))?;
                let spelled = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8]);
                return crate::cell::time::parse(spelled.as_bytes()).map(|micros| micros as f64);
            }
            Self::Seconds => 1e6,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1.0,
            Self::Nanoseconds => 1e-3,
        };
        let micros = value * per;
        (1e14..1e16).contains(&micros).then(|| micros.floor())
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Seconds => "epoch seconds",
            Self::Milliseconds => "epoch milliseconds",
            Self::Microseconds => "epoch microseconds",
            Self::Nanoseconds => "epoch nanoseconds",
            Self::CalendarDay => "days as yyyymmdd",
        }
    }
}
