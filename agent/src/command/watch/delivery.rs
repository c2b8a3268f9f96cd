//! From the spool to the server.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use drift::format::counted;
use drift::wire::Receipt;

use crate::command::watch::source::Source;
use crate::exit::Failure;
use crate::output::note;
use crate::server::{RequestError, Server, route};
use crate::spool::{Entry, Found, Head, Spool};

/// Sends what waits.
pub struct Delivery<'a> {
    server: &'a Server,
    dataset: &'a str,
    /// Known after the first answer.
    org: Option<String>,
    pub n_sent: usize,
    /// Entries that the server refused and that were put aside.
    pub n_refused: usize,
    /// Entries that the disk broke and that no source has any more.
    pub lost: Vec<String>,
    is_look_due: bool,
}

/// What was done about an entry that the disk broke.
#[derive(Debug, PartialEq, Eq)]
enum Recovery {
    Again,
    AllAgain,
    SourceGone,
    SourceChanged,
}

impl Recovery {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Again => "it was read from its source again",
            Self::AllAgain => "files that still exist are read again",
            Self::SourceGone => "its source no longer exists",
            Self::SourceChanged => "its source has changed",
        }
    }
}

impl<'a> Delivery<'a> {
    pub fn new(server: &'a Server, dataset: &'a str) -> Self {
        Self { server, dataset, org: None, n_sent: 0, n_refused: 0, lost: Vec::new(), is_look_due: false }
    }

    /// Whether the source has something again that it had given already; asked once.
    pub fn is_look_due(&mut self) -> bool {
        std::mem::take(&mut self.is_look_due)
    }

    /// Sends entries, oldest first, until a failure that may pass while they wait.
    pub fn deliver(
        &mut self,
        spool: &mut Spool,
        source: &mut Source,
        is_quiet: bool,
    ) -> io::Result<Result<(), RequestError>> {
        for number in spool.numbers() {
            let entry = match spool.read(number)? {
                Found::Whole(entry) => entry,
                Found::Gone => continue,
                Found::Broken(head) => {
                    let outcome = recover(spool, source, head)?;
                    self.is_look_due |= outcome == Recovery::AllAgain;
                    let path = spool.path(number, "broken");
                    let text = format!("{} was damaged on the disk and is set aside", path.display());
                    note(is_quiet, &format!("{text}; {}", outcome.as_str()));
                    if matches!(outcome, Recovery::SourceGone | Recovery::SourceChanged) {
                        self.lost.push(text);
                    }
                    continue;
                }
            };
            match self.send(&entry) {
                Ok(receipt) => {
                    spool.remove(&entry)?;
                    self.n_sent += 1;
                    let n_rows = counted(receipt.n_rows_accepted, "row");
                    note(is_quiet, &format!("{n_rows} of {}", entry.head.source));
                    for remark in receipt.remarks() {
                        note(is_quiet, &format!("{}: {remark}", entry.head.source));
                    }
                }
                Err(RequestError::Refused(problem)) if is_about_the_batch(problem.status) => {
                    let aside = spool.put_aside(&entry)?;
                    self.n_refused += 1;
                    let message = Failure::from(RequestError::Refused(problem)).message;
                    note(is_quiet, &format!("{message}: {} is set aside as {}", entry.head.source, aside.display()));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(()))
    }

    fn send(&mut self, entry: &Entry) -> Result<Receipt, RequestError> {
        let org = match &self.org {
            Some(org) => org,
            None => self.org.insert(self.server.org()?),
        };
        let path = route(&["orgs", org, "datasets", self.dataset, "batches"]);
        let Head { n_bytes, key, .. } = &entry.head;
        self.server.upload(&path, *n_bytes, Some(key), Cursor::new(entry.body.clone()))
    }
}

/// Whether a refusal is of this batch alone. A key, an org or a dataset can be corrected while batches wait.
fn is_about_the_batch(status: u16) -> bool {
    !matches!(status, 401 | 403 | 404)
}

/// What the spool lost, its source may still have; with the same key the server takes it once.
fn recover(spool: &mut Spool, source: &mut Source, head: Option<Head>) -> io::Result<Recovery> {
    let Some(head) = head else {
        source.forget(spool)?;
        return Ok(Recovery::AllAgain);
    };
    let Ok(mut file) = File::open(&head.source) else { return Ok(Recovery::SourceGone) };
    file.seek(SeekFrom::Start(head.source_end.saturating_sub(head.n_bytes)))?;
    let mut body = Vec::new();
    file.take(head.n_bytes).read_to_end(&mut body)?;
    if blake3::hash(&body).to_hex().as_str() != head.checksum {
        return Ok(Recovery::SourceChanged);
    }
    // A full spool had room for it a moment ago. It says nothing of how far its source was taken: later ones do.
    spool.keep(&Head { followed: None, ..head }, &body)?;
    Ok(Recovery::Again)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::command::watch::look::Look;

    const LAST: Look = Look { is_last: true, is_quiet: true };

    fn spool(place: &Path) -> Spool {
        Spool::open(&place.join("spool"), 1 << 20).expect("opened")
    }

    fn broken(spool: &mut Spool, number: u64) -> Option<Head> {
        let Found::Broken(head) = spool.read(number).expect("readable") else { panic!("it is broken") };
        head
    }

    #[test]
    fn what_the_disk_broke_is_taken_from_its_source_again() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("in");
        fs::create_dir(&folder).expect("made");
        fs::write(folder.join("a.csv"), "x\n1\n").expect("written");
        fs::write(folder.join("b.csv"), "x\n2\n").expect("written");
        let mut spool = spool(place.path());
        let mut source = Source::open(&folder, &mut spool).expect("opened");
        source.look(&mut spool, LAST).expect("looked");
        let keys: Vec<String> = spool.entries().into_iter().map(|entry| entry.head.key).collect();
        let paths = [0, 1].map(|number| spool.path(number, "batch"));
        let cut = fs::read(&paths[0]).expect("readable");
        fs::write(&paths[0], &cut[..cut.len() - 1]).expect("the end is missing");
        fs::write(&paths[1], "nonsense").expect("nothing is left of it");
        for (number, recovery) in [(0, Recovery::Again), (1, Recovery::AllAgain)] {
            let head = broken(&mut spool, number);
            assert_eq!(recover(&mut spool, &mut source, head).expect("recovered"), recovery);
        }
        source.look(&mut spool, LAST).expect("looked");
        let again: Vec<String> = spool.entries().into_iter().map(|entry| entry.head.key).collect();
        let expected = [&keys[0], &keys[0], &keys[1]];
        assert_eq!(again.iter().collect::<Vec<_>>(), expected, "a second time does no harm: the key is the same");
    }

    #[test]
    fn what_was_broken_and_is_gone_from_its_source_is_lost() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("rows.ndjson");
        fs::write(&path, "1\n").expect("written");
        let mut spool = spool(place.path());
        let mut source = Source::open(&path, &mut spool).expect("opened");
        source.look(&mut spool, LAST).expect("looked");
        fs::write(&path, "2\n").expect("written");
        let head = spool.entries().remove(0).head;
        assert_eq!(recover(&mut spool, &mut source, Some(head.clone())).expect("looked"), Recovery::SourceChanged);
        fs::remove_file(&path).expect("removed");
        assert_eq!(recover(&mut spool, &mut source, Some(head)).expect("looked"), Recovery::SourceGone);
    }
}
