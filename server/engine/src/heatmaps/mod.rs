//! The three heatmaps of an attack, from stored slices: which bots are shown, and the value of
//! each on each dimension, at the window's end or at a moment before it. Not where a bubble sits
//! on the screen.

mod members;
mod steps;
mod values;

use shared::{AttackId, BotType, Bubble, Heatmaps, Scope, Timestamp, Verification};

use crate::effects::HeatmapNormals;
use crate::slice::Slice;
use values::Measured;

pub use members::{Member, MemberRequests};
pub use steps::{heatmap_steps, member_steps};
pub use values::DIMENSIONS;

/// How many other bots are shown.
const OTHERS: usize = 30;
/// How many crawlers are shown for reference.
const CRAWLERS: usize = 5;
/// Fewer requests say nothing of a crawler.
const CRAWLER_REQUESTS: u64 = 3;

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

/// The bots and crawlers that are drawn, whatever the moment: *this bot* first, then the most
/// suspicious others, then crawlers.
struct Chosen {
    bots: Vec<Bot>,
    bots_total: usize,
    crawlers: Vec<Crawler>,
}

/// Draws up the heatmaps: *this bot* first, then at most 30 others, the most suspicious by
/// confidence and then by deviation, then at most five crawlers with the most requests. With a
/// moment, values are over the requests up to it, and who had sent none by then is left out.
#[must_use]
pub fn heatmaps(mut window: Window, at: Option<Timestamp>) -> Heatmaps {
    let normals = window.normals;
    let (attack_id, from, until) = (window.this_bot.attack, window.from, window.until);
    let application = std::mem::take(&mut window.application);
    let live = window.live;
    let chosen = choose(window);
    let until_then = at.unwrap_or(Timestamp(i64::MAX));
    let bots_shown = chosen.bots.len();
    let mut measured: Vec<Measured> = Vec::new();
    for bot in chosen.bots {
        let (slice, this_bot) = (up_to(&bot.slices, until_then), bot.attack == attack_id);
        measured.push(Measured::new(of_bot(bot, this_bot), &slice, &normals));
    }
    for crawler in chosen.crawlers {
        let slice = up_to(&crawler.slices, until_then);
        measured.push(Measured::new(of_crawler(crawler), &slice, &normals));
    }
    measured.retain(|one| one.bubble.requests > 0);
    Heatmaps {
        attack_id,
        application,
        window_from: from,
        window_until: until,
        live,
        bots_total: u32::try_from(chosen.bots_total).unwrap_or(u32::MAX),
        bots_shown: u32::try_from(bots_shown).unwrap_or(u32::MAX),
        performance: values::performance(&measured, &normals),
        behavior: values::behavior(&measured, &normals),
        http_errors: values::http_errors(&measured, &normals),
    }
}

fn choose(window: Window) -> Chosen {
    let this = window.this_bot.attack;
    let mut others = window.others;
    // An attack may go on longer than the window without a request in it.
    let active = |bot: &Bot| bot.slices.iter().any(|slice| slice.requests > 0);
    others.retain(|bot| bot.attack != this && active(bot));
    let bots_total = others.len() + 1;
    others.sort_by(|a, b| {
        (b.confidence.cmp(&a.confidence))
            .then(b.suspicion.total_cmp(&a.suspicion))
            .then(a.attack.cmp(&b.attack))
    });
    others.truncate(OTHERS);
    let mut bots = vec![window.this_bot];
    bots.extend(others);
    let mut crawlers: Vec<(u64, Crawler)> = window
        .crawlers
        .into_iter()
        .map(|crawler| {
            let requests = crawler.slices.iter().map(|slice| slice.requests).sum();
            (requests, crawler)
        })
        .filter(|(requests, _)| *requests >= CRAWLER_REQUESTS)
        .collect();
    crawlers.sort_by(|(a, one), (b, other)| b.cmp(a).then(one.name.cmp(&other.name)));
    crawlers.truncate(CRAWLERS);
    let mut chosen = Chosen {
        bots,
        bots_total,
        crawlers: crawlers.into_iter().map(|(_, crawler)| crawler).collect(),
    };
    let bots = chosen.bots.iter_mut().map(|bot| &mut bot.slices);
    let crawlers = chosen.crawlers.iter_mut().map(|one| &mut one.slices);
    for slices in bots.chain(crawlers) {
        slices.retain(|slice| slice.requests > 0);
        slices.sort_by_key(|slice| (slice.until, slice.from));
    }
    chosen
}

/// What was done by a moment, as far as slices tell: those that ended by then.
fn up_to(slices: &[Slice], at: Timestamp) -> Slice {
    let mut whole = Slice::default();
    for slice in slices.iter().filter(|slice| slice.until <= at) {
        whole.merge(slice);
    }
    whole
}

fn of_bot(bot: Bot, this_bot: bool) -> Bubble {
    Bubble {
        attack_id: Some(bot.attack),
        bot_type: Some(bot.bot_type),
        scope: Some(bot.scope),
        confidence: Some(bot.confidence),
        ..unmeasured(bot.label, this_bot)
    }
}

fn of_crawler(crawler: Crawler) -> Bubble {
    Bubble {
        verification: Some(crawler.verification),
        ..unmeasured(crawler.name, false)
    }
}

fn unmeasured(label: String, this_bot: bool) -> Bubble {
    Bubble {
        attack_id: None,
        label,
        this_bot,
        bot_type: None,
        scope: None,
        confidence: None,
        verification: None,
        requests: 0,
        x: None,
        y: None,
        color: None,
        size: None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn bot(id: u64, confidence: u8, suspicion: f64, requests: u64) -> Bot {
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

    pub(crate) fn window(others: Vec<Bot>, crawlers: Vec<Crawler>) -> Window {
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
        let drawn = heatmaps(window(others, vec![]), None);
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
        let drawn = heatmaps(window(vec![silent, bot(3, 70, 1.0, 9)], vec![]), None);
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
        let drawn = heatmaps(
            Window {
                this_bot,
                ..window(vec![], vec![])
            },
            None,
        );
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
        let drawn = heatmaps(window(vec![], crawlers), None);
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
