//! Two inputs as a worker holds them: read once, judged and drawn as often as the page asks.

use wasm_bindgen::prelude::*;

use crate::compare::{Measurements, compare_again};
use crate::profile::{Assembly, Profile};
use crate::render::{Format, RenderOptions, html, render};
use crate::report::{Report, ReportView};
use crate::worker::settings::{self, JudgeSettings};

/// Two inputs on their way from the workers that read them: 0 is the reference, 1 current.
#[wasm_bindgen]
pub struct Arrivals {
    sides: [Arrival; 2],
}

enum Arrival {
    Coming(Box<Assembly>),
    Here(Box<Profile>),
    /// Refused before it was complete.
    Broken,
}

#[wasm_bindgen]
impl Arrivals {
    /// Nothing yet of two inputs of these names.
    #[wasm_bindgen(constructor)]
    pub fn new(reference: &str, current: &str, settings_json: &str) -> Result<Arrivals, JsError> {
        let coming = |name| -> crate::Result<Arrival> {
            let options = settings::read_options(name, settings_json)?;
            Ok(Arrival::Coming(Box::new(Assembly::new(&options))))
        };
        Ok(Self { sides: [coming(reference)?, coming(current)?] })
    }

    /// How a side is to be read: for its readers.
    pub fn options(&self, side: usize) -> Result<Vec<u8>, JsError> {
        match self.sides.get(side) {
            Some(Arrival::Coming(assembly)) => Ok(settings::passed(assembly.options().clone())),
            _ => Err(no_side()),
        }
    }

    /// The next piece of a side; blocks come in the order of the input.
    pub fn take(&mut self, side: usize, piece: &[u8]) -> Result<(), JsError> {
        match self.sides.get_mut(side) {
            Some(Arrival::Coming(assembly)) => Ok(assembly.take(piece)?),
            _ => Err(no_side()),
        }
    }

    /// How a side ended, after its last block.
    pub fn end(&mut self, side: usize, ending: &[u8]) -> Result<(), JsError> {
        let arrival = self.sides.get_mut(side).ok_or_else(no_side)?;
        let Arrival::Coming(assembly) = std::mem::replace(arrival, Arrival::Broken) else { return Err(no_side()) };
        *arrival = Arrival::Here(Box::new(assembly.end(ending)?));
        Ok(())
    }
}

fn no_side() -> JsError {
    JsError::new("a part of an input that is not being read: drop the files again")
}

/// Both inputs, what was measured of them, and the last report.
#[wasm_bindgen]
pub struct Session {
    sides: Option<(Profile, Profile)>,
    measurements: Measurements,
    report: Report,
}

#[wasm_bindgen]
impl Session {
    /// Compares two inputs.
    #[wasm_bindgen(constructor)]
    pub fn new(arrivals: Arrivals, settings_json: &str) -> Result<Session, JsError> {
        let [Arrival::Here(reference), Arrival::Here(current)] = arrivals.sides else { return Err(no_side()) };
        let (mut sides, mut measurements) = ((*reference, *current), Measurements::default());
        let report = judge(&mut sides, &mut measurements, settings_json)?;
        Ok(Self { sides: Some(sides), measurements, report })
    }

    /// A report that was saved: it can be shown and exported, not judged again.
    #[wasm_bindgen(js_name = fromReport)]
    pub fn from_report(json: &str) -> Result<Session, JsError> {
        let report: Report = serde_json::from_str(json)?;
        Ok(Self { sides: None, measurements: Measurements::default(), report })
    }

    /// The same inputs under other settings, as [`Session::view`]; nothing is read again.
    pub fn judge(&mut self, settings_json: &str) -> Result<String, JsError> {
        let sides = self.sides.as_mut().ok_or_else(|| {
            JsError::new("a saved report holds no rows: drop the two files again to judge them under another policy")
        })?;
        self.report = judge(sides, &mut self.measurements, settings_json)?;
        self.view()
    }

    /// What the page shows of the report before a row is opened, as JSON.
    pub fn view(&self) -> Result<String, JsError> {
        Ok(serde_json::to_string(&ReportView::from(&self.report))?)
    }

    /// The report as JSON on one line.
    pub fn json(&self) -> Result<String, JsError> {
        Ok(serde_json::to_string(&self.report)?)
    }

    /// The report as `html`, `json`, `csv`, `markdown`, …, as the command line renders it.
    pub fn render(&self, format: &str) -> Result<String, JsError> {
        let known = Format::ALL.map(Format::as_str).join(", ");
        let format = Format::from_word(format)
            .ok_or_else(|| JsError::new(&format!("no format `{format}`; there are {known}")))?;
        Ok(render(&self.report, format, &RenderOptions::default()))
    }

    /// What stands in the open row of a column, as HTML: figures, charts with their tables, metrics.
    pub fn panel(&self, position: usize) -> Result<String, JsError> {
        let column = self.report.columns.get(position).ok_or_else(|| JsError::new("no such column"))?;
        Ok(html::panel(column, &self.report))
    }

    /// The small chart in the row of a column, as HTML.
    pub fn mini(&self, position: usize) -> Result<String, JsError> {
        let column = self.report.columns.get(position).ok_or_else(|| JsError::new("no such column"))?;
        Ok(html::mini(column))
    }
}

fn judge(sides: &mut (Profile, Profile), measurements: &mut Measurements, settings: &str) -> crate::Result<Report> {
    let settings = JudgeSettings::parse(settings)?;
    for profile in [&mut sides.0, &mut sides.1] {
        for column in &settings.types {
            if profile.see_as(&column.name, column.r#type) {
                measurements.forget_profiles();
            }
        }
    }
    compare_again(&sides.0, &sides.1, &settings.compare_options(), measurements)
}
