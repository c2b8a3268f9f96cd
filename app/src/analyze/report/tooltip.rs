//! The numbers under the pointer, taken from the table that belongs to each chart.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::panel_html::all;

/// Where the plotting area of a chart begins and ends, as parts of its width of 560.
const LEFT: f64 = 42.0 / 560.0;
const RIGHT: f64 = 546.0 / 560.0;

/// One tooltip; copies are the same.
#[derive(Clone, Copy)]
pub struct Tooltip {
    words: RwSignal<Option<[String; 3]>>,
    node: NodeRef<html::Div>,
}

impl Tooltip {
    pub fn new() -> Self {
        Self { words: RwSignal::new(None), node: NodeRef::new() }
    }

    pub fn hide(self) {
        self.words.set(None);
    }

    /// Shows the row of the chart's table that the pointer stands over.
    pub fn follow(self, event: &PointerEvent) {
        let found = row_under(event);
        if let (Some(_), Some(node)) = (&found, self.node.get_untracked()) {
            let style = web_sys::HtmlElement::style(&node);
            let right = f64::from(event.client_x()) > window_width() - 220.0;
            let x = f64::from(event.client_x()) + if right { -180.0 } else { 14.0 };
            let _ = style.set_property("left", &format!("{x:.0}px"));
            let _ = style.set_property("top", &format!("{}px", event.client_y() + 14));
        }
        self.words.set(found);
    }

    pub fn view(self) -> impl IntoView {
        let word = move |at: usize| move || self.words.get().map(|words| words[at].clone());
        view! {
            <div class="tooltip" aria-hidden="true" node_ref=self.node data-shown=move || self.words.get().map(|_| "")>
                <b>{word(0)}</b>
                <span data-side="reference">{word(1)}</span>
                <span data-side="current">{word(2)}</span>
            </div>
        }
    }
}

fn window_width() -> f64 {
    window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(0.0)
}

/// Value, reference and current.
fn row_under(event: &PointerEvent) -> Option<[String; 3]> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let svg = target
        .closest("svg.ch")
        .ok()
        .flatten()
        .or_else(|| target.closest("figure").ok().flatten()?.query_selector("svg.ch").ok().flatten())?;
    let figure = svg.closest("figure").ok().flatten()?;
    let frame = svg.get_bounding_client_rect();
    if f64::from(event.client_y()) < frame.top() || f64::from(event.client_y()) > frame.bottom() {
        return None;
    }
    let share = ((f64::from(event.client_x()) - frame.left()) / frame.width() - LEFT) / (RIGHT - LEFT);
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    let rows: Vec<Element> =
        all(&figure, ".data tr").into_iter().filter(|row| row.query_selector("td").ok().flatten().is_some()).collect();
    let cells = |row: &Element| -> Option<[String; 3]> {
        let texts: Vec<String> = all(row, "td").iter().filter_map(|cell| cell.text_content()).collect();
        <[String; 3]>::try_from(texts).ok()
    };
    if figure.class_list().contains("dist") {
        // Bins are equally wide.
        let at = ((share * rows.len() as f64) as usize).min(rows.len().checked_sub(1)?);
        let [from, reference, current] = cells(&rows[at])?;
        let words = match rows.get(at + 1).and_then(cells) {
            Some([to, ..]) => format!("{from} to {to}"),
            None => format!("{from} and up"),
        };
        return Some([words, format!("reference {reference}"), format!("current {current}")]);
    }
    let values: Vec<f64> = rows.iter().filter_map(|row| value(&cells(row)?[0])).collect();
    let (first, last) = stretch(&figure).or_else(|| Some((*values.first()?, *values.last()?)))?;
    let wanted = first + share * (last - first);
    let at = (0..values.len()).min_by(|a, b| (values[*a] - wanted).abs().total_cmp(&(values[*b] - wanted).abs()))?;
    let [at, reference, current] = cells(rows.get(at)?)?;
    Some([format!("up to {at}"), format!("reference {reference}"), format!("current {current}")])
}

/// The values from which to which the charts of a column go: those of its histogram, whose bins are equally wide.
fn stretch(figure: &Element) -> Option<(f64, f64)> {
    let histogram = figure.parent_element()?.query_selector("figure.dist").ok().flatten()?;
    let edges: Vec<f64> =
        all(&histogram, ".data tr td:first-child").iter().filter_map(|cell| value(&cell.text_content()?)).collect();
    let (first, last) = (*edges.first()?, *edges.last()?);
    Some((first, last + (last - first) / (edges.len() - 1).max(1) as f64))
}

/// A number or a date as the engine writes it.
fn value(text: &str) -> Option<f64> {
    let plain = text.replace(',', "").replace('−', "-");
    plain.parse().ok().or_else(|| Some(js_sys::Date::parse(&plain)).filter(|at| !at.is_nan()))
}
