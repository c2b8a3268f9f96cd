//! The columns of a batch beside those that its dataset has had.

use std::{borrow::Cow, cell::OnceCell, collections::BTreeSet};

use drift::{
    infer,
    profile::Profile,
    read::{Part, Slotted},
    schema::{ColumnSchema, ColumnType},
    wire::{DatasetColumn, SchemaChange},
};

/// Fewer rows than this do not say what a column is.
const FEW_ROWS: u64 = 100;

/// The columns of a dataset after a batch, if it changes them, and how the batch differs from them before.
///
/// A type that fewer than [`FEW_ROWS`] rows told, or that of a column without a value, gives way to what the first
/// larger batch tells. After that a batch of another type is said to differ, until somebody decides for that type.
pub fn meet(known: &[DatasetColumn], slotted: &Slotted) -> (Option<Vec<DatasetColumn>>, Vec<SchemaChange>) {
    let mut columns = Cow::Borrowed(known);
    let mut changes = Vec::new();
    // The slots with the most rows tell types best.
    let mut parts: Vec<Sight<'_>> = slotted.parts.values().map(Sight::of).collect();
    parts.sort_by_key(|sight| std::cmp::Reverse(sight.part.n_rows()));
    for (at, sight) in parts.iter().enumerate() {
        let is_largest = at == 0;
        for (index, name) in sight.part.names().enumerate() {
            match place(&columns, index, name) {
                Some(place) if is_largest => sight.meet_known(index, &mut columns, place, &mut changes),
                Some(_) => {}
                None => {
                    if !known.is_empty() {
                        changes.push(SchemaChange::New { column: name.to_owned() });
                    }
                    columns.to_mut().extend(sight.new_column(index, name));
                }
            }
        }
    }
    note_missing(known, slotted, &mut columns, &mut changes);
    let changed = match columns {
        Cow::Borrowed(_) => None,
        Cow::Owned(columns) => (columns != known).then_some(columns),
    };
    (changed, changes)
}

/// Where a column of a batch stands: most batches have the columns of those before, in their order.
fn place(columns: &[DatasetColumn], index: usize, name: &str) -> Option<usize> {
    let is_at = |at: usize| columns.get(at).is_some_and(|column| column.name == name);
    if is_at(index) { Some(index) } else { columns.iter().position(|column| column.name == name) }
}

/// Rows of a batch, and what they say of types. A few rows are read for that only when they are asked.
struct Sight<'a> {
    part: &'a Part,
    few: OnceCell<Option<Profile>>,
}

impl<'a> Sight<'a> {
    fn of(part: &'a Part) -> Self {
        Self { part, few: OnceCell::new() }
    }

    fn schema(&self, index: usize) -> Option<ColumnSchema> {
        let profile = match self.part {
            Part::Profile(profile) => &**profile,
            Part::Few(rows) => self.few.get_or_init(|| rows.profile().ok()).as_ref()?,
        };
        profile.columns.get(index).map(|column| infer::schema(index, column))
    }

    fn new_column(&self, index: usize, name: &str) -> Option<DatasetColumn> {
        let ColumnSchema { r#type, reason, .. } = self.schema(index)?;
        Some(DatasetColumn {
            name: name.to_owned(),
            inferred_type: r#type,
            reason,
            type_override: None,
            is_missing: false,
            n_rows: self.part.n_rows(),
        })
    }

    fn meet_known(
        &self,
        index: usize,
        columns: &mut Cow<'_, [DatasetColumn]>,
        at: usize,
        changes: &mut Vec<SchemaChange>,
    ) {
        if columns[at].is_missing {
            columns.to_mut()[at].is_missing = false;
        }
        let n_rows = self.part.n_rows();
        if n_rows < FEW_ROWS {
            return;
        }
        let Some(seen) = self.schema(index).filter(|seen| seen.r#type != ColumnType::Empty) else { return };
        let column = &columns[at];
        let (from, to) = (column.inferred_type, seen.r#type);
        if from == ColumnType::Empty || column.n_rows < FEW_ROWS {
            let column = &mut columns.to_mut()[at];
            (column.inferred_type, column.reason, column.n_rows) = (to, seen.reason, n_rows);
        } else if from != to && column.type_override != Some(to) {
            changes.push(SchemaChange::Retyped { column: column.name.clone(), from, to });
        }
    }
}

fn note_missing(
    known: &[DatasetColumn],
    slotted: &Slotted,
    columns: &mut Cow<'_, [DatasetColumn]>,
    changes: &mut Vec<SchemaChange>,
) {
    let is_known = |part: &Part| part.names().eq(known.iter().map(|column| column.name.as_str()));
    if slotted.parts.values().all(is_known) {
        return;
    }
    let names: BTreeSet<&str> = slotted.parts.values().flat_map(Part::names).collect();
    for at in 0..columns.len() {
        if !names.contains(columns[at].name.as_str()) {
            changes.push(SchemaChange::Missing { column: columns[at].name.clone() });
            if !columns[at].is_missing {
                columns.to_mut()[at].is_missing = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use drift::read::{ReadOptions, SlotReader};
    use rstest::rstest;

    use super::*;

    fn read(text: &str) -> Slotted {
        let mut reader = SlotReader::new(ReadOptions::new("t"), None, |_: Option<i64>| 0).expect("sound options");
        reader.push(text.as_bytes()).expect("readable");
        reader.finish().expect("readable").0
    }

    /// Many rows of one column.
    fn rows(name: &str, value: impl Fn(usize) -> String) -> Slotted {
        read(&(0..150).map(|n| format!("{{\"{name}\":{}}}\n", value(n))).collect::<String>())
    }

    fn types(columns: &[DatasetColumn]) -> BTreeMap<&str, ColumnType> {
        columns.iter().map(|column| (column.name.as_str(), column.inferred_type)).collect()
    }

    #[rstest]
    #[case::one_row("{\"a\":\"x\"}")]
    #[case::no_value("{\"a\":null}")]
    fn what_a_few_rows_told_gives_way_to_many(#[case] first: &str) {
        let (columns, changes) = meet(&[], &read(first));
        assert_eq!(changes, []);
        let (columns, changes) = meet(&columns.expect("new columns"), &rows("a", |n| format!("{n}.5")));
        assert_eq!(changes, [], "nothing was known for sure");
        let columns = columns.expect("another type");
        assert_eq!(types(&columns), BTreeMap::from([("a", ColumnType::Numeric)]));
        let (same, changes) = meet(&columns, &rows("a", |n| format!("{n}.25")));
        assert_eq!((same, changes), (None, Vec::new()));
    }

    #[test]
    fn a_type_that_many_rows_told_stays_and_others_are_said_until_somebody_decides() {
        let columns = meet(&[], &rows("a", |n| format!("{n}.5"))).0.expect("new columns");
        let labels = rows("a", |n| format!("\"l{}\"", n % 3));
        let (changed, changes) = meet(&columns, &labels);
        let (from, to) = (ColumnType::Numeric, ColumnType::Categorical);
        assert_eq!((changed, changes), (None, vec![SchemaChange::Retyped { column: "a".to_owned(), from, to }]));
        let decided: Vec<_> =
            columns.into_iter().map(|column| DatasetColumn { type_override: Some(to), ..column }).collect();
        assert_eq!(meet(&decided, &labels), (None, Vec::new()));
    }

    #[test]
    fn few_rows_change_no_type_and_say_nothing() {
        let columns = meet(&[], &rows("a", |n| format!("{n}.5"))).0.expect("new columns");
        assert_eq!(meet(&columns, &read("{\"a\":\"x\"}")), (None, Vec::new()));
    }

    #[test]
    fn new_and_missing_columns_are_said() {
        let columns = meet(&[], &read("{\"a\":1,\"b\":2}")).0.expect("new columns");
        let (columns, changes) = meet(&columns, &read("{\"b\":1,\"c\":2}"));
        let (new, missing) = (|column: &str| column.to_owned(), |column: &str| column.to_owned());
        assert_eq!(changes, [SchemaChange::New { column: new("c") }, SchemaChange::Missing { column: missing("a") }]);
        let columns = columns.expect("changed");
        assert_eq!(columns.iter().map(|column| column.is_missing).collect::<Vec<_>>(), [true, false, false]);
        let (columns, changes) = meet(&columns, &read("{\"a\":1,\"b\":2,\"c\":3}"));
        assert_eq!(changes, []);
        assert!(columns.expect("changed").iter().all(|column| !column.is_missing));
    }

    #[test]
    fn columns_of_every_slot_are_met() {
        let mut reader = SlotReader::new(ReadOptions::new("t"), Some("at".to_owned()), |time: Option<i64>| {
            time.unwrap_or(0) / 3_600_000_000
        })
        .expect("sound options");
        let text = "{\"at\":60,\"a\":1}\n{\"at\":61,\"a\":1}\n{\"at\":7300,\"b\":1}\n";
        reader.push(text.as_bytes()).expect("readable");
        let (columns, _) = meet(&[], &reader.finish().expect("readable").0);
        let columns = columns.expect("new columns");
        assert_eq!(columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["at", "a", "b"]);
    }
}
