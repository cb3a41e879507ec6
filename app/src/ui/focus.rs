//! Where the focus goes when what had it is gone, and where a link into a page leads. Finds
//! elements; knows no page.

use leptos::html::Section;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::state::effect::effect;

/// Gives the focus to the first element that a selector finds. Whether there is one.
pub fn focus_first(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    found.is_some_and(|found| focus(&found))
}

/// The same once the next frame is drawn.
pub fn focus_soon(selector: String) {
    request_animation_frame(move || {
        focus_first(&selector);
    });
}

/// Gives the focus to an element. Whether it could have it and has it.
pub fn focus(element: &Element) -> bool {
    let element = element.dyn_ref::<HtmlElement>();
    element.is_some_and(|element| element.is_connected() && element.focus().is_ok())
}

/// To the page's content, from where Tab goes on into it.
pub fn focus_content() {
    focus_first("#main");
}

/// Leads who asked for a section there, once all of it `is_there`; not again when it changes.
pub fn lead_to(
    section: NodeRef<Section>,
    is_asked_for: bool,
    is_there: impl Fn() -> bool + 'static,
) {
    let is_led = StoredValue::new(!is_asked_for);
    effect(move || {
        if is_there()
            && !is_led.get_value()
            && let Some(section) = section.get_untracked()
        {
            is_led.set_value(true);
            section.scroll_into_view();
        }
    });
}
