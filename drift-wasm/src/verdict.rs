//! Verdicts: a change must be real and big enough.

use serde::{Deserialize, Serialize};

/// What is said of a column or a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No change, or one too small to matter.
    Stable,
    /// Real, and between half the floor and the floor.
    Warning,
    /// Real and at or above the floor.
    Drifted,
    /// Too few rows to say.
    InsufficientData,
    /// Could not be evaluated.
    Error,
}

impl Verdict {
    /// All verdicts, loudest first.
    pub const ALL: [Self; 5] = [
        Self::Drifted,
        Self::Warning,
        Self::Error,
        Self::InsufficientData,
        Self::Stable,
    ];

    /// The word used in JSON, configuration and text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Warning => "warning",
            Self::Drifted => "drifted",
            Self::InsufficientData => "insufficient_data",
            Self::Error => "error",
        }
    }
}

/// Effect against its floor on a scale of 0–1: `x / (1 + x)` with `x = effect / floor`; 0.5 is the floor.
pub fn severity(effect: f64, floor: f64) -> f64 {
    if effect <= 0.0 {
        0.0
    } else if floor <= 0.0 {
        1.0
    } else {
        effect / (effect + floor)
    }
}
