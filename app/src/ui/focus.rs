//! Where the focus goes when what had it is gone. Finds elements; knows no page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

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
