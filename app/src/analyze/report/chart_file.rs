//! A chart as a file of its own: colours and lines are written into it, for it leaves the page's style sheet behind.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlImageElement, Url, XmlSerializer};

use super::panel_html::all;
use crate::analyze::download::{blob_of, save_blob};

/// Pixels of a picture for one of the page.
const SHARPNESS: f64 = 2.0;

/// What of a style a drawing keeps.
const KEPT: [&str; 13] = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-dasharray",
    "stroke-linejoin",
    "opacity",
    "font-size",
    "font-weight",
    "font-family",
    "text-anchor",
    "paint-order",
];

/// What a chart is saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Svg,
    Png,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Svg => "SVG",
            Self::Png => "PNG",
        }
    }
}

/// Saves the chart of a figure.
pub fn save(figure: &Element, kind: Kind, column: &str) {
    let Some((text, width, height)) = drawing(figure) else { return };
    let title = if figure.class_list().contains("dist") { "distribution" } else { "cumulative" };
    let name = format!("{column}-{title}.{}", kind.word().to_lowercase());
    match kind {
        Kind::Svg => save_blob(&blob_of(&text, "image/svg+xml"), &name),
        Kind::Png => spawn_local(async move {
            if let Some(picture) = picture(&text, width, height).await {
                save_blob(&picture, &name);
            }
        }),
    }
}

/// The chart as a document, with its size in pixels.
fn drawing(figure: &Element) -> Option<(String, f64, f64)> {
    let shown = figure.query_selector("svg.ch").ok().flatten()?;
    let size = shown.get_bounding_client_rect();
    let copy: Element = shown.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    let mut from = vec![shown.clone()];
    from.extend(all(&shown, "*"));
    let mut to = vec![copy.clone()];
    to.extend(all(&copy, "*"));
    for (from, to) in from.iter().zip(&to) {
        let Ok(Some(style)) = window().get_computed_style(from) else { continue };
        for property in KEPT {
            let value = style.get_property_value(property).unwrap_or_default();
            if !value.is_empty() && value != "none" || property == "fill" {
                let _ = to.set_attribute(property, &value);
            }
        }
        if style.get_property_value("display").is_ok_and(|display| display == "none") {
            let _ = to.set_attribute("display", "none");
        }
        let _ = to.remove_attribute("class");
    }
    let ground = document().create_element_ns(Some("http://www.w3.org/2000/svg"), "rect").ok()?;
    let card = window().get_computed_style(figure).ok().flatten()?;
    for (key, value) in
        [("width", "100%"), ("height", "100%"), ("fill", &card.get_property_value("background-color").ok()?)]
    {
        let _ = ground.set_attribute(key, value);
    }
    let _ = copy.insert_before(&ground, copy.first_child().as_ref());
    let _ = copy.set_attribute("xmlns", "http://www.w3.org/2000/svg");
    let _ = copy.set_attribute("width", &format!("{:.0}", size.width()));
    let _ = copy.set_attribute("height", &format!("{:.0}", size.height()));
    let text = XmlSerializer::new().ok()?.serialize_to_string(&copy).ok()?;
    Some((text, size.width(), size.height()))
}

/// A drawing as a picture.
async fn picture(text: &str, width: f64, height: f64) -> Option<Blob> {
    let url = Url::create_object_url_with_blob(&blob_of(text, "image/svg+xml")).ok()?;
    let image = HtmlImageElement::new().ok()?;
    image.set_src(&url);
    let decoded = JsFuture::from(image.decode()).await;
    let _ = Url::revoke_object_url(&url);
    decoded.ok()?;
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width((width * SHARPNESS) as u32);
    canvas.set_height((height * SHARPNESS) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok().flatten()?.dyn_into().ok()?;
    let (across, down) = (width * SHARPNESS, height * SHARPNESS);
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, across, down).ok()?;
    let made = js_sys::Promise::new(&mut |done, failed| {
        let give = Closure::once_into_js(move |blob: JsValue| {
            // A promise that is settled takes no second answer; nothing to handle.
            let _ = done.call1(&JsValue::NULL, &blob);
        });
        if canvas.to_blob(give.unchecked_ref()).is_err() {
            let _ = failed.call0(&JsValue::NULL);
        }
    });
    JsFuture::from(made).await.ok()?.dyn_into().ok()
}
