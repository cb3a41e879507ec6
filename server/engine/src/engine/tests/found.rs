//! What is found in hand-made traffic, and what is not.

use super::*;

#[test]
fn ordinary_visitors_are_no_bots() {
    let said = judge(&visitors(120), &[500]);
    assert_eq!(said.attacks.len(), 0);
    // one session each; the late sign-in of every seventh is within half an hour
    assert_eq!(said.sessions.len(), 120);
}

#[test]
fn who_guesses_passwords_is_an_account_takeover_with_every_attempt_a_hit() {
    let said = judge(&together(vec![visitors(60), guesser(200, 80)]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((attack.requests, attack.hits), (80, 80));
    assert_eq!(attack.scope, Scope::Client);
    assert!(attack.closed && attack.primary().confidence >= 80);
    assert!(attack.voted().has(DetectorKind::AuthenticationAbuse));
    assert_eq!(attack.outcome.sign_in_attempts, 80);
    assert_eq!(attack.outcome.sign_ins_succeeded, 0);
    assert_eq!(attack.started_at.0, START + 3_000_000);
    assert_eq!(attack.session_count, 1);
    assert_eq!(said.requests.len(), 80);
    let sliced: u64 = said.slices.values().map(|slice| slice.requests).sum();
    assert_eq!(sliced, 80, "slices hold every request once");
    let bins: u32 = attack
        .timeline
        .bins
        .iter()
        .map(|bin| bin.client_error)
        .sum();
    assert_eq!(bins, 80);
}

#[test]
fn the_users_that_were_tried_are_counted_once_each() {
    let mut stuffing = guesser(200, 60);
    for (index, line) in stuffing.iter_mut().enumerate() {
        line.user = format!("user{}", index % 20);
    }
    let said = judge(&together(vec![visitors(60), stuffing]), &[500]);
    assert_eq!(said.attacks.values().next().unwrap().identities, 20);
}

#[test]
fn a_scanners_path_is_decisive_from_the_first_request() {
    let probe = vec![line(9_000, 201, "GET", "/.env", 404)];
    let lines = together(vec![visitors(30), probe]);
    let said = judge(&lines, &[100]);
    assert_eq!(said.types(), [BotType::SecurityCrawlers]);
    assert!(said.attacks.values().next().unwrap().types[0].decisive);
}

#[test]
fn one_exploit_after_a_long_quiet_time_is_found_all_the_same() {
    let mut quiet: Vec<Line> = (0..300)
        .map(|n| line(n * 40, 202, "GET", &format!("/page/{}", n % 30), 200))
        .collect();
    quiet.push(line(13_000, 202, "GET", "/.env", 404));
    let said = judge(&together(vec![visitors(30), quiet]), &[100]);
    assert_eq!(said.types(), [BotType::SecurityCrawlers]);
}

#[test]
fn who_copies_page_after_page_is_a_scraper() {
    let mut scraper: Vec<Line> = (0..900)
        .map(|n| line(2_000 + n / 2, 202, "GET", &format!("/products/{n}"), 200))
        .collect();
    for line in &mut scraper {
        line.user_agent = "python-requests/2.32.0".to_owned();
    }
    let said = judge(&together(vec![visitors(60), scraper]), &[500]);
    assert_eq!(said.types(), [BotType::Scraping]);
}

#[test]
fn an_uptime_monitor_that_names_itself_is_no_attack() {
    let mut monitor: Vec<Line> = (0..700)
        .map(|n| line(n * 60, 203, "HEAD", "/", 200))
        .collect();
    for line in &mut monitor {
        line.user_agent = "jetmon/1.0 (Jetpack Site Uptime Monitor by WordPress.com)".to_owned();
    }
    assert_eq!(
        judge(&together(vec![visitors(60), monitor]), &[500])
            .attacks
            .len(),
        0
    );
}

#[test]
fn one_address_that_changes_its_user_agent_is_one_attack() {
    let mut lines = guesser(204, 60);
    for (index, line) in lines.iter_mut().enumerate() {
        line.user_agent = format!("{BROWSER} Edg/{index}.0");
    }
    let said = judge(&together(vec![visitors(60), lines]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    assert_eq!(said.attacks.values().next().unwrap().scope, Scope::Address);
}

#[test]
fn the_same_bot_behind_many_addresses_is_one_campaign() {
    let mut lines = Vec::new();
    for host in 100..140u8 {
        let begin = 3_000 + i64::from(host) * 20;
        for attempt in 0..2 {
            lines.push(line(begin + attempt * 3, host, "POST", "/login", 401));
        }
    }
    let said = judge(&together(vec![visitors(60), lines]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let campaign = said.attacks.values().next().unwrap();
    assert_eq!(campaign.scope, Scope::Cluster);
    assert_eq!((campaign.address_count, campaign.requests), (40, 80));
}

#[test]
fn who_tries_twice_a_day_is_seen_in_the_end_and_stays_one_attack() {
    let mut lines = Vec::new();
    for half_day in 0..30 {
        for attempt in 0..2 {
            let at = half_day * 43_000 + attempt * 4;
            lines.push(line(at, 205, "POST", "/login", 401));
        }
    }
    let said = judge(&lines, &[7]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let attack = said.attacks.values().next().unwrap();
    assert!(attack.requests > 40, "{}", attack.requests);
}

#[test]
fn an_attack_closes_after_silence_and_the_same_bot_reopens_it_within_a_week() {
    let mut lines = guesser(206, 40);
    let mut later = guesser(206, 40);
    later.iter_mut().for_each(|line| line.second += 3 * 86_400);
    let mut too_late = guesser(206, 40);
    too_late
        .iter_mut()
        .for_each(|line| line.second += 14 * 86_400);
    lines.extend(later);
    let said = judge(&lines, &[25]);
    assert_eq!(said.attacks.len(), 1);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!(
        (attack.reopened, attack.requests, attack.closed),
        (1, 80, true)
    );
    assert_eq!(attack.session_count, 2);
    lines.extend(too_late);
    assert_eq!(judge(&lines, &[25]).attacks.len(), 2);
}
