//! The face of the engine for Web Workers and Node: bytes and JSON in, JSON and HTML out.

#[cfg(all(feature = "reader", feature = "parquet"))]
mod parquet;
#[cfg(feature = "reader")]
mod reader;
#[cfg(feature = "session")]
mod session;
mod settings;
#[cfg(feature = "split")]
mod splitter;

/// Compares two files that are in memory and gives the report as JSON, the same as the command line gives for them.
///
/// # Errors
/// The engine's message when an input is refused, or what is wrong with `settings_json`.
#[cfg(all(feature = "reader", feature = "session"))]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn check_files(
    reference: &[u8],
    reference_name: &str,
    current: &[u8],
    current_name: &str,
    settings_json: &str,
) -> Result<String, wasm_bindgen::JsError> {
    let profile = |name: &str, bytes: &[u8]| {
        crate::read::profile_bytes(name, bytes, &settings::read_options(name, settings_json)?)
    };
    let options = settings::JudgeSettings::parse(settings_json)?.compare_options();
    let (reference, current) = (profile(reference_name, reference)?, profile(current_name, current)?);
    Ok(serde_json::to_string(&crate::compare::compare(&reference, &current, &options)?)?)
}
