//! A file that several threads read at places of their own.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use ::parquet::errors::Result;
use ::parquet::file::reader::{ChunkReader, Length};

/// A regular file, read at positions without moving a cursor.
///
/// The `parquet` crate's own reader of [`File`] seeks, and its handles share one cursor: of two threads, each may read
/// what the other sought.
pub struct PositionedFile {
    file: Arc<File>,
    len: u64,
}

impl PositionedFile {
    /// The file, as long as it is now.
    pub fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), len })
    }
}

impl Length for PositionedFile {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for PositionedFile {
    type T = ReadFrom;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(ReadFrom { file: Arc::clone(&self.file), at: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes> {
        let mut buffer = Vec::with_capacity(length);
        self.get_read(start)?.take(length as u64).read_to_end(&mut buffer)?;
        if buffer.len() != length {
            let found = format!("{} bytes at {start}, where {length} were asked for", buffer.len());
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, found).into());
        }
        Ok(buffer.into())
    }
}

/// Reads on from a position that is its own.
pub struct ReadFrom {
    file: Arc<File>,
    at: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = read_at(&self.file, buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// `seek_read` moves the cursor too, but reads where it was told to, whoever else moves it.
#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn threads_read_where_they_were_told_to() {
        const LEN: usize = 8192;
        let bytes: Vec<u8> = (0..64_u8).flat_map(|piece| [piece; LEN]).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let file = PositionedFile::new(file).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4_u8 {
                let file = &file;
                scope.spawn(move || {
                    for round in 0..500_u32 {
                        let piece = (round as u8).wrapping_mul(7).wrapping_add(thread * 16) % 64;
                        let read = file.get_bytes(u64::from(piece) * LEN as u64, LEN).unwrap();
                        assert!(read.iter().all(|byte| *byte == piece), "piece {piece}");
                    }
                });
            }
        });
        assert!(file.get_bytes(bytes.len() as u64 - 1, 2).is_err());
        assert_eq!(file.len(), bytes.len() as u64);
    }
}
