//! `driftsiren watch`: new files of a folder, or the lines that a file grows by, to a server.
//!
//! Everything goes through a spool on disk. What the source has given is noted only when it is in the spool, and
//! it leaves the spool only when the server has it; so this program may be killed at any moment.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use drift::wire::Receipt;

use crate::cli::{Common, TEMPLATE};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::note;
use crate::server::{Server, ServerFlags, Trouble, pause};
use crate::spool::{Found, Head, Kept, Spool};

const EXAMPLES: &str = "\
Examples:
  driftsiren watch /var/exports --dataset loans
  driftsiren watch events.ndjson --dataset events --interval 5
  driftsiren watch /var/exports --dataset loans --once
";

/// A file that changed this lately may still be written.
const SETTLED: Duration = Duration::from_secs(2);
/// Bytes of lines in one batch.
const MOST_AT_ONCE: u64 = 8 << 20;

/// Flags of `watch`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct WatchArgs {
    /// A folder, each file of which is a batch, or an NDJSON file that grows.
    #[arg(value_name = "DIR|FILE")]
    pub source: PathBuf,
    /// The dataset on the server.
    #[arg(short, long, value_name = "NAME", env = "DRIFTSIREN_DATASET")]
    pub dataset: String,
    /// Where batches wait while the server is away; a folder beside the user's other state unless given.
    #[arg(long, value_name = "DIR", env = "DRIFTSIREN_SPOOL")]
    pub spool: Option<PathBuf>,
    /// MiB that may wait there; what comes then stays where it is until there is room.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub spool_limit: u64,
    /// Seconds between looks at the source.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub interval: u64,
    /// Send what is there, and end.
    #[arg(long)]
    pub once: bool,
    /// The server.
    #[command(flatten)]
    pub server: ServerFlags,
}

/// Watches until it is ended.
pub fn run(args: &WatchArgs, common: &Common) -> Outcome {
    let source = fs::canonicalize(&args.source)
        .map_err(|error| Failure::input(format!("cannot watch {}: {error}", args.source.display())))?;
    let server = Server::open(&args.server)?;
    let folder = args.spool.clone().map_or_else(|| default_spool(&source, &args.dataset), Ok)?;
    let broken = |error: io::Error| Failure::input(format!("the spool {} fails: {error}", folder.display()));
    let mut spool = Spool::open(&folder, args.spool_limit << 20).map_err(broken)?;
    let mut n_failures = 0;
    let mut not_before = Instant::now();
    let mut was_full = false;
    loop {
        let is_full = collect(&source, &mut spool, args.once).map_err(broken)? == Kept::Full;
        if is_full && !was_full {
            let limit = args.spool_limit;
            note(common.quiet, &format!("{limit} MiB wait to be sent; what comes now stays where it is"));
        }
        was_full = is_full;
        if Instant::now() >= not_before {
            match deliver(&server, &args.dataset, &mut spool, common).map_err(broken)? {
                Ok(()) => n_failures = 0,
                Err((message, retry_after)) => {
                    n_failures += 1;
                    not_before = Instant::now() + retry_after.unwrap_or_else(|| pause(n_failures));
                    note(common.quiet, &format!("{message}; trying again"));
                }
            }
        }
        let is_done = n_failures == 0 && !is_full && spool.paths().map_err(broken)?.is_empty();
        if args.once && is_done {
            return Ok(Exit::Clean);
        }
        let wait = if is_done { Duration::from_secs(args.interval) } else { Duration::from_millis(200) };
        std::thread::sleep(wait);
    }
}

/// One spool for each source and dataset, in the user's folder of state.
fn default_spool(source: &Path, dataset: &str) -> Outcome<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")));
    let state = state.ok_or_else(|| Failure::usage("no folder for the spool").help("give one with --spool"))?;
    let name = blake3::hash(format!("{}\n{dataset}", source.display()).as_bytes()).to_hex();
    Ok(state.join("driftsiren").join("spool").join(&name[..16]))
}

/// Takes what is new into the spool.
fn collect(source: &Path, spool: &mut Spool, is_last_look: bool) -> io::Result<Kept> {
    if source.is_dir() { collect_files(source, spool, is_last_look) } else { collect_lines(source, spool) }
}

const SEEN: &str = "seen.txt";

fn collect_files(folder: &Path, spool: &mut Spool, is_last_look: bool) -> io::Result<Kept> {
    let mut seen: BTreeSet<String> = spool.noted(SEEN)?.lines().map(str::to_owned).collect();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !is_hidden {
            files.push(path);
        }
    }
    files.sort();
    for path in files {
        let found = fs::metadata(&path)?;
        let changed = found.modified()?;
        let micros = changed.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros());
        let name = format!("{}\t{}\t{micros}", path.display(), found.len());
        let is_settled = changed.elapsed().unwrap_or_default() >= SETTLED || is_last_look;
        if seen.contains(&name) || !is_settled || found.len() == 0 {
            continue;
        }
        let body = fs::read(&path)?;
        let key = blake3::hash(&body).to_hex().to_string();
        if spool.keep(&key, &path.display().to_string(), body.len() as u64, &body)? == Kept::Full {
            return Ok(Kept::Full);
        }
        seen.insert(name);
        spool.note(SEEN, &seen.iter().map(|name| format!("{name}\n")).collect::<String>())?;
    }
    Ok(Kept::Yes)
}

const OFFSET: &str = "offset.txt";

fn collect_lines(path: &Path, spool: &mut Spool) -> io::Result<Kept> {
    let source = path.display().to_string();
    let noted = spool.noted(OFFSET)?.trim().parse().unwrap_or(0);
    let mut start = spool.end_of(&source)?.max(noted);
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length < start {
        // It was begun anew.
        start = 0;
    }
    while start < length {
        file.seek(SeekFrom::Start(start))?;
        let mut lines = Vec::new();
        Read::by_ref(&mut file).take(MOST_AT_ONCE).read_to_end(&mut lines)?;
        // A line without its end is still being written.
        let Some(end) = lines.iter().rposition(|byte| *byte == b'\n') else { break };
        lines.truncate(end + 1);
        let end = start + lines.len() as u64;
        let mut hasher = blake3::Hasher::new();
        hasher.update(source.as_bytes()).update(&start.to_le_bytes()).update(&lines);
        let key = hasher.finalize().to_hex().to_string();
        if spool.keep(&key, &source, end, &lines)? == Kept::Full {
            return Ok(Kept::Full);
        }
        spool.note(OFFSET, &end.to_string())?;
        start = end;
    }
    Ok(Kept::Yes)
}

/// What the spool lost, its source may still have; with the same key the server takes it once.
fn take_again(spool: &mut Spool, head: Option<&Head>) -> io::Result<&'static str> {
    const AGAIN: &str = "it was taken from its source once more";
    let Some(head) = head else {
        // Files that were seen are taken once more, whichever it was.
        spool.note(SEEN, "")?;
        return Ok("files that are still there are taken once more");
    };
    let Ok(mut source) = File::open(&head.source) else { return Ok("its source is gone") };
    source.seek(SeekFrom::Start(head.source_end.saturating_sub(head.n_bytes)))?;
    let mut body = Vec::new();
    source.take(head.n_bytes).read_to_end(&mut body)?;
    if blake3::hash(&body).to_hex().as_str() != head.checksum {
        return Ok("its source has changed since");
    }
    // A full spool had room for it a moment ago.
    spool.keep(&head.key, &head.source, head.source_end, &body)?;
    Ok(AGAIN)
}

type Delay = (String, Option<Duration>);

/// Sends what waits, oldest first, until something fails.
fn deliver(server: &Server, dataset: &str, spool: &mut Spool, common: &Common) -> io::Result<Result<(), Delay>> {
    let paths = spool.paths()?;
    if paths.is_empty() {
        return Ok(Ok(()));
    }
    let org = match server.org() {
        Ok(org) => org,
        Err(failure) => return Ok(Err((failure.message, None))),
    };
    for path in paths {
        let entry = match spool.read(&path)? {
            Found::Whole(entry) => entry,
            Found::Broken(head) => {
                let outcome = take_again(spool, head.as_ref())?;
                note(common.quiet, &format!("{} was broken on the disk and is put aside; {outcome}", path.display()));
                continue;
            }
        };
        let length = entry.head.n_bytes.to_string();
        let headers = [
            ("content-type", "application/octet-stream"),
            ("content-length", length.as_str()),
            ("idempotency-key", entry.head.key.as_str()),
        ];
        let at = format!("/orgs/{org}/datasets/{dataset}/batches");
        match server.upload::<Receipt>(&at, &headers, io::Cursor::new(entry.body.clone())) {
            Ok(receipt) => {
                spool.remove(&entry)?;
                note(common.quiet, &format!("{} rows of {}", receipt.n_rows_accepted, entry.head.source));
            }
            // A key or a dataset can be mended while the batch waits.
            Err(Trouble::Refused(problem)) if matches!(problem.status, 401 | 403 | 404) => {
                return Ok(Err((Failure::from(Trouble::Refused(problem)).message, None)));
            }
            Err(Trouble::Refused(problem)) => {
                let aside = spool.put_aside(&entry)?;
                let message = Failure::from(Trouble::Refused(problem)).message;
                note(common.quiet, &format!("{message}: {} is put aside as {}", entry.head.source, aside.display()));
            }
            Err(Trouble::Passing { message, retry_after }) => return Ok(Err((message, retry_after))),
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn bodies(spool: &Spool) -> Vec<String> {
        let paths = spool.paths().expect("readable");
        let body = |path: &PathBuf| match spool.read(path).expect("readable") {
            Found::Whole(entry) => entry.body,
            Found::Broken(head) => panic!("broken: {head:?}"),
        };
        paths.iter().map(|path| String::from_utf8(body(path)).expect("text")).collect()
    }

    #[test]
    fn a_growing_file_gives_each_whole_line_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows.ndjson");
        let mut file = File::create(&path).expect("made");
        let open = || Spool::open(&folder.path().join("spool"), 1 << 20).expect("opened");
        write!(file, "{{\"a\":1}}\n{{\"a\"").expect("written");
        collect_lines(&path, &mut open()).expect("collected");
        collect_lines(&path, &mut open()).expect("nothing new");
        assert_eq!(bodies(&open()), ["{\"a\":1}\n"]);
        writeln!(file, ":2}}").expect("written");
        // Killed between keeping and noting: the entry itself knows how far it reaches.
        fs::remove_file(folder.path().join("spool").join(OFFSET)).expect("it was noted");
        collect_lines(&path, &mut open()).expect("collected");
        assert_eq!(bodies(&open()), ["{\"a\":1}\n", "{\"a\":2}\n"]);
    }

    #[test]
    fn each_file_of_a_folder_is_kept_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("in");
        fs::create_dir(&source).expect("made");
        fs::write(source.join("b.csv"), "x\n2\n").expect("written");
        fs::write(source.join("a.csv"), "x\n1\n").expect("written");
        fs::write(source.join(".c.csv"), "x\n3\n").expect("written");
        let mut spool = Spool::open(&folder.path().join("spool"), 1 << 20).expect("opened");
        collect_files(&source, &mut spool, true).expect("collected");
        collect_files(&source, &mut spool, true).expect("nothing new");
        assert_eq!(bodies(&spool), ["x\n1\n", "x\n2\n"]);
    }

    #[test]
    fn what_the_disk_broke_is_taken_from_its_source_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("in");
        fs::create_dir(&source).expect("made");
        fs::write(source.join("a.csv"), "x\n1\n").expect("written");
        fs::write(source.join("b.csv"), "x\n2\n").expect("written");
        let mut spool = Spool::open(&folder.path().join("spool"), 1 << 20).expect("opened");
        collect_files(&source, &mut spool, true).expect("collected");
        let paths = spool.paths().expect("readable");
        let cut = fs::read(&paths[0]).expect("readable");
        fs::write(&paths[0], &cut[..cut.len() - 1]).expect("the end is missing");
        fs::write(&paths[1], "nonsense").expect("nothing is left of it");
        for path in &paths {
            let Found::Broken(head) = spool.read(path).expect("readable") else { panic!("it is broken") };
            take_again(&mut spool, head.as_ref()).expect("taken");
        }
        assert_eq!(bodies(&spool), ["x\n1\n"], "the head of the first told where it came from");
        collect_files(&source, &mut spool, true).expect("collected");
        assert_eq!(bodies(&spool), ["x\n1\n", "x\n1\n", "x\n2\n"], "a second time does no harm: the key is the same");
    }
}
