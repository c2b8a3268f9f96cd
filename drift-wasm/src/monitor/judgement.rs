//! What a fold says of one window.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::channel::{Channel, Effect};

/// What one window means, beside all that came before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// When the window starts, in seconds since 1970.
    pub start: i64,
    /// Whether any channel had enough history; else the window is learning.
    pub is_judged: bool,
    /// The line for a single window.
    pub now_limit: f64,
    /// The line for evidence that adds up.
    pub evidence_limit: f64,
    /// The largest z of all channels, 0 when none is above.
    pub score: f64,
    /// The largest evidence of all channels.
    pub evidence: f64,
    /// Each measured column.
    pub columns: BTreeMap<String, ColumnJudgement>,
    /// Alerts that open in this window, in the order of columns.
    pub opened: Vec<Opened>,
    /// Alerts that resolve in this window.
    pub resolved: Vec<Resolved>,
    /// Columns whose alert is open after this window.
    pub open: Vec<String>,
    /// Whether a notification is due: the first column of a group opened, or a critical one.
    pub notifies: bool,
}

/// One column in one window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnJudgement {
    /// Its channels.
    pub channels: BTreeMap<Channel, ChannelJudgement>,
    /// Whether this window stays out of the column's later references.
    pub is_unusual: bool,
    /// 0–1, where 0.5 is the line: x / (1 + x) of the channel that is closest to its line.
    pub severity: f64,
}

/// One channel in one window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChannelJudgement {
    /// What was measured.
    pub effect: Effect,
    /// What history says of it; `None` while the channel is learning.
    pub usual: Option<Usual>,
    /// Windows of history that there were.
    pub n_history: usize,
}

/// How an effect lies beside the history of its channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    /// The largest effect that is still usual, 0–1 or above: the upper edge of the band that charts draw.
    pub usual_max: f64,
    /// How far outside, in standard deviations on the √ scale; at most 0 when the change is not real or below its floor.
    pub z: f64,
    /// What smaller excesses have added up to, 0 or more.
    pub evidence: f64,
}

/// An alert that opens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Of which column.
    pub column: String,
    /// By which channel.
    pub channel: Channel,
    /// By which line.
    pub by: OpenedBy,
    /// The window in which the change began, in seconds since 1970.
    pub began: i64,
    /// The share of windows in which the dataset's own past would score as high; `None` when nothing is claimed.
    pub chance: Option<f64>,
}

/// The line that an alert crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    /// One window lay far outside.
    Now,
    /// Smaller excesses added up over windows.
    Evidence,
}

/// An alert that resolves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Of which column.
    pub column: String,
    /// Why.
    pub reason: ResolvedReason,
}

/// Why an alert resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolvedReason {
    /// The column is as it was.
    Recovered,
    /// The change stayed and became the reference.
    Settled,
}
