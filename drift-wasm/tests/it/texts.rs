//! Texts and identifiers: compared by their shapes, characters, repeats and empty cells.

use drift::compare::{CompareOptions, compare};
use drift::profile::Profile;
use drift::read::{ReadOptions, profile_bytes};
use drift::report::{CauseKind, ColumnReport, Report, Subject, Test};
use drift::schema::ColumnType;
use drift::verdict::Verdict;
use rstest::rstest;

/// SplitMix64: the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

fn profile(name: &str, text: &str) -> Profile {
    profile_bytes(name, text.as_bytes(), &ReadOptions::new(name)).unwrap()
}

fn check(reference: &str, current: &str) -> Report {
    compare(&profile("ref", reference), &profile("cur", current), &CompareOptions::default()).unwrap()
}

/// One column of `n` values, each made of random numbers.
fn column(seed: u64, n: u64, value: impl Fn(&mut Random, u64) -> String) -> String {
    let mut random = Random(seed);
    (0..n).fold("value\n".to_owned(), |text, row| text + &value(&mut random, row) + "\n")
}

fn postcode(random: &mut Random, _: u64) -> String {
    format!("{:05}", random.below(99_999))
}

fn test_of(column: &ColumnReport, subject: Subject) -> &Test {
    column.tests.iter().find(|test| test.subject == subject).unwrap()
}

#[test]
fn postcodes_that_lost_their_leading_zeros_are_found() {
    let lost = |random: &mut Random, row| postcode(random, row).trim_start_matches('0').to_owned();
    let report = check(&column(1, 2000, postcode), &column(2, 2000, lost));
    let found = &report.columns[0];
    assert_eq!(found.verdict, Verdict::Drifted, "{}", found.why);
    assert_eq!(test_of(found, Subject::Shapes).verdict, Verdict::Drifted);
    assert_eq!(found.cause.as_ref().map(|cause| cause.kind), Some(CauseKind::Spelling));
    assert!(found.why.contains("`99999` 100\u{a0}% → ") && found.why.contains("`9999` 0\u{a0}% → "), "{}", found.why);
}

#[test]
fn accounts_in_scientific_notation_are_found() {
    let account = |random: &mut Random| 4_000_000_000_000_000 + random.below(6_000_000_000_000_000);
    let whole = column(1, 300, |random, _| account(random).to_string());
    let rounded = column(2, 300, |random, _| format!("{:.5E}", account(random) as f64).replace('E', "E+"));
    let report = check(&whole, &rounded);
    assert_eq!(report.columns[0].r#type, ColumnType::Id);
    assert_eq!(report.columns[0].verdict, Verdict::Drifted);
    assert!(report.columns[0].why.contains("with an exponent"), "{}", report.columns[0].why);
}

#[rstest]
#[case::hyphens_gone(|text: String, _| text.replace('-', ""), Subject::Shapes)]
#[case::sent_twice(|_, row| format!("AB-{:04}-{}", row / 2, row / 2 * 7 % 10), Subject::Duplicates)]
#[case::small_letters(|text: String, _| text.to_lowercase(), Subject::Alphabet)]
#[case::wrong_encoding(|text: String, _| text.replace('A', "Ã"), Subject::Alphabet)]
fn a_change_of_identifiers_is_found_by_what_changed(
    #[case] change: fn(String, u64) -> String,
    #[case] subject: Subject,
) {
    let code = |random: &mut Random, row: u64| format!("AB-{row:04}-{}", random.below(10));
    let report = check(&column(1, 400, code), &column(2, 400, |random, row| change(code(random, row), row)));
    let found = &report.columns[0];
    assert_eq!(found.verdict, Verdict::Drifted, "{}", found.why);
    assert_eq!(test_of(found, subject).verdict, Verdict::Drifted);
}

#[test]
fn empty_texts_are_found_where_the_format_tells_them_from_nulls() {
    let rows = |n_empty: u32| {
        (0..300).fold(String::new(), |text, row| {
            let note = if row < n_empty { String::new() } else { format!("customer {row} called about the order") };
            text + &format!("{{\"note\":\"{note}\"}}\n")
        })
    };
    let report = check(&rows(0), &rows(60));
    assert_eq!(test_of(&report.columns[0], Subject::Empty).verdict, Verdict::Drifted);
}

#[test]
fn numbers_that_only_grow_are_no_change() {
    let of = |first: u64| column(1, 500, |_, row| format!("ORD-{}", first + row));
    let report = check(&of(9_000), &of(9_500));
    assert!(!matches!(report.columns[0].verdict, Verdict::Drifted | Verdict::Warning), "{}", report.columns[0].why);
}

#[test]
fn a_key_of_something_else_may_come_more_or_less_often() {
    let of = |seed: u64, n_players: u64| {
        column(seed, 450, |random, _| format!("p{:05}", random.below(n_players))).replace("value", "player_id")
    };
    let report = check(&of(1, 180), &of(2, 400));
    assert_eq!(report.columns[0].r#type, ColumnType::Id);
    assert_eq!(report.columns[0].verdict, Verdict::NotCompared, "{}", report.columns[0].why);
}

/// A row of columns of texts and identifiers as tables have them.
fn row(random: &mut Random) -> String {
    const NAMES: [&str; 8] = ["Anna", "Bob", "Zoë", "Carl-Jan", "D'Arcy", "Eve", "Fu", "Maximilian"];
    const WORDS: [&str; 6] = ["the", "order", "arrived", "late;", "8", "(broken)"];
    let mut pick = |from: &[&str]| from[random.below(from.len() as u64) as usize].to_owned();
    let name = format!("{} {}", pick(&NAMES), pick(&NAMES));
    let address = format!("{}.{}@{}.example", pick(&NAMES).to_lowercase(), pick(&NAMES), pick(&["a", "mail", "web"]));
    let words: Vec<String> = (0..random.below(6) + 3).map(|_| WORDS[random.below(6) as usize].to_owned()).collect();
    let hash = format!("{:016x}", random.below(u64::MAX));
    let player = random.below(700);
    format!(
        "{hash},{},{name}{},{address}{},{},p{player}\n",
        postcode(random, 0),
        random.below(10_000),
        random.below(300),
        words.join(" ")
    )
}

#[test]
fn reports_on_unchanged_texts_are_rarely_drifted() {
    let mut random = Random(11);
    let mut table =
        |n: u64| (0..n).fold("hash,zip,name,mail,note,player\n".to_owned(), |text, _| text + &row(&mut random));
    for (n, m) in [(40, 40), (300, 300), (1000, 150), (100, 800)] {
        let repeats = 100;
        let mut alarms = Vec::new();
        for _ in 0..repeats {
            let report = check(&table(n), &table(m));
            if report.verdict == Verdict::Drifted {
                alarms.push(report.lead.unwrap_or_default());
            }
        }
        // 6 in 100 and three standard errors.
        assert!(alarms.len() <= 12, "{n} v {m}: {} of {repeats}, such as {:?}", alarms.len(), alarms.first());
    }
}
