//! How close is close enough.

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// From here on up a number stands for infinity.
const PRACTICALLY_INFINITE: f64 = 1e300;
/// p-values below the first need only be below the second.
const TINY_P: (f64, f64) = (1e-290, 1e-280);

/// What `tolerances.json` says.
#[derive(Deserialize)]
pub struct Tolerances {
    default: Tolerance,
    #[serde(default)]
    metrics: BTreeMap<String, Tolerance>,
    #[serde(default)]
    patterns: Vec<(String, Tolerance)>,
}

/// How a metric is compared.
#[derive(Deserialize)]
pub struct Tolerance {
    class: Class,
    #[serde(default)]
    rel: f64,
    #[serde(default)]
    abs: f64,
    sq_abs: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Class {
    Count,
    Float,
    Pvalue,
    Bool,
    Text,
}

/// Whether two values agree, and their relative difference where they are numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    pub holds: bool,
    pub error: Option<f64>,
}

impl Tolerances {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        serde_json::from_str(&text).with_context(|| format!("{shown} is not a list of tolerances"))
    }

    pub fn of(&self, metric: &str) -> &Tolerance {
        let by_pattern = || {
            let mut patterns = self.patterns.iter();
            patterns.find(|(pattern, _)| matches(pattern, metric))
        };
        self.metrics.get(metric).or_else(|| by_pattern().map(|(_, tolerance)| tolerance)).unwrap_or(&self.default)
    }
}

impl Tolerance {
    /// Compares what was expected with what came; `more` is a further absolute tolerance.
    pub fn compare(&self, expected: &Value, got: &Value, more: Option<f64>) -> Agreement {
        let plain = |holds| Agreement { holds, error: None };
        if matches!(self.class, Class::Bool | Class::Text) {
            return plain(expected == got);
        }
        let Some(wanted) = number(expected) else {
            return plain(expected == got);
        };
        let number_got = number(got);
        if wanted.is_infinite() {
            return plain(got.is_null() || number_got.is_some_and(|x| x == wanted || x.abs() > PRACTICALLY_INFINITE));
        }
        let Some(came) = number_got.filter(|x| !x.is_nan()) else {
            return plain(false);
        };
        if is_whole(expected) && expected == got {
            return Agreement { holds: true, error: Some(0.0) };
        }
        let gap = (came - wanted).abs();
        let error = match (wanted == 0.0, gap == 0.0) {
            (false, _) => gap / wanted.abs(),
            (true, true) => 0.0,
            (true, false) => f64::INFINITY,
        };
        Agreement { holds: self.holds(wanted, came, gap, more), error: Some(error) }
    }

    fn holds(&self, wanted: f64, came: f64, gap: f64, more: Option<f64>) -> bool {
        if self.class == Class::Count {
            return came == wanted;
        }
        if gap <= self.abs + self.rel * wanted.abs() || more.is_some_and(|more| gap <= more) {
            return true;
        }
        if self.class == Class::Pvalue {
            if wanted <= TINY_P.0 {
                return (0.0..=TINY_P.1).contains(&came);
            }
            if came > 0.0 && gap <= wanted * (1e-9 + 1e-11 * wanted.ln().abs()) {
                return true;
            }
        }
        self.sq_abs.is_some_and(|limit| (came * came - wanted * wanted).abs() <= limit)
    }
}

/// The number a value stands for; infinities and NaN are texts.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn is_whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

/// Whether a name matches a pattern with `*` and `?`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => {
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().any(|at| matches(rest.as_str(), &name[at..]))
        }
        Some(wanted) => {
            let mut letters = name.chars();
            letters.next().is_some_and(|letter| wanted == '?' || wanted == letter)
                && matches(rest.as_str(), letters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tolerance(class: Class) -> Tolerance {
        Tolerance { class, rel: 1e-9, abs: 1e-12, sq_abs: None }
    }

    #[test]
    fn numbers_agree_within_their_tolerance_only() {
        let float = tolerance(Class::Float);
        assert!(float.compare(&json!(2.0), &json!(2.000_000_001), None).holds);
        assert!(!float.compare(&json!(2.0), &json!(2.000_001), None).holds);
        assert!(float.compare(&json!(2.0), &json!(2.1), Some(0.2)).holds);
        assert!(!float.compare(&json!(2.0), &json!("NaN"), None).holds);
        assert!(!float.compare(&json!(2.0), &Value::Null, None).holds);
        let count = tolerance(Class::Count);
        assert!(count.compare(&json!(3), &json!(3.0), None).holds);
        assert!(!count.compare(&json!(3), &json!(4), Some(2.0)).holds);
    }

    #[test]
    fn tiny_p_values_agree_in_relative_terms() {
        let p = Tolerance { abs: 0.0, ..tolerance(Class::Pvalue) };
        assert!(p.compare(&json!(1e-200), &json!(1.000_000_004e-200), None).holds);
        assert!(!p.compare(&json!(1e-200), &json!(1.1e-200), None).holds);
        assert!(p.compare(&json!(1e-300), &json!(0.0), None).holds);
        assert!(!p.compare(&json!(1e-300), &json!(1e-200), None).holds);
    }

    #[test]
    fn infinity_is_a_text_or_null() {
        let float = tolerance(Class::Float);
        assert!(float.compare(&json!("Infinity"), &Value::Null, None).holds);
        assert!(float.compare(&json!("-Infinity"), &json!("-inf"), None).holds);
        assert!(!float.compare(&json!("Infinity"), &json!(7), None).holds);
    }

    #[test]
    fn roots_near_zero_are_compared_squared() {
        let root = Tolerance { sq_abs: Some(1e-14), ..tolerance(Class::Float) };
        assert!(root.compare(&json!(0.0), &json!(5e-8), None).holds);
        assert!(!root.compare(&json!(0.0), &json!(5e-7), None).holds);
    }

    #[test]
    fn patterns() {
        assert!(matches("evidently_*.n_*", "evidently_typed.n_columns"));
        assert!(!matches("evidently.*.drifted", "evidently.ks"));
        assert!(matches("q??_ref", "q01_ref"));
        assert!(!matches("ks", "ks.pvalue"));
    }
}
