//! The legends below the picture: colour, size, and what the marks mean. Where the bot that is
//! pointed at stands shows on both scales.

use leptos::prelude::*;
use shared::{Dimension, Verification};

use super::figure::Stage;
use super::model::{Model, Role, Spot};
use super::text;
use crate::chart::legend::{self, LEVELS};
use crate::chart::rect::Point;
use crate::chart::sketch::{Node, circle, drawn, go, line, node, path, words};

/// The colour bar in pixels, with room for half a label at both ends.
const BAR: f64 = 272.0;
const BAR_HEIGHT: f64 = 10.0;
const SIDE: f64 = 22.0;

/// The legends of a heatmap.
pub fn legend(stage: Stage) -> AnyView {
    drawn(
        "figcaption",
        Box::new(move || {
            let state = stage.state;
            let model = state.model.read();
            let subject = state.subject();
            let pointed = subject.and_then(|key| model.spot(&key));
            let mut bar = node("g", "").set("transform", "translate(22 10)");
            for level in 0..=LEVELS {
                bar.push(cell(level));
            }
            push_colour_stops(&mut bar, &model.color);
            if let Some(heat) = pointed.and_then(|spot| spot.heat) {
                bar.push(pointer(heat));
            }
            let mut sizes = scale(
                132.0,
                56.0,
                &spoken("Size", "6 pixels", "28 pixels", &model.size),
            );
            push_size_stops(&mut sizes, &model.size);
            if let Some(size) = pointed.and_then(|spot| spot.size) {
                let radius = legend::radius(size);
                let now = circle("legend__now", standing(radius), radius);
                sizes.push(now.key("now".to_owned()));
            }
            let spoken = spoken("Colour", "ash", "red", &model.color);
            let colours = scale(BAR + 2.0 * SIDE, 40.0, &spoken).child(bar);
            node("figcaption", "legend")
                .child(part(&model.color, colours))
                .child(part(&model.size, sizes))
                .child(node("ul", "legend__marks").children(marks(&model)))
        }),
    )
}

fn part(dimension: &Dimension, scale: Node) -> Node {
    let title = node("p", "legend__title").text(&text::titled(dimension));
    node("div", "").child(title).child(scale)
}

fn scale(width: f64, height: f64, label: &str) -> Node {
    node("svg", "legend__scale")
        .number("width", width)
        .number("height", height)
        .set("role", "img")
        .set("aria-label", label)
}

fn spoken(channel: &str, low: &str, high: &str, dimension: &Dimension) -> String {
    let stops = legend::colour_stops(dimension);
    let end = |stop: Option<&legend::Stop>| stop.map_or(String::new(), |stop| stop.label.clone());
    format!(
        "{channel}: {}, {low} at {}, {high} at {}",
        text::titled(dimension),
        end(stops.first()),
        end(stops.last()),
    )
}

fn cell(level: u8) -> Node {
    let width = BAR / f64::from(LEVELS + 1);
    node("rect", "legend__cell")
        .set("data-level", &level.to_string())
        .number("x", f64::from(level) * width)
        .number("width", width + 0.5)
        .number("height", BAR_HEIGHT)
}

/// Where a level is on the bar: in the middle of its cell.
fn along(level: f64) -> f64 {
    let width = BAR / f64::from(LEVELS + 1);
    level * (BAR - width) + width / 2.0
}

fn push_colour_stops(bar: &mut Node, dimension: &Dimension) {
    for stop in legend::colour_stops(dimension) {
        let at = along(stop.level);
        let tick = line((at, BAR_HEIGHT), (at, BAR_HEIGHT + 4.0)).set("class", "legend__tick");
        bar.push(tick);
        let place = (at, BAR_HEIGHT + 18.0);
        bar.push(words("legend__number", place, "middle", &stop.label));
    }
}

/// The mark above the bar at the level of the bot that is pointed at.
fn pointer(heat: u8) -> Node {
    let at = along(f64::from(heat) / f64::from(LEVELS));
    let mut shape = String::new();
    go(&mut shape, "M", Point { x: at, y: -2.0 });
    shape.push_str("l-5 -7h10z");
    path("legend__pointer", &shape)
}

/// Three circles on one ground, each with a line to its number.
fn push_size_stops(sizes: &mut Node, dimension: &Dimension) {
    for (index, stop) in legend::size_stops(dimension).into_iter().enumerate() {
        let radius = legend::radius(stop.level);
        let row = 44.0 - index as f64 * 17.0;
        let top = FLOOR - 2.0 * radius;
        sizes.push(circle("legend__circle", standing(radius), radius));
        let mut shape = String::new();
        go(&mut shape, "M", Point { x: CENTRE, y: top });
        let bend = Point {
            x: CENTRE + 20.0,
            y: row,
        };
        go(&mut shape, "L", bend);
        shape.push_str("H56");
        sizes.push(path("legend__tick", &shape));
        sizes.push(words("legend__number", (60.0, row + 4.0), "", &stop.label));
    }
}

const FLOOR: f64 = 46.0;
const CENTRE: f64 = 16.0;

/// The centre of a circle that stands on the ground.
fn standing(radius: f64) -> Point {
    Point {
        x: CENTRE,
        y: FLOOR - radius,
    }
}

/// The marks that occur in this heatmap, each with its meaning.
fn marks(model: &Model) -> Vec<Node> {
    let any = |test: &dyn Fn(&Spot) -> bool| model.spots.iter().any(test);
    let verifications: Vec<&str> = Verification::ALL
        .iter()
        .filter(|verification| any(&|spot| spot.bubble.verification == Some(**verification)))
        .map(|verification| verification.as_str())
        .collect();
    let references = format!("Crawler that names itself ({})", verifications.join(", "));
    let others = any(&|spot| spot.role == Role::Other);
    let all = [
        (true, "ring", "This bot".to_owned()),
        (
            any(&|spot| spot.campaign),
            "campaign",
            "Campaign: one bot, many addresses".to_owned(),
        ),
        (
            any(&|spot| spot.role == Role::Reference),
            "hollow",
            references,
        ),
        (
            any(&|spot| {
                spot.heat.is_none() || spot.size.is_none() || spot.x.is_none() || spot.y.is_none()
            }),
            "hatch",
            "Not measured".to_owned(),
        ),
        (
            any(&|spot| spot.role == Role::Member),
            "member",
            "Address of the unfolded campaign".to_owned(),
        ),
        (others, "median", "Median of the other bots".to_owned()),
        (true, "normal", "Normal for this application".to_owned()),
    ];
    all.into_iter()
        .filter(|(present, ..)| *present)
        .map(|(_, mark, meaning)| {
            let class = ["legend__sign legend__sign--", mark].concat();
            let sign = node("span", &class).set("aria-hidden", "true");
            node("li", "legend__mark").child(sign).text(&meaning)
        })
        .collect()
}
