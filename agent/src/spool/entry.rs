//! One entry of the spool: a line of JSON, then the body.
//!
//! It gets its name only when it is whole and on the disk. A checksum tells what the disk broke.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::spool::private;

/// The line before the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Idempotency key: the same for each attempt.
    pub key: String,
    /// Where the body comes from.
    pub source: String,
    /// Bytes of the source up to the end of this body.
    pub source_end: u64,
    pub n_bytes: u64,
    /// BLAKE3 of the body.
    pub checksum: String,
    /// How far the source was taken with this body, for sources that grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<Followed>,
}

/// How far a file that grows was taken, and what tells it from one that takes its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// How often the file was replaced: it distinguishes equal lines at equal places of two files.
    pub generation: u64,
    /// Number of the file on its disk, where the system has one.
    pub inode: Option<u64>,
    /// Bytes that were taken.
    pub end: u64,
    /// BLAKE3 of the first of them.
    pub start_hash: String,
}

/// An entry that is whole.
#[derive(Debug)]
pub struct Entry {
    pub number: u64,
    pub head: Head,
    pub body: Vec<u8>,
}

/// What lies under a number in the spool.
#[derive(Debug)]
pub enum Found {
    Whole(Entry),
    /// The disk broke it, and it was put aside. Its head may still tell where it came from.
    Broken(Option<Head>),
    /// Something else removed it.
    Gone,
}

impl Head {
    /// The head of a body.
    pub fn new(key: String, source: String, source_end: u64, body: &[u8]) -> Self {
        let checksum = blake3::hash(body).to_hex().to_string();
        Self { key, source, source_end, n_bytes: body.len() as u64, checksum, followed: None }
    }
}

/// Writes an entry under a passing name, then gives it its own; returns its bytes.
pub fn write(unfinished: &Path, path: &Path, head: &Head, body: &[u8]) -> io::Result<u64> {
    let mut line = serde_json::to_vec(head)?;
    line.push(b'\n');
    let mut file = private::open_file(unfinished, true)?;
    file.write_all(&line)?;
    file.write_all(body)?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    Ok((line.len() + body.len()) as u64)
}

/// Reads an entry and checks it.
pub fn read(path: &Path, number: u64) -> io::Result<Found> {
    let mut reader = BufReader::new(File::open(path)?);
    let Some(head) = head(&mut reader)? else { return Ok(Found::Broken(None)) };
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    let is_whole = body.len() as u64 == head.n_bytes && blake3::hash(&body).to_hex().as_str() == head.checksum;
    Ok(if is_whole { Found::Whole(Entry { number, head, body }) } else { Found::Broken(Some(head)) })
}

/// Reads the line before the body, and no more.
pub fn read_head(path: &Path) -> io::Result<Option<Head>> {
    head(&mut BufReader::new(File::open(path)?))
}

fn head(reader: &mut impl BufRead) -> io::Result<Option<Head>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    Ok(serde_json::from_slice(&line).ok())
}
