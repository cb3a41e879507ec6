//! Of whom no attack is raised.

use super::*;

#[test]
fn no_attack_is_raised_of_who_is_excepted_and_nothing_else_changes() {
    let lines = everything();
    let judged = judge(&lines, &[64]).without_places();
    // Guesser, prober, and one who changes its user agents.
    for (excepted, left) in [
        (&["192.0.2.200"][..], 2),
        (&["192.0.2.208/30"], 1),
        (&["192.0.2.0/24"], 0),
        (&["::/0", "10.0.0.0/8"], 3),
    ] {
        let said = judge_except(&lines, &[64], excepted).without_places();
        assert_eq!(said.attacks.len(), left, "{excepted:?}");
        assert_eq!(said.sessions, judged.sessions);
        for (id, attack) in &said.attacks {
            assert_eq!(judged.attacks[id].addresses, attack.addresses);
        }
        for sizes in [&[1][..], &[lines.len()], &[100, 3, 250]] {
            let other = judge_except(&lines, sizes, excepted).without_places();
            assert_eq!(other, said, "{excepted:?} {sizes:?}");
        }
    }
}

#[test]
fn a_campaign_is_excepted_only_with_all_its_addresses() {
    let lines: Vec<Line> = (100..140u8)
        .flat_map(|host| {
            let begin = 3_000 + i64::from(host) * 20;
            [0, 3].map(|later| line(begin + later, host, "POST", "/login", 401))
        })
        .collect();
    let lines = together(vec![visitors(60), lines]);
    let campaigns = |excepted: &[&str]| judge_except(&lines, &[500], excepted).attacks.len();
    assert_eq!(campaigns(&["192.0.2.100/30", "192.0.2.104/29"]), 1);
    assert_eq!(campaigns(&["192.0.2.96/27", "192.0.2.128/28"]), 0);
}

#[test]
fn judging_goes_on_when_an_exception_ends() {
    let lines = together(vec![visitors(60), guesser(200, 400)]);
    let (first, second) = lines.split_at(lines.len() / 2);
    let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
    said.add(engine.apply(exceptions(&["192.0.2.200"])));
    let newest = START + first.last().unwrap().second * 1_000;
    for (segment, lines) in [first, second].into_iter().enumerate() {
        said.add(engine.apply(Input::Requests {
            segment: segment as u64,
            first_row: 0,
            batch: Arc::new(batch(lines)),
        }));
        said.add(engine.apply(Input::Advance(newest)));
        if segment == 0 {
            assert_eq!(said.attacks.len(), 0);
            said.add(engine.apply(exceptions(&[])));
        }
    }
    // An open attack goes on although its actor is excepted now; another is not raised.
    said.add(engine.apply(Input::Advance(newest + 20 * Timestamp::MINUTE)));
    assert_eq!(said.attacks.len(), 1);
    said.add(engine.apply(exceptions(&["192.0.2.0/24"])));
    said.add(engine.preview(START + 9 * Timestamp::DAY));
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((said.attacks.len(), attack.requests), (1, 400));
}

#[test]
fn exceptions_are_part_of_a_snapshot() {
    let lines = everything();
    let batches: Vec<Arc<Batch>> = lines.chunks(50).map(|part| Arc::new(batch(part))).collect();
    let run = |stop: usize| {
        let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
        for (index, batch) in batches.iter().enumerate() {
            if index == batches.len() / 4 {
                said.add(engine.apply(exceptions(&["192.0.2.200", "2001:db8::/48"])));
            }
            if index == batches.len() * 3 / 4 {
                said.add(engine.apply(exceptions(&["192.0.2.211"])));
            }
            if index == stop {
                let before = engine.exceptions().clone();
                engine = Engine::restore(&engine.snapshot()).unwrap();
                assert_eq!(*engine.exceptions(), before);
            }
            let newest = batch.requests.iter().map(|request| request.at).max();
            said.add(engine.apply(Input::Requests {
                segment: index as u64,
                first_row: 0,
                batch: Arc::clone(batch),
            }));
            said.add(engine.apply(Input::Advance(newest.unwrap() - 30 * Timestamp::MINUTE)));
        }
        said.add(engine.preview(START + 9 * Timestamp::DAY));
        said
    };
    let undisturbed = run(usize::MAX);
    for stop in 0..batches.len() {
        assert_eq!(run(stop), undisturbed, "stopped at {stop}");
    }
}
