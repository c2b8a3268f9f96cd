//! The rhythm of looking and sending, and how it ends.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use indicatif::BinaryBytes;

use crate::arguments::{Common, TEMPLATE};
use crate::command::watch::delivery::Delivery;
use crate::command::watch::look::{Look, spool_fails};
use crate::command::watch::source::Source;
use crate::exit::{Exit, Failure, Outcome};
use crate::input::not_opened;
use crate::output::note;
use crate::server::{Backoff, RequestError, Server, ServerFlags, seconds};
use crate::spool::{Kept, Spool};

const EXAMPLES: &str = "\
Examples:
  driftsiren watch /var/exports --dataset loans
  driftsiren watch events.ndjson --dataset events --interval 5
  driftsiren watch /var/exports --dataset loans --once
";

/// Says in a spool which dataset it is for.
const DATASET: &str = "dataset.txt";

/// Flags of `watch`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct WatchArgs {
    /// Folder whose files are sent as batches, or an NDJSON file that grows.
    #[arg(value_name = "DIR|FILE")]
    pub source: PathBuf,
    /// Name of the dataset on the server.
    #[arg(short, long, value_name = "NAME", env = "DRIFTSIREN_DATASET", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub dataset: String,
    /// Folder for batches that wait to be sent; by default one in the user's state folder.
    #[arg(long, value_name = "DIR", env = "DRIFTSIREN_SPOOL", hide_env_values = true)]
    pub spool: Option<PathBuf>,
    /// Largest size of the spool in MiB; when it is full, new files stay where they are until there is room.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub spool_limit: u64,
    /// Seconds between checks of the source.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub interval: u64,
    /// Send what is there and exit: with 4 if the server is unavailable or refuses a batch, with 3 if something cannot be
    /// read.
    #[arg(long)]
    pub once: bool,
    /// With --once: seconds to keep retrying while the server is unavailable or busy; default 30.
    #[arg(long, value_name = "SECONDS", requires = "once", value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub wait: Option<u64>,
    /// The server.
    #[command(flatten)]
    pub server: ServerFlags,
}

/// Watches until it is ended, or until all is sent.
pub fn run(args: &WatchArgs, common: &Common) -> Outcome {
    let path = fs::canonicalize(&args.source).map_err(|error| not_opened(&args.source, &error))?;
    refuse_other_formats(&path)?;
    let server = Server::open(&args.server)?;
    let folder = args.spool.clone().map_or_else(|| default_spool(&path, &args.dataset), Ok)?;
    let fails = spool_fails(&folder);
    let mut spool = open_spool(&folder, args.spool_limit << 20, &args.dataset)?;
    let mut source = Source::open(&path, &mut spool).map_err(&fails)?;
    let mut delivery = Delivery::new(&server, &args.dataset);
    let wait = Duration::from_secs(args.wait.unwrap_or(30));
    let mut backoff = Backoff::new(args.once.then_some(wait));
    let how = Look { is_last: args.once, is_quiet: common.quiet };
    let interval = Duration::from_secs(args.interval);
    let (mut look_at, mut send_at) = (Instant::now(), Instant::now());
    let mut was_full = false;
    loop {
        let now = Instant::now();
        if now >= look_at {
            let is_full = source.look(&mut spool, how)? == Kept::Full;
            if is_full && !was_full {
                let text = format!(
                    "the spool is full ({} MiB); new files stay where they are until there is room",
                    args.spool_limit
                );
                note(common.quiet, &text);
            }
            was_full = is_full;
            look_at = now + interval;
        }
        if now >= send_at {
            let n_before = delivery.n_sent;
            match delivery.deliver(&mut spool, &mut source, common.quiet).map_err(&fails)? {
                Ok(()) => {
                    backoff.renew();
                    // There is room again for what stayed where it is, and what was broken is taken once more.
                    if was_full || delivery.is_look_due() || !spool.is_empty() {
                        look_at = now;
                        continue;
                    }
                    if args.once {
                        return ending(&delivery, &source.left_out(), &folder);
                    }
                }
                Err(error) => {
                    if delivery.n_sent > n_before {
                        backoff.renew();
                    }
                    let now = Instant::now();
                    let Some(wait) = after(&error, &mut backoff, args.once, now) else {
                        return Err(given_up(error, &spool, was_full));
                    };
                    send_at = now + wait;
                    note(common.quiet, &format!("{}; trying again in {} s", error.line(), seconds(wait)));
                }
            }
        }
        let next = if spool.is_empty() { look_at } else { look_at.min(send_at) };
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// How long to wait after a failure; nothing when there is no use in trying again.
fn after(error: &RequestError, backoff: &mut Backoff, is_once: bool, now: Instant) -> Option<Duration> {
    match error {
        RequestError::Transient { retry_after, .. } => backoff.next(now, *retry_after),
        // The owner may correct key, dataset or address while batches wait; not while a job waits for the end.
        RequestError::Refused(_) | RequestError::Foreign(_) => backoff.next(now, None).filter(|_| !is_once),
        RequestError::Local(_) => None,
    }
}

/// Why it ended with something unsent, and where that is.
fn given_up(error: RequestError, spool: &Spool, is_full: bool) -> Failure {
    let n = spool.numbers().len();
    let (waiting, them) = (batches(n), if n == 1 { "it" } else { "them" });
    let (size, folder) = (BinaryBytes(spool.n_bytes()), spool.folder().display());
    let failure = Failure::from(error).help(format!(
        "{waiting} ({size}) in the spool {folder}; the next `driftsiren watch` of this source sends {them}"
    ));
    failure.help(if is_full { "files that had no room in the spool stay where they are" } else { "" })
}

/// How it ends when nothing waits any more.
fn ending(delivery: &Delivery<'_>, left_out: &[String], folder: &Path) -> Outcome {
    const MOST: usize = 5;
    let unread: Vec<&String> = left_out.iter().chain(&delivery.lost).collect();
    let failure = match (delivery.n_refused, unread.len()) {
        (0, 0) => return Ok(Exit::Clean),
        (0, 1) => Failure::input("a file or line was not sent"),
        (0, n) => Failure::input(format!("{n} files or lines were not sent")),
        (n, _) => Failure::server(format!("the server refused {}", batches(n)))
            .help(format!("moved to {} with the ending `.refused`: a line of JSON, then the rows", folder.display())),
    };
    Err(unread.into_iter().take(MOST).fold(failure, Failure::help))
}

fn batches(n: usize) -> String {
    if n == 1 { "1 batch".to_owned() } else { format!("{n} batches") }
}

/// Only objects, one a line, can be cut anywhere: rows of CSV mean nothing without their header.
fn refuse_other_formats(path: &Path) -> Outcome<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut start = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(64).read_to_end(&mut start));
    read.map_err(|error| not_opened(path, &error))?;
    match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None | Some(b'{') => Ok(()),
        Some(_) => {
            Err(Failure::input(format!("{} is not NDJSON, the only format that can be followed", path.display()))
                .help("send it once with `driftsiren push`, or watch its folder"))
        }
    }
}

/// The spool, which is for one dataset: what waits or was taken is for no other.
fn open_spool(folder: &Path, cap: u64, dataset: &str) -> Outcome<Spool> {
    let fails = spool_fails(folder);
    let spool = Spool::open(folder, cap).map_err(|error| match error.kind() {
        ErrorKind::ResourceBusy => {
            Failure::input(format!("the spool {} is in use by another `driftsiren watch`", folder.display()))
                .help("stop that one, or name another spool with --spool DIR")
        }
        ErrorKind::AlreadyExists => Failure::usage(format!("the spool {} is a file, not a folder", folder.display())),
        _ => fails(error),
    })?;
    let owner = spool.noted(DATASET).map_err(&fails)?;
    if !owner.is_empty() && owner != dataset {
        let waiting = batches(spool.numbers().len());
        return Err(Failure::input(format!("the spool {} belongs to the dataset `{owner}`", folder.display())).help(
            format!("name another spool for `{dataset}` with --spool DIR; {waiting} for `{owner}` wait in this one"),
        ));
    }
    if owner.is_empty() {
        spool.note(DATASET, dataset).map_err(&fails)?;
    }
    Ok(spool)
}

/// One spool for each source and dataset, in the user's folder of state.
fn default_spool(source: &Path, dataset: &str) -> Outcome<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")));
    let state = state.ok_or_else(|| {
        Failure::usage("no folder for the spool: neither XDG_STATE_HOME nor HOME is set")
            .help("name one with --spool DIR")
    })?;
    let name = blake3::hash(format!("{}\n{dataset}", source.display()).as_bytes()).to_hex();
    Ok(state.join("driftsiren").join("spool").join(&name[..16]))
}

#[cfg(test)]
mod tests {
    use drift::wire::Problem;

    use super::*;

    fn refused(status: u16) -> RequestError {
        RequestError::Refused(Box::new(Problem { status, ..Problem::default() }))
    }

    #[test]
    fn a_refusal_is_waited_out_but_not_by_a_job() {
        let now = Instant::now();
        let mut backoff = Backoff::new(None);
        assert!(after(&refused(404), &mut backoff, false, now).is_some());
        assert!(after(&RequestError::Foreign(String::new()), &mut backoff, false, now).is_some());
        assert!(after(&RequestError::Local(Failure::usage("")), &mut backoff, false, now).is_none());
        let mut backoff = Backoff::new(Some(Duration::from_secs(60)));
        assert!(after(&refused(401), &mut backoff, true, now).is_none());
        assert!(after(&RequestError::transient("away", Vec::new()), &mut backoff, true, now).is_some());
        let asked = RequestError::Transient {
            message: String::new(),
            causes: Vec::new(),
            retry_after: Some(Duration::from_secs(3600)),
        };
        assert!(after(&asked, &mut backoff, true, now).is_none(), "it would not be asked again within a minute");
        assert_eq!(after(&asked, &mut Backoff::new(None), false, now), Some(Duration::from_secs(3600)));
    }
}
