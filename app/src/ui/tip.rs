//! The one tooltip of the console. Elements ask for it with `data-tip`, or with
//! `data-tip-clipped` to have their own text shown whole while it is cut off; a moment says
//! exactly when it was. Text only.

use crate::math::fixed;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use crate::format::exact;

#[derive(Debug, Clone, PartialEq)]
struct Shown {
    text: String,
    /// Middle of the element, in pixels of the window.
    x: f64,
    /// Where the tip's near edge is.
    y: f64,
    below: bool,
}

/// Room that a tip needs above an element, in pixels.
const ROOM_ABOVE: f64 = 120.0;

/// Watches the whole page; one instance in the shell.
#[component]
pub fn Tip() -> impl IntoView {
    let shown = RwSignal::new(None::<Shown>);
    let show = move |target: Option<EventTarget>| {
        let next = target.and_then(|target| described(&target));
        if shown.with_untracked(|shown| *shown != next) {
            shown.set(next);
        }
    };
    let listeners = [
        window_event_listener(ev::pointerover, move |event| {
            // A finger that scrolls asks for nothing.
            if event.pointer_type() == "mouse" {
                show(event.target());
            }
        }),
        window_event_listener(ev::focusin, move |event| show(event.target())),
        window_event_listener(ev::focusout, move |_| shown.set(None)),
        window_event_listener(ev::pointerdown, move |_| shown.set(None)),
        window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" {
                shown.set(None);
            }
        }),
        window_event_listener(ev::wheel, move |_| shown.set(None)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    view! {
        {move || {
            shown
                .get()
                .map(|tip| {
                    let place = if tip.below { "tip tip--below" } else { "tip" };
                    let x = [&fixed(tip.x, 0), "px"].concat();
                    let y = [&fixed(tip.y, 0), "px"].concat();
                    view! {
                        <div class=place role="tooltip" style=("--tip-x", x) style=("--tip-y", y)>
                            {tip.text}
                        </div>
                    }
                })
        }}
    }
}

fn described(target: &EventTarget) -> Option<Shown> {
    let element = target
        .dyn_ref::<Element>()?
        .closest("[data-tip],[data-tip-clipped],time")
        .ok()??;
    let text = if let Some(text) = element.get_attribute("data-tip") {
        text
    } else if let Some(moment) = element.get_attribute("datetime") {
        exact(moment.parse().ok()?)
    } else if element.scroll_width() > element.client_width() {
        element.text_content()?
    } else {
        return None;
    };
    let place = element.get_bounding_client_rect();
    let below = place.top() < ROOM_ABOVE;
    Some(Shown {
        text,
        x: place.left() + place.width() / 2.0,
        y: if below { place.bottom() } else { place.top() },
        below,
    })
}
