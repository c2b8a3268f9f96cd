//! The pages of metrics tell the truth: of every number of the corpus, and of input that is empty, constant or disjoint.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use drift::bins::Bins;
use drift::compare::{CompareOptions, compare};
use drift::metric::{self, Metric, MetricId, Metrics};
use drift::profile::{Contingency, Sample};
use drift::read::{ParseOptions, ReadOptions, profile_bytes};
use drift::report::Report;
use drift::schema::{ColumnHint, ColumnType};
use serde_json::Value;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance")
}

fn report_of(reference: &[u8], current: &[u8], options: &ReadOptions) -> drift::Result<Report> {
    let profile = |name: &str, bytes: &[u8]| profile_bytes(name, bytes, options);
    let compare_options = CompareOptions { all_metrics: true, n_threads: 2, ..CompareOptions::default() };
    compare(&profile("reference", reference)?, &profile("current", current)?, &compare_options)
}

/// How a pair of the corpus is to be read.
fn options_of(golden: &Value) -> ReadOptions {
    let parse: ParseOptions = serde_json::from_value(golden["parse"].clone()).unwrap();
    let time_format = golden["time_format"].as_str().map(str::to_owned).or(parse.time_format.clone());
    let hint = |column: &Value| ColumnHint {
        name: column["name"].as_str().unwrap().to_owned(),
        index: column["index"].as_u64().map(|index| index as usize),
        r#type: serde_json::from_value(column["kind"].clone()).ok(),
        role: None,
    };
    ReadOptions {
        parse: ParseOptions { time_format, ..parse },
        hints: golden["columns"].as_array().unwrap().iter().map(hint).collect(),
        ..ReadOptions::new("corpus")
    }
}

#[test]
fn every_metric_of_the_corpus_has_a_page_and_lies_in_its_range() {
    let mut seen = BTreeSet::new();
    let mut goldens: Vec<PathBuf> =
        fs::read_dir(corpus().join("golden")).unwrap().map(|entry| entry.unwrap().path()).collect();
    goldens.sort();
    let mut n_reports = 0;
    for path in goldens {
        let golden: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let side = |side: &str| fs::read(corpus().join(golden[side]["path"].as_str().unwrap())).unwrap();
        let Ok(report) = report_of(&side("reference"), &side("current"), &options_of(&golden)) else { continue };
        n_reports += 1;
        // As a reader of the JSON sees it.
        let json = serde_json::to_value(&report).unwrap();
        for column in json["columns"].as_array().unwrap() {
            for (name, metric) in column["metrics"].as_object().unwrap() {
                let place = format!("{}: {name} of {}: {metric}", path.display(), column["name"]);
                let doc = metric::doc(name).unwrap_or_else(|| panic!("{place}: it has no page"));
                let metric: Metric = serde_json::from_value(metric.clone()).unwrap();
                assert!(metric.value().is_none_or(|value| doc.range.contains(value)), "{place}: not {}", doc.range);
                assert!(metric.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{place}");
                assert!(metric.value().is_some() || metric.undefined.is_some(), "{place}: no number and no reason");
                seen.insert(doc.id);
            }
        }
    }
    assert!(n_reports > 60, "{n_reports} reports");
    let unseen: Vec<MetricId> = MetricId::ALL.into_iter().filter(|id| !seen.contains(id)).collect();
    let of_texts =
        ["alphabet_mix", "duplicate_share", "empty_share", "length_mix", "shape_mix"].map(MetricId::from_word);
    assert!(unseen.iter().all(|id| of_texts.contains(&Some(*id))), "pages of metrics that no report has: {unseen:?}");
}

/// What a page says of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    EmptyReference,
    EmptyCurrent,
    Equal,
    Different,
    Disjoint,
}

const ROWS: usize = 40;
/// Between the two constants, and between the two disjoint samples.
const GAP: f64 = 2.0;

fn numbers(case: Case) -> Metrics {
    let constant = |value: f64| Sample::exact(vec![value; ROWS]);
    let from = |first: usize| Sample::exact((first..first + ROWS).map(|value| value as f64).collect());
    let (reference, current) = match case {
        Case::EmptyReference => (Sample::default(), constant(5.0)),
        Case::EmptyCurrent => (constant(5.0), Sample::default()),
        Case::Equal => (constant(5.0), constant(5.0)),
        Case::Different => (constant(5.0), constant(5.0 + GAP)),
        Case::Disjoint => (from(1), from(ROWS + GAP as usize)),
    };
    metric::numeric(&reference, &current, &Bins::of(&reference), true)
}

/// Two labels at most, for some tests take no more.
fn labels(case: Case) -> Metrics {
    let n = ROWS as u64;
    let (reference, current) = match case {
        Case::EmptyReference => (vec![0], vec![n]),
        Case::EmptyCurrent => (vec![n], vec![0]),
        Case::Equal => (vec![n], vec![n]),
        Case::Different | Case::Disjoint => (vec![n, 0], vec![0, n]),
    };
    let labels = ["a", "b"].iter().take(reference.len()).map(|label| Some((*label).to_owned())).collect();
    metric::categorical(&Contingency { labels, reference, current }, true)
}

/// The metrics of a whole column, of the values of each side.
fn column(kind: ColumnType, reference: &[&str], current: &[&str]) -> Metrics {
    // Beside another column, for a side without rows is refused.
    let row = |values: &[&str], row: usize| {
        values.get(row % values.len().max(1)).copied().unwrap_or_default().to_owned() + ",1\n"
    };
    let text = |values: &[&str]| (0..ROWS).fold("x,y\n".to_owned(), |text, at| text + &row(values, at));
    let hint = ColumnHint { name: "x".to_owned(), index: None, r#type: Some(kind), role: None };
    let parse = ParseOptions { delimiter: Some(','), ..ParseOptions::default() };
    let options = ReadOptions { hints: vec![hint], parse, ..ReadOptions::new("x") };
    let report = report_of(text(reference).as_bytes(), text(current).as_bytes(), &options).unwrap();
    report.columns[0].metrics.clone()
}

fn of_column(kind: ColumnType, case: Case) -> Metrics {
    let (one, other, many, others): (_, _, &[&str], &[&str]) = match kind {
        ColumnType::Datetime => (
            "2024-01-01T05:00:00",
            "2024-01-02T07:00:00",
            &["2024-01-01T05:00:00", "2024-01-03T06:00:00"],
            &["2024-01-02T07:00:00", "2024-01-04T08:00:00"],
        ),
        ColumnType::Text => ("abc", "1234567", &["abc", "de"], &["1234567", "123456789"]),
        // Two labels at most, for some tests take no more.
        _ => ("a", "b", &["a"], &["b"]),
    };
    match case {
        Case::EmptyReference => column(kind, &[], &[one]),
        Case::EmptyCurrent => column(kind, &[one], &[]),
        Case::Equal => column(kind, &[one], &[one]),
        Case::Different => column(kind, &[one], &[other]),
        Case::Disjoint => column(kind, many, others),
    }
}

/// What the code gives for a metric: of numbers, of labels, or of whole columns.
fn given(id: MetricId, case: Case) -> Vec<(&'static str, Metric)> {
    let all = [
        ("numbers", numbers(case)),
        ("labels", labels(case)),
        ("labels", of_column(ColumnType::Categorical, case)),
        ("times", of_column(ColumnType::Datetime, case)),
        ("texts", of_column(ColumnType::Text, case)),
    ];
    all.into_iter().filter_map(|(of, metrics)| Some((of, metrics.get(&id)?.clone()))).collect()
}

#[test]
fn what_a_page_says_of_empty_constant_and_disjoint_input_is_so() {
    for doc in metric::docs() {
        let cases = [
            (Case::EmptyReference, doc.empty),
            (Case::EmptyCurrent, doc.empty),
            (Case::Equal, doc.constant),
            (Case::Different, doc.constant),
            (Case::Disjoint, doc.disjoint),
        ];
        for (case, text) in cases {
            let given = given(doc.id, case);
            assert!(!given.is_empty(), "{}: nothing computes it", doc.name());
            for (of, metric) in given {
                assert!(is_true(text, case, of, &metric), "{} of {of}, {case:?}: `{text}`: {metric:?}", doc.name());
            }
        }
    }
}

/// Whether a sentence of a page is true of what was computed: outcomes with their conditions, separated by commas.
fn is_true(text: &str, case: Case, of: &str, metric: &Metric) -> bool {
    if let (Case::EmptyReference | Case::EmptyCurrent, Some(reason)) = (case, text.strip_prefix("undefined: ")) {
        let side = if case == Case::EmptyReference { "the reference" } else { "the current" };
        let found = metric.undefined.as_deref().unwrap_or_default();
        let is_named = if reason.starts_with("names ") { found.starts_with(side) } else { found == reason };
        return is_named && metric.value().is_none();
    }
    let said = text.split(", ").filter_map(|part| {
        let part = part.split(": ").next().unwrap_or(part);
        let conditions = [
            (" when equal", case == Case::Equal),
            (" when different", case == Case::Different),
            (" when of other kinds", case != Case::Equal),
            (" when of another shape", case != Case::Equal),
            (" for two labels", of == "labels"),
            (" for labels", of == "labels"),
            (" for numbers", of == "numbers"),
        ];
        match conditions.iter().find(|(condition, _)| part.ends_with(condition)) {
            Some((condition, applies)) => applies.then(|| part.trim_end_matches(condition)),
            None => Some(part),
        }
    });
    let outcomes: Vec<&str> = said.flat_map(|part| part.split(" and ")).collect();
    assert!(!outcomes.is_empty(), "`{text}` says nothing of {case:?}");
    outcomes.into_iter().all(|outcome| holds(outcome, metric))
}

fn holds(outcome: &str, metric: &Metric) -> bool {
    let value = metric.value().unwrap_or(f64::NAN);
    let is = |expected: f64| (value - expected).abs() <= 1e-9 * expected.max(1.0);
    let pairs = (ROWS * ROWS) as f64;
    let all = 2.0 * ROWS as f64;
    match outcome {
        "undefined" => metric.undefined.is_some() && value.is_nan(),
        "0" => is(0.0),
        "1" => is(1.0),
        "18.42" => (value - 18.42).abs() < 0.01,
        "above 0" => value > 0.0,
        "above ½" => value > 0.5 && value < 1.0,
        "above 1" => value > 1.0,
        "large" => value.abs() > 5.0,
        "the gap" => is(GAP),
        "at least the gap" => value >= GAP,
        "the root of twice the gap" => is((2.0 * GAP).sqrt()),
        "at least the root of twice the gap" => value >= (2.0 * GAP).sqrt(),
        "the largest share of a label" => is(1.0),
        "n₁ n₂ / 2" => is(pairs / 2.0),
        "0 or n₁ n₂" => is(0.0) || is(pairs),
        "N" => is(all),
        "nearly N" => value < all && value > 0.9 * all,
        "no p" => metric.p_value.is_none(),
        "p = 1" => metric.p_value == Some(1.0),
        "p = 0.001" => metric.p_value == Some(0.001),
        "p below 0.001" => metric.p_value.is_some_and(|p| p < 0.001),
        other => panic!("not understood: `{other}`"),
    }
}

/// The warning of the page of Cramér and von Mises.
#[test]
fn cramer_von_mises_is_fooled_by_ties_of_sides_that_differ_in_rows() {
    let [few, many] = [10, 30].map(|n| Sample::exact(vec![5.0; n]));
    assert!(metric::cramer_von_mises(&few, &many).p_value.is_some_and(|p| p < 0.001));
}

/// Whether a change is real is decided once, by the policy's rate, and the sentence says what was decided.
#[test]
fn the_sentence_follows_the_rate_of_the_policy() {
    let text =
        |n_yes: usize| (0..2000).fold("x\n".to_owned(), |all, row| all + if row < n_yes { "yes\n" } else { "no\n" });
    let profile = |n_yes| profile_bytes("x", text(n_yes).as_bytes(), &ReadOptions::new("x")).unwrap();
    let (reference, current) = (profile(1000), profile(1070));
    let why = |alpha: f64| {
        let mut options = CompareOptions::default();
        options.policy.alpha = alpha;
        let report = compare(&reference, &current, &options).unwrap();
        (report.columns[0].why.clone(), report.columns[0].tests[0].q_value.unwrap())
    };
    let (_, q) = why(0.05);
    assert!((0.001..0.05).contains(&q), "the case is not near enough: {q}");
    assert!(why(q * 1.01).0.contains("a real change, but a small one"), "{}", why(q * 1.01).0);
    assert!(why(q * 0.99).0.contains("no more than chance would do"), "{}", why(q * 0.99).0);
}
