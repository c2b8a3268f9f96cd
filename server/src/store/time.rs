//! Times as the tables hold them: microseconds since 1970.

use jiff::Timestamp;

pub fn to_micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time of a column that only we write.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
