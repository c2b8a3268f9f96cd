//! Every limit of the server, in one place: handlers, documents and tests read them here.

use std::time::Duration;

use drift::read::Limits;

/// Wrong passwords for one address before others have to wait.
pub const LOGIN_FAILURES: u32 = 5;
/// One more try after each of these: five in fifteen minutes.
pub const LOGIN_RECOVERY: Duration = Duration::from_secs(180);
/// Wrong passwords from one source, for any address, before it has to wait; browsers that are known do not count.
pub const SOURCE_FAILURES: u32 = 30;
/// One more try from that source after each of these.
pub const SOURCE_RECOVERY: Duration = Duration::from_secs(10);
/// How long a password waits for its turn to be checked.
pub const PASSWORD_WAIT: Duration = Duration::from_secs(5);

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
/// Older rows make their batch late.
pub const LATENESS: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Entries on a page of a list, when nothing else is asked for.
pub const PAGE: u64 = 50;
/// Most entries on a page.
pub const LONGEST_PAGE: u64 = 200;

/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY: std::ops::RangeInclusive<usize> = 1..=255;
/// For so long a change is not made again under its key, and its answer is repeated. Batches keep theirs for longer.
pub const IDEMPOTENCY_KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);
/// The answer to a change is kept within so long of it, or lost: its server is gone.
pub const IDEMPOTENCY_ANSWER: jiff::SignedDuration = jiff::SignedDuration::from_secs(15);
/// After so long a request that has a key is taken for dead: its server is gone. One that is only slow, such as a large
/// file's, loses its key to nobody but its own repeat, and changes nothing then.
pub const IDEMPOTENCY_LEASE: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);

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
