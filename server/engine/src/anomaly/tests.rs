use proptest::prelude::*;

use super::*;
use crate::effects::{ClientKey, EndpointKey};
use crate::event::Event;

/// What a made-up actor is like.
#[derive(Debug, Clone, Copy)]
struct Habits {
    pages: u64,
    pause_s: i64,
    files: u64,
    endpoints: u64,
    failing: u64,
}

const READER: Habits = Habits {
    pages: 14,
    pause_s: 31,
    files: 3,
    endpoints: 7,
    failing: 0,
};
/// At a reader's pace, but without a page's pictures, and what it asks for often fails.
const GUESSER: Habits = Habits {
    files: 0,
    endpoints: 14,
    failing: 2,
    ..READER
};

fn features(habits: Habits, seed: u64) -> Features {
    let (mut features, mut at) = (Features::default(), 0);
    let mut ask = |at: i64, endpoint: u64, flags: u32, status: u16| {
        features.add(&Event {
            endpoint: EndpointKey(endpoint),
            target: endpoint,
            response_bytes: 3_000 + endpoint * 100,
            flags,
            status,
            ..Event::example(at)
        });
    };
    let varied = |n: u64| random::mix(seed * 1_000 + n);
    for page in 0..habits.pages + varied(1) % 5 {
        let endpoint = varied(page + 10) % habits.endpoints;
        let fails = page % 3 < habits.failing;
        ask(at, endpoint, 0, if fails { 404 } else { 200 });
        for _ in 0..habits.files {
            ask(at, 99, Event::STATIC, 200);
        }
        at += (habits.pause_s + varied(page + 50) as i64 % 25) * 1_000;
    }
    features
}

fn taught(actors: impl IntoIterator<Item = (u64, Features)>) -> AnomalyModel {
    let mut model = AnomalyModel::default();
    for (client, features) in actors {
        model.offer(ClientKey(client), client as i64, &features);
    }
    model.train_if_due("shop", 1_000, |_| true);
    model
}

fn readers(count: u64) -> impl Iterator<Item = (u64, Features)> {
    (1..=count).map(|n| (n, features(READER, n)))
}

fn unusual(model: &AnomalyModel, habits: Habits) -> usize {
    let trained = model.trained().unwrap();
    let scores = (5_000..5_100).map(|seed| trained.score(&features(habits, seed)).unwrap());
    scores
        .filter(|score| *score > trained.normal().value)
        .count()
}

#[test]
fn fewer_than_64_actors_train_nothing_and_little_requests_are_not_scored() {
    assert!(taught(readers(63)).trained().is_none());
    let model = taught(readers(64));
    let few = Habits { pages: 3, ..READER };
    assert_eq!(model.trained().unwrap().score(&features(few, 1)), None);
}

#[test]
fn who_does_at_a_readers_pace_what_no_reader_does_is_unusual_and_readers_are_not() {
    let model = taught(readers(200));
    let (bots, people) = (unusual(&model, GUESSER), unusual(&model, READER));
    assert!(bots >= 95 && people <= 10, "{bots} {people}");
}

#[test]
fn what_makes_somebody_unusual_is_named_with_its_share() {
    let model = taught(readers(200));
    let found = model
        .trained()
        .unwrap()
        .contributions(&features(GUESSER, 7));
    let named: Vec<_> = found.iter().map(|(feature, _)| *feature).collect();
    assert!(named.contains(&AnomalyFeature::StaticFiles), "{found:?}");
    assert!(named.contains(&AnomalyFeature::Errors), "{found:?}");
    assert!(found.iter().map(|(_, share)| share).sum::<f64>() <= 1.0 + 1e-9);
}

#[test]
fn the_same_actors_in_any_order_make_the_same_model() {
    let forward = taught(readers(900));
    let mut list: Vec<_> = readers(900).collect();
    list.reverse();
    let backward = taught(list);
    let score = |model: &AnomalyModel| model.trained().unwrap().score(&features(GUESSER, 3));
    assert_eq!(score(&forward), score(&backward));
}

#[test]
fn a_stored_model_scores_the_same() {
    let model = taught(readers(300));
    let bytes = postcard::to_stdvec(&model).unwrap();
    // Two samples of 300 points of 17 numbers.
    assert!(bytes.len() < 40_000, "{}", bytes.len());
    let restored: AnomalyModel = postcard::from_bytes(&bytes).unwrap();
    for seed in 0..20 {
        let features = features(GUESSER, seed);
        let score = |model: &AnomalyModel| model.trained().unwrap().score(&features);
        assert_eq!(score(&model), score(&restored));
    }
}

#[test]
fn a_version_lasts_a_day_unless_twice_as_many_came() {
    let mut model = taught(readers(100));
    assert_eq!(model.trained().unwrap().number, 1);
    for (client, features) in readers(99) {
        model.offer(ClientKey(client + 100), 2_000, &features);
        assert!(!model.train_if_due("shop", 2_000, |_| true), "{client}");
    }
    model.offer(ClientKey(999), 2_000, &features(READER, 999));
    assert!(model.train_if_due("shop", 2_000, |_| true));
    model.offer(ClientKey(1_000), 3_000, &features(READER, 1_000));
    assert!(!model.train_if_due("shop", 3_000, |_| true));
    assert!(model.train_if_due("shop", Timestamp::DAY, |_| true));
    assert_eq!(model.trained().unwrap().number, 3);
}

#[test]
fn who_was_found_to_be_a_bot_since_does_not_teach() {
    let mut model = AnomalyModel::default();
    for (client, reader) in readers(100) {
        model.offer(ClientKey(client), 0, &reader);
    }
    assert!(!model.train_if_due("shop", 0, |client| client.0 < 60));
    for (client, reader) in readers(160) {
        model.offer(ClientKey(client), 0, &reader);
    }
    assert!(model.train_if_due("shop", 0, |client| client.0 < 90));
    assert_eq!(model.trained().unwrap().actors(), 89);
}

#[test]
fn an_actor_is_one_point_however_often_it_comes() {
    let mut model = AnomalyModel::default();
    for day in 0..90 {
        model.offer(ClientKey(1), day * Timestamp::DAY, &features(READER, 1));
    }
    assert_eq!((model.sample.len(), model.offered), (1, 1));
}

#[test]
fn old_actors_make_room_for_new_ones() {
    let mut model = AnomalyModel::default();
    for (client, reader) in readers(1_000) {
        model.offer(ClientKey(client), 0, &reader);
    }
    let bot = features(GUESSER, 1);
    for client in 0..200 {
        model.offer(ClientKey(2_000 + client), 60 * Timestamp::DAY, &bot);
    }
    let vector = Vector::of(&bot);
    let new = model.sample.iter().filter(|it| it.vector == vector);
    assert_eq!((new.count(), model.sample.len()), (200, SAMPLE));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn a_few_bots_among_the_teachers_do_not_hide_the_others(bots in 0u64..20) {
        let list = readers(200 - bots);
        let bots = (0..bots).map(|n| (10_000 + n, features(GUESSER, 10_000 + n)));
        let found = unusual(&taught(list.chain(bots)), GUESSER);
        prop_assert!(found >= 70, "{found}");
    }
}
