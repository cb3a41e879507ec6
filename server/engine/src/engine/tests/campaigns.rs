//! Bots that hide among addresses, sessions and people.

use super::*;

/// The same requests from another address, later.
fn moved(lines: &[Line], host: u8, seconds: i64) -> Vec<Line> {
    let moved = |line: &Line| Line {
        host,
        second: line.second + seconds,
        ..line.clone()
    };
    lines.iter().map(moved).collect()
}

#[test]
fn attempts_from_thirty_addresses_under_other_names_are_one_campaign() {
    let mut stuffing = Vec::new();
    for host in 200..230 {
        for n in 0..2i64 {
            let mut attempt = line(
                3_000 + i64::from(host) * 7 + n * 400,
                host,
                "POST",
                "/login",
                401,
            );
            attempt.user_agent = format!("{BROWSER} Edg/{host}.0");
            stuffing.push(attempt);
        }
    }
    let said = judge(&together(vec![visitors(90), stuffing]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((attack.scope, attack.address_count), (Scope::Cluster, 30));
    for voter in [DetectorKind::LowFrequencyStuffing, DetectorKind::IpRotation] {
        assert!(attack.voted().has(voter), "{voter}");
    }
}

#[test]
fn a_campaign_that_goes_on_for_days_keeps_nobody_who_is_gone() {
    let attempts =
        |host: u8, at: i64| [0, 400].map(|later| line(at + later, host, "POST", "/login", 401));
    let mut stuffing: Vec<Line> = Vec::new();
    for host in 90..120 {
        stuffing.extend(attempts(host, 3_000 + i64::from(host) * 7));
    }
    // From then on another address every hour, for five days; then an early one once more.
    for hour in 0..120u8 {
        stuffing.extend(attempts(120 + hour, 6_000 + i64::from(hour) * 3_600));
    }
    stuffing.push(line(6_000 + 119 * 3_600, 100, "GET", "/account", 200));
    let lines = together(vec![visitors(90), stuffing]);
    let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
    said.add(engine.apply(Input::Requests {
        segment: 1,
        first_row: 0,
        batch: Arc::new(batch(&lines)),
    }));
    let end = START + (6_000 + 120 * 3_600) * 1_000;
    said.add(engine.apply(Input::Advance(end)));
    let open = engine.attacks.iter().filter(|(_, attack)| !attack.closed);
    let open: Vec<AttackId> = open.map(|(id, _)| *id).collect();
    assert_eq!(open.len(), 1);
    let back = std::net::IpAddr::from(Ipv4Addr::new(192, 0, 2, 100)).into();
    let keys = engine.clients.outlined(|_| true).into_iter();
    let of_it = keys
        .map(|key| &engine.clients[&key])
        .filter(|it| it.block == back);
    let attacks: Vec<_> = of_it.map(|client| client.attack).collect();
    assert_eq!(attacks, [Some(open[0])]);
    let clients = engine.clients.len();
    assert!((20..30).contains(&clients), "{clients}");
    said.add(engine.preview(end));
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((attack.scope, attack.address_count), (Scope::Cluster, 150));
}

#[test]
fn who_takes_another_session_for_every_request_is_one_attack_of_its_address() {
    let mut lines = Vec::new();
    for n in 0..90u64 {
        let mut line = line(3_000 + n as i64 * 3, 220, "POST", "/cart/items", 200);
        line.session_key = 1_000 + n;
        lines.push(line);
    }
    let said = judge(&together(vec![visitors(90), lines]), &[500]);
    assert_eq!(said.types(), [BotType::ApiAbuse]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((attack.scope, attack.requests), (Scope::Address, 90));
    assert!(attack.voted().has(DetectorKind::SessionRotation));
}

#[test]
fn people_behind_the_address_of_a_bot_stay_out_of_its_attack() {
    let mut office = Vec::new();
    for person in 0..6u8 {
        let mut visit = moved(
            &visitors(person + 1)[..],
            220,
            2_000 + i64::from(person) * 60,
        );
        for line in &mut visit {
            line.user_agent = format!("{BROWSER} Person/{person}.0");
        }
        office.extend(visit);
    }
    let people = office.len() as u64;
    let mut bot = guesser(220, 60);
    for (n, line) in bot.iter_mut().enumerate() {
        line.user_agent = format!("{BROWSER} Edg/{n}.0");
    }
    let said = judge(&together(vec![visitors(90), office, bot]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!(attack.requests, 60, "of {people} requests of people there");
}
