//! The SVG of one heatmap: draws the picture and passes pointer events on. Decides nothing.

use leptos::ev::{MouseEvent, PointerEvent};
use leptos::prelude::*;

use super::disc::{Bubble, circle_of};
use super::figure::Stage;
use super::ground::ground;
use super::layout::{BubbleLabel, Picture, RING};
use super::model::{Key, Role};
use super::text;
use super::travel;
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
    let plot = move || picture.read().plot;
    let title = move || format!("{} heatmap", state.tab().label());
    let description = move || {
        let count = picture.read().marks.len();
        let model = state.model.read();
        let this_bot = model.this_bot();
        let this_bot = this_bot.map_or(String::new(), |spot| text::readout(&model, spot, 1));
        format!("{count} bubbles. {this_bot}")
    };
    let order = move || {
        let mut order = stage.leaving.get();
        order.extend(picture.read().marks.iter().map(|mark| mark.key.clone()));
        order
    };
    let hatch = stage.url("hatch");
    view! {
        <svg
            class="plot"
            role="img"
            aria-labelledby=stage.name("title")
            aria-describedby=stage.name("description")
            width=move || picture.read().size.width
            height=move || picture.read().size.height
            data-brushing=move || stage.brush.get().map(|_| "")
            data-moving=move || stage.moving.get().then_some("")
            data-pointing=move || state.cursor().map(|_| "")
            on:pointerdown=move |event| on_down.run(event)
            on:pointermove=move |event| on_move.run(event)
            on:pointerup=move |event| on_up.run(event)
            on:pointercancel=move |_| on_leave.run(())
            on:pointerleave=move |_| on_leave.run(())
            on:dblclick=move |event| on_double.run(event)
        >
            <title id=stage.name("title")>{title}</title>
            <desc id=stage.name("description")>{description}</desc>
            <defs>
                <pattern
                    id=stage.name("hatch")
                    width="5"
                    height="5"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <line class="plot__hatch" x1="1" y1="0" x2="1" y2="5" />
                </pattern>
                <pattern
                    id=stage.name("hatch-dark")
                    width="4"
                    height="4"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <line class="plot__hatch plot__hatch--dark" x1="1" y1="0" x2="1" y2="4" />
                </pattern>
                <radialGradient id=stage.name("glow")>
                    <stop class="plot__glow" offset="0.35" />
                    <stop class="plot__glow plot__glow--end" offset="1" />
                </radialGradient>
                <clipPath id=stage.name("clip")>
                    <rect
                        x=move || plot().left - 1.0
                        y=move || plot().top
                        width=move || plot().width() + 2.0
                        height=move || plot().height() + 1.0
                    />
                </clipPath>
            </defs>
            <Normal stage />
            {move || ground(&picture.read(), &hatch)}
            <Medians stage />
            <g clip-path=stage.url("clip")>
                <Trails stage />
                <Tethers stage />
                <Crosshair stage />
                <For each=order key=Key::clone let:key>
                    <Bubble stage key />
                </For>
                <ThisBotRing stage />
                <Cursor stage />
            </g>
            {move || {
                let picture = picture.read();
                let labels = picture.labels.iter();
                labels.map(|name| label(stage, &picture, name)).collect_view()
            }}
            <Names stage />
            <Brush stage />
        </svg>
    }
}

#[component]
fn Normal(stage: Stage) -> impl IntoView {
    let area = move || stage.frame.read().normal;
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
    let plot = move || stage.picture.read().plot;
    view! {
        <g class="plot__median">
            {move || {
                stage
                    .frame
                    .read()
                    .median_x
                    .map(|at| view! { <line x1=at x2=at y1=plot().top y2=plot().bottom /> })
            }}
            {move || {
                stage
                    .frame
                    .read()
                    .median_y
                    .map(|at| view! { <line x1=plot().left x2=plot().right y1=at y2=at /> })
            }}
        </g>
    }
}

/// The quiet names of regions and lines, above the bubbles.
#[component]
fn Names(stage: Stage) -> impl IntoView {
    move || names(&stage.picture.read())
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
        let model = stage.state.model.read();
        circle_of(stage, &model.this_bot()?.key)
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
        {move || {
            let pins = stage.state.choice.read().pins.clone();
            pins.into_iter().map(|key| ring(Some(key), "plot__pinned")).collect_view()
        }}
        {move || ring(stage.state.choice.read().picked.clone(), "plot__picked")}
        {move || ring(stage.state.cursor(), "plot__cursor")}
    }
}

/// Where *this bot* and the pinned ones came along, while an earlier moment is looked at: lines
/// through their steps, and the steps.
#[component]
fn Trails(stage: Stage) -> impl IntoView {
    view! {
        <path class="plot__trail" d=move || trails(stage).0 />
        <path class="plot__footprint" d=move || trails(stage).1 />
    }
}

fn trails(stage: Stage) -> (String, String) {
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
        let mut letter = 'M';
        for point in stage.picture.read().along(&past) {
            lines.push_str(&format!("{letter}{:.1} {:.1}", point.x, point.y));
            dots.push_str(&format!("M{:.1} {:.1}h0", point.x, point.y));
            letter = 'L';
        }
        // Ends where the bubble is right now.
        if let Some(circle) = circle_of(stage, key).filter(|_| letter == 'L') {
            lines.push_str(&format!("L{:.1} {:.1}", circle.at.x, circle.at.y));
        }
    }
    (lines, dots)
}

/// Lines from an unfolded campaign to its addresses.
#[component]
fn Tethers(stage: Stage) -> impl IntoView {
    let path = move || {
        let mut path = String::new();
        let (frame, leaving) = (stage.frame.read(), stage.leaving.read());
        let picture = stage.picture.read();
        let marks = picture.marks.iter().map(|mark| &mark.key);
        for key in marks.chain(leaving.iter()) {
            let campaign = key.campaign().map(Key::Attack);
            let from = campaign.and_then(|campaign| frame.circles.get(&campaign));
            if let (Some(from), Some(to)) = (from, frame.circles.get(key)) {
                let (from, to) = (from.at, to.at);
                path.push_str(&format!(
                    "M{:.1} {:.1}L{:.1} {:.1}",
                    from.x, from.y, to.x, to.y
                ));
            }
        }
        path
    };
    view! { <path class="plot__tether" d=path /> }
}

/// Lines from what is pointed at to both axes.
#[component]
fn Crosshair(stage: Stage) -> impl IntoView {
    move || {
        let key = stage.state.subject()?;
        let circle = circle_of(stage, &key)?;
        let plot = stage.picture.read().plot;
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

/// A label stays with its bubble while that moves.
fn label(stage: Stage, picture: &Picture, label: &BubbleLabel) -> impl IntoView + use<> {
    let area = label.place.area;
    let (key, home) = (
        label.key.clone(),
        picture.mark(&label.key).map(|mark| mark.at),
    );
    let moved = move || {
        let (circle, home) = (circle_of(stage, &key)?, home?);
        let (x, y) = (circle.at.x - home.x, circle.at.y - home.y);
        (x.abs() + y.abs() > 0.01).then(|| format!("translate({x:.2} {y:.2})"))
    };
    let class = match label.role {
        Role::ThisBot if label.pinned => "plot__label plot__label--this plot__label--pinned",
        _ if label.pinned => "plot__label plot__label--pinned",
        Role::ThisBot => "plot__label plot__label--this",
        Role::Other | Role::Member => "plot__label",
        Role::Reference => "plot__label plot__label--reference",
    };
    view! {
        <g class=class transform=moved>
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
