//! What a heatmap is drawn on: bands, grid, axes and their text. Redrawn with every picture.

use super::layout::{AxisPicture, Band, Picture};
use crate::chart::rect::Rect;
use crate::chart::sketch::{Node, line, node, words};

/// Bands, grid, axes and their text.
pub fn ground(picture: &Picture, hatch: &str) -> Vec<Node> {
    let plot = picture.plot;
    let (x, y) = (&picture.x, &picture.y);
    let mut grid = node("g", "plot__grid");
    for tick in &x.ticks {
        grid = grid.child(line((tick.at, plot.top), (tick.at, plot.bottom)));
    }
    for tick in &y.ticks {
        grid = grid.child(line((plot.left, tick.at), (plot.right, tick.at)));
    }
    let mut all = vec![grid];
    let (from_x, from_y) = (x.axis.begins(), y.axis.begins());
    let mut axis = node("g", "plot__axis")
        .child(line((from_x, plot.bottom), (plot.right, plot.bottom)))
        .child(line((plot.left, from_y), (plot.left, plot.top)));
    for (band, kind) in x.bands() {
        let area = Rect {
            left: band.from,
            right: band.to,
            ..plot
        };
        let zero = (band.centre(), plot.bottom + 20.0);
        push_band(&mut all, &area, kind, hatch, zero, "middle");
    }
    for (band, kind) in y.bands() {
        let area = Rect {
            top: band.to,
            bottom: band.from,
            ..plot
        };
        let zero = (plot.left - 10.0, band.centre() + 4.0);
        push_band(&mut all, &area, kind, hatch, zero, "end");
    }
    for at in &x.between {
        axis = axis.child(line((*at, plot.bottom), (*at, plot.bottom + 4.0)));
    }
    for at in &y.between {
        axis = axis.child(line((plot.left - 4.0, *at), (plot.left, *at)));
    }
    all.push(axis);
    push_x_text(&mut all, x, plot);
    push_y_text(&mut all, y, plot, picture.size.is_narrow());
    all
}

fn push_band(
    all: &mut Vec<Node>,
    area: &Rect,
    kind: Band,
    hatch: &str,
    zero: (f64, f64),
    anchor: &str,
) {
    let is_zero = kind == Band::Zero;
    let fill = if is_zero { "none" } else { hatch };
    all.push(node("rect", "plot__band").set("fill", fill).area(area));
    if is_zero {
        all.push(words("plot__tick", zero, anchor, "0"));
    }
}

fn push_x_text(all: &mut Vec<Node>, x: &AxisPicture, plot: Rect) {
    for tick in &x.ticks {
        let at = (tick.at, plot.bottom + 20.0);
        all.push(words("plot__tick", at, "middle", &tick.label));
    }
    let at = (plot.right, plot.bottom + 44.0);
    all.push(words("plot__title", at, "end", &x.title));
}

fn push_y_text(all: &mut Vec<Node>, y: &AxisPicture, plot: Rect, is_narrow: bool) {
    for (index, tick) in y.ticks.iter().enumerate() {
        let first_at = plot.left - 10.0;
        let at = (first_at, tick.at + 4.0);
        all.push(words("plot__tick", at, "end", &tick.label));
        if let Some(second) = y.seconds.get(index) {
            let (at, anchor) = if is_narrow {
                ((first_at, tick.at + 19.0), "end")
            } else {
                ((12.0, tick.at + 4.0), "start")
            };
            all.push(words("plot__tick plot__tick--second", at, anchor, second));
        }
    }
    let mut title = words("plot__title", (12.0, 22.0), "", &y.title);
    if let Some(second) = &y.second_title {
        let second = [" · ", second].concat();
        title = title.child(node("tspan", "plot__second-title").text(&second));
    }
    all.push(title);
}
