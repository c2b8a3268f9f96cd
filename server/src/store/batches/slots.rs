//! The rows of batches by slot, and the profile files that they become.

use drift::{profile::Profile, read::FewRows, wire::server_options_json};
use jiff::Timestamp;

use super::NewBatch;
use crate::store::id::{BatchId, DatasetId};

/// The rows of a batch that belong to one slot.
#[derive(Clone, Debug)]
pub struct NewSlot {
    /// When the slot begins.
    pub at: Timestamp,
    pub n_rows: u64,
    pub content: Content,
}

/// What is known of these rows.
#[derive(Clone, Debug)]
pub enum Content {
    /// A profile file of the engine.
    File(Vec<u8>),
    /// The rows: so few that those of several batches become one profile.
    Rows(FewRows),
}

/// A profile file of the rows of one slot, of one batch or of several that are written together.
#[derive(Debug, PartialEq, Eq)]
pub struct SlotFile {
    pub dataset: DatasetId,
    pub at: Timestamp,
    /// That of its first batch: ids tell the order in which batches arrived.
    pub id: BatchId,
    pub n_rows: u64,
    pub profile: Vec<u8>,
}

/// Rows that make one profile.
struct Together<'a> {
    dataset: DatasetId,
    at: Timestamp,
    of: Vec<(BatchId, &'a FewRows)>,
}

/// The profile files of batches. Few rows of one dataset and slot that are read alike share one.
///
/// # Errors
/// When rows cannot be read that could be read before: that would be a mistake of ours.
pub fn files(batches: &[&NewBatch]) -> drift::Result<Vec<SlotFile>> {
    let mut files = Vec::new();
    let mut few: Vec<Together<'_>> = Vec::new();
    for batch in batches {
        for NewSlot { at, n_rows, content } in &batch.slots {
            let (dataset, at) = (batch.dataset, *at);
            match content {
                Content::File(profile) => {
                    files.push(SlotFile { dataset, at, id: batch.id, n_rows: *n_rows, profile: profile.clone() });
                }
                Content::Rows(rows) => {
                    let is_like = |known: &&mut Together<'_>| {
                        known.dataset == dataset && known.at == at && known.of[0].1.is_like(rows)
                    };
                    match few.iter_mut().find(is_like) {
                        Some(known) => known.of.push((batch.id, rows)),
                        None => few.push(Together { dataset, at, of: vec![(batch.id, rows)] }),
                    }
                }
            }
        }
    }
    for together in few {
        together.read(&mut files)?;
    }
    Ok(files)
}

impl Together<'_> {
    fn read(self, files: &mut Vec<SlotFile>) -> drift::Result<()> {
        let rows: Vec<&FewRows> = self.of.iter().map(|(_, rows)| *rows).collect();
        if let Ok(profile) = FewRows::profile_together(&rows) {
            files.push(self.file(self.of[0].0, profile));
            return Ok(());
        }
        // Together they pass a limit, such as that of columns, which each of them keeps.
        for (id, rows) in &self.of {
            files.push(self.file(*id, rows.profile()?));
        }
        Ok(())
    }

    fn file(&self, id: BatchId, mut profile: Profile) -> SlotFile {
        // Formats differ, and cells mean the same: profiles of all formats can be merged.
        server_options_json().clone_into(&mut profile.options);
        SlotFile { dataset: self.dataset, at: self.at, id, n_rows: profile.n_rows, profile: profile.encode() }
    }
}
