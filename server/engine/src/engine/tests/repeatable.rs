//! Nothing but the requests decides what is found: not how they come, nor a restart.

use super::*;

#[test]
fn what_is_older_than_what_was_judged_is_counted_as_late() {
    let mut lines = visitors(60);
    let early = lines.remove(0);
    lines.push(early);
    assert_eq!(judge(&lines, &[50]).late, 1);
}

#[test]
fn a_foreign_or_damaged_snapshot_is_refused() {
    let snapshot = Engine::new(EngineConfig::default()).snapshot();
    assert!(Engine::restore(&snapshot).is_ok());
    assert_eq!(
        Engine::restore(b"nonsense").err(),
        Some(SnapshotError::OtherVersion)
    );
    let truncated = &snapshot[..snapshot.len() - 1];
    assert!(matches!(
        Engine::restore(truncated),
        Err(SnapshotError::Corrupt(_))
    ));
}

#[test]
fn batch_sizes_change_nothing() {
    let lines = everything();
    let whole = judge(&lines, &[lines.len()]).without_places();
    assert_eq!(whole.attacks.len(), 3);
    for sizes in [&[1][..], &[7], &[100, 3, 250], &[64]] {
        assert_eq!(judge(&lines, sizes).without_places(), whole, "{sizes:?}");
    }
}

#[test]
fn the_order_in_which_requests_arrive_changes_nothing_within_the_lateness() {
    let lines = everything();
    let whole = judge(&lines, &[lines.len()]).without_places();
    // Pairs of blocks swapped: up to a few minutes out of order.
    let mut swapped = Vec::new();
    for blocks in lines.chunks(40) {
        let (first, second) = blocks.split_at(blocks.len() / 2);
        swapped.extend_from_slice(second);
        swapped.extend_from_slice(first);
    }
    let shuffled = judge(&swapped, &[33]).without_places();
    assert_eq!(shuffled.late, 0);
    assert_eq!(shuffled.sessions, whole.sessions);
    assert_eq!(shuffled.attacks, whole.attacks);
}

#[test]
fn when_the_effects_are_taken_changes_nothing() {
    // A campaign of sixty, whose sessions take turns, among visitors: more than an attack keeps.
    let mut lines = visitors(60);
    let guesses =
        (0..6_000).map(|at| line(10_000 + at, 100 + (at % 60) as u8, "POST", "/login", 401));
    lines.extend(guesses);
    lines.sort_by_key(|line| line.second);
    let said = |segments_each: u64| {
        let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
        for (segment, part) in (0..).zip(lines.chunks(50)) {
            engine.feed(Input::Requests {
                first_row: 0,
                segment,
                batch: Arc::new(batch(part)),
            });
            let last = &part[part.len() - 1];
            engine.feed(Input::Advance(START + last.second * 1_000));
            if segment.is_multiple_of(segments_each) {
                said.add(engine.take_effects());
            }
        }
        said.add(engine.take_effects());
        (said, engine.snapshot())
    };
    let (often, state) = said(1);
    let sessions = often.attacks.values().map(|attack| attack.session_count);
    assert!(sessions.max() > Some(40));
    let (seldom, same_state) = said(9);
    assert!(seldom == often);
    assert!(same_state == state);
}

#[test]
fn going_on_from_a_snapshot_equals_never_having_stopped() {
    let lines = everything();
    let batches: Vec<Arc<Batch>> = lines.chunks(50).map(|part| Arc::new(batch(part))).collect();
    let feed = |engine: &mut Engine, said: &mut Said, index: usize| {
        let batch = Arc::clone(&batches[index]);
        let newest = batch
            .requests
            .iter()
            .map(|request| request.at)
            .max()
            .unwrap();
        said.add(engine.apply(Input::Requests {
            first_row: 0,
            segment: index as u64,
            batch,
        }));
        said.add(engine.apply(Input::Advance(newest - 30 * Timestamp::MINUTE)));
    };
    let (mut undisturbed, mut whole) = (Engine::new(EngineConfig::default()), Said::default());
    for index in 0..batches.len() {
        feed(&mut undisturbed, &mut whole, index);
    }
    whole.add(undisturbed.preview(START + 9 * Timestamp::DAY));
    for stop in [1, batches.len() / 3, batches.len() / 2, batches.len() - 1] {
        let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
        for index in 0..batches.len() {
            if index == stop {
                engine = Engine::restore(&engine.snapshot()).unwrap();
            }
            feed(&mut engine, &mut said, index);
        }
        said.add(engine.preview(START + 9 * Timestamp::DAY));
        assert_eq!(said, whole, "stopped at {stop}");
    }
}

/// So many requests within a minute, which begins then (s), of many clients.
fn flood(count: i64, from: i64) -> Vec<Line> {
    let lines = (0..count).map(|number| {
        let host = u8::try_from(number % 199).unwrap();
        let page = ["a", "b", "wp-login.php"][number as usize % 3];
        let path = format!("/{page}/{}", number % 7);
        line(from + number * 70 / count, host, "GET", &path, 200)
    });
    lines.collect()
}

/// What is found in `lines`, so many at a time, and until when was judged after each.
fn judge_live(lines: &[Line], size: usize) -> (Said, Vec<i64>) {
    let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
    let mut until = Vec::new();
    for (segment, lines) in lines.chunks(size).enumerate() {
        let newest = START + lines.last().unwrap().second * 1_000;
        said.add(engine.apply(Input::Requests {
            first_row: 0,
            segment: segment as u64,
            batch: Arc::new(batch(lines)),
        }));
        said.add(engine.apply(Input::Advance(newest)));
        until.push(engine.judged_until() - START);
    }
    said.add(engine.preview(START + Timestamp::DAY));
    (said.without_places(), until)
}

#[test]
fn a_minute_with_very_many_requests_is_judged_in_parts_the_same_however_they_come() {
    let lines = flood(80_000, 0);
    let (whole, at_once) = judge_live(&lines, lines.len());
    assert_eq!(at_once, [60_000]);
    for size in [10_000, 1_777] {
        let (said, until) = judge_live(&lines, size);
        assert!(until.contains(&28_001), "in parts: {until:?}");
        assert_eq!(said, whole, "{size} at once");
    }
}

#[test]
fn what_is_due_within_a_minute_that_is_judged_in_parts_waits_for_its_end() {
    let mut lines = guesser(200, 60);
    let began = lines[0].second;
    for line in &mut lines {
        line.second += 12 - began;
    }
    let last = lines.last().unwrap().second;
    // An hour later the attack would close, and somebody goes on after that, within one minute.
    let due = last + 3_600;
    let minute = due / 60 * 60;
    assert!(due - minute < 20);
    lines.extend(flood(80_000, minute));
    let mut again = guesser(200, 8);
    for (number, line) in (0..).zip(&mut again) {
        line.second = minute + 40 + number;
    }
    lines = together(vec![lines, again]);
    let (whole, _) = judge_live(&lines, lines.len());
    assert!(!whole.attacks.is_empty());
    for size in [10_000, 1_777] {
        let (said, until) = judge_live(&lines, size);
        assert!(
            until.contains(&(minute * 1_000 + 28_001)),
            "in parts: {until:?}"
        );
        assert_eq!(said, whole, "{size} at once");
    }
}

#[test]
fn the_same_requests_of_two_applications_are_two_attacks() {
    let judged = |application: &str| {
        let mut engine = Engine::new(EngineConfig {
            application: application.into(),
            ..EngineConfig::default()
        });
        engine.apply(Input::Requests {
            first_row: 0,
            segment: 1,
            batch: Arc::new(batch(&everything())),
        });
        let effects = engine.preview(START + 7 * Timestamp::DAY);
        let attacks: Vec<_> = effects.attacks.iter().map(|attack| attack.id).collect();
        let sessions: Vec<_> = effects.sessions.iter().map(|it| it.id).collect();
        (attacks, sessions)
    };
    let (shop, blog) = (judged("shop"), judged("blog"));
    assert_eq!(shop, judged("shop"));
    assert!(!shop.0.is_empty() && shop.0.len() == blog.0.len());
    assert!(shop.0.iter().all(|id| !blog.0.contains(id)));
    assert!(shop.1.iter().all(|id| !blog.1.contains(id)));
}

#[test]
fn a_preview_changes_nothing() {
    let lines = everything();
    let (first, second) = lines.split_at(lines.len() / 2);
    let mut engine = Engine::new(EngineConfig::default());
    engine.apply(Input::Requests {
        first_row: 0,
        segment: 1,
        batch: Arc::new(batch(first)),
    });
    let before = engine.snapshot();
    let ahead = engine.preview(START + Timestamp::DAY);
    assert!(!ahead.sessions.is_empty());
    assert_eq!(engine.snapshot(), before);
    let mut undisturbed = Engine::restore(&before).unwrap();
    let input = Input::Requests {
        first_row: 0,
        segment: 2,
        batch: Arc::new(batch(second)),
    };
    engine.apply(input.clone());
    undisturbed.apply(input);
    assert_eq!(engine.snapshot(), undisturbed.snapshot());
}

#[test]
fn users_that_come_once_are_forgotten_and_told_all_the_same() {
    let lines: Vec<Line> = (0..40_000)
        .map(|n| Line {
            user: format!("user{n}"),
            session_key: 1 + n as u64,
            ..line(n * 10, (n % 200) as u8, "GET", "/", 200)
        })
        .collect();
    let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
    for (segment, lines) in lines.chunks(2_000).enumerate() {
        let newest = START + lines.last().unwrap().second * 1_000;
        said.add(engine.apply(Input::Requests {
            segment: segment as u64,
            first_row: 0,
            batch: Arc::new(batch(lines)),
        }));
        said.add(engine.apply(Input::Advance(newest - 30 * Timestamp::MINUTE)));
    }
    assert!(engine.users.len() < lines.len(), "{}", engine.users.len());
    said.add(engine.preview(START + 9 * Timestamp::DAY));
    assert_eq!(said.sessions.len(), lines.len());
    assert!(
        said.sessions
            .values()
            .all(|session| session.user.starts_with("user"))
    );
}

#[test]
fn who_need_not_be_judged_would_not_have_been_found() {
    let lines = everything();
    for sensitivity in [
        Sensitivity::Paranoid,
        Sensitivity::Normal,
        Sensitivity::SafeMode,
    ] {
        // Where everybody's confidence is asked for, everybody is judged.
        let found = |tells_confidence| {
            let mut engine = Engine::new(EngineConfig {
                sensitivity,
                tells_confidence,
                ..EngineConfig::default()
            });
            let mut said = Said::default();
            for (segment, part) in (0..).zip(lines.chunks(50)) {
                said.add(engine.apply(Input::Requests {
                    first_row: 0,
                    segment,
                    batch: Arc::new(batch(part)),
                }));
            }
            said.add(engine.preview(START + 9 * Timestamp::DAY));
            said
        };
        let all = found(true);
        assert!(!all.attacks.is_empty());
        assert_eq!(found(false), all, "{sensitivity:?}");
    }
}
