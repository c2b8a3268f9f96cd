//! Puts what the engine drew into the page: sizes as the policy allows them, links to what metrics mean, saving.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, HtmlElement};

use super::chart_file;

/// Which card a phone shows, kept over drawing again.
const CHOSEN: &str = "data-chosen-card";

/// Shows the engine's HTML.
pub fn show(node: &HtmlElement, html: &str, column: &str) {
    let chosen = node.get_attribute(CHOSEN).and_then(|at| at.parse().ok()).unwrap_or(0);
    // The page's policy allows no style in markup; set through the object model it is the page's own.
    node.set_inner_html(&html.replace(" style=", " data-style="));
    for element in all(node, "[data-style]") {
        if let (Some(style), Some(element)) = (element.get_attribute("data-style"), element.dyn_ref::<HtmlElement>()) {
            HtmlElement::style(element).set_css_text(&style);
        }
    }
    for element in all(node, ".scroll, .data div") {
        // What scrolls can be reached with the keyboard.
        let _ = element.set_attribute("tabindex", "0");
        let _ = element.set_attribute("role", "group");
        let _ = element.set_attribute("aria-label", "Table");
    }
    link_metrics(node);
    for figure in all(node, "figure") {
        add_saving(&figure, column);
    }
    add_segments(node);
    choose(node, chosen);
}

/// Marks one card, which a phone shows alone.
fn choose(node: &Element, at: usize) {
    let _ = node.set_attribute(CHOSEN, &at.to_string());
    for (index, card) in all(node, ".quad > *").iter().enumerate() {
        let _ = if index == at { card.set_attribute("data-chosen", "") } else { card.remove_attribute("data-chosen") };
    }
    for (index, button) in all(node, ".segments button").iter().enumerate() {
        let _ = button.set_attribute("aria-pressed", if index == at { "true" } else { "false" });
    }
}

/// One button a card, above the cards.
fn add_segments(node: &HtmlElement) {
    let (Some(quad), Ok(group)) = (node.query_selector(".quad").ok().flatten(), document().create_element("div"))
    else {
        return;
    };
    group.set_class_name("segments");
    let _ = group.set_attribute("role", "group");
    let _ = group.set_attribute("aria-label", "Figures");
    for (at, card) in all(node, ".quad > *").iter().enumerate() {
        let node: Element = node.clone().into();
        if let Some(button) = button(&title(card), move || choose(&node, at)) {
            let _ = group.append_child(&button);
        }
    }
    let _ = quad.insert_adjacent_element("beforebegin", &group);
}

/// A button that does something for as long as it is there.
fn button(words: &str, on_click: impl Fn() + 'static) -> Option<Element> {
    let button = document().create_element("button").ok()?;
    let _ = button.set_attribute("type", "button");
    button.set_text_content(Some(words));
    let on_click = Closure::<dyn Fn()>::new(on_click);
    let _ = button.add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
    // Given to the collector with the button.
    on_click.into_js_value();
    Some(button)
}

/// A card's title in a word or two.
fn title(card: &Element) -> String {
    let heading = card.query_selector("figcaption b, h3").ok().flatten();
    let text = heading.map(|heading| {
        let first = heading.first_child().and_then(|node| node.text_content());
        first.unwrap_or_default().trim().to_owned()
    });
    match text.as_deref() {
        Some("Cumulative share") => "ECDF".to_owned(),
        Some("What adds up to the change") => "Bins".to_owned(),
        Some("New values" | "Vanished values") => "Labels".to_owned(),
        Some(words) => words.to_owned(),
        None => "Figure".to_owned(),
    }
}

/// The name of each metric leads to what it means.
fn link_metrics(node: &HtmlElement) {
    for row in all(node, ".more tbody tr") {
        let Some(cell) = row.first_element_child() else { continue };
        let words = cell.text_content().unwrap_or_default();
        let Ok(link) = document().create_element("a") else { continue };
        link.set_text_content(Some(&words));
        let _ = link.set_attribute("href", &format!("/docs/metrics/{}", words.replace(' ', "_")));
        let _ = link.set_attribute("rel", "external");
        let _ = link.set_attribute("target", "_blank");
        cell.set_text_content(None);
        let _ = cell.append_child(&link);
    }
}

/// Two buttons that save a chart.
fn add_saving(figure: &Element, column: &str) {
    let Some(caption) = figure.query_selector("figcaption").ok().flatten() else { return };
    let Ok(group) = document().create_element("span") else { return };
    group.set_class_name("figure-actions");
    for kind in [chart_file::Kind::Svg, chart_file::Kind::Png] {
        let (chart, column) = (figure.clone(), column.to_owned());
        let Some(button) = button(kind.word(), move || chart_file::save(&chart, kind, &column)) else { continue };
        let _ = button.set_attribute("title", &format!("Save this chart as {}", kind.word()));
        let _ = group.append_child(&button);
    }
    let _ = caption.append_child(&group);
}

/// The elements below a node that a selector names.
pub fn all(node: &Element, selector: &str) -> Vec<Element> {
    let Ok(list) = node.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}
