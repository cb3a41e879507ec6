//! The SVG of one heatmap: draws the picture as it is right now. Decides nothing.

use leptos::prelude::*;

use super::disc::bubble;
use super::figure::Stage;
use super::ground::ground;
use super::layout::{BubbleLabel, Picture, RING};
use super::model::{Key, Model, Role, Spot};
use super::motion::{Circle, Frame};
use super::text;
use super::travel;
use crate::chart::rect::{Point, Rect};
use crate::chart::sketch::{Node, circle, go, line, node, path, words};

/// The picture. `gone` keeps how the addresses of a campaign looked: what is on its way out
/// looks as it did. Reactive.
pub fn plot(stage: Stage, gone: StoredValue<Vec<Spot>>) -> Node {
    let state = stage.state;
    let (picture, frame) = (stage.picture.read(), stage.frame.read());
    let model = state.model.read();
    let cursor = state.cursor();
    let mut svg = node("svg", "plot")
        .set("role", "img")
        .set("aria-labelledby", &stage.name("title"))
        .set("aria-describedby", &stage.name("description"))
        .number("width", picture.size.width)
        .number("height", picture.size.height)
        .mark("data-brushing", stage.brush.get().is_some())
        .mark("data-moving", stage.moving.get())
        .mark("data-pointing", cursor.is_some())
        .child(
            node("title", "")
                .set("id", &stage.name("title"))
                .text(&[state.tab().label(), " heatmap"].concat()),
        )
        .child(
            node("desc", "")
                .set("id", &stage.name("description"))
                .text(&description(&picture, &model)),
        )
        .child(definitions(stage, picture.plot))
        .child(normal(&frame));
    svg = svg
        .children(ground(&picture, &stage.url("hatch")))
        .child(medians(&frame, picture.plot));
    let (lines, dots) = trails(stage, &picture, &frame);
    let mut inside = node("g", "")
        .set("clip-path", &stage.url("clip"))
        .child(path("plot__trail", &lines))
        .child(path("plot__footprint", &dots))
        .child(path("plot__tether", &tethers(stage, &picture, &frame)))
        .child(crosshair(stage, &picture, &frame))
        .children(bubbles(stage, gone, &picture, &frame));
    let mut ring = |key: Option<&Key>, class: &str, more: f64| {
        if let Some(at) = key.and_then(|key| frame.circle(key)) {
            inside.push(circle(class, at.at, at.radius + more));
        }
    };
    ring(model.this_bot().map(|spot| &spot.key), "plot__ring", RING);
    let choice = state.choice.read();
    for key in &choice.pins {
        ring(Some(key), "plot__pinned", 2.5);
    }
    ring(choice.picked.as_ref(), "plot__picked", 2.5);
    ring(cursor.as_ref(), "plot__cursor", 2.5);
    svg.push(inside);
    for name in &picture.labels {
        svg.push(label(&picture, &frame, name));
    }
    push_names(&mut svg, &picture);
    if let Some(area) = stage.brush.get() {
        svg.push(node("rect", "plot__brush").area(&area));
    }
    svg
}

fn description(picture: &Picture, model: &Model) -> String {
    let this_bot = model.this_bot();
    let this_bot = this_bot.map_or(String::new(), |spot| text::readout(model, spot, 1));
    format!("{} bubbles. {this_bot}", picture.marks.len())
}

fn definitions(stage: Stage, plot: Rect) -> Node {
    let hatch = |name: &str, class: &str, size: &str| {
        node("pattern", "")
            .set("id", &stage.name(name))
            .set("width", size)
            .set("height", size)
            .set("patternUnits", "userSpaceOnUse")
            .set("patternTransform", "rotate(45)")
            .child(
                node("line", class)
                    .set("x1", "1")
                    .set("y1", "0")
                    .set("x2", "1")
                    .set("y2", size),
            )
    };
    let stop = |class: &str, offset: &str| node("stop", class).set("offset", offset);
    let clip = Rect {
        left: plot.left - 1.0,
        top: plot.top,
        right: plot.right + 1.0,
        bottom: plot.bottom + 1.0,
    };
    node("defs", "")
        .child(hatch("hatch", "plot__hatch", "5"))
        .child(hatch("hatch-dark", "plot__hatch plot__hatch--dark", "4"))
        .child(
            node("radialGradient", "")
                .set("id", &stage.name("glow"))
                .child(stop("plot__glow", "0.35"))
                .child(stop("plot__glow plot__glow--end", "1")),
        )
        .child(
            node("clipPath", "")
                .set("id", &stage.name("clip"))
                .child(node("rect", "").area(&clip)),
        )
}

fn normal(frame: &Frame) -> Node {
    let group = node("g", "");
    let Some(area) = frame.normal else {
        return group;
    };
    let corner = Point {
        x: area.right,
        y: area.top,
    };
    let mut edge = String::new();
    go(
        &mut edge,
        "M",
        Point {
            x: area.left,
            ..corner
        },
    );
    go(&mut edge, "L", corner);
    go(
        &mut edge,
        "L",
        Point {
            y: area.bottom,
            ..corner
        },
    );
    group
        .child(node("rect", "plot__normal").area(&area))
        .child(path("plot__normal-edge", &edge))
}

fn medians(frame: &Frame, plot: Rect) -> Node {
    let mut medians = node("g", "plot__median");
    if let Some(at) = frame.median_x {
        medians.push(line((at, plot.top), (at, plot.bottom)));
    }
    if let Some(at) = frame.median_y {
        medians.push(line((plot.left, at), (plot.right, at)));
    }
    medians
}

/// The bubbles, the largest first; before them those that leave.
fn bubbles(
    stage: Stage,
    gone: StoredValue<Vec<Spot>>,
    picture: &Picture,
    frame: &Frame,
) -> Vec<Node> {
    let (model, pointed) = (stage.state.model.read(), stage.state.pointed.read());
    let leaving = stage.leaving.read();
    let drawn = |spot: &Spot| {
        let is_lit = pointed.here.first() == Some(&spot.key) || pointed.marked.contains(&spot.key);
        let circle = frame.circle(&spot.key).unwrap_or_default();
        bubble(stage, spot, circle, is_lit)
    };
    let mut looks = gone.get_value();
    let mut all = Vec::new();
    for key in leaving.iter() {
        let now = model.spot(key);
        let look = now.or_else(|| looks.iter().find(|spot| spot.key == *key));
        all.extend(look.map(drawn));
    }
    let here = picture
        .marks
        .iter()
        .filter(|mark| !leaving.contains(&mark.key));
    all.extend(here.filter_map(|mark| model.spot(&mark.key)).map(drawn));
    let members = model.spots.iter().filter(|spot| spot.role == Role::Member);
    let members: Vec<Spot> = members.cloned().collect();
    if !members.is_empty() || !leaving.is_empty() {
        looks.retain(|spot| leaving.contains(&spot.key) && model.spot(&spot.key).is_none());
        looks.extend(members);
        gone.set_value(looks);
    }
    all
}

/// The quiet names of regions and lines, above the bubbles.
fn push_names(svg: &mut Node, picture: &Picture) {
    let mut quiet = |area: Rect, name: &str| {
        svg.push(words(
            "plot__quiet",
            (area.left, area.bottom - 5.0),
            "",
            name,
        ));
    };
    for median in [&picture.x.median, &picture.y.median].into_iter().flatten() {
        quiet(median.area, &median.text);
    }
    if let Some(area) = picture.normal_name {
        quiet(area, "normal");
    }
    if let Some(area) = picture.missing_y_name {
        quiet(area, text::UNMEASURED);
    }
    if let Some(area) = picture.missing_x_name {
        let corner = Point {
            x: area.right - 5.0,
            y: area.top,
        };
        let mut turned = String::new();
        go(&mut turned, "translate(", corner);
        turned.push_str(") rotate(-90)");
        svg.push(
            node("text", "plot__quiet")
                .set("text-anchor", "end")
                .set("transform", &turned)
                .text(text::UNMEASURED),
        );
    }
}

/// Where *this bot* and the pinned ones came along, while an earlier moment is looked at: lines
/// through their steps, and the steps.
fn trails(stage: Stage, picture: &Picture, frame: &Frame) -> (String, String) {
    let (mut lines, mut dots) = (String::new(), String::new());
    let state = stage.state;
    let (moment, steps) = (state.moment.read(), state.steps.read());
    let (Some(at), Some(steps)) = (moment.at, steps.as_ref()) else {
        return (lines, dots);
    };
    let map = state.tab().heatmap(&moment.heatmaps);
    let mut keys = state.choice.read().pins.clone();
    keys.push(Key::Attack(moment.heatmaps.attack_id));
    for key in &keys {
        let past = travel::trail(map, steps, key, at);
        let mut command = "M";
        for point in picture.along(&past) {
            go(&mut lines, command, point);
            go(&mut dots, "M", point);
            dots.push_str("h0");
            command = "L";
        }
        // Ends where the bubble is right now.
        if let Some(circle) = frame.circle(key).filter(|_| command == "L") {
            go(&mut lines, command, circle.at);
        }
    }
    (lines, dots)
}

/// Lines from an unfolded campaign to its addresses.
fn tethers(stage: Stage, picture: &Picture, frame: &Frame) -> String {
    let mut path = String::new();
    let leaving = stage.leaving.read();
    let marks = picture.marks.iter().map(|mark| &mark.key);
    for key in marks.chain(leaving.iter()) {
        let campaign = key.campaign().map(Key::Attack);
        let from = campaign.and_then(|campaign| frame.circle(&campaign));
        if let (Some(from), Some(to)) = (from, frame.circle(key)) {
            go(&mut path, "M", from.at);
            go(&mut path, "L", to.at);
        }
    }
    path
}

/// Lines from what is pointed at to both axes.
fn crosshair(stage: Stage, picture: &Picture, frame: &Frame) -> Node {
    let group = node("g", "");
    let subject = stage.state.subject();
    let Some(Circle { at, radius }) = subject.and_then(|key| frame.circle(&key)) else {
        return group;
    };
    let (left, bottom) = (picture.plot.left, picture.plot.bottom);
    group
        .set("class", "plot__crosshair")
        .child(line((left, at.y), (at.x - radius, at.y)))
        .child(line((at.x, bottom), (at.x, at.y + radius)))
}

/// A label stays with its bubble while that moves.
fn label(picture: &Picture, frame: &Frame, label: &BubbleLabel) -> Node {
    let area = label.place.area;
    let class = match label.role {
        Role::ThisBot if label.pinned => "plot__label plot__label--this plot__label--pinned",
        _ if label.pinned => "plot__label plot__label--pinned",
        Role::ThisBot => "plot__label plot__label--this",
        Role::Other | Role::Member => "plot__label",
        Role::Reference => "plot__label plot__label--reference",
    };
    let mut group = node("g", class);
    if let (Some(circle), Some(home)) = (frame.circle(&label.key), picture.mark(&label.key)) {
        let by = Point {
            x: circle.at.x - home.at.x,
            y: circle.at.y - home.at.y,
        };
        if by.x.abs() + by.y.abs() > 0.01 {
            group = group.moved(by);
        }
    }
    if let Some((from, to)) = label.place.leader {
        group.push(line((from.x, from.y), (to.x, to.y)).set("class", "plot__leader"));
    }
    let mut name = words("", (area.left + 2.0, area.bottom - 5.0), "", &label.text);
    if let Some(note) = &label.note {
        name.push(node("tspan", "plot__note").text(&[" ", note].concat()));
    }
    group.child(name)
}
