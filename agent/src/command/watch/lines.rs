//! Lines that a file grows by, also when it is replaced or cut in between.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::command::watch::identity::{goes_on_in, hash_of_start, inode_of};
use crate::command::watch::look::{Look, spool_fails};
use crate::exit::{Failure, Outcome};
use crate::output::note;
use crate::spool::{Followed, Head, Kept, Spool};

/// Bytes of lines in one batch.
const MOST_AT_ONCE: u64 = 8 << 20;

/// A file that is followed.
pub struct Lines {
    path: PathBuf,
    /// The file in the spool that says how far this one was taken.
    note: String,
    followed: Followed,
    /// The file of the last look: when another has taken its place, the rest of it can still be read.
    held: Option<File>,
    left_out: Vec<String>,
    is_unended_said: bool,
}

/// How far the file was taken, as noted beside the entries.
#[derive(Default, Serialize, Deserialize)]
struct Noted {
    /// Entries up to this one are taken into account.
    entry: Option<u64>,
    followed: Followed,
}

impl Lines {
    pub fn open(path: &Path, spool: &mut Spool) -> io::Result<Self> {
        let source = path.display().to_string();
        let note = format!("followed-{}.json", &blake3::hash(source.as_bytes()).to_hex()[..16]);
        let mut noted: Noted = serde_json::from_str(&spool.noted(&note)?).unwrap_or_default();
        if let Some(entry) = noted.entry {
            spool.go_on_after(entry);
        }
        // Killed between keeping and noting: the entry itself knows how far it reaches. That must be noted before the
        // entry is sent, and gone.
        if let Some((number, followed)) =
            spool.last_followed(&source)?.filter(|(number, _)| noted.entry < Some(*number))
        {
            noted = Noted { entry: Some(number), followed };
            write_note(spool, &note, &noted)?;
        }
        Ok(Self {
            path: path.to_owned(),
            note,
            followed: noted.followed,
            held: None,
            left_out: Vec::new(),
            is_unended_said: false,
        })
    }

    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    pub fn look(&mut self, spool: &mut Spool, how: Look) -> Outcome<Kept> {
        let unreadable =
            |error: io::Error| Failure::input(format!("cannot read {}", self.path.display())).caused_by(&error);
        let current = match File::open(&self.path) {
            Ok(file) => Some(file),
            // It is being replaced; what the old one still had is taken meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(error)),
        };
        let inode = current.as_ref().map(inode_of).transpose().map_err(unreadable)?;
        if let Some(mut held) = self.held.take() {
            let is_replaced = inode.is_none() || inode_of(&held).map_err(unreadable)? != inode.flatten();
            if is_replaced {
                let kept = self.take_lines(&mut held, spool, how)?;
                if kept == Kept::Full || current.is_none() {
                    self.held = Some(held);
                    return Ok(kept);
                }
            }
        }
        let Some(mut current) = current else { return Ok(Kept::Yes) };
        let inode = inode.flatten();
        if goes_on_in(&mut current, inode, &self.followed).map_err(|error| self.unreadable(&error))? {
            self.followed.inode = inode;
        } else {
            self.followed = Followed { generation: self.followed.generation + 1, inode, ..Followed::default() };
        }
        let kept = self.take_lines(&mut current, spool, how);
        self.held = Some(current);
        kept
    }

    /// Takes the whole lines of a file from where it was taken to.
    fn take_lines(&mut self, file: &mut File, spool: &mut Spool, how: Look) -> Outcome<Kept> {
        let folder = spool.folder().to_owned();
        let fails = spool_fails(&folder);
        let most = MOST_AT_ONCE.min(spool.cap());
        loop {
            let start = self.followed.end;
            let length = file.metadata().map_err(|error| self.unreadable(&error))?.len();
            let n_new = length.saturating_sub(start).min(most);
            if n_new == 0 {
                return Ok(Kept::Yes);
            }
            // What has no room is not read: it will be, when there is.
            if spool.room_for(n_new) != Kept::Yes {
                return Ok(Kept::Full);
            }
            let lines = read_lines(file, start, n_new).map_err(|error| self.unreadable(&error))?;
            if lines.is_empty() {
                let is_too_long = n_new == most;
                if !is_too_long || !self.pass_over(file, most).map_err(|error| self.unreadable(&error))? {
                    if how.is_last && !std::mem::replace(&mut self.is_unended_said, true) {
                        let text =
                            format!("the last line of {} is not complete yet; it is not sent", self.path.display());
                        note(how.is_quiet, &text);
                    }
                    return Ok(Kept::Yes);
                }
                let (path, mib) = (self.path.display(), most >> 20);
                let text = format!("{path} has a line of more than {mib} MiB at byte {start}");
                note(how.is_quiet, &format!("{text}; it is not sent"));
                self.left_out.push(text);
            } else {
                let end = start + lines.len() as u64;
                let start_hash = hash_of_start(file, end).map_err(|error| self.unreadable(&error))?;
                let followed = Followed { end, start_hash, ..self.followed.clone() };
                let source = self.path.display().to_string();
                let mut head = Head::new(key(&source, &self.followed, &lines), source, end, &lines);
                head.followed = Some(followed.clone());
                if spool.keep(&head, &lines).map_err(&fails)? != Kept::Yes {
                    return Ok(Kept::Full);
                }
                self.followed = followed;
            }
            let noted = Noted { entry: spool.last(), followed: self.followed.clone() };
            write_note(spool, &self.note, &noted).map_err(&fails)?;
        }
    }

    /// Goes on behind the end of a line that is too long to be a batch; not if it has no end yet.
    fn pass_over(&mut self, file: &mut File, n_known: u64) -> io::Result<bool> {
        let mut end = self.followed.end + n_known;
        file.seek(SeekFrom::Start(end))?;
        let mut reader = BufReader::new(&*file);
        loop {
            let piece = reader.fill_buf()?;
            if piece.is_empty() {
                return Ok(false);
            }
            let found = piece.iter().position(|byte| *byte == b'\n');
            let n = found.map_or(piece.len(), |at| at + 1);
            reader.consume(n);
            end += n as u64;
            if found.is_some() {
                break;
            }
        }
        self.followed.end = end;
        self.followed.start_hash = hash_of_start(file, end)?;
        Ok(true)
    }

    fn unreadable(&self, error: &io::Error) -> Failure {
        Failure::input(format!("cannot read {}", self.path.display())).caused_by(error)
    }
}

fn write_note(spool: &Spool, name: &str, noted: &Noted) -> io::Result<()> {
    spool.note(name, &serde_json::to_string(noted)?)
}

/// Whole lines among `n_bytes` from `start`.
fn read_lines(file: &mut File, start: u64, n_bytes: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut lines = Vec::new();
    file.take(n_bytes).read_to_end(&mut lines)?;
    lines.truncate(lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
    Ok(lines)
}

/// The name of a batch: lines are known by their file, which time that was, and their place in it.
fn key(source: &str, followed: &Followed, lines: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(source.as_bytes()).update(&[0]);
    hasher.update(&followed.generation.to_le_bytes()).update(&followed.end.to_le_bytes()).update(lines);
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::io::Write;

    use super::*;
    use crate::spool::Entry;

    const QUIET: Look = Look { is_last: false, is_quiet: true };

    struct World {
        place: tempfile::TempDir,
    }

    impl World {
        fn new(content: &str) -> Self {
            let world = Self { place: tempfile::tempdir().expect("a folder") };
            world.replace(content);
            world
        }

        fn path(&self) -> PathBuf {
            self.place.path().join("rows.ndjson")
        }

        /// Another file under the name, as a log is rotated; the old one lives on for those that have it open.
        fn replace(&self, content: &str) {
            let new = self.place.path().join("new");
            fs::write(&new, content).expect("written");
            fs::rename(&new, self.path()).expect("renamed");
        }

        /// The same file, cut and written anew.
        fn overwrite(&self, content: &str) {
            fs::write(self.path(), content).expect("written");
        }

        fn append(&self, content: &str) {
            let mut file = File::options().append(true).open(self.path()).expect("there");
            file.write_all(content.as_bytes()).expect("written");
        }

        fn spool(&self) -> Spool {
            self.spool_of(1 << 20)
        }

        fn spool_of(&self, cap: u64) -> Spool {
            Spool::open(&self.place.path().join("spool"), cap).expect("opened")
        }

        /// What a program that is started, looks once and is killed takes.
        fn look(&self) {
            let mut spool = self.spool();
            let mut lines = Lines::open(&self.path(), &mut spool).expect("opened");
            lines.look(&mut spool, QUIET).expect("looked");
        }

        fn entries(&self) -> Vec<Entry> {
            self.spool().entries()
        }
    }

    fn bodies(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| std::str::from_utf8(&entry.body).expect("text")).collect()
    }

    #[test]
    fn a_growing_file_gives_each_whole_line_once() {
        let world = World::new("1\n2");
        world.look();
        world.look();
        assert_eq!(bodies(&world.entries()), ["1\n"]);
        world.append("2\n");
        world.look();
        assert_eq!(bodies(&world.entries()), ["1\n", "22\n"]);
    }

    #[test]
    fn a_program_that_was_killed_before_it_noted_doubles_nothing() {
        let world = World::new("1\n");
        // The second time, the entries of the first are sent and gone, and their numbers with them.
        for (n, expected) in [(2, "1\n"), (3, "2\n")] {
            let name = Lines::open(&world.path(), &mut world.spool()).expect("opened").note;
            let note = world.place.path().join("spool").join(name);
            let before = fs::read(&note).ok();
            world.look();
            match before {
                Some(before) => fs::write(&note, before).expect("written"),
                None => fs::remove_file(&note).expect("removed"),
            }
            let mut spool = world.spool();
            Lines::open(&world.path(), &mut spool).expect("it knows from the entry how far it was taken");
            let sent = spool.entries().remove(0);
            assert_eq!(sent.body, expected.as_bytes());
            spool.remove(&sent).expect("removed");
            world.append(&format!("{n}\n"));
        }
        world.look();
        assert_eq!(bodies(&world.entries()), ["3\n"]);
    }

    #[test]
    fn a_file_that_was_cut_while_older_lines_wait_is_taken_once() {
        let world = World::new("1\n2\n3\n");
        let mut spool = world.spool();
        let mut lines = Lines::open(&world.path(), &mut spool).expect("opened");
        lines.look(&mut spool, QUIET).expect("looked");
        world.overwrite("4\n");
        for _ in 0..3 {
            lines.look(&mut spool, QUIET).expect("looked");
        }
        drop(spool);
        world.look();
        assert_eq!(bodies(&world.entries()), ["1\n2\n3\n", "4\n"]);
    }

    #[test]
    fn a_file_that_was_cut_and_has_outgrown_the_old_one_is_begun_anew() {
        let world = World::new("1\n");
        world.look();
        world.overwrite("2\n3\n4\n");
        world.look();
        assert_eq!(bodies(&world.entries()), ["1\n", "2\n3\n4\n"]);
    }

    #[test]
    fn a_longer_file_in_its_place_is_taken_from_its_first_line() {
        let world = World::new("1\n");
        world.look();
        // Another program finds it; its first line is that of the old one.
        world.replace("1\n2\n");
        world.look();
        let entries = world.entries();
        assert_eq!(bodies(&entries), ["1\n", if cfg!(unix) { "1\n2\n" } else { "2\n" }]);
    }

    #[cfg(unix)]
    #[test]
    fn what_the_old_file_still_got_is_taken_before_the_new_one() {
        let world = World::new("1\n");
        let mut spool = world.spool();
        let mut lines = Lines::open(&world.path(), &mut spool).expect("opened");
        lines.look(&mut spool, QUIET).expect("looked");
        world.append("2\n");
        world.replace("3\n");
        lines.look(&mut spool, QUIET).expect("looked");
        assert_eq!(bodies(&spool.entries()), ["1\n", "2\n", "3\n"]);
        world.append("4\n");
        fs::rename(world.path(), world.place.path().join("rows.ndjson.1")).expect("renamed");
        lines.look(&mut spool, QUIET).expect("for a moment there is none");
        assert_eq!(bodies(&spool.entries()), ["1\n", "2\n", "3\n", "4\n"]);
    }

    #[cfg(unix)]
    #[test]
    fn equal_lines_of_two_files_are_two_batches() {
        let world = World::new("1\n");
        world.look();
        world.replace("1\n");
        world.look();
        let keys: BTreeSet<_> = world.entries().into_iter().map(|entry| entry.head.key).collect();
        assert_eq!(keys.len(), 2);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_when_it_has_an_end() {
        let world = World::new(&"x".repeat(3_000));
        let mut spool = world.spool_of(1_000);
        let mut lines = Lines::open(&world.path(), &mut spool).expect("opened");
        lines.look(&mut spool, QUIET).expect("looked");
        assert_eq!(lines.left_out().len(), 0, "its end may come");
        world.append("x\n1\n");
        lines.look(&mut spool, QUIET).expect("looked");
        assert_eq!((bodies(&spool.entries()), lines.left_out().len()), (vec!["1\n"], 1));
    }

    #[test]
    fn lines_without_room_stay_and_come_later() {
        let world = World::new("");
        let mut spool = world.spool_of(600);
        let mut lines = Lines::open(&world.path(), &mut spool).expect("opened");
        let line = format!("{}\n", "x".repeat(299));
        world.append(&line);
        assert_eq!(lines.look(&mut spool, QUIET).expect("looked"), Kept::Yes);
        world.append(&line);
        assert_eq!(lines.look(&mut spool, QUIET).expect("looked"), Kept::Full);
        let first = spool.entries().remove(0);
        spool.remove(&first).expect("sent");
        assert_eq!(lines.look(&mut spool, QUIET).expect("looked"), Kept::Yes);
        assert_eq!(spool.entries()[0].head.source_end, 600);
    }
}
