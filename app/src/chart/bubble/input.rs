//! What pointer and keyboard do to the heatmap. What is under them is `cursor`'s to say.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::cursor::{self, Step};
use super::figure::Stage;
use super::layout::Views;
use super::model::Key;
use crate::chart::rect::{Point, Rect};

/// A pressed pointer.
#[derive(Clone, Copy)]
pub struct Press {
    start: Point,
    pointer: i32,
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
    stage.picture.with_untracked(|picture| {
        cursor::hits(picture, at, coarse)
            .into_iter()
            .map(|mark| mark.key.clone())
            .collect()
    })
}

/// Puts the cursor on the first of `keys`.
fn point_at(stage: Stage, keys: Vec<Key>) {
    let first = keys.first().cloned();
    if stage.here.with_untracked(|here| *here != keys) {
        stage.here.set(keys);
    }
    stage.state.set_cursor(first);
}

pub fn on_down(stage: Stage, press: StoredValue<Option<Press>>, event: &PointerEvent) {
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

pub fn on_move(stage: Stage, press: StoredValue<Option<Press>>, event: &PointerEvent) {
    let Some(at) = place(event) else { return };
    match press.get_value() {
        Some(pressed) if pressed.pointer == event.pointer_id() => {
            let plot = stage.picture.with_untracked(|picture| picture.plot);
            let brushed = cursor::brushed(plot, pressed.start, at);
            if brushed.is_some() {
                point_at(stage, Vec::new());
            }
            if stage.brush.get_untracked() != brushed {
                stage.brush.set(brushed);
            }
        }
        Some(_) => {}
        None if event.pointer_type() != "touch" => point_at(stage, keys_at(stage, at, false)),
        None => {}
    }
}

pub fn on_up(stage: Stage, press: StoredValue<Option<Press>>, event: &PointerEvent) {
    let Some(pressed) = press.get_value() else {
        return;
    };
    press.set_value(None);
    if let Some(area) = stage.brush.get_untracked() {
        stage.brush.set(None);
        zoom_to(stage, area);
        return;
    }
    let coarse = event.pointer_type() == "touch";
    let keys = keys_at(stage, pressed.start, coarse);
    let Some(key) = keys.first().cloned() else {
        stage.state.pinned.set(None);
        return;
    };
    let choose = event.shift_key() || event.ctrl_key() || event.meta_key();
    let is_pinned = stage
        .state
        .pinned
        .with_untracked(|pinned| pinned.as_ref() == Some(&key));
    // A finger has no hover: its first tap shows, the second opens. Where bubbles cannot be
    // told apart the card offers them one by one.
    let shows_first = (coarse && !is_pinned) || is_ambiguous(stage, &key) || !opens(stage, &key);
    point_at(stage, keys);
    if choose {
        stage.state.toggle_pin(key);
    } else if shows_first {
        stage.state.pinned.set(Some(key));
    } else {
        stage.state.open(&key);
    }
}

pub fn on_leave(stage: Stage, press: StoredValue<Option<Press>>) {
    press.set_value(None);
    stage.brush.set(None);
    point_at(stage, Vec::new());
}

/// Whether a press on it can open an attack.
fn opens(stage: Stage, key: &Key) -> bool {
    key.attack().is_some()
        && stage
            .state
            .model
            .with_untracked(|model| model.this_bot().is_none_or(|spot| spot.key != *key))
}

fn is_ambiguous(stage: Stage, key: &Key) -> bool {
    stage.picture.with_untracked(|picture| {
        picture
            .mark(key)
            .is_some_and(|mark| cursor::same_spot(picture, mark).len() > 1)
    })
}

fn zoom_to(stage: Stage, area: Rect) {
    let views = stage.picture.with_untracked(|picture| Views {
        x: picture.x.axis.zoomed(area.left, area.right),
        y: picture.y.axis.zoomed(area.top, area.bottom),
    });
    stage.state.set_zoom(Some(views));
}

pub fn on_key(stage: Stage, event: &KeyboardEvent) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let state = stage.state;
    let current = || {
        state
            .cursor
            .get_untracked()
            .or_else(|| state.pinned.get_untracked())
    };
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
            Some(key) => state.toggle_pin(key),
            None => return,
        },
        "+" | "=" => zoom_in(stage, current()),
        "-" | "0" => state.set_zoom(None),
        "Escape" => {
            if stage.brush.get_untracked().is_some() {
                stage.brush.set(None);
            } else if untrack(|| state.zoom()).is_some() {
                state.set_zoom(None);
            } else if state.pinned.get_untracked().is_some() {
                state.pinned.set(None);
            } else if state.cursor.get_untracked().is_some() {
                state.set_cursor(None);
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
    let from = stage
        .state
        .cursor
        .get_untracked()
        .or_else(|| stage.state.pinned.get_untracked());
    let keys = stage.picture.with_untracked(|picture| {
        let mark = picture.mark(&cursor::next(picture, from.as_ref(), step)?)?;
        let here = cursor::same_spot(picture, mark);
        Some(here.into_iter().map(|mark| mark.key.clone()).collect())
    });
    point_at(stage, keys.unwrap_or_default());
}

fn zoom_in(stage: Stage, around: Option<Key>) {
    let area = stage.picture.with_untracked(|picture| {
        let centre = around
            .and_then(|key| picture.mark(&key))
            .map_or(picture.plot.centre(), |mark| mark.at);
        cursor::around(picture.plot, centre)
    });
    zoom_to(stage, area);
}
