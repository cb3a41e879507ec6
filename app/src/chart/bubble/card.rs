//! The card with all of a bot's values, beside its bubble and never outside of the window.

use crate::state::effect::effect;
use leptos::html::Div;
use leptos::prelude::*;

use super::cursor;
use super::figure::Stage;
use super::model::{Model, Role, Spot};
use super::text;
use crate::chart::rect::{Point, Rect};
use crate::format;

/// Between the card and the window's edges.
const MARGIN: f64 = 8.0;
/// How many of the bots on the same spot are named while only pointed at.
const NAMED: usize = 4;

#[component]
pub fn Card(
    stage: Stage,
    /// What the card's place is relative to.
    room: NodeRef<Div>,
) -> impl IntoView {
    let state = stage.state;
    let card = NodeRef::<Div>::new();
    let key = Memo::new(move |_| {
        let brushing = stage.brush.get().is_some();
        (!brushing)
            .then(|| state.subject())
            .flatten()
            // Of three beside one another the one that is pointed at has it.
            .filter(|_| !state.all() || state.has_cursor())
    });
    let is_picked = move || {
        let key = key.read();
        key.is_some() && *key == state.choice.read().picked
    };
    let here = Memo::new(move |_| {
        let Some(key) = key.get() else {
            return Vec::new();
        };
        let here = state.pointed.read().here.clone();
        if !here.is_empty() {
            return here;
        }
        let picture = stage.picture.read();
        let mark = picture.mark(&key);
        let here = mark.map(|mark| cursor::same_spot(&picture, mark));
        cursor::keys(&here.unwrap_or_default())
    });
    effect(move || {
        let shown = key.get();
        is_picked();
        here.track();
        let picture = stage.picture.read();
        let place = shown.and_then(|key| picture.mark(&key).cloned());
        // Measured once the card holds what it shows, still before it is painted.
        request_animation_frame(move || {
            if let (Some(mark), Some(card), Some(room)) = (
                place,
                card.try_get_untracked().flatten(),
                room.try_get_untracked().flatten(),
            ) {
                put(&card, &room, mark.at, mark.radius);
            }
        });
    });
    view! {
        {move || {
            let key = key.get()?;
            let model = state.model.read();
            let spot = model.spot(&key).cloned()?;
            let picked = is_picked();
            let others: Vec<Spot> = here
                .read()
                .iter()
                .filter(|other| **other != key)
                .filter_map(|other| model.spot(other).cloned())
                .collect();
            let content = content(&model, &spot);
            Some(
                view! {
                    <div
                        class="card"
                        class:card--picked=picked
                        node_ref=card
                        role="group"
                        aria-label="Bot"
                    >
                        {content}
                        {others_here(stage, others, picked)}
                        {actions(stage, &spot, picked)}
                    </div>
                },
            )
        }}
    }
}

fn put(card: &web_sys::HtmlDivElement, room: &web_sys::HtmlDivElement, at: Point, radius: f64) {
    let rect = room.get_bounding_client_rect();
    let size = |value: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0)
    };
    let bounds = Rect {
        left: (MARGIN - rect.left()).max(-MARGIN),
        top: MARGIN - rect.top(),
        right: (size(window().inner_width()) - MARGIN - rect.left()).min(rect.width() + MARGIN),
        bottom: size(window().inner_height()) - MARGIN - rect.top(),
    };
    let own = (
        f64::from(card.offset_width()),
        f64::from(card.offset_height()),
    );
    let corner = cursor::card_corner(at, radius, own, bounds);
    let style = web_sys::HtmlElement::style(card);
    // Cannot fail: both are plain lengths.
    let _ = style.set_property("left", &format!("{:.0}px", corner.x));
    let _ = style.set_property("top", &format!("{:.0}px", corner.y));
}

fn content(model: &Model, spot: &Spot) -> impl IntoView + use<> {
    let values = text::values(model, &spot.bubble)
        .into_iter()
        .map(|value| {
            let missing = value.text.is_none();
            view! {
                <div class="card__value">
                    <dt>{value.name}</dt>
                    <dd class:card__missing=missing>
                        {value.text.unwrap_or_else(|| text::UNMEASURED.to_owned())}
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <p class="card__name">
            <span class="card__label">{spot.bubble.label.clone()}</span>
            {(spot.role == Role::ThisBot)
                .then(|| view! { <span class="card__tag">"This bot"</span> })}
            {spot.campaign.then(|| view! { <span class="card__tag">"Campaign"</span> })}
        </p>
        <p class="card__kind">{text::kind(&spot.bubble)}</p>
        <dl class="card__values">{values}</dl>
    }
}

/// The bots that stand where this one does: named, or offered one by one if the card stays.
fn others_here(stage: Stage, others: Vec<Spot>, picked: bool) -> Option<AnyView> {
    if others.is_empty() {
        return None;
    }
    let count = others.len();
    let heading = format!("and {} more here", format::count(count as u64));
    let shown = if picked { count } else { NAMED };
    let rest = count.saturating_sub(shown);
    let rows = others
        .into_iter()
        .take(shown)
        .map(|spot| other_here(stage, &spot, picked))
        .collect_view();
    Some(
        view! {
            <div class="card__others">
                <p class="card__heading">{heading}</p>
                <ul class="card__list" tabindex=(picked && count > NAMED).then_some("0")>
                    {rows}
                    {(rest > 0).then(|| view! { <li class="card__kind">{format!("+{rest}")}</li> })}
                </ul>
            </div>
        }
        .into_any(),
    )
}

fn other_here(stage: Stage, spot: &Spot, picked: bool) -> impl IntoView + use<> {
    let label = text::name(spot);
    let confidence = spot
        .bubble
        .confidence
        .map(|confidence| format!("{confidence}%"));
    let key = spot.key.clone();
    view! {
        <li class="card__other">
            {if picked && spot.role == Role::Other {
                view! {
                    <button
                        class="card__open"
                        type="button"
                        on:click=move |_| stage.state.open(&key)
                    >
                        {label}
                    </button>
                }
                    .into_any()
            } else {
                view! { <span class="card__label">{label}</span> }.into_any()
            }}
            <span class="card__kind">{confidence}</span>
        </li>
    }
}

fn actions(stage: Stage, spot: &Spot, picked: bool) -> impl IntoView + use<> {
    let state = stage.state;
    let opens = spot.role == Role::Other;
    if !picked {
        let hint = if opens {
            "Click opens its attack · Shift-click pins"
        } else {
            "Click keeps this open · Shift-click pins"
        };
        return view! { <p class="card__hint">{hint}</p> }.into_any();
    }
    let key = StoredValue::new(spot.key.clone());
    let campaign = stage.campaign(&spot.key);
    let quiet = "button button--small button--quiet";
    let pin = move || {
        if state.is_pinned(&key.read_value()) {
            "Unpin"
        } else {
            "Pin"
        }
    };
    view! {
        <div class="card__actions">
            {opens
                .then(|| {
                    view! {
                        <button
                            class="button button--small"
                            type="button"
                            on:click=move |_| state.open(&key.get_value())
                        >
                            "Open its attack"
                        </button>
                    }
                })}
            <button
                class=quiet
                type="button"
                on:click=move |_| state.choose(|choice| choice.toggle_pin(key.get_value()))
            >
                {pin}
            </button>
            {campaign
                .map(|campaign| {
                    let word = move || {
                        if state.choice.read().unfolded == Some(campaign) { "Fold" } else { "Unfold" }
                    };
                    view! {
                        <button
                            class=quiet
                            type="button"
                            on:click=move |_| state.choose(|choice| choice.toggle_fold(campaign))
                        >
                            {word}
                        </button>
                    }
                })}
            <button class=quiet type="button" on:click=move |_| state.pick(None)>
                "Close"
            </button>
        </div>
    }
    .into_any()
}
