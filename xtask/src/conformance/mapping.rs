//! Where a report holds what a golden file calls by another name.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::compare::{matches, number};

/// What `mapping.json` says.
#[derive(Deserialize)]
pub struct Mapping {
    #[serde(default)]
    column_root: Value,
    #[serde(default)]
    chunk_root: Value,
    #[serde(default)]
    metrics: BTreeMap<String, Value>,
    #[serde(default)]
    patterns: Vec<(String, Value)>,
}

/// Where one value belongs.
pub struct Place {
    pub scope: Scope,
    pub column: Option<String>,
    pub index: Option<u64>,
    pub metric: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Dataset,
    Column,
    Chunk(usize),
}

/// Which of the two runs has the value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Run {
    #[default]
    Default,
    Evidently,
}

/// How to find a metric's value.
pub struct Entry {
    path: Vec<Value>,
    more: More,
}

/// What an entry can say besides its path. All but the first five are unknown to other readers of the mapping.
#[derive(Default, Deserialize)]
struct More {
    #[serde(default)]
    absolute: bool,
    map: Option<BTreeMap<String, Value>>,
    scale: Option<f64>,
    power: Option<f64>,
    #[serde(default)]
    one_minus: bool,
    /// The run that has it.
    #[serde(default)]
    policy: Run,
    /// Where else to look when there is nothing at the path.
    #[serde(rename = "else")]
    otherwise: Option<Value>,
    /// What to make of the values that a `*` in the path leads to.
    take: Option<Take>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Take {
    /// Their number.
    Count,
    /// The number of those that are true.
    CountTrue,
    /// The share of those that are true.
    ShareTrue,
}

/// What a look into a report gives.
pub enum Found {
    Value(Value),
    Absent,
    /// The two define it differently here, as a condition in the path says.
    NotComparable,
}

impl Place {
    pub fn dataset(metric: String) -> Self {
        Self { scope: Scope::Dataset, column: None, index: None, metric }
    }

    fn variable(&self, name: &str) -> Option<Value> {
        Some(match name {
            "column" => self.column.clone().into(),
            "index" => self.index.into(),
            "chunk" => match self.scope {
                Scope::Chunk(chunk) => chunk.into(),
                Scope::Dataset | Scope::Column => Value::Null,
            },
            "metric" => self.metric.clone().into(),
            "leaf" => {
                let leaf = self.metric.split_once('.').map(|(_, leaf)| leaf);
                leaf.unwrap_or(&self.metric).into()
            }
            _ => return None,
        })
    }

    /// With `{column}` and the like replaced; a text that is nothing else becomes the value itself.
    fn filled(&self, text: &str) -> Value {
        let whole = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
        if let Some(value) = whole.and_then(|name| self.variable(name)) {
            return value;
        }
        let names = ["column", "index", "chunk", "metric", "leaf"];
        let filled = names.iter().fold(text.to_owned(), |text, name| match self.variable(name) {
            Some(Value::String(value)) => text.replace(&format!("{{{name}}}"), &value),
            Some(value) => text.replace(&format!("{{{name}}}"), &value.to_string()),
            None => text,
        });
        Value::String(filled)
    }
}

impl Run {
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Evidently => "evidently",
        }
    }
}

impl Mapping {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        let mapping: Self = serde_json::from_str(&text).with_context(|| format!("{shown} is not a mapping"))?;
        let patterns = mapping.patterns.iter().map(|(_, entry)| entry);
        for entry in mapping.metrics.values().chain(patterns) {
            Entry::parse(entry).with_context(|| format!("{shown}: the entry {entry} is wrong"))?;
        }
        Ok(mapping)
    }

    /// The entry of a metric; none when it is not mapped.
    pub fn entry(&self, metric: &str) -> Option<Entry> {
        let by_pattern = || {
            let mut patterns = self.patterns.iter();
            patterns.find(|(pattern, _)| matches(pattern, metric))
        };
        let entry = self.metrics.get(metric).or_else(|| by_pattern().map(|(_, entry)| entry))?;
        Entry::parse(entry).expect("the mapping was checked when it was read")
    }

    pub fn look_up(&self, report: &Value, entry: &Entry, place: &Place) -> Found {
        let root = match place.scope {
            _ if entry.more.absolute => Vec::new(),
            Scope::Dataset => Vec::new(),
            Scope::Column => steps(&self.column_root),
            Scope::Chunk(_) => steps(&self.chunk_root),
        };
        let found = entry.find(report, &root, &entry.path, place);
        let found = match (&found, &entry.more.otherwise) {
            (Found::Absent, Some(otherwise)) => entry.find(report, &root, &steps(otherwise), place),
            _ => found,
        };
        match found {
            Found::Value(value) => Found::Value(entry.converted(value)),
            Found::Absent | Found::NotComparable => found,
        }
    }
}

impl Entry {
    fn parse(entry: &Value) -> anyhow::Result<Option<Self>> {
        let has_path = entry.get("path").is_some();
        let (path, more) = match entry {
            Value::Null => return Ok(None),
            Value::Object(fields) if has_path => (&fields["path"], serde_json::from_value(entry.clone())?),
            _ => (entry, More::default()),
        };
        let path = steps(path);
        if path.is_empty() {
            bail!("it has no path");
        }
        Ok(Some(Self { path, more }))
    }

    pub fn run(&self) -> Run {
        self.more.policy
    }

    fn find(&self, report: &Value, root: &[Value], path: &[Value], place: &Place) -> Found {
        let full: Vec<Value> = root.iter().chain(path).cloned().collect();
        let Some(take) = self.more.take else {
            return walk(report, &full, place);
        };
        let Some(star) = full.iter().position(|step| step == "*") else {
            return Found::Absent;
        };
        let Found::Value(Value::Array(list)) = walk(report, &full[..star], place) else {
            return Found::Absent;
        };
        let values: Vec<Value> = list
            .iter()
            .filter_map(|item| match walk(item, &full[star + 1..], place) {
                Found::Value(value) if !value.is_null() => Some(value),
                _ => None,
            })
            .collect();
        let n_true = values.iter().filter(|value| **value == true).count();
        Found::Value(match take {
            Take::Count => values.len().into(),
            Take::CountTrue => n_true.into(),
            Take::ShareTrue if values.is_empty() => Value::Null,
            Take::ShareTrue => (n_true as f64 / values.len() as f64).into(),
        })
    }

    fn converted(&self, value: Value) -> Value {
        let more = &self.more;
        let mapped = more.map.as_ref().and_then(|map| match &value {
            Value::String(text) => map.get(text),
            other => map.get(&other.to_string()),
        });
        let value = mapped.cloned().unwrap_or(value);
        if more.scale.is_none() && more.power.is_none() && !more.one_minus {
            return value;
        }
        let Some(mut x) = number(&value) else {
            return value;
        };
        x *= more.scale.unwrap_or(1.0);
        if let Some(power) = more.power {
            x = x.abs().powf(power).copysign(x);
        }
        if more.one_minus {
            x = 1.0 - x;
        }
        x.into()
    }
}

/// A path's steps; a text is split at its dots.
fn steps(path: &Value) -> Vec<Value> {
    match path {
        Value::Array(steps) => steps.clone(),
        Value::String(text) => text.split('.').map(Value::from).collect(),
        _ => Vec::new(),
    }
}

fn walk(report: &Value, path: &[Value], place: &Place) -> Found {
    let mut node = report;
    for step in path {
        if let Value::Object(fields) = step
            && let Some(condition) = fields.get("below")
        {
            match is_below(node, fields, condition, place) {
                Some(true) => continue,
                Some(false) => return Found::NotComparable,
                None => return Found::Absent,
            }
        }
        let next = match (step, node) {
            (Value::Object(fields), Value::Array(list)) => list.iter().find(|item| fits(item, fields, place)),
            (Value::String(text), _) => stepped(node, &place.filled(text)),
            _ => stepped(node, step),
        };
        match next {
            Some(next) => node = next,
            None => return Found::Absent,
        }
    }
    Found::Value(node.clone())
}

fn stepped<'a>(node: &'a Value, step: &Value) -> Option<&'a Value> {
    match (node, step) {
        (Value::Array(list), Value::Number(position)) => {
            let position = position.as_i64()?;
            let from_end = usize::try_from(position.unsigned_abs()).ok()?;
            let index = if position < 0 { list.len().checked_sub(from_end)? } else { from_end };
            list.get(index)
        }
        (Value::Object(fields), Value::String(key)) => fields.get(key),
        (Value::Object(fields), other) => fields.get(&other.to_string()),
        _ => None,
    }
}

/// Whether a list's item has these fields.
fn fits(item: &Value, fields: &Map<String, Value>, place: &Place) -> bool {
    fields.iter().all(|(key, wanted)| {
        let wanted = match wanted {
            Value::String(text) => place.filled(text),
            other => other.clone(),
        };
        item.get(key) == Some(&wanted)
    })
}

/// The step `{"where": path, "below": limit}`: stays where it is when the number there is below the limit.
fn is_below(node: &Value, fields: &Map<String, Value>, limit: &Value, place: &Place) -> Option<bool> {
    match walk(node, &steps(fields.get("where")?), place) {
        Found::Value(value) => Some(number(&value)? < number(limit)?),
        Found::Absent | Found::NotComparable => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn look_up(entry: Value) -> Option<Value> {
        let mapping: Mapping = serde_json::from_value(json!({
            "column_root": ["columns", {"name": "{column}", "index": "{index}"}],
            "metrics": {"x.y": entry},
        }))
        .expect("a mapping");
        let report = json!({
            "verdict": "drifted",
            "columns": [
                {"name": "a", "index": 0, "n": 5, "drifted": true, "y": 2.0},
                {"name": "a", "index": 1, "n": 50, "drifted": false, "y": 9.0},
            ],
        });
        let place =
            Place { scope: Scope::Column, column: Some("a".to_owned()), index: Some(1), metric: "x.y".to_owned() };
        let entry = mapping.entry("x.y").expect("it is mapped");
        match mapping.look_up(&report, &entry, &place) {
            Found::Value(value) => Some(value),
            Found::Absent => None,
            Found::NotComparable => Some("not comparable".into()),
        }
    }

    #[test]
    fn paths() {
        assert_eq!(look_up(json!("y")), Some(json!(9.0)));
        assert_eq!(look_up(json!(["{leaf}"])), Some(json!(9.0)));
        assert_eq!(look_up(json!({"path": "y", "power": 0.5})), Some(json!(3.0)));
        assert_eq!(look_up(json!({"path": "z", "else": "y"})), Some(json!(9.0)));
        assert_eq!(look_up(json!("z")), None);
        let absolute = json!({"path": "verdict", "absolute": true, "map": {"drifted": true}});
        assert_eq!(look_up(absolute), Some(json!(true)));
    }

    #[test]
    fn conditions_and_counts() {
        let below = |limit: u64| look_up(json!([{"where": "n", "below": limit}, "y"]));
        assert_eq!(below(51), Some(json!(9.0)));
        assert_eq!(below(50), Some(json!("not comparable")));
        let counted = |take: &str| {
            let path = json!(["columns", "*", "drifted"]);
            look_up(json!({"path": path, "absolute": true, "take": take}))
        };
        assert_eq!(counted("count"), Some(json!(2)));
        assert_eq!(counted("count_true"), Some(json!(1)));
        assert_eq!(counted("share_true"), Some(json!(0.5)));
    }
}
