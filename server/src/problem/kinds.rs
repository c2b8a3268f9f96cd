//! Every kind of refusal: its status, its name in addresses, and what to do about it.

use axum::http::StatusCode;

/// A kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub status: u16,
    /// Ends the problem's `type`.
    pub slug: &'static str,
    pub title: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
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
    ($($name:ident = $status:literal $slug:literal $title:literal $remedy:literal;)*) => {
        $(pub const $name: Kind = Kind { status: $status, slug: $slug, title: $title, remedy: $remedy };)*

        /// All kinds of refusal; each has a page at its `type`.
        pub const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    HEADERS_TOO_LARGE = 431 "headers-too-large" "Address and headers are larger than the limit"
        "Send fewer or shorter headers and cookies, or a shorter address.";
    HEADER_TIMEOUT = 408 "header-timeout" "The headers took too long"
        "Send the headers at once; look for a slow or broken connection.";
    BODY_TIMEOUT = 408 "body-timeout" "The body took too long"
        "Send the body without a break; cut it into several batches if the connection is slow.";
    BODY_TOO_LARGE = 413 "body-too-large" "The body is larger than the limit"
        "Compress the body, or cut it into several.";
    DECOMPRESSED_TOO_LARGE = 413 "decompressed-too-large" "The body is too large once decompressed"
        "Cut the data into several batches.";
    UNSUPPORTED_ENCODING = 415 "unsupported-encoding" "The content encoding is not offered"
        "Send batches as they are, as gzip or as zstd; send other bodies as they are.";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type" "The content type is not offered"
        "Name the format in `Content-Type` as the route's description has it, or leave it to the content.";
    TOO_MANY_ROWS = 422 "too-many-rows" "The batch has too many rows"
        "Cut the data into several batches.";
    TOO_MANY_COLUMNS = 422 "too-many-columns" "The batch has too many columns"
        "Send only the columns that are to be watched.";
    INVALID_COLUMN_NAME = 422 "invalid-column-name" "A column name is empty, too long or used twice"
        "Give each column a name of its own, of 1 to 256 bytes.";
    TOO_MANY_VALUES = 422 "too-many-values" "The data hold more distinct values than one request may"
        "Leave out columns in which nearly every value differs, such as ids, or send fewer rows at once.";
    CELL_TOO_LONG = 422 "cell-too-long" "A cell is longer than the limit"
        "Leave out the column with long texts, or cut them short; look for a missing quotation mark.";
    RECORD_TOO_LONG = 422 "record-too-long" "A record is longer than the limit"
        "Look for a missing quotation mark or line end, or send fewer columns.";
    JSON_TOO_DEEP = 422 "json-too-deep" "The JSON is nested too deeply"
        "Flatten the rows: a cell that is an object or a list is taken as text.";
    MALFORMED_INPUT = 422 "malformed-input" "The data cannot be read"
        "The detail names row and column; mend the data there, or name the format in `Content-Type`.";
    PARQUET_LIMIT = 422 "parquet-limit" "The Parquet file passes a limit"
        "Write the file with smaller pages or fewer row groups.";
    MALFORMED_PARQUET = 422 "malformed-parquet" "The Parquet file is damaged"
        "Write the file again; it may have been cut short on its way.";
    MALFORMED_PROFILE = 422 "malformed-profile" "The profile is damaged or of another version"
        "Make the profile again with this version of DriftSiren.";
    TIMESTAMP_IN_FUTURE = 422 "timestamp-in-future" "A row lies in the future"
        "Look at the clock and the time zone of whoever wrote the times.";
    TIMESTAMP_TOO_OLD = 422 "timestamp-too-old" "A row is older than what is kept"
        "Send rows while they are within the retention of their dataset, or set that to more days.";
    IDEMPOTENCY_KEY_INVALID = 400 "idempotency-key-invalid" "The idempotency key has not the form of one"
        "Use 1 to 255 visible ASCII characters, such as a date or a UUID.";
    IDEMPOTENCY_IN_PROGRESS = 409 "idempotency-in-progress" "A request with this key is under way"
        "Wait a second, then send the same again: the answer will be that of the first.";
    IDEMPOTENCY_MISMATCH = 422 "idempotency-mismatch" "The key was used for another request"
        "Use another key for another method, address or body.";
    IDEMPOTENCY_ANSWER_GONE = 409 "idempotency-answer-gone" "It was done, and its answer is not kept"
        "Do not send it under another key before you have looked at what is there. A key that was shown once can be rotated, an invite taken back and made again.";
    UNAUTHENTICATED = 401 "unauthenticated" "Nobody is logged in, and no valid key was sent"
        "Log in, or send a key that is neither revoked nor expired as `Authorization: Bearer ds_…`.";
    FORBIDDEN = 403 "forbidden" "The role or the key's scopes do not allow this"
        "Ask an admin or owner of the org for another role, or for a key with the scope that is needed.";
    CROSS_ORIGIN = 403 "cross-origin" "The request comes from another site"
        "Make changes on the server's own pages, or with a key and no cookie.";
    NOT_FOUND = 404 "not-found" "There is nothing here, or not for you"
        "Look at the address, and whether you belong to the org.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed" "This address does not know the method"
        "The header `Allow` names the methods that the address knows.";
    CONFLICT = 409 "conflict" "It exists already"
        "Choose another name, or use what is there.";
    LAST_OWNER = 409 "last-owner" "An org needs an owner"
        "Make somebody else an owner first.";
    ACTIVE_REFERENCE = 409 "active-reference" "The reference is in use"
        "Make another reference the active one first.";
    STALE_VERSION = 412 "stale-version" "It was changed in the meantime"
        "Read it again, look at what changed, and send its `ETag` as `If-Match`.";
    VERSION_REQUIRED = 428 "version-required" "The version that is to be changed is missing"
        "Read it first, and send its `ETag` as `If-Match`.";
    VALIDATION = 422 "validation" "Some fields cannot be taken"
        "`errors` points at each field that cannot be taken, and says what can.";
    MALFORMED_REQUEST = 400 "malformed-request" "The request cannot be read"
        "Look at whether the body is whole, and of the form that the route's description has.";
    RATE_LIMITED = 429 "rate-limited" "Too many requests"
        "Wait as long as `Retry-After` says; put more rows into each batch.";
    LOGIN_THROTTLED = 429 "login-throttled" "Too many wrong passwords"
        "Wait as long as `Retry-After` says, then try the right password.";
    OVERLOADED = 503 "overloaded" "The server has its hands full"
        "Wait as long as `Retry-After` says, then send the same again.";
    SHUTTING_DOWN = 503 "shutting-down" "The server is stopping"
        "Send the same again in a moment, when the server is back.";
    STORE_UNAVAILABLE = 503 "store-unavailable" "The database does not answer"
        "Send the same again in a moment; nothing was kept. Whoever runs the server sees why in its log.";
    INSUFFICIENT_STORAGE = 507 "insufficient-storage" "The disk is full"
        "Whoever runs the server makes room on its disk; what is there can be read meanwhile.";
    INTERNAL = 500 "internal" "Something broke here"
        "Try again; if it stays, tell whoever runs the server the request's id, which is in its log.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::KINDS;

    #[test]
    fn every_kind_has_a_slug_of_its_own_and_a_status_of_an_error() {
        let slugs: BTreeSet<_> = KINDS.iter().map(|kind| kind.slug).collect();
        assert_eq!(slugs.len(), KINDS.len());
        assert!(KINDS.iter().all(|kind| kind.remedy.ends_with('.')));
        assert!(KINDS.iter().all(|kind| kind.status().is_client_error() || kind.status().is_server_error()));
    }
}
