//! `/attacks/{id}/heatmaps.csv`: all values of all three heatmaps, a bot a line.

use axum::body::Body;
use shared::{Bubble, Heatmaps};

use super::{HeatmapsParams, draw};
use crate::http::error::ApiError;
use crate::http::reply::Csv;
use crate::http::route::Context;
use crate::http::routes::csv::write_line;

pub(in crate::http) async fn heatmaps_csv(
    context: Context,
    params: HeatmapsParams,
) -> Result<Csv, ApiError> {
    let heatmaps = draw(&context, &params).await?;
    Ok(Csv {
        file_name: format!("attack-{}-heatmaps.csv", params.id),
        body: Body::from(lines(&heatmaps)),
    })
}

/// Requests per second are the first axis of all three and stand once.
fn lines(heatmaps: &Heatmaps) -> String {
    let maps = [
        &heatmaps.performance,
        &heatmaps.behavior,
        &heatmaps.http_errors,
    ];
    let mut header = ["bot", "role", "attack_id", "type", "confidence", "requests"]
        .map(str::to_owned)
        .to_vec();
    for (index, map) in maps.into_iter().enumerate() {
        let all = [&map.x, &map.y, &map.color, &map.size];
        let names = all.into_iter().map(|dimension| dimension.name.clone());
        header.extend(names.skip(usize::from(index > 0)));
    }
    let mut out = String::new();
    add(&mut out, &header);
    for (index, bubble) in maps[0].bubbles.iter().enumerate() {
        let optional = |text: Option<String>| text.unwrap_or_default();
        let mut cells = vec![
            bubble.label.clone(),
            role(bubble).to_owned(),
            optional(bubble.attack_id.map(|id| id.to_string())),
            optional(bubble.bot_type.map(|found| found.as_str().to_owned())),
            optional(bubble.confidence.map(|percent| percent.to_string())),
            bubble.requests.to_string(),
        ];
        for (number, map) in maps.into_iter().enumerate() {
            let values = map.bubbles.get(index);
            let values = values.map_or([None; 4], |one| [one.x, one.y, one.color, one.size]);
            let values = values.map(|value| optional(value.map(|value| value.to_string())));
            cells.extend(values.into_iter().skip(usize::from(number > 0)));
        }
        add(&mut out, &cells);
    }
    out
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
