//! The index against rows looked at one by one, whatever they are and whatever is asked.

mod made_up;
mod one_by_one;

use proptest::prelude::*;
use shared::search::{Condition, List, parse};
use shared::{SessionId, Timestamp};

use super::*;
use crate::store::{AttackSort, AttackTotals, Cursor, Period, SessionTotals};
use made_up::*;
use one_by_one::*;

/// Of rows with the same identifier the last.
fn last_of<T: Clone>(rows: &[T], id: impl Fn(&T) -> u64) -> Vec<T> {
    let mut last = std::collections::BTreeMap::new();
    for row in rows {
        last.insert(id(row), row.clone());
    }
    last.into_values().collect()
}

fn check(
    index: &Index,
    attacks: &[Attack],
    sessions: &[Session],
    asked: &Asked<'_>,
    of_sessions: &Asked<'_>,
) -> Result<(), TestCaseError> {
    let Period { from, until } = asked.period;
    let named = asked
        .query
        .terms_of(shared::search::Key::Excepted)
        .next()
        .is_some();
    let expected: Vec<&Attack> = attacks
        .iter()
        .filter(|attack| attack.end() >= from.0 && attack.from <= until.0)
        .filter(|attack| named || !attack.is(Attack::EXCEPTED))
        .filter(|attack| takes(asked.query, |it| holds_attack(it, attack, sessions)))
        .collect();
    for (sort, value) in [
        (AttackSort::Date, (|it| it.end()) as fn(&Attack) -> i64),
        (AttackSort::Hits, |it| it.hits as i64),
        (AttackSort::Confidence, |it| i64::from(it.confidence)),
    ] {
        let mut rows: Vec<(i64, i64)> = expected
            .iter()
            .map(|attack| (value(attack), attack.id as i64))
            .collect();
        rows.sort_unstable();
        let part = |after, limit, descending| Part {
            after,
            limit,
            descending,
        };
        let all = index.list_attacks(asked, sort, part(None, 100, false));
        prop_assert_eq!(&all, &rows);
        rows.reverse();
        let first = index.list_attacks(asked, sort, part(None, 2, true));
        prop_assert_eq!(&first, &rows[..rows.len().min(2)]);
        if let Some((value, id)) = first.last().copied() {
            let after = Some(Cursor {
                value,
                id: id as u64,
            });
            let next = index.list_attacks(asked, sort, part(after, 100, true));
            prop_assert_eq!(&next, &rows[first.len()..]);
        }
    }
    let mut totals = AttackTotals::default();
    index.count_attacks(asked, ONGOING_SINCE.0, &mut totals);
    prop_assert_eq!(totals.attacks, expected.len() as u64);
    prop_assert_eq!(totals.hits, expected.iter().map(|it| it.hits).sum::<u64>());
    let ongoing = expected
        .iter()
        .filter(|it| !it.is(Attack::CLOSED) && it.end() >= ONGOING_SINCE.0);
    prop_assert_eq!(totals.ongoing, ongoing.count() as u64);

    let expected: Vec<&Session> = sessions
        .iter()
        .filter(|session| session.from + session.minutes >= from.0 && session.from <= until.0)
        .filter(|session| takes(of_sessions.query, |it| holds_session(it, session, attacks)))
        .collect();
    let mut rows: Vec<(i64, i64)> = expected
        .iter()
        .map(|session| (session.from + session.minutes, session.id as i64))
        .collect();
    rows.sort_unstable();
    rows.reverse();
    prop_assert_eq!(&index.list_sessions(of_sessions, None, 100), &rows);
    let first = index.list_sessions(of_sessions, None, 3);
    prop_assert_eq!(&first, &rows[..rows.len().min(3)]);
    if let Some((value, id)) = first.last().copied() {
        let after = Some(Cursor {
            value,
            id: id as u64,
        });
        let next = index.list_sessions(of_sessions, after, 100);
        prop_assert_eq!(&next, &rows[first.len()..]);
    }
    let mut totals = SessionTotals::default();
    index.count_sessions(of_sessions, &mut totals);
    prop_assert_eq!(totals.sessions, rows.len() as u64);
    let bots = expected
        .iter()
        .filter(|session| holds_session(&Condition::Bot, session, attacks));
    prop_assert_eq!(totals.bots, bots.count() as u64);
    check_values(index, &expected, attacks, of_sessions)
}

/// Values with their rows are what the terms of these values find.
fn check_values(
    index: &Index,
    expected: &[&Session],
    attacks: &[Attack],
    asked: &Asked<'_>,
) -> Result<(), TestCaseError> {
    use shared::search::Key;
    for key in [
        Key::Type,
        Key::Address,
        Key::Domain,
        Key::StatusCode,
        Key::Method,
        Key::User,
        Key::Bot,
        Key::Outcome,
    ] {
        if asked.query.terms_of(key).next().is_some() {
            continue;
        }
        let mut values = ValueCounts::new(key, "");
        index.count_session_values(asked, &mut values);
        for (value, rows) in values.into_most() {
            let condition = Condition::of(key, &value).unwrap();
            let found = expected
                .iter()
                .filter(|session| holds_session(&condition, session, attacks));
            prop_assert_eq!(found.count() as u64, rows, "{} {}", key, value);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_agrees_with_looking_at_every_row(
        attacks in prop::collection::vec(attack(), 0..14),
        sessions in prop::collection::vec(session(), 0..20),
        later in 0..14usize,
        of_attacks in query(List::Attacks), of_sessions in query(List::Sessions),
        from in 0..60i64, minutes in 0..40i64, since in 0..30i64,
    ) {
        let (known, new) = attacks.split_at(later.min(attacks.len()));
        let half = sessions.len() / 2;
        let id_of = |session: &Session| session.id;
        let mut index = filled(known, &last_of(&sessions[..half], id_of));
        // What comes later replaces what was known, and may be of what was there before.
        put(&mut index, new, &last_of(&sessions[half..], id_of));
        let attacks = last_of(&attacks, |attack| attack.id);
        let sessions = last_of(&sessions, id_of);
        put(&mut index, &[], &sessions);
        let period = Period { from: Timestamp(from), until: Timestamp(from + minutes) };
        let requests = RequestPlaces::default();
        let of_attacks = Asked {
            query: &of_attacks, period, application: APPLICATION, requests: &requests, ongoing_since: ONGOING_SINCE,
        };
        let of_sessions = Asked { query: &of_sessions, ..of_attacks };
        check(&index, &attacks, &sessions, &of_attacks, &of_sessions)?;

        // A preview goes, and what is old.
        let touched = index.provisional_links();
        index.remove_provisional();
        index.remove_sessions_between(i64::MIN, since);
        let attacks: Vec<Attack> = attacks
            .into_iter()
            .filter(|attack| !attack.is(Attack::PROVISIONAL))
            .collect();
        let sessions: Vec<Session> = sessions
            .into_iter()
            .filter(|session| !session.provisional && session.from + session.minutes >= since)
            .collect();
        let relinked: Vec<Session> = sessions
            .iter()
            .filter(|session| touched.contains(&SessionId(session.id)))
            .cloned()
            .collect();
        let links: Vec<(SessionId, Link)> = relinked
            .iter()
            .map(|session| {
                let attacks = session.attacks.iter().copied().map(AttackId).collect();
                (SessionId(session.id), Link { attacks, hits: session.hits })
            })
            .collect();
        index.set_links(links.iter().map(|(id, link)| (*id, link)));
        check(&index, &attacks, &sessions, &of_attacks, &of_sessions)?;
    }
}

#[test]
fn an_endpoint_that_was_folded_is_found_as_what_it_was_folded_into() {
    let mut index = filled(&[], &[short_session(1, 1 << 1)]);
    let found = |index: &Index, text: &str| {
        let asked = Asked {
            query: &parse(List::Sessions, text).unwrap(),
            period: Period::ALWAYS,
            application: APPLICATION,
            requests: &RequestPlaces::default(),
            ongoing_since: ONGOING_SINCE,
        };
        index.list_sessions(&asked, None, 10).len()
    };
    assert_eq!((found(&index, "/login"), found(&index, "/users/1")), (1, 0));
    index.put_endpoints(&[NewEndpoint {
        number: 2,
        folded_into: Some(3),
        ..NewEndpoint::default()
    }]);
    assert_eq!((found(&index, "/login"), found(&index, "/users/1")), (0, 1));
    assert_eq!(found(&index, "domain:b.example"), 1);
}

#[test]
fn a_session_takes_few_bytes() {
    let sessions: Vec<Session> = (0..1_000).map(|id| short_session(id, 3)).collect();
    let index = filled(&[], &sessions);
    assert!(index.weight() < 1_100 * 100, "{}", index.weight());
}
