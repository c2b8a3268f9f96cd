//! The rows of one block, sorted by slot.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::Finding;
use crate::profile::BlockProfile;
use crate::read::csv::Block;

/// Rows of a block that belong to one slot.
pub struct SlotRows {
    /// The rows, one behind the other.
    pub block: Block,
    /// Where each stood in the block that they come from; nothing when they are all of it.
    rows: Option<Vec<u64>>,
}

impl SlotRows {
    /// All rows of a block.
    pub fn all(block: Block) -> Self {
        Self { block, rows: None }
    }

    /// With the rows of findings as they stand in the input.
    pub fn located(&self, mut profile: BlockProfile) -> BlockProfile {
        self.locate(profile.first_row, &mut profile.findings);
        profile
    }

    /// `first_row` is what the findings take for the first row of the block.
    pub fn locate(&self, first_row: u64, findings: &mut [Finding]) {
        let Some(rows) = &self.rows else { return };
        for finding in findings {
            let index = finding.row.checked_sub(first_row).and_then(|index| usize::try_from(index).ok());
            if let Some(row) = index.and_then(|index| rows.get(index)) {
                finding.row = first_row + row;
            }
        }
    }
}

/// Sorts the rows of a block by their slots.
pub fn sort_rows<T>(block: &Block, rows: &[(Range<usize>, T)], slots: &[i64]) -> BTreeMap<i64, SlotRows> {
    let mut sorted: BTreeMap<i64, SlotRows> = BTreeMap::new();
    for (index, ((range, _), slot)) in rows.iter().zip(slots).enumerate() {
        let slot = sorted.entry(*slot).or_insert_with(|| SlotRows {
            block: Block { bytes: Vec::new(), first_row: block.first_row, irregular: block.irregular },
            rows: Some(Vec::new()),
        });
        slot.block.bytes.extend_from_slice(&block.bytes[range.clone()]);
        slot.block.bytes.push(b'\n');
        slot.rows.get_or_insert_default().push(index as u64);
    }
    sorted
}
