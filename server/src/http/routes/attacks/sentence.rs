//! The sentence on top of an attack: what happened and how it ended, in an analyst's words.
//! Pure; every number in it comes from the record.

use engine::{AttackRecord, DetectorRecord};
use shared::{BotType, DetectorKind, Timestamp};

use crate::text::{bytes, count, duration, number};

/// The most characters of an endpoint's name.
const MAX_NAME: usize = 60;

/// What an attack was. `main_endpoint` is the endpoint that most of its requests asked for, as
/// method and template, if there is one.
pub(super) fn sentence(attack: &AttackRecord, main_endpoint: Option<&str>) -> String {
    let what = match attack.primary().bot_type {
        BotType::AccountTakeover if attack.outcome.sign_in_attempts > 0 => guessed(attack),
        BotType::SecurityCrawlers => probed(attack),
        BotType::Scraping => copied(attack),
        BotType::ResourceConsumption => consumed(attack),
        BotType::ApiAbuse | BotType::AccountTakeover => automated(attack, main_endpoint),
    };
    format!("{what}{}", blocked(attack))
}

fn guessed(attack: &AttackRecord) -> String {
    let attempts = count(attack.outcome.sign_in_attempts, "sign-in attempt");
    let accounts = match attack.identities {
        0 | 1 => String::new(),
        identities => format!(" on {}", count(identities.into(), "account")),
    };
    let success = match attack.outcome.sign_ins_succeeded {
        0 => "no sign that any succeeded".to_owned(),
        n => format!("{} likely succeeded", number(n)),
    };
    format!("{attempts}{accounts}{}; {success}", scale(attack))
}

fn probed(attack: &AttackRecord) -> String {
    let Some(probes) = probes(attack) else {
        let requests = count(attack.requests, "request");
        let failed = failed_share(attack);
        return format!("Looked around with {requests}{}{failed}", scale(attack));
    };
    let who = match probes {
        1 => "a scanner sends",
        _ => "scanners send",
    };
    let answered = match attack.outcome.sensitive_answered {
        0 => "no sensitive endpoint answered".to_owned(),
        n => format!("{} to sensitive endpoints answered", number(n)),
    };
    let among = match attack.requests {
        all if all > probes => format!(" among {}", number(all)),
        _ => String::new(),
    };
    let probes = count(probes, "request");
    format!(
        "{probes} that only {who},{among}{}; {answered}",
        scale(attack)
    )
}

fn copied(attack: &AttackRecord) -> String {
    let pages = match answered(attack) {
        0 => format!("Tried to copy {}", count(attack.requests, "page")),
        pages => format!("Copied {}", count(pages, "page")),
    };
    let size = match attack.outcome.bytes_taken {
        0 => String::new(),
        taken => format!(" ({})", bytes(taken)),
    };
    format!("{pages}{size}{}", scale(attack))
}

fn consumed(attack: &AttackRecord) -> String {
    let size = bytes(attack.outcome.bytes_taken);
    let responses = count(attack.requests, "response");
    format!("Took {size} in {responses}{}", scale(attack))
}

fn automated(attack: &AttackRecord, main_endpoint: Option<&str>) -> String {
    let requests = count(attack.requests, "automated request");
    let target = main_endpoint.map_or(String::new(), |name| format!(", mostly {}", shorten(name)));
    format!("{requests}{}{target}{}", scale(attack), peak(attack))
}

/// From how many addresses, where there are several, and in what time.
fn scale(attack: &AttackRecord) -> String {
    let sources = match attack.address_count {
        0 | 1 => String::new(),
        n => format!(" from {}", count(n.into(), "address")),
    };
    match attack.ended_at.since(attack.started_at) {
        ms if ms < 1_000 => format!("{sources} within a second"),
        ms if ms < 2 * Timestamp::DAY => format!("{sources} in {}", duration(ms)),
        ms => format!("{sources} over {}", duration(ms)),
    }
}

/// A name that an attacker may have made up, no longer than a sentence bears.
fn shorten(name: &str) -> String {
    let mut short: String = name.chars().take(MAX_NAME).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

/// How many requests looked like a scanner's, if that was held against it. Of a bot that was
/// noticed late not all of them are known one by one; the detector counted them all.
fn probes(attack: &AttackRecord) -> Option<u64> {
    let probing = voted(attack, DetectorKind::ExploitProbing)?;
    Some(probing.hits.max(probing.value.round() as u64)).filter(|probes| *probes > 0)
}

/// What a detector found, if it voted.
fn voted(attack: &AttackRecord, detector: DetectorKind) -> Option<&DetectorRecord> {
    let mut results = attack.detectors.iter();
    results.find(|result| result.detector == detector && result.vote > 0.0)
}

/// Responses that gave the bot what it asked for.
fn answered(attack: &AttackRecord) -> u64 {
    with_status(attack, 200, 299)
}

fn with_status(attack: &AttackRecord, first: u16, last: u16) -> u64 {
    let codes = attack.codes.iter();
    codes
        .filter(|(code, _)| (first..=last).contains(code))
        .map(|(_, requests)| requests)
        .sum()
}

fn failed_share(attack: &AttackRecord) -> String {
    match with_status(attack, 400, 599) * 100 / attack.requests.max(1) {
        0 => String::new(),
        percent => format!("; {percent}% of them failed"),
    }
}

fn peak(attack: &AttackRecord) -> String {
    voted(attack, DetectorKind::RequestRate).map_or(String::new(), |rate| {
        format!("; up to {} a minute", number(rate.value.round() as u64))
    })
}

fn blocked(attack: &AttackRecord) -> String {
    match attack.blocked {
        0 => String::new(),
        all if all >= attack.requests => "; all blocked".to_owned(),
        some => format!("; {} of {} blocked", number(some), number(attack.requests)),
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        AttackId, Direction, Outcome, Reaction, Scope, Timeline, Timestamp, TypeConfidence,
    };

    use super::*;

    const MINUTE: i64 = Timestamp::MINUTE;

    fn attack(bot_type: BotType, requests: u64, ms: i64) -> AttackRecord {
        AttackRecord {
            id: AttackId(1),
            types: vec![TypeConfidence {
                bot_type,
                confidence: 90,
                decisive: false,
            }],
            scope: Scope::Client,
            started_at: Timestamp(1_000),
            ended_at: Timestamp(1_000 + ms),
            closed: true,
            requests,
            hits: requests,
            blocked: 0,
            bar: 60,
            crossed: None,
            reaction: Reaction::RegisterAttack,
            addresses: Vec::new(),
            address_count: 1,
            user_agents: Vec::new(),
            methods: Vec::new(),
            codes: Vec::new(),
            endpoints: Vec::new(),
            detectors: Vec::new(),
            session_count: 1,
            timeline: Timeline {
                from: Timestamp(0),
                bin_ms: 60_000,
                bins: Vec::new(),
            },
            outcome: Outcome::default(),
            identities: 0,
            reopened: 0,
            suspicion: 0.0,
            evidence: 0,
            reckonings: Vec::new(),
            engine_version: String::new(),
        }
    }

    fn found(detector: DetectorKind, value: f64, hits: u64) -> DetectorRecord {
        DetectorRecord {
            detector,
            worked: true,
            value,
            class: None,
            normal: 1.0,
            direction: Direction::Above,
            deviation: value,
            vote: 1.0,
            weight: 1.0,
            decisive: None,
            learned_percent: 0,
            learned_actors: 0,
            hits,
            model: None,
        }
    }

    #[test]
    fn every_type_says_what_happened_and_how_it_ended() {
        let check = |attack: &AttackRecord, endpoint: Option<&str>, expected: &str| {
            assert_eq!(sentence(attack, endpoint), expected);
        };

        let mut guessing = attack(BotType::AccountTakeover, 3_510, 22 * MINUTE);
        guessing.outcome.sign_in_attempts = 3_498;
        check(
            &guessing,
            None,
            "3,498 sign-in attempts in 22 min; no sign that any succeeded",
        );
        guessing.outcome.sign_ins_succeeded = 3;
        guessing.identities = 412;
        guessing.address_count = 14;
        guessing.blocked = 10;
        check(
            &guessing,
            None,
            "3,498 sign-in attempts on 412 accounts from 14 addresses in 22 min; \
             3 likely succeeded; 10 of 3,510 blocked",
        );

        let mut probing = attack(BotType::SecurityCrawlers, 240, 4 * MINUTE);
        probing.codes = vec![(404, 230), (200, 10)];
        check(
            &probing,
            None,
            "Looked around with 240 requests in 4 min; 95% of them failed",
        );
        probing.detectors = vec![found(DetectorKind::ExploitProbing, 213.0, 213)];
        check(
            &probing,
            None,
            "213 requests that only scanners send, among 240 in 4 min; no sensitive endpoint answered",
        );
        probing.outcome.sensitive_answered = 2;
        probing.blocked = 213;
        probing.requests = 213;
        probing.ended_at = probing.started_at.plus(9 * Timestamp::DAY);
        check(
            &probing,
            None,
            "213 requests that only scanners send, over 9 days; 2 to sensitive endpoints answered; \
             all blocked",
        );

        let mut scraping = attack(BotType::Scraping, 2_000, 180 * MINUTE);
        check(&scraping, None, "Tried to copy 2,000 pages in 3 h");
        scraping.codes = vec![(200, 1_920), (404, 80)];
        scraping.outcome.bytes_taken = 35_000_000;
        check(&scraping, None, "Copied 1,920 pages (35 MB) in 3 h");

        let mut greedy = attack(BotType::ResourceConsumption, 1, 0);
        greedy.outcome.bytes_taken = 3_200_000_000;
        check(&greedy, None, "Took 3.2 GB in 1 response within a second");

        let mut abuse = attack(BotType::ApiAbuse, 1_920, 180 * MINUTE);
        check(&abuse, None, "1,920 automated requests in 3 h");
        abuse.detectors = vec![found(DetectorKind::RequestRate, 326.0, 0)];
        check(
            &abuse,
            Some("POST /wp-login.php"),
            "1,920 automated requests in 3 h, mostly POST /wp-login.php; up to 326 a minute",
        );
        abuse.detectors.clear();
        let long = format!("GET /{}", "x".repeat(200));
        let short = format!(
            "1,920 automated requests in 3 h, mostly GET /{}…",
            "x".repeat(55)
        );
        check(&abuse, Some(&long), &short);
    }
}
