//! What the page lets people set, and the words for it: the engine's JSON, and the command line.

use std::collections::BTreeMap;

use drift::{
    policy::{Method, Policy, Preset},
    schema::ColumnType,
};
use serde::{Deserialize, Serialize};

/// How a comparison is judged. The default is the command line's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The preset.
    pub preset: Preset,
    /// The floor for values, when it is not the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// Columns seen as another type than was inferred.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, ColumnType>,
    /// Columns judged by another method than their type's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub methods: BTreeMap<String, Method>,
    /// Values held exactly for each column, when memory is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact_limit: Option<u32>,
}

/// The same as the engine takes it.
#[derive(Serialize)]
struct ForEngine {
    policy: Policy,
    types: Vec<ColumnAs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact_limit: Option<u32>,
}

#[derive(Serialize)]
struct ColumnAs {
    name: String,
    r#type: Option<ColumnType>,
}

impl Settings {
    /// The floor that the slider shows.
    pub fn shown_floor(&self) -> f64 {
        self.floor.unwrap_or_else(|| preset_floor(self.preset))
    }

    /// The policy in full.
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::preset(self.preset);
        policy.all.floor = self.floor;
        for (column, method) in &self.methods {
            policy.columns.entry(column.clone()).or_default().method = Some(*method);
        }
        policy
    }

    /// JSON for the engine. `seen` names columns that were seen as another type before and are to be seen as inferred.
    pub fn for_engine(&self, seen: &[String]) -> String {
        let back = seen.iter().filter(|name| !self.types.contains_key(*name));
        let types = self
            .types
            .iter()
            .map(|(name, kind)| ColumnAs { name: name.clone(), r#type: Some(*kind) })
            .chain(back.map(|name| ColumnAs { name: name.clone(), r#type: None }))
            .collect();
        let settings = ForEngine { policy: self.policy(), types, exact_limit: self.exact_limit };
        serde_json::to_string(&settings).expect("settings hold finite numbers and text keys")
    }

    /// The flags of `driftsiren check`.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if self.preset != Preset::Default {
            flags.push(format!("--policy {}", self.preset.as_str()));
        }
        if let Some(floor) = self.floor {
            flags.push(format!("--floor {floor}"));
        }
        for (name, kind) in &self.types {
            flags.push(format!("--type {}", quoted(&format!("{name}={}", kind.as_str()))));
        }
        if let Some(limit) = self.exact_limit {
            flags.push(format!("--exact-limit {limit}"));
        }
        flags
    }
}

/// The floor for values that a preset has.
pub fn preset_floor(preset: Preset) -> f64 {
    Policy::preset(preset).for_column("", ColumnType::Numeric).floors.values
}

/// A word for a POSIX shell.
pub fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-./=,+@%:".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("plain.csv", "plain.csv")]
    #[case("two words.csv", "'two words.csv'")]
    #[case("it's.csv", "'it'\\''s.csv'")]
    #[case("$(rm -r).csv", "'$(rm -r).csv'")]
    #[case("", "''")]
    fn words_survive_a_shell(#[case] word: &str, #[case] expected: &str) {
        assert_eq!(quoted(word), expected);
    }

    #[test]
    fn settings_become_flags() {
        let settings = Settings {
            preset: Preset::Strict,
            floor: Some(0.2),
            types: BTreeMap::from([("zip code".to_owned(), ColumnType::Categorical)]),
            ..Settings::default()
        };
        assert_eq!(settings.flags(), ["--policy strict", "--floor 0.2", "--type 'zip code=categorical'"]);
        assert!(Settings::default().flags().is_empty());
    }

    #[test]
    fn a_column_that_is_no_longer_overridden_is_seen_as_inferred_again() {
        let json = Settings::default().for_engine(&["zip".to_owned()]);
        assert!(json.contains(r#""types":[{"name":"zip","type":null}]"#), "{json}");
    }
}
