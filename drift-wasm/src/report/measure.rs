//! What a test measured: one of our metrics, or what Evidently chose.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::metric::evidently::Choice;
use crate::metric::{Direction, MetricId};

/// What a test measured. In JSON a word: a key of the column's `metrics`, or Evidently's display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// One of our metrics.
    Metric(MetricId),
    /// Under the `evidently` policy, the test that its preset chose.
    Evidently(Choice),
}

impl Measure {
    /// The word used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metric(id) => id.as_str(),
            Self::Evidently(choice) => choice.as_str(),
        }
    }

    /// Name where there is little room: `D`, `TVD`, `K-S p`.
    pub fn short(self) -> &'static str {
        match self {
            Self::Metric(id) => id.doc().short,
            Self::Evidently(choice) => choice.short(),
        }
    }

    /// Name within a sentence: `total variation`.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Metric(id) => id.doc().phrase,
            Self::Evidently(choice) => choice.as_str(),
        }
    }

    /// Which way its number goes when drift grows. A test of ours holds a distance or a share to its floor.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Metric(_) => Direction::Grows,
            Self::Evidently(choice) => choice.direction(),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<MetricId> for Measure {
    fn from(id: MetricId) -> Self {
        Self::Metric(id)
    }
}

impl From<Choice> for Measure {
    fn from(choice: Choice) -> Self {
        Self::Evidently(choice)
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let ours = MetricId::from_word(&word).map(Self::Metric);
        ours.or_else(|| Choice::from_word(&word).map(Self::Evidently))
            .ok_or_else(|| D::Error::custom(format_args!("no metric is called `{word}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_one_word_in_json_and_comes_back() {
        let all = MetricId::ALL.into_iter().map(Measure::from).chain(Choice::ALL.into_iter().map(Measure::from));
        for measure in all {
            let json = serde_json::to_string(&measure).expect("a word");
            assert_eq!(json, format!("{:?}", measure.as_str()));
            assert_eq!(serde_json::from_str::<Measure>(&json).expect("its own word"), measure);
        }
        for choice in Choice::ALL {
            assert_eq!(serde_json::to_value(choice).expect("a word"), choice.as_str());
        }
        assert!(serde_json::from_str::<Measure>("\"no such\"").is_err());
    }
}
