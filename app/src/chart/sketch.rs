//! What charts are drawn with: a plain tree of elements that is brought onto the page with as
//! few changes as it takes. One kind of node for everything, where `view!` would make a type,
//! and code of its own, for each.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::rect::{Point, Rect};
use crate::math::fixed;

const SVG: &str = "http://www.w3.org/2000/svg";

/// Runs with what happened to an element.
pub type Listener = Box<dyn FnMut(web_sys::Event)>;

/// An element, or a text if it has no tag.
pub struct Node(Box<Inner>);

struct Inner {
    tag: &'static str,
    /// Tells it from its siblings; it keeps its element wherever it goes.
    key: String,
    text: String,
    /// A name with `@` before it is a property of its style.
    attributes: Vec<(&'static str, String)>,
    listeners: Vec<(&'static str, Listener)>,
    children: Vec<Node>,
    /// What it is on the page.
    made: Option<web_sys::Node>,
}

/// An element; the class may be empty.
pub fn node(tag: &'static str, class: &str) -> Node {
    let empty = Node(Box::new(Inner {
        tag,
        key: String::new(),
        text: String::new(),
        attributes: Vec::new(),
        listeners: Vec::new(),
        children: Vec::new(),
        made: None,
    }));
    if class.is_empty() {
        empty
    } else {
        empty.set("class", class)
    }
}

impl Node {
    pub fn set(mut self, name: &'static str, value: &str) -> Self {
        self.0.attributes.push((name, value.to_owned()));
        self
    }

    pub fn number(self, name: &'static str, value: f64) -> Self {
        self.set(name, &fixed(value, 2))
    }

    /// A share of the whole in percent.
    pub fn share(self, name: &'static str, share: f64) -> Self {
        self.set(name, &[&fixed(share * 100.0, 3), "%"].concat())
    }

    /// Away from where it would be.
    pub fn moved(self, by: Point) -> Self {
        let mut shape = String::new();
        go(&mut shape, "translate(", by);
        shape.push(')');
        self.set("transform", &shape)
    }

    /// An attribute that is there or not.
    pub fn mark(self, name: &'static str, holds: bool) -> Self {
        if holds { self.set(name, "") } else { self }
    }

    /// An attribute that says `true` or `false`.
    pub fn state(self, name: &'static str, holds: bool) -> Self {
        self.set(name, if holds { "true" } else { "false" })
    }

    /// A place and size.
    pub fn area(self, area: &Rect) -> Self {
        self.number("x", area.left)
            .number("y", area.top)
            .number("width", area.width())
            .number("height", area.height())
    }

    pub fn key(mut self, key: String) -> Self {
        self.0.key = key;
        self
    }

    pub fn text(mut self, text: &str) -> Self {
        let mut words = node("", "");
        text.clone_into(&mut words.0.text);
        self.0.children.push(words);
        self
    }

    pub fn child(mut self, child: Self) -> Self {
        self.0.children.push(child);
        self
    }

    pub fn push(&mut self, child: Self) {
        self.0.children.push(child);
    }

    pub fn children(mut self, children: Vec<Self>) -> Self {
        self.0.children.extend(children);
        self
    }

    /// Listens, `name` being such as `onclick`. An element with a key keeps the listeners that
    /// it was made with.
    pub fn on(mut self, name: &'static str, run: Listener) -> Self {
        self.0.listeners.push((name, run));
        self
    }

    /// Runs when it is pressed.
    pub fn press(self, mut run: Box<dyn FnMut()>) -> Self {
        self.on("onclick", Box::new(move |_| run()))
    }

    fn make(&self, in_svg: bool) -> Option<web_sys::Node> {
        let document = document();
        if self.0.tag.is_empty() {
            return Some(document.create_text_node(&self.0.text).into());
        }
        let made = if in_svg {
            document.create_element_ns(Some(SVG), self.0.tag)
        } else {
            document.create_element(self.0.tag)
        };
        made.ok().map(Into::into)
    }

    /// Makes what is on the page, which was as `before` says, as this says.
    fn bring(&mut self, made: web_sys::Node, before: Option<Self>, in_svg: bool) {
        let inner = &mut *self.0;
        let before = before.map(|before| *before.0);
        let (mut attributes, mut children) = (Vec::new(), Vec::new());
        let mut listens = false;
        if let Some(before) = before {
            if before.text != inner.text {
                made.set_text_content(Some(&inner.text));
            }
            listens = !inner.key.is_empty();
            attributes = before.attributes;
            children = before.children;
        }
        if let Some(element) = made.dyn_ref::<web_sys::Element>() {
            for attribute in &inner.attributes {
                if !attributes.contains(attribute) {
                    write(element, attribute.0, Some(&attribute.1));
                }
            }
            for (name, _) in attributes {
                if !inner.attributes.iter().any(|(kept, _)| *kept == name) {
                    write(element, name, None);
                }
            }
            for (name, run) in inner.listeners.drain(..).filter(|_| !listens) {
                let run = Closure::<dyn FnMut(web_sys::Event)>::wrap(run).into_js_value();
                // Cannot fail: every element has these.
                let _ = js_sys::Reflect::set(&made, &JsValue::from_str(name), &run);
            }
            bring_all(&made, &mut inner.children, children, in_svg);
        }
        inner.made = Some(made);
    }
}

/// Brings all children of an element onto the page, in order.
fn bring_all(parent: &web_sys::Node, now: &mut [Node], before: Vec<Node>, in_svg: bool) {
    let mut before: Vec<Option<Node>> = before.into_iter().map(Some).collect();
    for node in now.iter_mut() {
        let in_svg = in_svg || node.0.tag == "svg";
        let same = before.iter_mut().find(|old| {
            old.as_ref()
                .is_some_and(|old| old.0.tag == node.0.tag && old.0.key == node.0.key)
        });
        let same = same.and_then(Option::take);
        let made = match &same {
            Some(same) => same.0.made.clone(),
            None => node.make(in_svg),
        };
        if let Some(made) = made {
            node.bring(made, same, in_svg);
        }
    }
    for gone in before.into_iter().flatten() {
        if let Some(gone) = gone.0.made {
            // Fails only where it is gone already.
            let _ = parent.remove_child(&gone);
        }
    }
    let mut place = parent.first_child();
    for made in now.iter().filter_map(|node| node.0.made.as_ref()) {
        if place.as_ref() == Some(made) {
            place = made.next_sibling();
        } else {
            // Cannot fail: the place is in the parent, and no node holds itself.
            let _ = parent.insert_before(made, place.as_ref());
        }
    }
}

fn write(element: &web_sys::Element, name: &str, value: Option<&str>) {
    // Cannot fail: the names are plain.
    let _ = if let Some(name) = name.strip_prefix('@') {
        element
            .dyn_ref::<web_sys::HtmlElement>()
            .map_or(Ok(()), |element| {
                web_sys::HtmlElement::style(element).set_property(name, value.unwrap_or(""))
            })
    } else if let Some(value) = value {
        element.set_attribute(name, value)
    } else {
        element.remove_attribute(name)
    };
}

/// An element of the page that is always as `draw` says. Reactive.
pub fn drawn(tag: &'static str, draw: Box<dyn Fn() -> Node>) -> AnyView {
    let root = NodeRef::new();
    Effect::new(move |before: Option<Option<Node>>| {
        let element: web_sys::HtmlElement = root.get()?;
        let mut now = draw();
        now.bring(element.into(), before.flatten(), false);
        Some(now)
    });
    html::custom(tag).node_ref(root).into_any()
}

/// A button that runs something.
pub fn button(class: &str, run: Box<dyn FnMut()>) -> Node {
    node("button", class).set("type", "button").press(run)
}

/// From one place to another.
pub fn line(from: (f64, f64), to: (f64, f64)) -> Node {
    node("line", "")
        .number("x1", from.0)
        .number("x2", to.0)
        .number("y1", from.1)
        .number("y2", to.1)
}

pub fn circle(class: &str, at: Point, radius: f64) -> Node {
    node("circle", class)
        .number("cx", at.x)
        .number("cy", at.y)
        .number("r", radius)
}

pub fn path(class: &str, shape: &str) -> Node {
    node("path", class).set("d", shape)
}

/// Adds a command such as `M` or `L` to the shape of a path.
pub fn go(shape: &mut String, command: &str, to: Point) {
    shape.push_str(command);
    shape.push_str(&fixed(to.x, 2));
    shape.push(' ');
    shape.push_str(&fixed(to.y, 2));
}

/// Words in a picture; `anchor` is the end that stands at the place.
pub fn words(class: &str, at: (f64, f64), anchor: &str, text: &str) -> Node {
    let words = node("text", class).number("x", at.0).number("y", at.1);
    let words = if anchor.is_empty() {
        words
    } else {
        words.set("text-anchor", anchor)
    };
    words.text(text)
}
