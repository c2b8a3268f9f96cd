//! A body on its way to rows by slot.

use std::collections::HashSet;

use drift::{
    read::{Part, ReadOptions, SlotReader, Slotted},
    wire::server_options,
};

use super::slotting::{Noting, Seen, Slotting};
use crate::{
    limits,
    problem::{ApiError, ApiResult, kinds},
};

/// Most slots that the rows of one batch may fall into.
const MOST_SLOTS: usize = 2_500;

/// How bodies are read.
pub fn options(name: &str) -> ReadOptions {
    ReadOptions { limits: limits::READ, ..server_options(name) }
}

/// How profiles and references are read: whole files, of any options.
pub fn reference_options(name: &str) -> ReadOptions {
    ReadOptions { limits: limits::READ, ..ReadOptions::new(name) }
}

/// Reads a body piece by piece, in bounded memory.
pub struct Reading {
    reader: SlotReader<Noting>,
    has_times: bool,
}

impl Reading {
    /// Of a body that is read with these options, whose rows have their times in this column.
    pub fn new(options: ReadOptions, time_column: Option<String>, slotting: Slotting) -> ApiResult<Self> {
        let has_times = time_column.is_some();
        let noting = Noting { seen: Seen::default(), slotting };
        Ok(Self { reader: SlotReader::new(options, time_column, noting)?, has_times })
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) -> ApiResult<()> {
        self.reader.push(piece)?;
        if self.reader.n_slots() > MOST_SLOTS { Err(too_many_slots()) } else { Ok(()) }
    }

    /// Reads a body that is here as a whole.
    pub fn read_whole(self, body: &[u8]) -> ApiResult<(Slotted, Seen)> {
        let (slotted, noting) = self.reader.read_whole(body)?;
        check(slotted, noting, self.has_times)
    }

    /// Memory of what was read, by estimate.
    pub fn held_bytes(&self) -> usize {
        self.reader.held_bytes()
    }

    /// What the body was, at its end.
    pub fn finish(self) -> ApiResult<(Slotted, Seen)> {
        let (slotted, noting) = self.reader.finish()?;
        check(slotted, noting, self.has_times)
    }
}

fn check(slotted: Slotted, noting: Noting, has_times: bool) -> ApiResult<(Slotted, Seen)> {
    if slotted.parts.len() > MOST_SLOTS {
        return Err(too_many_slots());
    }
    let Noting { mut seen, slotting } = noting;
    seen.n_without_time *= u64::from(has_times);
    seen.check(&slotting)?;
    check_columns(&slotted)?;
    Ok((slotted, seen))
}

fn too_many_slots() -> ApiError {
    let detail = format!("the rows fall into more than {MOST_SLOTS} slots; send them in several batches");
    ApiError::new(kinds::TOO_MANY_ROWS, detail).passing(MOST_SLOTS as u64, None)
}

/// A column that is named twice. Members of JSON with one name are one column.
fn repeated(part: &Part) -> Option<&str> {
    let Part::Profile(profile) = part else { return None };
    let mut names = HashSet::with_capacity(profile.columns.len());
    part.names().find(|name| !names.insert(*name))
}

fn check_columns(slotted: &Slotted) -> ApiResult<()> {
    const LONGEST: usize = 256;
    for part in slotted.parts.values() {
        let unsound = part.names().find(|name| name.is_empty() || name.len() > LONGEST);
        if let Some(name) = unsound.or_else(|| repeated(part)) {
            let shown: String = name.chars().take(40).collect();
            let detail = format!("column `{shown}`: a name has 1 to {LONGEST} bytes and is used once");
            return Err(ApiError::new(kinds::INVALID_COLUMN_NAME, detail));
        }
    }
    Ok(())
}
