//! Bots that are half of all actors are found as when they are few: what is normal is not learned
//! from them.

use std::collections::BTreeSet;

use super::*;

const PEOPLE: u8 = 110;

/// What a bot does, from its first second on: it polls, copies products, or tries passwords.
fn bot(host: u8) -> Vec<Line> {
    let begin = 600 + i64::from(host) * 97;
    let lines = 0..match host % 3 {
        0 => 60,
        1 => 220,
        _ => 14,
    };
    lines
        .map(|n| {
            let mut line = match host % 3 {
                0 => line(begin + n * 60, host, "GET", "/api/stock", 200),
                1 => line(begin + n, host, "GET", &format!("/products/{n}"), 200),
                _ => line(begin + n * 45, host, "POST", "/login", 401),
            };
            if host % 3 < 2 {
                "python-requests/2.32.3".clone_into(&mut line.user_agent);
            }
            line
        })
        .collect()
}

/// The share of so many bots that are found among the people, and how many people are.
fn found(bots: u8) -> (f64, usize) {
    let hosts: Vec<u8> = (PEOPLE..PEOPLE + bots).collect();
    let mut parts: Vec<Vec<Line>> = hosts.iter().map(|host| bot(*host)).collect();
    parts.push(visitors(PEOPLE));
    let said = judge(&together(parts), &[400]);
    let attacks = said.attacks.values();
    let addresses = attacks.flat_map(|attack| attack.addresses.iter());
    let flagged: BTreeSet<u8> = addresses
        .map(|(address, _)| (address.0 & 0xff) as u8)
        .collect();
    let bots_found = hosts.iter().filter(|host| flagged.contains(host)).count();
    let people_found = flagged.iter().filter(|host| **host < PEOPLE).count();
    (bots_found as f64 / f64::from(bots), people_found)
}

#[test]
fn bots_that_are_half_of_all_actors_are_found_as_when_they_are_few() {
    let (few, half) = (found(12), found(PEOPLE));
    assert!(few.0 >= 0.9, "{few:?}");
    assert!(half.0 >= few.0 - 0.05, "{few:?} {half:?}");
    assert_eq!((few.1, half.1), (0, 0));
}
