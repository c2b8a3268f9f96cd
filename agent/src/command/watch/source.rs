//! What is watched.

use std::io;
use std::path::Path;

use crate::command::watch::folder::Folder;
use crate::command::watch::lines::Lines;
use crate::command::watch::look::Look;
use crate::exit::Outcome;
use crate::spool::{Kept, Spool};

/// A folder or a file.
pub enum Source {
    Folder(Folder),
    Lines(Lines),
}

impl Source {
    /// What a path leads to, with what the spool noted of it.
    pub fn open(path: &Path, spool: &mut Spool) -> io::Result<Self> {
        if path.is_dir() {
            Folder::open(path, spool).map(Self::Folder)
        } else {
            Lines::open(path, spool).map(Self::Lines)
        }
    }

    /// Takes what is new into the spool; full when something stays where it is for want of room.
    pub fn look(&mut self, spool: &mut Spool, how: Look) -> Outcome<Kept> {
        match self {
            Self::Folder(folder) => folder.look(spool, how),
            Self::Lines(lines) => lines.look(spool, how),
        }
    }

    /// Takes files that were seen once more: the spool has lost one, whichever it was.
    pub fn forget(&mut self, spool: &mut Spool) -> io::Result<()> {
        match self {
            Self::Folder(folder) => folder.forget(spool),
            // The lost head alone knew where the lines came from.
            Self::Lines(_) => Ok(()),
        }
    }

    /// Files and lines that can never be taken, each with the reason.
    pub fn left_out(&self) -> Vec<String> {
        match self {
            Self::Folder(folder) => folder.left_out(),
            Self::Lines(lines) => lines.left_out().to_vec(),
        }
    }
}
