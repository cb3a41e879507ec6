//! The picture as something to work with: measures its room, moves from one picture to the
//! next, and answers pointer and keyboard. Where things are is `layout`'s, drawing `plot`'s.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::card::Card;
use super::cursor::{self, Step};
use super::layout::{Picture, Size, Views};
use super::legend_view::Legend;
use super::model::Key;
use super::motion::{DURATION_MS, Frame};
use super::plot::Plot;
use super::tabs::State;
use super::text;
use crate::chart::rect::{Point, Rect};

/// Before the container is measured.
const FIRST_WIDTH: f64 = 720.0;

/// What the parts of the picture share.
#[derive(Clone, Copy)]
pub struct Stage {
    pub state: State,
    pub picture: Memo<Picture>,
    /// Where everything is now, between one picture and the next.
    pub frame: RwSignal<Frame>,
    /// Whether it is on the way to another.
    pub moving: RwSignal<bool>,
    /// The area being dragged over.
    pub brush: RwSignal<Option<Rect>>,
    /// All bubbles where the cursor is, the one meant first.
    pub here: RwSignal<Vec<Key>>,
}

/// A pressed pointer.
#[derive(Clone, Copy)]
struct Press {
    start: Point,
    pointer: i32,
}

#[component]
pub fn Figure(state: State) -> impl IntoView {
    let room = NodeRef::<Div>::new();
    let width = measured_width(room);
    let picture = Memo::new(move |_| {
        state.model.with(|model| {
            let views = state.zoom().unwrap_or_else(|| Views::whole(model));
            Picture::new(model, views, Size::in_width(width.get()))
        })
    });
    let stage = Stage {
        state,
        picture,
        frame: RwSignal::new(picture.with_untracked(Frame::of)),
        moving: RwSignal::new(false),
        brush: RwSignal::new(None),
        here: RwSignal::new(Vec::new()),
    };
    move_between_pictures(stage);
    let press = StoredValue::new(None::<Press>);
    let readout = move || {
        let key = state.cursor.get()?;
        let here = stage.here.with(Vec::len);
        state.model.with(|model| {
            model
                .spot(&key)
                .map(|spot| text::readout(model, spot, here))
        })
    };
    let label = move || format!("{} heatmap", state.tab.get().label());
    view! {
        <figure class="heatmap__figure instrument" aria-label=label>
            <div class="heatmap__room" node_ref=room>
                <div
                    class="heatmap__stage"
                    role="application"
                    aria-roledescription="heatmap"
                    aria-label=label
                    aria-describedby="heatmap-keys"
                    tabindex="0"
                    on:keydown=move |event| on_key(stage, &event)
                    on:blur=move |_| state.set_cursor(None)
                >
                    <Plot
                        stage
                        on_down=Callback::new(move |event| on_down(stage, press, &event))
                        on_move=Callback::new(move |event| on_move(stage, press, &event))
                        on_up=Callback::new(move |event| on_up(stage, press, &event))
                        on_leave=Callback::new(move |()| on_leave(stage, press))
                        on_double=Callback::new(move |_: MouseEvent| state.set_zoom(None))
                    />
                </div>
                <Show when=move || state.zoom().is_some()>
                    <button
                        class="button button--small heatmap__reset"
                        type="button"
                        on:click=move |_| state.set_zoom(None)
                    >
                        "Reset zoom"
                    </button>
                </Show>
                <Card stage room />
            </div>
            <Legend stage />
            <p class="visually-hidden" id="heatmap-keys">
                "Arrow keys move from bubble to bubble, Enter opens a bot's attack, Space pins it, "
                "plus zooms in, Escape resets."
            </p>
            <p class="visually-hidden" aria-live="polite">
                {readout}
            </p>
        </figure>
    }
}

/// The width of an element, kept up to date.
fn measured_width(element: NodeRef<Div>) -> Signal<f64> {
    let width = RwSignal::new(FIRST_WIDTH);
    let observer = StoredValue::new_local(None::<web_sys::ResizeObserver>);
    Effect::new(move |_| {
        let Some(element) = element.get() else {
            return;
        };
        let measure = {
            let element = element.clone();
            move || {
                let now = f64::from(element.client_width());
                if now > 0.0 && (now - width.get_untracked()).abs() >= 1.0 {
                    width.set(now);
                }
            }
        };
        measure();
        let callback = Closure::<dyn FnMut()>::new(measure).into_js_value();
        if let Ok(created) = web_sys::ResizeObserver::new(callback.unchecked_ref()) {
            created.observe(&element);
            observer.set_value(Some(created));
        }
    });
    on_cleanup(move || {
        if let Some(Some(observer)) = observer.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    width.into()
}

/// Whether the reader asked for less motion.
fn motion_is_reduced() -> bool {
    window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

/// Follows the picture with the frame: over 200 ms when what is shown changed, at once when
/// only its room did or the reader asked for less motion.
fn move_between_pictures(stage: Stage) {
    let run = StoredValue::new(0_u32);
    Effect::new(move |previous: Option<Size>| {
        let (target, size) = stage
            .picture
            .with(|picture| (Frame::of(picture), picture.size));
        let this_run = run.get_value().wrapping_add(1);
        run.set_value(this_run);
        let start = stage.frame.get_untracked();
        if previous != Some(size) || start == target || motion_is_reduced() {
            stage.frame.set(target);
            stage.moving.set(false);
        } else {
            stage.moving.set(true);
            let now = js_sys::Date::now();
            step(stage, run, this_run, start, target, now);
        }
        size
    });
}

/// Draws one frame and asks for the next, until the change is over or another has begun.
fn step(stage: Stage, run: StoredValue<u32>, this_run: u32, from: Frame, to: Frame, started: f64) {
    request_animation_frame(move || {
        if run.try_get_value() != Some(this_run) {
            return;
        }
        let elapsed = js_sys::Date::now() - started;
        if elapsed >= DURATION_MS {
            stage.frame.try_set(to);
            stage.moving.try_set(false);
        } else {
            stage.frame.try_set(Frame::on_the_way(&from, &to, elapsed));
            step(stage, run, this_run, from, to, started);
        }
    });
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

fn on_up(stage: Stage, press: StoredValue<Option<Press>>, event: &PointerEvent) {
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

fn on_leave(stage: Stage, press: StoredValue<Option<Press>>) {
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

fn on_key(stage: Stage, event: &KeyboardEvent) {
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
