//! Opens inputs and reads them into profiles, two at once when there are two.

use std::fs::{self, File};
use std::io::{self, Cursor, IsTerminal, Read, Seek};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use drift::RefusalKind;
use drift::profile::Profile;
use drift::read::{ReadOptions, profile_file, profile_source};
use drift::schema::ColumnHint;

use crate::arguments::Common;
use crate::config::{self, ConfigFile};
use crate::exit::{Exit, Failure, Outcome};
use crate::flags::ReadFlags;
use crate::output::note;
use crate::progress::{Bars, Meter};
use crate::suggest;

/// An input that could be opened.
pub struct Input {
    /// What messages and the report call it: the path as given, `-` as `stdin`.
    pub name: String,
    /// Its path; absent for stdin.
    pub path: Option<PathBuf>,
    source: Source,
}

enum Source {
    Stdin,
    Regular { file: File, n_bytes: u64 },
    Pipe(File),
    Peeked(Box<dyn Read + Send>),
}

impl Input {
    /// Opens a path; `-` is stdin.
    pub fn open(path: &Path) -> Outcome<Self> {
        if path == Path::new("-") {
            return Ok(Self { name: "stdin".to_owned(), path: None, source: Source::Stdin });
        }
        let name = path.display().to_string();
        let known = fs::metadata(path).map_err(|error| not_opened(path, &error))?;
        if known.is_dir() {
            return Err(Failure::input(format!("`{name}` is a directory, expected a file"))
                .help("profile its files one by one and put them together with `driftsiren merge`"));
        }
        let file = File::open(path).map_err(|error| not_opened(path, &error))?;
        let source = if known.is_file() { Source::Regular { file, n_bytes: known.len() } } else { Source::Pipe(file) };
        Ok(Self { name, path: Some(path.to_path_buf()), source })
    }

    /// Opens several paths, of which one at most may be `-`.
    pub fn open_all(paths: &[&Path], common: &Common) -> Outcome<Vec<Self>> {
        if paths.iter().filter(|path| **path == Path::new("-")).count() > 1 {
            return Err(Failure::usage("`-` is given twice, but stdin can be read only once")
                .help("save one of the inputs to a file; a file called `-` is `./-`"));
        }
        let inputs: Vec<Self> = paths.iter().map(|path| Self::open(path)).collect::<Outcome<_>>()?;
        if inputs.iter().any(|input| matches!(input.source, Source::Stdin)) && io::stdin().is_terminal() {
            note(common.quiet, "reading from the terminal; end with Ctrl-D");
        }
        Ok(inputs)
    }

    fn n_bytes(&self) -> Option<u64> {
        match self.source {
            Source::Regular { n_bytes, .. } => Some(n_bytes),
            Source::Stdin | Source::Pipe(_) | Source::Peeked(_) => None,
        }
    }

    /// Its first bytes, at most `n`; reading begins at the start all the same.
    pub fn peek(&mut self, n: u64) -> Outcome<Vec<u8>> {
        let mut head = Vec::new();
        let peeked = match std::mem::replace(&mut self.source, Source::Stdin) {
            Source::Regular { mut file, n_bytes } => {
                let read = file.by_ref().take(n).read_to_end(&mut head).and_then(|_| file.rewind());
                self.source = Source::Regular { file, n_bytes };
                read
            }
            Source::Stdin => self.peek_stream(io::stdin(), n, &mut head),
            Source::Pipe(file) => self.peek_stream(file, n, &mut head),
            Source::Peeked(source) => self.peek_stream(source, n, &mut head),
        };
        peeked.map_err(|error| Failure::input(format!("`{}`: {error}", self.name)))?;
        Ok(head)
    }

    fn peek_stream(&mut self, mut source: impl Read + Send + 'static, n: u64, head: &mut Vec<u8>) -> io::Result<()> {
        source.by_ref().take(n).read_to_end(head)?;
        self.source = Source::Peeked(Box::new(Cursor::new(head.clone()).chain(source)));
        Ok(())
    }

    /// All of its bytes, refused above `limit`.
    pub fn bytes(self, limit: u64) -> Outcome<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = match self.source {
            Source::Stdin => io::stdin().take(limit + 1).read_to_end(&mut bytes),
            Source::Regular { file, .. } | Source::Pipe(file) => file.take(limit + 1).read_to_end(&mut bytes),
            Source::Peeked(source) => source.take(limit + 1).read_to_end(&mut bytes),
        };
        read.map_err(|error| Failure::input(format!("`{}`: {error}", self.name)))?;
        if bytes.len() as u64 > limit {
            return Err(Failure::input(format!("`{}` is longer than {limit} bytes", self.name)));
        }
        Ok(bytes)
    }

    /// Reads it to its end.
    pub fn profile(self, options: &ReadOptions, n_threads: usize, bars: &Bars) -> Outcome<Profile> {
        let meter = bars.meter(&self.name, self.n_bytes());
        self.read(options, n_threads, &meter)
    }

    fn read(self, options: &ReadOptions, n_threads: usize, meter: &Meter<'_>) -> Outcome<Profile> {
        let options = ReadOptions {
            name: if options.name.is_empty() { self.name.clone() } else { options.name.clone() },
            ..options.clone()
        };
        let read = match self.source {
            Source::Stdin => profile_source(io::stdin(), &options, n_threads, meter),
            Source::Regular { file, .. } => profile_file(file, &options, n_threads, meter),
            Source::Pipe(file) => profile_source(file, &options, n_threads, meter),
            Source::Peeked(source) => profile_source(source, &options, n_threads, meter),
        };
        read.map_err(|error| {
            let is_empty = error.0.kind == RefusalKind::Empty && error.0.mend.is_empty();
            let failure = Failure::from(error.in_file(&self.name));
            if is_empty {
                failure.help("check that whatever wrote it has finished; a header alone is enough to be read")
            } else {
                failure
            }
        })
    }
}

/// Why a path cannot be opened, with what may be meant.
pub fn not_opened(path: &Path, error: &io::Error) -> Failure {
    let name = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            let failure = Failure::input(format!("no file `{name}`"));
            match neighbours(path) {
                Some(hint) => failure.help(hint),
                None => failure.help("`-` reads from stdin"),
            }
        }
        io::ErrorKind::PermissionDenied => {
            Failure::input(format!("`{name}` may not be read: permission denied")).help("check it with `ls -l`")
        }
        _ => Failure::input(format!("`{name}`: {error}")),
    }
}

/// Files of the same folder with a name like the missing one's.
fn neighbours(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder).ok()?;
    let names: Vec<String> =
        entries.take(10_000).filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    suggest::did_you_mean(path.file_name()?.to_str()?, names.iter().map(String::as_str))
}

/// How inputs are read: flags over the schema file over configuration.
pub fn read_options(flags: &ReadFlags, config: &ConfigFile) -> Outcome<ReadOptions> {
    use crate::config::Over;
    let schema = match &flags.schema {
        Some(path) => config::read_schema_file(path)?,
        None => config::SchemaFile::default(),
    };
    let parse = drift::read::ParseOptions {
        encoding: flags.encoding.clone(),
        delimiter: flags.delimiter,
        quote: flags.quote,
        header: flags.no_header.then_some(false),
        null_markers: (!flags.null_markers.is_empty()).then(|| flags.null_markers.clone()),
        decimal: flags.decimal,
        thousands: flags.thousands,
        ragged: flags.ragged,
        time_format: flags.time_format.clone(),
        ..drift::read::ParseOptions::default()
    };
    let types = flags.types.iter().map(|(name, kind)| ColumnHint {
        name: name.clone(),
        index: None,
        r#type: Some(*kind),
        role: None,
    });
    let roles = flags.roles.iter().map(|(name, role)| ColumnHint {
        name: name.clone(),
        index: None,
        r#type: None,
        role: Some(*role),
    });
    let from_files = config::hints_over(schema.columns, config::hints(config));
    let mut options = ReadOptions::new("");
    options.format = flags.input_format.or(config.input.format);
    options.strict = flags.strict || config.input.strict.unwrap_or(false);
    options.parse = parse.over(schema.parse).over(config.parse.clone());
    options.hints = config::hints_over(types.chain(roles).collect(), from_files);
    if let Some(limit) = flags.exact_limit.or(config.input.exact_limit.map(|limit| limit.0)) {
        options.exact_limit = usize::try_from(limit)
            .map_err(|_| Failure::usage(format!("--exact-limit {limit} is more than this machine can count")))?;
    }
    options.check().map_err(|error| Failure { exit: Exit::Usage, ..Failure::from(error) })?;
    Ok(options)
}

/// Threads to read with: as asked, else as many as there are.
pub fn n_threads(flags: &ReadFlags) -> usize {
    flags.threads.map_or_else(|| thread::available_parallelism().map_or(1, NonZero::get), usize::from)
}

/// Reads both inputs at once, the threads shared by their sizes; one after the other on one thread.
pub fn profile_both(
    reference: (Input, &ReadOptions),
    current: (Input, &ReadOptions),
    n_threads: usize,
    bars: &Bars,
) -> Outcome<(Profile, Profile)> {
    let shares = share_threads(n_threads, reference.0.n_bytes(), current.0.n_bytes());
    let meters =
        (bars.meter(&reference.0.name, reference.0.n_bytes()), bars.meter(&current.0.name, current.0.n_bytes()));
    if n_threads < 2 {
        let first = reference.0.read(reference.1, 1, &meters.0)?;
        return Ok((first, current.0.read(current.1, 1, &meters.1)?));
    }
    let read = |(input, options): (Input, &ReadOptions), n: usize, meter: &Meter<'_>| {
        let read = input.read(options, n, meter);
        if read.is_err() {
            bars.cancel();
        }
        read
    };
    let (first, second) = thread::scope(|scope| {
        let other = scope.spawn(|| read(current, shares.1, &meters.1));
        let first = read(reference, shares.0, &meters.0);
        let second = other.join().unwrap_or_else(|_| Err(Failure::new(Exit::Bug, "a reading thread ended early")));
        (first, second)
    });
    bars.clear();
    first_refusal(first, second)
}

/// Both, or the refusal that came first: the other input's was to stop.
fn first_refusal(first: Outcome<Profile>, second: Outcome<Profile>) -> Outcome<(Profile, Profile)> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(stopped), Err(cause)) if stopped.refused == Some(RefusalKind::Cancelled) => Err(cause),
        (Err(cause), _) | (_, Err(cause)) => Err(cause),
    }
}

/// Threads for each of two inputs by their bytes, at least one each; halves when a size is unknown.
fn share_threads(n_threads: usize, reference: Option<u64>, current: Option<u64>) -> (usize, usize) {
    let half = (n_threads.div_ceil(2), n_threads.div_ceil(2));
    let (Some(a), Some(b)) = (reference, current) else {
        return half;
    };
    if a == 0 || b == 0 {
        return half;
    }
    let share = |part: u64| {
        let exact = n_threads as f64 * part as f64 / (a as f64 + b as f64);
        (exact.round() as usize).clamp(1, n_threads)
    };
    (share(a), share(b))
}

/// Names of the columns of a profile, in order.
pub fn column_names(profile: &Profile) -> Vec<String> {
    profile.columns.iter().map(|column| column.name.clone()).collect()
}

/// Refuses names of columns, given on the command line, that no input has.
pub fn check_names<'a>(names: impl IntoIterator<Item = (&'static str, &'a str)>, columns: &[String]) -> Outcome<()> {
    for (flag, name) in names {
        if columns.iter().any(|column| column == name) {
            continue;
        }
        let failure = Failure::usage(format!("{flag} names column `{name}`, which no input has"));
        return Err(match suggest::did_you_mean(name, columns.iter().map(String::as_str)) {
            Some(hint) => failure.help(hint),
            None => failure.help(listed(columns)),
        });
    }
    Ok(())
}

/// "the columns are a, b, c and 12 more".
fn listed(columns: &[String]) -> String {
    const MOST: usize = 12;
    let first: Vec<String> = columns.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match columns.len().saturating_sub(MOST) {
        0 => format!("the columns are {}", first.join(", ")),
        more => format!("the columns are {} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_that_was_only_stopped_is_not_the_cause() {
        let refusal = |kind| Failure::from(drift::Error::from(drift::Refusal::new(kind, "x", "y", "")));
        let both = || (refusal(RefusalKind::Cancelled), refusal(RefusalKind::MalformedInput));
        let (stopped, cause) = both();
        assert_eq!(first_refusal(Err(stopped), Err(cause)).unwrap_err().refused, Some(RefusalKind::MalformedInput));
        let (stopped, cause) = both();
        assert_eq!(first_refusal(Err(cause), Err(stopped)).unwrap_err().refused, Some(RefusalKind::MalformedInput));
    }

    #[test]
    fn threads_follow_sizes() {
        assert_eq!(share_threads(8, Some(75), Some(25)), (6, 2));
        assert_eq!(share_threads(2, Some(1000), Some(1)), (2, 1));
        assert_eq!(share_threads(3, None, Some(5)), (2, 2));
        assert_eq!(share_threads(4, Some(0), Some(5)), (2, 2));
    }
}
