//! What a monitor is told about alerts: the budget, and what differs for single columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    cadence::{Cadence, Constants},
    channel::Channel,
    limit::{Level, Prior},
};

/// False alerts that people accept in 1,000 windows: 0.1 to 50.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct AlertsPer1000Windows(f64);

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RuleError {
    /// The budget is not a number in its range.
    #[error("alerts_per_1000_windows is {0}, but must be from 0.1 to 50")]
    Budget(f64),
}

impl AlertsPer1000Windows {
    /// A budget.
    ///
    /// # Errors
    /// When it is not a number from 0.1 to 50.
    pub fn new(alerts: f64) -> Result<Self, RuleError> {
        if (0.1..=50.0).contains(&alerts) { Ok(Self(alerts)) } else { Err(RuleError::Budget(alerts)) }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Default for AlertsPer1000Windows {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for AlertsPer1000Windows {
    type Error = RuleError;

    fn try_from(alerts: f64) -> Result<Self, RuleError> {
        Self::new(alerts)
    }
}

impl From<AlertsPer1000Windows> for f64 {
    fn from(budget: AlertsPer1000Windows) -> Self {
        budget.0
    }
}

/// What differs for one column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnRule {
    /// The effect below which a change is never unusual, 0–1; that of the channel unless set.
    pub floor: Option<f64>,
    /// Whether the column is left out of alerts and scores.
    pub ignore: bool,
    /// Whether the column notifies by itself while another column's alert is open.
    pub critical: bool,
}

/// What opens an alert of a monitor.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The budget of false alerts.
    pub budget: AlertsPer1000Windows,
    /// What the length of windows decides; single constants may be replaced.
    pub constants: Constants,
    /// What differs for single columns.
    pub columns: BTreeMap<String, ColumnRule>,
}

impl Rule {
    /// The default rule for windows of a length.
    pub fn new(cadence: Cadence) -> Self {
        Self { budget: AlertsPer1000Windows::default(), constants: Constants::of(cadence), columns: BTreeMap::new() }
    }

    /// The same rule with another budget.
    #[must_use]
    pub fn with_budget(mut self, budget: AlertsPer1000Windows) -> Self {
        self.budget = budget;
        self
    }

    /// Half of the budget is for single windows.
    pub(super) fn now_level(&self) -> Level {
        Level(self.budget.0 / 2_000.0)
    }

    /// Evidence stays above its line for at least two windows, so half as many alerts come of the whole.
    pub(super) fn evidence_level(&self) -> Level {
        Level(self.budget.0 / 1_000.0)
    }

    pub(super) fn now_prior(&self) -> Prior {
        Prior { threshold: 3.0, scale: 1.2, weight: self.constants.prior_weight }
    }

    pub(super) fn evidence_prior(&self) -> Prior {
        let (threshold, scale) = self.constants.evidence_prior;
        Prior { threshold, scale, weight: self.constants.prior_weight }
    }

    pub(super) fn floor(&self, column: &str, channel: Channel) -> f64 {
        self.columns.get(column).and_then(|rule| rule.floor).unwrap_or_else(|| channel.floor())
    }

    pub(super) fn ignores(&self, column: &str) -> bool {
        self.columns.get(column).is_some_and(|rule| rule.ignore)
    }
}
