//! The picture as a file: what is on the screen, drawn again as one SVG that needs nothing but
//! itself, with title, caption, legends and its fonts; or that as PNG.

use leptos::prelude::{document, window};
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlElement, HtmlImageElement,
};

use super::fonts;
use crate::chart::rect::Rect;
use crate::math::fixed;

/// Around the picture, and the heights of title and caption.
const MARGIN: f64 = 20.0;
const TITLE: f64 = 40.0;
const CAPTION: f64 = 36.0;
/// A PNG has so many pixels a pixel on the screen.
const PNG_SCALE: f64 = 2.0;
/// What the style sheet decides and a file must say itself.
const STYLES: [&str; 14] = [
    "fill",
    "stroke",
    "stop-color",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "stroke-linecap",
    "paint-order",
    "stop-opacity",
    "opacity",
    "text-anchor",
    "font-family",
    "font-size",
    "font-weight",
];
/// How many of them are colours.
const COLOURS: usize = 3;

/// Saves what `maps` shows, which is one heatmap or several.
pub fn save(maps: &HtmlElement, title: &str, caption: &str, as_png: bool) {
    let Some(mut painter) = Painter::new() else {
        return;
    };
    let bounds = maps.get_bounding_client_rect();
    let origin = (bounds.left() - MARGIN, bounds.top() - TITLE - MARGIN);
    let figures = maps.query_selector_all(".heatmap__figure").ok();
    let figures: Vec<Element> = (0..figures.as_ref().map_or(0, web_sys::NodeList::length))
        .filter_map(|index| figures.as_ref()?.get(index)?.dyn_into().ok())
        .collect();
    let Some(first) = figures.first() else { return };
    // What is between title and picture on the page is not in the file.
    let above = first.get_bounding_client_rect().top() - bounds.top();
    let origin = (origin.0, origin.1 + above);
    let ground = painter.colour(&style(first, "background-color")).0;
    let ink = painter.colour(&style(first, "color")).0;
    let mut body = String::new();
    let mut bottom = 0.0_f64;
    for figure in &figures {
        painter.element(figure, origin, &mut body);
        bottom = bottom.max(figure.get_bounding_client_rect().bottom() - origin.1);
    }
    let size = (bounds.width() + 2.0 * MARGIN, bottom + CAPTION);
    let (title, caption) = (title.to_owned(), caption.to_owned());
    spawn_local(async move {
        let fonts = fonts::embedded().await;
        let svg = sheet(size, [&ground, &ink], [&title, &caption], &fonts, &body);
        let data = "data:image/svg+xml;charset=utf-8,".to_owned() + &encoded(&svg);
        if as_png {
            save_png(data, size);
        } else {
            download(&data, "heatmap.svg");
        }
    });
}

/// The file around the picture.
fn sheet(
    (width, height): (f64, f64),
    [ground, ink]: [&str; 2],
    texts: [&str; 2],
    fonts: &str,
    body: &str,
) -> String {
    let [title, caption] = texts.map(escaped);
    let [width, height] = [width, height].map(|side| side.ceil() as u32);
    let last = height - 16;
    let font = "font-family=\"'Source Sans 3', system-ui, sans-serif\"";
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\"><title>{title}</title>\
         <desc>{caption}</desc><style>{fonts}</style><rect width=\"100%\" height=\"100%\" fill=\"{ground}\"/>\
         <text x=\"20\" y=\"38\" fill=\"{ink}\" font-size=\"18\" \
         font-weight=\"600\" {font}>{title}</text>{body}\
         <text x=\"20\" y=\"{last}\" fill=\"{ink}\" font-size=\"13\" {font}>{caption}\
         </text></svg>"
    )
}

/// Text that is no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no place for these, whatever is written for them.
            '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{fffe}'
            | '\u{ffff}' => {}
            letter => out.push(letter),
        }
    }
    out
}

/// Draws elements of the page again.
struct Painter {
    context: CanvasRenderingContext2d,
    /// Colours as any program reads them, and how opaque they are.
    colours: Vec<(String, (String, f64))>,
}

impl Painter {
    fn new() -> Option<Self> {
        let context = canvas(1.0, 1.0)?.1;
        Some(Self {
            context,
            colours: Vec::new(),
        })
    }

    /// A colour in whatever notation as `#rrggbb` with its opacity.
    fn colour(&mut self, text: &str) -> (String, f64) {
        if let Some((_, known)) = self.colours.iter().find(|(known, _)| known == text) {
            return known.clone();
        }
        self.context.clear_rect(0.0, 0.0, 1.0, 1.0);
        self.context.set_fill_style_str(text);
        self.context.fill_rect(0.0, 0.0, 1.0, 1.0);
        let pixel = self.context.get_image_data(0.0, 0.0, 1.0, 1.0);
        let pixel = pixel.map(|data| data.data().0).unwrap_or_default();
        let found = match pixel.as_slice() {
            [red, green, blue, opacity] => (
                format!("#{red:02x}{green:02x}{blue:02x}"),
                f64::from(*opacity) / 255.0,
            ),
            _ => ("none".to_owned(), 1.0),
        };
        self.colours.push((text.to_owned(), found.clone()));
        found
    }

    /// An element with what it holds: pictures as they are, text where it stands, signs as
    /// boxes. What floats over the picture, and what only screen readers read, is left out.
    fn element(&mut self, element: &Element, origin: (f64, f64), out: &mut String) {
        let class = element.get_attribute("class").unwrap_or_default();
        let tag = element.tag_name();
        if class.contains("card") || class.contains("visually-hidden") || tag == "BUTTON" {
            return;
        }
        let place = element.get_bounding_client_rect();
        let area = Rect::sized(
            place.left() - origin.0,
            place.top() - origin.1,
            place.width(),
            place.height(),
        );
        if tag == "svg" {
            out.push_str("<svg");
            number(out, "x", area.left);
            number(out, "y", area.top);
            number(out, "width", area.width());
            number(out, "height", area.height());
            out.push_str(" overflow=\"visible\">");
            self.children(element, out);
            out.push_str("</svg>");
            return;
        }
        if class.contains("legend__sign") {
            self.sign(element, area, out);
        }
        let children = element.child_nodes();
        for index in 0..children.length() {
            let Some(child) = children.get(index) else {
                continue;
            };
            if let Some(child) = child.dyn_ref::<Element>() {
                self.element(child, origin, out);
            } else if child.node_type() == web_sys::Node::TEXT_NODE {
                self.words(element, &child, origin, out);
            }
        }
    }

    /// A text of the page.
    fn words(
        &mut self,
        parent: &Element,
        text: &web_sys::Node,
        origin: (f64, f64),
        out: &mut String,
    ) {
        let words = text.text_content().unwrap_or_default();
        let Ok(range) = document().create_range() else {
            return;
        };
        if words.trim().is_empty() || range.select_node_contents(text).is_err() {
            return;
        }
        let place = range.get_bounding_client_rect();
        let size = pixels(parent, "font-size");
        let middle = f64::midpoint(place.top(), place.bottom());
        let (colour, _) = self.colour(&style(parent, "color"));
        out.push_str("<text");
        number(out, "x", place.left() - origin.0);
        number(out, "y", middle - origin.1 + size * 0.35);
        number(out, "font-size", size);
        // Whatever font the file is shown in, no text runs into what stands beside it.
        number(out, "textLength", place.width());
        attribute(out, "lengthAdjust", "spacingAndGlyphs");
        attribute(out, "fill", &colour);
        attribute(out, "font-family", &style(parent, "font-family"));
        out.push('>');
        out.push_str(&escaped(words.trim()));
        out.push_str("</text>");
    }

    /// A sign of the legend: a box with its edge.
    fn sign(&mut self, element: &Element, area: Rect, out: &mut String) {
        let (edge, opacity) = self.colour(&style(element, "border-top-color"));
        let (ground, filled) = self.colour(&style(element, "background-color"));
        let width = pixels(element, "border-top-width");
        let dashes = match style(element, "border-top-style").as_str() {
            "dashed" => "4 3",
            "dotted" => "1 2",
            _ => "none",
        };
        let area = area.grown(-width / 2.0);
        let radius = pixels(element, "border-top-left-radius").min(area.height().max(0.0) / 2.0);
        if area.height() > 0.0 {
            out.push_str("<rect");
            number(out, "x", area.left);
            number(out, "y", area.top);
            number(out, "width", area.width().max(0.5));
            number(out, "height", area.height());
        } else {
            // A box without height is drawn by nobody.
            out.push_str("<line");
            number(out, "x1", area.left);
            number(out, "x2", area.right);
            number(out, "y1", area.top);
            number(out, "y2", area.top);
        }
        number(out, "rx", radius);
        attribute(out, "fill", &ground);
        number(out, "fill-opacity", filled);
        attribute(out, "stroke", &edge);
        number(out, "stroke-opacity", opacity);
        number(out, "stroke-width", width);
        attribute(out, "stroke-dasharray", dashes);
        out.push_str("/>");
    }

    /// What a picture holds, with the style of each part written out.
    fn children(&mut self, parent: &Element, out: &mut String) {
        let children = parent.child_nodes();
        for index in 0..children.length() {
            let Some(child) = children.get(index) else {
                continue;
            };
            let Some(child) = child.dyn_ref::<Element>() else {
                if child.node_type() == web_sys::Node::TEXT_NODE {
                    out.push_str(&escaped(&child.text_content().unwrap_or_default()));
                }
                continue;
            };
            let tag = child.tag_name();
            if matches!(tag.as_str(), "title" | "desc")
                || style(child, "display") == "none" && tag != "stop"
            {
                continue;
            }
            out.push('<');
            out.push_str(&tag);
            for name in child
                .get_attribute_names()
                .iter()
                .filter_map(|name| name.as_string())
            {
                let is_style = STYLES.contains(&name.as_str());
                let is_ours = ["class", "role"].contains(&name.as_str())
                    || name.starts_with("data-")
                    || name.starts_with("aria-");
                if !is_style && !is_ours {
                    let value = child.get_attribute(&name).unwrap_or_default();
                    attribute(out, &name, &value);
                }
            }
            self.styles(child, &tag, out);
            out.push('>');
            self.children(child, out);
            out.push_str(&format!("</{tag}>"));
        }
    }

    fn styles(&mut self, element: &Element, tag: &str, out: &mut String) {
        let names: &[&str] = match tag {
            "g" => &["opacity"],
            "defs" | "pattern" | "clipPath" | "radialGradient" => &[],
            "stop" => &["stop-color", "stop-opacity"],
            "text" | "tspan" => &STYLES,
            _ => &STYLES[..10],
        };
        for (index, name) in STYLES
            .iter()
            .enumerate()
            .filter(|(_, name)| names.contains(name))
        {
            let value = style(element, name);
            if index < COLOURS && value != "none" && !value.starts_with("url") {
                let (colour, opacity) = self.colour(&value);
                attribute(out, name, &colour);
                if opacity < 1.0 && *name != "stop-color" {
                    number(out, &[*name, "-opacity"].concat(), opacity);
                }
            } else if !matches!(value.as_str(), "" | "normal" | "1" if *name != "stroke-width") {
                attribute(out, name, &value.replace('"', "'"));
            }
        }
    }
}

fn attribute(out: &mut String, name: &str, value: &str) {
    for part in [" ", name, "=\"", &escaped(value), "\""] {
        out.push_str(part);
    }
}

fn number(out: &mut String, name: &str, value: f64) {
    attribute(out, name, &fixed(value, 2));
}

/// What the browser makes of the style sheet.
fn style(element: &Element, name: &str) -> String {
    let computed = window().get_computed_style(element).ok().flatten();
    computed
        .and_then(|style| style.get_property_value(name).ok())
        .unwrap_or_default()
}

/// A length that it makes of it.
fn pixels(element: &Element, name: &str) -> f64 {
    let length = js_sys::parse_float(&style(element, name));
    if length.is_finite() { length } else { 0.0 }
}

fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

fn canvas(width: f64, height: f64) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    Some((canvas, context))
}

/// Draws the file on a canvas and saves that, once the browser has read it.
fn save_png(data: String, (width, height): (f64, f64)) {
    let Ok(image) = HtmlImageElement::new() else {
        return;
    };
    let drawn = image.clone();
    let on_load = Closure::once_into_js(move || {
        let (width, height) = ((width * PNG_SCALE).ceil(), (height * PNG_SCALE).ceil());
        let Some((canvas, context)) = canvas(width, height) else {
            return;
        };
        let png = context
            .draw_image_with_html_image_element_and_dw_and_dh(&drawn, 0.0, 0.0, width, height)
            .and_then(|()| canvas.to_data_url());
        if let Ok(png) = png {
            download(&png, "heatmap.png");
        }
    });
    image.set_onload(Some(on_load.unchecked_ref()));
    image.set_src(&data);
}

/// Has the browser save what an address holds.
fn download(address: &str, name: &str) {
    let link = document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let set: Result<(), JsValue> = link
            .set_attribute("href", address)
            .and_then(|()| link.set_attribute("download", name));
        if set.is_ok() {
            link.click();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_log_is_no_markup_in_the_file() {
        let hostile = "<script>alert(\"1\")</script> & \u{1}\u{1b}done";
        let svg = sheet(
            (100.4, 50.0),
            ["#000000", "#ffffff"],
            [hostile, "a < b"],
            "@font-face{}",
            "<g/>",
        );
        assert!(!svg.contains("<script"), "{svg}");
        assert!(svg.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; done"));
        assert!(svg.contains("a &lt; b"));
        assert!(svg.contains("width=\"101\" height=\"50\""));
        assert!(svg.ends_with("</svg>") && svg.contains("<g/>"));
        assert!(svg.contains("<style>@font-face{}</style>"));
    }
}
