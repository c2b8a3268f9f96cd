//! One text input cut in two, for people who have a single file.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Refusal, RefusalKind, Result};
use crate::format;
use crate::profile::{ColumnProfile, Profile};
use crate::read::{self, Cut, Half};
use crate::schema::ColumnType;
use crate::worker::settings;

/// What one needs to know of an input to cut it.
#[derive(Serialize)]
struct Survey<'a> {
    n_rows: u64,
    times: Vec<TimeColumn<'a>>,
}

/// A column of times: its first, its median and its last.
#[derive(Serialize)]
struct TimeColumn<'a> {
    name: &'a str,
    first: String,
    middle: String,
    last: String,
}

/// The survey of an input that was read, as JSON.
pub fn survey(profile: &Profile) -> String {
    let n_rows = profile.columns.iter().map(|column| column.counts.n_rows).max().unwrap_or(0);
    let survey = Survey { n_rows, times: profile.columns.iter().filter_map(time_column).collect() };
    serde_json::to_string(&survey).expect("counts and texts")
}

fn time_column(column: &ColumnProfile) -> Option<TimeColumn<'_>> {
    let n_filled = column.counts.n_rows - column.counts.n_null;
    if 2 * column.n_times() <= n_filled {
        return None;
    }
    let typed = column.typed(ColumnType::Datetime);
    let at = |seconds: Option<f64>| seconds.map(format::time);
    Some(TimeColumn {
        name: &column.name,
        first: at(typed.sample.min())?,
        middle: at(typed.sample.quantile(0.5))?,
        last: at(typed.sample.max())?,
    })
}

/// One input while it is being cut.
#[wasm_bindgen]
pub struct Splitter {
    splitter: read::Splitter,
    halves: [Vec<u8>; 2],
}

#[wasm_bindgen]
impl Splitter {
    /// A splitter after the first `n_rows` rows.
    #[wasm_bindgen(js_name = atRow)]
    pub fn at_row(name: &str, settings_json: &str, n_rows: f64) -> std::result::Result<Splitter, JsError> {
        Ok(Self::new(name, settings_json, Cut::AtRow(n_rows.max(0.0) as u64))?)
    }

    /// A splitter at a time of a column, spelled as in a file.
    #[wasm_bindgen(js_name = atTime)]
    pub fn at_time(
        name: &str,
        settings_json: &str,
        column: &str,
        time: &str,
    ) -> std::result::Result<Splitter, JsError> {
        let micros = read::time_of(time).ok_or_else(|| {
            let found = format!("`{time}`");
            let expected = "a time such as 2013-01-31T15:04";
            Error::from(Refusal::new(RefusalKind::InvalidOption, found, expected, "choose another time"))
        })?;
        Ok(Self::new(name, settings_json, Cut::AtTime { column: column.to_owned(), micros })?)
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> std::result::Result<(), JsError> {
        self.splitter.push(bytes)?;
        self.halves = self.splitter.take();
        Ok(())
    }

    /// Text of the reference (0) or current (1) that the last call brought.
    pub fn take(&mut self, side: usize) -> Vec<u8> {
        self.halves.get_mut(side).map(std::mem::take).unwrap_or_default()
    }

    /// Ends cutting; the rest is taken from what this gives.
    pub fn finish(self) -> std::result::Result<Halves, JsError> {
        Ok(Halves { halves: self.splitter.finish()? })
    }

    fn new(name: &str, settings_json: &str, cut: Cut) -> Result<Self> {
        let splitter = read::Splitter::new(&settings::read_options(name, settings_json)?, cut)?;
        Ok(Self { splitter, halves: Default::default() })
    }
}

/// The ends of both halves.
#[wasm_bindgen]
pub struct Halves {
    halves: [Half; 2],
}

#[wasm_bindgen]
impl Halves {
    /// Text of the reference (0) or current (1).
    pub fn take(&mut self, side: usize) -> Vec<u8> {
        self.halves.get_mut(side).map(|half| std::mem::take(&mut half.bytes)).unwrap_or_default()
    }
}
