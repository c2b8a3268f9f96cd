//! From a source to a profile: read, hash, decompress, cut, profile blocks, merge in order.

use std::io::Read;

use crate::error::{Refusal, RefusalKind, Result};
use crate::options::{InputFormat, ReadOptions};
use crate::profile::{BlockProfile, Profile, ProfileBuilder};
use crate::read::feed::{Bytes, Emit, End, Feed};
#[cfg(all(feature = "parquet", not(target_arch = "wasm32")))]
use crate::read::parquet::PositionedFile;
#[cfg(feature = "parquet")]
use crate::read::parquet::{ChunkReader, ParquetTable};
use crate::read::text::TextTable;

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
    profile_source(bytes, &ReadOptions { name: name.to_owned(), ..options.clone() }, 1, &NoProgress)
}

/// The profile of a regular file, which can be sought in: what [`profile_source`] gives.
#[cfg(not(target_arch = "wasm32"))]
pub fn profile_file(
    file: std::fs::File,
    options: &ReadOptions,
    n_threads: usize,
    progress: &dyn Progress,
) -> Result<Profile> {
    #[cfg(feature = "parquet")]
    if options.format.is_none_or(|format| format == InputFormat::Parquet) && begins_parquet(&file) {
        let run = Run { options, progress, n_threads };
        let read = || {
            let bytes = run.hash(&file)?;
            run.parquet(PositionedFile::new(file).map_err(unreadable)?, bytes)
        };
        return read().map_err(|error| error.in_file(&options.name));
    }
    profile_source(file, options, n_threads, progress)
}

/// Whether a file begins as Parquet does; its position is left at the start.
#[cfg(all(feature = "parquet", not(target_arch = "wasm32")))]
fn begins_parquet(mut file: &std::fs::File) -> bool {
    use std::io::Seek;
    let mut magic = [0; 4];
    let begins = file.read_exact(&mut magic).is_ok() && &magic == b"PAR1";
    file.rewind().is_ok() && begins
}

/// The profile of a source of bytes, read to its end with up to `n_threads` threads.
///
/// The result is the same for any number of threads and any sizes of the pieces that `source` gives.
pub fn profile_source(
    source: impl Read + Send,
    options: &ReadOptions,
    n_threads: usize,
    progress: &dyn Progress,
) -> Result<Profile> {
    options.check()?;
    let run = Run { options, progress, n_threads };
    run.profile(source).map_err(|error| error.in_file(&options.name))
}

pub(super) struct Run<'a> {
    pub options: &'a ReadOptions,
    pub progress: &'a dyn Progress,
    pub n_threads: usize,
}

impl Run<'_> {
    fn profile(&self, source: impl Read + Send) -> Result<Profile> {
        let mut builder: Option<ProfileBuilder> = None;
        let mut absorb = |table: &TextTable, profile: &BlockProfile| -> Result<()> {
            self.progress.rows(profile.n_rows());
            builder.get_or_insert_with(|| ProfileBuilder::new(table.columns(), self.options)).absorb(profile)
        };
        let (end, bytes) = if self.n_threads > 1 {
            self.read_with_threads(source, &mut absorb)?
        } else {
            self.read(source, &mut |table, block| {
                let profile = table.profile_block(&block)?;
                table.recycle(block);
                absorb(table, &profile)
            })?
        };
        self.conclude(builder, end, bytes)
    }

    /// The profile, when the source has been read.
    pub fn conclude(&self, builder: Option<ProfileBuilder>, end: End, bytes: Bytes) -> Result<Profile> {
        match end {
            End::Text(table) => {
                let mut builder = builder.unwrap_or_else(|| ProfileBuilder::new(table.columns(), self.options));
                builder.remark(table.remarks().iter().cloned());
                Ok(builder.finish(table.format, bytes.n, bytes.hash, self.n_threads))
            }
            End::Whole(InputFormat::Profile, whole) => {
                Ok(Profile { name: self.options.name.clone(), ..Profile::decode(&whole)? })
            }
            End::Whole(format, whole) => self.columnar(format, whole, bytes),
        }
    }

    #[cfg(feature = "parquet")]
    fn columnar(&self, _format: InputFormat, whole: Vec<u8>, bytes: Bytes) -> Result<Profile> {
        self.parquet(bytes::Bytes::from(whole), bytes)
    }

    #[cfg(not(feature = "parquet"))]
    fn columnar(&self, format: InputFormat, _whole: Vec<u8>, _bytes: Bytes) -> Result<Profile> {
        Err(unsupported(format))
    }

    /// Row groups are the blocks: read some at a time, each by one thread, and absorbed in order.
    #[cfg(feature = "parquet")]
    fn parquet<R: ChunkReader + 'static>(&self, reader: R, bytes: Bytes) -> Result<Profile> {
        let table = ParquetTable::open(&self.options.name, reader, self.options)?;
        let mut builder = ProfileBuilder::new(table.columns(), self.options);
        let row_groups: Vec<usize> = (0..table.n_row_groups()).collect();
        for some in row_groups.chunks(self.n_threads.max(1)) {
            let read = |row_group: usize| -> Result<Vec<BlockProfile>> {
                let mut blocks = Vec::new();
                table.profile_row_group(row_group, &mut |block| {
                    blocks.push(block);
                    Ok(())
                })?;
                Ok(blocks)
            };
            for blocks in crate::parallel::map(some.to_vec(), self.n_threads, read) {
                for block in blocks? {
                    self.progress.rows(block.n_rows());
                    builder.absorb(&block)?;
                }
            }
            if self.progress.is_cancelled() {
                return Err(cancelled());
            }
        }
        Ok(builder.finish(InputFormat::Parquet, bytes.n, bytes.hash, self.n_threads))
    }

    /// Hashes and counts the bytes of a file that is read by seeking.
    #[cfg(all(feature = "parquet", not(target_arch = "wasm32")))]
    fn hash(&self, mut file: &std::fs::File) -> Result<Bytes> {
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; READ_BYTES];
        let mut n_bytes = 0;
        loop {
            let n = read_some(&mut file, &mut buffer)?;
            if n == 0 {
                return Ok(Bytes { hash: hasher.finalize().to_hex().to_string(), n: n_bytes });
            }
            hasher.update(&buffer[..n]);
            n_bytes += n as u64;
            self.progress.bytes(n as u64);
        }
    }

    /// Reads to the end: hashes and counts the bytes, decompresses them, hands out blocks in order.
    fn read(&self, mut source: impl Read, emit: Emit<'_>) -> Result<(End, Bytes)> {
        let mut feed = Feed::new(self.options.clone());
        let mut buffer = vec![0; READ_BYTES];
        loop {
            if self.progress.is_cancelled() {
                return Err(cancelled());
            }
            let n = read_some(&mut source, &mut buffer)?;
            if n == 0 {
                return feed.finish(emit);
            }
            self.progress.bytes(n as u64);
            feed.push(&buffer[..n], emit)?;
        }
    }

    /// As [`Run::read`], with blocks profiled by other threads and absorbed in their order.
    #[cfg(not(target_arch = "wasm32"))]
    fn read_with_threads(
        &self,
        source: impl Read,
        absorb: &mut dyn FnMut(&TextTable, &BlockProfile) -> Result<()>,
    ) -> Result<(End, Bytes)> {
        use std::collections::BTreeMap;
        use std::sync::{Arc, Mutex, mpsc};

        use crate::read::csv::Block;

        type Done = (usize, Arc<TextTable>, Result<BlockProfile>);
        let (jobs, queue) = mpsc::sync_channel::<(usize, Arc<TextTable>, Block)>(self.n_threads);
        let (done, results) = mpsc::channel::<Done>();
        let queue = Arc::new(Mutex::new(queue));
        std::thread::scope(|scope| {
            for _ in 0..self.n_threads {
                let (queue, done) = (Arc::clone(&queue), done.clone());
                scope.spawn(move || {
                    loop {
                        let job = queue.lock().expect("no thread panics while it holds the lock").recv();
                        let Ok((index, table, block)) = job else { return };
                        let profile = table.profile_block(&block);
                        table.recycle(block);
                        if done.send((index, table, profile)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(done);
            let mut waiting: BTreeMap<usize, Done> = BTreeMap::new();
            let (mut n_sent, mut n_absorbed) = (0, 0);
            let mut take = |wait_below: usize, n_sent: usize| -> Result<()> {
                while n_sent - n_absorbed > wait_below {
                    if let Some((_, table, profile)) = waiting.remove(&n_absorbed) {
                        n_absorbed += 1;
                        absorb(&table, &profile?)?;
                        continue;
                    }
                    let next = results.recv().expect("threads live until the queue closes");
                    waiting.insert(next.0, next);
                }
                Ok(())
            };
            let end = self.read(source, &mut |table, block| {
                take(self.n_threads + 1, n_sent)?;
                jobs.send((n_sent, Arc::clone(table), block)).expect("threads live until the queue closes");
                n_sent += 1;
                Ok(())
            });
            drop(jobs);
            let end = end?;
            take(0, n_sent)?;
            Ok(end)
        })
    }

    #[cfg(target_arch = "wasm32")]
    fn read_with_threads(
        &self,
        source: impl Read,
        absorb: &mut dyn FnMut(&TextTable, &BlockProfile) -> Result<()>,
    ) -> Result<(End, Bytes)> {
        self.read(source, &mut |table, block| {
            let profile = table.profile_block(&block)?;
            table.recycle(block);
            absorb(table, &profile)
        })
    }
}

/// A format that this build cannot read.
pub(super) fn unsupported(format: InputFormat) -> crate::error::Error {
    let expected = "a format that is read here";
    let found = format!("a {} file", format.as_str());
    Refusal::new(RefusalKind::UnsupportedFormat, found, expected, "convert it to CSV or NDJSON").into()
}

fn unreadable(error: std::io::Error) -> crate::error::Error {
    Refusal::new(RefusalKind::Io, error.to_string(), "to read to the end", "").into()
}

fn cancelled() -> crate::error::Error {
    Refusal::new(RefusalKind::Cancelled, "a request to stop", "to read to the end", "").into()
}

/// Fills the buffer as far as the source goes, so that short reads of a pipe cost no more than long ones.
fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(filled)
}
