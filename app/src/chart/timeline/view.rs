//! The timeline on the screen: bars, hits, marks, axes, and a cursor that reads out one bin.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use shared::{Timeline, Timestamp};
use wasm_bindgen::JsCast;

use super::layout::{self, Bar, HEIGHT, WIDTH};
use super::model::{CLASSES, Model, total};
use super::ticks::ticks;
use crate::chart::sketch::{Node, drawn, node};
use crate::format::{count, day_and_minute, tick, zone};
use crate::math::{fixed, within};

/// Ticks that fit under a wide chart; on a narrow one CSS leaves out every other.
const MOST_TICKS: i64 = 10;

/// A tick further right than this share has no room for its label.
const LAST_TICK: f64 = 0.88;

/// Requests over time with what happened among them.
#[derive(Debug, Clone, PartialEq)]
pub struct Marked {
    /// The requests over time.
    pub timeline: Timeline,
    /// When the bar was crossed, where that is known.
    pub crossed_at: Option<Timestamp>,
    /// What was done then, e.g. `attack registered`; may be empty.
    pub reaction: String,
}

/// A timeline with its legend and a table of the same data.
#[component]
pub fn TimelineChart(
    /// What it shows; it grows while an attack goes on.
    shown: Signal<Option<Marked>>,
    /// Goes to a moment that was clicked; without it the chart only shows.
    #[prop(optional)]
    on_pick: Option<Callback<Timestamp>>,
) -> impl IntoView {
    let chart = Chart {
        shown,
        model: Memo::new(move |_| {
            let shown = shown.read();
            shown
                .as_ref()
                .map_or_else(Model::default, |shown| Model::new(&shown.timeline))
        }),
        cursor: RwSignal::new(None::<usize>),
        on_pick,
    };
    let readout = move || {
        let index = chart.cursor.get();
        index.map(|index| chart.model.read().describe(index))
    };
    view! {
        <figure class="timeline">
            <figcaption class="timeline__head">
                {drawn("ul", Box::new(legend))}
                <span class="timeline__readout" aria-live="polite">
                    {readout}
                </span>
            </figcaption>
            {drawn("div", Box::new(move || plot(chart)))}
            <details class="disclosure">
                <summary>"As a table"</summary>
                {drawn("div", Box::new(move || table(&chart.model.read())))}
            </details>
        </figure>
    }
}

/// What its parts share.
#[derive(Clone, Copy)]
struct Chart {
    shown: Signal<Option<Marked>>,
    model: Memo<Model>,
    /// The bin that is read out.
    cursor: RwSignal<Option<usize>>,
    on_pick: Option<Callback<Timestamp>>,
}

fn legend() -> Node {
    let mut list = node("ul", "timeline__legend").set("role", "list");
    for (class, label) in CLASSES {
        list.push(
            node("li", "timeline__key")
                .set("data-class", class)
                .text(label),
        );
    }
    list.child(node("li", "timeline__key timeline__key--hits").text("share of hits"))
}

/// What the plot listens to.
const EVENTS: [&str; 5] = [
    "onpointermove",
    "onclick",
    "onpointerleave",
    "onblur",
    "onkeydown",
];

fn on(chart: Chart, event: &web_sys::Event) {
    // The chart may be gone: an element that leaves the page still loses the focus.
    let Some(bins) = chart
        .model
        .try_read_untracked()
        .map(|model| model.stacks.len())
    else {
        return;
    };
    let next = match event.type_().as_str() {
        "pointermove" => under(event, bins),
        "click" => {
            let index = under(event, bins);
            pick(chart, index);
            index
        }
        "keydown" => match step(chart, event.unchecked_ref(), bins) {
            Some(next) => next,
            None => return,
        },
        _ => None,
    };
    if chart.cursor.try_get_untracked() != Some(next) {
        chart.cursor.try_set(next);
    }
}

/// The bin under the pointer.
fn under(event: &web_sys::Event, bins: usize) -> Option<usize> {
    let plot = event
        .current_target()?
        .dyn_into::<web_sys::Element>()
        .ok()?;
    let place = plot.get_bounding_client_rect();
    let client_x = event.unchecked_ref::<MouseEvent>().client_x();
    let share = (f64::from(client_x) - place.left()) / place.width().max(1.0);
    // Negative shares saturate at 0.
    let index = (share * bins as f64) as usize;
    (share >= 0.0 && index < bins).then_some(index)
}

fn pick(chart: Chart, index: Option<usize>) {
    if let (Some(on_pick), Some(index)) = (chart.on_pick, index) {
        let at = chart.model.read_untracked().begin_of(index);
        on_pick.run(at);
    }
}

/// The bin that a key leads to, if it is one that does.
fn step(chart: Chart, event: &KeyboardEvent, bins: usize) -> Option<Option<usize>> {
    let current = chart.cursor.get_untracked();
    let last = bins.saturating_sub(1);
    let next = match event.key().as_str() {
        "Enter" => {
            pick(chart, current);
            return None;
        }
        "ArrowRight" => Some(current.map_or(0, |index| (index + 1).min(last))),
        "ArrowLeft" => Some(current.map_or(last, |index| index.saturating_sub(1))),
        "Home" => Some(0),
        "End" => Some(last),
        "Escape" => None,
        _ => return None,
    };
    event.prevent_default();
    Some(next)
}

fn plot(chart: Chart) -> Node {
    let (model, shown) = (chart.model.read(), chart.shown.read());
    let cursor = chart.cursor.get();
    let class = if chart.on_pick.is_some() {
        "timeline__plot timeline__plot--pick"
    } else {
        "timeline__plot"
    };
    let label = if chart.on_pick.is_some() {
        "Requests over time; the arrow keys read out one moment after the other, Enter goes there"
    } else {
        "Requests over time; the arrow keys read out one moment after the other"
    };
    let mut plot = node("div", class)
        .key("plot".to_owned())
        .set("role", "group")
        .set("tabindex", "0")
        .set("aria-label", label);
    for name in EVENTS {
        plot = plot.on(name, Box::new(move |event| on(chart, &event)));
    }
    let picture = |class: &str, height: f64| {
        node("svg", class)
            .set(
                "viewBox",
                &["0 0 ", &fixed(WIDTH, 0), " ", &fixed(height, 0)].concat(),
            )
            .set("preserveAspectRatio", "none")
            .set("aria-hidden", "true")
    };
    let mut bars = picture("timeline__bars", HEIGHT);
    let mut hits = picture("timeline__hits", 1.0);
    for (_, bar) in layout::bars(&model) {
        push_stack(&mut bars, &bar);
        if let Some(heat) = bar.heat {
            let hit = rect("timeline__hit", (bar.x, bar.width), (0.0, 1.0));
            hits.push(hit.set("data-heat", &heat.to_string()));
        }
    }
    plot.push(node("span", "timeline__peak").text(&count(model.peak.into())));
    plot.push(bars);
    plot.push(hits);
    let crossed = shown.as_ref().and_then(|shown| {
        let at = shown.crossed_at?;
        Some((at, &*shown.reaction))
    });
    if let Some((at, reaction)) = crossed {
        let share = within(model.share_of(at), 0.0, 1.0);
        let side = if share > 0.5 { "before" } else { "after" };
        let dot = if reaction.is_empty() { "" } else { " · " };
        let label = ["Bar crossed", dot, reaction].concat();
        plot.push(
            node("div", "timeline__mark")
                .set("data-side", side)
                .share("@left", share)
                .child(node("span", "timeline__mark-label").text(&label)),
        );
    }
    let width = 1.0 / model.stacks.len().max(1) as f64;
    let left = width * cursor.unwrap_or(0) as f64;
    plot.push(
        node("div", "timeline__cursor")
            .mark("hidden", cursor.is_none())
            .share("@left", left)
            .share("@width", width),
    );
    plot.child(axis(&model))
}

fn rect(class: &str, (x, width): (f64, f64), (y, height): (f64, f64)) -> Node {
    let digits = |value: f64| fixed(value, 2);
    node("rect", class)
        .set("x", &digits(x))
        .set("y", &digits(y))
        .set("width", &digits(width))
        .set("height", &digits(height))
}

fn push_stack(bars: &mut Node, bar: &Bar) {
    for ((class, _), (y, height)) in CLASSES.into_iter().zip(bar.segments) {
        if height > 0.0 {
            let part = rect("timeline__segment", (bar.x, bar.width), (y, height));
            bars.push(part.set("data-class", class));
        }
    }
}

fn axis(model: &Model) -> Node {
    let ticks = ticks(model.from, model.until(), MOST_TICKS, zone::minutes_east());
    let mut axis = node("div", "timeline__axis").set("aria-hidden", "true");
    for at in ticks.moments {
        let share = model.share_of(at);
        if share < LAST_TICK {
            let mark = node("span", "timeline__tick").share("@left", share);
            axis.push(mark.text(&tick(at, ticks.step)));
        }
    }
    axis
}

fn table(model: &Model) -> Node {
    let number = |text: &str| node("td", "table__number").text(text);
    let head = |class: &str, text: &str| node("th", class).set("scope", "col").text(text);
    let mut heads = node("tr", "").child(head("", "From"));
    for (_, label) in CLASSES {
        heads.push(head("table__number", label));
    }
    heads.push(head("table__number", "Hits"));
    let mut body = node("tbody", "");
    for (index, (stack, hits)) in model.stacks.iter().zip(&model.hits).enumerate() {
        if total(stack) == 0 {
            continue;
        }
        let from = day_and_minute(model.begin_of(index));
        let mut row = node("tr", "").child(node("th", "").set("scope", "row").text(&from));
        for requests in stack {
            row.push(number(&count((*requests).into())));
        }
        body.push(row.child(number(&count((*hits).into()))));
    }
    let table = node("table", "table table--plain")
        .child(node("thead", "").child(heads))
        .child(body);
    node("div", "scroll")
        .set("tabindex", "0")
        .set("role", "region")
        .set("aria-label", "Requests over time as a table")
        .child(table)
}
