//! The three heatmaps of an attack, from stored slices: which bots are shown, and the value of
//! each on each dimension. Not where a bubble sits on the screen.

use shared::{
    AttackId, BotType, Bubble, Dimension, Heatmap, Heatmaps, Scale, Scope, Timestamp, Verification,
};

use crate::effects::HeatmapNormals;
use crate::slice::Slice;

/// How many other bots are shown.
const OTHERS: usize = 30;
/// How many crawlers are shown for reference.
const CRAWLERS: usize = 5;
/// Fewer requests say nothing of a crawler.
const CRAWLER_REQUESTS: u64 = 3;
/// A log scale is full at so many times normal.
const FULL: f64 = 32.0;

/// One bot of the window.
#[derive(Debug, Clone)]
pub struct Bot {
    /// Its attack.
    pub attack: AttackId,
    /// What it is called: an address or a campaign.
    pub label: String,
    /// Its primary type.
    pub bot_type: BotType,
    /// Who was judged.
    pub scope: Scope,
    /// 0 to 100.
    pub confidence: u8,
    /// Sum of log2 of the deviations: the second key of suspicion.
    pub suspicion: f64,
    /// What it did in the window, oldest first.
    pub slices: Vec<Slice>,
}

/// One crawler that names itself.
#[derive(Debug, Clone)]
pub struct Crawler {
    /// Its canonical name.
    pub name: String,
    /// Whether it is who it says.
    pub verification: Verification,
    /// What it did in the window, oldest first.
    pub slices: Vec<Slice>,
}

/// What the heatmaps are drawn from.
#[derive(Debug, Clone)]
pub struct Window {
    /// The application's name.
    pub application: String,
    /// *This bot*.
    pub this_bot: Bot,
    /// The others of the same application in the window; any order.
    pub others: Vec<Bot>,
    /// Crawlers; any order.
    pub crawlers: Vec<Crawler>,
    /// The 24 hours that end with the attack's last request.
    pub from: Timestamp,
    /// Their end.
    pub until: Timestamp,
    /// Whether the attack is ongoing.
    pub live: bool,
    /// The application's normals.
    pub normals: HeatmapNormals,
}

/// A bubble's values before they are told apart by heatmap.
struct Measured {
    bubble: Bubble,
    slice: Slice,
    surprise: Option<f64>,
}

/// Draws up the heatmaps: *this bot* first, then at most 30 others, the most suspicious by
/// confidence and then by deviation, then at most five crawlers with the most requests.
#[must_use]
pub fn heatmaps(window: Window) -> Heatmaps {
    let normals = window.normals;
    let (attack_id, from, until) = (window.this_bot.attack, window.from, window.until);
    let mut others = window.others;
    // An attack may go on longer than the window without a request in it.
    let active = |bot: &Bot| bot.slices.iter().any(|slice| slice.requests > 0);
    others.retain(|bot| bot.attack != attack_id && active(bot));
    let bots_total = others.len() + 1;
    others.sort_by(|a, b| {
        (b.confidence.cmp(&a.confidence))
            .then(b.suspicion.total_cmp(&a.suspicion))
            .then(a.attack.cmp(&b.attack))
    });
    others.truncate(OTHERS);
    let bots_shown = others.len() + 1;
    let mut measured = vec![of_bot(window.this_bot, true, &normals)];
    measured.extend(others.into_iter().map(|bot| of_bot(bot, false, &normals)));
    measured.extend(of_crawlers(window.crawlers, &normals));
    Heatmaps {
        attack_id,
        application: window.application,
        window_from: from,
        window_until: until,
        live: window.live,
        bots_total: u32::try_from(bots_total).unwrap_or(u32::MAX),
        bots_shown: u32::try_from(bots_shown).unwrap_or(u32::MAX),
        performance: performance(&measured, &normals),
        behavior: behavior(&measured, &normals),
        http_errors: http_errors(&measured, &normals),
    }
}

fn merged(slices: &[Slice]) -> Slice {
    let mut whole = Slice::default();
    for slice in slices {
        whole.merge(slice);
    }
    whole
}

/// Surprise; not measured while no request of the window had one.
fn surprise(slice: &Slice, normals: &HeatmapNormals) -> Option<f64> {
    (slice.surprise > 0).then(|| slice.surprise_score(normals.usual_surprise))
}

fn of_bot(bot: Bot, this_bot: bool, normals: &HeatmapNormals) -> Measured {
    let slice = merged(&bot.slices);
    Measured {
        bubble: Bubble {
            attack_id: Some(bot.attack),
            label: bot.label,
            this_bot,
            bot_type: Some(bot.bot_type),
            scope: Some(bot.scope),
            confidence: Some(bot.confidence),
            verification: None,
            requests: slice.requests,
            x: None,
            y: None,
            color: None,
            size: None,
        },
        surprise: surprise(&slice, normals),
        slice,
    }
}

fn of_crawlers(crawlers: Vec<Crawler>, normals: &HeatmapNormals) -> Vec<Measured> {
    let mut measured: Vec<Measured> = crawlers
        .into_iter()
        .map(|crawler| {
            let slice = merged(&crawler.slices);
            Measured {
                bubble: Bubble {
                    attack_id: None,
                    label: crawler.name,
                    this_bot: false,
                    bot_type: None,
                    scope: None,
                    confidence: None,
                    verification: Some(crawler.verification),
                    requests: slice.requests,
                    x: None,
                    y: None,
                    color: None,
                    size: None,
                },
                surprise: surprise(&slice, normals),
                slice,
            }
        })
        .filter(|measured| measured.slice.requests >= CRAWLER_REQUESTS)
        .collect();
    measured.sort_by(|a, b| {
        (b.slice.requests.cmp(&a.slice.requests)).then(a.bubble.label.cmp(&b.bubble.label))
    });
    measured.truncate(CRAWLERS);
    measured
}

fn bubbles(measured: &[Measured], values: impl Fn(&Measured) -> [Option<f64>; 4]) -> Vec<Bubble> {
    measured
        .iter()
        .map(|one| {
            let [x, y, color, size] = values(one);
            Bubble {
                x,
                y,
                color,
                size,
                ..one.bubble.clone()
            }
        })
        .collect()
}

/// A dimension with a log scale that begins at normal.
fn dimension(name: &str, label: &str, unit: &str, normal: f64, explanation: &str) -> Dimension {
    Dimension {
        name: name.to_owned(),
        label: label.to_owned(),
        unit: unit.to_owned(),
        explanation: explanation.to_owned(),
        normal,
        full: normal * FULL,
        scale: Scale::Log2,
    }
}

/// A score from 0 to 1.
fn score(name: &str, label: &str, explanation: &str) -> Dimension {
    Dimension {
        full: 1.0,
        scale: Scale::Linear,
        ..dimension(name, label, "", 0.0, explanation)
    }
}

fn rps(normals: &HeatmapNormals) -> Dimension {
    dimension(
        "rps",
        "Requests per second",
        "requests/s",
        normals.rps,
        "Requests over the time from the first to the last, at least a minute. People pause to \
         read; a bot that works through a list does not.",
    )
}

fn performance(measured: &[Measured], normals: &HeatmapNormals) -> Heatmap {
    Heatmap {
        x: rps(normals),
        y: dimension(
            "request_rate",
            "Request rate",
            "requests/s",
            normals.request_rate,
            "How fast it sends when it sends: requests in bursts over the length of the bursts. \
             Its inverse is the interval between two requests.",
        ),
        color: score(
            "scheduled_requests",
            "Scheduled requests",
            "How regular the pauses between bursts are: 0 is random, 1 is a clock. Needs at \
             least eight pauses.",
        ),
        size: score(
            "request_non_uniqueness",
            "Request non-uniqueness",
            "How much it repeats itself: 0 means that fifty requests go to fifty different \
             endpoints, 1 that all go to the same. Needs at least ten requests.",
        ),
        bubbles: bubbles(measured, |one| {
            [
                Some(one.slice.rps()),
                Some(one.slice.request_rate()),
                one.slice.gaps.scheduled(),
                one.slice
                    .endpoints
                    .uniqueness()
                    .map(|uniqueness| 1.0 - uniqueness),
            ]
        }),
    }
}

fn behavior(measured: &[Measured], normals: &HeatmapNormals) -> Heatmap {
    Heatmap {
        x: rps(normals),
        y: dimension(
            "detectors",
            "Detectors that voted",
            "detectors",
            1.0,
            "How many of the detectors found something abnormal. Independent findings weigh \
             more than one extreme one.",
        ),
        color: Dimension {
            // Bits are logarithms: five more bits are 32 times less likely.
            full: normals.surprise + libm::log2(FULL),
            scale: Scale::Linear,
            ..dimension(
                "suspicious_behavior",
                "Suspicious behaviour score",
                "bits/request",
                normals.surprise,
                "How surprising its requests are for someone who knows how people move through \
                 this application; each further bit is twice as unlikely.",
            )
        },
        size: dimension(
            "critical_requests",
            "Critical or sensitive requests",
            "requests",
            normals.critical,
            "Requests to endpoints that sign in, pay, change accounts, administer or hold \
             secrets.",
        ),
        bubbles: bubbles(measured, |one| {
            let is_bot = one.bubble.attack_id.is_some();
            [
                Some(one.slice.rps()),
                is_bot.then(|| f64::from(one.slice.voted.0.count_ones())),
                one.surprise,
                Some(one.slice.critical as f64),
            ]
        }),
    }
}

fn http_errors(measured: &[Measured], normals: &HeatmapNormals) -> Heatmap {
    Heatmap {
        x: rps(normals),
        y: dimension(
            "errors",
            "Error responses",
            "responses",
            normals.errors,
            "Responses with a status from 400 on: what it asked for did not exist, was not \
             allowed, or broke something.",
        ),
        color: dimension(
            "unsafe_methods",
            "Requests with an unsafe method",
            "requests",
            normals.unsafe_methods,
            "Requests that may change something: POST, PUT, PATCH, DELETE and others that are \
             not defined as safe.",
        ),
        size: dimension(
            "endpoints",
            "Different endpoints",
            "endpoints",
            normals.endpoints,
            "How many different endpoints it asked for. People use a small part of an \
             application.",
        ),
        bubbles: bubbles(measured, |one| {
            [
                Some(one.slice.rps()),
                Some(one.slice.errors as f64),
                Some(one.slice.unsafe_methods as f64),
                Some(one.slice.endpoints.distinct() as f64),
            ]
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bot(id: u64, confidence: u8, suspicion: f64, requests: u64) -> Bot {
        let slice = Slice {
            from: Timestamp(0),
            until: Timestamp(100_000),
            requests,
            ..Slice::default()
        };
        Bot {
            attack: AttackId(id),
            label: format!("bot {id}"),
            bot_type: BotType::Scraping,
            scope: Scope::Client,
            confidence,
            suspicion,
            slices: vec![slice],
        }
    }

    fn window(others: Vec<Bot>, crawlers: Vec<Crawler>) -> Window {
        Window {
            application: "shop".into(),
            this_bot: bot(1, 60, 1.0, 200),
            others,
            crawlers,
            from: Timestamp(0),
            until: Timestamp(Timestamp::DAY),
            live: false,
            normals: HeatmapNormals::default(),
        }
    }

    #[test]
    fn this_bot_is_always_drawn_and_the_thirty_most_suspicious_others_beside_it() {
        let others = (2..=215)
            .map(|id| bot(id, (id % 100) as u8, id as f64, 50))
            .collect();
        let drawn = heatmaps(window(others, vec![]));
        assert_eq!((drawn.bots_total, drawn.bots_shown), (215, 31));
        let bubbles = &drawn.performance.bubbles;
        assert!(bubbles[0].this_bot && bubbles.iter().filter(|b| b.this_bot).count() == 1);
        assert_eq!(bubbles[1].attack_id, Some(AttackId(199)));
        assert_eq!(bubbles[2].attack_id, Some(AttackId(99)));
    }

    #[test]
    fn a_bot_that_was_silent_in_the_window_is_not_counted() {
        let silent = Bot {
            slices: vec![],
            ..bot(2, 99, 9.0, 0)
        };
        let drawn = heatmaps(window(vec![silent, bot(3, 70, 1.0, 9)], vec![]));
        assert_eq!((drawn.bots_total, drawn.bots_shown), (2, 2));
    }

    #[test]
    fn values_are_those_of_all_slices_in_the_window() {
        let mut this_bot = bot(1, 90, 1.0, 30);
        this_bot.slices.push(Slice {
            from: Timestamp(200_000),
            until: Timestamp(300_000),
            requests: 60,
            errors: 12,
            ..Slice::default()
        });
        let drawn = heatmaps(Window {
            this_bot,
            ..window(vec![], vec![])
        });
        // 90 requests in 300 s
        assert_eq!(drawn.performance.bubbles[0].x, Some(0.3));
        assert_eq!(drawn.http_errors.bubbles[0].y, Some(12.0));
        assert_eq!(
            drawn.performance.bubbles[0].color, None,
            "no gaps: not measured"
        );
    }

    #[test]
    fn at_most_five_crawlers_stand_beside_them_and_have_no_attack() {
        let crawlers = (0..9)
            .map(|index| Crawler {
                name: format!("Crawler{index}"),
                verification: Verification::Unverified,
                slices: bot(0, 0, 0.0, index + 1).slices,
            })
            .collect();
        let drawn = heatmaps(window(vec![], crawlers));
        let references: Vec<_> = drawn
            .behavior
            .bubbles
            .iter()
            .filter(|b| b.attack_id.is_none())
            .collect();
        assert_eq!(references.len(), 5);
        assert_eq!(references[0].label, "Crawler8");
        assert_eq!(references[0].y, None, "crawlers were not judged");
        assert_eq!(drawn.bots_total, 1);
    }
}
