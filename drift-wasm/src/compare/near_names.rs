//! Columns of one input alone that are probably the same column under another name.

use std::collections::BTreeSet;

use crate::infer::infer;
use crate::metric;
use crate::profile::{ColumnProfile, Contingency, Profile};
use crate::remark::Remedy;
use crate::report::{SchemaChange, SchemaChangeKind};
use crate::schema::ColumnType;

/// More columns than this on a side are not compared pair by pair.
const MOST: usize = 60;
/// Values on each side from which their likeness says something.
const ENOUGH: u64 = 50;
/// The largest effect between two columns whose values are alike.
const ALIKE: f64 = 0.05;

/// For each new column, names the missing column that it looks like, with the flag that would compare the two.
///
/// Names count first: equal but for case, blanks, underscores and hyphens, or at most two letters apart. Then values:
/// numbers with the same distribution, or labels with the same shares. A missing column is suggested once.
pub(super) fn suggest(changes: &mut [SchemaChange], reference: &Profile, current: &Profile) {
    let of = |kind: SchemaChangeKind| changes.iter().filter(move |change| change.kind == kind);
    let missing: Vec<String> = of(SchemaChangeKind::Removed).map(|change| change.column.clone()).collect();
    if missing.is_empty() || missing.len() > MOST || of(SchemaChangeKind::Added).count() > MOST {
        return;
    }
    let mut taken = BTreeSet::new();
    type Test<'a> = &'a dyn Fn(&str, &str) -> bool;
    let by_values = |old: &str, new: &str| are_alike(column(reference, old), column(current, new));
    let tests: [Test<'_>; 3] =
        [&|old, new| plain(old) == plain(new), &|old, new| is_near(&plain(old), &plain(new)), &by_values];
    for test in tests {
        for change in changes.iter_mut().filter(|change| change.kind == SchemaChangeKind::Added) {
            if change.looks_like.is_some() {
                continue;
            }
            let found = missing.iter().find(|old| !taken.contains(*old) && test(old, &change.column));
            if let Some(old) = found {
                taken.insert(old.clone());
                change.looks_like = Some(old.clone());
                let value = Some(format!("{}={old}", change.column));
                change.remedy = Some(Remedy { flag: "--rename".to_owned(), value });
            }
        }
    }
}

fn column<'a>(profile: &'a Profile, name: &str) -> Option<&'a ColumnProfile> {
    profile.columns.iter().find(|column| column.name == name)
}

/// A name without what people change by accident.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// At most two letters apart, and not more than a quarter of the name.
fn is_near(old: &str, new: &str) -> bool {
    let longest = old.chars().count().max(new.chars().count());
    let most = (longest / 4).min(2);
    most > 0 && old.chars().count().abs_diff(new.chars().count()) <= most && distance(old, new) <= most
}

/// Letters to insert, delete or replace (Levenshtein 1966).
fn distance(old: &str, new: &str) -> usize {
    let new: Vec<char> = new.chars().collect();
    let mut row: Vec<usize> = (0..=new.len()).collect();
    for (i, a) in old.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in new.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[new.len()]
}

/// Whether both columns hold the same kind of values in the same shares.
fn are_alike(old: Option<&ColumnProfile>, new: Option<&ColumnProfile>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    let kind = infer(0, old, None).r#type;
    if infer(0, new, None).r#type != kind {
        return false;
    }
    let (a, b) = (old.typed(kind), new.typed(kind));
    match kind {
        ColumnType::Numeric => {
            let enough = a.sample.n().min(b.sample.n()) >= ENOUGH;
            enough && metric::ks(&a.sample, &b.sample).distance.is_some_and(|distance| distance <= ALIKE)
        }
        ColumnType::Categorical => {
            let table = Contingency::of(&a.categories, &b.categories);
            let (n, m) = (table.n_reference(), table.n_current());
            let distance: f64 = table
                .reference
                .iter()
                .zip(&table.current)
                .map(|(a, b)| (*a as f64 / n.max(1) as f64 - *b as f64 / m.max(1) as f64).abs())
                .sum();
            n.min(m) >= ENOUGH && table.reference.len() > 2 && distance / 2.0 <= ALIKE
        }
        // Two labels, hours, lengths and identifiers are too often alike by chance.
        ColumnType::Boolean | ColumnType::Datetime | ColumnType::Text | ColumnType::Id | ColumnType::Empty => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::case_and_blank("income", "Income ", true)]
    #[case::separators("loan_amount", "loan-Amount", true)]
    #[case::a_letter("customer", "custmer", true)]
    #[case::short_names_differ_by_one_letter("x1", "x2", false)]
    #[case::other_names("income", "age", false)]
    fn names_are_near_when_people_would_mix_them_up(#[case] old: &str, #[case] new: &str, #[case] expected: bool) {
        assert_eq!(plain(old) == plain(new) || is_near(&plain(old), &plain(new)), expected);
    }

    #[test]
    fn a_distance_counts_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
