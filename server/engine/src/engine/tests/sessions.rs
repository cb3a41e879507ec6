//! Where sessions begin and end.

use super::*;

#[test]
fn a_session_ends_after_thirty_minutes_of_silence_and_at_midnight() {
    let minutes = |minute: i64| line(minute * 60, 1, "GET", "/", 200);
    let lines: Vec<Line> = [0, 30, 60, 91, 1_425, 1_439, 1_441].map(minutes).to_vec();
    let said = judge(&lines, &[3]);
    let mut requests: Vec<(i64, u32)> = said
        .sessions
        .values()
        .map(|session| ((session.started_at.0 - START) / 60_000, session.requests))
        .collect();
    requests.sort_unstable();
    assert_eq!(requests, [(0, 3), (91, 1), (1_425, 2), (1_441, 1)]);
}

fn tell_sessions(engine: &mut Engine) -> Effects {
    engine.tell_sessions();
    engine.take_effects()
}

#[test]
fn open_sessions_are_told_once_and_then_as_they_change() {
    let mut engine = Engine::new(EngineConfig::default());
    let come = |engine: &mut Engine, lines: &[Line]| {
        engine.apply(Input::Requests {
            first_row: 0,
            segment: 1,
            batch: Arc::new(batch(lines)),
        });
    };
    let told = |effects: &Effects| {
        let sessions = effects.sessions.iter();
        let mut told: Vec<_> = sessions.map(|it| (it.address, it.requests)).collect();
        told.sort_unstable();
        told.into_iter()
            .map(|(_, requests)| requests)
            .collect::<Vec<_>>()
    };
    come(
        &mut engine,
        &[line(0, 1, "GET", "/", 200), line(1, 2, "GET", "/", 200)],
    );
    engine.apply(Input::Advance(START + 60_000));
    assert_eq!(told(&tell_sessions(&mut engine)), [1, 1], "all at first");
    come(&mut engine, &[line(61, 2, "GET", "/a", 200)]);
    let held = engine.preview(START + 62_000);
    assert_eq!(told(&held), [2], "what is held back adds to one");
    assert!(
        told(&tell_sessions(&mut engine)).is_empty(),
        "nothing is judged yet"
    );
    engine.apply(Input::Advance(START + 120_000));
    assert_eq!(told(&tell_sessions(&mut engine)), [2]);
    assert!(told(&engine.preview(START + 120_000)).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_request_is_in_exactly_one_session(
        requests in proptest::collection::vec((0..200_000i64, 0..6u8, 0..4usize), 1..300),
        size in 1..80usize,
    ) {
        let mut lines: Vec<Line> = requests
            .into_iter()
            .map(|(second, host, page)| {
                line(second, host, "GET", ["/", "/a", "/a.css", "/.env"][page], 200)
            })
            .collect();
        lines.sort_by_key(|line| line.second);
        let said = judge(&lines, &[size]);
        let total: u32 = said.sessions.values().map(|session| session.requests).sum();
        prop_assert_eq!(total as usize, lines.len());
        for session in said.sessions.values() {
            prop_assert_eq!(session.started_at.day(), session.ended_at.day());
        }
        for attack in said.attacks.values() {
            prop_assert!(attack.hits <= attack.requests);
        }
    }
}

#[test]
fn a_preview_of_a_flood_tells_the_sessions_that_began_last() {
    let lines: Vec<Line> = (0..9_000)
        .map(|n| Line {
            session_key: 1 + n as u64,
            ..line(n / 200, (n % 200) as u8, "GET", "/", 200)
        })
        .collect();
    let mut engine = Engine::new(EngineConfig::default());
    tell_sessions(&mut engine);
    engine.apply(Input::Requests {
        segment: 0,
        first_row: 0,
        batch: Arc::new(batch(&lines)),
    });
    let told = engine.preview(START + 50_000).sessions;
    assert_eq!(told.len(), PREVIEW_SESSIONS);
    let began = told.iter().map(|session| session.started_at.0);
    assert_eq!(began.min(), Some(START + (9_000 - 8_192) / 200 * 1_000));
    // Once they are judged all are told.
    engine.apply(Input::Advance(START + Timestamp::MINUTE));
    assert_eq!(tell_sessions(&mut engine).sessions.len(), lines.len());
}
