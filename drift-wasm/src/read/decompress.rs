//! Compressed inputs, push-style: bytes in any pieces in, decompressed pieces out, in bounded memory.

mod gzip;
#[cfg(feature = "zstd")]
mod zstd;

use crate::error::{Error, Refusal, RefusalKind, Result};
use crate::options::Limits;
use crate::read::sniff::Compression;

/// Largest piece that is handed out.
const PIECE_BYTES: usize = 256 << 10;

/// Decompressed bytes below which the ratio is not judged: a small table of one value may shrink to nothing.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// Takes decompressed pieces.
type Emit<'a> = &'a mut dyn FnMut(&[u8]) -> Result<()>;

/// Undoes the compression of a whole input.
///
/// Refuses truncated and damaged streams (checksums are compared) and those that grow beyond the limits.
/// Messages do not name the input: add it with [`Error::in_file`].
pub struct Decompressor {
    state: State,
    meter: Meter,
}

enum State {
    None,
    Gzip(gzip::Gzip),
    #[cfg(feature = "zstd")]
    Zstd(Box<zstd::Zstd>),
    #[cfg(not(feature = "zstd"))]
    Zstd,
}

impl Decompressor {
    /// A decompressor of one input.
    pub fn new(compression: Compression, limits: &Limits) -> Self {
        let state = match compression {
            Compression::None => State::None,
            Compression::Gzip => State::Gzip(gzip::Gzip::new()),
            #[cfg(feature = "zstd")]
            Compression::Zstd => State::Zstd(Box::new(zstd::Zstd::new())),
            #[cfg(not(feature = "zstd"))]
            Compression::Zstd => State::Zstd,
        };
        let (max_bytes, max_ratio) = (limits.max_decompressed_bytes, limits.max_compression_ratio);
        Self { state, meter: Meter { n_in: 0, n_out: 0, max_bytes, max_ratio } }
    }

    /// Takes the next bytes and hands out what they decompress to.
    pub fn push(&mut self, bytes: &[u8], out: Emit) -> Result<()> {
        self.meter.n_in += bytes.len() as u64;
        match &mut self.state {
            State::None => out(bytes),
            State::Gzip(gzip) => gzip.push(bytes, &mut self.meter, out),
            #[cfg(feature = "zstd")]
            State::Zstd(zstd) => zstd.push(bytes, &mut self.meter, out),
            #[cfg(not(feature = "zstd"))]
            State::Zstd => Err(no_zstd()),
        }
    }

    /// Ends the input; a stream that is not complete is refused.
    pub fn finish(
        self,
        #[cfg_attr(not(feature = "zstd"), expect(unused, reason = "gzip holds nothing back"))] out: Emit,
    ) -> Result<()> {
        match self.state {
            State::None => Ok(()),
            State::Gzip(gzip) => gzip.finish(),
            #[cfg(feature = "zstd")]
            State::Zstd(zstd) => {
                let mut meter = self.meter;
                zstd.finish(&mut meter, out)
            }
            #[cfg(not(feature = "zstd"))]
            State::Zstd => Err(no_zstd()),
        }
    }
}

/// Decompresses a stream that is all there and must give `n_bytes`.
#[cfg(feature = "parquet")]
pub(crate) fn decompress_whole(compression: Compression, input: &[u8], n_bytes: usize) -> Result<Vec<u8>> {
    let limits =
        Limits { max_decompressed_bytes: n_bytes as u64, max_compression_ratio: u64::MAX, ..Limits::default() };
    let mut output = Vec::with_capacity(n_bytes);
    let mut out = |piece: &[u8]| {
        output.extend_from_slice(piece);
        Ok(())
    };
    let mut decompressor = Decompressor::new(compression, &limits);
    decompressor.push(input, &mut out)?;
    decompressor.finish(&mut out)?;
    Ok(output)
}

/// Bytes in and out, held to the limits.
struct Meter {
    n_in: u64,
    n_out: u64,
    max_bytes: u64,
    max_ratio: u64,
}

impl Meter {
    /// Counts a piece before it is handed out.
    fn count(&mut self, n: usize) -> Result<()> {
        self.n_out += n as u64;
        let refuse = |found: String, expected: String| {
            let mend = "unpack it to see whether it is what it should be";
            Err(Refusal::new(RefusalKind::DecompressedTooLarge, found, expected, mend).into())
        };
        if self.n_out > self.max_bytes {
            let max = self.max_bytes;
            return refuse(format!("more than {max} bytes after decompression"), format!("at most {max}"));
        }
        let allowed = self.n_in.saturating_mul(self.max_ratio).max(RATIO_FREE_BYTES);
        if self.n_out > allowed {
            let ratio = self.n_out / self.n_in.max(1);
            return refuse(format!("a compression ratio of {ratio}:1"), format!("at most {}:1", self.max_ratio));
        }
        Ok(())
    }
}

#[cfg(not(feature = "zstd"))]
fn no_zstd() -> Error {
    let (found, expected) = ("text behind zstd", "plain text or gzip");
    Refusal::new(RefusalKind::UnsupportedFormat, found, expected, "unpack it first").into()
}

fn truncated(what: &str) -> Error {
    let mend = "copy or download the file again";
    Refusal::new(RefusalKind::MalformedInput, format!("a {what} stream that ends early"), "its end", mend).into()
}

fn damaged(what: &str, detail: impl std::fmt::Display) -> Error {
    let found = format!("a damaged {what} stream ({detail})");
    Refusal::new(RefusalKind::MalformedInput, found, "an intact one", "copy or download the file again").into()
}

#[cfg(test)]
mod tests;
