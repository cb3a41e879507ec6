//! Browsers that a program drives: told by how they move, together with who uses the same one.

use super::*;

const TOOL: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/144.0.0.0 Safari/537.36";
const EVEN: [i64; 9] = [11, 8, 14, 9, 12, 10, 13, 7, 11];
const UNEVEN: [i64; 9] = [3, 40, 8, 12, 90, 5, 20, 2, 33];

/// Who reads ten pages with what they load, with these pauses.
fn reader(host: u8, user_agent: &str, pauses: &[i64]) -> Vec<Line> {
    let mut at = i64::from(host) * 200;
    let mut lines = Vec::new();
    for page in 0..=pauses.len() {
        lines.push(line(at, host, "GET", &format!("/news/{page}"), 200));
        lines.push(line(at, host, "GET", "/style.css", 200));
        at += pauses.get(page).copied().unwrap_or_default();
    }
    for line in &mut lines {
        line.user_agent = user_agent.to_owned();
    }
    lines
}

fn readers(hosts: std::ops::Range<u8>, user_agent: &str, pauses: &[i64]) -> Vec<Line> {
    hosts
        .flat_map(|host| reader(host, user_agent, pauses))
        .collect()
}

fn judged<const PARTS: usize>(parts: [Vec<Line>; PARTS]) -> Said {
    judge(&together(parts.into()), &[500])
}

#[test]
fn browsers_of_one_user_agent_that_move_like_programs_are_one_attack() {
    let people = readers(0..30, BROWSER, &UNEVEN);
    let said = judged([people, readers(30..50, TOOL, &EVEN)]);
    assert_eq!(said.types(), [BotType::ApiAbuse]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!(attack.scope, Scope::Cluster);
    assert_eq!(attack.address_count, 20);
    assert!(attack.voted().has(DetectorKind::BadUserAgent));
}

#[test]
fn those_of_them_that_move_like_people_stay_out() {
    let people = readers(0..30, BROWSER, &UNEVEN);
    let driven = readers(30..50, TOOL, &EVEN);
    let said = judged([people, driven, readers(50..54, TOOL, &UNEVEN)]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!(attack.address_count, 20);
}

#[test]
fn a_browser_that_people_use_too_is_no_tool() {
    let people = readers(0..30, BROWSER, &UNEVEN);
    let said = judged([people, readers(30..50, BROWSER, &EVEN)]);
    assert_eq!(said.attacks.len(), 0);
}

#[test]
fn where_everybody_moves_like_that_nobody_is_a_bot() {
    let everybody = readers(0..30, BROWSER, &EVEN);
    let said = judged([everybody, readers(30..50, TOOL, &EVEN)]);
    assert_eq!(said.attacks.len(), 0);
}
