//! Pairs of files with the values they should give.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::mapping::{Place, Scope};

/// One golden file.
#[derive(Deserialize)]
pub struct Pair {
    pub id: String,
    /// Who says what is right: `reference`, a package; `policy`, a choice of the corpus, where refusing is fine, too.
    #[serde(default)]
    authority: String,
    parse: Value,
    #[serde(default)]
    time_format: Value,
    #[serde(default)]
    pub expect: Expect,
    pub reference: File,
    pub current: File,
    #[serde(default)]
    columns: Vec<Column>,
    #[serde(default)]
    evidently: Option<BTreeMap<String, Option<Preset>>>,
    #[serde(default)]
    nannyml: Option<Nannyml>,
}

/// How reading or comparing should end, besides the numbers.
#[derive(Default, Deserialize)]
pub struct Expect {
    #[serde(default)]
    pub error: bool,
    pub missing_in_current: Option<Vec<String>>,
    pub new_in_current: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub struct File {
    pub path: PathBuf,
}

#[derive(Deserialize)]
struct Column {
    name: String,
    index: u64,
    kind: String,
    #[serde(default)]
    metrics: BTreeMap<String, Value>,
    #[serde(default)]
    tol: BTreeMap<String, f64>,
    #[serde(default)]
    alt: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    undefined: BTreeMap<String, Undefined>,
}

/// Why the reference has no value.
#[derive(Deserialize)]
pub struct Undefined {
    #[serde(default)]
    pub reason: String,
    /// No value exists, so nobody may have one.
    #[serde(default)]
    pub strict: bool,
}

#[derive(Deserialize)]
struct Preset {
    #[serde(default)]
    columns: BTreeMap<String, Map<String, Value>>,
    #[serde(flatten)]
    totals: Map<String, Value>,
}

#[derive(Deserialize)]
struct Nannyml {
    #[serde(default)]
    columns: BTreeMap<String, Map<String, Value>>,
    #[serde(default)]
    chunks: Option<Chunks>,
}

#[derive(Deserialize)]
struct Chunks {
    #[serde(default)]
    columns: BTreeMap<String, Map<String, Value>>,
}

/// One value that can be compared.
pub struct Item {
    pub place: Place,
    pub value: Value,
    pub tolerance: Option<f64>,
    /// Other right answers; null among them means none at all.
    pub alternatives: Vec<Value>,
}

/// Every pair of a corpus, in the order of their ids.
pub fn read(folder: &Path) -> anyhow::Result<Vec<Pair>> {
    let golden = folder.join("golden");
    let entries = fs::read_dir(&golden).with_context(|| format!("{} has no golden values", golden.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        bail!("{} holds no golden values", golden.display());
    }
    paths.sort();
    paths.iter().map(|path| Pair::read(path)).collect()
}

impl Pair {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        serde_json::from_str(&text).with_context(|| format!("{shown} is not a golden file"))
    }

    /// Whether an error is an answer, too.
    pub fn may_be_refused(&self) -> bool {
        self.authority == "policy"
    }

    /// What the program is told about the files.
    pub fn schema(&self) -> Value {
        let columns: Vec<Value> = self
            .columns
            .iter()
            .map(|column| json!({"name": column.name, "index": column.index, "kind": column.kind}))
            .collect();
        json!({
            "format": "driftsiren-golden-schema/1",
            "id": self.id,
            "parse": self.parse,
            "time_format": self.time_format,
            "columns": columns,
        })
    }

    /// Everything that can be compared.
    pub fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for column in &self.columns {
            for (metric, value) in &column.metrics {
                items.push(Item {
                    place: column.place(metric),
                    value: value.clone(),
                    tolerance: column.tol.get(metric).copied(),
                    alternatives: column.alt.get(metric).cloned().unwrap_or_default(),
                });
            }
        }
        for (flavour, preset) in self.evidently.iter().flatten() {
            if let Some(preset) = preset {
                items.extend(self.preset_items(flavour, preset));
            }
        }
        if let Some(nannyml) = &self.nannyml {
            items.extend(self.nannyml_items(nannyml));
        }
        items
    }

    /// Metrics for which the reference has no value.
    pub fn undefined(&self) -> impl Iterator<Item = (Place, &Undefined)> {
        self.columns.iter().flat_map(|column| {
            let undefined = column.undefined.iter();
            undefined.map(|(metric, why)| (column.place(metric), why))
        })
    }

    fn preset_items(&self, flavour: &str, preset: &Preset) -> Vec<Item> {
        let mut items = Vec::new();
        for key in ["n_columns", "n_drifted", "share_drifted", "dataset_drift"] {
            if let Some(value) = preset.totals.get(key) {
                let place = Place::dataset(format!("evidently_{flavour}.{key}"));
                items.push(Item::bare(place, value));
            }
        }
        for (name, result) in &preset.columns {
            for key in ["method", "threshold", "score", "drifted"] {
                let Some(value) = result.get(key) else {
                    continue;
                };
                let mut metric = format!("evidently_{flavour}.{key}");
                if key == "score" {
                    metric.push_str(match result.get("method").and_then(Value::as_str) {
                        Some("Wasserstein distance (normed)") => ".wasserstein",
                        Some("Jensen-Shannon distance") => ".jensenshannon",
                        _ => ".pvalue",
                    });
                }
                items.push(Item::bare(self.place(name, metric), value));
            }
        }
        items
    }

    fn nannyml_items(&self, nannyml: &Nannyml) -> Vec<Item> {
        let mut items = Vec::new();
        for (name, metrics) in &nannyml.columns {
            for (metric, value) in metrics {
                if !value.is_null() && value != "NaN" {
                    let place = self.place(name, format!("nannyml.{metric}"));
                    items.push(Item::bare(place, value));
                }
            }
        }
        for (name, metrics) in nannyml.chunks.iter().flat_map(|chunks| &chunks.columns) {
            for (metric, rows) in metrics {
                for (chunk, row) in rows.as_array().into_iter().flatten().enumerate() {
                    let place =
                        Place { scope: Scope::Chunk(chunk), ..self.place(name, format!("nannyml_chunks.{metric}")) };
                    items.push(Item::bare(place, &row["value"]));
                }
            }
        }
        items
    }

    /// A place that is known by its column's name alone.
    fn place(&self, name: &str, metric: String) -> Place {
        let column = self.columns.iter().rfind(|column| column.name == name);
        Place { scope: Scope::Column, column: Some(name.to_owned()), index: column.map(|column| column.index), metric }
    }
}

impl Column {
    fn place(&self, metric: &str) -> Place {
        Place {
            scope: Scope::Column,
            column: Some(self.name.clone()),
            index: Some(self.index),
            metric: metric.to_owned(),
        }
    }
}

impl Item {
    fn bare(place: Place, value: &Value) -> Self {
        Self { place, value: value.clone(), tolerance: None, alternatives: Vec::new() }
    }
}
