//! What Evidently says of a column, as a report has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metric::evidently::Choice;

/// What Evidently says of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidentlyColumn {
    /// Its display name of the test; absent when the preset leaves the column out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Choice>,
    /// Its threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Its score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Its verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drifted: Option<bool>,
    /// Every test of Evidently that is defined on the column, by Evidently's name; with `all_metrics` only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tests: BTreeMap<String, EvidentlyTest>,
}

/// One of Evidently's tests at its default threshold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidentlyTest {
    /// Its score: a p-value or a distance, by the test.
    pub score: Option<f64>,
    /// Its verdict.
    pub drifted: Option<bool>,
    /// Its statistic, where the score is a p-value and the statistic is of interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<f64>,
}
