//! The card with all of a bot's values, beside its bubble and never outside of the window.

use leptos::html::Div;
use leptos::prelude::*;
use shared::AttackId;

use super::cursor;
use super::figure::Stage;
use super::model::{Key, Model, Role, Spot};
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
        let brushing = stage.brush.with(Option::is_some);
        (!brushing)
            .then(|| state.cursor.get().or_else(|| state.pinned.get()))
            .flatten()
    });
    let is_pinned = move || key.with(|key| key.is_some() && *key == state.pinned.get());
    let here = Memo::new(move |_| {
        let Some(key) = key.get() else {
            return Vec::new();
        };
        if state.cursor.with(Option::is_some) {
            return stage.here.get();
        }
        stage.picture.with(|picture| {
            picture
                .mark(&key)
                .map(|mark| cursor::same_spot(picture, mark))
                .unwrap_or_default()
                .into_iter()
                .map(|mark| mark.key.clone())
                .collect()
        })
    });
    Effect::new(move |_| {
        let shown = key.get();
        is_pinned();
        here.track();
        let place = stage
            .picture
            .with(|picture| shown.and_then(|key| picture.mark(&key).cloned()));
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
            let spot = state.model.with(|model| model.spot(&key).cloned())?;
            let pinned = is_pinned();
            let others: Vec<Spot> = state
                .model
                .with(|model| {
                    here.get()
                        .iter()
                        .filter(|other| **other != key)
                        .filter_map(|other| model.spot(other).cloned())
                        .collect()
                });
            let content = state.model.with(|model| content(model, &spot));
            Some(
                view! {
                    <div
                        class="card"
                        class:card--pinned=pinned
                        node_ref=card
                        role="group"
                        aria-label="Bot"
                    >
                        {content}
                        {others_here(stage, others, pinned)}
                        {actions(stage, &spot, pinned)}
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
fn others_here(stage: Stage, others: Vec<Spot>, pinned: bool) -> Option<AnyView> {
    if others.is_empty() {
        return None;
    }
    let count = others.len();
    let heading = format!("and {} more here", format::count(count as u64));
    let shown = if pinned { count } else { NAMED };
    let rest = count.saturating_sub(shown);
    let rows = others
        .into_iter()
        .take(shown)
        .map(|spot| other_here(stage, &spot, pinned))
        .collect_view();
    Some(
        view! {
            <div class="card__others">
                <p class="card__heading">{heading}</p>
                <ul class="card__list" tabindex=(pinned && count > NAMED).then_some("0")>
                    {rows}
                    {(rest > 0).then(|| view! { <li class="card__kind">{format!("+{rest}")}</li> })}
                </ul>
            </div>
        }
        .into_any(),
    )
}

fn other_here(stage: Stage, spot: &Spot, pinned: bool) -> impl IntoView + use<> {
    let label = text::name(spot);
    let confidence = spot
        .bubble
        .confidence
        .map(|confidence| format!("{confidence}%"));
    let key = spot.key.clone();
    view! {
        <li class="card__other">
            {if pinned && spot.role == Role::Other {
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

fn actions(stage: Stage, spot: &Spot, pinned: bool) -> impl IntoView + use<> {
    let attack: Option<AttackId> = spot.key.attack().filter(|_| spot.role == Role::Other);
    let key: Key = spot.key.clone();
    if pinned {
        view! {
            <div class="card__actions">
                {attack
                    .is_some()
                    .then(|| {
                        view! {
                            <button
                                class="button button--small"
                                type="button"
                                on:click=move |_| stage.state.open(&key)
                            >
                                "Open its attack"
                            </button>
                        }
                    })}
                <button
                    class="button button--small button--quiet"
                    type="button"
                    on:click=move |_| stage.state.pinned.set(None)
                >
                    "Unpin"
                </button>
            </div>
        }
        .into_any()
    } else {
        let hint = if attack.is_some() {
            "Click opens its attack · Shift-click pins"
        } else {
            "Click pins"
        };
        view! { <p class="card__hint">{hint}</p> }.into_any()
    }
}
