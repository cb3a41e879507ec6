//! `/attacks/{id}/heatmaps.csv`: all values of all three heatmaps, a bot a line, and those of a
//! campaign's addresses where it is unfolded.

use axum::body::Body;
use shared::{AttackId, Bubble, Heatmap, HeatmapSteps, Heatmaps};
use utoipa::IntoParams;

use super::steps::unfold;
use super::{HeatmapsParams, draw, find};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Csv;
use crate::http::route::Context;
use crate::http::routes::csv::write_line;

/// What the file takes.
pub(in crate::http) struct FileParams {
    heatmaps: HeatmapsParams,
    unfolded: UnfoldedParams,
}

#[derive(IntoParams)]
struct UnfoldedParams {
    /// A campaign, whose addresses have lines of their own.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    of: Option<AttackId>,
}

impl IntoParams for FileParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = HeatmapsParams::into_params(&location);
        params.extend(UnfoldedParams::into_params(&location));
        params
    }
}

impl Params for FileParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            heatmaps: HeatmapsParams::read(fields)?,
            unfolded: UnfoldedParams {
                of: fields.optional("of")?,
            },
        })
    }
}

pub(in crate::http) async fn heatmaps_csv(
    context: Context,
    params: FileParams,
) -> Result<Csv, ApiError> {
    let HeatmapsParams { id, at } = params.heatmaps;
    let attack = find(&context, id).await?;
    let unfolded = match params.unfolded.of {
        Some(of) => Some(unfold(&context, attack.clone(), of).await?),
        None => None,
    };
    let heatmaps = draw(&context, attack, at).await?;
    let mut text = lines(&heatmaps);
    if let Some(unfolded) = unfolded {
        // Steps tell whole seconds, upwards.
        let until = at.map_or(i64::MAX, |at| at.since(unfolded.window_from) / 1_000);
        add_addresses(&mut text, &heatmaps, &unfolded, until);
    }
    Ok(Csv {
        file_name: format!("attack-{id}-heatmaps.csv"),
        body: Body::from(text),
    })
}

/// What stands before the values.
const ABOUT: [&str; 6] = ["bot", "role", "attack_id", "type", "confidence", "requests"];

fn maps(heatmaps: &Heatmaps) -> [&Heatmap; 3] {
    [
        &heatmaps.performance,
        &heatmaps.behavior,
        &heatmaps.http_errors,
    ]
}

/// The names of the values. Requests per second are the first axis of all three and stand once.
fn names(heatmaps: &Heatmaps) -> Vec<&str> {
    let mut names = Vec::new();
    for (index, map) in maps(heatmaps).into_iter().enumerate() {
        let all = [&map.x, &map.y, &map.color, &map.size];
        let all = all.into_iter().map(|dimension| dimension.name.as_str());
        names.extend(all.skip(usize::from(index > 0)));
    }
    names
}

fn lines(heatmaps: &Heatmaps) -> String {
    let mut out = String::new();
    write_line(&mut out, &[&ABOUT[..], &names(heatmaps)].concat());
    let maps = maps(heatmaps);
    for (index, bubble) in maps[0].bubbles.iter().enumerate() {
        let mut cells = vec![
            bubble.label.clone(),
            role(bubble).to_owned(),
            text(bubble.attack_id),
            text(bubble.bot_type.map(shared::BotType::as_str)),
            text(bubble.confidence),
            bubble.requests.to_string(),
        ];
        for (number, map) in maps.into_iter().enumerate() {
            let values = map.bubbles.get(index);
            let values = values.map_or([None; 4], |one| [one.x, one.y, one.color, one.size]);
            cells.extend(values.map(text).into_iter().skip(usize::from(number > 0)));
        }
        add(&mut out, &cells);
    }
    out
}

/// The addresses of a campaign, each as it stood so many seconds after the window's beginning.
fn add_addresses(out: &mut String, heatmaps: &Heatmaps, unfolded: &HeatmapSteps, until: i64) {
    for address in &unfolded.bots {
        let steps = address.at.iter().zip(&address.values);
        let Some((_, values)) = steps.rev().find(|(at, _)| i64::from(**at) <= until) else {
            continue;
        };
        let value = |name: &str| {
            let place = unfolded.dimensions.iter().position(|known| known == name);
            place.and_then(|place| values.get(place).copied().flatten())
        };
        let mut cells = vec![
            address.label.clone(),
            "address".to_owned(),
            unfolded.attack_id.to_string(),
            String::new(),
            String::new(),
            text(value("requests")),
        ];
        cells.extend(names(heatmaps).into_iter().map(|name| text(value(name))));
        add(out, &cells);
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn add(out: &mut String, cells: &[String]) {
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    write_line(out, &cells);
}

fn role(bubble: &Bubble) -> &'static str {
    match (bubble.this_bot, bubble.verification) {
        (true, _) => "this bot",
        (false, Some(verification)) => verification.as_str(),
        (false, None) => "bot",
    }
}
