//! Columns that one input lacks, and columns whose values changed their kind.

use std::collections::BTreeMap;

use crate::compare::{CompareOptions, Pair, near_names};
use crate::format::percent;
use crate::policy::Policy;
use crate::profile::{ColumnProfile, Profile};
use crate::report::{SchemaChange, SchemaChangeKind};
use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// Differences between the inputs' columns: removed, added, retyped, each in the order of its input.
#[inline(never)]
pub(super) fn changes(
    reference: &Profile,
    current: &Profile,
    options: &CompareOptions,
    pairs: &[Pair<'_>],
) -> Vec<SchemaChange> {
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
    changes.extend(pairs.iter().filter_map(retyped));
    changes
}

/// Share of the current values that must fit the reference's type.
const MOSTLY: f64 = 0.9;

/// Says that the current values are of another kind: cells stopped fitting, not that inference would call them otherwise.
fn retyped(pair: &Pair<'_>) -> Option<SchemaChange> {
    if pair.reference.hint.as_ref().is_some_and(|hint| hint.r#type.is_some()) {
        return None;
    }
    let infinite = |column: &ColumnProfile| column.counts.n_pos_inf + column.counts.n_neg_inf;
    let numbers = |column: &ColumnProfile| column.n_numbers() + infinite(column);
    let n = |column: &ColumnProfile| numbers(column) + column.n_times() + column.n_labels();
    let (ours, theirs) = (pair.reference, pair.current);
    if n(ours) == 0 || n(theirs) == 0 {
        return None;
    }
    let share = |part: u64, column: &ColumnProfile| part as f64 / n(column) as f64;
    let kind = pair.schema.r#type;
    let text = match kind {
        ColumnType::Numeric | ColumnType::Datetime => {
            let fits = if kind == ColumnType::Numeric { numbers(theirs) } else { theirs.n_times() };
            let n_spelled = theirs.counts.n_big_integer + theirs.counts.n_leading_zero;
            let fits = share(fits + if kind == ColumnType::Numeric { n_spelled } else { 0 }, theirs);
            let what = if kind == ColumnType::Numeric { "numbers" } else { "times" };
            (fits < MOSTLY)
                .then(|| format!("{what} in the reference; {} of the current values are not", percent(1.0 - fits)))
        }
        ColumnType::Categorical | ColumnType::Boolean | ColumnType::Text | ColumnType::Id => {
            let were_labels = share(ours.n_labels(), ours) >= MOSTLY;
            let now = [(numbers(theirs), "numbers"), (theirs.n_times(), "times")];
            let now = now.into_iter().find(|(part, _)| were_labels && share(*part, theirs) >= MOSTLY);
            now.map(|(_, what)| format!("text in the reference, {what} now"))
        }
        ColumnType::Empty => None,
    }?;
    Some(SchemaChange::new(SchemaChangeKind::Retyped, &pair.schema.name, text))
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
