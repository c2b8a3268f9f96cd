//! A path or stdin becomes bytes or a profile.

use std::fs::{self, File};
use std::io::{self, Cursor, IsTerminal, Read, Seek};
use std::path::{Path, PathBuf};

use drift::RefusalKind;
use drift::profile::Profile;
use drift::read::{ReadOptions, profile_file, profile_source};

use crate::arguments::Common;
use crate::exit::{Failure, Outcome};
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
                .help("profile its files one by one and join the profiles with `driftsiren merge`"));
        }
        let file = File::open(path).map_err(|error| not_opened(path, &error))?;
        let source = if known.is_file() { Source::Regular { file, n_bytes: known.len() } } else { Source::Pipe(file) };
        Ok(Self { name, path: Some(path.to_path_buf()), source })
    }

    /// Opens several paths, of which one at most may be `-`.
    pub fn open_all(paths: &[&Path], common: &Common) -> Outcome<Vec<Self>> {
        if paths.iter().filter(|path| **path == Path::new("-")).count() > 1 {
            return Err(Failure::usage("`-` is given twice, but stdin can be read only once")
                .help("save one of the inputs to a file; write `./-` for a file called `-`"));
        }
        let inputs: Vec<Self> = paths.iter().map(|path| Self::open(path)).collect::<Outcome<_>>()?;
        if inputs.iter().any(|input| matches!(input.source, Source::Stdin)) && io::stdin().is_terminal() {
            note(common.quiet, "reading from the terminal; press Ctrl-D to end");
        }
        Ok(inputs)
    }

    pub(super) fn n_bytes(&self) -> Option<u64> {
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
        peeked.map_err(|error| Failure::input(format!("cannot read `{}`", self.name)).caused_by(&error))?;
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
        read.map_err(|error| Failure::input(format!("cannot read `{}`", self.name)).caused_by(&error))?;
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

    pub(super) fn read(self, options: &ReadOptions, n_threads: usize, meter: &Meter<'_>) -> Outcome<Profile> {
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
                failure.help("check that the program that wrote it has finished; a header alone is enough")
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
                None => failure,
            }
        }
        io::ErrorKind::PermissionDenied => {
            Failure::input(format!("cannot read `{name}`: permission denied")).help("check it with `ls -l`")
        }
        _ => Failure::input(format!("cannot open `{name}`")).caused_by(error),
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
