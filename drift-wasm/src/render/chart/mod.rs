//! Charts of a report as SVG inside a `figure`: drawn with `plotters`, styled by the page's variables.

mod backend;
mod contributions;
mod cumulative;
mod distribution;
mod inset;
mod mini;

pub(super) use contributions::contributions;
pub(super) use cumulative::cumulative;
pub(super) use distribution::distribution;
pub(super) use mini::mini;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::PathElement;
use plotters::prelude::Cartesian2d;
use plotters::style::{IntoFont, TextStyle};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use std::convert::Infallible;

use crate::format::{date, number};
use crate::render::escape;
use crate::schema::ColumnType;
use backend::{Canvas, Drawing, Ink, SCALE};

type Drawn = Result<(), DrawingAreaErrorKind<Infallible>>;
type Root<'a> = DrawingArea<Canvas<'a>, Shift>;
type Plane<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Size of a large chart in pixels; across, it stretches.
const WIDTH: u32 = 560;
const HEIGHT: u32 = 232;

/// Margins of a large chart around its plotting area, in pixels.
const TOP: i32 = 22;
const RIGHT: i32 = 14;
const BOTTOM: i32 = 22;
const LEFT: i32 = 42;

/// What stands around a chart.
pub(super) struct Caption<'a> {
    pub title: &'a str,
    pub unit: &'a str,
    /// What the chart shows, for those who do not see it.
    pub description: String,
    /// The class of the figure.
    pub class: &'static str,
    /// Said above the chart on a phone, where its own words have no room.
    pub narrow: String,
    /// Whether the sides are named above the chart rather than on their lines.
    pub has_key: bool,
    /// The numbers behind it, as rows of a table; left out when empty.
    pub table: String,
}

/// A chart of 560 by 232 in a figure.
fn figure(caption: &Caption, draw: impl FnOnce(&Root) -> Drawn) -> String {
    let svg = svg(
        (WIDTH, HEIGHT),
        &format!("<title>{}</title><desc>{}</desc>", escape(caption.title), escape(&caption.description)),
        draw,
    );
    let table = if caption.table.is_empty() {
        String::new()
    } else {
        format!("<details class=\"data\"><summary>Table</summary><div><table>{}</table></div></details>", caption.table)
    };
    let key = if caption.has_key {
        "<span class=\"key\"><i class=\"kr\"></i>Reference <i class=\"kc\"></i>Current</span>"
    } else {
        ""
    };
    format!(
        "<figure class=\"card {}\"><figcaption><b>{}</b> {}{key} <span class=\"ph\">{}</span></figcaption>{svg}{table}</figure>",
        caption.class,
        escape(caption.title),
        escape(caption.unit),
        escape(&caption.narrow)
    )
}

/// An `svg` element of a drawing.
fn svg((width, height): (u32, u32), head: &str, draw: impl FnOnce(&Root) -> Drawn) -> String {
    let mut drawing = Drawing::default();
    {
        let root = Canvas { drawing: &mut drawing, size: (width, height) }.into_drawing_area();
        // The backend cannot fail; what `plotters` itself refuses leaves the chart empty, and its numbers stand beside it.
        let _ = draw(&root);
    }
    let role = if head.is_empty() { "aria-hidden=\"true\"" } else { "role=\"img\"" };
    format!("<svg class=\"ch\" {role} height=\"{height}\">{head}{}</svg>", drawing.finish(width, height))
}

/// A plane with axes in the margins of a large chart.
fn plane<'a, 'b>(
    root: &'a Root<'b>,
    x: (f64, f64),
    y: (f64, f64),
) -> Result<Plane<'a, 'b>, DrawingAreaErrorKind<Infallible>> {
    ChartBuilder::on(root)
        .margin_top(TOP * SCALE)
        .margin_right(RIGHT * SCALE)
        .margin_bottom(BOTTOM * SCALE)
        .margin_left(LEFT * SCALE)
        .build_cartesian_2d(x.0..x.1, y.0..y.1)
}

/// Level lines with shares at the left, the axis with values below.
fn axes(root: &Root, chart: &Plane, x: (f64, f64), y: (f64, f64), kind: ColumnType) -> Drawn {
    let levels = ticks(y.0, y.1, 4);
    for level in levels.iter().filter(|level| **level > y.0) {
        let ends = [(x.0, *level), (x.1, *level)].map(|at| chart.backend_coord(&at));
        line(root, Ink::Grid, &ends)?;
    }
    let axis = [(x.0, y.0), (x.1, y.0)].map(|at| chart.backend_coord(&at));
    line(root, Ink::Axis, &axis)?;
    let values = ticks(x.0, x.1, if kind == ColumnType::Datetime { 4 } else { 7 });
    for value in &values {
        let (px, py) = chart.backend_coord(&(*value, y.0));
        line(root, Ink::Axis, &[(px, py), (px, py + 4 * SCALE)])?;
    }
    let last = levels.len().saturating_sub(1);
    for (index, level) in levels.iter().enumerate() {
        let (px, py) = chart.backend_coord(&(x.0, *level));
        let unit = if index == last { "\u{a0}%" } else { "" };
        let label = format!("{}{unit}", number(libm::round(level * 1e6) / 1e4));
        text(root, Ink::AxisText, &label, (px - 7 * SCALE, py), END)?;
    }
    let thins = values.len() > 5 || kind == ColumnType::Datetime;
    // Where there is little room every second label goes; labels of one class stand together, which is shorter.
    for (parity, ink) in [(0, Ink::AxisText), (1, Ink::OddAxisText)] {
        let ink = if thins { ink } else { Ink::AxisText };
        for value in values.iter().skip(parity).step_by(2) {
            let (px, py) = chart.backend_coord(&(*value, y.0));
            text(root, ink, &shown(*value, kind), (px, py + 7 * SCALE), UNDER)?;
        }
    }
    Ok(())
}

const END: (HPos, VPos) = (HPos::Right, VPos::Center);
const START: (HPos, VPos) = (HPos::Left, VPos::Center);
const UNDER: (HPos, VPos) = (HPos::Center, VPos::Top);

fn line(root: &Root, ink: Ink, points: &[(i32, i32)]) -> Drawn {
    root.draw(&PathElement::new(points.to_vec(), ink.color()))
}

fn text(root: &Root, ink: Ink, text: &str, at: (i32, i32), (across, down): (HPos, VPos)) -> Drawn {
    let color = ink.color();
    let style = TextStyle::from(("sans-serif", 11 * SCALE).into_font()).color(&color).pos(Pos::new(across, down));
    root.draw_text(text, &style, at)
}

/// A value of a column of `kind`.
pub(super) fn shown(value: f64, kind: ColumnType) -> String {
    if kind == ColumnType::Datetime { date(value) } else { number(value) }
}

/// About `n` round values within `low` and `high`.
fn ticks(low: f64, high: f64, n: usize) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low];
    }
    let rough = span / n as f64;
    let unit = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|part| part * unit).find(|step| *step >= rough * 0.999).unwrap_or(rough);
    let first = libm::ceil(low / step - 1e-9);
    let last = libm::floor(high / step + 1e-9);
    if !first.is_finite() || last - first > 40.0 {
        return vec![low, high];
    }
    (0..=(last - first) as usize).map(|index| (first + index as f64) * step).collect()
}

/// The corners of steps over `edges`, level by level.
fn steps(edges: &[f64], levels: &[f64]) -> Vec<(f64, f64)> {
    edges.windows(2).zip(levels).flat_map(|(pair, level)| [(pair[0], *level), (pair[1], *level)]).collect()
}
