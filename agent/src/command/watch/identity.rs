//! Whether the file under a name is still the one that was followed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::spool::Followed;

/// First bytes of a file that tell it from another in its place.
const START: u64 = 1024;

/// Whether a file is the one that was followed: not another in its place, not cut, not begun anew.
pub fn goes_on_in(file: &mut File, inode: Option<u64>, followed: &Followed) -> io::Result<bool> {
    let Followed { inode: known, end, start_hash, .. } = followed;
    // Of a file of which nothing was taken, nothing can be lost or doubled.
    if *end == 0 {
        return Ok(true);
    }
    let is_other = known.is_some() && inode.is_some() && *known != inode;
    Ok(!is_other && file.metadata()?.len() >= *end && hash_of_start(file, *end)? == *start_hash)
}

/// Hash of the first bytes of a file that was taken up to `end`.
pub fn hash_of_start(file: &mut File, end: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    file.take(end.min(START)).read_to_end(&mut start)?;
    Ok(blake3::hash(&start).to_hex().to_string())
}

/// Number of a file on its disk.
#[cfg(unix)]
pub fn inode_of(file: &File) -> io::Result<Option<u64>> {
    use std::os::unix::fs::MetadataExt;
    file.metadata().map(|found| Some(found.ino()))
}

/// The system has none that can be asked for: the first bytes must tell.
#[cfg(not(unix))]
pub fn inode_of(_file: &File) -> io::Result<Option<u64>> {
    Ok(None)
}
