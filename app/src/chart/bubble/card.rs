//! The card with all of a bot's values, beside its bubble and never outside of the window.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::cursor;
use super::figure::Stage;
use super::model::{Model, Role, Spot};
use super::text;
use crate::chart::rect::{Point, Rect};
use crate::chart::sketch::{Node, button, drawn, node};
use crate::format;
use crate::math::fixed;

/// Between the card and the window's edges.
const MARGIN: f64 = 8.0;
/// How many of the bots on the same spot are named while only pointed at.
const NAMED: usize = 4;

/// The card of the bot that is pointed at, or else picked. Its place is relative to `room`.
pub fn card(stage: Stage, room: NodeRef<Div>) -> AnyView {
    drawn(
        "div",
        Box::new(move || {
            let all = node("div", "card__place");
            match shown(stage, room) {
                Some(card) => all.child(card),
                None => all,
            }
        }),
    )
}

fn shown(stage: Stage, room: NodeRef<Div>) -> Option<Node> {
    let state = stage.state;
    let is_brushing = stage.brush.get().is_some();
    // Of three beside one another the one that is pointed at has it.
    let is_elsewhere = state.all() && !state.has_cursor();
    let key = state.subject().filter(|_| !is_brushing && !is_elsewhere)?;
    let (model, picture) = (state.model.read(), stage.picture.read());
    let mark = picture.mark(&key);
    let mut here = state.pointed.read().here.clone();
    if let (true, Some(mark)) = (here.is_empty(), mark) {
        here = cursor::keys(&cursor::same_spot(&picture, mark));
    }
    if let Some(mark) = mark {
        let (at, radius) = (mark.at, mark.radius);
        // Measured once the card holds what it shows, still before it is painted.
        request_animation_frame(move || {
            if let Some(room) = room.try_get_untracked().flatten() {
                put(&room, at, radius);
            }
        });
    }
    let spot = model.spot(&key)?;
    let is_picked = state.choice.read().picked.as_ref() == Some(&key);
    let others = here.iter().filter(|other| **other != key);
    let others: Vec<&Spot> = others.filter_map(|other| model.spot(other)).collect();
    let class = if is_picked {
        "card card--picked"
    } else {
        "card"
    };
    let mut card = node("div", class)
        .set("role", "group")
        .set("aria-label", "Bot")
        .children(content(&model, spot));
    if !others.is_empty() {
        card.push(others_here(stage, &others, is_picked));
    }
    Some(card.child(actions(stage, spot, is_picked)))
}

fn put(room: &web_sys::HtmlDivElement, at: Point, radius: f64) {
    let card = room.query_selector(".card").ok().flatten();
    let Some(card) = card.and_then(|card| card.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return;
    };
    let rect = room.get_bounding_client_rect();
    let size = |value: Result<JsValue, JsValue>| {
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
    let style = web_sys::HtmlElement::style(&card);
    // Cannot fail: both are plain lengths.
    let _ = style.set_property("left", &[&fixed(corner.x, 0), "px"].concat());
    let _ = style.set_property("top", &[&fixed(corner.y, 0), "px"].concat());
}

fn content(model: &Model, spot: &Spot) -> Vec<Node> {
    let mut name =
        node("p", "card__name").child(node("span", "card__label").text(&spot.bubble.label));
    if spot.role == Role::ThisBot {
        name.push(node("span", "card__tag").text("This bot"));
    }
    if spot.campaign {
        name.push(node("span", "card__tag").text("Campaign"));
    }
    let mut values = node("dl", "card__values");
    for value in text::values(model, &spot.bubble) {
        let class = if value.text.is_none() {
            "card__missing"
        } else {
            ""
        };
        let text = value.text.as_deref().unwrap_or(text::UNMEASURED);
        values.push(
            node("div", "card__value")
                .child(node("dt", "").text(&value.name))
                .child(node("dd", class).text(text)),
        );
    }
    let kind = node("p", "card__kind").text(&text::kind(&spot.bubble));
    vec![name, kind, values]
}

/// The bots that stand where this one does: named, or offered one by one if the card stays.
fn others_here(stage: Stage, others: &[&Spot], is_picked: bool) -> Node {
    let count = others.len();
    let heading = format!("and {} more here", format::count(count as u64));
    let shown = if is_picked { count } else { NAMED };
    let mut list = node("ul", "card__list");
    if is_picked && count > NAMED {
        list = list.set("tabindex", "0");
    }
    for spot in others.iter().take(shown) {
        list.push(other_here(stage, spot, is_picked));
    }
    if count > shown {
        let rest = format!("+{}", count - shown);
        list.push(node("li", "card__kind").text(&rest));
    }
    node("div", "card__others")
        .child(node("p", "card__heading").text(&heading))
        .child(list)
}

fn other_here(stage: Stage, spot: &Spot, is_picked: bool) -> Node {
    let confidence = spot.bubble.confidence;
    let confidence = confidence.map_or(String::new(), |confidence| format!("{confidence}%"));
    let name = if is_picked && spot.role == Role::Other {
        let key = spot.key.clone();
        button("card__open", Box::new(move || stage.state.open(&key)))
    } else {
        node("span", "card__label")
    };
    node("li", "card__other")
        .child(name.text(&text::name(spot)))
        .child(node("span", "card__kind").text(&confidence))
}

fn actions(stage: Stage, spot: &Spot, is_picked: bool) -> Node {
    let state = stage.state;
    let opens = spot.role == Role::Other;
    if !is_picked {
        return node("p", "card__hint").text(if opens {
            "Click opens its attack · Shift-click pins"
        } else {
            "Click keeps this open · Shift-click pins"
        });
    }
    let mut actions = node("div", "card__actions");
    let quiet = "button button--small button--quiet";
    if opens {
        let key = spot.key.clone();
        let open = button("button button--small", Box::new(move || state.open(&key)));
        actions.push(open.text("Open its attack"));
    }
    let key = spot.key.clone();
    let word = if state.is_pinned(&key) {
        "Unpin"
    } else {
        "Pin"
    };
    let pin = move || state.choose(|choice| choice.toggle_pin(key.clone()));
    actions.push(button(quiet, Box::new(pin)).text(word));
    if let Some(campaign) = stage.campaign(&spot.key) {
        let is_unfolded = state.choice.read().unfolded == Some(campaign);
        let fold = move || state.choose(|choice| choice.toggle_fold(campaign));
        let word = if is_unfolded { "Fold" } else { "Unfold" };
        actions.push(button(quiet, Box::new(fold)).text(word));
    }
    let close = button(quiet, Box::new(move || state.pick(None)));
    actions.child(close.text("Close"))
}
