//! Every limit beside the refusal of what passes it, as people read them.

use std::time::Duration;

use drift::wire::USUAL_RETENTION_DAYS;

use super::kinds::{self, Kind};
use crate::limits::{
    BODY_IDLE, BODY_TOTAL, EVENT_AHEAD, HEAD, HEAD_TIME, IDEMPOTENCY_KEY, INGEST_BODY, INGEST_BURST, INGEST_IN_FLIGHT,
    INGEST_PER_MINUTE, JSON_BODY, LOGIN_FAILURES, LOGIN_RECOVERY, LONGEST_PAGE, READ, SOURCE_FAILURES, SOURCE_RECOVERY,
};

/// What is limited, as people read it, with the refusal of what passes it.
pub fn limits() -> Vec<(&'static str, String, Kind)> {
    let (mib, seconds) =
        (|bytes: u64| format!("{} MiB", bytes >> 20), |time: Duration| format!("{} s", time.as_secs()));
    vec![
        ("Address and headers together", format!("{} KiB", HEAD >> 10), kinds::HEADERS_TOO_LARGE),
        ("Time for the headers", seconds(HEAD_TIME), kinds::HEADER_TIMEOUT),
        ("Silence within a body", seconds(BODY_IDLE), kinds::BODY_TIMEOUT),
        ("Time for a body", seconds(BODY_TOTAL), kinds::BODY_TIMEOUT),
        ("Body of a batch as it travels", mib(INGEST_BODY), kinds::BODY_TOO_LARGE),
        ("Any other body", mib(JSON_BODY as u64), kinds::BODY_TOO_LARGE),
        ("Body of a batch once decompressed", mib(READ.max_decompressed_bytes), kinds::DECOMPRESSED_TOO_LARGE),
        ("Bytes of batches that are read at once", mib(INGEST_IN_FLIGHT), kinds::OVERLOADED),
        ("Rows of a batch", READ.max_rows.to_string(), kinds::TOO_MANY_ROWS),
        ("Columns", READ.max_columns.to_string(), kinds::TOO_MANY_COLUMNS),
        ("Memory for distinct values of a batch", mib(READ.max_held_bytes as u64), kinds::TOO_MANY_VALUES),
        ("A cell", format!("{} KiB", READ.max_cell_bytes >> 10), kinds::CELL_TOO_LONG),
        ("A record", mib(READ.max_record_bytes as u64), kinds::RECORD_TOO_LONG),
        ("Nesting of JSON", READ.max_json_depth.to_string(), kinds::JSON_TOO_DEEP),
        ("Row groups of a Parquet file", READ.parquet_max_row_groups.to_string(), kinds::PARQUET_LIMIT),
        ("A row's time ahead of the clock", format!("{} min", EVENT_AHEAD.as_mins()), kinds::TIMESTAMP_IN_FUTURE),
        (
            "Age of a row",
            format!("{USUAL_RETENTION_DAYS} days, unless its dataset says otherwise"),
            kinds::TIMESTAMP_TOO_OLD,
        ),
        ("An idempotency key", format!("{} characters", IDEMPOTENCY_KEY.end()), kinds::IDEMPOTENCY_KEY_INVALID),
        ("Batches of one key", format!("{INGEST_PER_MINUTE} a minute, {INGEST_BURST} at once"), kinds::RATE_LIMITED),
        (
            "Wrong passwords",
            format!("{LOGIN_FAILURES}, one more each {}", seconds(LOGIN_RECOVERY)),
            kinds::LOGIN_THROTTLED,
        ),
        (
            "Wrong passwords from one source",
            format!("{SOURCE_FAILURES}, one more each {}", seconds(SOURCE_RECOVERY)),
            kinds::LOGIN_THROTTLED,
        ),
        ("Entries on a page of a list", LONGEST_PAGE.to_string(), kinds::VALIDATION),
    ]
}
