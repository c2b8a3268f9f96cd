//! The face of the engine for Web Workers and Node: bytes and JSON in, JSON out.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::compare::{CompareOptions, compare};
use crate::monitor::Policy;
use crate::read::{ParseOptions, ReadOptions, profile_bytes};
use crate::schema::ColumnHint;

/// What a caller may set; everything else has the defaults of the command line.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    schema: Option<SchemaFile>,
    policy: Option<Policy>,
    all_metrics: bool,
}

/// A schema as `driftsiren check --schema` takes it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SchemaFile {
    parse: serde_json::Value,
    time_format: Option<String>,
    columns: Vec<ColumnHint>,
}

/// Compares two files and gives the report as JSON, the same as the command line gives for the same files.
///
/// # Errors
/// The engine's message when an input is refused, or what is wrong with `options_json`.
#[wasm_bindgen]
pub fn check_files(
    reference: &[u8],
    reference_name: &str,
    current: &[u8],
    current_name: &str,
    options_json: &str,
) -> Result<String, JsError> {
    let settings: Settings = serde_json::from_str(options_json)?;
    let mut options = ReadOptions::new(reference_name);
    if let Some(schema) = settings.schema {
        options.hints = schema.columns;
        if !schema.parse.is_null() {
            options.parse = parse_options(schema.parse)?;
        }
        options.parse.time_format = schema.time_format;
    }
    let reference = profile_bytes(reference_name, reference, &options)?;
    let current = profile_bytes(current_name, current, &options)?;
    let comparison = CompareOptions {
        policy: settings.policy.unwrap_or_default(),
        all_metrics: settings.all_metrics,
        ..CompareOptions::default()
    };
    Ok(serde_json::to_string(&compare(&reference, &current, &comparison)?)?)
}

/// Parse options, in which `null` means "not given".
fn parse_options(mut parse: serde_json::Value) -> Result<ParseOptions, serde_json::Error> {
    if let Some(parse) = parse.as_object_mut() {
        parse.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(parse)
}
