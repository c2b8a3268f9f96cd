//! Silence is not health: what was not compared is never among the unchanged, in any format.

use drift::compare::{CompareOptions, compare};
use drift::policy::{ColumnOverride, MissingColumns};
use drift::read::{ReadOptions, profile_bytes};
use drift::render::{Format, RenderOptions, render};
use drift::report::{NotCompared, Report, SchemaChangeKind};
use drift::schema::{ColumnHint, Role};
use drift::verdict::Verdict;
use rstest::rstest;

fn report_of(reference: &str, current: &str, options: &CompareOptions, hints: &[ColumnHint]) -> Report {
    let profile = |name: &str, text: &str| {
        let options = ReadOptions { hints: hints.to_vec(), ..ReadOptions::new(name) };
        profile_bytes(name, text.as_bytes(), &options).unwrap()
    };
    compare(&profile("ref.csv", reference), &profile("cur.csv", current), options).unwrap()
}

fn check(reference: &str, current: &str) -> Report {
    report_of(reference, current, &CompareOptions::default(), &[])
}

/// Rows of `n` lines below a header, each made of its number.
fn table(header: &str, n: u32, row: impl Fn(u32) -> String) -> String {
    (0..n).fold(format!("{header}\n"), |text, at| text + &row(at) + "\n")
}

/// Codes that are almost all distinct, beside a count.
fn with_codes(from: u32) -> String {
    table("code,count", 200, |at| format!("k{:x}z,{}", (at + from).wrapping_mul(2_654_435_761), at % 40))
}

#[test]
fn an_identifier_is_counted_apart_with_its_reason() {
    let report = check(&with_codes(0), &with_codes(900));
    let code = &report.columns[0];
    assert_eq!((code.verdict, code.not_compared), (Verdict::NotCompared, Some(NotCompared::Identifier)));
    assert_eq!(report.counts.n_not_compared, 1);
    assert_eq!(report.sentence, "No column drifted; 1 of 2 was not compared");
    assert_eq!(report.verdict, Verdict::Stable, "the other column was compared");
}

#[rstest]
#[case::text(Format::Text, "1 of 2 not compared: code (identifier)")]
#[case::markdown(Format::Markdown, "1 of 2 not compared:\n\n- `code`: identifiers")]
#[case::html(Format::Html, "1 of 2 not compared: <code>code</code> (identifier)")]
#[case::csv(Format::Csv, "\"code\",id,not_compared")]
#[case::junit(Format::Junit, "name=\"code\"><skipped message=\"`code` was not compared")]
#[case::sarif(Format::Sarif, "`code` was not compared: identifiers")]
#[case::github(Format::Github, "::notice file=cur.csv,title=code%3A not compared")]
#[case::json(Format::Json, "\"not_compared\": \"identifier\"")]
fn every_format_says_what_was_not_compared(#[case] format: Format, #[case] expected: &str) {
    let text = render(&check(&with_codes(0), &with_codes(900)), format, &RenderOptions::default());
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("2 unchanged"), "{text}");
}

#[test]
fn a_null_surge_in_an_identifier_is_drift_all_the_same() {
    let nulls = table("code,count", 200, |at| {
        format!("{},{}", if at % 2 == 0 { String::new() } else { format!("q{at}w") }, at % 40)
    });
    let report = check(&with_codes(0), &nulls);
    assert_eq!(report.columns[0].verdict, Verdict::Drifted);
    assert_eq!(report.columns[0].not_compared, Some(NotCompared::Identifier), "and its values were not compared");
}

#[test]
fn nothing_compared_is_no_good_news() {
    let codes = |from: u32| table("code", 200, |at| format!("k{:x}z", (at + from).wrapping_mul(2_654_435_761)));
    let report = check(&codes(0), &codes(900));
    assert_eq!(report.verdict, Verdict::NotCompared);
    assert_eq!(report.sentence, "No column could be compared");
}

#[test]
fn a_timestamp_by_role_is_not_compared_by_value() {
    let months = |from: u32| table("month,x", 200, |at| format!("{},{}", from + at % 3, at % 40));
    let hints = [ColumnHint { name: "month".to_owned(), index: None, r#type: None, role: Some(Role::Timestamp) }];
    let report = report_of(&months(1), &months(4), &CompareOptions::default(), &hints);
    assert_eq!(report.columns[0].not_compared, Some(NotCompared::Timestamp));
    assert_eq!(report.verdict, Verdict::Stable);
    assert_eq!(check(&months(1), &months(4)).verdict, Verdict::Drifted, "without the role it is compared");
}

fn without(column: bool) -> String {
    let row = move |at: u32| if column { format!("{},{}", at % 40, at % 7) } else { format!("{}", at % 40) };
    table(if column { "x,income" } else { "x" }, 100, row)
}

#[rstest]
#[case::a_missing_column_is_drift(MissingColumns::Fail, false, Verdict::Drifted)]
#[case::a_warning_when_asked_for(MissingColumns::Warn, false, Verdict::Warning)]
#[case::nothing_when_asked_for(MissingColumns::Ignore, false, Verdict::Stable)]
#[case::a_critical_one_fails_always(MissingColumns::Ignore, true, Verdict::Drifted)]
fn a_missing_column_counts(#[case] missing: MissingColumns, #[case] critical: bool, #[case] expected: Verdict) {
    let mut options = CompareOptions::default();
    options.policy.missing = missing;
    if critical {
        let over = ColumnOverride { critical: Some(true), ..ColumnOverride::default() };
        options.policy.columns.insert("income".to_owned(), over);
    }
    let report = report_of(&without(true), &without(false), &options, &[]);
    assert_eq!(report.verdict, expected);
    let named = "`income` is missing in the current input; no other column drifted";
    assert_eq!(report.sentence == named, expected != Verdict::Stable, "{}", report.sentence);
}

#[test]
fn a_new_column_is_a_warning() {
    let report = check(&without(false), &without(true));
    assert_eq!(report.verdict, Verdict::Warning);
    assert_eq!(report.schema_changes[0].kind, SchemaChangeKind::Added);
}

#[rstest]
#[case::case_and_blanks("x, Income ", "--rename Income=income")]
#[case::a_letter("x,incom", "--rename incom=income")]
#[case::alike_in_values("x,earned", "--rename earned=income")]
fn a_renamed_column_is_suggested(#[case] header: &str, #[case] remedy: &str) {
    let with = |header: &str| table(header, 400, |at| format!("{},{}", at % 40, at.wrapping_mul(7_919) % 1_000 + 17));
    let report = check(&with("x,income"), &with(header));
    let change = report.schema_changes.iter().find(|change| change.kind == SchemaChangeKind::Added).unwrap();
    assert_eq!(change.looks_like.as_deref(), Some("income"));
    assert!(change.in_words().ends_with(&format!("it looks like `income`: {remedy}")), "{}", change.in_words());
}
