//! What waits to be sent, on disk: it outlives this program and the server's absence.
//!
//! An entry is one file: a line of JSON, then the body. It gets its name only when it is whole and on the disk.
//! A checksum tells what the disk broke.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const ENDING: &str = "batch";

/// A folder of entries.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    /// Bytes that may wait.
    cap: u64,
    next: u64,
}

/// What stands before the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Idempotency key: the same for each attempt.
    pub key: String,
    /// Where the body comes from.
    pub source: String,
    /// Bytes of the source up to the end of this body, for sources that grow.
    pub source_end: u64,
    pub n_bytes: u64,
    /// BLAKE3 of the body.
    pub checksum: String,
}

/// An entry that is whole.
#[derive(Debug)]
pub struct Entry {
    pub path: PathBuf,
    pub head: Head,
    pub body: Vec<u8>,
}

/// What lies under a name in the spool.
#[derive(Debug)]
pub enum Found {
    Whole(Entry),
    /// The disk broke it, and it was put aside. Its head may still tell where it came from.
    Broken(Option<Head>),
}

/// What became of something that was to wait.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    Yes,
    /// The cap is reached: it stays where it comes from.
    Full,
}

impl Spool {
    /// Opens a folder. What was left half-written is removed: nobody was told that it waits.
    pub fn open(folder: &Path, cap: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            if path.extension().is_some_and(|ending| ending == "tmp") {
                fs::remove_file(path)?;
            }
        }
        let mut spool = Self { folder: folder.to_owned(), cap, next: 0 };
        let last = spool.paths()?.last().and_then(|path| path.file_stem()?.to_str()?.parse::<u64>().ok());
        spool.next = last.map_or(0, |last| last + 1);
        Ok(spool)
    }

    /// The entries that wait, oldest first.
    pub fn paths(&self) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// Keeps a body until it is sent; when this answers, it is on the disk.
    pub fn keep(&mut self, key: &str, source: &str, source_end: u64, body: &[u8]) -> io::Result<Kept> {
        let waiting = self.paths()?.iter().map(|path| fs::metadata(path).map_or(0, |found| found.len())).sum::<u64>();
        if waiting + body.len() as u64 > self.cap {
            return Ok(Kept::Full);
        }
        let head = Head {
            key: key.to_owned(),
            source: source.to_owned(),
            source_end,
            n_bytes: body.len() as u64,
            checksum: blake3::hash(body).to_hex().to_string(),
        };
        let unfinished = self.folder.join(format!("{:020}.tmp", self.next));
        let mut file = File::create(&unfinished)?;
        serde_json::to_writer(&mut file, &head)?;
        file.write_all(b"\n")?;
        file.write_all(body)?;
        file.sync_all()?;
        fs::rename(&unfinished, unfinished.with_extension(ENDING))?;
        // The name is on the disk when the folder is.
        File::open(&self.folder)?.sync_all()?;
        self.next += 1;
        Ok(Kept::Yes)
    }

    /// Reads an entry. One that the disk broke is put aside under another name, where a person finds it.
    pub fn read(&self, path: &Path) -> io::Result<Found> {
        let found = read_entry(path)?;
        if matches!(found, Found::Broken(_)) {
            fs::rename(path, path.with_extension("broken"))?;
        }
        Ok(found)
    }

    /// Puts an entry that the server refused aside, where a person finds it.
    pub fn put_aside(&self, entry: &Entry) -> io::Result<PathBuf> {
        let aside = entry.path.with_extension("refused");
        fs::rename(&entry.path, &aside)?;
        Ok(aside)
    }

    /// Forgets an entry: the server has it.
    pub fn remove(&self, entry: &Entry) -> io::Result<()> {
        fs::remove_file(&entry.path)
    }

    /// Bytes of a source that wait or were sent, as far as the entries know.
    pub fn end_of(&self, source: &str) -> io::Result<u64> {
        let mut end = 0;
        for path in self.paths()? {
            if let Found::Whole(Entry { head, .. }) | Found::Broken(Some(head)) = read_entry(&path)?
                && head.source == source
            {
                end = end.max(head.source_end);
            }
        }
        Ok(end)
    }

    /// A small file beside the entries, replaced as a whole.
    pub fn note(&self, name: &str, text: &str) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(name)).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()
    }

    /// What was noted.
    pub fn noted(&self, name: &str) -> io::Result<String> {
        match fs::read_to_string(self.folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            other => other,
        }
    }
}

fn read_entry(path: &Path) -> io::Result<Found> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    let Ok(head) = serde_json::from_slice::<Head>(&line) else { return Ok(Found::Broken(None)) };
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    let is_whole = body.len() as u64 == head.n_bytes && blake3::hash(&body).to_hex().as_str() == head.checksum;
    Ok(if is_whole { Found::Whole(Entry { path: path.to_owned(), head, body }) } else { Found::Broken(Some(head)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(spool: &Spool) -> Vec<Vec<u8>> {
        let paths = spool.paths().expect("readable");
        let whole = paths.iter().filter_map(|path| match spool.read(path).expect("readable") {
            Found::Whole(entry) => Some(entry.body),
            Found::Broken(_) => None,
        });
        whole.collect()
    }

    #[test]
    fn entries_outlive_the_program_and_keep_their_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::open(folder.path(), 1 << 20).expect("opened");
        spool.keep("k1", "a", 3, b"one").expect("kept");
        drop(spool);
        let mut spool = Spool::open(folder.path(), 1 << 20).expect("opened again");
        spool.keep("k2", "a", 6, b"two").expect("kept");
        assert_eq!(bodies(&spool), [b"one", b"two"]);
        assert_eq!(spool.end_of("a").expect("readable"), 6);
        assert_eq!(spool.end_of("b").expect("readable"), 0);
    }

    #[test]
    fn a_broken_entry_is_put_aside_and_the_others_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::open(folder.path(), 1 << 20).expect("opened");
        for body in [b"one", b"two", b"six"] {
            spool.keep("k", "a", 0, body).expect("kept");
        }
        let paths = spool.paths().expect("readable");
        let mut bytes = fs::read(&paths[1]).expect("readable");
        *bytes.last_mut().expect("not empty") ^= 1;
        fs::write(&paths[1], bytes).expect("written");
        let cut = fs::read(&paths[2]).expect("readable");
        fs::write(&paths[2], &cut[..cut.len() - 1]).expect("written");
        assert_eq!(bodies(&spool), [b"one"]);
        assert_eq!(spool.paths().expect("readable").len(), 1);
        assert!(paths[1].with_extension("broken").exists(), "a person can look at it");
    }

    #[test]
    fn what_is_beyond_the_cap_is_not_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::open(folder.path(), 400).expect("opened");
        assert_eq!(spool.keep("k", "a", 0, &[0; 100]).expect("kept"), Kept::Yes);
        assert_eq!(spool.keep("k", "a", 0, &[0; 300]).expect("no failure"), Kept::Full);
        assert_eq!(spool.paths().expect("readable").len(), 1);
    }

    #[test]
    fn what_was_half_written_is_gone_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("00000000000000000000.tmp"), "half").expect("written");
        let spool = Spool::open(folder.path(), 1 << 20).expect("opened");
        assert!(spool.paths().expect("readable").is_empty());
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
    }
}
