//! Where the focus goes among the filters: their parts as the document has them.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, Node};

use crate::ui::{focus, focus_first};

/// The button whose panel is open.
const OPEN_BUTTON: &str = ".filter__button[aria-expanded=true]";

/// What the arrows go through in a panel.
const STOPS: &str = ".filter__panel :is(input:not(:disabled),button:not(.choice__exclude))";

fn open_filter() -> Option<Element> {
    let button = document().query_selector(OPEN_BUTTON).ok()??;
    button.parent_element()
}

/// Whether an event comes from the open filter.
pub(super) fn is_in_open(target: Option<EventTarget>) -> bool {
    let node = target.and_then(|target| target.dyn_into::<Node>().ok());
    open_filter().is_some_and(|filter| filter.contains(node.as_ref()))
}

/// Back to the button of the open filter.
pub(super) fn to_button() {
    focus_first(OPEN_BUTTON);
}

/// To the field of the open panel, once it is there. Not on a small screen, where the keyboard
/// would cover the values.
pub(super) fn to_field() {
    request_animation_frame(|| {
        let width = window().inner_width().ok().and_then(|width| width.as_f64());
        if width >= Some(720.0) {
            focus_first(".filter__panel .field");
        }
    });
}

/// To the next or the previous thing in the open panel, round its ends.
pub(super) fn step(by: i32) -> bool {
    let Some(found) = open_filter().and_then(|filter| filter.query_selector_all(STOPS).ok()) else {
        return false;
    };
    let focused = document().active_element();
    let focused = focused.as_ref().map(AsRef::<Node>::as_ref);
    let length = found.length() as i32;
    let at = (0..length).find(|at| found.item(*at as u32).as_ref() == focused);
    let next = at.map_or(0, |at| (at + by).rem_euclid(length.max(1)));
    let next = found.item(next as u32);
    let next = next.and_then(|next| next.dyn_into::<Element>().ok());
    next.is_some_and(|next| focus(&next))
}
