//! Files that come into a folder, each of them a batch.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use indicatif::BinaryBytes;

use crate::command::watch::look::{Look, spool_fails};
use crate::exit::{Failure, Outcome};
use crate::output::note;
use crate::spool::{Head, Kept, Spool};

/// A file that changed this lately may still be written.
const SETTLED: Duration = Duration::from_secs(2);
const SEEN: &str = "seen.txt";

/// A folder, and what of it was taken.
pub struct Folder {
    path: PathBuf,
    /// Path, length and time of change of each file that was taken, as they are noted in the spool.
    seen: BTreeSet<String>,
    /// Files that can never be taken as they are, with what they were and why; said once, and tried again by the next
    /// program.
    left_out: BTreeMap<PathBuf, (String, String)>,
}

impl Folder {
    pub fn open(path: &Path, spool: &Spool) -> io::Result<Self> {
        let seen = spool.noted(SEEN)?.lines().map(str::to_owned).collect();
        Ok(Self { path: path.to_owned(), seen, left_out: BTreeMap::new() })
    }

    pub fn left_out(&self) -> Vec<String> {
        self.left_out.iter().map(|(path, (_, why))| format!("{} {why}", path.display())).collect()
    }

    pub fn forget(&mut self, spool: &Spool) -> io::Result<()> {
        self.seen.clear();
        self.note_seen(spool)
    }

    pub fn look(&mut self, spool: &mut Spool, how: Look) -> Outcome<Kept> {
        let folder = spool.folder().to_owned();
        let fails = spool_fails(&folder);
        for path in self.files()? {
            match self.take(&path, spool, how) {
                Ok(Some(file)) if file.kept == Kept::Yes => {
                    self.left_out.remove(&path);
                    self.seen.insert(file.name);
                    self.note_seen(spool).map_err(&fails)?;
                }
                Ok(Some(file)) if file.kept == Kept::Full => return Ok(Kept::Full),
                Ok(Some(file)) => self.leave_out(&path, file.name, &too_large(spool.cap()), how),
                Ok(None) => {}
                Err(Broken::Spool(error)) => return Err(fails(error)),
                // It was taken away between one question and the next.
                Err(Broken::File(error)) if error.kind() == io::ErrorKind::NotFound => {}
                Err(Broken::File(error)) => {
                    self.leave_out(&path, String::new(), &format!("cannot be read: {error}"), how)
                }
            }
        }
        Ok(Kept::Yes)
    }

    /// Files in order of their names, without hidden ones: those are still being written, or are none of ours.
    fn files(&self) -> Outcome<Vec<PathBuf>> {
        let unreadable =
            |error: io::Error| Failure::input(format!("cannot list {}", self.path.display())).caused_by(&error);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
            if !is_hidden && path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Takes a file, unless it was taken, is empty, may still be written, or is known not to fit.
    fn take(&self, path: &Path, spool: &mut Spool, how: Look) -> Result<Option<Taken>, Broken> {
        let found = fs::metadata(path).map_err(Broken::File)?;
        let changed = found.modified().map_err(Broken::File)?;
        let micros = changed.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros());
        let name = format!("{}\t{}\t{micros}", path.display(), found.len());
        let is_settled = changed.elapsed().unwrap_or_default() >= SETTLED || how.is_last;
        let is_known = self.seen.contains(&name) || self.left_out.get(path).is_some_and(|(known, _)| *known == name);
        if is_known || !is_settled || found.len() == 0 {
            return Ok(None);
        }
        // A body for which there is no room is not read: it will be, when there is.
        let mut kept = spool.room_for(found.len());
        if kept == Kept::Yes {
            let body = fs::read(path).map_err(Broken::File)?;
            let source = path.display().to_string();
            let head = Head::new(key(&source, &body), source, body.len() as u64, &body);
            kept = spool.keep(&head, &body).map_err(Broken::Spool)?;
        }
        Ok(Some(Taken { name, kept }))
    }

    fn leave_out(&mut self, path: &Path, name: String, why: &str, how: Look) {
        if self.left_out.insert(path.to_owned(), (name, why.to_owned())).is_none() {
            note(how.is_quiet, &format!("{} {why}; it is not sent", path.display()));
        }
    }

    fn note_seen(&self, spool: &Spool) -> io::Result<()> {
        spool.note(SEEN, &self.seen.iter().map(|name| format!("{name}\n")).collect::<String>())
    }
}

struct Taken {
    name: String,
    kept: Kept,
}

enum Broken {
    File(io::Error),
    Spool(io::Error),
}

fn too_large(cap: u64) -> String {
    format!("is larger than the spool ({}, see --spool-limit)", BinaryBytes(cap))
}

/// The name of a batch: the same for the same content of the same file, whenever it is taken.
fn key(source: &str, body: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(source.as_bytes()).update(&[0]).update(body);
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Look = Look { is_last: true, is_quiet: true };

    /// A folder with files, and a spool for `cap` bytes.
    fn world(cap: u64, files: &[(&str, &str)]) -> (tempfile::TempDir, Spool, Folder) {
        let place = tempfile::tempdir().expect("a folder");
        let source = place.path().join("in");
        fs::create_dir(&source).expect("made");
        for (name, content) in files {
            fs::write(source.join(name), content).expect("written");
        }
        let spool = Spool::open(&place.path().join("spool"), cap).expect("opened");
        let folder = Folder::open(&source, &spool).expect("opened");
        (place, spool, folder)
    }

    #[test]
    fn each_file_of_a_folder_is_kept_once_in_order() {
        let files = [("b.csv", "x\n2\n"), ("a.csv", "x\n1\n"), (".c.csv", "x\n3\n"), ("empty.csv", "")];
        let (_place, mut spool, mut folder) = world(1 << 20, &files);
        for _ in 0..2 {
            assert_eq!(folder.look(&mut spool, LAST).expect("looked"), Kept::Yes);
        }
        let mut again = Folder::open(&folder.path, &spool).expect("opened by the next program");
        again.look(&mut spool, LAST).expect("looked");
        let bodies: Vec<_> = spool.entries().into_iter().map(|entry| entry.body).collect();
        assert_eq!(bodies, [b"x\n1\n", b"x\n2\n"]);
    }

    #[test]
    fn files_of_equal_content_are_batches_of_their_own() {
        let (_place, mut spool, mut folder) = world(1 << 20, &[("a.csv", "x\n1\n"), ("b.csv", "x\n1\n")]);
        folder.look(&mut spool, LAST).expect("looked");
        let keys: BTreeSet<_> = spool.entries().into_iter().map(|entry| entry.head.key).collect();
        assert_eq!(keys.len(), 2);
        // What is taken once more is the same batch.
        folder.forget(&spool).expect("noted");
        folder.look(&mut spool, LAST).expect("looked");
        let again: BTreeSet<_> = spool.entries().into_iter().map(|entry| entry.head.key).collect();
        assert_eq!((spool.numbers().len(), again), (4, keys));
    }

    #[test]
    fn a_file_above_the_cap_does_not_block_those_after_it() {
        let big = "x\n".repeat(1_000);
        let (_place, mut spool, mut folder) = world(1_000, &[("a.csv", &big), ("b.csv", "x\n1\n")]);
        for _ in 0..2 {
            assert_eq!(folder.look(&mut spool, LAST).expect("looked"), Kept::Yes);
        }
        let bodies: Vec<_> = spool.entries().into_iter().map(|entry| entry.body).collect();
        assert_eq!((bodies, folder.left_out().len()), (vec![b"x\n1\n".to_vec()], 1));
        // It may be written anew, and then fit.
        fs::write(folder.path.join("a.csv"), "x\n2\n").expect("written");
        folder.look(&mut spool, LAST).expect("looked");
        assert_eq!((spool.numbers().len(), folder.left_out().len()), (2, 0));
    }

    #[test]
    fn what_has_no_room_yet_stays_and_comes_later() {
        let file = "x\n".repeat(300);
        let (_place, mut spool, mut folder) = world(1_000, &[("a.csv", &file), ("b.csv", &file)]);
        assert_eq!(folder.look(&mut spool, LAST).expect("looked"), Kept::Full);
        let first = spool.entries().remove(0);
        spool.remove(&first).expect("sent");
        assert_eq!(folder.look(&mut spool, LAST).expect("looked"), Kept::Yes);
        assert!(spool.entries()[0].head.source.ends_with("b.csv"));
    }

    #[test]
    fn a_file_that_was_just_changed_is_not_taken_before_it_has_settled() {
        let (_place, mut spool, mut folder) = world(1 << 20, &[("a.csv", "x\n1\n")]);
        folder.look(&mut spool, Look { is_last: false, is_quiet: true }).expect("looked");
        assert!(spool.is_empty());
    }
}
