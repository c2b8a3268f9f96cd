//! A report in a link: a summary without rows, compressed, in the fragment.

use leptos::{prelude::*, task::spawn_local};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

use crate::analyze::{
    download::blob_of,
    session::{Origin, Session},
};

/// What a fragment with a report begins with; the number is the version.
const MARK: &str = "#report=1.";
/// The longest link that mail programs and chats leave whole.
const LONGEST: usize = 16_000;
/// The longest fragment that is opened at all.
const LONGEST_OPENED: usize = 64_000;
/// Columns with charts, tried in turn until the link is short enough.
const DETAILS: [usize; 5] = [16, 8, 4, 1, 0];

#[wasm_bindgen]
extern "C" {
    type CompressionStream;
    #[wasm_bindgen(constructor)]
    fn new(format: &str) -> CompressionStream;

    type DecompressionStream;
    #[wasm_bindgen(constructor)]
    fn new(format: &str) -> DecompressionStream;

    type Stream;
    #[wasm_bindgen(method, js_name = pipeThrough)]
    fn pipe_through(this: &Stream, through: &JsValue) -> web_sys::ReadableStream;
}

/// A link with a summary of the report.
///
/// # Errors
/// In words, when even the shortest summary is too long.
pub async fn link(report: &str, with_labels: bool) -> Result<String, String> {
    let broken = || "The link could not be made: save the report as HTML instead.".to_owned();
    let report: Value = serde_json::from_str(report).map_err(|_| broken())?;
    for n_detailed in DETAILS {
        let summary = summary(report.clone(), n_detailed, with_labels).to_string();
        let packed = packed(&summary).await.ok_or_else(broken)?;
        if packed.len() <= LONGEST {
            let location = window().location();
            let (origin, path) = (location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
            return Ok(format!("{origin}{path}{MARK}{packed}"));
        }
    }
    Err("This report has too many columns for a link: save it as HTML or JSON and send the file.".to_owned())
}

/// The report without rows' contents: charts of the columns that changed most, and labels only when asked for.
fn summary(mut report: Value, n_detailed: usize, with_labels: bool) -> Value {
    for side in ["reference", "current"] {
        report[side]["findings"]["listed"] = json!([]);
    }
    report["receipt"]["options"] = json!("");
    let mut with_text = Vec::new();
    if let Some(columns) = report["columns"].as_array_mut() {
        let mut order: Vec<(usize, f64)> =
            columns.iter().enumerate().map(|(at, it)| (at, it["severity"].as_f64().unwrap_or(-1.0))).collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        let detailed: Vec<usize> = order.iter().take(n_detailed).map(|(at, _)| *at).collect();
        for (at, column) in columns.iter_mut().enumerate() {
            let has_labels = !matches!(column["type"].as_str(), Some("numeric" | "datetime"));
            shorten(column, detailed.contains(&at));
            if has_labels && !with_labels {
                with_text.extend(column["name"].as_str().map(str::to_owned));
                without_labels(column);
            }
        }
    }
    let is_about_labels = |lead: &str| with_text.iter().any(|name| lead.contains(&format!("`{name}`")));
    if report["lead"].as_str().is_some_and(is_about_labels)
        && let Some(report) = report.as_object_mut()
    {
        report.remove("lead");
    }
    report
}

/// Leaves out what a summary does without.
fn shorten(column: &mut Value, is_detailed: bool) {
    column["metrics"] = json!({});
    column["type_reason"] = json!("left out of the link");
    let Some(fields) = column.as_object_mut() else { return };
    if !is_detailed {
        for key in ["histogram", "cumulative", "new_categories", "vanished_categories"] {
            fields.remove(key);
        }
        fields.insert("contributions".to_owned(), json!([]));
    }
    for side in ["reference", "current"] {
        if let Some(side) = fields.get_mut(side).and_then(Value::as_object_mut) {
            side.remove("top_categories");
            side.remove("text");
            side.remove("datetime");
        }
    }
}

/// Leaves out labels, and the sentences that may name them.
fn without_labels(column: &mut Value) {
    column["why"] = json!("Labels were left out of this link, and with them the words about them.");
    column["what_changed"] = json!("labels left out");
    column["contributions"] = json!([]);
    if let Some(fields) = column.as_object_mut() {
        for key in ["new_categories", "vanished_categories", "cause"] {
            fields.remove(key);
        }
    }
}

/// Opens the report of the address, if it holds one.
pub fn open_from_address(session: Session) {
    let fragment = window().location().hash().unwrap_or_default();
    let Some(packed) = fragment.strip_prefix(MARK).map(str::to_owned) else { return };
    spawn_local(async move {
        match unpacked(&packed).await {
            Some(json) => session.open(json, Origin::Shared).await,
            None => session.say("The report in this link cannot be read. Was the link cut off?"),
        }
    });
}

async fn packed(text: &str) -> Option<String> {
    let bytes = through(&blob_of(text, ""), &CompressionStream::new("deflate-raw")).await?;
    let letters: String = bytes.into_iter().map(char::from).collect();
    let text = window().btoa(&letters).ok()?;
    Some(text.trim_end_matches('=').replace('+', "-").replace('/', "_"))
}

async fn unpacked(packed: &str) -> Option<String> {
    if packed.len() > LONGEST_OPENED {
        return None;
    }
    let letters = window().atob(&packed.replace('-', "+").replace('_', "/")).ok()?;
    let bytes: Vec<u8> = letters.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect::<Option<_>>()?;
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes.as_slice()));
    let blob = Blob::new_with_u8_array_sequence(&parts).ok()?;
    String::from_utf8(through(&blob, &DecompressionStream::new("deflate-raw")).await?).ok()
}

/// The bytes of a blob after a stream has worked on them.
async fn through(blob: &Blob, stream: &JsValue) -> Option<Vec<u8>> {
    let out = blob.stream().unchecked_into::<Stream>().pipe_through(stream);
    let response = Response::new_with_opt_readable_stream(Some(&out)).ok()?;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Value {
        json!({
            "lead": "`city` changed most: Oslo is new.",
            "reference": {"findings": {"listed": [{"found": "secret cell"}]}},
            "current": {"findings": {"listed": []}},
            "receipt": {"options": "x", "digest": "d"},
            "columns": [
                {"name": "city", "type": "categorical", "severity": 0.9, "why": "Oslo rose.", "what_changed": "Oslo",
                 "type_reason": "r", "metrics": {"l_infinity": {"detail": "Oslo"}}, "cause": {"text": "Oslo"},
                 "contributions": [{"label": "Oslo"}], "new_categories": [{"label": "Oslo"}],
                 "reference": {"top_categories": [{"label": "Oslo"}]}, "current": {}},
                {"name": "age", "type": "numeric", "severity": 0.1, "why": "median rose", "what_changed": "median",
                 "type_reason": "r", "metrics": {}, "contributions": [1], "histogram": {}, "reference": {}, "current": {}},
            ],
        })
    }

    #[test]
    fn no_label_is_left_unless_it_is_asked_for() {
        let text = summary(report(), 8, false).to_string();
        assert!(!text.contains("Oslo"), "{text}");
        assert!(!text.contains("secret cell"), "{text}");
        assert!(text.contains("median rose"), "{text}");
        assert!(summary(report(), 8, true).to_string().contains("Oslo"));
    }

    #[test]
    fn charts_stay_for_the_columns_that_changed_most() {
        let one = summary(report(), 1, true);
        assert!(one["columns"][1].get("histogram").is_none());
        let two = summary(report(), 2, true);
        assert!(two["columns"][1].get("histogram").is_some());
        assert_eq!(two["receipt"]["digest"], "d");
    }
}
