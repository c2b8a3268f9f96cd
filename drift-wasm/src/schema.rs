//! Columns: names, types with the reason for them, roles, and what a caller may fix from outside.

use serde::{Deserialize, Serialize};

/// What the values of a column are, and so which metrics it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Floats or integers that measure or count something.
    Numeric,
    /// Labels from a set.
    Categorical,
    /// Two labels.
    Boolean,
    /// Points in time.
    Datetime,
    /// Free text: compared by length and alphabet, not by value.
    Text,
    /// Identifiers: almost all distinct, so not compared by value.
    Id,
    /// No value at all.
    Empty,
}

impl ColumnType {
    /// All types, in the order in which help and docs list them.
    pub const ALL: [Self; 7] =
        [Self::Numeric, Self::Categorical, Self::Boolean, Self::Datetime, Self::Text, Self::Id, Self::Empty];

    /// The word used in JSON, configuration and text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Text => "text",
            Self::Id => "id",
            Self::Empty => "empty",
        }
    }

    /// One character that stands for it in a small box.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Numeric => "#",
            Self::Categorical => "A",
            Self::Boolean => "B",
            Self::Datetime => "T",
            Self::Text => "¶",
            Self::Id => "@",
            Self::Empty => "∅",
        }
    }

    /// Whether its values are labels.
    pub(crate) fn has_categories(self) -> bool {
        matches!(self, Self::Categorical | Self::Boolean)
    }

    /// The type named `word`, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a column is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An input; the default.
    #[default]
    Feature,
    /// What a model said.
    Prediction,
    /// What was true.
    Target,
    /// When the row happened; not compared by value.
    Timestamp,
    /// A group to split by.
    Segment,
    /// An identifier; not compared by value.
    Id,
}

/// What a caller says of one column, instead of inference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnHint {
    /// Column name.
    pub name: String,
    /// Position in the reference, for files that use a name twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The type, read also from `kind`.
    #[serde(default, alias = "kind", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<ColumnType>,
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A column as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSchema {
    /// Column name.
    pub name: String,
    /// Position in the reference, from 0.
    pub index: usize,
    /// The type.
    pub r#type: ColumnType,
    /// Why it has that type, in words: "integer with 4 distinct values in 10,000 rows".
    pub reason: String,
    /// The role.
    pub role: Role,
}
