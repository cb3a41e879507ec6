//! The anomaly model: how unlike this application's unsuspected actors somebody is, over all that
//! is measured at once. An isolation forest ([`forest`]) of a sample of them, renewed every day
//! and whenever the sample has doubled. Not the vote: that is the detector's
//! (`detectors/anomaly_model`).
//!
//! Everything is decided by the actors and their times: who is in the sample, when it is renewed,
//! and every cut. What is stored are the points; the forest is grown from them again.

mod forest;
mod random;
mod vector;

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize, Serializer};
use shared::Timestamp;

use crate::attribute::hash_parts;
use crate::baseline::Normal;
use crate::effects::ClientKey;
use crate::features::Features;
use forest::Forest;
pub(crate) use vector::AnomalyFeature;
use vector::Vector;

/// Fewer actors teach nothing.
pub(crate) const ENOUGH_ACTORS: usize = 64;
/// Who asked for less is not measured well enough, neither to teach nor to be scored.
pub(crate) const ENOUGH_REQUESTS: u64 = 10;
/// How many actors are in the sample.
const SAMPLE: usize = 512;
/// After this time an actor is half as likely to be in the sample, in milliseconds.
const HALF_LIFE_MS: i64 = 7 * Timestamp::DAY;
/// So many of the actors learned from lie within the normal.
const QUANTILE: f64 = 0.97;
/// Nor further above the middle than so many times what a quarter of them is below it: of a bell
/// this is just beyond its 97th percentile.
const REACH: f64 = 3.0;
/// And at least so far above the middle, however alike the actors are.
const LEAST_APART: f64 = 0.04;
/// Which quantities are named: those that together make up most of the difference.
const NAMED: usize = 4;

/// The model of one application.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct AnomalyModel {
    /// Highest rank first.
    sample: Vec<Sampled>,
    /// How many were offered.
    offered: u64,
    trained: Option<Trained>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Sampled {
    client: ClientKey,
    rank: f64,
    vector: Vector,
}

/// One version. Its forest is grown when somebody is asked about first: on many a day nobody is.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Stored<Vec<Vector>>")]
pub(crate) struct Trained {
    /// The first is 1.
    pub number: u32,
    /// When, by the actors' time.
    pub at: i64,
    seed: u64,
    offered: u64,
    vectors: Vec<Vector>,
    grown: Arc<Grown>,
}

/// What follows from the points of a version.
#[derive(Debug, Default)]
struct Grown {
    forest: OnceLock<Forest>,
    /// The score from which on somebody is unusual.
    threshold: OnceLock<f64>,
}

/// A version as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored<V> {
    number: u32,
    at: i64,
    threshold: f64,
    seed: u64,
    offered: u64,
    vectors: V,
}

impl Serialize for Trained {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = Stored {
            number: self.number,
            at: self.at,
            threshold: self.threshold(),
            seed: self.seed,
            offered: self.offered,
            vectors: &self.vectors,
        };
        stored.serialize(serializer)
    }
}

impl From<Stored<Vec<Vector>>> for Trained {
    fn from(stored: Stored<Vec<Vector>>) -> Self {
        let grown = Grown {
            threshold: OnceLock::from(stored.threshold),
            ..Grown::default()
        };
        Self {
            number: stored.number,
            at: stored.at,
            seed: stored.seed,
            offered: stored.offered,
            vectors: stored.vectors,
            grown: Arc::new(grown),
        }
    }
}

impl AnomalyModel {
    /// Offers an unsuspected actor. Of all that were, a sample stays in which the newer ones are
    /// more likely to be (Efraimidis & Spirakis, 2006), each once, as it was offered last. The
    /// rank of an offer never changes, so that the order in which they come does not matter.
    pub(crate) fn offer(&mut self, client: ClientKey, at: i64, features: &Features) {
        if features.requests() < ENOUGH_REQUESTS {
            return;
        }
        let before = self.sample.len();
        self.sample.retain(|other| other.client != client);
        self.offered += u64::from(self.sample.len() == before);
        let chance = random::share(hash_parts(&[&client.0.to_le_bytes()]));
        let age = at as f64 / HALF_LIFE_MS as f64 * std::f64::consts::LN_2;
        let rank = age - libm::log(-libm::log(chance.min(1.0 - 1e-16)));
        let place = self.sample.partition_point(|other| other.rank > rank);
        if place < SAMPLE {
            let vector = Vector::of(features);
            let sampled = Sampled {
                client,
                rank,
                vector,
            };
            self.sample.insert(place, sampled);
            self.sample.truncate(SAMPLE);
        }
    }

    /// Trains a version if one is due: there are enough actors, and a day has gone by or twice
    /// as many were offered. Of the sample only those stay that are unsuspected still. Says
    /// whether it did.
    pub(crate) fn train_if_due(
        &mut self,
        application: &str,
        now: i64,
        is_unsuspected: impl Fn(ClientKey) -> bool,
    ) -> bool {
        if self.sample.len() < ENOUGH_ACTORS {
            return false;
        }
        let due = self.trained.as_ref().is_none_or(|last| {
            let is_old = now.div_euclid(Timestamp::DAY) > last.at.div_euclid(Timestamp::DAY);
            is_old && self.offered > last.offered || self.offered >= 2 * last.offered
        });
        if !due {
            return false;
        }
        self.sample.retain(|sampled| is_unsuspected(sampled.client));
        if self.sample.len() < ENOUGH_ACTORS {
            return false;
        }
        let number = self.trained.as_ref().map_or(0, |last| last.number) + 1;
        let seed = hash_parts(&[application.as_bytes(), &number.to_le_bytes()]);
        self.trained = Some(Trained {
            number,
            at: now,
            seed,
            offered: self.offered,
            vectors: self.sample.iter().map(|it| it.vector).collect(),
            grown: Arc::default(),
        });
        true
    }

    /// The version in force.
    #[must_use]
    pub(crate) fn trained(&self) -> Option<&Trained> {
        self.trained.as_ref()
    }
}

impl Trained {
    /// From how many actors.
    #[must_use]
    pub(crate) fn actors(&self) -> u64 {
        self.vectors.len() as u64
    }

    /// The score from which on somebody is unusual.
    #[must_use]
    pub(crate) fn normal(&self) -> Normal {
        Normal {
            value: self.threshold(),
            learned_percent: 100,
            actors: self.actors(),
        }
    }

    fn forest(&self) -> &Forest {
        let grow = || Forest::grow(&self.vectors, self.seed);
        self.grown.forest.get_or_init(grow)
    }

    fn threshold(&self) -> f64 {
        *self.grown.threshold.get_or_init(|| {
            let mut scores = self.forest().scores(&self.vectors);
            scores.sort_by(f64::total_cmp);
            let at = |share: f64| scores[((scores.len() - 1) as f64 * share) as usize];
            // A few bots among them lie together at the upper end.
            let borne_out = at(0.5) + REACH * (at(0.5) - at(0.25));
            at(QUANTILE).min(borne_out).max(at(0.5) + LEAST_APART)
        })
    }

    /// How unusual an actor is, 0 to 1; `None` of who did too little.
    #[must_use]
    pub(crate) fn score(&self, features: &Features) -> Option<f64> {
        (features.requests() >= ENOUGH_REQUESTS).then(|| {
            let forest = self.forest();
            forest.score(&forest.place(&Vector::of(features)))
        })
    }

    /// The quantities that make an actor unusual, with the share of each in it: by how much the
    /// score falls if the actor were usual in this one. The greatest first.
    #[must_use]
    pub(crate) fn contributions(&self, features: &Features) -> Vec<(AnomalyFeature, f64)> {
        let forest = self.forest();
        let (score, without) = forest.scores_without(&forest.place(&Vector::of(features)));
        let falls = without.map(|without| (score - without).max(0.0));
        let mut found: Vec<(AnomalyFeature, f64)> =
            AnomalyFeature::ALL.iter().copied().zip(falls).collect();
        let sum: f64 = found.iter().map(|(_, fall)| fall).sum();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(NAMED);
        found.retain(|(_, fall)| *fall > 0.0);
        for (_, fall) in &mut found {
            *fall /= sum;
        }
        found
    }
}

#[cfg(test)]
mod tests;
