//! How the table is looked at: search, filters, order. All of it stands in the address, so that it can be kept.

use std::cmp::Ordering;

use drift::{report::ColumnView, schema::ColumnType, verdict::Verdict};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

/// What rows are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Severity,
    Name,
    Effect,
    Nulls,
    Position,
}

impl Order {
    pub const ALL: [Self; 5] = [Self::Severity, Self::Name, Self::Effect, Self::Nulls, Self::Position];

    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Name => "name",
            Self::Effect => "effect",
            Self::Nulls => "nulls",
            Self::Position => "position",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == word)
    }

    /// Compares two rows; what wants to be looked at comes first.
    fn compare(self, a: &ColumnView, b: &ColumnView) -> Ordering {
        let rank = |row: &ColumnView| Verdict::ALL.iter().position(|verdict| *verdict == row.verdict);
        let severity = |row: &ColumnView| row.severity.unwrap_or(-1.0);
        let times = |row: &ColumnView| row.effect.as_ref().map_or(-1.0, |effect| effect.times.unwrap_or(f64::INFINITY));
        let nulls = |row: &ColumnView| row.nulls.current - row.nulls.reference;
        let first = match self {
            Self::Severity => rank(a).cmp(&rank(b)).then_with(|| severity(b).total_cmp(&severity(a))),
            Self::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            Self::Effect => times(b).total_cmp(&times(a)),
            Self::Nulls => nulls(b).abs().total_cmp(&nulls(a).abs()),
            Self::Position => Ordering::Equal,
        };
        first.then(a.index.cmp(&b.index))
    }
}

/// How the table is looked at. Copies are the same state.
#[derive(Clone, Copy)]
pub struct ViewState {
    pub query: RwSignal<String>,
    pub kind: RwSignal<Option<ColumnType>>,
    pub verdict: RwSignal<Option<Verdict>>,
    pub order: RwSignal<Order>,
}

impl ViewState {
    /// As the address says.
    pub fn from_address() -> Self {
        let search = window().location().search().unwrap_or_default();
        let get = UrlSearchParams::new_with_str(&search).ok();
        let get = |key: &str| get.as_ref().and_then(|get| get.get(key));
        let verdict = |word: String| Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == word);
        Self {
            query: RwSignal::new(get("find").unwrap_or_default()),
            kind: RwSignal::new(get("type").and_then(|word| ColumnType::from_word(&word))),
            verdict: RwSignal::new(get("verdict").and_then(verdict)),
            order: RwSignal::new(get("sort").and_then(|word| Order::from_word(&word)).unwrap_or_default()),
        }
    }

    /// Writes every change into the address, without a step in the history.
    pub fn keep_in_address(self) {
        Effect::new(move |before: Option<String>| {
            let Ok(parameters) = UrlSearchParams::new() else { return String::new() };
            if !self.query.read().is_empty() {
                parameters.set("find", &self.query.read());
            }
            if let Some(kind) = self.kind.get() {
                parameters.set("type", kind.as_str());
            }
            if let Some(verdict) = self.verdict.get() {
                parameters.set("verdict", verdict.as_str());
            }
            if self.order.get() != Order::default() {
                parameters.set("sort", self.order.get().as_str());
            }
            let search = parameters.to_string().as_string().unwrap_or_default();
            if before.is_some_and(|before| before != search) {
                let location = window().location();
                let path = location.pathname().unwrap_or_default();
                let fragment = location.hash().unwrap_or_default();
                let mark = if search.is_empty() { "" } else { "?" };
                let address = format!("{path}{mark}{search}{fragment}");
                if let Ok(history) = window().history() {
                    // Browsers limit how often; the next change brings the address up to date.
                    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
                }
            }
            search
        });
    }

    /// Whether anything but the order was chosen.
    pub fn is_filtered(self) -> bool {
        !self.query.read().trim().is_empty() || self.kind.read().is_some() || self.verdict.read().is_some()
    }

    /// Shows every column again.
    pub fn show_all(self) {
        self.query.set(String::new());
        self.kind.set(None);
        self.verdict.set(None);
    }

    /// The positions of the rows to show, in order.
    pub fn positions(self, columns: &[ColumnView]) -> Vec<usize> {
        let query = self.query.read().trim().to_lowercase();
        let (kind, verdict, order) = (self.kind.get(), self.verdict.get(), self.order.get());
        let is_shown = |row: &ColumnView| {
            (query.is_empty() || row.name.to_lowercase().contains(&query))
                && kind.is_none_or(|kind| row.r#type == kind)
                && verdict.is_none_or(|verdict| row.verdict == verdict)
        };
        let mut positions: Vec<usize> = (0..columns.len()).filter(|at| is_shown(&columns[*at])).collect();
        positions.sort_by(|a, b| order.compare(&columns[*a], &columns[*b]));
        positions
    }
}
