//! The legends below the picture: colour, size, and what the marks mean. Where the bot that is
//! pointed at stands shows on both scales.

use leptos::prelude::*;
use shared::{Dimension, Verification};

use super::figure::Stage;
use super::model::{Model, Role, Spot};
use super::text;
use crate::chart::legend::{self, LEVELS};

/// The colour bar in pixels, with room for half a label at both ends.
const BAR: f64 = 272.0;
const BAR_HEIGHT: f64 = 10.0;
const SIDE: f64 = 22.0;

#[component]
pub fn Legend(stage: Stage) -> impl IntoView {
    let model = stage.state.model;
    let pointed = Memo::new(move |_| {
        let state = stage.state;
        let key = state.subject()?;
        model.read().spot(&key).cloned()
    });
    view! {
        <figcaption class="legend">
            <div class="legend__part">
                <p class="legend__title">
                    {move || text::titled(&model.read().color)}
                </p>
                <svg
                    class="legend__scale"
                    width=BAR + 2.0 * SIDE
                    height="40"
                    role="img"
                    aria-label=move || {
                        spoken("Colour", "ash", "red", &model.read().color)
                    }
                >
                    <g transform=format!("translate({SIDE} 10)")>
                        {(0..=LEVELS).map(cell).collect_view()}
                        {move || colour_stops(&model.read().color)}
                        {move || pointed.read().as_ref().and_then(pointer)}
                    </g>
                </svg>
            </div>
            <div class="legend__part">
                <p class="legend__title">{move || text::titled(&model.read().size)}</p>
                <svg
                    class="legend__scale"
                    width="132"
                    height="56"
                    role="img"
                    aria-label=move || {
                        spoken("Size", "6 pixels", "28 pixels", &model.read().size)
                    }
                >
                    {move || size_stops(&model.read().size)}
                    {move || pointed.read().as_ref().and_then(sized)}
                </svg>
            </div>
            <ul class="legend__marks">{move || marks(&model.read())}</ul>
        </figcaption>
    }
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

fn cell(level: u8) -> impl IntoView {
    let width = BAR / f64::from(LEVELS + 1);
    view! {
        <rect
            class="legend__cell"
            data-level=level.to_string()
            x=f64::from(level) * width
            width=width + 0.5
            height=BAR_HEIGHT
        />
    }
}

/// Where a level is on the bar: in the middle of its cell.
fn along(level: f64) -> f64 {
    let width = BAR / f64::from(LEVELS + 1);
    level * (BAR - width) + width / 2.0
}

fn colour_stops(dimension: &Dimension) -> impl IntoView + use<> {
    legend::colour_stops(dimension)
        .into_iter()
        .map(|stop| {
            let at = along(stop.level);
            view! {
                <line class="legend__tick" x1=at x2=at y1=BAR_HEIGHT y2=BAR_HEIGHT + 4.0 />
                <text class="legend__number" x=at y=BAR_HEIGHT + 18.0 text-anchor="middle">
                    {stop.label}
                </text>
            }
        })
        .collect_view()
}

/// The mark above the bar at the level of the bot that is pointed at.
fn pointer(spot: &Spot) -> Option<impl IntoView + use<>> {
    let at = along(f64::from(spot.heat?) / f64::from(LEVELS));
    Some(view! { <path class="legend__pointer" d=format!("M{at} -2l-5 -7h10z") /> })
}

/// Three circles on one ground, each with a line to its number.
fn size_stops(dimension: &Dimension) -> impl IntoView + use<> {
    legend::size_stops(dimension)
        .into_iter()
        .enumerate()
        .map(|(index, stop)| {
            let radius = legend::radius(stop.level);
            let row = 44.0 - index as f64 * 17.0;
            let top = FLOOR - 2.0 * radius;
            view! {
                <circle class="legend__circle" cx=CENTRE cy=FLOOR - radius r=radius />
                <path
                    class="legend__tick"
                    d=format!("M{CENTRE} {top}L{} {}H56", CENTRE + 20.0, row)
                />
                <text class="legend__number" x="60" y=row + 4.0>
                    {stop.label}
                </text>
            }
        })
        .collect_view()
}

const FLOOR: f64 = 46.0;
const CENTRE: f64 = 16.0;

fn sized(spot: &Spot) -> Option<impl IntoView + use<>> {
    let radius = legend::radius(spot.size?);
    Some(view! { <circle class="legend__now" cx=CENTRE cy=FLOOR - radius r=radius /> })
}

/// The marks that occur in this heatmap, each with its meaning.
fn marks(model: &Model) -> impl IntoView + use<> {
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
            view! {
                <li class="legend__mark">
                    <span class=format!("legend__sign legend__sign--{mark}") aria-hidden="true" />
                    {meaning}
                </li>
            }
        })
        .collect_view()
}
