//! Columns that one input lacks, and columns whose values changed their kind.

use std::collections::BTreeMap;

use crate::compare::{CompareOptions, near_names};
use crate::infer::infer;
use crate::policy::Policy;
use crate::profile::Profile;
use crate::report::{SchemaChange, SchemaChangeKind};
use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// Differences between the inputs' columns: removed, added, retyped, each in the order of its input.
#[inline(never)]
pub fn changes(reference: &Profile, current: &Profile, options: &CompareOptions) -> Vec<SchemaChange> {
    let counts = |profile: &Profile| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        profile.columns.iter().for_each(|column| *counts.entry(column.name.clone()).or_default() += 1);
        counts
    };
    let (ours, theirs) = (counts(reference), counts(current));
    let only = |profile: &Profile, others: &BTreeMap<String, usize>, kind, text: &str| -> Vec<SchemaChange> {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut changes = Vec::new();
        for column in profile.columns.iter().filter(|column| options.wants(&column.name)) {
            let n = seen.entry(&column.name).or_default();
            *n += 1;
            if *n > others.get(&column.name).copied().unwrap_or(0) {
                changes.push(SchemaChange::new(kind, &column.name, text));
            }
        }
        changes
    };
    let mut changes = only(reference, &theirs, SchemaChangeKind::Removed, "only in the reference");
    changes.extend(only(current, &ours, SchemaChangeKind::Added, "only in the current input"));
    near_names::suggest(&mut changes, reference, current);
    for (index, column) in reference.columns.iter().enumerate().filter(|(_, column)| options.wants(&column.name)) {
        let Some(other) = current.columns.iter().find(|other| other.name == column.name) else {
            continue;
        };
        if column.hint.as_ref().is_some_and(|hint| hint.r#type.is_some()) {
            continue;
        }
        let (was, is) = (infer(index, column, None), infer(index, other, None));
        if was.r#type != is.r#type && was.r#type != ColumnType::Empty && is.r#type != ColumnType::Empty {
            let text =
                format!("{} ({}) became {} ({})", was.r#type.as_str(), was.reason, is.r#type.as_str(), is.reason);
            changes.push(SchemaChange::new(SchemaChangeKind::Retyped, &column.name, text));
        }
    }
    changes
}

/// The columns that the current input lacks and that count, in the order of the reference.
pub(super) fn missing<'a>(changes: &'a [SchemaChange], policy: &Policy) -> Vec<&'a str> {
    let removed = changes.iter().filter(|change| change.kind == SchemaChangeKind::Removed);
    removed.filter(|change| change.verdict(policy).is_some()).map(|change| change.column.as_str()).collect()
}

/// What missing and new columns make of the dataset's verdict.
pub(super) fn verdict(changes: &[SchemaChange], policy: &Policy) -> Option<Verdict> {
    let verdicts = changes.iter().filter_map(|change| change.verdict(policy));
    verdicts.reduce(|loudest, verdict| loudest.max_with(Some(verdict)))
}
