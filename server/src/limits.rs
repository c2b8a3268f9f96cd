//! Every limit of the server and every kind of refusal, in one place: handlers, documents and tests read them here.

use std::time::Duration;

use axum::http::StatusCode;
use drift::read::Limits;

/// Wrong passwords for one address before others have to wait.
pub const LOGIN_FAILURES: u32 = 5;
/// One more try after each of these: five in fifteen minutes.
pub const LOGIN_RECOVERY: Duration = Duration::from_secs(180);

/// Batches of one key, by minute, and at once.
pub const INGEST_PER_MINUTE: u32 = 60;
pub const INGEST_BURST: u32 = 120;

/// Bytes of a request's address and headers together.
pub const HEAD: usize = 16 << 10;
/// From a connection's first byte, or the end of the last answer, to the end of the headers.
pub const HEAD_TIME: Duration = Duration::from_secs(10);
/// Body of a request that is not a batch.
pub const JSON_BODY: usize = 1 << 20;
/// Body of a batch as it travels.
pub const INGEST_BODY: u64 = 64 << 20;
/// Bytes of batches that are being read at once.
pub const INGEST_IN_FLIGHT: u64 = 256 << 20;
/// Silence in the middle of a body.
pub const BODY_IDLE: Duration = Duration::from_secs(15);
/// From the first byte of a body to the last.
pub const BODY_TOTAL: Duration = Duration::from_secs(120);

/// A request waits so long for its turn to be read.
pub const TURN: Duration = Duration::from_secs(30);

/// Event times may be ahead of the clock by so much.
pub const EVENT_AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);
/// Older rows are refused.
pub const RETENTION: jiff::SignedDuration = jiff::SignedDuration::from_hours(90 * 24);
/// Older rows make their batch late.
pub const LATENESS: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Entries on a page of a list, when nothing else is asked for.
pub const PAGE: u64 = 50;
/// Most entries on a page.
pub const LONGEST_PAGE: u64 = 200;

/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY: std::ops::RangeInclusive<usize> = 1..=255;

/// What the engine is allowed when it reads a batch.
pub const READ: Limits = Limits {
    max_cell_bytes: 64 << 10,
    max_record_bytes: 1 << 20,
    max_columns: 2_000,
    max_rows: 5_000_000,
    max_held_bytes: 96 << 20,
    max_json_depth: 32,
    max_decompressed_bytes: 512 << 20,
    max_compression_ratio: 100,
    parquet_max_footer_bytes: 16 << 20,
    parquet_max_row_groups: 10_000,
    parquet_max_page_bytes: 64 << 20,
};

/// What the engine is allowed when it reads one of two inputs that are compared: both are held whole.
pub const CHECK: Limits = Limits { max_decompressed_bytes: 256 << 20, max_held_bytes: 128 << 20, ..READ };

/// Comparisons of two inputs that are made at once.
pub const CHECKS_AT_ONCE: usize = 1;

/// A kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub status: u16,
    /// Ends the problem's `type`.
    pub slug: &'static str,
    pub title: &'static str,
}

impl Kind {
    /// Its status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.status).expect("the table holds statuses of HTTP")
    }

    /// Whether trying again later may help.
    pub fn is_temporary(self) -> bool {
        matches!(self.status, 429 | 503 | 507)
    }
}

macro_rules! kinds {
    ($($name:ident = $status:literal $slug:literal $title:literal;)*) => {
        $(pub const $name: Kind = Kind { status: $status, slug: $slug, title: $title };)*

        /// All kinds of refusal; each has a page at its `type`.
        pub const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    HEADERS_TOO_LARGE = 431 "headers-too-large" "Address and headers are larger than the limit";
    HEADER_TIMEOUT = 408 "header-timeout" "The headers took too long";
    BODY_TIMEOUT = 408 "body-timeout" "The body took too long";
    BODY_TOO_LARGE = 413 "body-too-large" "The body is larger than the limit";
    DECOMPRESSED_TOO_LARGE = 413 "decompressed-too-large" "The body is too large once decompressed";
    UNSUPPORTED_ENCODING = 415 "unsupported-encoding" "The content encoding is not offered";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type" "The content type is not offered";
    TOO_MANY_ROWS = 422 "too-many-rows" "The batch has too many rows";
    TOO_MANY_COLUMNS = 422 "too-many-columns" "The batch has too many columns";
    INVALID_COLUMN_NAME = 422 "invalid-column-name" "A column name is empty, too long or used twice";
    TOO_MANY_VALUES = 422 "too-many-values" "The data hold more distinct values than one request may";
    CELL_TOO_LONG = 422 "cell-too-long" "A cell is longer than the limit";
    RECORD_TOO_LONG = 422 "record-too-long" "A record is longer than the limit";
    JSON_TOO_DEEP = 422 "json-too-deep" "The JSON is nested too deeply";
    MALFORMED_INPUT = 422 "malformed-input" "The data cannot be read";
    PARQUET_LIMIT = 422 "parquet-limit" "The Parquet file passes a limit";
    MALFORMED_PARQUET = 422 "malformed-parquet" "The Parquet file is damaged";
    MALFORMED_PROFILE = 422 "malformed-profile" "The profile is damaged or of another version";
    TIMESTAMP_IN_FUTURE = 422 "timestamp-in-future" "A row lies in the future";
    TIMESTAMP_TOO_OLD = 422 "timestamp-too-old" "A row is older than what is kept";
    IDEMPOTENCY_KEY_INVALID = 400 "idempotency-key-invalid" "The idempotency key has not the form of one";
    IDEMPOTENCY_IN_PROGRESS = 409 "idempotency-in-progress" "A request with this key is under way";
    IDEMPOTENCY_MISMATCH = 422 "idempotency-mismatch" "The key was used for another body";
    UNAUTHENTICATED = 401 "unauthenticated" "Nobody is logged in, and no valid key was sent";
    FORBIDDEN = 403 "forbidden" "The role or the key's scopes do not allow this";
    CROSS_ORIGIN = 403 "cross-origin" "The request comes from another site";
    NOT_FOUND = 404 "not-found" "There is nothing here, or not for you";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed" "This address does not know the method";
    CONFLICT = 409 "conflict" "It exists already";
    LAST_OWNER = 409 "last-owner" "An org needs an owner";
    STALE_VERSION = 412 "stale-version" "It was changed in the meantime";
    VERSION_REQUIRED = 428 "version-required" "The version that is to be changed is missing";
    VALIDATION = 422 "validation" "Some fields cannot be taken";
    MALFORMED_REQUEST = 400 "malformed-request" "The request cannot be read";
    RATE_LIMITED = 429 "rate-limited" "Too many requests";
    LOGIN_THROTTLED = 429 "login-throttled" "Too many wrong passwords";
    OVERLOADED = 503 "overloaded" "The server has its hands full";
    SHUTTING_DOWN = 503 "shutting-down" "The server is stopping";
    STORE_UNAVAILABLE = 503 "store-unavailable" "The database does not answer";
    INSUFFICIENT_STORAGE = 507 "insufficient-storage" "The disk is full";
    INTERNAL = 500 "internal" "Something broke here";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::KINDS;

    #[test]
    fn every_kind_has_a_slug_of_its_own_and_a_status_of_an_error() {
        let slugs: BTreeSet<_> = KINDS.iter().map(|kind| kind.slug).collect();
        assert_eq!(slugs.len(), KINDS.len());
        assert!(KINDS.iter().all(|kind| kind.status().is_client_error() || kind.status().is_server_error()));
    }
}
