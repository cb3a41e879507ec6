//! Which requests are hits, and that each is one of at most one attack.

use super::*;

#[test]
fn every_attempt_of_a_burst_within_one_minute_is_told_as_a_hit() {
    let burst = (0..600)
        .map(|n| line(3_000 + n / 15, 200, "POST", "/login", 401))
        .collect();
    let said = judge(&together(vec![visitors(60), burst]), &[5_000]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((attack.hits, said.requests.len()), (600, 600));
}

/// Checks that each request was told as one of at most one attack, and that each attack counts
/// as hits those that were told of it, session by session. (Of who sends hundreds before it is judged a bot, the
/// first are counted but not told.)
fn check_hits(said: &Said) {
    let mut places = BTreeMap::new();
    let mut hits = BTreeMap::<AttackId, u64>::new();
    for ((attack, segment, row), fed) in &said.requests {
        let other = places.insert((*segment, *row), *attack);
        assert_eq!(other, None, "request {segment}.{row} is one of two attacks");
        let voted = said.attacks[attack].voted();
        let hit = !crate::DetectorMask(*fed).and(voted).is_empty();
        *hits.entry(*attack).or_default() += u64::from(hit);
    }
    for (id, attack) in &said.attacks {
        assert_eq!(attack.hits, hits[id], "{attack:#?}");
        // Of more sessions the oldest that are over are told once and for all.
        if attack.session_count <= 32 {
            let of_sessions = said.hits.iter().filter(|((attack, _), _)| attack == id);
            let of_sessions: u64 = of_sessions.map(|(_, hits)| hits).sum();
            assert_eq!(attack.hits, of_sessions, "{attack:#?}");
        }
    }
}

/// The hits of an attack's sessions together, and how many sessions it counts.
fn hits_of_sessions(said: &Said) -> (u64, usize, u64) {
    let attack = said.attacks.values().next().unwrap();
    assert_eq!(said.attacks.len(), 1);
    let sessions = said.hits.len();
    assert_eq!(u64::from(attack.session_count), sessions as u64);
    (said.hits.values().sum(), sessions, attack.hits)
}

#[test]
fn sixty_sessions_that_take_turns_are_sixty_with_all_their_hits() {
    let guesses = (0..6_000).map(|n| line(10_000 + n, 100 + (n % 60) as u8, "POST", "/login", 401));
    let said = judge(&together(vec![visitors(60), guesses.collect()]), &[50]);
    assert_eq!(hits_of_sessions(&said), (6_000, 60, 6_000));
}

#[test]
fn a_session_with_a_key_that_comes_back_after_long_among_many_goes_on() {
    // Forty sessions of one address send ten guesses each, one every ten seconds, and three
    // quarters of an hour later again.
    let guess = |second: i64, key: i64| {
        let mut guess = line(second, 200, "POST", "/login", 401);
        guess.session_key = 1 + key as u64;
        guess
    };
    let round = |from: i64| (0..400).map(move |n| guess(from + 10 * n, n % 40));
    let guesses = round(10_000).chain(round(16_400)).collect();
    let said = judge(&together(vec![visitors(60), guesses]), &[50]);
    assert_eq!(hits_of_sessions(&said), (800, 40, 800));
}

#[test]
fn what_is_a_hit_of_a_clients_attack_is_none_of_its_addresss() {
    // Somebody looks at a product while another client of the address probes, and long after
    // that one's attack it looks at products too.
    let mut lines = vec![line(0, 200, "GET", "/products/0", 200)];
    for n in 0..4 {
        lines.push(line(n * 9, 200, "GET", "/.env", 404));
        lines.push(line(
            40_000 + n * 9,
            200,
            "GET",
            &format!("/products/{n}"),
            200,
        ));
    }
    for prober in &mut lines[1..] {
        prober.session_key = 2;
    }
    let said = judge(&together(vec![lines]), &[3]);
    check_hits(&said);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((said.attacks.len(), attack.hits), (1, 4));
}

#[test]
fn who_comes_back_with_more_clients_than_are_told_apart_is_counted_once() {
    let mut lines = guesser(204, 100);
    for (index, line) in lines.iter_mut().enumerate() {
        line.user_agent = format!("{BROWSER} Edg/{index}.0");
    }
    let mut later = lines.clone();
    later.iter_mut().for_each(|line| line.second += 3 * 3_600);
    lines.extend(later);
    let said = judge(&together(vec![visitors(60), lines]), &[500]);
    check_hits(&said);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((said.attacks.len(), attack.reopened), (1, 1));
    assert_eq!(attack.requests, attack.hits);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_request_is_a_hit_of_at_most_one_attack(
        visits in proptest::collection::vec(
            (0..12i64, 0..3u8, 0..3u8, 0..3u8, 0..3u64, 1..16i64), 1..16),
        size in 1..80usize,
    ) {
        let mut lines = Vec::new();
        for (hour, host, agent, what, session_key, requests) in visits {
            for n in 0..requests {
                let second = hour * 5_000 + n * 9;
                let mut line = match what {
                    0 => line(second, host, "POST", "/login", 401),
                    1 => line(second, host, "GET", ["/.env", "/.git/config"][n as usize % 2], 404),
                    _ => line(second, host, "GET", &format!("/products/{n}"), 200),
                };
                line.user_agent = format!("{BROWSER} Edg/{agent}.0");
                line.session_key = session_key;
                lines.push(line);
            }
        }
        lines.sort_by_key(|line| line.second);
        check_hits(&judge(&lines, &[size]));
    }
}
