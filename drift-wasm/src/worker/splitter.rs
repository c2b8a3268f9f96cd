//! One text input cut in two, for people who have a single file.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Refusal, RefusalKind, Result};
use crate::format;
use crate::profile::{Assembly, ColumnProfile, Profile};
use crate::read::{self, Cut, Half, PushReader};
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

/// Reads an input to its end for its survey.
#[wasm_bindgen]
pub struct Surveyor {
    reader: PushReader,
    assembly: Assembly,
}

#[wasm_bindgen]
impl Surveyor {
    /// A surveyor of an input called `name`, of `n_bytes` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, options: &[u8], n_bytes: f64) -> std::result::Result<Surveyor, JsError> {
        let options = settings::taken(name, options)?;
        Ok(Self { reader: PushReader::new(&options, n_bytes as u64)?, assembly: Assembly::new(&options) })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> std::result::Result<(), JsError> {
        self.reader.push(bytes)?;
        Ok(self.profile_waiting()?)
    }

    /// Ends reading and gives what one needs to know to cut the input in two, as JSON.
    pub fn finish(mut self) -> std::result::Result<String, JsError> {
        let ending = self.reader.finish()?.encode();
        self.profile_waiting()?;
        Ok(survey(&self.assembly.end(&ending)?))
    }

    fn profile_waiting(&mut self) -> Result<()> {
        while let Some(mut pieces) = self.reader.profile_next()? {
            pieces.try_for_each(|piece| self.assembly.take(&piece.to_bytes()))?;
        }
        Ok(())
    }
}

/// The survey of an input that was read, as JSON.
fn survey(profile: &Profile) -> String {
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
    pub fn at_row(name: &str, options: &[u8], n_rows: f64) -> std::result::Result<Splitter, JsError> {
        Ok(Self::new(name, options, Cut::AtRow(n_rows.max(0.0) as u64))?)
    }

    /// A splitter at a time of a column, spelled as in a file.
    #[wasm_bindgen(js_name = atTime)]
    pub fn at_time(name: &str, options: &[u8], column: &str, time: &str) -> std::result::Result<Splitter, JsError> {
        let micros = read::time_of(time).ok_or_else(|| {
            let found = format!("`{time}`");
            let expected = "a time such as 2013-01-31T15:04";
            Error::from(Refusal::new(RefusalKind::InvalidOption, found, expected, "choose another time"))
        })?;
        Ok(Self::new(name, options, Cut::AtTime { column: column.to_owned(), micros })?)
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

    fn new(name: &str, options: &[u8], cut: Cut) -> Result<Self> {
        let splitter = read::Splitter::new(&settings::taken(name, options)?, cut)?;
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
