//! How close is close enough, and how many were.

use std::collections::BTreeMap;

use serde_json::Value;

pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// `*` matches any run of letters.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

pub fn tolerance<'a>(tolerances: &'a Value, name: &str) -> &'a Value {
    if let Some(found) = tolerances["metrics"].get(name) {
        return found;
    }
    tolerances["patterns"]
        .as_array()
        .unwrap()
        .iter()
        .find(|pattern| matches(pattern[0].as_str().unwrap(), name))
        .map_or(&tolerances["default"], |pattern| &pattern[1])
}

pub fn is_close(expected: &Value, got: Option<f64>, spec: &Value, further: Option<f64>) -> bool {
    let Some(b) = number(expected) else {
        return false;
    };
    let Some(a) = got else {
        // Equal samples have no Epps-Singleton statistic with us; SciPy shows 0, or what rounding leaves of it.
        return b.is_infinite() || (b.abs() < 1e-28 && spec["reference"].as_str().unwrap().contains("epps_singleton"));
    };
    if b.is_infinite() {
        return a == b || a.abs() > 1e300;
    }
    let class = spec["class"].as_str().unwrap();
    if class == "count" {
        return a == b;
    }
    let of = |key: &str| spec[key].as_f64().unwrap_or(0.0);
    let gap = (a - b).abs();
    if gap <= of("abs") + of("rel") * b.abs() || further.is_some_and(|limit| gap <= limit) {
        return true;
    }
    if class == "pvalue" {
        if b <= 1e-290 {
            return (0.0..=1e-280).contains(&a);
        }
        if a > 0.0 && gap <= b * (1e-9 + 1e-11 * libm::log(b).abs()) {
            return true;
        }
    }
    spec["sq_abs"].as_f64().is_some_and(|limit| (a * a - b * b).abs() <= limit)
}

#[derive(Default)]
pub struct Tally {
    compared: BTreeMap<String, (u64, u64)>,
    failures: Vec<String>,
}

impl Tally {
    pub fn count(&mut self, name: &str, ok: bool, failure: impl FnOnce() -> String) {
        let entry = self.compared.entry(name.to_owned()).or_default();
        entry.0 += 1;
        if !ok {
            entry.1 += 1;
            self.failures.push(failure());
        }
    }

    pub fn finish(&self, least: u64) {
        let all: u64 = self.compared.values().map(|(n, _)| n).sum();
        for (name, (n, failed)) in &self.compared {
            println!("{name}: {n} compared, {failed} failed");
        }
        println!("{all} compared, {} failed", self.failures.len());
        for failure in self.failures.iter().take(60) {
            println!("  {failure}");
        }
        assert!(self.failures.is_empty(), "{} failed", self.failures.len());
        assert!(all >= least, "only {all} compared, the corpus has {least}");
    }
}
