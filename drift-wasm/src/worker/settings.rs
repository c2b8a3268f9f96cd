//! What a caller may set; everything else has the defaults of the command line.
//!
//! One JSON document, of which reading and judging each take their part:
//! `{"schema", "exact_limit", "format"}` and `{"policy", "all_metrics", "types"}`.

use serde::Deserialize;

use crate::error::{Refusal, RefusalKind, Result};

#[derive(Deserialize, Default)]
#[serde(default)]
struct ReadSettings {
    schema: SchemaFile,
    exact_limit: Option<usize>,
    format: Option<crate::read::InputFormat>,
}

/// A schema as `driftsiren check --schema` takes it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SchemaFile {
    parse: crate::read::ParseOptions,
    time_format: Option<String>,
    columns: Vec<crate::schema::ColumnHint>,
}

/// How to read an input called `name`.
pub fn read_options(name: &str, json: &str) -> Result<crate::read::ReadOptions> {
    let settings: ReadSettings = parse(json)?;
    let usual = crate::read::ReadOptions::new(name);
    let mut parse = settings.schema.parse;
    parse.time_format = settings.schema.time_format.or(parse.time_format);
    Ok(crate::read::ReadOptions {
        format: settings.format,
        hints: settings.schema.columns,
        parse,
        exact_limit: settings.exact_limit.unwrap_or(usual.exact_limit),
        ..usual
    })
}

/// How to judge.
#[cfg(feature = "session")]
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct JudgeSettings {
    policy: Option<crate::monitor::Policy>,
    all_metrics: bool,
    /// Columns seen as another type than was inferred; rows are not read again for it.
    pub types: Vec<ColumnAs>,
}

/// A column and the type that it is to be seen as.
#[cfg(feature = "session")]
#[derive(Deserialize)]
pub struct ColumnAs {
    /// Its name.
    pub name: String,
    /// The type; inferred when `null`.
    pub r#type: Option<crate::schema::ColumnType>,
}

#[cfg(feature = "session")]
impl JudgeSettings {
    /// Settings from JSON.
    pub fn parse(json: &str) -> Result<Self> {
        parse(json)
    }

    /// How to judge.
    pub fn compare_options(&self) -> crate::compare::CompareOptions {
        crate::compare::CompareOptions {
            policy: self.policy.clone().unwrap_or_default(),
            all_metrics: self.all_metrics,
            ..crate::compare::CompareOptions::default()
        }
    }
}

/// Settings from JSON; the empty text stands for none.
fn parse<T: serde::de::DeserializeOwned + Default>(json: &str) -> Result<T> {
    if json.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(json).map_err(|error| {
        Refusal::new(RefusalKind::InvalidOption, error.to_string(), "settings as the docs describe them", "").into()
    })
}
