//! What is sent, in a form that can be sent again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use drift::profile::Profile;
use drift::read::profile_file;
use drift::wire::server_options;

use crate::exit::{Failure, Outcome};
use crate::input::{Input, not_opened};
use crate::progress::Bars;

/// Bytes, and how they are known.
pub struct Upload {
    /// What messages call it.
    pub name: String,
    file: File,
    pub n_bytes: u64,
    /// Hash of the content, as the idempotency key unless another is given.
    pub hash: String,
    /// Where it is sent to, below the dataset.
    pub route: &'static str,
    /// What the rows were summarised as, if that was done here.
    profile: Option<Profile>,
}

impl Upload {
    /// Rows as they are.
    pub fn of_rows(path: &Path) -> Outcome<Self> {
        let unreadable = |error: io::Error| Failure::input(format!("cannot read {}", path.display())).caused_by(&error);
        let (name, mut file) = if path == Path::new("-") {
            ("stdin".to_owned(), kept(io::stdin().lock()).map_err(unreadable)?)
        } else {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| not_opened(path, &error))?;
            let found = file.metadata().map_err(unreadable)?;
            if found.is_dir() {
                return Err(Failure::input(format!("{name} is a folder"))
                    .help(format!("send its files one by one, or watch it: driftsiren watch {name}")));
            }
            (name, if found.is_file() { file } else { kept(file).map_err(unreadable)? })
        };
        file.rewind().map_err(unreadable)?;
        let mut hasher = blake3::Hasher::new();
        let n_bytes = io::copy(&mut file, &mut hasher).map_err(unreadable)?;
        if n_bytes == 0 {
            return Err(
                Failure::input(format!("{name} is empty")).help("check that the program that wrote it has finished")
            );
        }
        let hash = hasher.finalize().to_hex().to_string();
        Ok(Self { name, file, n_bytes, hash, route: "batches", profile: None })
    }

    /// The profile of rows, which stay here.
    pub fn of_profile(path: &Path, bars: &Bars) -> Outcome<Self> {
        let input = Input::open(path)?;
        let name = input.name.clone();
        let profile = input.profile(&server_options(&name), 1, bars)?;
        let bytes = profile.encode();
        let file = kept(bytes.as_slice())
            .map_err(|error| Failure::input("cannot write a temporary file").caused_by(&error))?;
        let hash = blake3::hash(&bytes).to_hex().to_string();
        Ok(Self { name, file, n_bytes: bytes.len() as u64, hash, route: "profiles", profile: Some(profile) })
    }

    /// Its bytes from the first; one reader at a time.
    pub fn content(&self) -> Outcome<File> {
        let unreadable = |error: io::Error| Failure::input(format!("cannot read {}", self.name)).caused_by(&error);
        let mut file = self.file.try_clone().map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        Ok(file)
    }

    /// The profile that the server would make of it, or gets.
    pub fn into_profile(self, bars: &Bars) -> Outcome<Profile> {
        let content = self.content()?;
        if let Some(profile) = self.profile {
            return Ok(profile);
        }
        let meter = bars.meter(&self.name, Some(self.n_bytes));
        let profile = profile_file(content, &server_options(&self.name), 1, &meter);
        profile.map_err(|error| error.in_file(&self.name).into())
    }
}

/// A stream in a temporary file: sending may have to begin again.
fn kept(mut stream: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut stream, &mut file)?;
    file.flush()?;
    Ok(file)
}
