//! What pointer and keyboard do to the heatmap. What is under them is `cursor`'s to say.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::cursor::{self, Step};
use super::figure::Stage;
use super::layout::{Mark, Views};
use super::model::Key;
use super::shown::rounded;
use super::timebar;
use crate::chart::axis::AxisView;
use crate::chart::rect::{Point, Rect};

/// A pressed pointer.
#[derive(Clone, Copy)]
pub struct Press {
    start: Point,
    pointer: i32,
}

/// What the picture listens to.
pub const EVENTS: [&str; 8] = [
    "onpointerdown",
    "onpointermove",
    "onpointerup",
    "onpointercancel",
    "onpointerleave",
    "ondblclick",
    "onkeydown",
    "onblur",
];

/// Does what an event is for.
pub fn on(stage: Stage, press: StoredValue<Option<Press>>, event: &web_sys::Event) {
    // The picture may be gone: an element that leaves the page still loses the focus.
    if press.try_get_value().is_none() {
        return;
    }
    let pointer = event.unchecked_ref::<PointerEvent>();
    match event.type_().as_str() {
        "pointerdown" => on_down(stage, press, pointer),
        "pointermove" => on_move(stage, press, pointer),
        "pointerup" => on_up(stage, press, pointer),
        "dblclick" => stage.state.set_zoom(None),
        "keydown" => on_key(stage, event.unchecked_ref()),
        "blur" => stage.state.point(Vec::new()),
        _ => on_leave(stage, press),
    }
}

/// Where a pointer is in the picture.
fn place(event: &MouseEvent) -> Option<Point> {
    let target = event.current_target()?;
    let bounds = target
        .dyn_ref::<web_sys::Element>()?
        .get_bounding_client_rect();
    Some(Point {
        x: f64::from(event.client_x()) - bounds.left(),
        y: f64::from(event.client_y()) - bounds.top(),
    })
}

fn keys_at(stage: Stage, at: Point, coarse: bool) -> Vec<Key> {
    let picture = stage.picture.read_untracked();
    cursor::keys(&cursor::hits(&picture, at, coarse))
}

fn on_down(stage: Stage, press: StoredValue<Option<Press>>, event: &PointerEvent) {
    if !event.is_primary() || event.button() != 0 {
        return;
    }
    let Some(start) = place(event) else { return };
    press.set_value(Some(Press {
        start,
        pointer: event.pointer_id(),
    }));
    if let Some(element) = event
        .current_target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    {
        // Without capture a drag ends at the picture's edge; nothing worse.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
    stage.brush.set(None);
}

fn on_move(stage: Stage, press: StoredValue<Option<Press>>, event: &PointerEvent) {
    let Some(at) = place(event) else { return };
    match press.get_value() {
        Some(pressed) if pressed.pointer == event.pointer_id() => {
            let plot = stage.picture.read_untracked().plot;
            let brushed = cursor::brushed(plot, pressed.start, at);
            if brushed.is_some() {
                stage.state.point(Vec::new());
            }
            if stage.brush.get_untracked() != brushed {
                stage.brush.set(brushed);
                if untrack(|| stage.state.all()) {
                    mark_within(stage, brushed);
                }
            }
        }
        Some(_) => {}
        None if event.pointer_type() != "touch" => stage.state.point(keys_at(stage, at, false)),
        None => {}
    }
}

fn on_up(stage: Stage, press: StoredValue<Option<Press>>, event: &PointerEvent) {
    let Some(pressed) = press.get_value() else {
        return;
    };
    press.set_value(None);
    if let Some(area) = stage.brush.get_untracked() {
        stage.brush.set(None);
        if !untrack(|| stage.state.all()) {
            zoom_to(stage, area);
        }
        return;
    }
    let coarse = event.pointer_type() == "touch";
    let keys = keys_at(stage, pressed.start, coarse);
    let Some(key) = keys.first().cloned() else {
        stage.state.pick(None);
        mark_within(stage, None);
        return;
    };
    let choose = event.shift_key() || event.ctrl_key() || event.meta_key();
    let is_picked = stage.state.choice.read_untracked().picked.as_ref() == Some(&key);
    // A finger has no hover: its first tap shows, the second opens. Where bubbles cannot be
    // told apart the card offers them one by one.
    let shows_first = (coarse && !is_picked) || is_ambiguous(stage, &key) || !opens(stage, &key);
    stage.state.point(keys);
    if choose {
        stage.state.choose(|choice| choice.toggle_pin(key));
    } else if shows_first {
        stage.state.pick(Some(key));
    } else {
        stage.state.open(&key);
    }
}

fn on_leave(stage: Stage, press: StoredValue<Option<Press>>) {
    press.set_value(None);
    stage.brush.set(None);
    stage.state.point(Vec::new());
}

/// Whether a press on it can open an attack.
fn opens(stage: Stage, key: &Key) -> bool {
    key.attack().is_some() && !stage.state.is_this(key)
}

fn is_ambiguous(stage: Stage, key: &Key) -> bool {
    let picture = stage.picture.read_untracked();
    let mark = picture.mark(key);
    mark.is_some_and(|mark| cursor::same_spot(&picture, mark).len() > 1)
}

/// Marks the bubbles of an area in all heatmaps; none without one.
fn mark_within(stage: Stage, area: Option<Rect>) {
    let picture = stage.picture.read_untracked();
    let within = |mark: &&Mark| mark.inside && area.is_some_and(|area| area.contains(mark.at));
    let marks: Vec<&Mark> = picture.marks.iter().filter(within).collect();
    stage.state.mark(cursor::keys(&marks));
}

fn zoom_to(stage: Stage, area: Rect) {
    let views = {
        let picture = stage.picture.read_untracked();
        Views {
            x: short(picture.x.axis.zoomed(area.left, area.right)),
            y: short(picture.y.axis.zoomed(area.top, area.bottom)),
        }
    };
    stage.state.set_zoom(Some(views));
}

/// A view with ends that are short in a link.
fn short(mut view: AxisView) -> AxisView {
    view.scale.min = rounded(view.scale.min);
    view.scale.max = rounded(view.scale.max);
    view
}

fn on_key(stage: Stage, event: &KeyboardEvent) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let state = stage.state;
    let current = || untrack(|| state.subject());
    match event.key().as_str() {
        "ArrowRight" => move_cursor(stage, Step::Right),
        "ArrowLeft" => move_cursor(stage, Step::Left),
        "ArrowUp" => move_cursor(stage, Step::Up),
        "ArrowDown" => move_cursor(stage, Step::Down),
        "Home" => move_cursor(stage, Step::First),
        "End" => move_cursor(stage, Step::Last),
        "Enter" => match current() {
            Some(key) => state.open(&key),
            None => return,
        },
        " " => match current() {
            Some(key) => state.choose(|choice| choice.toggle_pin(key)),
            None => timebar::toggle(state),
        },
        "u" => match current().and_then(|key| stage.campaign(&key)) {
            Some(campaign) => state.choose(|choice| choice.toggle_fold(campaign)),
            None => return,
        },
        "+" | "=" if !untrack(|| state.all()) => zoom_in(stage, current()),
        "-" | "0" => state.set_zoom(None),
        "Escape" => {
            if stage.brush.get_untracked().is_some() {
                stage.brush.set(None);
            } else if untrack(|| state.zoom()).is_some() {
                state.set_zoom(None);
            } else if !state.pointed.read_untracked().marked.is_empty() {
                mark_within(stage, None);
            } else if state.choice.read_untracked().picked.is_some() {
                state.pick(None);
            } else if !state.choice.read_untracked().pins.is_empty() {
                state.choose(|choice| _ = choice.pins.pop());
            } else if untrack(|| state.cursor()).is_some() {
                state.point(Vec::new());
            } else {
                return;
            }
        }
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

fn move_cursor(stage: Stage, step: Step) {
    let from = untrack(|| stage.state.subject());
    let keys = {
        let picture = stage.picture.read_untracked();
        let next = cursor::next(&picture, from.as_ref(), step);
        let mark = next.and_then(|key| picture.mark(&key));
        mark.map(|mark| cursor::keys(&cursor::same_spot(&picture, mark)))
    };
    stage.state.point(keys.unwrap_or_default());
}

fn zoom_in(stage: Stage, around: Option<Key>) {
    let area = {
        let picture = stage.picture.read_untracked();
        let mark = around.and_then(|key| picture.mark(&key));
        let centre = mark.map_or(picture.plot.centre(), |mark| mark.at);
        cursor::around(picture.plot, centre)
    };
    zoom_to(stage, area);
}
