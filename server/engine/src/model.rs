//! How people move through an application: how many actors ask for an endpoint at all, and
//! what they ask for next. Learned from actors that are not under suspicion; gives the
//! surprise of a request in bits. A bigram model, interpolated with the endpoint's popularity
//! (Jelinek and Mercer, 1980), each actor counted once per endpoint and step.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::effects::{EndpointKey, UsualEndpoints};

/// Sessions to learn from before surprise says anything.
pub(crate) const ENOUGH_SESSIONS: u64 = 50;
const MAX_ENDPOINTS: usize = 10_000;
const MAX_STEPS: usize = 40_000;
/// An endpoint that fewer than one in so many sessions ask for is not usual …
const USUAL_SHARE: u64 = 500;
/// … nor is one that a single session asked for, however few there are.
const USUAL_SESSIONS: u64 = 2;
/// The share of the next-step model in the mixture.
const STEP_SHARE: f64 = 0.5;

/// The model of one application.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct BehaviorModel {
    /// Sessions learned from.
    pub sessions: u64,
    visits: u64,
    popularity: FxHashMap<EndpointKey, u32>,
    steps: FxHashMap<(EndpointKey, EndpointKey), u32>,
    steps_from: FxHashMap<EndpointKey, u32>,
}

impl BehaviorModel {
    /// Learns the path of one unsuspected session: each endpoint once, in order of first visit.
    pub(crate) fn learn(&mut self, path: &[EndpointKey]) {
        self.sessions += 1;
        for (index, endpoint) in path.iter().enumerate() {
            if self.popularity.contains_key(endpoint) || self.popularity.len() < MAX_ENDPOINTS {
                *self.popularity.entry(*endpoint).or_default() += 1;
                self.visits += 1;
            }
            let Some(before) = index.checked_sub(1).map(|index| path[index]) else {
                continue;
            };
            let step = (before, *endpoint);
            if self.steps.contains_key(&step) || self.steps.len() < MAX_STEPS {
                *self.steps.entry(step).or_default() += 1;
                *self.steps_from.entry(before).or_default() += 1;
            }
        }
    }

    /// The endpoints that more than a few sessions asked for; none while the model is young, or
    /// so full that it may have missed one.
    #[must_use]
    pub(crate) fn usual_endpoints(&self) -> UsualEndpoints {
        if self.sessions < ENOUGH_SESSIONS || self.popularity.len() >= MAX_ENDPOINTS {
            return UsualEndpoints::default();
        }
        let at_least = self.sessions.div_ceil(USUAL_SHARE).max(USUAL_SESSIONS);
        let mut endpoints: Vec<EndpointKey> = self
            .popularity
            .iter()
            .filter(|(_, sessions)| u64::from(**sessions) >= at_least)
            .map(|(endpoint, _)| *endpoint)
            .collect();
        endpoints.sort_unstable();
        UsualEndpoints {
            sessions: self.sessions,
            at_least,
            endpoints,
        }
    }

    /// Surprise of asking for `endpoint` after `before`, in bits; `None` while the model is
    /// young. Add-one smoothing leaves room for what was never seen.
    #[must_use]
    pub(crate) fn surprise(
        &self,
        before: Option<EndpointKey>,
        endpoint: EndpointKey,
    ) -> Option<f64> {
        if self.sessions < ENOUGH_SESSIONS {
            return None;
        }
        let kinds = self.popularity.len() as f64 + 1.0;
        let seen = f64::from(self.popularity.get(&endpoint).copied().unwrap_or(0));
        let popular = (seen + 1.0) / (self.visits as f64 + kinds);
        let next = before.and_then(|before| {
            let from = f64::from(*self.steps_from.get(&before)?);
            let taken = f64::from(self.steps.get(&(before, endpoint)).copied().unwrap_or(0));
            // Witten-Bell would need the kinds of successors; few observations trust popularity.
            let trust = from / (from + 5.0);
            Some((taken / from, STEP_SHARE * trust))
        });
        let probability = match next {
            Some((taken, trust)) => trust * taken + (1.0 - trust) * popular,
            None => popular,
        };
        Some(-libm::log2(probability))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: EndpointKey = EndpointKey(1);
    const LIST: EndpointKey = EndpointKey(2);
    const ITEM: EndpointKey = EndpointKey(3);
    const ADMIN: EndpointKey = EndpointKey(9);

    fn model() -> BehaviorModel {
        let mut model = BehaviorModel::default();
        for _ in 0..99 {
            model.learn(&[HOME, LIST, ITEM]);
        }
        model
    }

    #[test]
    fn a_young_model_says_nothing() {
        assert_eq!(BehaviorModel::default().surprise(None, HOME), None);
    }

    #[test]
    fn popularity_alone_is_worked_out() {
        // (99 + 1) / (297 + 3 + 1) visits: log2(3.01)
        let bits = model().surprise(None, HOME).unwrap();
        assert!((bits - libm::log2(3.01)).abs() < 1e-9, "{bits}");
        // (0 + 1) / 301
        let bits = model().surprise(None, ADMIN).unwrap();
        assert!((bits - libm::log2(301.0)).abs() < 1e-9, "{bits}");
    }

    #[test]
    fn an_endpoint_that_one_session_asked_for_is_not_usual() {
        assert!(!BehaviorModel::default().usual_endpoints().is_rare(ADMIN));
        let mut model = model();
        model.learn(&[HOME, ADMIN]);
        let usual = model.usual_endpoints();
        assert_eq!((usual.sessions, usual.at_least), (100, 2));
        assert_eq!(usual.endpoints, [HOME, LIST, ITEM]);
        assert!(usual.is_rare(ADMIN) && !usual.is_rare(HOME));
    }

    #[test]
    fn the_usual_next_step_surprises_less_than_the_same_endpoint_out_of_order() {
        let model = model();
        let usual = model.surprise(Some(HOME), LIST).unwrap();
        let odd = model.surprise(Some(ITEM), LIST).unwrap();
        assert!(usual < 1.0 && odd > usual, "{usual} {odd}");
        assert!(model.surprise(Some(HOME), ADMIN).unwrap() > 8.0);
    }
}
