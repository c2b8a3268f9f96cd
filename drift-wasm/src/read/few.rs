//! A few rows, which stay text until they are read together with others.

use std::sync::Arc;

use crate::error::Result;
use crate::finding::Findings;
use crate::profile::{Profile, ProfileBuilder};
use crate::read::csv::Block;
use crate::read::names::TextNames;
use crate::read::text::TextTable;

/// Rows of one slot.
#[derive(Debug, Clone)]
pub enum Part {
    /// What they became.
    Profile(Box<Profile>),
    /// The rows themselves, while they are few: those of many small inputs make one profile for little more than those
    /// of one would.
    Few(FewRows),
}

impl Part {
    /// Rows that were read.
    pub fn n_rows(&self) -> u64 {
        match self {
            Self::Profile(profile) => profile.n_rows,
            Self::Few(rows) => rows.n_rows,
        }
    }

    /// What was read leniently.
    pub fn findings(&self) -> &Findings {
        match self {
            Self::Profile(profile) => &profile.findings,
            Self::Few(rows) => &rows.findings,
        }
    }

    /// Names of the columns, in the order of the input.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (columns, names) = match self {
            Self::Profile(profile) => (profile.columns.as_slice(), None),
            Self::Few(rows) => ([].as_slice(), Some(&rows.names)),
        };
        columns.iter().map(|column| column.name.as_str()).chain(names.into_iter().flat_map(TextNames::iter))
    }

    /// The profile of these rows. Nothing is refused that was not refused before: few rows were looked at already.
    pub fn into_profile(self) -> Result<Profile> {
        match self {
            Self::Profile(profile) => Ok(*profile),
            Self::Few(rows) => rows.profile(),
        }
    }
}

/// A few rows that can be read, one a line.
#[derive(Debug, Clone)]
pub struct FewRows {
    pub(super) table: Arc<TextTable>,
    pub(super) block: Block,
    pub(super) n_rows: u64,
    pub(super) names: TextNames,
    /// With rows counted as in the input.
    pub(super) findings: Findings,
    pub(super) n_bytes: u64,
    pub(super) input_hash: String,
}

impl FewRows {
    /// Rows that were read.
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Their profile.
    pub fn profile(&self) -> Result<Profile> {
        Self::profile_together(&[self])
    }

    /// Whether cells of both mean the same, so that they can be read together.
    pub fn is_like(&self, other: &Self) -> bool {
        self.table.format == other.table.format && self.table.options() == other.table.options()
    }

    /// One profile of rows that are alike, in this order: what merging the profiles of each would be, as long as they are
    /// within the exact limit. It is called and read as the first.
    ///
    /// Refused when all together pass a limit that each of them keeps, such as that of columns.
    ///
    /// # Panics
    /// When there are none.
    pub fn profile_together(rows: &[&Self]) -> Result<Profile> {
        let first = rows[0];
        let mut all = Block { bytes: Vec::new(), first_row: 0, irregular: false };
        all.bytes.reserve_exact(rows.iter().map(|rows| rows.block.bytes.len() + 1).sum());
        for rows in rows {
            all.bytes.extend_from_slice(&rows.block.bytes);
            all.bytes.push(b'\n');
        }
        let mut builder = ProfileBuilder::new(&[], first.table.options());
        builder.absorb(&first.table.profile_block(&all)?)?;
        let input_hash = match rows {
            [one] => one.input_hash.clone(),
            many => {
                let mut hasher = blake3::Hasher::new();
                for rows in many {
                    hasher.update(rows.input_hash.as_bytes());
                }
                hasher.finalize().to_hex().to_string()
            }
        };
        let n_bytes = rows.iter().map(|rows| rows.n_bytes).sum();
        let mut profile = builder.finish(first.table.format, n_bytes, input_hash, 1);
        // Rows are counted within each input.
        let listed = rows.iter().flat_map(|rows| &rows.findings.listed).take(crate::profile::LISTED_FINDINGS);
        profile.findings.listed = listed.cloned().collect();
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::profile::Profile;
    use crate::read::{FewRows, Part, ReadOptions, SlotReader};

    fn few(text: &str) -> FewRows {
        let mut reader = SlotReader::new(ReadOptions::new("t"), None, |_| 0).expect("sound options");
        reader.push(text.as_bytes()).expect("readable");
        match reader.finish().expect("readable").0.parts.remove(&0) {
            Some(Part::Few(rows)) => rows,
            other => panic!("few lines stay text, not {other:?}"),
        }
    }

    fn row() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => (0..50, "[a-c]{0,2}").prop_map(|(x, label)| format!("{{\"x\":{x},\"label\":\"{label}\"}}")),
            1 => (0..9).prop_map(|y| format!("{{\"y\":{{\"z\":{y}}},\"x\":null}}")),
            1 => Just("{\"label\":\"open".to_owned()),
            1 => Just(String::new()),
        ]
    }

    proptest! {
        #[test]
        fn read_together_they_are_what_their_profiles_merge_to(
            inputs in proptest::collection::vec(proptest::collection::vec(row(), 0..4), 1..6),
        ) {
            let inputs = inputs.into_iter().map(|rows| few(&format!("{{\"x\":1}}\n{}", rows.join("\n"))));
            let inputs: Vec<FewRows> = inputs.collect();
            let together = FewRows::profile_together(&inputs.iter().collect::<Vec<_>>()).expect("within all limits");
            let mut profiles = inputs.iter().map(|rows| rows.profile().expect("within all limits"));
            let first = profiles.next().expect("one at least");
            let merged = profiles.try_fold(first, |merged, next| Profile::merge(merged, &next)).expect("alike");
            prop_assert_eq!(together.hash(), merged.hash());
            prop_assert_eq!(together.n_rows, merged.n_rows);
            prop_assert_eq!(&together.findings, &merged.findings);
            let n_rows: u64 = inputs.iter().map(FewRows::n_rows).sum();
            prop_assert_eq!(together.n_rows, n_rows);
        }
    }

    #[test]
    fn a_line_that_is_left_open_ends_with_its_input() {
        let rows = [few("{\"x\":1}\n{\"x\":\"open"), few("{\"x\":2}")];
        let together = FewRows::profile_together(&[&rows[0], &rows[1]]).expect("within all limits");
        assert_eq!((together.n_rows, together.findings.n_rejected_rows), (2, 1));
        assert_eq!(together.columns[0].numbers.values(), [1.0, 2.0]);
        assert_eq!(together.findings.listed[0].row, 2, "as its own input counts");
    }

    #[test]
    fn formats_are_not_mixed() {
        assert!(few("{\"x\":1}").is_like(&few("{\"x\":2}\n{\"x\":3}")));
        assert!(!few("{\"x\":1}").is_like(&few("[{\"x\":2}]")));
    }
}
