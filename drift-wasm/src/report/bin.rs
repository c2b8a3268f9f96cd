//! What a bar of a column stands for: a range of numbers, a part of an order, a label, or the labels without a bar.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bins::Interval;
use crate::format::count;

/// A bin or a label. In JSON its words; read back from them it is a [`Bin::Label`].
///
/// Two are equal when they read the same.
#[derive(Debug, Clone)]
pub enum Bin {
    /// Numbers: `≤ 10`, `10 to 20`.
    Range(Interval),
    /// An hour or a length: `07:00`, `8 to 11`.
    Part(String),
    /// A label: `Adelie`.
    Label(String),
    /// So many labels that have no bar of their own: `other (212)`.
    Other(u64),
}

impl Bin {
    /// In words.
    pub fn words(&self) -> Cow<'_, str> {
        match self {
            Self::Range(interval) => Cow::Owned(interval.to_string()),
            Self::Part(words) | Self::Label(words) => Cow::Borrowed(words),
            Self::Other(n) => Cow::Owned(format!("other ({})", count(*n))),
        }
    }
}

impl PartialEq for Bin {
    fn eq(&self, other: &Self) -> bool {
        self.words() == other.words()
    }
}

impl fmt::Display for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl Serialize for Bin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.words())
    }
}

impl<'de> Deserialize<'de> for Bin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::Label)
    }
}
