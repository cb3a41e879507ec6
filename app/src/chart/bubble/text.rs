//! The heatmaps' words: caption, values of a bubble, what a screen reader hears. Pure.

use shared::{Bubble, Dimension, Scope, Timestamp};

use super::model::{Model, Role, Spot};
use super::travel::Moment;
use crate::chart::number;
use crate::format::count;

/// One value of a bot as name and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub name: String,
    /// Absent if it was not measured.
    pub text: Option<String>,
}

/// What stands where a value was not measured.
pub const UNMEASURED: &str = "not measured";

/// Who is compared, over which time: `top 30 of 214 bots, 24 h to 20 May 09:32 UTC`; at an
/// earlier moment, who was there by then: `7 of the 31 bots by 20 May 04:10 UTC, …`.
pub fn caption(shown: &Moment, at: Option<Timestamp>, year_now: i32) -> String {
    let heatmaps = &shown.heatmaps;
    if let Some(at) = at {
        let bots = heatmaps.performance.bubbles.iter();
        let there = bots.filter(|bubble| bubble.attack_id.is_some()).count();
        return format!(
            "{} of the {} bots by {}, over all requests since {}",
            count(there as u64),
            count(u64::from(heatmaps.bots_shown)),
            moment(at, year_now),
            moment(heatmaps.window_from, year_now),
        );
    }
    let (shown, total) = (heatmaps.bots_shown, heatmaps.bots_total);
    let population = match (shown, total) {
        (_, 0 | 1) => "the only bot".to_owned(),
        // *This bot* is drawn beside the top, whether it belongs to it or not.
        (shown, total) if shown < total => format!(
            "top {} of {} bots",
            shown.saturating_sub(1).max(1),
            count(u64::from(total))
        ),
        (_, total) => format!("all {} bots", count(u64::from(total))),
    };
    let until = moment(heatmaps.window_until, year_now);
    format!("{population}, 24 h to {until}")
}

/// A moment to the minute in UTC; with its year, unless that is this year.
pub fn moment(at: Timestamp, year_now: i32) -> String {
    let text = at.to_string();
    let field = |from: usize, to: usize| text.get(from..to).unwrap_or("");
    let (Ok(year), Ok(month), Ok(day)) = (
        field(0, 4).parse::<i32>(),
        field(5, 7).parse::<usize>(),
        field(8, 10).parse::<u32>(),
    ) else {
        return text;
    };
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = months.get(month.saturating_sub(1)).unwrap_or(&"");
    let clock = field(11, 16);
    if year == year_now {
        format!("{day} {month} {clock} UTC")
    } else {
        format!("{day} {month} {year} {clock} UTC")
    }
}

/// A dimension's unit where its name stands too: *Different endpoints* needs no `endpoints`.
fn unit_beside(dimension: &Dimension) -> &str {
    let unit = dimension.unit.as_str();
    // As does *Requests per second*.
    let label = dimension
        .label
        .to_ascii_lowercase()
        .replace(" per second", "/s");
    if label.contains(unit) { "" } else { unit }
}

/// A dimension's name with its unit.
pub fn titled(dimension: &Dimension) -> String {
    match unit_beside(dimension) {
        "" => dimension.label.clone(),
        unit => format!("{}, {unit}", dimension.label),
    }
}

/// What a bot is called: *This bot* has its own name beside it.
pub fn name(spot: &Spot) -> String {
    match spot.role {
        Role::ThisBot => format!("This bot, {}", spot.bubble.label),
        Role::Other | Role::Member | Role::Reference => spot.bubble.label.clone(),
    }
}

/// What a bot is, in a few words: `Account takeover · 92% confidence · address`. A campaign is
/// marked apart.
pub fn kind(bubble: &Bubble) -> String {
    let mut parts = Vec::new();
    if let Some(bot_type) = bubble.bot_type {
        parts.push(bot_type.label().to_owned());
    }
    if let Some(confidence) = bubble.confidence {
        parts.push(format!("{confidence}% confidence"));
    }
    if let Some(scope) = bubble.scope.filter(|scope| *scope != Scope::Cluster) {
        parts.push(scope.label().to_ascii_lowercase());
    }
    if bubble.attack_id.is_some() && bubble.confidence.is_none() {
        parts.push("one of a campaign".to_owned());
    }
    if bubble.attack_id.is_none() {
        parts.push("crawler that names itself".to_owned());
    }
    if let Some(verification) = bubble.verification {
        parts.push(verification.label().to_ascii_lowercase());
    }
    parts.join(" · ")
}

/// All of a bot's values in a heatmap, in reading order.
pub fn values(model: &Model, bubble: &Bubble) -> Vec<Value> {
    let dimensions = [
        (&model.x.dimension, bubble.x),
        (&model.y.dimension, bubble.y),
        (&model.color, bubble.color),
        (&model.size, bubble.size),
    ];
    let mut values: Vec<Value> = dimensions
        .into_iter()
        .map(|(dimension, value)| Value {
            name: dimension.label.clone(),
            text: value.map(|value| number::with_unit(value, unit_beside(dimension))),
        })
        .collect();
    if let Some(inverse) = model.y.inverse {
        let interval = bubble.y.and_then(|rate| inverse.interval(rate));
        values.insert(
            2,
            Value {
                name: "Request interval".to_owned(),
                text: interval.map(|seconds| number::with_unit(seconds, "s")),
            },
        );
    }
    values.push(Value {
        name: "Requests".to_owned(),
        text: Some(count(bubble.requests)),
    });
    values
}

/// What is read out when the cursor comes to a bubble.
pub fn readout(model: &Model, spot: &Spot, here: usize) -> String {
    let mut text = name(spot);
    let kind = kind(&spot.bubble).replace(" · ", ", ");
    if !kind.is_empty() {
        text.push_str(", ");
        text.push_str(&kind);
    }
    if spot.campaign {
        text.push_str(", campaign");
    }
    for value in values(model, &spot.bubble) {
        text.push_str("; ");
        text.push_str(&value.name);
        text.push(' ');
        text.push_str(value.text.as_deref().unwrap_or(UNMEASURED));
    }
    if here > 1 {
        text.push_str(&format!("; and {} more here", here - 1));
    }
    text
}

#[cfg(test)]
mod tests {
    use shared::Heatmaps;

    use super::super::model::tests::{bubble, model};
    use super::*;

    fn heatmaps(shown: u32, total: u32) -> Heatmaps {
        let empty = || shared::Heatmap {
            x: super::super::model::tests::dimension(1.0, 32.0),
            y: super::super::model::tests::dimension(1.0, 32.0),
            color: super::super::model::tests::dimension(1.0, 32.0),
            size: super::super::model::tests::dimension(1.0, 32.0),
            bubbles: Vec::new(),
        };
        Heatmaps {
            attack_id: shared::AttackId(0),
            application: "shop".to_owned(),
            window_from: "2026-05-19T09:32:10Z".parse().unwrap(),
            window_until: "2026-05-20T09:32:10Z".parse().unwrap(),
            live: false,
            bots_total: total,
            bots_shown: shown,
            performance: empty(),
            behavior: empty(),
            http_errors: empty(),
        }
    }

    fn end(shown: u32, total: u32) -> Moment {
        Moment::new(&heatmaps(shown, total), None, None, None)
    }

    #[test]
    fn the_caption_says_who_is_compared() {
        assert_eq!(
            caption(&end(31, 214), None, 2026),
            "top 30 of 214 bots, 24 h to 20 May 09:32 UTC"
        );
        assert_eq!(
            caption(&end(12, 12), None, 2030),
            "all 12 bots, 24 h to 20 May 2026 09:32 UTC"
        );
        assert_eq!(
            caption(&end(1, 1), None, 2026),
            "the only bot, 24 h to 20 May 09:32 UTC"
        );
        let at = Some("2026-05-20T04:10:00Z".parse().unwrap());
        assert_eq!(
            caption(&end(31, 214), at, 2026),
            "0 of the 31 bots by 20 May 04:10 UTC, over all requests since 19 May 09:32 UTC"
        );
    }

    #[test]
    fn a_unit_is_not_said_twice() {
        let mut dimension = super::super::model::tests::dimension(1.0, 32.0);
        assert_eq!(titled(&dimension), "Label, requests/s");
        dimension.label = "Different endpoints".to_owned();
        dimension.unit = "endpoints".to_owned();
        assert_eq!(titled(&dimension), "Different endpoints");
    }

    #[test]
    fn the_readout_names_all_values() {
        let mut bubble = bubble(1, 0.5, 4.0, 20.0, 1.0);
        bubble.color = None;
        let model = model(vec![bubble]);
        let text = readout(&model, &model.spots[0], 13);
        assert!(text.contains("Request interval 0.25\u{a0}s"), "{text}");
        assert!(text.contains("Label not measured"), "{text}");
        assert!(text.ends_with("and 12 more here"), "{text}");
    }
}
