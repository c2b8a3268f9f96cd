//! What a driftsiren.toml may say: its sections and keys, each optional.
//!
//! What each key means is said in docs/config.md and in schemas/driftsiren.config.1.json.

use std::collections::BTreeMap;

use clap::ValueEnum;
use drift::policy::{DatasetRule, Method, MissingColumns, Preset};
use drift::read::{InputFormat, ParseOptions};
use drift::schema::{ColumnType, Role};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::arguments::Color;

/// A configuration file, or several laid over each other.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// `[policy]`
    pub policy: PolicySection,
    /// `[types.<type>]`
    pub types: BTreeMap<ColumnType, TypeSection>,
    /// `[columns.<name>]`
    pub columns: BTreeMap<String, ColumnSection>,
    /// `[parse]`
    pub parse: ParseOptions,
    /// `[input]`
    pub input: InputSection,
    /// `[output]`
    pub output: OutputSection,
}

/// What counts as drift in all columns, and what makes the dataset drifted.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicySection {
    pub preset: Option<Preset>,
    pub alpha: Option<Rate>,
    pub min_rows: Option<u64>,
    pub fail_on: Option<FailOn>,
    pub missing: Option<MissingColumns>,
    #[serde(deserialize_with = "dataset_rule")]
    pub dataset: Option<DatasetRule>,
    pub method: Option<Method>,
    pub floor: Option<Amount>,
    pub floor_nulls: Option<Share>,
    pub floor_invalid: Option<Share>,
    pub floor_unseen: Option<Share>,
    pub warning_from: Option<Share>,
}

/// What counts as drift in columns of one type.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TypeSection {
    pub method: Option<Method>,
    pub floor: Option<Amount>,
    pub floor_nulls: Option<Share>,
    pub floor_invalid: Option<Share>,
    pub floor_unseen: Option<Share>,
    pub warning_from: Option<Share>,
    pub weight: Option<Amount>,
    pub critical: Option<bool>,
}

/// What one column is, and what counts as drift in it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnSection {
    pub r#type: Option<ColumnType>,
    pub role: Option<Role>,
    pub method: Option<Method>,
    pub floor: Option<Amount>,
    pub floor_nulls: Option<Share>,
    pub floor_invalid: Option<Share>,
    pub floor_unseen: Option<Share>,
    pub warning_from: Option<Share>,
    pub weight: Option<Amount>,
    pub critical: Option<bool>,
}

/// How inputs are opened and held.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InputSection {
    pub exact_limit: Option<ExactLimit>,
    pub strict: Option<bool>,
    pub format: Option<InputFormat>,
}

/// What a result looks like.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutputSection {
    pub format: Option<ReportFormat>,
    pub color: Option<Color>,
}

/// The verdict from which a check fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailOn {
    /// Fail when the dataset drifted.
    Drifted,
    /// Fail on a warning, too.
    Warning,
    /// Fail on a column that was not compared, too.
    NotCompared,
    /// Never fail.
    Never,
}

/// Declares a number with a range that is checked while reading, so that an error knows its line.
macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($of:ty) $expected:literal $is_valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $name(pub $of);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <$of>::deserialize(deserializer)?;
                let is_valid: fn($of) -> bool = $is_valid;
                if is_valid(value) {
                    Ok(Self(value))
                } else {
                    Err(D::Error::custom(format!(concat!("found {}, expected ", $expected), value)))
                }
            }
        }
    };
}

ranged!(
    /// A share of rows.
    Share(f64) "a share of rows between 0 and 1" |value| (0.0..=1.0).contains(&value)
);
ranged!(
    /// A rate of false alarms.
    Rate(f64) "a rate between 0 and 1, such as 0.05" |value| value > 0.0 && value < 1.0
);
ranged!(
    /// A floor or a weight.
    Amount(f64) "a finite number of at least 0" |value| value.is_finite() && value >= 0.0
);
ranged!(
    /// Values held exactly.
    ExactLimit(u64) "a whole number of at least 64" |value| (64..=1 << 32).contains(&value)
);

/// A report format by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportFormat(pub drift::render::Format);

impl<'de> Deserialize<'de> for ReportFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        drift::render::Format::from_word(&word).map(Self).ok_or_else(|| {
            const WORDS: [&str; 8] = ["text", "json", "markdown", "html", "csv", "junit", "sarif", "github"];
            D::Error::unknown_variant(&word, &WORDS)
        })
    }
}

/// A dataset rule: `"any_column"`, `"critical"`, or a table with `rule` and `share`.
fn dataset_rule<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DatasetRule>, D::Error> {
    struct RuleVisitor;
    impl<'de> serde::de::Visitor<'de> for RuleVisitor {
        type Value = DatasetRule;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("\"any_column\", \"critical\", or { rule = \"share\", share = 0.3 }")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<DatasetRule, E> {
            match word {
                "any_column" => Ok(DatasetRule::AnyColumn),
                "critical" => Ok(DatasetRule::Critical),
                "share" | "weighted_share" => Err(E::custom(format!(
                    "rule \"{word}\" needs a share, expected {{ rule = \"{word}\", share = 0.3 }}"
                ))),
                _ => Err(E::unknown_variant(word, &["any_column", "share", "weighted_share", "critical"])),
            }
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<DatasetRule, A::Error> {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct RuleTable {
                rule: String,
                share: Option<Share>,
            }
            let table = RuleTable::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
            match (table.rule.as_str(), table.share) {
                ("share", Some(Share(share))) => Ok(DatasetRule::Share { share }),
                ("weighted_share", Some(Share(share))) => Ok(DatasetRule::WeightedShare { share }),
                ("any_column" | "critical", Some(_)) => {
                    Err(A::Error::custom(format!("rule \"{}\" takes no share", table.rule)))
                }
                (word, _) => self.visit_str(word),
            }
        }
    }
    deserializer.deserialize_any(RuleVisitor).map(Some)
}
