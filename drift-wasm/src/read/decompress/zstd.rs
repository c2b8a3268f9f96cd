//! Zstandard of one or more frames (RFC 8878), block by block.

use std::io::Read;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::error::{Refusal, RefusalKind, Result};
use crate::read::decompress::{Emit, Meter, PIECE_BYTES, damaged, truncated};

const MAGIC: u32 = 0xfd2f_b528;
const SKIPPABLE: std::ops::RangeInclusive<u32> = 0x184d_2a50..=0x184d_2a5f;

/// The largest window that `zstd -d` accepts without `--memory`.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

/// ruzstd re-uses a decoder for windows up to this size only.
const REUSABLE_WINDOW_BYTES: u64 = 100 << 20;

/// The largest block that the format allows.
const MAX_BLOCK_BYTES: usize = 128 << 10;

/// Decompresses one block at a time, so that no more than a window is held whatever the blocks claim.
pub struct Zstd {
    decoder: FrameDecoder,
    /// Input that is not decoded yet.
    pending: Vec<u8>,
    place: Place,
    buffer: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Place {
    /// Where a frame begins.
    Frame,
    /// Where a block begins; whether a checksum follows the last one.
    Block { has_checksum: bool },
    /// Within a skippable frame, so many bytes before its end.
    Skip(u64),
}

/// What a frame's header says.
struct Header {
    n_bytes: usize,
    window: u64,
    has_checksum: bool,
}

impl Zstd {
    pub fn new() -> Self {
        Self { decoder: FrameDecoder::new(), pending: Vec::new(), place: Place::Frame, buffer: vec![0; PIECE_BYTES] }
    }

    pub fn push(&mut self, bytes: &[u8], meter: &mut Meter, out: Emit) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let mut rest = pending.as_slice();
        while let Some(n) = self.step(rest, meter, out)? {
            rest = &rest[n..];
        }
        let n_done = pending.len() - rest.len();
        pending.drain(..n_done);
        self.pending = pending;
        Ok(())
    }

    pub fn finish(self, _meter: &mut Meter, _out: Emit) -> Result<()> {
        match self.place {
            Place::Frame if self.pending.is_empty() => Ok(()),
            Place::Frame | Place::Block { .. } | Place::Skip(_) => Err(truncated("zstd")),
        }
    }

    /// Decodes the next frame header or block; `None` when more input is needed.
    fn step(&mut self, input: &[u8], meter: &mut Meter, out: Emit) -> Result<Option<usize>> {
        match self.place {
            Place::Frame => self.begin_frame(input),
            Place::Block { has_checksum } => self.decode_block(input, has_checksum, meter, out),
            Place::Skip(0) => {
                self.place = Place::Frame;
                Ok(Some(0))
            }
            Place::Skip(_) if input.is_empty() => Ok(None),
            Place::Skip(n) => {
                let now = n.min(input.len() as u64);
                self.place = Place::Skip(n - now);
                Ok(Some(now as usize))
            }
        }
    }

    fn begin_frame(&mut self, input: &[u8]) -> Result<Option<usize>> {
        let Some(magic) = little_endian(input, 0, 4) else { return Ok(None) };
        if SKIPPABLE.contains(&(magic as u32)) {
            let Some(length) = little_endian(input, 4, 4) else { return Ok(None) };
            self.place = Place::Skip(length);
            return Ok(Some(8));
        }
        if magic as u32 != MAGIC {
            return Err(damaged("zstd", "bytes that begin no frame"));
        }
        let Some(header) = frame_header(input)? else { return Ok(None) };
        if header.window > MAX_WINDOW_BYTES {
            let found = format!("a zstd window of {} MiB", header.window >> 20);
            let expected = format!("at most {} MiB", MAX_WINDOW_BYTES >> 20);
            return Err(Refusal::new(
                RefusalKind::DecompressedTooLarge,
                found,
                expected,
                "compress it without `--long` or `--ultra`",
            )
            .into());
        }
        if header.window > REUSABLE_WINDOW_BYTES {
            self.decoder = FrameDecoder::new();
        }
        self.decoder.reset(&input[..header.n_bytes]).map_err(|error| damaged("zstd", error))?;
        self.place = Place::Block { has_checksum: header.has_checksum };
        Ok(Some(header.n_bytes))
    }

    fn decode_block(
        &mut self,
        input: &[u8],
        has_checksum: bool,
        meter: &mut Meter,
        out: Emit,
    ) -> Result<Option<usize>> {
        let Some(header) = little_endian(input, 0, 3) else { return Ok(None) };
        let (is_last, kind, size) = (header & 1 == 1, header >> 1 & 3, (header >> 3) as usize);
        if kind == 3 || size > MAX_BLOCK_BYTES {
            return Err(damaged("zstd", "a block that the format does not allow"));
        }
        let body = if kind == 1 { 1 } else { size };
        let n_bytes = 3 + body + if is_last && has_checksum { 4 } else { 0 };
        let Some(mut block) = input.get(..n_bytes) else { return Ok(None) };
        self.decoder
            .decode_blocks(&mut block, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| damaged("zstd", error))?;
        loop {
            let n = self.decoder.read(&mut self.buffer).map_err(|error| damaged("zstd", error))?;
            if n == 0 {
                break;
            }
            meter.count(n)?;
            out(&self.buffer[..n])?;
        }
        if is_last {
            let (said, made) = (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
            if said.is_some() && said != made {
                return Err(damaged("zstd", "its checksum is another"));
            }
            self.place = Place::Frame;
        }
        Ok(Some(n_bytes))
    }
}

/// Reads a frame's header behind its magic; `None` when it is not complete.
///
/// ruzstd reserves the window that a first frame claims without a limit, so the claim is read here first.
fn frame_header(input: &[u8]) -> Result<Option<Header>> {
    let Some(descriptor) = input.get(4) else { return Ok(None) };
    let is_single_segment = descriptor & 0x20 != 0;
    let mut n_bytes = 5;
    let mut window = 0;
    if !is_single_segment {
        let Some(byte) = input.get(n_bytes) else { return Ok(None) };
        let base = 1_u64 << (10 + (byte >> 3));
        window = base + base / 8 * u64::from(byte & 7);
        n_bytes += 1;
    }
    let dictionary_bytes = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let Some(dictionary) = little_endian(input, n_bytes, dictionary_bytes) else { return Ok(None) };
    if dictionary != 0 {
        return Err(Refusal::new(
            RefusalKind::UnsupportedFormat,
            "a zstd frame that needs a dictionary",
            "one without",
            "unpack it first",
        )
        .into());
    }
    n_bytes += dictionary_bytes;
    let size_bytes = match descriptor >> 6 {
        0 => usize::from(is_single_segment),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let Some(size) = little_endian(input, n_bytes, size_bytes) else { return Ok(None) };
    n_bytes += size_bytes;
    if is_single_segment {
        window = if size_bytes == 2 { size + 256 } else { size };
    }
    Ok(Some(Header { n_bytes, window, has_checksum: descriptor & 4 != 0 }))
}

fn little_endian(input: &[u8], start: usize, n: usize) -> Option<u64> {
    let bytes = input.get(start..start + n)?;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
