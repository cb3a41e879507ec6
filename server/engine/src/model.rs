//! How people move through an application: what they ask for at all, what first, and what next.
//! Learned from actors that are not under suspicion; gives the surprise of a request in bits. A
//! bigram model with the smoothing of Witten & Bell (IEEE Trans. Inf. Theory 37, 1991): where
//! people went to many different places, a new one is likely; where all went to the same, it is
//! not. What is known of a step falls back on the endpoint's popularity, and that on "any".
//!
//! Each session counts once per endpoint and step, however often it came by; how many sessions of
//! one actor count is the engine's to say (`engine/lifetime`). What is two weeks old counts half.
//! Bounded: when it is full, what hardly anybody does is forgotten.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use shared::Timestamp;
use smallvec::SmallVec;

use crate::effects::{EndpointKey, UsualEndpoints, UsualFrom};
use crate::room::make_room;

/// Sessions to learn from before surprise says anything.
pub(crate) const ENOUGH_SESSIONS: u64 = 50;
const MAX_ENDPOINTS: usize = 10_000;
const MAX_STEPS: usize = 40_000;
/// An endpoint that fewer than one in so many sessions ask for is not usual …
const USUAL_SHARE: f64 = 500.0;
/// … nor is one that a single session asked for, however few there are.
const USUAL_SESSIONS: f64 = 2.0;
/// A step that fewer than one in so many sessions take that could is not usual …
const USUAL_STEP_SHARE: f64 = 100.0;
/// … and of an endpoint where fewer sessions were, nothing is said.
const ENOUGH_FROM: f64 = 50.0;
/// So many steps are told at most.
const TOLD_STEPS: usize = 8_192;
/// After this time a session counts half, in milliseconds.
const HALF_LIFE_MS: i64 = 14 * Timestamp::DAY;
/// Counts are brought back to sessions before they could outgrow their precision.
const HALF_LIVES: f64 = 16.0;
/// Between two clearings so many sessions come at least.
const CLEARING: u64 = 1_000;
/// Where a session begins.
const START: EndpointKey = EndpointKey(0);
/// How many endpoints of a session are told apart, and how many steps.
const PATH_ENDPOINTS: usize = 64;
const PATH_STEPS: usize = 128;

/// Where one session went: each endpoint once, and each step once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Path {
    endpoints: SmallVec<[EndpointKey; 2]>,
    /// Places in `endpoints`.
    steps: SmallVec<[(u8, u8); 8]>,
    /// How many of both were learned from already.
    learned: (u8, u8),
}

impl Path {
    /// Adds a request for `endpoint` after one for `before`.
    pub(crate) fn add(&mut self, before: Option<EndpointKey>, endpoint: EndpointKey) {
        let before = self.place(before.unwrap_or(START));
        let (Some(before), Some(place)) = (before, self.place(endpoint)) else {
            return;
        };
        let step = (before, place);
        if before != place && self.steps.len() < PATH_STEPS && !self.steps.contains(&step) {
            make_room(&mut self.steps);
            self.steps.push(step);
        }
    }

    fn place(&mut self, endpoint: EndpointKey) -> Option<u8> {
        let known = self.endpoints.iter().position(|known| *known == endpoint);
        let place = known.unwrap_or(self.endpoints.len());
        if place == self.endpoints.len() {
            if place == PATH_ENDPOINTS {
                return None;
            }
            make_room(&mut self.endpoints);
            self.endpoints.push(endpoint);
        }
        u8::try_from(place).ok()
    }

    /// Notes that all of it was learned from, so that it is not again.
    pub(crate) fn mark_learned(&mut self) {
        self.learned = (self.endpoints.len() as u8, self.steps.len() as u8);
    }

    /// Whether it went nowhere.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }
}

/// What is known of an endpoint that sessions left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct From {
    /// Steps from there.
    steps: f64,
    /// To how many different endpoints.
    kinds: u32,
}

/// The model of one application. Counts are of sessions, and grow with time instead of fading:
/// see [`BehaviorModel::weight`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct BehaviorModel {
    /// Sessions learned from.
    pub sessions: u64,
    /// The same, older ones counting less.
    weight: f64,
    visits: f64,
    popularity: FxHashMap<EndpointKey, f64>,
    steps: FxHashMap<(EndpointKey, EndpointKey), f64>,
    from: FxHashMap<EndpointKey, From>,
    /// When a session weighs one.
    since: i64,
    last_at: i64,
    /// At how many sessions it was cleared.
    cleared_at: u64,
}

impl BehaviorModel {
    /// Learns what is new of the path of one unsuspected session, which was there until `at`.
    pub(crate) fn learn(&mut self, path: &Path, at: i64) {
        if self.sessions == 0 {
            self.since = at;
        }
        let (endpoints, steps) = path.learned;
        let is_new = endpoints == 0;
        self.sessions += u64::from(is_new);
        self.last_at = self.last_at.max(at);
        if self.half_lives(at) > HALF_LIVES {
            self.fade(1.0 / self.weight_at(at));
            self.since = at;
        }
        if self.popularity.len() >= MAX_ENDPOINTS || self.steps.len() >= MAX_STEPS {
            self.clear();
        }
        let weight = self.weight_at(at);
        if is_new {
            self.weight += weight;
        }
        let new = path.endpoints.iter().skip(endpoints.into());
        for endpoint in new.filter(|endpoint| **endpoint != START) {
            if self.popularity.contains_key(endpoint) || self.popularity.len() < MAX_ENDPOINTS {
                *self.popularity.entry(*endpoint).or_default() += weight;
                self.visits += weight;
            }
        }
        for (before, next) in path.steps.iter().skip(steps.into()) {
            let before = path.endpoints[usize::from(*before)];
            let step = (before, path.endpoints[usize::from(*next)]);
            let is_new = !self.steps.contains_key(&step);
            if is_new && self.steps.len() >= MAX_STEPS {
                continue;
            }
            *self.steps.entry(step).or_default() += weight;
            let from = self.from.entry(before).or_default();
            from.steps += weight;
            from.kinds += u32::from(is_new);
        }
    }

    fn half_lives(&self, at: i64) -> f64 {
        (at - self.since) as f64 / HALF_LIFE_MS as f64
    }

    /// What a session of this moment weighs: twice as much as one two weeks older.
    fn weight_at(&self, at: i64) -> f64 {
        libm::exp2(self.half_lives(at))
    }

    fn fade(&mut self, factor: f64) {
        self.weight *= factor;
        self.visits *= factor;
        let counts = self.popularity.values_mut().chain(self.steps.values_mut());
        counts.for_each(|count| *count *= factor);
        for from in self.from.values_mut() {
            from.steps *= factor;
        }
    }

    /// Forgets what a single session did, or several long ago.
    fn clear(&mut self) {
        if self.sessions < self.cleared_at + CLEARING {
            return;
        }
        self.cleared_at = self.sessions;
        let least = 1.5 * self.weight_at(self.last_at);
        self.popularity.retain(|_, sessions| *sessions >= least);
        self.steps.retain(|_, sessions| *sessions >= least);
        // Sums of what is left, in an order that is always the same.
        let mut visits: Vec<f64> = self.popularity.values().copied().collect();
        visits.sort_by(f64::total_cmp);
        self.visits = visits.iter().sum();
        let mut steps: Vec<_> = self
            .steps
            .iter()
            .map(|(step, count)| (*step, *count))
            .collect();
        steps.sort_by_key(|(step, _)| *step);
        self.from.clear();
        for ((before, _), count) in steps {
            let from = self.from.entry(before).or_default();
            from.steps += count;
            from.kinds += 1;
        }
    }

    /// What more than a few sessions do: the endpoints they ask for, and where they go from
    /// there. Nothing while the model is young, or so full that it may have missed one.
    #[must_use]
    pub(crate) fn usual_endpoints(&self) -> UsualEndpoints {
        if self.sessions < ENOUGH_SESSIONS || self.popularity.len() >= MAX_ENDPOINTS {
            return UsualEndpoints::default();
        }
        let now = self.weight_at(self.last_at);
        let at_least = libm::ceil(self.weight / now / USUAL_SHARE).max(USUAL_SESSIONS);
        // Weights are sums of inexact powers of two.
        let reaches = |weight: f64, sessions: f64| weight / now >= sessions - 1e-6;
        let mut endpoints: Vec<EndpointKey> = self
            .popularity
            .iter()
            .filter(|(_, sessions)| reaches(**sessions, at_least))
            .map(|(endpoint, _)| *endpoint)
            .collect();
        endpoints.sort_unstable();
        UsualEndpoints {
            sessions: self.sessions,
            at_least: at_least as u64,
            endpoints,
            from: self.usual_steps(now),
        }
    }

    fn usual_steps(&self, now: f64) -> Vec<UsualFrom> {
        if self.steps.len() >= MAX_STEPS {
            return Vec::new();
        }
        let mut usual: FxHashMap<EndpointKey, UsualFrom> = FxHashMap::default();
        for (endpoint, sessions) in &self.popularity {
            let sessions = sessions / now;
            if sessions >= ENOUGH_FROM {
                usual.insert(
                    *endpoint,
                    UsualFrom {
                        endpoint: *endpoint,
                        sessions: sessions as u64,
                        at_least: libm::ceil(sessions / USUAL_STEP_SHARE).max(USUAL_SESSIONS)
                            as u64,
                        next: Vec::new(),
                    },
                );
            }
        }
        for ((before, next), taken) in &self.steps {
            if let Some(from) = usual.get_mut(before)
                && taken / now >= from.at_least as f64 - 1e-6
            {
                from.next.push(*next);
            }
        }
        let mut usual: Vec<UsualFrom> = usual.into_values().collect();
        usual.sort_by_key(|from| (std::cmp::Reverse(from.sessions), from.endpoint));
        let mut told = 0;
        usual.retain(|from| {
            told += from.next.len();
            told <= TOLD_STEPS
        });
        usual.sort_by_key(|from| from.endpoint);
        for from in &mut usual {
            from.next.sort_unstable();
        }
        usual
    }

    /// Surprise of asking for `endpoint` after `before`, in bits; `None` while the model is
    /// young.
    #[must_use]
    pub(crate) fn surprise(
        &self,
        before: Option<EndpointKey>,
        endpoint: EndpointKey,
    ) -> Option<f64> {
        if self.sessions < ENOUGH_SESSIONS {
            return None;
        }
        let now = self.weight_at(self.last_at);
        let kinds = self.popularity.len() as f64;
        let seen = self.popularity.get(&endpoint).copied().unwrap_or(0.0) / now;
        let popular = (seen + kinds / (kinds + 1.0)) / (self.visits / now + kinds);
        let before = before.unwrap_or(START);
        if before == endpoint {
            // The same again is no step.
            return Some(-libm::log2(popular.max(SAME_AGAIN)));
        }
        let from = self.from.get(&before).copied().unwrap_or_default();
        let taken = self.steps.get(&(before, endpoint)).copied().unwrap_or(0.0);
        let kinds = f64::from(from.kinds);
        let likely = match from.kinds {
            0 => popular,
            _ => (taken / now + kinds * popular) / (from.steps / now + kinds),
        };
        Some(-libm::log2(likely))
    }
}

/// How likely it is at least that somebody asks for the same again: people reload and turn pages.
const SAME_AGAIN: f64 = 0.125;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOME: EndpointKey = EndpointKey(1);
    const LIST: EndpointKey = EndpointKey(2);
    const ITEM: EndpointKey = EndpointKey(3);
    const ADMIN: EndpointKey = EndpointKey(9);

    fn path(endpoints: &[EndpointKey]) -> Path {
        let (mut path, mut before) = (Path::default(), None);
        for endpoint in endpoints {
            path.add(before, *endpoint);
            before = Some(*endpoint);
        }
        path
    }

    fn model() -> BehaviorModel {
        let mut model = BehaviorModel::default();
        for _ in 0..99 {
            model.learn(&path(&[HOME, LIST, ITEM]), 0);
        }
        model
    }

    #[test]
    fn a_young_model_says_nothing() {
        assert_eq!(BehaviorModel::default().surprise(None, HOME), None);
    }

    #[test]
    fn witten_bell_is_worked_out() {
        let model = model();
        let close = |bits: Option<f64>, likely: f64| {
            assert!(
                (bits.unwrap() + libm::log2(likely)).abs() < 1e-9,
                "{bits:?} {likely}"
            );
        };
        // Three kinds in 297 visits; one place in four is kept for what was never seen.
        let popular = |seen: f64| (seen + 0.75) / 300.0;
        // From the list one kind of step in 99.
        close(
            model.surprise(Some(LIST), ITEM),
            (99.0 + popular(99.0)) / 100.0,
        );
        close(model.surprise(Some(LIST), ADMIN), popular(0.0) / 100.0);
        // All begin at home.
        close(model.surprise(None, ITEM), popular(99.0) / 100.0);
        // Nobody ever left an item: popularity alone.
        close(model.surprise(Some(ITEM), LIST), popular(99.0));
    }

    #[test]
    fn where_people_scatter_a_new_step_surprises_less() {
        let mut model = BehaviorModel::default();
        for n in 0..100 {
            model.learn(&path(&[HOME, EndpointKey(100 + n)]), 0);
            model.learn(&path(&[LIST, ITEM]), 0);
        }
        let scattered = model.surprise(Some(HOME), ADMIN).unwrap();
        let settled = model.surprise(Some(LIST), ADMIN).unwrap();
        assert!(settled - scattered > 4.0, "{scattered} {settled}");
    }

    #[test]
    fn asking_again_is_no_surprise_and_a_session_counts_a_step_once() {
        let once = path(&[HOME, LIST]);
        let often = path(&[HOME, LIST, HOME, LIST, LIST, HOME, LIST]);
        let (mut one, mut other) = (BehaviorModel::default(), BehaviorModel::default());
        (0..60).for_each(|_| one.learn(&once, 0));
        (0..60).for_each(|_| other.learn(&often, 0));
        let step = (HOME, LIST);
        assert_eq!(one.steps[&step], other.steps[&step]);
        assert_eq!(one.popularity, other.popularity);
        assert!(one.surprise(Some(ADMIN), ADMIN).unwrap() <= 3.0);
    }

    #[test]
    fn a_path_that_is_learned_in_two_parts_counts_once() {
        let (mut whole, mut parts) = (BehaviorModel::default(), BehaviorModel::default());
        whole.learn(&path(&[HOME, LIST, ITEM, HOME]), 0);
        let mut early = path(&[HOME, LIST]);
        parts.learn(&early, 0);
        early.mark_learned();
        early.add(Some(LIST), ITEM);
        early.add(Some(ITEM), HOME);
        parts.learn(&early, 0);
        assert_eq!(whole, parts);
    }

    #[test]
    fn an_endpoint_that_one_session_asked_for_is_not_usual() {
        assert!(!BehaviorModel::default().usual_endpoints().is_rare(ADMIN));
        let mut model = model();
        model.learn(&path(&[HOME, ADMIN]), 0);
        let usual = model.usual_endpoints();
        assert_eq!((usual.sessions, usual.at_least), (100, 2));
        assert_eq!(usual.endpoints, [HOME, LIST, ITEM]);
        assert!(usual.is_rare(ADMIN) && !usual.is_rare(HOME));
    }

    #[test]
    fn a_step_that_hardly_anybody_takes_is_not_usual_though_both_ends_are() {
        let mut model = model();
        for _ in 0..99 {
            model.learn(&path(&[ADMIN]), 0);
        }
        let usual = model.usual_endpoints();
        let odd = usual.odd_step(LIST, ADMIN).unwrap();
        assert_eq!((odd.sessions, odd.at_least), (99, 2));
        assert!(usual.odd_step(LIST, ITEM).is_none());
        assert!(usual.odd_step(LIST, LIST).is_none());
        // It says nothing of what is rare itself, nor of where hardly anybody was.
        assert!(usual.odd_step(LIST, EndpointKey(77)).is_none());
        assert!(usual.odd_step(EndpointKey(77), LIST).is_none());
    }

    #[test]
    fn what_people_did_long_ago_counts_less() {
        let mut model = BehaviorModel::default();
        for _ in 0..200 {
            model.learn(&path(&[HOME, ADMIN]), 0);
        }
        let before = model.surprise(Some(HOME), ADMIN).unwrap();
        for _ in 0..200 {
            model.learn(&path(&[HOME, LIST]), 20 * HALF_LIFE_MS);
        }
        let after = model.surprise(Some(HOME), ADMIN).unwrap();
        assert!(before < 0.1 && after > 6.0, "{before} {after}");
    }

    #[test]
    fn who_invents_endpoints_fills_no_memory_and_hides_nothing() {
        let mut model = model();
        for n in 0..60_000u64 {
            model.learn(&path(&[HOME, EndpointKey(1_000 + n)]), 0);
        }
        assert!(model.popularity.len() <= MAX_ENDPOINTS && model.steps.len() <= MAX_STEPS);
        assert!(model.popularity.contains_key(&ITEM) && model.steps.contains_key(&(LIST, ITEM)));
    }

    proptest! {
        /// A probability over all that can follow, known or not.
        #[test]
        fn what_may_come_next_adds_up_to_one(sessions in proptest::collection::vec(
            proptest::collection::vec(1u64..12, 1..8), 50..80,
        )) {
            let mut model = BehaviorModel::default();
            for session in &sessions {
                let keys: Vec<EndpointKey> = session.iter().map(|key| EndpointKey(*key)).collect();
                model.learn(&path(&keys), 0);
            }
            let likely = |next| libm::exp2(-model.surprise(None, next).unwrap());
            let known: f64 = model.popularity.keys().map(|next| likely(*next)).sum();
            // One place is kept for everything else.
            let sum = known + likely(EndpointKey(99));
            prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }

        #[test]
        fn a_few_bots_do_not_make_their_steps_usual(bots in 0u32..5) {
            let mut model = BehaviorModel::default();
            for n in 0..500 {
                model.learn(&path(&[HOME, LIST, ITEM]), 0);
                if n < bots {
                    model.learn(&path(&[LIST, ADMIN, LIST, ADMIN]), 0);
                }
            }
            prop_assert!(model.surprise(Some(LIST), ADMIN).unwrap() > 6.0);
        }
    }
}
