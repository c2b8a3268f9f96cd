//! What a report says of a column, in words.

use drift::compare::{CompareOptions, compare};
use drift::policy::{ColumnOverride, Policy};
use drift::read::{ReadOptions, profile_bytes};
use drift::report::ColumnReport;
use drift::verdict::Verdict;

/// The report of one column of values made of row numbers, reference first.
fn column(
    floor: Option<f64>,
    (n, before): (u32, impl Fn(u32) -> String),
    (m, after): (u32, impl Fn(u32) -> String),
) -> ColumnReport {
    let table =
        |n: u32, value: &dyn Fn(u32) -> String| (0..n).fold("x\n".to_owned(), |text, row| text + &value(row) + "\n");
    let profile = |text: &str| profile_bytes("x.csv", text.as_bytes(), &ReadOptions::new("x.csv")).unwrap();
    let policy = Policy { all: ColumnOverride { floor, ..ColumnOverride::default() }, ..Policy::default() };
    let options = CompareOptions { policy, ..CompareOptions::default() };
    let report = compare(&profile(&table(n, &before)), &profile(&table(m, &after)), &options).unwrap();
    report.columns.into_iter().next().unwrap()
}

#[test]
fn a_rare_event_is_told_and_not_its_absence() {
    let of = |every: u32| move |row: u32| u32::from(row.is_multiple_of(every)).to_string();
    let found = column(Some(0.001), (20_000, of(500)), (20_000, of(250)));
    assert_eq!(found.verdict, Verdict::Drifted);
    assert!(found.why.contains("`1` doubled, 0.2\u{a0}% → 0.4\u{a0}% of rows"), "{}", found.why);
    assert_eq!(found.what_changed, "1: 0.2\u{a0}% → 0.4\u{a0}%");
}

#[test]
fn labels_that_came_and_went_come_before_a_single_one() {
    let of = |n_shops: u32| move |row: u32| format!("shop {}", row % n_shops);
    let found = column(None, (4_000, of(80)), (4_000, of(40)));
    assert_eq!(found.verdict, Verdict::Drifted);
    assert_eq!(found.what_changed, "40 vanished categories");
    assert!(found.why.starts_with("`x`: 40 vanished categories, "), "{}", found.why);
}

#[test]
fn counts_are_not_another_spelling() {
    let of = |first: u32| move |row: u32| (first + row % 6).to_string();
    let found = column(None, (400, of(100)), (400, of(300)));
    assert_eq!(found.verdict, Verdict::Drifted);
    assert!(!found.why.contains("spelling"), "{}", found.why);
}

#[test]
fn a_constant_that_moved_is_told_as_one() {
    let found = column(None, (200, |_| "1952".to_owned()), (200, |_| "2007".to_owned()));
    assert_eq!(found.verdict, Verdict::Drifted);
    assert!(!found.why.contains("clipped"), "{}", found.why);
    assert!(found.why.contains("1952") || found.why.contains("1,952"), "{}", found.why);
}

#[test]
fn a_value_around_zero_has_no_ratio() {
    let of = |by: f64| move |row: u32| format!("{:.3}", f64::from(row % 200) / 100.0 - 0.99 + by);
    let found = column(None, (400, of(0.0)), (400, of(0.5)));
    assert_eq!(found.verdict, Verdict::Drifted);
    assert!(found.why.contains("typical value rose ("), "{}", found.why);
}
