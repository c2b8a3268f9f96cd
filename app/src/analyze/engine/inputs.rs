//! What is compared: bytes with a name.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::call::Failure;

/// An input: a file, or text that was pasted.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its name, for messages and the report.
    pub name: String,
    /// Its bytes; read slice by slice, never whole.
    pub blob: Blob,
}

impl Input {
    /// Text as an input.
    pub fn of_text(name: &str, text: &str) -> Result<Self, Failure> {
        let parts = js_sys::Array::of1(&JsValue::from_str(text));
        let blob = Blob::new_with_str_sequence(&parts).map_err(|_| Failure::broken("the browser made no file"))?;
        Ok(Self { name: name.to_owned(), blob })
    }

    /// Whether it needs the large reader: Parquet, or text behind zstd. Both say so in their first bytes.
    pub async fn needs_large_reader(&self) -> Result<bool, Failure> {
        let unreadable = |_: JsValue| {
            Failure::refused("the browser can no longer read the file: was it moved or changed? Choose it again.")
        };
        let head = self.blob.slice_with_f64_and_f64(0.0, 4.0).map_err(unreadable)?;
        let head = Uint8Array::new(&JsFuture::from(head.array_buffer()).await.map_err(unreadable)?).to_vec();
        Ok(head == b"PAR1" || head == [0x28, 0xb5, 0x2f, 0xfd])
    }
}
