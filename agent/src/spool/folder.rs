//! The folder of entries that wait.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::spool::entry::{self, Entry, Followed, Found, Head};
use crate::spool::private;

const WAITING: &str = "batch";
const UNFINISHED: &str = "tmp";
const LOCK: &str = "lock";

/// A folder of entries, used by one program at a time.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    /// Bytes that may wait.
    cap: u64,
    next: u64,
    /// Bytes of each entry that waits, by its number. Nobody else writes here while the lock is held.
    waiting: BTreeMap<u64, u64>,
    /// Given back to the system when this value, or the process, ends.
    _lock: File,
}

/// What became of something that was to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Yes,
    /// The cap is reached: it stays where it comes from.
    Full,
    /// It is larger than the cap, and will never have room.
    TooLarge,
}

impl Spool {
    /// Opens a folder. Half-written files are removed: they were never counted as waiting.
    ///
    /// A folder that another program holds is refused as [`io::ErrorKind::ResourceBusy`].
    pub fn open(folder: &Path, cap: u64) -> io::Result<Self> {
        private::make_folder(folder)?;
        let lock = private::open_file(&folder.join(LOCK), false)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::from(io::ErrorKind::ResourceBusy),
            TryLockError::Error(error) => error,
        })?;
        let mut spool = Self { folder: folder.to_owned(), cap, next: 0, waiting: BTreeMap::new(), _lock: lock };
        for file in fs::read_dir(folder)? {
            let file = file?;
            let path = file.path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if ending == UNFINISHED {
                fs::remove_file(&path)?;
                continue;
            }
            let Some(number) = number_of(&path) else { continue };
            // What was put aside keeps its number, or a later entry would be put over it.
            spool.next = spool.next.max(number.saturating_add(1));
            if ending == WAITING {
                spool.waiting.insert(number, file.metadata()?.len());
            }
        }
        Ok(spool)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Numbers of the entries that wait, oldest first.
    pub fn numbers(&self) -> Vec<u64> {
        self.waiting.keys().copied().collect()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes that wait.
    pub fn n_bytes(&self) -> u64 {
        self.waiting.values().sum()
    }

    /// Bytes that may wait.
    pub fn cap(&self) -> u64 {
        self.cap
    }

    /// What would become of a body of `n_bytes`; ask before reading it.
    pub fn room_for(&self, n_bytes: u64) -> Kept {
        if n_bytes > self.cap {
            Kept::TooLarge
        } else if n_bytes > self.cap.saturating_sub(self.n_bytes()) {
            Kept::Full
        } else {
            Kept::Yes
        }
    }

    /// Keeps a body until it is sent; when this answers, it is on the disk.
    pub fn keep(&mut self, head: &Head, body: &[u8]) -> io::Result<Kept> {
        let room = self.room_for(body.len() as u64);
        if room != Kept::Yes {
            return Ok(room);
        }
        let number = self.next;
        let n_bytes = entry::write(&self.path(number, UNFINISHED), &self.path(number, WAITING), head, body)?;
        // The name is on the disk when the folder is.
        private::sync_folder(&self.folder)?;
        self.next = number.saturating_add(1);
        self.waiting.insert(number, n_bytes);
        Ok(Kept::Yes)
    }

    /// Reads an entry. One that the disk broke is put aside under another name, where a person finds it.
    pub fn read(&mut self, number: u64) -> io::Result<Found> {
        let found = match entry::read(&self.path(number, WAITING), number) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Gone,
            other => other?,
        };
        match found {
            Found::Whole(_) => {}
            Found::Broken(_) => drop(self.rename(number, "broken")?),
            Found::Gone => drop(self.waiting.remove(&number)),
        }
        Ok(found)
    }

    /// Puts an entry that the server refused aside, where a person finds it.
    pub fn put_aside(&mut self, entry: &Entry) -> io::Result<PathBuf> {
        self.rename(entry.number, "refused")
    }

    /// Forgets an entry: the server has it.
    pub fn remove(&mut self, entry: &Entry) -> io::Result<()> {
        fs::remove_file(self.path(entry.number, WAITING))?;
        self.waiting.remove(&entry.number);
        Ok(())
    }

    /// How far a source was taken, as the last entry knows that waits, with its number.
    pub fn last_followed(&self, source: &str) -> io::Result<Option<(u64, Followed)>> {
        for number in self.waiting.keys().rev() {
            let head = entry::read_head(&self.path(*number, WAITING))?;
            let head = head.filter(|head| head.source == source);
            if let Some(followed) = head.and_then(|head| head.followed) {
                return Ok(Some((*number, followed)));
            }
        }
        Ok(None)
    }

    /// Number of the entry that was kept last; nothing before the first.
    pub fn last(&self) -> Option<u64> {
        self.next.checked_sub(1)
    }

    /// Gives later entries numbers above `number`. An empty folder knows of no number that was ever used; somebody who
    /// noted one does.
    pub fn go_on_after(&mut self, number: u64) {
        self.next = self.next.max(number.saturating_add(1));
    }

    /// A small file beside the entries, replaced as a whole.
    pub fn note(&self, name: &str, text: &str) -> io::Result<()> {
        let unfinished = self.folder.join(name).with_extension(UNFINISHED);
        let mut file = private::open_file(&unfinished, true)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, self.folder.join(name))?;
        private::sync_folder(&self.folder)
    }

    /// What was noted.
    pub fn noted(&self, name: &str) -> io::Result<String> {
        match fs::read_to_string(self.folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            other => other,
        }
    }

    /// The file of an entry.
    pub fn path(&self, number: u64, ending: &str) -> PathBuf {
        self.folder.join(format!("{number:020}.{ending}"))
    }

    fn rename(&mut self, number: u64, ending: &str) -> io::Result<PathBuf> {
        let aside = self.path(number, ending);
        fs::rename(self.path(number, WAITING), &aside)?;
        self.waiting.remove(&number);
        Ok(aside)
    }
}

fn number_of(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.parse().ok()
}

#[cfg(test)]
impl Spool {
    /// All that waits, none of it broken.
    pub fn entries(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for number in self.numbers() {
            match self.read(number).expect("readable") {
                Found::Whole(entry) => entries.push(entry),
                other => panic!("{other:?}"),
            }
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Spool {
        Spool::open(folder, 1 << 20).expect("opened")
    }

    fn keep(spool: &mut Spool, body: &[u8]) -> Kept {
        let head = Head::new("k".to_owned(), "a".to_owned(), body.len() as u64, body);
        spool.keep(&head, body).expect("kept")
    }

    fn bodies(spool: &mut Spool) -> Vec<Vec<u8>> {
        let whole = spool.numbers().into_iter().filter_map(|number| match spool.read(number).expect("readable") {
            Found::Whole(entry) => Some(entry.body),
            Found::Broken(_) | Found::Gone => None,
        });
        whole.collect()
    }

    fn entry(spool: &mut Spool, number: u64) -> Entry {
        match spool.read(number).expect("readable") {
            Found::Whole(entry) => entry,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn entries_outlive_the_program_and_keep_their_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = open(folder.path());
        keep(&mut spool, b"one");
        drop(spool);
        let mut spool = open(folder.path());
        keep(&mut spool, b"two");
        assert_eq!(bodies(&mut spool), [b"one", b"two"]);
        let on_disk: u64 =
            [0, 1].map(|number| fs::metadata(spool.path(number, WAITING)).expect("there").len()).iter().sum();
        assert_eq!(spool.n_bytes(), on_disk);
    }

    #[test]
    fn what_is_put_aside_later_never_lies_over_what_was_put_aside_before() {
        let folder = tempfile::tempdir().expect("a folder");
        for body in [b"one", b"two"] {
            let mut spool = open(folder.path());
            keep(&mut spool, body);
            let number = spool.numbers()[0];
            let entry = entry(&mut spool, number);
            spool.put_aside(&entry).expect("renamed");
            assert!(spool.is_empty(), "the next program begins with an empty spool");
        }
        let aside = |number| fs::read(open(folder.path()).path(number, "refused")).expect("it is there");
        assert!(aside(0).ends_with(b"one") && aside(1).ends_with(b"two"));
    }

    #[test]
    fn a_broken_entry_is_put_aside_and_the_others_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = open(folder.path());
        for body in [b"one", b"two", b"six"] {
            keep(&mut spool, body);
        }
        let paths = [1, 2].map(|number| spool.path(number, WAITING));
        let mut bytes = fs::read(&paths[0]).expect("readable");
        *bytes.last_mut().expect("not empty") ^= 1;
        fs::write(&paths[0], bytes).expect("written");
        let cut = fs::read(&paths[1]).expect("readable");
        fs::write(&paths[1], &cut[..cut.len() - 1]).expect("written");
        assert_eq!(bodies(&mut spool), [b"one"]);
        assert_eq!(spool.numbers(), [0]);
        assert!(spool.path(1, "broken").exists(), "a person can look at it");
    }

    #[test]
    fn an_entry_that_somebody_took_away_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = open(folder.path());
        keep(&mut spool, b"one");
        fs::remove_file(spool.path(0, WAITING)).expect("removed");
        assert!(matches!(spool.read(0).expect("no failure"), Found::Gone));
        assert!(spool.is_empty());
    }

    #[test]
    fn what_is_beyond_the_cap_is_not_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::open(folder.path(), 400).expect("opened");
        assert_eq!(keep(&mut spool, &[0; 401]), Kept::TooLarge, "it would never have room");
        assert_eq!(keep(&mut spool, &[0; 100]), Kept::Yes);
        assert_eq!(keep(&mut spool, &[0; 300]), Kept::Full, "its head counts too");
        let entry = entry(&mut spool, 0);
        spool.remove(&entry).expect("removed");
        assert_eq!(keep(&mut spool, &[0; 300]), Kept::Yes, "there is room again");
    }

    #[test]
    fn what_was_half_written_is_gone_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("00000000000000000000.tmp"), "half").expect("written");
        let spool = open(folder.path());
        assert!(spool.is_empty());
        assert!(!spool.path(0, UNFINISHED).exists());
    }

    #[test]
    fn a_spool_is_used_by_one_program_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = open(folder.path());
        let second = Spool::open(folder.path(), 1 << 20).expect_err("it is held");
        assert_eq!(second.kind(), io::ErrorKind::ResourceBusy);
        drop(first);
        open(folder.path());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_what_waits() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("state/spool");
        let mut spool = open(&folder);
        keep(&mut spool, b"a row");
        spool.note("seen.txt", "a file").expect("noted");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        let files = fs::read_dir(&folder).expect("readable").map(|file| file.expect("readable").path());
        let modes: Vec<(PathBuf, u32)> = files.map(|path| (path.clone(), mode(&path))).collect();
        assert_eq!(modes.len(), 3, "entry, note and lock");
        assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
    }
}
