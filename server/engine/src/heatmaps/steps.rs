//! How the bots of the heatmaps came to where they are: the values of each after each of its
//! slices, over its requests from the beginning of the window up to there.

use shared::{AttackId, BotSteps, HeatmapSteps, Timestamp};

use super::members::Member;
use super::values::{DIMENSIONS, measure};
use super::{Window, choose};
use crate::effects::HeatmapNormals;
use crate::slice::Slice;

/// How many stretches the activity of *this bot* is told in: five minutes each.
const STRETCHES: usize = 288;

/// The steps of the same bots and crawlers that [`super::heatmaps`] draws, in the same order.
#[must_use]
pub fn heatmap_steps(window: Window) -> HeatmapSteps {
    let normals = window.normals;
    let (attack_id, from, until) = (window.this_bot.attack, window.from, window.until);
    let chosen = choose(window);
    let activity = activity(&chosen.bots[0].slices, from);
    let mut bots = Vec::with_capacity(chosen.bots.len() + chosen.crawlers.len());
    for bot in chosen.bots {
        bots.push(BotSteps {
            attack_id: Some(bot.attack),
            ..steps(bot.label, &bot.slices, from, &normals, true)
        });
    }
    for crawler in chosen.crawlers {
        bots.push(BotSteps {
            verification: Some(crawler.verification),
            ..steps(crawler.name, &crawler.slices, from, &normals, false)
        });
    }
    HeatmapSteps {
        attack_id,
        window_from: from,
        window_until: until,
        dimensions: DIMENSIONS.map(str::to_owned).to_vec(),
        activity,
        bots_total: u32::try_from(chosen.bots_total).unwrap_or(u32::MAX),
        complete: true,
        bots,
    }
}

/// The steps of a campaign's addresses, of `total` in all, in the window from `from` to `until`;
/// `complete` if all their requests in it are known.
#[must_use]
pub fn member_steps(
    campaign: AttackId,
    (from, until): (Timestamp, Timestamp),
    members: &[Member],
    (total, complete): (usize, bool),
    normals: &HeatmapNormals,
) -> HeatmapSteps {
    let slices: Vec<Slice> = members
        .iter()
        .flat_map(|member| member.slices.iter().cloned())
        .collect();
    let bots = members.iter().map(|member| {
        let label = member.address.to_string();
        steps(label, &member.slices, from, normals, true)
    });
    HeatmapSteps {
        attack_id: campaign,
        window_from: from,
        window_until: until,
        dimensions: DIMENSIONS.map(str::to_owned).to_vec(),
        activity: activity(&slices, from),
        bots_total: u32::try_from(total).unwrap_or(u32::MAX),
        complete,
        bots: bots.collect(),
    }
}

fn steps(
    label: String,
    slices: &[Slice],
    from: Timestamp,
    normals: &HeatmapNormals,
    judged: bool,
) -> BotSteps {
    let mut steps = BotSteps {
        attack_id: None,
        label,
        verification: None,
        at: Vec::new(),
        values: Vec::new(),
    };
    let mut whole = Slice::default();
    for slice in slices {
        whole.merge(slice);
        let at = seconds_after(from, whole.until);
        if steps.at.last() == Some(&at) {
            steps.values.pop();
        } else {
            steps.at.push(at);
        }
        let values = measure(&whole, normals, judged);
        steps
            .values
            .push(values.map(|value| value.map(rounded)).to_vec());
    }
    steps
}

/// Whole seconds, upwards: what ended by a moment has ended by the seconds told.
fn seconds_after(from: Timestamp, at: Timestamp) -> u32 {
    let ms = at.since(from).max(0);
    u32::try_from((ms + 999) / 1_000).unwrap_or(u32::MAX)
}

/// Five digits say more than a picture shows.
fn rounded(value: f64) -> f64 {
    if value.fract() == 0.0 {
        return value;
    }
    format!("{value:.4e}").parse().unwrap_or(value)
}

/// Requests per stretch of the window. A slice's are spread evenly over its length.
fn activity(slices: &[Slice], from: Timestamp) -> Vec<u32> {
    let length = Timestamp::DAY as f64 / STRETCHES as f64;
    let mut stretches = [0.0f64; STRETCHES];
    for slice in slices {
        let place =
            |at: Timestamp| (at.since(from) as f64 / length).clamp(0.0, STRETCHES as f64 - 1e-9);
        let (first, last) = (place(slice.from), place(slice.until));
        let span = slice.until.since(slice.from).max(1) as f64 / length;
        let requests = slice.requests as f64;
        for (index, stretch) in stretches.iter_mut().enumerate() {
            let covered = last.min(index as f64 + 1.0) - first.max(index as f64);
            if covered > 0.0 {
                *stretch += requests * (covered / span).min(1.0);
            } else if first == last && first as usize == index {
                *stretch += requests;
            }
        }
    }
    // Whole requests, of which none is lost.
    let (mut sum, mut told) = (0.0, 0);
    stretches
        .iter()
        .map(|requests| {
            sum += requests;
            let before = std::mem::replace(&mut told, libm::round(sum) as u32);
            told - before
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{bot, window};
    use super::super::{Bot, heatmaps};
    use super::*;

    fn slice(from_s: i64, until_s: i64, requests: u64) -> Slice {
        Slice {
            from: Timestamp(from_s * 1_000),
            until: Timestamp(until_s * 1_000),
            requests,
            errors: requests / 2,
            ..Slice::default()
        }
    }

    fn three_steps() -> Window {
        Window {
            this_bot: Bot {
                slices: vec![
                    slice(0, 600, 60),
                    slice(600, 1_200, 240),
                    slice(40_000, 40_030, 31),
                ],
                ..bot(1, 60, 1.0, 0)
            },
            ..window(vec![bot(2, 90, 1.0, 10)], vec![])
        }
    }

    #[test]
    fn each_step_is_over_all_requests_up_to_it() {
        let steps = heatmap_steps(three_steps());
        let this_bot = &steps.bots[0];
        assert_eq!(this_bot.at, [600, 1_200, 40_030]);
        let column = |name: &str| {
            let column = steps.dimensions.iter().position(|known| known == name);
            let values = this_bot.values.iter().map(|row| row[column.unwrap()]);
            values.collect::<Vec<_>>()
        };
        assert_eq!(column("requests"), [Some(60.0), Some(300.0), Some(331.0)]);
        assert_eq!(column("rps")[..2], [Some(0.1), Some(0.25)]);
        assert_eq!(column("errors"), [Some(30.0), Some(150.0), Some(165.0)]);
        assert_eq!(column("scheduled_requests"), [None; 3]);
    }

    #[test]
    fn the_heatmaps_of_a_moment_are_the_steps_of_that_moment() {
        for (at_s, requests, bubbles) in [
            (600, Some(60), 2),
            (39_999, Some(300), 2),
            (86_400, Some(331), 2),
            // The other bot was done by then, this one not begun: it is not drawn.
            (100, None, 1),
        ] {
            let drawn = heatmaps(three_steps(), Some(Timestamp(at_s * 1_000)));
            let this_bot = drawn.performance.bubbles.iter().find(|one| one.this_bot);
            assert_eq!(this_bot.map(|one| one.requests), requests, "{at_s}");
            assert_eq!(drawn.behavior.bubbles.len(), bubbles, "{at_s}");
            assert_eq!(drawn.bots_total, 2);
        }
    }

    #[test]
    fn the_last_step_is_where_the_heatmaps_end() {
        let steps = heatmap_steps(three_steps());
        let drawn = heatmaps(three_steps(), None);
        for (bot, bubble) in steps.bots.iter().zip(&drawn.http_errors.bubbles) {
            let last = bot.values.last().unwrap();
            assert_eq!(bot.attack_id, bubble.attack_id);
            assert_eq!(last[0], Some(bubble.requests as f64));
            assert_eq!((last[8], last[10]), (bubble.y, bubble.size));
        }
    }

    #[test]
    fn a_bots_activity_stands_where_its_requests_were() {
        let steps = heatmap_steps(three_steps());
        assert_eq!(steps.activity.len(), STRETCHES);
        // 60 in the first ten minutes, 240 in the next ten.
        assert_eq!(steps.activity[..5], [30, 30, 120, 120, 0]);
        assert_eq!(steps.activity[133], 31);
        assert_eq!(steps.activity.iter().sum::<u32>(), 331);
    }

    #[test]
    fn values_are_told_with_five_digits() {
        assert_eq!(rounded(1.0 / 3.0), 0.33333);
        assert_eq!(rounded(123_456.0), 123_456.0);
        assert_eq!(rounded(0.000_012_345_67), 0.000_012_346);
    }
}
