//! Bodies of rows, read within what the server has room for.
//!
//! Two things are shared out among all requests: bytes that are held at once, and readers. A request holds a reader only
//! while it has something to read: whoever sends slowly keeps nobody else from being read.

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_LENGTH},
    },
};
use drift::read::{
    Slotted,
    sniff::{Compression, Sniffed, sniff},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use super::incoming::{Incoming, too_large};
use crate::{
    ingest::{Reading, Seen},
    limits,
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
};

/// Bodies of text up to this size are read where the request is answered: a millisecond or two, in which its thread does
/// nothing else. To wake another for so little costs a part of that, and the small batches of many senders add up.
const SMALL: usize = 512 << 10;
/// What is gathered of larger ones before a reader is asked for: it is woken for each such part.
const PART: usize = 1 << 20;
/// By so many bytes formats are told apart that are no text.
const HEAD: usize = 8;

/// What a request holds of the bytes that all requests may hold at once. Given back when it goes.
pub struct Room<'a> {
    all: &'a Semaphore,
    held: Option<SemaphorePermit<'a>>,
}

impl<'a> Room<'a> {
    /// Room for nothing yet.
    pub fn new(app: &'a AppState) -> Self {
        Self { all: &app.ingest_kib, held: None }
    }

    /// Holds so many bytes in all; less than before gives nothing back.
    pub fn hold(&mut self, n_bytes: usize) -> ApiResult<()> {
        let n_kib = n_bytes.div_ceil(1024);
        let held = self.held.as_ref().map_or(0, SemaphorePermit::num_permits);
        if n_kib <= held {
            return Ok(());
        }
        let overloaded = || ApiError::new(kinds::OVERLOADED, "too many bytes are being read; try again");
        let more = u32::try_from(n_kib - held).map_err(|_| overloaded())?;
        let more = self.all.try_acquire_many(more).map_err(|_| overloaded())?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}

/// Waits for a turn among a few, for as long as a sender may be kept waiting.
pub async fn turn(of: &Semaphore) -> ApiResult<SemaphorePermit<'_>> {
    let permit = timeout(limits::TURN, of.acquire()).await;
    let busy = |_| ApiError::new(kinds::OVERLOADED, "others are being read; try again");
    permit.map_err(busy)?.map_err(|_| ApiError::internal())
}

/// Reads a body to its end, within its limits.
pub async fn take_in(
    app: &AppState,
    room: &mut Room<'_>,
    headers: &HeaderMap,
    body: Body,
    mut reading: Box<Reading>,
) -> ApiResult<(Slotted, Seen)> {
    check_encoding(headers)?;
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if let Some(length) = length.filter(|length| *length > limits::INGEST_BODY) {
        return Err(too_large(limits::INGEST_BODY, Some(length)));
    }
    let mut incoming = Incoming::new(body, limits::INGEST_BODY);
    let mut is_first = true;
    loop {
        let Part { pieces, n_bytes, is_last } = gather(&mut incoming, room, reading.held_bytes()).await?;
        if is_first && is_last && n_bytes <= SMALL && is_quick(&pieces) {
            if let [whole] = pieces.as_slice() {
                return reading.read_whole(whole);
            }
            pieces.iter().try_for_each(|piece| reading.push(piece))?;
            return reading.finish();
        }
        is_first = false;
        let asked_at = Instant::now();
        let step = {
            let _reader = turn(&app.readers).await?;
            incoming.pause(asked_at.elapsed());
            let read = move || -> ApiResult<Step> {
                pieces.iter().try_for_each(|piece| reading.push(piece))?;
                Ok(if is_last { Step::Over(Box::new(reading.finish()?)) } else { Step::Reading(reading) })
            };
            tokio::task::spawn_blocking(read).await.map_err(|_| ApiError::internal())??
        };
        match step {
            Step::Over(read) => return Ok(*read),
            Step::Reading(goes_on) => reading = goes_on,
        }
        room.hold(reading.held_bytes())?;
    }
}

enum Step {
    Reading(Box<Reading>),
    Over(Box<(Slotted, Seen)>),
}

/// Some pieces of a body.
struct Part {
    pieces: Vec<Bytes>,
    n_bytes: usize,
    is_last: bool,
}

/// Receives so much that it is worth reading.
async fn gather(incoming: &mut Incoming, room: &mut Room<'_>, held_bytes: usize) -> ApiResult<Part> {
    let mut part = Part { pieces: Vec::new(), n_bytes: 0, is_last: false };
    while part.n_bytes < PART {
        let Some(piece) = incoming.next().await? else {
            part.is_last = true;
            break;
        };
        part.n_bytes += piece.len();
        room.hold(held_bytes + part.n_bytes)?;
        part.pieces.push(piece);
    }
    Ok(part)
}

/// Whether it is plain text, of which a little is read in no time; what is packed may be a hundred times as much.
fn is_quick(pieces: &[Bytes]) -> bool {
    let head: Vec<u8> = pieces.iter().flatten().copied().take(HEAD).collect();
    let Sniffed { compression, format } = sniff(&head);
    compression == Compression::None && format.is_none_or(|format| format.is_text())
}

/// Compression is recognised by content; an encoding that is not offered is refused by name.
fn check_encoding(headers: &HeaderMap) -> ApiResult<()> {
    let encoding = headers.get(CONTENT_ENCODING).map_or("identity", |value| value.to_str().unwrap_or("?"));
    match encoding.trim().to_ascii_lowercase().as_str() {
        "identity" | "gzip" | "x-gzip" | "zstd" => Ok(()),
        other => Err(ApiError::new(kinds::UNSUPPORTED_ENCODING, format!("`{other}` is not offered; use gzip or zstd"))),
    }
}
