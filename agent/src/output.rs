//! Where results go: stdout or a file, whole or not at all; notes and errors on stderr.

use std::fs::{self, File, Metadata};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anstream::ColorChoice;
use drift::render::RenderOptions;

use crate::arguments::Color;
use crate::exit::{Failure, Outcome};

/// The file being written, removed when the process is interrupted.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Removes the file being written; called by the signal handler.
pub fn remove_unfinished() {
    if let Ok(unfinished) = UNFINISHED.lock()
        && let Some(path) = unfinished.as_ref()
    {
        let _ = fs::remove_file(path);
    }
}

/// Where a result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl Target {
    /// Where `-o` says; stdout when it is absent or `-`.
    ///
    /// Refuses what could not be written later, so that no time is lost on reading first.
    pub fn new(path: Option<&Path>, inputs: &[&Path]) -> Outcome<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self::Stdout);
        };
        if path.is_dir() {
            return Err(Failure::usage(format!("cannot write {}: it is a folder", path.display()))
                .help("name a file in it, such as report.json"));
        }
        let folder = folder_of(path);
        if !folder.is_dir() {
            return Err(Failure::usage(format!(
                "cannot write {}: there is no folder {}",
                path.display(),
                folder.display()
            ))
            .help(format!("create it with `mkdir -p {}`", folder.display())));
        }
        if let Some(input) = inputs.iter().find(|input| is_same_file(path, input)) {
            return Err(Failure::usage(format!(
                "cannot write {}: it is the input {}",
                path.display(),
                input.display()
            ))
            .help("name another file with -o; inputs are never overwritten"));
        }
        Ok(Self::File(path.to_path_buf()))
    }

    /// Writes a result, whole or not at all.
    pub fn write(&self, bytes: &[u8]) -> Outcome<()> {
        match self {
            Self::Stdout => write_stdout(bytes),
            Self::File(path) => write_file(path, bytes)
                .map_err(|error| Failure::input(format!("cannot write {}", path.display())).caused_by(&error)),
        }
    }
}

/// Writes to stdout; a reader that went away is no error.
pub fn write_stdout(bytes: &[u8]) -> Outcome<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::input("cannot write to standard output").caused_by(&error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes beside the target and renames; devices and pipes are written as they are.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let known = fs::metadata(&target).ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return match File::options().write(true).open(&target)?.write_all(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        };
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".driftsiren-").suffix(".tmp");
    let permissions = permissions_for(known.as_ref());
    if let Some(permissions) = &permissions {
        builder.permissions(permissions.clone());
    }
    let mut file = builder.tempfile_in(folder_of(&target))?;
    remember(Some(file.path().to_path_buf()));
    let written = file.write_all(bytes).and_then(|()| file.flush());
    let written = written.and_then(|()| file.persist(&target).map_err(|error| error.error));
    remember(None);
    written.map(|_| ())
}

fn remember(path: Option<PathBuf>) {
    if let Ok(mut unfinished) = UNFINISHED.lock() {
        *unfinished = path;
    }
}

/// What a new file may be read by: as the file that it replaces, else as the process's mask says.
#[cfg(unix)]
fn permissions_for(known: Option<&Metadata>) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let mode = known.map_or(0o666, |known| known.permissions().mode());
    Some(fs::Permissions::from_mode(mode & 0o777))
}

/// What a new file may be read by: the system decides.
#[cfg(not(unix))]
fn permissions_for(_known: Option<&Metadata>) -> Option<fs::Permissions> {
    None
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether both paths lead to one file that exists.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(a), Ok(b)) => a == b || is_same_inode(&a, &b),
        (_, _) => false,
    }
}

#[cfg(unix)]
fn is_same_inode(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(a), Ok(b)) => a.is_file() && (a.dev(), a.ino()) == (b.dev(), b.ino()),
        (_, _) => false,
    }
}

#[cfg(not(unix))]
fn is_same_inode(_one: &Path, _other: &Path) -> bool {
    false
}

/// Makes stderr follow the choice; errors before this follow the terminal.
pub fn choose_color(color: Color) {
    match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
}

/// Whether a result for `target` is coloured.
pub fn is_coloured(color: Color, target: &Target) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => *target == Target::Stdout && anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    }
}

/// How a report for `target` is rendered.
pub fn look(color: Color, target: &Target) -> RenderOptions {
    RenderOptions { color: is_coloured(color, target), width: width(target) }
}

/// Columns of the terminal on stdout; 100 where there is none, so that files do not depend on it.
pub fn width(target: &Target) -> usize {
    let is_terminal = *target == Target::Stdout && io::stdout().is_terminal();
    let columns = is_terminal.then(terminal_size::terminal_size).flatten();
    columns.map_or(100, |(width, _)| usize::from(width.0)).clamp(40, 160)
}

/// Something worth knowing, on stderr.
pub fn note(is_quiet: bool, text: &str) {
    if !is_quiet {
        let text = harmless(text);
        let _ = writeln!(anstream::stderr(), "\u{1b}[1;36mnote\u{1b}[0m: {text}");
    }
}

/// What went wrong and what to do, on stderr.
pub fn error(failure: &Failure) {
    let mut stderr = anstream::stderr().lock();
    let message = harmless(&failure.message);
    let _ = writeln!(stderr, "\u{1b}[1;31merror\u{1b}[0m: {message}");
    for cause in &failure.causes {
        let cause = harmless(cause);
        let _ = writeln!(stderr, "\u{1b}[1;31mcaused by\u{1b}[0m: {cause}");
    }
    for help in &failure.help {
        let help = harmless(help);
        let _ = writeln!(stderr, "\u{1b}[1;32mhelp\u{1b}[0m: {help}");
    }
}

/// Without control characters: names of columns and files must not steer a terminal.
pub fn harmless(text: &str) -> String {
    let is_unsafe = |c: char| c.is_control() && c != '\n';
    text.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}
