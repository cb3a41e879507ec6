//! Who claims to be a known crawler, or a service.

use shared::Verification;

use super::*;
use crate::origins::{OriginCheck, Published};

const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const YANDEXBOT: &str = "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)";

/// Pages, one every five seconds, by who calls itself so.
fn crawl(host: u8, user_agent: &str, count: i64) -> Vec<Line> {
    let pages = (0..count).map(|at| {
        let path = format!("/articles/{}", letters(at as usize));
        Line {
            user_agent: user_agent.to_owned(),
            ..line(3_600 + at * 5, host, "GET", &path, 200)
        }
    });
    pages.collect()
}

fn letters(number: usize) -> String {
    let digits = [number / 26, number % 26];
    let text = digits.map(|digit| char::from(b'a' + (digit % 26) as u8));
    format!("story-{}", text.iter().collect::<String>())
}

/// Googlebot's networks.
fn published() -> Input {
    let googlebot = Published {
        as_of: None,
        networks: ["192.0.2.0/28".parse().unwrap()].into_iter().collect(),
    };
    Input::Origins(Origins([("googlebot".to_owned(), googlebot)].into()))
}

fn said(told: Vec<Input>, lines: &[Line]) -> Said {
    let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
    for input in told {
        said.add(engine.apply(input));
    }
    said.add(engine.apply(Input::Requests {
        segment: 0,
        first_row: 0,
        batch: Arc::new(batch(lines)),
    }));
    said.add(engine.preview(START + Timestamp::DAY));
    said
}

#[test]
fn who_is_not_the_crawler_it_says_is_found_at_its_first_request() {
    let lines = together(vec![visitors(20), crawl(99, GOOGLEBOT, 1)]);
    let attacks = said(vec![published()], &lines).attacks;
    let attack = attacks.values().next().expect("one attack");
    assert_eq!(
        (attacks.len(), attack.primary().bot_type),
        (1, BotType::Scraping)
    );
    let detector = attack
        .detectors
        .iter()
        .find(|it| it.detector == DetectorKind::SpoofedCrawler);
    assert_eq!(
        detector.unwrap().class.as_deref(),
        Some("Spoofed: Googlebot")
    );
    // Without a list nothing is known of it.
    assert!(said(Vec::new(), &lines).attacks.is_empty());
}

#[test]
fn a_verified_crawler_may_ask_for_everything() {
    let lines = together(vec![visitors(20), crawl(7, GOOGLEBOT, 400)]);
    assert!(said(vec![published()], &lines).attacks.is_empty());
    // But not for what only scanners ask for.
    let mut probing = crawl(7, GOOGLEBOT, 40);
    probing.extend((0..8).map(|at| Line {
        user_agent: GOOGLEBOT.to_owned(),
        query: format!("id={at}+union+select+1,2,3"),
        ..line(4_000 + at, 7, "GET", "/articles/x", 404)
    }));
    let attacks = said(vec![published()], &together(vec![visitors(20), probing])).attacks;
    let types: Vec<_> = attacks.values().map(|it| it.primary().bot_type).collect();
    assert_eq!(types, [BotType::SecurityCrawlers]);
}

#[test]
fn a_look_up_counts_from_when_it_is_known() {
    let check = |is_its| {
        Input::OriginChecks(vec![OriginCheck {
            crawler: "yandexbot".to_owned(),
            address: std::net::IpAddr::from(Ipv4Addr::new(192, 0, 2, 98)).into(),
            at: Timestamp(START),
            is_its,
        }])
    };
    let lines = together(vec![visitors(20), crawl(98, YANDEXBOT, 30)]);
    assert_eq!(said(vec![check(false)], &lines).attacks.len(), 1);
    assert_eq!(said(vec![check(true)], &lines).attacks.len(), 0);
    assert_eq!(said(Vec::new(), &lines).attacks.len(), 0);
}

#[test]
fn what_was_told_of_origins_survives_a_snapshot() {
    let mut engine = Engine::new(EngineConfig::default());
    engine.apply(published());
    // As a log is replayed in which this stands before every request.
    engine.apply(Input::Advance(engine.judged_until()));
    let restored = Engine::restore(&engine.snapshot()).unwrap();
    let address = std::net::IpAddr::from(Ipv4Addr::new(192, 0, 2, 99)).into();
    let found = restored
        .origins()
        .verify("googlebot", address, Timestamp(START));
    assert_eq!(found, Verification::Spoofed);
}

#[test]
fn a_service_that_signs_its_calls_guesses_no_passwords() {
    let calls = |user_agent: &str, query: &str| -> Vec<Line> {
        let call = |at: i64| {
            let mut call = line(
                3_600 + at * 60,
                40 + (at % 30) as u8,
                "POST",
                "/xmlrpc.php",
                200,
            );
            (call.user_agent, call.query) = (user_agent.to_owned(), query.to_owned());
            call
        };
        (0..90).map(call).collect()
    };
    let attacks = |user_agent, query| {
        let lines = together(vec![visitors(20), calls(user_agent, query)]);
        said(Vec::new(), &lines).attacks.len()
    };
    let signed = "for=jetpack&token=x&signature=y";
    assert_eq!(attacks("Jetpack by WordPress.com", signed), 0);
    // Neither the name alone nor a signature that anybody may write.
    assert_eq!(attacks("Jetpack by WordPress.com", ""), 1);
    assert_eq!(attacks("python-requests/2.31.0", signed), 1);
}

#[test]
fn what_polls_a_health_endpoint_under_no_name_is_no_bot() {
    let poll = |path: &str| -> Vec<Line> {
        let request = |at: i64| Line {
            user_agent: "-".to_owned(),
            ..line(3_600 + at * 10, 77, "GET", path, 200)
        };
        (0..400).map(request).collect()
    };
    let attacks = |path| {
        said(Vec::new(), &together(vec![visitors(20), poll(path)]))
            .attacks
            .len()
    };
    assert_eq!(attacks("/healthz"), 0);
    assert_eq!(attacks("/stock/now"), 1);
}
