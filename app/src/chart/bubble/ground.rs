//! What a heatmap is drawn on: bands, grid, axes and their text. Redrawn with every picture.

use leptos::prelude::*;

use super::layout::{AxisPicture, Band, Picture};
use crate::chart::axis::Stretch;
use crate::chart::rect::Rect;

/// Bands, grid, axes and their text.
pub fn ground(picture: &Picture, hatch: &str) -> impl IntoView + use<> {
    let plot = picture.plot;
    let x = &picture.x;
    let y = &picture.y;
    let from_x = x.axis.begins();
    let from_y = y.axis.begins();
    view! {
        <g class="plot__grid">
            {x
                .ticks
                .iter()
                .map(|tick| {
                    view! { <line x1=tick.at x2=tick.at y1=plot.top y2=plot.bottom /> }
                })
                .collect_view()}
            {y
                .ticks
                .iter()
                .map(|tick| {
                    view! { <line x1=plot.left x2=plot.right y1=tick.at y2=tick.at /> }
                })
                .collect_view()}
        </g>
        {x.bands().map(|(band, kind)| x_band(band, kind, plot, hatch)).collect_view()}
        {y.bands().map(|(band, kind)| y_band(band, kind, plot, hatch)).collect_view()}
        <g class="plot__axis">
            <line x1=from_x x2=plot.right y1=plot.bottom y2=plot.bottom />
            <line x1=plot.left x2=plot.left y1=from_y y2=plot.top />
            {x
                .between
                .iter()
                .map(|at| {
                    view! { <line x1=*at x2=*at y1=plot.bottom y2=plot.bottom + 4.0 /> }
                })
                .collect_view()}
            {y
                .between
                .iter()
                .map(|at| view! { <line x1=plot.left - 4.0 x2=plot.left y1=*at y2=*at /> })
                .collect_view()}
        </g>
        {x_text(x, picture)} {y_text(y, picture)}
    }
}

fn x_band(band: Stretch, kind: Band, plot: Rect, hatch: &str) -> impl IntoView + use<> {
    let area = Rect {
        left: band.from,
        right: band.to,
        ..plot
    };
    let zero = (kind == Band::Zero).then(|| {
        view! {
            <text class="plot__tick" x=band.centre() y=plot.bottom + 20.0 text-anchor="middle">
                "0"
            </text>
        }
    });
    view! {
        {band_ground(area, kind, hatch)}
        {zero}
    }
}

fn y_band(band: Stretch, kind: Band, plot: Rect, hatch: &str) -> impl IntoView + use<> {
    let area = Rect {
        top: band.to,
        bottom: band.from,
        ..plot
    };
    let zero = (kind == Band::Zero).then(|| {
        view! {
            <text class="plot__tick" x=plot.left - 10.0 y=band.centre() + 4.0 text-anchor="end">
                "0"
            </text>
        }
    });
    view! {
        {band_ground(area, kind, hatch)}
        {zero}
    }
}

fn band_ground(area: Rect, kind: Band, hatch: &str) -> impl IntoView + use<> {
    let fill = match kind {
        Band::Zero => "none".to_owned(),
        Band::Missing => hatch.to_owned(),
    };
    view! {
        <rect
            class="plot__band"
            fill=fill
            x=area.left
            y=area.top
            width=area.width()
            height=area.height()
        />
    }
}

fn x_text(x: &AxisPicture, picture: &Picture) -> impl IntoView + use<> {
    let plot = picture.plot;
    view! {
        {x
            .ticks
            .iter()
            .map(|tick| {
                view! {
                    <text class="plot__tick" x=tick.at y=plot.bottom + 20.0 text-anchor="middle">
                        {tick.label.clone()}
                    </text>
                }
            })
            .collect_view()}
        <text class="plot__title" x=plot.right y=plot.bottom + 44.0 text-anchor="end">
            {x.title.clone()}
        </text>
    }
}

fn y_text(y: &AxisPicture, picture: &Picture) -> impl IntoView + use<> {
    let plot = picture.plot;
    let seconds = y.seconds.clone();
    let narrow = picture.size.is_narrow();
    view! {
        {y
            .ticks
            .iter()
            .enumerate()
            .map(|(index, tick)| {
                let second = seconds.get(index).cloned();
                let first_at = plot.left - 10.0;
                let (second_at, drop, anchor) = if narrow {
                    (first_at, 19.0, "end")
                } else {
                    (12.0, 4.0, "start")
                };
                view! {
                    <text class="plot__tick" x=first_at y=tick.at + 4.0 text-anchor="end">
                        {tick.label.clone()}
                    </text>
                    {second
                        .map(|text| {
                            view! {
                                <text
                                    class="plot__tick plot__tick--second"
                                    x=second_at
                                    y=tick.at + drop
                                    text-anchor=anchor
                                >
                                    {text}
                                </text>
                            }
                        })}
                }
            })
            .collect_view()}
        <text class="plot__title" x="12" y="22">
            {y.title.clone()}
            {y
                .second_title
                .clone()
                .map(|title| {
                    view! {
                        <tspan class="plot__second-title">{format!(" · {title}")}</tspan>
                    }
                })}
        </text>
    }
}
