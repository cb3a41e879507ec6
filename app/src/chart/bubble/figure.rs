//! The picture as something to work with: measures its room, moves from one picture to the
//! next, and answers pointer and keyboard. Where things are is `layout`'s, drawing `plot`'s.

use crate::state::effect::effect;
use leptos::html::Div;
use leptos::prelude::*;
use shared::AttackId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::card::card;
use super::input::{self, Press};
use super::layout::{Picture, Size, Views};
use super::legend_view::legend;
use super::model::Key;
use super::motion::{DURATION_MS, Frame};
use super::plot::plot;
use super::state::State;
use super::text;
use crate::chart::rect::Rect;
use crate::chart::sketch::{button, drawn, node};

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
    /// Addresses of a campaign on their way back into its bubble.
    pub leaving: RwSignal<Vec<Key>>,
    /// What tells the names of this picture's parts from those of the others'.
    pub slug: &'static str,
}

impl Stage {
    /// The name of a part of this picture.
    pub fn name(self, part: &str) -> String {
        format!("heatmap-{part}-{}", self.slug)
    }

    /// Such a part as paint.
    pub fn url(self, part: &str) -> String {
        format!("url(#{})", self.name(part))
    }

    /// The campaign that a bubble is, or is part of.
    pub fn campaign(self, key: &Key) -> Option<AttackId> {
        let model = self.state.model.read_untracked();
        let is_campaign = model.spot(key).is_some_and(|spot| spot.campaign);
        let own = key.attack().filter(|_| is_campaign);
        own.or_else(|| key.campaign())
    }
}

/// One heatmap; its `slug` is unlike that of any other picture on the page.
pub fn figure(state: State, slug: &'static str) -> AnyView {
    let room = NodeRef::<Div>::new();
    let width = measured_width(room);
    let picture = Memo::new(move |_| {
        let model = state.model.read();
        let views = state.zoom().unwrap_or_else(|| Views::whole(&model));
        Picture::new(&model, views, Size::in_width(width.get()))
    });
    let stage = Stage {
        state,
        picture,
        frame: RwSignal::new(Frame::of(&picture.read_untracked())),
        moving: RwSignal::new(false),
        brush: RwSignal::new(None),
        leaving: RwSignal::new(Vec::new()),
        slug,
    };
    move_between_pictures(stage);
    let readout = move || {
        let key = state.cursor().filter(|_| state.has_cursor())?;
        let here = state.pointed.read().here.len();
        let model = state.model.read();
        let spot = model.spot(&key);
        spot.map(|spot| text::readout(&model, spot, here))
    };
    let label = move || [state.tab().label(), " heatmap"].concat();
    view! {
        <figure class="heatmap__figure instrument" aria-label=label>
            <div class="heatmap__room" node_ref=room>
                {stage_of(stage)}
                {reset(state)}
                {card(stage, room)}
            </div>
            {legend(stage)}
            <p class="visually-hidden" id=stage.name("keys")>
                "Arrow keys move from bubble to bubble, Enter opens a bot's attack, Space pins it to \
                 compare, U unfolds a campaign, plus zooms in, Escape resets. Space without a bot \
                 plays the course of time."
            </p>
            <p class="visually-hidden" aria-live="polite">
                {readout}
            </p>
        </figure>
    }
    .into_any()
}

fn reset(state: State) -> AnyView {
    let draw = move || {
        let place = node("div", "");
        if state.zoom().is_none() {
            return place;
        }
        let class = "button button--small heatmap__reset";
        let reset = button(class, Box::new(move || state.set_zoom(None)));
        place.child(reset.text("Reset zoom"))
    };
    drawn("div", Box::new(draw))
}

/// What is drawn on, and takes pointer and keys: what is under the pointer is computed.
fn stage_of(stage: Stage) -> AnyView {
    let press = StoredValue::new(None::<Press>);
    let gone = StoredValue::new(Vec::new());
    drawn(
        "div",
        Box::new(move || {
            let listen = move |event: web_sys::Event| input::on(stage, press, &event);
            let label = [stage.state.tab().label(), " heatmap"].concat();
            let mut root = node("div", "heatmap__stage")
                .key("stage".to_owned())
                .set("role", "application")
                .set("aria-roledescription", "heatmap")
                .set("aria-label", &label)
                .set("aria-describedby", &stage.name("keys"))
                .set("tabindex", "0");
            for name in input::EVENTS {
                root = root.on(name, Box::new(listen));
            }
            root.child(plot(stage, gone))
        }),
    )
}

/// The width of an element, kept up to date.
fn measured_width(element: NodeRef<Div>) -> Signal<f64> {
    let width = RwSignal::new(FIRST_WIDTH);
    let observer = StoredValue::new_local(None::<web_sys::ResizeObserver>);
    effect(move || {
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
pub fn motion_is_reduced() -> bool {
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
        let (target, size) = {
            let picture = stage.picture.read();
            (Frame::of(&picture), picture.size)
        };
        let this_run = run.get_value().wrapping_add(1);
        run.set_value(this_run);
        let start = stage.frame.get_untracked();
        if previous != Some(size) || start == target || motion_is_reduced() {
            stage.frame.set(target);
            stage.moving.set(false);
            forget_leaving(stage);
        } else {
            let leaving: Vec<Key> = start.leaving(&target).map(|(key, _)| key.clone()).collect();
            if *stage.leaving.read_untracked() != leaving {
                stage.leaving.set(leaving);
            }
            stage.moving.set(true);
            let now = js_sys::Date::now();
            step(stage, run, this_run, start, target, now);
        }
        size
    });
}

fn forget_leaving(stage: Stage) {
    let leaving = stage.leaving.try_get_untracked();
    if leaving.is_some_and(|leaving| !leaving.is_empty()) {
        stage.leaving.set(Vec::new());
    }
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
            forget_leaving(stage);
        } else {
            stage.frame.try_set(Frame::on_the_way(&from, &to, elapsed));
            step(stage, run, this_run, from, to, started);
        }
    });
}
