//! What is measured of a column in a window: one effect per channel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What of a column can change, in the order in which channels are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The distribution of its values.
    Value,
    /// The share of nulls.
    Null,
    /// The share of cells that do not fit its type.
    Invalid,
    /// The share of infinities.
    Infinite,
    /// The share of rows with a label that the column never had before.
    Unseen,
}

impl Channel {
    /// All channels, in their order.
    pub const ALL: [Self; 5] = [Self::Value, Self::Null, Self::Invalid, Self::Infinite, Self::Unseen];

    /// The effect below which a change is never unusual, 0–1: half of the floor of a comparison of two files.
    pub fn floor(self) -> f64 {
        match self {
            Self::Value => 0.05,
            Self::Null | Self::Invalid | Self::Infinite | Self::Unseen => 0.025,
        }
    }
}

/// What a comparison of one window with its reference says of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Share of rows that would have to change, 0–1, beyond what samples of these sizes show by chance.
    pub effect: f64,
    /// Whether the change is real: its q-value in the report is at most the policy's alpha.
    pub is_real: bool,
}

impl Effect {
    /// An effect; what is not a number between 0 and 1 is taken as the nearest one, and NaN as 0.
    pub fn new(effect: f64, is_real: bool) -> Self {
        let effect = if effect.is_nan() { 0.0 } else { effect.clamp(0.0, 1.0) };
        Self { effect, is_real }
    }
}

/// The effects of one window. A column without a reference yet is left out; one that is measured has its channels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowEffects {
    /// When the window starts, in seconds since 1970.
    pub start: i64,
    /// Effects by column and channel.
    pub columns: BTreeMap<String, BTreeMap<Channel, Effect>>,
    /// For columns with an alert: the share of their reference's windows that lie at or after its opening, 0–1.
    pub settled: BTreeMap<String, f64>,
}

impl WindowEffects {
    /// A window without columns.
    pub fn new(start: i64) -> Self {
        Self { start, ..Self::default() }
    }

    /// The same window with one more column.
    #[must_use]
    pub fn column(mut self, name: &str, effects: impl IntoIterator<Item = (Channel, Effect)>) -> Self {
        self.columns.insert(name.to_owned(), effects.into_iter().collect());
        self
    }
}
