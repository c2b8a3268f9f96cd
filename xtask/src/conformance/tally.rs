//! What came of it, metric by metric.

use std::{collections::BTreeMap, fmt::Display};

use serde_json::Value;

use super::{
    compare::{Tolerances, number},
    corpus::{Item, Pair},
    mapping::{Entry, Found, Mapping, Place, Run},
};

const UNDEFINED: &str = "undefined";

/// All that was compared.
#[derive(Default)]
pub struct Tally {
    rows: BTreeMap<String, Row>,
    failures: Vec<String>,
    refused: Vec<String>,
    not_mapped: BTreeMap<String, u64>,
}

/// One metric.
#[derive(Default)]
struct Row {
    run: &'static str,
    n_compared: u64,
    n_agreeing: u64,
    n_failed: u64,
    n_absent: u64,
    worst: f64,
    worst_at: String,
}

/// What a pair's two runs printed.
pub struct Reports {
    pub default: Value,
    pub evidently: Option<Value>,
}

impl Reports {
    fn of(&self, run: Run) -> &Value {
        match run {
            Run::Default => &self.default,
            Run::Evidently => self.evidently.as_ref().unwrap_or(&Value::Null),
        }
    }
}

impl Tally {
    /// Everything of a pair.
    pub fn add(&mut self, pair: &Pair, reports: &Reports, mapping: &Mapping, tolerances: &Tolerances) {
        for item in pair.items() {
            let metric = &item.place.metric;
            let Some(entry) = mapping.entry(metric) else {
                *self.not_mapped.entry(metric.clone()).or_default() += 1;
                continue;
            };
            let found = mapping.look_up(reports.of(entry.run()), &entry, &item.place);
            self.add_item(&pair.id, &item, &entry, found, tolerances);
        }
        for (place, why) in pair.undefined().filter(|(_, why)| why.strict) {
            let Some(entry) = mapping.entry(&place.metric) else {
                continue;
            };
            let found = mapping.look_up(reports.of(entry.run()), &entry, &place);
            let printed = match &found {
                Found::Value(value) => number(value).filter(|x| !x.is_nan()),
                Found::Absent | Found::NotComparable => None,
            };
            let wrong = printed.map(|x| format!("got {x} where no value exists: {}", why.reason));
            self.judge(&pair.id, &place, UNDEFINED, entry.run().name(), wrong);
        }
        let changes = |kind: &str| {
            let all = reports.default["schema_changes"].as_array();
            let mut names: Vec<&str> = all
                .into_iter()
                .flatten()
                .filter(|change| change["kind"] == kind)
                .filter_map(|change| change["column"].as_str())
                .collect();
            names.sort_unstable();
            names.join(", ")
        };
        let expected = [
            ("missing_in_current", "removed", &pair.expect.missing_in_current),
            ("new_in_current", "added", &pair.expect.new_in_current),
        ];
        for (name, kind, columns) in expected {
            if let Some(columns) = columns {
                let mut columns = columns.clone();
                columns.sort_unstable();
                let (expected, got) = (columns.join(", "), changes(kind));
                let wrong = (expected != got).then(|| format!("expected {expected}, got {got}"));
                self.expected(&pair.id, name, wrong);
            }
        }
    }

    /// Something about a whole pair that should be so; `wrong` says in what way it is not.
    pub fn expected(&mut self, pair: &str, what: &str, wrong: Option<String>) {
        let place = Place::dataset(format!("expect.{what}"));
        let metric = place.metric.clone();
        self.judge(pair, &place, &metric, Run::Default.name(), wrong);
    }

    pub fn refused(&mut self, pair: &str, message: impl Display) {
        self.refused.push(format!("{pair}: {message}"));
    }

    fn add_item(&mut self, pair: &str, item: &Item, entry: &Entry, found: Found, tolerances: &Tolerances) {
        let Item { place, value, .. } = item;
        let row = self.rows.entry(place.metric.clone()).or_default();
        row.run = entry.run().name();
        let is_infinite = value.as_str().is_some_and(|text| text.contains("Infinity"));
        let got = match found {
            Found::NotComparable => {
                *self.not_mapped.entry(place.metric.clone()).or_default() += 1;
                return;
            }
            Found::Value(got) if !got.is_null() || is_infinite => got,
            Found::Value(_) | Found::Absent => {
                if !item.alternatives.iter().any(Value::is_null) {
                    row.n_absent += 1;
                }
                return;
            }
        };
        let tolerance = tolerances.of(&place.metric);
        let agreement = tolerance.compare(value, &got, item.tolerance);
        let mut others = item.alternatives.iter().filter(|other| !other.is_null());
        let holds = agreement.holds || others.any(|other| tolerance.compare(other, &got, item.tolerance).holds);
        if agreement.holds
            && let Some(error) = agreement.error.filter(|error| *error > row.worst)
            && error.is_finite()
        {
            row.worst = error;
            row.worst_at = located(pair, place);
        }
        let wrong = (!holds).then(|| format!("expected {value}, got {got}"));
        let metric = place.metric.clone();
        self.judge(pair, place, &metric, entry.run().name(), wrong);
    }

    fn judge(&mut self, pair: &str, place: &Place, row: &str, run: &'static str, wrong: Option<String>) {
        let row = self.rows.entry(row.to_owned()).or_default();
        row.run = if row.run.is_empty() { run } else { row.run };
        row.n_compared += 1;
        match wrong {
            None => row.n_agreeing += 1,
            Some(wrong) => {
                row.n_failed += 1;
                let at = located(pair, place);
                self.failures.push(format!("FAIL {at} {}: {wrong}", place.metric));
            }
        }
    }

    /// Metrics that the product has and that could never be looked at.
    fn never_compared(&self) -> impl Iterator<Item = &String> {
        self.rows.iter().filter(|(_, row)| row.n_compared == 0 && row.n_absent > 0).map(|(metric, _)| metric)
    }

    /// Prints everything; true when it all holds.
    pub fn print(&self, n_shown: usize) -> bool {
        let width = self.rows.keys().map(String::len).max().unwrap_or(0).max(6);
        println!(
            "{:<width$} {:<9} {:>8} {:>8} {:>6} {:>6}  worst relative error",
            "metric", "policy", "compared", "agree", "failed", "absent"
        );
        for (metric, row) in &self.rows {
            if row.n_compared + row.n_absent == 0 {
                continue;
            }
            println!(
                "{metric:<width$} {:<9} {:>8} {:>8} {:>6} {:>6}  {:.1e} {}",
                row.run, row.n_compared, row.n_agreeing, row.n_failed, row.n_absent, row.worst, row.worst_at
            );
        }
        let never: Vec<String> =
            self.never_compared().map(|metric| format!("FAIL {metric}: mapped, but no report holds it")).collect();
        let n_failed = self.failures.len() + never.len();
        for line in never.iter().chain(&self.failures).take(n_shown) {
            println!("{line}");
        }
        if n_failed > n_shown {
            println!("… and {} more", n_failed - n_shown);
        }
        for line in &self.refused {
            println!("refused, as it may be: {line}");
        }
        if !self.not_mapped.is_empty() {
            println!("not mapped:");
            for (metric, n) in &self.not_mapped {
                println!("  {metric} ({n} {})", if *n == 1 { "value" } else { "values" });
            }
        }
        let n_passed: u64 = self.rows.values().map(|row| row.n_agreeing).sum();
        let n_compared: u64 = self.rows.values().map(|row| row.n_compared).sum();
        if n_compared == 0 {
            println!("nothing was compared");
        }
        println!("{n_passed} passed, {n_failed} failed");
        n_failed == 0 && n_compared > 0
    }
}

fn located(pair: &str, place: &Place) -> String {
    match (&place.column, place.index) {
        (Some(column), Some(index)) => format!("{pair} `{column}` ({index})"),
        (Some(column), None) => format!("{pair} `{column}`"),
        (None, _) => pair.to_owned(),
    }
}
