//! The timeline on the screen: bars, hits, marks, axes, and a cursor that reads out one bin.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use shared::{Timeline, Timestamp};

use super::layout::{self, Bar, HEIGHT, WIDTH};
use super::model::{CLASSES, Model, total};
use super::ticks::ticks;
use crate::format::{count, day_and_minute, tick, zone};

/// Ticks that fit under a wide chart; on a narrow one CSS leaves out every other.
const MOST_TICKS: i64 = 10;

/// A tick further right than this, in percent, has no room for its label.
const LAST_TICK: f64 = 94.0;

/// A timeline with its legend and a table of the same data.
#[component]
pub fn TimelineChart(
    /// The requests over time.
    timeline: Timeline,
    /// When the bar was crossed, where that is known.
    #[prop(default = None)]
    crossed_at: Option<Timestamp>,
    /// What was done then, e.g. `Attack registered`; may be empty.
    #[prop(into)]
    reaction: String,
    /// Goes to a moment that was clicked; without it the chart only shows.
    #[prop(optional)]
    on_pick: Option<Callback<Timestamp>>,
) -> impl IntoView {
    let model = StoredValue::new(Model::new(&timeline));
    let cursor = RwSignal::new(None::<usize>);
    let readout = move || {
        cursor
            .get()
            .map(|index| model.with_value(|model| model.describe(index)))
    };
    view! {
        <figure class="timeline">
            <figcaption class="timeline__head">
                <Legend />
                <span class="timeline__readout" aria-live="polite">
                    {readout}
                </span>
            </figcaption>
            <Plot model cursor crossed_at reaction on_pick />
            <details class="disclosure">
                <summary>"As a table"</summary>
                {move || model.with_value(table)}
            </details>
        </figure>
    }
}

#[component]
fn Legend() -> impl IntoView {
    let classes = CLASSES
        .iter()
        .map(|(class, label)| {
            view! {
                <li class="timeline__key" data-class=*class>
                    {*label}
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="timeline__legend" role="list">
            {classes}
            <li class="timeline__key timeline__key--hits">"share of hits"</li>
        </ul>
    }
}

#[component]
fn Plot(
    model: StoredValue<Model>,
    cursor: RwSignal<Option<usize>>,
    crossed_at: Option<Timestamp>,
    reaction: String,
    on_pick: Option<Callback<Timestamp>>,
) -> impl IntoView {
    let bins = model.with_value(|model| model.stacks.len());
    let plot = NodeRef::<Div>::new();
    let follow = move |client_x: i32| {
        let Some(plot) = plot.get_untracked() else {
            return;
        };
        let place = plot.get_bounding_client_rect();
        let share = (f64::from(client_x) - place.left()) / place.width().max(1.0);
        // Negative shares saturate at 0.
        let index = (share * bins as f64) as usize;
        let next = (share >= 0.0 && index < bins).then_some(index);
        if cursor.get_untracked() != next {
            cursor.set(next);
        }
    };
    let pick = move || {
        if let (Some(on_pick), Some(index)) = (on_pick, cursor.get_untracked()) {
            on_pick.run(model.with_value(|model| model.begin_of(index)));
        }
    };
    let step = move |event: KeyboardEvent| {
        let current = cursor.get_untracked();
        let last = bins.saturating_sub(1);
        if event.key() == "Enter" {
            pick();
        }
        let next = match event.key().as_str() {
            "ArrowRight" => Some(current.map_or(0, |index| (index + 1).min(last))),
            "ArrowLeft" => Some(current.map_or(last, |index| index.saturating_sub(1))),
            "Home" => Some(0),
            "End" => Some(last),
            "Escape" => None,
            _ => return,
        };
        event.prevent_default();
        cursor.set(next);
    };
    let width = 100.0 / bins.max(1) as f64;
    let cursor_left = move || {
        let index = cursor.get().unwrap_or(0);
        format!("{:.3}%", width * index as f64)
    };
    let mark = crossed_at.map(|at| {
        let share = model.with_value(|model| model.share_of(at).clamp(0.0, 1.0));
        let side = if share > 0.7 { "before" } else { "after" };
        let dot = if reaction.is_empty() { "" } else { " · " };
        let label = ["Bar crossed", dot, &reaction].concat();
        view! {
            <div class="timeline__mark" data-side=side style=("left", format!("{:.2}%", share * 100.0))>
                <span class="timeline__mark-label">{label}</span>
            </div>
        }
    });
    let peak = model.with_value(|model| model.peak);
    view! {
        <div
            class="timeline__plot"
            role="group"
            tabindex="0"
            class:timeline__plot--pick=on_pick.is_some()
            aria-label=if on_pick.is_some() {
                "Requests over time; the arrow keys read out one moment after the other, Enter goes there"
            } else {
                "Requests over time; the arrow keys read out one moment after the other"
            }
            node_ref=plot
            on:pointermove=move |event| follow(event.client_x())
            on:click=move |event| {
                follow(event.client_x());
                pick();
            }
            on:pointerleave=move |_| cursor.set(None)
            on:blur=move |_| cursor.set(None)
            on:keydown=step
        >
            <span class="timeline__peak">{count(peak.into())}</span>
            <svg
                class="timeline__bars"
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                aria-hidden="true"
            >
                {model.with_value(layout::bars).into_iter().map(|(_, bar)| stack_of(&bar)).collect_view()}
            </svg>
            <svg
                class="timeline__hits"
                viewBox=format!("0 0 {WIDTH} 1")
                preserveAspectRatio="none"
                aria-hidden="true"
            >
                {model.with_value(layout::bars).into_iter().filter_map(|(_, bar)| hits_of(&bar)).collect_view()}
            </svg>
            {mark}
            <div class="timeline__cursor" hidden=move || cursor.get().is_none()
                style=("left", cursor_left)
                style=("width", format!("{width:.3}%")) />
            {model.with_value(axis)}
        </div>
    }
}

fn stack_of(bar: &Bar) -> impl IntoView + use<> {
    let (x, width) = (bar.x, bar.width);
    CLASSES
        .iter()
        .zip(bar.segments)
        .filter(|(_, (_, height))| *height > 0.0)
        .map(|((class, _), (y, height))| {
            view! {
                <rect
                    class="timeline__segment"
                    data-class=*class
                    x=format!("{x:.2}")
                    y=format!("{y:.2}")
                    width=format!("{width:.2}")
                    height=format!("{height:.2}")
                />
            }
        })
        .collect_view()
}

fn hits_of(bar: &Bar) -> Option<impl IntoView + use<>> {
    let (x, width) = (bar.x, bar.width);
    bar.heat.map(|heat| {
        view! {
            <rect
                class="timeline__hit"
                data-heat=heat
                x=format!("{x:.2}")
                y="0"
                width=format!("{width:.2}")
                height="1"
            />
        }
    })
}

fn axis(model: &Model) -> impl IntoView + use<> {
    let ticks = ticks(model.from, model.until(), MOST_TICKS, zone::minutes_east());
    let step = ticks.step;
    let labels = ticks
        .moments
        .into_iter()
        .map(|at| (at, model.share_of(at) * 100.0))
        .filter(|(_, share)| *share < LAST_TICK)
        .map(|(at, share)| {
            view! {
                <span class="timeline__tick" style=("left", format!("{share:.2}%"))>
                    {tick(at, step)}
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="timeline__axis" aria-hidden="true">
            {labels}
        </div>
    }
}

fn table(model: &Model) -> impl IntoView + use<> {
    let rows = model
        .stacks
        .iter()
        .zip(&model.hits)
        .enumerate()
        .filter(|(_, (stack, _))| total(stack) > 0)
        .map(|(index, (stack, hits))| {
            let cells = stack
                .iter()
                .map(|requests| {
                    view! { <td class="table__number">{count((*requests).into())}</td> }
                })
                .collect_view();
            view! {
                <tr>
                    <th scope="row">{day_and_minute(model.begin_of(index))}</th>
                    {cells}
                    <td class="table__number">{count((*hits).into())}</td>
                </tr>
            }
        })
        .collect_view();
    let heads = CLASSES
        .iter()
        .map(|(_, label)| {
            view! {
                <th scope="col" class="table__number">
                    {*label}
                </th>
            }
        })
        .collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Requests over time as a table">
            <table class="table table--plain">
                <thead>
                    <tr>
                        <th scope="col">"From"</th>
                        {heads}
                        <th scope="col" class="table__number">
                            "Hits"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
