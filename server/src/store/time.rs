//! Times as the tables hold them: microseconds since 1970. [`Row::time`](super::row::Row::time) reads them back.

use jiff::Timestamp;

pub fn to_micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}
