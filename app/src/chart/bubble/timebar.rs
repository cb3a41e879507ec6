//! The time bar under the heatmaps: drag through the window, or play it, and see the bots as
//! they were. What it spans is `course`'s to say. While it plays, the bar changes with every
//! frame, so that is written to its elements directly.

use std::time::Duration;

use crate::state::effect::effect;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use shared::Timestamp;
use wasm_bindgen::JsCast;

use super::course::Course;
use super::figure::motion_is_reduced;
use super::state::{State, year_now};
use super::text;

/// How fast it plays, in turn.
const SPEEDS: [(f64, &str); 4] = [(1.0, "1×"), (2.0, "2×"), (4.0, "4×"), (0.5, "½×")];
/// How long a step stands where the reader asked for less motion.
const STEP_MS: f64 = 800.0;
/// Distances between ticks in minutes, and how many there are at most.
const TICKS: [i64; 9] = [1, 5, 10, 15, 30, 60, 120, 180, 360];
const MOST_TICKS: i64 = 8;

#[component]
pub fn TimeBar(state: State) -> impl IntoView {
    let bar = NodeRef::<Div>::new();
    let dragging = StoredValue::new(false);
    effect(move || {
        if let Some(bar) = bar.get() {
            write(state, state.speed.get(), &bar);
        }
    });
    view! {
        <div class="timebar" role="group" aria-label="Course of time" node_ref=bar>
            <button class="timebar__play" type="button" on:click=move |_| toggle(state)>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M5 2.5v11l8-5.5z" />
                    <path d="M4 3h3v10h-3zM9 3h3v10h-3z" />
                </svg>
            </button>
            <div
                class="timebar__slider"
                role="slider"
                tabindex="0"
                aria-label="Moment"
                aria-valuemin="0"
                aria-valuemax="1000"
                on:pointerdown=move |event| on_down(state, dragging, &event)
                on:pointermove=move |event| {
                    if dragging.get_value() {
                        follow(state, &event);
                    }
                }
                on:pointerup=move |_| dragging.set_value(false)
                on:pointercancel=move |_| dragging.set_value(false)
                on:keydown=move |event| on_key(state, &event)
            >
                {move || state.course.read().as_ref().map(ground)}
                <div class="timebar__ahead" />
                <div class="timebar__handle">
                    <span class="timebar__now" />
                </div>
            </div>
            <button
                class="timebar__speed"
                type="button"
                on:click=move |_| state.speed.set((state.speed.get_untracked() + 1) % SPEEDS.len())
            />
            <button
                class="timebar__end"
                type="button"
                on:click=move |_| {
                    state.playing.set(false);
                    state.at.set(None);
                }
            >
                "To the end"
            </button>
        </div>
    }
}

/// Writes moment, speed and whether it plays into the bar.
fn write(state: State, speed: usize, bar: &web_sys::Element) {
    let (at, playing) = (state.at.get(), state.playing.get());
    let course = state.course.read();
    let share = course.as_ref().map_or(1.0, |course| course.share(at));
    let end = state.moment.read().heatmaps.window_until;
    let text = text::moment(at.unwrap_or(end), year_now());
    let said = if at.is_some() {
        text.clone()
    } else {
        [&text, ", the end"].concat()
    };
    let now = format!("{:.0}", share * 1_000.0);
    let side = match share {
        share if share < 0.15 => "after",
        share if share > 0.85 => "before",
        _ => "over",
    };
    let yes = |holds: bool| if holds { "true" } else { "false" };
    for (part, name, value) in [
        (
            ".timebar__play",
            "aria-label",
            if playing { "Pause" } else { "Play" },
        ),
        (".timebar__play", "data-playing", yes(playing)),
        (".timebar__slider", "aria-valuenow", now.as_str()),
        (".timebar__slider", "aria-valuetext", said.as_str()),
        (".timebar__now", "data-side", side),
        (
            ".timebar__speed",
            "aria-label",
            &format!("Speed {}", SPEEDS[speed].1),
        ),
        (".timebar__end", "data-end", yes(at.is_none())),
    ] {
        if let Ok(Some(part)) = bar.query_selector(part) {
            // Cannot fail: the names are plain.
            let _ = part.set_attribute(name, value);
        }
    }
    for (part, text) in [
        (".timebar__now", text.as_str()),
        (".timebar__speed", SPEEDS[speed].1),
    ] {
        if let Ok(Some(part)) = bar.query_selector(part) {
            part.set_text_content(Some(text));
        }
    }
    if let Some(bar) = bar.dyn_ref::<web_sys::HtmlElement>() {
        let place = format!("{:.3}%", share * 100.0);
        let _ = web_sys::HtmlElement::style(bar).set_property("--at", &place);
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
fn ground(course: &Course) -> impl IntoView + use<> {
    let mut path = "M0 1".to_owned();
    for (index, busy) in course.busy.iter().enumerate() {
        path.push_str(&format!("V{:.3}H{}", 1.0 - busy, index + 1));
    }
    path.push_str("V1z");
    let whole = course.until.since(course.from);
    let fits = |minutes: &&i64| whole / (**minutes * Timestamp::MINUTE) <= MOST_TICKS;
    let step = TICKS.iter().find(fits).unwrap_or(&TICKS[8]) * Timestamp::MINUTE;
    let first = course.from.0.div_euclid(step) + 1;
    let last = course.until.0.div_euclid(step);
    let ticks: Vec<_> = (first..=last)
        .filter_map(|number| {
            let at = Timestamp(number * step);
            let share = course.share(Some(at));
            let clock = at.to_string().get(11..16)?.to_owned();
            (0.03..0.97).contains(&share).then(|| {
                let place = format!("{:.2}%", share * 100.0);
                view! {
                    <span class="timebar__tick" style=("left", place)>
                        {clock}
                    </span>
                }
            })
        })
        .collect();
    view! {
        <svg
            class="timebar__busy"
            viewBox=format!("0 0 {} 1", course.busy.len().max(1))
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path d=path />
        </svg>
        <div class="timebar__ticks" aria-hidden="true">
            {ticks}
        </div>
    }
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
