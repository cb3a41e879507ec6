//! Who comes when. Every hour's visits follow from the seed and the hour alone, so that the
//! traffic of any hour can be had without that of the hours before.

use shared::{BotType, Timestamp};

use super::random::Random;
use super::script::Script;
use super::{Actor, abuse, app, automation, browsing, consumption, scanning, scraping, takeover};

/// No visit lasts longer: whoever begins in the middle has to look back this far.
pub(super) const LONGEST_HOURS: i64 = 6;

/// How busy each hour of the day is (UTC), in percent of the usual.
#[rustfmt::skip]
const BUSY: [u64; 24] = [
    52, 44, 40, 38, 40, 48, 62, 82, 98, 108, 116, 122, 124, 122, 118, 116, 120, 128, 136, 140, 132,
    112, 86, 66,
];

/// A visit: an actor that begins at a moment of an hour.
pub(super) struct Visit {
    /// Tells visits apart, the same whenever the hour is planned.
    pub(super) number: u64,
    pub(super) name: &'static str,
    pub(super) actor: Actor,
    pub(super) script: Script,
}

/// Somebody of whom some come every hour.
struct Crowd {
    name: &'static str,
    per_hour: u64,
    write: Write,
}

const CROWDS: &[Crowd] = &[
    Crowd {
        name: "customer",
        per_hour: 44,
        write: browsing::visit,
    },
    Crowd {
        name: "app customer",
        per_hour: 30,
        write: app::visit,
    },
];

/// Writes down what an actor does.
type Write = fn(&mut Script);

/// Programs that run all the time, an hour each script.
const PROGRAMS: &[(&str, Write)] = &[
    ("uptime monitor", automation::uptime_monitor),
    ("load balancer", automation::load_balancer),
    ("feed readers", automation::feed_readers),
    ("googlebot", automation::googlebot),
    ("bingbot", automation::bingbot),
    ("payment webhooks", automation::payment_webhooks),
    ("smoke test", automation::smoke_test),
    ("partner", automation::partner),
    ("link previews", automation::link_previews),
];

/// A bot that comes once in so many hours, at any moment of them.
struct Raid {
    name: &'static str,
    bot_type: BotType,
    every_hours: i64,
    /// How long it stays, in minutes.
    minutes: std::ops::Range<i64>,
    write: fn(&mut Script, &str),
}

const fn raid(
    name: &'static str,
    bot_type: BotType,
    every_hours: i64,
    minutes: std::ops::Range<i64>,
    write: fn(&mut Script, &str),
) -> Raid {
    Raid {
        name,
        bot_type,
        every_hours,
        minutes,
        write,
    }
}

#[rustfmt::skip]
const RAIDS: &[Raid] = &[
    raid("fast stuffing", BotType::AccountTakeover, 8, 9..22, takeover::stuff_fast),
    raid("slow stuffing", BotType::AccountTakeover, 12, 120..240, takeover::stuff_slowly),
    raid("fast guessing", BotType::AccountTakeover, 6, 4..14, takeover::guess_fast),
    raid("slow guessing", BotType::AccountTakeover, 12, 150..330, takeover::guess_slowly),
    raid("crawl", BotType::Scraping, 8, 6..14, scraping::crawl),
    raid("counting", BotType::Scraping, 8, 5..12, scraping::count_through),
    raid("headless browser", BotType::Scraping, 6, 45..110, scraping::browse),
    raid("hoarding", BotType::ApiAbuse, 8, 30..60, abuse::hoard),
    raid("stock watching", BotType::ApiAbuse, 6, 25..70, abuse::watch_stock),
    raid("card testing", BotType::ApiAbuse, 12, 12..25, abuse::try_cards),
    raid("coupon guessing", BotType::ApiAbuse, 12, 8..15, abuse::guess_coupons),
    raid("path fuzzing", BotType::SecurityCrawlers, 8, 1..3, scanning::fuzz_paths),
    raid("mistakes", BotType::SecurityCrawlers, 12, 2..5, scanning::look_for_mistakes),
    raid("injection", BotType::SecurityCrawlers, 12, 2..5, scanning::inject),
    raid("slow scan", BotType::SecurityCrawlers, 12, 20..50, scanning::scan_slowly),
    raid("probe", BotType::SecurityCrawlers, 2, 1..2, scanning::probe),
    raid("exports", BotType::ResourceConsumption, 8, 8..20, consumption::export),
    raid("searches", BotType::ResourceConsumption, 8, 4..10, consumption::search),
];

/// The visits that begin in an hour, counted from 1970 UTC. `percent`: how many people come, in
/// percent of the usual.
pub(super) fn plan(seed: u64, hour: i64, percent: u64) -> Vec<Visit> {
    let mut plan = Plan {
        seed,
        hour,
        visits: Vec::new(),
    };
    plan.add_people(percent);
    for (kind, (name, write)) in (0..).zip(PROGRAMS) {
        let visit = plan.visit(200 + kind, 0, 0, Timestamp::HOUR);
        plan.add(visit, name, Actor::Program, write);
    }
    for (kind, raid) in (0..).zip(RAIDS) {
        plan.add_raid(kind, raid);
    }
    plan.visits
}

struct Plan {
    seed: u64,
    hour: i64,
    visits: Vec<Visit>,
}

impl Plan {
    /// A visit of a kind that begins `after` milliseconds into the hour.
    fn visit(&self, kind: u64, number: u64, after: i64, lasts: i64) -> (u64, Script) {
        let number = Random::of(&[self.seed, 10, self.hour as u64, kind, number]).next();
        let now = self.hour * Timestamp::HOUR + after;
        let random = Random::of(&[number]);
        (number, Script::new(self.seed, random, now, now + lasts))
    }

    fn add(
        &mut self,
        (number, mut script): (u64, Script),
        name: &'static str,
        actor: Actor,
        write: impl Fn(&mut Script),
    ) {
        write(&mut script);
        self.visits.push(Visit {
            number,
            name,
            actor,
            script,
        });
    }

    fn add_people(&mut self, percent: u64) {
        let of_day = self.hour.rem_euclid(24);
        let busy = BUSY[of_day as usize] * percent / 100;
        let mut random = Random::of(&[self.seed, 11, self.hour as u64]);
        for (kind, crowd) in (0..).zip(CROWDS) {
            let usual = crowd.per_hour * busy;
            for number in 0..random.number(usual * 85 / 100..usual * 115 / 100 + 1) / 100 {
                let after = random.duration(0..Timestamp::HOUR);
                let visit = self.visit(kind, number, after, Timestamp::HOUR);
                self.add(visit, crowd.name, Actor::Person, crowd.write);
            }
        }
        if (7..18).contains(&of_day) {
            for number in 0..random.number(1..5) {
                let after = random.duration(0..Timestamp::HOUR);
                let visit = self.visit(100, number, after, Timestamp::HOUR);
                self.add(visit, "colleague", Actor::Person, browsing::office_visit);
            }
            let after = random.duration(0..Timestamp::HOUR);
            let visit = self.visit(101, 0, after, Timestamp::HOUR);
            self.add(visit, "shopkeeper", Actor::Person, browsing::staff_visit);
        }
    }

    /// The hours are cut into stretches as long as the raid's rest; it comes once in each.
    fn add_raid(&mut self, kind: u64, raid: &Raid) {
        let shift = Random::of(&[self.seed, 12, kind]).number(0..raid.every_hours as u64) as i64;
        let stretch = (self.hour + shift).div_euclid(raid.every_hours);
        let mut random = Random::of(&[self.seed, 13, kind, stretch as u64]);
        let at = (stretch * raid.every_hours - shift) * Timestamp::HOUR
            + random.duration(0..raid.every_hours * Timestamp::HOUR);
        let after = at - self.hour * Timestamp::HOUR;
        if !(0..Timestamp::HOUR).contains(&after) {
            return;
        }
        let lasts = random.duration(raid.minutes.start..raid.minutes.end) * Timestamp::MINUTE;
        // Bots of one kind share a provider and move about within it.
        let address = format!("203.0.113.{}", 2 + kind * 14 + random.number(0..14));
        let visit = self.visit(300 + kind, 0, after, lasts);
        let actor = Actor::Bot(raid.bot_type);
        self.add(visit, raid.name, actor, |script| {
            (raid.write)(script, &address);
        });
    }
}
