//! Policy: what a change must be to count, and what of it makes a dataset's verdict.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// The presets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Real (false-discovery controlled) and at least a tenth of the rows.
    #[default]
    Default,
    /// The credit-risk habit: population stability index, warning from 0.10, drifted from 0.25.
    Psi,
    /// The tests, thresholds and verdicts of Evidently 0.7's DataDriftPreset.
    Evidently,
    /// As default with half the floors; a warning fails.
    Strict,
}

impl Preset {
    /// All presets, in the order of the help.
    pub const ALL: [Self; 4] = [Self::Default, Self::Psi, Self::Evidently, Self::Strict];

    /// The word used in JSON, configuration and text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Psi => "psi",
            Self::Evidently => "evidently",
            Self::Strict => "strict",
        }
    }
}

/// How the values of a column are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Kolmogorov-Smirnov test and distance; numbers and times.
    Ks,
    /// Chi-square homogeneity test and total variation; labels, and numbers in their reference bins.
    TotalVariation,
    /// Population stability index against a threshold, with its own significance.
    Psi,
    /// The test Evidently would choose.
    Evidently,
}

/// Limits a change is held to. All are shares of rows, 0–1, except for `psi`, where `values` is a PSI.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    /// Effect on the values from which a change is drift.
    pub values: f64,
    /// Change of the null share from which it is drift.
    pub nulls: f64,
    /// Change of the share of cells that are not of the column's type.
    pub invalid: f64,
    /// Share of current rows with a label the reference never had.
    pub unseen: f64,
    /// `warning` begins at this part of a floor, 0–1.
    pub warning_from: f64,
}

/// What one column is held to, after presets, types and columns were laid over each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnPolicy {
    /// How its values are judged.
    pub method: Method,
    /// Its limits.
    pub floors: Floors,
    /// Weight in a weighted share; 1 unless set.
    pub weight: f64,
    /// Whether this column alone can make the dataset drifted.
    pub critical: bool,
}

/// Settings laid over a preset for all columns, a type, or one column; what is absent is inherited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnOverride {
    /// See [`ColumnPolicy::method`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// See [`Floors::values`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// See [`Floors::nulls`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_nulls: Option<f64>,
    /// See [`Floors::invalid`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_invalid: Option<f64>,
    /// See [`Floors::unseen`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_unseen: Option<f64>,
    /// See [`Floors::warning_from`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_from: Option<f64>,
    /// See [`ColumnPolicy::weight`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// See [`ColumnPolicy::critical`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<bool>,
}

/// What makes the dataset drifted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum DatasetRule {
    /// One drifted column is enough.
    AnyColumn,
    /// This share of the compared columns, 0–1.
    Share {
        /// The share from which the dataset is drifted.
        share: f64,
    },
    /// As `Share`, each column counted by its weight.
    WeightedShare {
        /// The weighted share from which the dataset is drifted.
        share: f64,
    },
    /// Only columns marked `critical` count.
    Critical,
}

/// What a column means that the reference has and the current input lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingColumns {
    /// The dataset has drifted; a new column is a warning.
    #[default]
    Fail,
    /// A warning, as a new column is.
    Warn,
    /// Nothing, nor does a new column. A missing critical column fails all the same.
    Ignore,
}

impl MissingColumns {
    /// All, in the order of the help.
    pub const ALL: [Self; 3] = [Self::Fail, Self::Warn, Self::Ignore];

    /// The word used in JSON, configuration and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Ignore => "ignore",
        }
    }
}

/// The effective policy of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The preset it began with.
    pub preset: Preset,
    /// False-discovery rate over all tests of a report, 0–1.
    pub alpha: f64,
    /// Fewer rows than this on either side are not judged.
    pub min_rows: u64,
    /// What makes the dataset drifted.
    pub dataset: DatasetRule,
    /// The verdict from which a caller should fail: `drifted`, `warning`, or `None` for never.
    pub fail_on: Option<Verdict>,
    /// What missing and new columns mean.
    #[serde(default)]
    pub missing: MissingColumns,
    /// Laid over the preset for every column.
    #[serde(default)]
    pub all: ColumnOverride,
    /// Laid over `all` for columns of a type.
    #[serde(default)]
    pub types: BTreeMap<ColumnType, ColumnOverride>,
    /// Laid over `types` for one column.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnOverride>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::preset(Preset::Default)
    }
}

impl Policy {
    /// The policy of a preset.
    pub fn preset(preset: Preset) -> Self {
        let (dataset, fail_on) = match preset {
            Preset::Default | Preset::Psi => (DatasetRule::AnyColumn, Verdict::Drifted),
            Preset::Evidently => (DatasetRule::Share { share: 0.5 }, Verdict::Drifted),
            Preset::Strict => (DatasetRule::AnyColumn, Verdict::Warning),
        };
        Self {
            preset,
            alpha: 0.05,
            min_rows: 30,
            dataset,
            fail_on: Some(fail_on),
            // Evidently looks at the columns that both inputs have.
            missing: if preset == Preset::Evidently { MissingColumns::Ignore } else { MissingColumns::Fail },
            all: ColumnOverride::default(),
            types: BTreeMap::new(),
            columns: BTreeMap::new(),
        }
    }

    /// What the column `name` of type `kind` is held to: column over type over all over preset.
    pub fn for_column(&self, name: &str, kind: ColumnType) -> ColumnPolicy {
        let by_type = match kind {
            ColumnType::Numeric => Method::Ks,
            ColumnType::Datetime
            | ColumnType::Categorical
            | ColumnType::Boolean
            | ColumnType::Text
            | ColumnType::Id
            | ColumnType::Empty => Method::TotalVariation,
        };
        let (method, values, others, warning_from) = match self.preset {
            Preset::Default => (by_type, 0.10, 0.05, 0.5),
            Preset::Strict => (by_type, 0.05, 0.025, 0.5),
            Preset::Psi => (Method::Psi, 0.25, 0.05, 0.4),
            Preset::Evidently => (Method::Evidently, 0.10, 0.05, 0.5),
        };
        let mut policy = ColumnPolicy {
            method,
            floors: Floors { values, nulls: others, invalid: others, unseen: others, warning_from },
            weight: 1.0,
            critical: false,
        };
        for over in [Some(&self.all), self.types.get(&kind), self.columns.get(name)].into_iter().flatten() {
            policy.lay(over);
        }
        policy
    }
}

impl ColumnPolicy {
    /// Whether the method can judge a column of this type.
    pub(crate) fn refuses(&self, kind: ColumnType) -> Option<String> {
        let ordered = matches!(kind, ColumnType::Numeric | ColumnType::Datetime);
        (self.method == Method::Ks && !ordered).then(|| {
            format!("method ks needs numbers or times, the column is {}; choose total_variation", kind.as_str())
        })
    }

    fn lay(&mut self, over: &ColumnOverride) {
        fn set<T: Copy>(field: &mut T, over: Option<T>) {
            *field = over.unwrap_or(*field);
        }
        set(&mut self.method, over.method);
        set(&mut self.floors.values, over.floor);
        set(&mut self.floors.nulls, over.floor_nulls);
        set(&mut self.floors.invalid, over.floor_invalid);
        set(&mut self.floors.unseen, over.floor_unseen);
        set(&mut self.floors.warning_from, over.warning_from);
        set(&mut self.weight, over.weight);
        set(&mut self.critical, over.critical);
    }
}
