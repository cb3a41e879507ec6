//! The time bar under the heatmaps: drag through the window, or play it, and see the bots as
//! they were. What it spans is `course`'s to say.

use std::time::Duration;

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use shared::Timestamp;
use wasm_bindgen::JsCast;

use super::course::Course;
use super::figure::motion_is_reduced;
use super::state::{State, year_now};
use super::text;
use crate::chart::sketch::{Node, button, drawn, node, path};
use crate::math::fixed;

/// How fast it plays, in turn.
const SPEEDS: [(f64, &str); 4] = [(1.0, "1×"), (2.0, "2×"), (4.0, "4×"), (0.5, "½×")];
/// How long a step stands where the reader asked for less motion.
const STEP_MS: f64 = 800.0;
/// Distances between ticks in minutes, and how many there are at most.
const TICKS: [i64; 9] = [1, 5, 10, 15, 30, 60, 120, 180, 360];
const MOST_TICKS: i64 = 8;

/// The time bar.
pub fn time_bar(state: State) -> AnyView {
    let dragging = StoredValue::new(false);
    drawn("div", Box::new(move || bar(state, dragging)))
}

fn bar(state: State, dragging: StoredValue<bool>) -> Node {
    let (at, playing, speed) = (state.at.get(), state.playing.get(), state.speed.get());
    let course = state.course.read();
    let share = course.as_ref().map_or(1.0, |course| course.share(at));
    let end = state.moment.read().heatmaps.window_until;
    let text = text::moment(at.unwrap_or(end), year_now());
    let said = if at.is_some() {
        text.clone()
    } else {
        [&text, ", the end"].concat()
    };
    let side = match share {
        share if share < 0.15 => "after",
        share if share > 0.85 => "before",
        _ => "over",
    };
    let sign = node("svg", "")
        .set("viewBox", "0 0 16 16")
        .set("aria-hidden", "true")
        .child(path("", "M5 2.5v11l8-5.5z"))
        .child(path("", "M4 3h3v10h-3zM9 3h3v10h-3z"));
    let play = button("timebar__play", Box::new(move || toggle(state)))
        .key("play".to_owned())
        .set("aria-label", if playing { "Pause" } else { "Play" })
        .state("data-playing", playing)
        .child(sign);
    let mut slider = node("div", "timebar__slider")
        .key("slider".to_owned())
        .set("role", "slider")
        .set("tabindex", "0")
        .set("aria-label", "Moment")
        .set("aria-valuemin", "0")
        .set("aria-valuemax", "1000")
        .set("aria-valuenow", &fixed(share * 1_000.0, 0))
        .set("aria-valuetext", &said);
    for name in EVENTS {
        let listen = move |event: web_sys::Event| on(state, dragging, &event);
        slider = slider.on(name, Box::new(listen));
    }
    if let Some(course) = course.as_ref() {
        push_ground(&mut slider, course);
    }
    let now = node("span", "timebar__now")
        .set("data-side", side)
        .text(&text);
    let handle = node("div", "timebar__handle").child(now);
    let slider = slider
        .child(node("div", "timebar__ahead").key("ahead".to_owned()))
        .child(handle.key("handle".to_owned()));
    let faster = move || {
        state
            .speed
            .set((state.speed.get_untracked() + 1) % SPEEDS.len());
    };
    let speed = SPEEDS[speed].1;
    let faster = button("timebar__speed", Box::new(faster))
        .key("speed".to_owned())
        .set("aria-label", &["Speed ", speed].concat())
        .text(speed);
    let to_end = move || {
        state.playing.set(false);
        state.at.set(None);
    };
    let to_end = button("timebar__end", Box::new(to_end))
        .key("end".to_owned())
        .state("data-end", at.is_none())
        .text("To the end");
    node("div", "timebar")
        .set("role", "group")
        .set("aria-label", "Course of time")
        .share("@--at", share)
        .child(play)
        .child(slider)
        .child(faster)
        .child(to_end)
}

const EVENTS: [&str; 5] = [
    "onpointerdown",
    "onpointermove",
    "onpointerup",
    "onpointercancel",
    "onkeydown",
];

fn on(state: State, dragging: StoredValue<bool>, event: &web_sys::Event) {
    let pointer = event.unchecked_ref::<PointerEvent>();
    match event.type_().as_str() {
        "pointerdown" => on_down(state, dragging, pointer),
        "pointermove" if dragging.get_value() => follow(state, pointer),
        "pointermove" => {}
        "keydown" => on_key(state, event.unchecked_ref()),
        _ => dragging.set_value(false),
    }
}

pub fn toggle(state: State) {
    let plays = !state.playing.get_untracked() && state.course.read_untracked().is_some();
    state.playing.set(plays);
    if plays {
        set(state, played(state, state.at.get_untracked(), 0.0));
        let run = state.run.get_value().wrapping_add(1);
        state.run.set_value(run);
        go_on(state, run, js_sys::Date::now());
    }
}

fn set(state: State, at: Option<Timestamp>) {
    if state.at.get_untracked() != at {
        state.at.set(at);
    }
}

fn on_down(state: State, dragging: StoredValue<bool>, event: &PointerEvent) {
    if event.button() != 0 || !event.is_primary() {
        return;
    }
    let target = event.current_target();
    if let Some(element) = target.and_then(|it| it.dyn_into::<web_sys::Element>().ok()) {
        // Without capture a drag ends at the bar's edge; nothing worse.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
    dragging.set_value(true);
    state.playing.set(false);
    follow(state, event);
}

fn follow(state: State, event: &PointerEvent) {
    let slider = event.current_target();
    let Some(slider) = slider.and_then(|it| it.dyn_into::<web_sys::Element>().ok()) else {
        return;
    };
    let place = slider.get_bounding_client_rect();
    let share = (f64::from(event.client_x()) - place.left()) / place.width().max(1.0);
    let at = state
        .course
        .read_untracked()
        .as_ref()
        .map(|course| course.moment(share));
    if let Some(at) = at {
        set(state, at);
    }
}

fn on_key(state: State, event: &KeyboardEvent) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let Some(course) = state.course.get_untracked() else {
        return;
    };
    let at = state.at.get_untracked();
    let by = |ms: i64| course.within(at.unwrap_or(course.until).plus(ms));
    let next = match event.key().as_str() {
        "ArrowRight" | "ArrowUp" => course.step(at, 1),
        "ArrowLeft" | "ArrowDown" => course.step(at, -1),
        "PageUp" => by(Timestamp::HOUR),
        "PageDown" => by(-Timestamp::HOUR),
        "Home" => Some(course.from),
        "End" | "Escape" => None,
        " " => {
            event.prevent_default();
            toggle(state);
            return;
        }
        _ => return,
    };
    event.prevent_default();
    state.playing.set(false);
    set(state, next);
}

/// How busy *this bot* was, as an area, and the hours.
fn push_ground(slider: &mut Node, course: &Course) {
    let mut shape = "M0 1".to_owned();
    for (index, busy) in course.busy.iter().enumerate() {
        shape.push_str(&format!("V{}H{}", fixed(1.0 - busy, 3), index + 1));
    }
    shape.push_str("V1z");
    let busy = node("svg", "timebar__busy")
        .set("viewBox", &format!("0 0 {} 1", course.busy.len().max(1)))
        .set("preserveAspectRatio", "none")
        .set("aria-hidden", "true")
        .child(path("", &shape));
    let whole = course.until.since(course.from);
    let fits = |minutes: &&i64| whole / (**minutes * Timestamp::MINUTE) <= MOST_TICKS;
    let step = TICKS.iter().find(fits).unwrap_or(&TICKS[8]) * Timestamp::MINUTE;
    let first = course.from.0.div_euclid(step) + 1;
    let last = course.until.0.div_euclid(step);
    let mut ticks = node("div", "timebar__ticks").set("aria-hidden", "true");
    for number in first..=last {
        let at = Timestamp(number * step);
        let share = course.share(Some(at));
        if (0.03..0.97).contains(&share) {
            let clock = at.to_string();
            let tick = node("span", "timebar__tick")
                .share("@left", share)
                .text(clock.get(11..16).unwrap_or_default());
            ticks.push(tick);
        }
    }
    slider.push(busy);
    slider.push(ticks);
}

fn played(state: State, at: Option<Timestamp>, elapsed: f64) -> Option<Timestamp> {
    state.course.read_untracked().as_ref()?.played(at, elapsed)
}

/// Moves the moment on while it plays: frame by frame, or from change to change where the reader asked for less motion.
fn go_on(state: State, run: u32, last: f64) {
    let is_reduced = motion_is_reduced();
    let rate = SPEEDS[state.speed.get_untracked()].0;
    let next = move || {
        let plays = state.playing.try_get_untracked() == Some(true);
        if !plays || state.run.try_get_value() != Some(run) {
            return;
        }
        let (now, at) = (js_sys::Date::now(), state.at.get_untracked());
        let next = if is_reduced {
            let course = state.course.read_untracked();
            course.as_ref().and_then(|course| course.step(at, 1))
        } else {
            played(state, at, (now - last) * rate)
        };
        set(state, next);
        if next.is_some() {
            go_on(state, run, now);
        } else {
            state.playing.set(false);
        }
    };
    if is_reduced {
        set_timeout(next, Duration::from_millis((STEP_MS / rate) as u64));
    } else {
        request_animation_frame(next);
    }
}
