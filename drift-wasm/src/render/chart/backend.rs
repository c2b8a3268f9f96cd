//! A drawing backend of `plotters` that writes SVG: classes instead of colours, fixed text metrics, half pixels.
//!
//! The picture stretches to any width without its text or lines growing: shapes stand in an inner viewport that is
//! scaled across, text in the outer one at percentages of its width.

use std::convert::Infallible;

use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use crate::render::escape;

/// Units of the drawing area in one pixel.
pub(super) const SCALE: i32 = 2;
/// Mean advance of a character as a part of the font size.
const ADVANCE: f64 = 0.56;

/// What a stroke, a fill or a text is for; the page's style sheet says how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Grid,
    Axis,
    Reference,
    Current,
    ReferenceArea,
    ReferenceMedian,
    CurrentMedian,
    Bracket,
    Drop,
    AxisText,
    OddAxisText,
    ReferenceText,
    CurrentText,
    BracketText,
}

impl Ink {
    const ALL: [Self; 14] = [
        Self::Grid,
        Self::Axis,
        Self::Reference,
        Self::Current,
        Self::ReferenceArea,
        Self::ReferenceMedian,
        Self::CurrentMedian,
        Self::Bracket,
        Self::Drop,
        Self::AxisText,
        Self::OddAxisText,
        Self::ReferenceText,
        Self::CurrentText,
        Self::BracketText,
    ];

    /// The class, by the order of `ALL`.
    const CLASSES: [&'static str; 14] = ["g", "a", "r", "c", "f", "mr", "mc", "d", "q", "t", "t o", "tr", "tc", "td"];

    /// The colour by which `plotters` carries it to the backend.
    pub(super) fn color(self) -> RGBColor {
        RGBColor(self as u8, 0, 0)
    }

    fn class(color: BackendColor) -> &'static str {
        Self::CLASSES.get(usize::from(color.rgb.0)).copied().unwrap_or(Self::CLASSES[Self::ALL.len() - 1])
    }
}

/// What was drawn so far.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    shapes: String,
    texts: String,
    open: Option<&'static str>,
    group: String,
}

impl Drawing {
    /// The inner parts of an `svg` element of `width` by `height` pixels.
    pub(super) fn finish(mut self, width: u32, height: u32) -> String {
        self.close();
        if !self.group.is_empty() {
            self.texts += "</g>";
        }
        format!(
            "<svg viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\">{}</svg>{}",
            self.shapes, self.texts
        )
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.shapes += "\"/>";
        }
    }

    /// Adds to a path of `class`; neighbours of one class share an element.
    fn path(&mut self, class: &'static str, points: impl IntoIterator<Item = BackendCoord>) {
        if self.open != Some(class) {
            self.close();
            self.shapes += &format!("<path class=\"{class}\" d=\"");
            self.open = Some(class);
        }
        let points = straight(points);
        let Some(first) = points.first() else { return };
        self.shapes += &format!("M{} {}", half(first.0), half(first.1));
        for pair in points.windows(2) {
            let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
            self.shapes += &match (dx, dy) {
                (dx, 0) => format!("h{}", half(dx)),
                (0, dy) => format!("v{}", half(dy)),
                (dx, dy) if dy < 0 => format!("l{}{}", half(dx), half(dy)),
                (dx, dy) => format!("l{} {}", half(dx), half(dy)),
            };
        }
    }
}

/// Drops points that repeat or that lie between their neighbours on one level or upright line.
fn straight(points: impl IntoIterator<Item = BackendCoord>) -> Vec<BackendCoord> {
    let mut out: Vec<BackendCoord> = Vec::new();
    for point in points {
        if out.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = out.as_slice()
            && ((a.0 == b.0 && b.0 == point.0) || (a.1 == b.1 && b.1 == point.1))
        {
            out.pop();
        }
        out.push(point);
    }
    out
}

/// Half pixels as pixels, as short as it goes.
fn half(value: i32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    match (value / 2, value % 2) {
        (whole, 0) => format!("{sign}{whole}"),
        (0, _) => format!("{sign}.5"),
        (whole, _) => format!("{sign}{whole}.5"),
    }
}

/// The backend; it writes to a [`Drawing`].
pub(super) struct Canvas<'a> {
    pub(super) drawing: &'a mut Drawing,
    /// Size in pixels.
    pub(super) size: (u32, u32),
}

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.size.0 * SCALE as u32, self.size.1 * SCALE as u32)
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome {
        self.drawing.path(Ink::class(color), [point, (point.0 + 1, point.1)]);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.drawing.path(Ink::class(style.color()), [from, to]);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Outcome {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        self.drawing.path(Ink::class(style.color()), corners);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        // The edge that an area series has unless it is asked for another.
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        self.drawing.path(Ink::class(style.color()), path);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Outcome {
        self.drawing.path(Ink::class(style.color()), vert);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Outcome {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " m",
            HPos::Right => " e",
        };
        let below = match style.anchor().v_pos {
            VPos::Top => style.size() * 0.8,
            VPos::Center => style.size() * 0.35,
            VPos::Bottom => 0.0,
        };
        let share = 1000.0 * f64::from(x) / f64::from(self.get_size().0);
        let tenths = libm::round(share) as i64;
        let class = Ink::class(style.color());
        let group = format!("{class}{anchor}");
        if self.drawing.group != group {
            if !self.drawing.group.is_empty() {
                self.drawing.texts += "</g>";
            }
            self.drawing.texts += &format!("<g class=\"{group}\">");
            self.drawing.group = group;
        }
        self.drawing.texts += &format!(
            "<text x=\"{}.{}%\" y=\"{}\">{}</text>",
            tenths / 10,
            (tenths % 10).abs(),
            half(y + libm::round(below) as i32),
            escape(text)
        );
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = text.chars().count() as f64 * ADVANCE * style.size();
        Ok((libm::ceil(width) as u32, libm::ceil(style.size()) as u32))
    }
}
