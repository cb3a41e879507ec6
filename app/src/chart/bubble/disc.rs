//! One bubble: its disc in the colour of its heat, and its marks.

use super::figure::Stage;
use super::model::{Key, Role, Spot};
use super::motion::Circle;
use crate::chart::sketch::{Node, node};

/// A bubble where it is right now.
pub fn bubble(stage: Stage, spot: &Spot, circle: Circle, is_lit: bool) -> Node {
    let disc = |class: &str, radius: f64| node("circle", class).number("r", radius);
    let level = match spot.heat {
        Some(heat) => heat.to_string(),
        None => "none".to_owned(),
    };
    let role = match spot.role {
        Role::ThisBot => "this",
        Role::Reference => "reference",
        Role::Member => "member",
        Role::Other => "other",
    };
    let radius = circle.radius;
    let mut body = disc("bubble__disc", radius);
    if spot.heat.is_none() {
        body = body.set("fill", &stage.url("hatch"));
    }
    let mut bubble = node("g", "bubble")
        .key(name(&spot.key))
        .set("data-level", &level)
        .set("data-role", role)
        .mark("data-lit", is_lit)
        .mark("data-unfolded", spot.unfolded)
        .moved(circle.at)
        .child(disc("bubble__glow", radius * 2.1).set("fill", &stage.url("glow")))
        .child(body);
    if spot.heat.is_some() && spot.size.is_none() {
        let hatched = disc("bubble__unsized", radius).set("fill", &stage.url("hatch-dark"));
        bubble = bubble.child(hatched.key("unsized".to_owned()));
    }
    if spot.campaign {
        let ring = disc("bubble__campaign", radius + 2.5);
        bubble = bubble.child(ring.key("campaign".to_owned()));
    }
    bubble
}

/// What tells it from the others.
fn name(key: &Key) -> String {
    super::shown::name_of(key)
}
