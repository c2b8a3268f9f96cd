//! From a source to a profile: read, hash, cut, profile blocks, merge in order.

use std::io::Read;
use std::sync::Arc;

use crate::error::{Refusal, RefusalKind, Result};
use crate::profile::{Profile, ProfileBuilder};
use crate::read::csv::Block;
use crate::read::options::ReadOptions;
use crate::read::text::{TextReader, TextTable};

/// Bytes read at once: small enough to stay in a core's own cache between hashing and cutting.
const READ_BYTES: usize = 256 << 10;

/// Told how far reading has come; may ask it to end.
pub trait Progress: Sync {
    /// `n` more bytes were read.
    fn bytes(&self, _n: u64) {}
    /// `n` more rows were profiled.
    fn rows(&self, _n: u64) {}
    /// Whether to end with an error.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Tells nobody.
pub struct NoProgress;

impl Progress for NoProgress {}

/// The profile of an input that is in memory.
pub fn profile_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Profile> {
    profile_source(
        bytes,
        &ReadOptions {
            name: name.to_owned(),
            ..options.clone()
        },
        1,
        &NoProgress,
    )
}

/// The profile of a regular file, which can be sought in: what [`profile_source`] gives, with Parquet read in place.
#[cfg(not(target_arch = "wasm32"))]
pub fn profile_file(
    file: std::fs::File,
    options: &ReadOptions,
    n_threads: usize,
    progress: &dyn Progress,
) -> Result<Profile> {
    profile_source(file, options, n_threads, progress)
}

/// The profile of a source of bytes, read to its end with up to `n_threads` threads.
///
/// The result is the same for any number of threads and any sizes of the pieces that `source` gives.
pub fn profile_source(
    mut source: impl Read + Send,
    options: &ReadOptions,
    n_threads: usize,
    progress: &dyn Progress,
) -> Result<Profile> {
    let mut hasher = blake3::Hasher::new();
    let mut n_bytes = 0;
    let mut buffer = vec![0; READ_BYTES];
    let mut builder: Option<ProfileBuilder> = None;
    let mut absorb = |table: &Arc<TextTable>, block: &Block| -> Result<()> {
        let profile = table.profile_block(block)?;
        progress.rows(profile.n_rows());
        builder
            .get_or_insert_with(|| ProfileBuilder::new(table.columns(), options))
            .absorb(&profile)
    };
    let mut reader = TextReader::new(options);
    loop {
        if progress.is_cancelled() {
            return Err(cancelled(&options.name));
        }
        let n = read_some(&mut source, &mut buffer, &options.name)?;
        if n == 0 {
            break;
        }
        hasher.update(&buffer[..n]);
        n_bytes += n as u64;
        progress.bytes(n as u64);
        reader.push(&buffer[..n], &mut |table, block| absorb(table, &block))?;
    }
    let table = reader.finish(&mut |table, block| absorb(table, &block))?;
    let builder = builder.unwrap_or_else(|| ProfileBuilder::new(table.columns(), options));
    Ok(builder.finish(
        table.format,
        n_bytes,
        hasher.finalize().to_hex().to_string(),
        n_threads,
    ))
}

fn cancelled(name: &str) -> crate::error::Error {
    Refusal::new(
        RefusalKind::Io,
        "a request to stop",
        "to read to the end",
        "",
    )
    .in_file(name)
    .into()
}

/// Fills the buffer as far as the source goes, so that short reads of a pipe cost no more than long ones.
fn read_some(source: &mut impl Read, buffer: &mut [u8], name: &str) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                let refusal = Refusal::new(
                    RefusalKind::Io,
                    format!("{error}"),
                    "to read to the end",
                    "",
                );
                return Err(refusal.in_file(name).into());
            }
        }
    }
    Ok(filled)
}
