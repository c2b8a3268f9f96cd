//! One input as a worker reads it. The module with this alone is small, and is loaded before any file is dropped.

use wasm_bindgen::prelude::*;

use crate::profile::ColumnProfile;
use crate::read::PushReader;
use crate::worker::settings;

/// One input while it is being read.
#[wasm_bindgen]
pub struct Reader {
    reader: PushReader,
}

#[wasm_bindgen]
impl Reader {
    /// A reader for an input called `name`.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, settings_json: &str) -> Result<Reader, JsError> {
        Ok(Self { reader: PushReader::new(&settings::read_options(name, settings_json)?)? })
    }

    /// Takes the next bytes; gives the rows read so far.
    pub fn push(&mut self, bytes: &[u8]) -> Result<f64, JsError> {
        self.reader.push(bytes)?;
        Ok(self.reader.n_rows() as f64)
    }

    /// Ends reading and gives what one needs to know to cut the input in two, as JSON.
    #[cfg(feature = "split")]
    pub fn survey(self) -> Result<String, JsError> {
        Ok(crate::worker::splitter::survey(&self.reader.finish()?))
    }

    /// Ends reading.
    pub fn finish(self) -> Result<Parts, JsError> {
        let profile = self.reader.finish()?;
        Ok(Parts { head: profile.head_to_worker(), columns: profile.columns.into_iter() })
    }
}

/// A profile on its way to a session: its head, then its columns one by one, each let go when it is handed out.
#[wasm_bindgen]
pub struct Parts {
    head: Vec<u8>,
    columns: std::vec::IntoIter<ColumnProfile>,
}

#[wasm_bindgen]
impl Parts {
    /// All but the columns.
    pub fn head(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.head)
    }

    /// The next column, or nothing after the last.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        self.columns.next().map(|column| column.to_worker())
    }
}
