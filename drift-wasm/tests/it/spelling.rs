//! The same value, whatever it is written in: whole columns decide what their cells mean.

use drift::compare::{CompareOptions, compare};
use drift::read::{ParseOptions, ReadOptions, profile_bytes};
use drift::report::{ColumnReport, Report};
use drift::schema::{ColumnHint, ColumnType};
use drift::verdict::Verdict;
use proptest::prelude::*;
use rstest::rstest;

fn compared(reference: &str, current: &str, hints: &[ColumnHint]) -> Report {
    let profile = |name: &str, text: &str| {
        let parse = ParseOptions { delimiter: Some('\t'), ..ParseOptions::default() };
        let options = ReadOptions { hints: hints.to_vec(), parse, ..ReadOptions::new(name) };
        profile_bytes(name, text.as_bytes(), &options).unwrap()
    };
    compare(&profile("ref", reference), &profile("cur", current), &CompareOptions::default()).unwrap()
}

fn check(reference: &str, current: &str) -> Report {
    compared(reference, current, &[])
}

/// One column `x` beside a count, separated by tabs so that commas are free.
fn column(cells: impl IntoIterator<Item = String>) -> String {
    let rows = cells.into_iter().enumerate().map(|(at, cell)| format!("{cell}\t{}\n", at % 17));
    "x\tcount\n".to_owned() + &rows.collect::<String>()
}

fn x(report: &Report) -> &ColumnReport {
    &report.columns[0]
}

fn remarks(report: &Report) -> String {
    let all = report.reference.remarks.iter().chain(&report.current.remarks);
    all.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// 300 amounts around a thousand, spread by a multiplication.
fn amounts(shift: u32) -> impl Iterator<Item = f64> {
    (0..300_u32).map(move |at| f64::from(at.wrapping_mul(7_919) % 200_000 + shift) / 100.0)
}

fn grouped(value: f64, thousands: &str, decimal: &str) -> String {
    let cents = (value * 100.0).round() as u64;
    let (whole, cents) = (cents / 100, cents % 100);
    let whole =
        if whole >= 1_000 { format!("{}{thousands}{:03}", whole / 1_000, whole % 1_000) } else { whole.to_string() };
    format!("{whole}{decimal}{cents:02}")
}

#[rstest]
#[case::german(".", ",", "", "")]
#[case::american(",", ".", "$", "")]
#[case::swiss("'", ".", "CHF ", "")]
#[case::french("\u{202f}", ",", "", "\u{a0}€")]
#[case::percent("", ".", "", "%")]
fn amounts_are_numbers(#[case] thousands: &str, #[case] decimal: &str, #[case] before: &str, #[case] after: &str) {
    let written = |shift: u32| {
        column(amounts(shift).map(|value| format!("{before}{}{after}", grouped(value, thousands, decimal))))
    };
    let moved = check(&written(0), &written(60_000));
    assert_eq!(x(&moved).r#type, ColumnType::Numeric, "{}", x(&moved).type_reason);
    assert_eq!(x(&moved).verdict, Verdict::Drifted);
    assert!(remarks(&moved).contains("column `x`: 300 texts are read as numbers"), "{}", remarks(&moved));
    // The same numbers written plainly are the same column.
    let plain = column(amounts(0).map(|value| format!("{value:.2}")));
    assert_eq!(check(&plain, &written(0)).verdict, Verdict::Stable);
    assert_eq!(check(&written(0), &plain).verdict, Verdict::Stable);
}

#[test]
fn negative_amounts_are_told_by_sign_and_parentheses() {
    let with = |form: fn(u32) -> String| column((0..200).map(form));
    let minus = with(|at| format!("-{}.50", at % 90 + 10));
    assert_eq!(check(&minus, &with(|at| format!("({}.50)", at % 90 + 10))).verdict, Verdict::Stable);
    assert_eq!(check(&minus, &with(|at| format!("{}.50-", at % 90 + 10))).verdict, Verdict::Stable);
    assert_eq!(check(&minus, &with(|at| format!("$ {}.50", at % 90 + 10))).verdict, Verdict::Drifted);
}

#[test]
fn a_group_that_can_be_a_fraction_names_the_flag() {
    let written = column((0..200).map(|at| format!("{},{:03}", at % 9 + 1, at * 37 % 1_000)));
    let report = check(&written, &written);
    assert_eq!(x(&report).reference.numeric.as_ref().unwrap().min.map(|min| min >= 1_000.0), Some(true));
    assert!(
        remarks(&report).contains("they can be read the other way; if that is wrong: --decimal ','"),
        "{}",
        remarks(&report)
    );
}

#[rstest]
#[case("?")]
#[case("-")]
#[case("#N/A")]
#[case("Missing")]
#[case("zzz")]
fn odd_words_among_numbers_are_nulls(#[case] word: &str) {
    let with = |from: u32| {
        column((0..300).map(|at| if at % 7 == 0 { word.to_owned() } else { format!("{}", at * 31 % 100 + from) }))
    };
    let report = check(&with(0), &with(40));
    assert_eq!(x(&report).r#type, ColumnType::Numeric);
    assert_eq!((x(&report).verdict, x(&report).reference.n_null), (Verdict::Drifted, 43));
    assert!(remarks(&report).contains(&format!("`{word}` is read as null (43 cells)")), "{}", remarks(&report));
}

#[test]
fn words_among_labels_stay_labels() {
    let labels = |n: u32| column((0..300).map(|at| ["-", "a", "b"][(at % n) as usize].to_owned()));
    let report = check(&labels(3), &labels(3));
    assert_eq!((x(&report).r#type, x(&report).reference.n_null), (ColumnType::Categorical, 0));
}

/// Days of 2024 in a form, from a day on.
fn days(from: u32, n: u32, form: impl Fn(u32, u32) -> String) -> String {
    let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    column((from..from + n).map(|day| {
        let (mut month, mut day) = (0, day % 366);
        while day >= lengths[month] {
            (month, day) = (month + 1, day - lengths[month]);
        }
        form(month as u32 + 1, day + 1)
    }))
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

type Form = fn(u32, u32) -> String;

#[rstest]
#[case::slashes(|month, day| format!("{day:02}/{month:02}/2024"))]
#[case::dots(|month, day| format!("{day}.{month}.2024"))]
#[case::short_years(|month, day| format!("{day:02}.{month:02}.24"))]
#[case::names(|month, day| format!("{day} {} 2024", MONTHS[month as usize - 1]))]
#[case::american(|month, day| format!("{month}/{day}/2024"))]
#[case::clock(|month, day| format!("{day:02}.{month:02}.2024 {:02}:05", day % 24))]
#[case::afternoon(|month, day| format!("{month}/{day}/2024 {}:05 PM", day % 12 + 1))]
fn dates_are_times_in_the_order_that_the_column_shows(#[case] form: Form) {
    let report = check(&days(0, 200, form), &days(100, 200, form));
    assert_eq!(x(&report).r#type, ColumnType::Datetime, "{}", x(&report).type_reason);
    assert_eq!(x(&report).reference.n_invalid + x(&report).current.n_invalid, 0);
    let iso: Form = |month, day| format!("2024-{month:02}-{day:02}");
    let with_iso = check(&days(0, 200, form), &days(0, 200, iso));
    let range = |side: &drift::report::ColumnSummary| {
        side.numeric.as_ref().and_then(|numbers| numbers.min).map(|min| min / 86_400.0)
    };
    assert_eq!(range(&x(&with_iso).reference).map(f64::floor), range(&x(&with_iso).current).map(f64::floor));
}

#[test]
fn the_other_side_decides_what_one_leaves_open() {
    let day_first: Form = |month, day| format!("{day:02}/{month:02}/2024");
    // 1 to 12 February: nothing in it says what comes first.
    let report = check(&days(0, 200, day_first), &column((0..60).map(|at| format!("{:02}/02/2024", at % 12 + 1))));
    let february = 1_706_745_600.0;
    let times = x(&report).current.numeric.as_ref().unwrap();
    assert_eq!((times.min, times.max), (Some(february), Some(february + 11.0 * 86_400.0)));
    let open = column((0..60).map(|at| format!("{:02}/02/2024", at % 12 + 1)));
    let report = check(&open, &open);
    assert!(
        remarks(&report).contains("nothing in them decides; if that is wrong: --time-format %d/%m/%Y"),
        "{}",
        remarks(&report)
    );
}

#[rstest]
#[case::words("True", "False", "true", "false")]
#[case::letters("t", "f", "TRUE", "FALSE")]
#[case::bits("1", "0", "true", "false")]
#[case::answers("Yes", "No", "1", "0")]
fn truth_is_truth_in_any_words(#[case] yes: &str, #[case] no: &str, #[case] other_yes: &str, #[case] other_no: &str) {
    let with =
        |yes: &str, no: &str| column((0..300).map(|at| if at % 3 == 0 { yes.to_owned() } else { no.to_owned() }));
    assert_eq!(check(&with(yes, no), &with(other_yes, other_no)).verdict, Verdict::Stable);
    let turned = check(&with(yes, no), &with(other_no, other_yes));
    assert_eq!(turned.verdict, Verdict::Drifted, "and a change is still seen");
}

#[rstest]
#[case::seconds(1.0)]
#[case::milliseconds(1e3)]
#[case::microseconds(1e6)]
#[case::nanoseconds(1e9)]
fn epochs_are_times_beside_times(#[case] per_second: f64) {
    let start = 1_704_067_200_u64;
    let iso = column((0..300).map(|at| format!("2024-01-{:02}T{:02}:00:00", at % 28 + 1, at % 24)));
    let seconds = |at: u64| start + (at % 28) * 86_400 + (at % 24) * 3_600;
    let epoch = column((0..300).map(|at| format!("{}", (seconds(at) as f64 * per_second) as u64)));
    let report = check(&iso, &epoch);
    assert_eq!((report.verdict, x(&report).r#type), (Verdict::Stable, ColumnType::Datetime), "{}", report.sentence);
    let hint = ColumnHint { name: "x".to_owned(), index: None, r#type: Some(ColumnType::Datetime), role: None };
    let given = compared(&epoch, &epoch, &[hint]);
    assert_eq!((x(&given).reference.n_invalid, x(&given).reference.n), (0, 300));
}

#[test]
fn padding_is_no_change() {
    let with = |pad: &str| column((0..300).map(|at| format!("{}{pad}", ["north", "south", "east"][at % 3])));
    assert_eq!(check(&with(""), &with("   ")).verdict, Verdict::Stable);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_spelling_breaks_a_comparison(cells in prop::collection::vec("[-+(]?[$€]?[0-9]{0,6}[.,' /:-]?[0-9]{0,4}[%)a-z?]?", 1..120)) {
        let text = column(cells);
        let report = check(&text, &text);
        prop_assert!(!matches!(report.verdict, Verdict::Drifted | Verdict::Warning), "{}", report.sentence);
    }
}
