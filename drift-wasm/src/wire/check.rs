use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compare::CompareOptions;
use crate::policy::{Method, Policy, Preset};
use crate::read::ReadOptions;
use crate::schema::{ColumnHint, ColumnType};

/// How two inputs are compared; what is left out is as on the command line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CheckSettings {
    /// `default`, `psi`, `evidently` or `strict`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub preset: Preset,
    /// The floor for values, when it is not the preset's.
    pub floor: Option<f64>,
    /// Columns that are of another type than they look.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub types: BTreeMap<String, ColumnType>,
    /// Columns judged by another method than their type's.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub methods: BTreeMap<String, Method>,
    /// A whole policy as a report has it, instead of preset, floor and methods.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub policy: Option<Policy>,
    /// Values held exactly for each column.
    pub exact_limit: Option<u32>,
    /// Only columns whose names match one of these globs.
    pub columns: Option<Vec<String>>,
    /// No columns whose names match one of these globs.
    pub exclude: Vec<String>,
    /// Every metric of every column.
    pub all_metrics: bool,
}

impl CheckSettings {
    /// How an input called `name` is read.
    pub fn read_options(&self, name: &str) -> ReadOptions {
        let hint = |(name, kind): (&String, &ColumnType)| ColumnHint {
            name: name.clone(),
            index: None,
            r#type: Some(*kind),
            role: None,
        };
        let usual = ReadOptions::new(name);
        ReadOptions {
            hints: self.types.iter().map(hint).collect(),
            exact_limit: self.exact_limit.map_or(usual.exact_limit, |limit| limit as usize),
            ..usual
        }
    }

    /// What is compared, and how it is judged.
    pub fn compare_options(&self) -> CompareOptions {
        let policy = self.policy.clone().unwrap_or_else(|| {
            let mut policy = Policy::preset(self.preset);
            policy.all.floor = self.floor;
            for (column, method) in &self.methods {
                policy.columns.entry(column.clone()).or_default().method = Some(*method);
            }
            policy
        });
        CompareOptions {
            policy,
            all_metrics: self.all_metrics,
            columns: self.columns.clone(),
            exclude: self.exclude.clone(),
            n_threads: 1,
        }
    }
}
