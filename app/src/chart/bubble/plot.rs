//! The SVG of one heatmap: draws the picture and passes pointer events on. Decides nothing.

use leptos::ev::{MouseEvent, PointerEvent};
use leptos::prelude::*;

use super::disc::{Bubble, circle_of};
use super::figure::Stage;
use super::ground::ground;
use super::layout::{BubbleLabel, Picture, RING};
use super::model::{Key, Role};
use super::text;
use crate::chart::rect::Rect;

/// One listener of each kind on the whole picture; what is under the pointer is computed.
#[component]
pub fn Plot(
    stage: Stage,
    on_down: Callback<PointerEvent>,
    on_move: Callback<PointerEvent>,
    on_up: Callback<PointerEvent>,
    on_leave: Callback<()>,
    on_double: Callback<MouseEvent>,
) -> impl IntoView {
    let picture = stage.picture;
    let state = stage.state;
    let plot = move || picture.with(|picture| picture.plot);
    let title = move || format!("{} heatmap", state.tab.get().label());
    let description = move || {
        let count = picture.with(|picture| picture.marks.len());
        let this_bot = state.model.with(|model| {
            model
                .this_bot()
                .map(|spot| text::readout(model, spot, 1))
                .unwrap_or_default()
        });
        format!("{count} bubbles. {this_bot}")
    };
    let order = move || {
        picture.with(|picture| {
            picture
                .marks
                .iter()
                .map(|mark| mark.key.clone())
                .collect::<Vec<Key>>()
        })
    };
    view! {
        <svg
            class="plot"
            role="img"
            aria-labelledby="heatmap-title"
            aria-describedby="heatmap-description"
            width=move || picture.with(|picture| picture.size.width)
            height=move || picture.with(|picture| picture.size.height)
            // On paper it is made to fit.
            viewBox=move || {
                picture.with(|picture| format!("0 0 {} {}", picture.size.width, picture.size.height))
            }
            data-brushing=move || stage.brush.with(Option::is_some).then_some("")
            data-moving=move || stage.moving.get().then_some("")
            data-pointing=move || state.cursor.with(Option::is_some).then_some("")
            on:pointerdown=move |event| on_down.run(event)
            on:pointermove=move |event| on_move.run(event)
            on:pointerup=move |event| on_up.run(event)
            on:pointercancel=move |_| on_leave.run(())
            on:pointerleave=move |_| on_leave.run(())
            on:dblclick=move |event| on_double.run(event)
        >
            <title id="heatmap-title">{title}</title>
            <desc id="heatmap-description">{description}</desc>
            <defs>
                <pattern
                    id="heatmap-hatch"
                    width="5"
                    height="5"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <line class="plot__hatch" x1="1" y1="0" x2="1" y2="5" />
                </pattern>
                <pattern
                    id="heatmap-hatch-dark"
                    width="4"
                    height="4"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <line class="plot__hatch plot__hatch--dark" x1="1" y1="0" x2="1" y2="4" />
                </pattern>
                <radialGradient id="heatmap-glow">
                    <stop class="plot__glow" offset="0.35" />
                    <stop class="plot__glow plot__glow--end" offset="1" />
                </radialGradient>
                <clipPath id="heatmap-clip">
                    <rect
                        x=move || plot().left - 1.0
                        y=move || plot().top
                        width=move || plot().width() + 2.0
                        height=move || plot().height() + 1.0
                    />
                </clipPath>
            </defs>
            <Normal stage />
            {move || picture.with(ground)}
            <Medians stage />
            <g clip-path="url(#heatmap-clip)">
                <Crosshair stage />
                <For each=order key=Key::clone let:key>
                    <Bubble stage key />
                </For>
                <ThisBotRing stage />
                <Cursor stage />
            </g>
            {move || picture.with(|picture| picture.labels.iter().map(label).collect_view())}
            <Names stage />
            <Brush stage />
        </svg>
    }
}

#[component]
fn Normal(stage: Stage) -> impl IntoView {
    let area = move || stage.frame.with(|frame| frame.normal);
    view! {
        {move || {
            area()
                .map(|area| {
                    view! {
                        <rect
                            class="plot__normal"
                            x=area.left
                            y=area.top
                            width=area.width()
                            height=area.height()
                        />
                        <path
                            class="plot__normal-edge"
                            d=format!("M{} {}H{}V{}", area.left, area.top, area.right, area.bottom)
                        />
                    }
                })
        }}
    }
}

#[component]
fn Medians(stage: Stage) -> impl IntoView {
    let plot = move || stage.picture.with(|picture| picture.plot);
    view! {
        <g class="plot__median">
            {move || {
                stage
                    .frame
                    .with(|frame| frame.median_x)
                    .map(|at| view! { <line x1=at x2=at y1=plot().top y2=plot().bottom /> })
            }}
            {move || {
                stage
                    .frame
                    .with(|frame| frame.median_y)
                    .map(|at| view! { <line x1=plot().left x2=plot().right y1=at y2=at /> })
            }}
        </g>
    }
}

/// The quiet names of regions and lines, above the bubbles.
#[component]
fn Names(stage: Stage) -> impl IntoView {
    move || stage.picture.with(names)
}

fn names(picture: &Picture) -> impl IntoView + use<> {
    let quiet = |area: Rect, name: String| {
        view! {
            <text class="plot__quiet" x=area.left y=area.bottom - 5.0>
                {name}
            </text>
        }
    };
    let upright = |area: Rect| {
        let turned = format!("translate({} {}) rotate(-90)", area.right - 5.0, area.top);
        view! {
            <text class="plot__quiet" text-anchor="end" transform=turned>
                {text::UNMEASURED}
            </text>
        }
    };
    let medians = [&picture.x.median, &picture.y.median];
    let medians = medians.into_iter().flatten();
    view! {
        {medians.map(|median| quiet(median.area, median.text.clone())).collect_view()}
        {picture.normal_name.map(|area| quiet(area, "normal".to_owned()))}
        {picture.missing_y_name.map(|area| quiet(area, text::UNMEASURED.to_owned()))}
        {picture.missing_x_name.map(upright)}
    }
}

/// The ring around *this bot*, above all bubbles.
#[component]
fn ThisBotRing(stage: Stage) -> impl IntoView {
    let circle = move || {
        let key = stage
            .state
            .model
            .with(|model| model.this_bot().map(|spot| spot.key.clone()))?;
        circle_of(stage, &key)
    };
    move || {
        circle().map(|circle| {
            view! {
                <circle class="plot__ring" cx=circle.at.x cy=circle.at.y r=circle.radius + RING />
            }
        })
    }
}

/// Rings around what is pointed at and what is pinned.
#[component]
fn Cursor(stage: Stage) -> impl IntoView {
    let ring = move |key: Option<Key>, class: &'static str| {
        key.and_then(|key| circle_of(stage, &key)).map(|circle| {
            view! { <circle class=class cx=circle.at.x cy=circle.at.y r=circle.radius + 2.5 /> }
        })
    };
    view! {
        {move || ring(stage.state.pinned.get(), "plot__pinned")}
        {move || ring(stage.state.cursor.get(), "plot__cursor")}
    }
}

/// Lines from what is pointed at to both axes.
#[component]
fn Crosshair(stage: Stage) -> impl IntoView {
    move || {
        let key = stage
            .state
            .cursor
            .get()
            .or_else(|| stage.state.pinned.get())?;
        let circle = circle_of(stage, &key)?;
        let plot = stage.picture.with(|picture| picture.plot);
        Some(view! {
            <path
                class="plot__crosshair"
                d=format!(
                    "M{} {:.1}H{:.1}M{:.1} {}V{:.1}",
                    plot.left,
                    circle.at.y,
                    circle.at.x - circle.radius,
                    circle.at.x,
                    plot.bottom,
                    circle.at.y + circle.radius,
                )
            />
        })
    }
}

fn label(label: &BubbleLabel) -> impl IntoView + use<> {
    let area = label.place.area;
    let class = match label.role {
        Role::ThisBot => "plot__label plot__label--this",
        Role::Other => "plot__label",
        Role::Reference => "plot__label plot__label--reference",
    };
    view! {
        <g class=class>
            {label
                .place
                .leader
                .map(|(from, to)| {
                    view! { <line class="plot__leader" x1=from.x y1=from.y x2=to.x y2=to.y /> }
                })}
            <text x=area.left + 2.0 y=area.bottom - 5.0>
                {label.text.clone()}
                {label
                    .note
                    .clone()
                    .map(|note| view! { <tspan class="plot__note">{format!(" {note}")}</tspan> })}
            </text>
        </g>
    }
}

#[component]
fn Brush(stage: Stage) -> impl IntoView {
    move || {
        stage.brush.get().map(|area| {
            view! {
                <rect
                    class="plot__brush"
                    x=area.left
                    y=area.top
                    width=area.width()
                    height=area.height()
                />
            }
        })
    }
}
