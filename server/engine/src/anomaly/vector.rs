//! An actor as a point: what was measured of it, each quantity on a scale on which people differ
//! about evenly (logarithms of counts and rates, shares as they are). Not what is normal of
//! each: that follows from the points of many.

use serde::{Deserialize, Serialize};

use crate::features::Features;

/// A quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum AnomalyFeature {
    /// Requests per second over the whole time.
    Rps,
    /// Requests per second inside bursts.
    BurstRate,
    /// The most requests in any 60 s.
    PeakRate,
    /// The mean gap between bursts.
    Gaps,
    /// How much the gaps between bursts differ.
    GapSpread,
    /// The share of requests in bursts.
    Bursts,
    /// Different endpoints.
    Endpoints,
    /// Request non-uniqueness.
    Repetition,
    /// The share of the most requested endpoint.
    TopEndpoint,
    /// Different paths and queries a request.
    Variants,
    /// The share of 4xx and 5xx.
    Errors,
    /// The share of requests that may change something.
    UnsafeMethods,
    /// The share of requests to critical or sensitive endpoints.
    Critical,
    /// The share of authentication requests.
    Authentication,
    /// Static files for each other request.
    StaticFiles,
    /// Response bytes a request.
    Bytes,
    /// Mean surprise under the model of how people move.
    Surprise,
}

impl AnomalyFeature {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[
        Self::Rps,
        Self::BurstRate,
        Self::PeakRate,
        Self::Gaps,
        Self::GapSpread,
        Self::Bursts,
        Self::Endpoints,
        Self::Repetition,
        Self::TopEndpoint,
        Self::Variants,
        Self::Errors,
        Self::UnsafeMethods,
        Self::Critical,
        Self::Authentication,
        Self::StaticFiles,
        Self::Bytes,
        Self::Surprise,
    ];

    /// What it is called.
    #[must_use]
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Rps => "requests per second",
            Self::BurstRate => "request rate",
            Self::PeakRate => "peak rate",
            Self::Gaps => "length of pauses",
            Self::GapSpread => "spread of pauses",
            Self::Bursts => "requests in bursts",
            Self::Endpoints => "endpoints",
            Self::Repetition => "repetition",
            Self::TopEndpoint => "share of one endpoint",
            Self::Variants => "different targets",
            Self::Errors => "errors",
            Self::UnsafeMethods => "unsafe methods",
            Self::Critical => "critical endpoints",
            Self::Authentication => "authentication",
            Self::StaticFiles => "static files per page",
            Self::Bytes => "bytes per response",
            Self::Surprise => "surprise",
        }
    }
}

/// How many quantities there are.
pub(super) const WIDTH: usize = AnomalyFeature::ALL.len();
/// A point is stored in steps of so many to one, which no share or logarithm notices.
const STEPS: f64 = 256.0;

/// What was measured of one actor, in the order of [`AnomalyFeature::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Vector([i16; WIDTH]);

impl Vector {
    /// The point of an actor.
    #[must_use]
    pub(crate) fn of(features: &Features) -> Self {
        let core = &features.core;
        let requests = core.requests.max(1) as f64;
        let all = features.all_requests.max(1) as f64;
        let share = |count: u64| count as f64 / requests;
        let most = core.endpoints.top(1).first().map_or(0, |(_, count)| *count);
        let distinct = core.endpoints.distinct() as f64;
        let repetition = 1.0 - core.endpoints.uniqueness().unwrap_or(distinct / requests);
        let mut point = [0; WIDTH];
        for (place, feature) in point.iter_mut().zip(AnomalyFeature::ALL) {
            use AnomalyFeature as A;
            let value = match feature {
                A::Rps => libm::log2(core.rps()),
                A::BurstRate => libm::log2(core.request_rate()),
                A::PeakRate => log(features.peak.peak as f64),
                A::Gaps => log(core.gaps.mean()),
                A::GapSpread => core.gaps.spread().unwrap_or(USUAL_SPREAD),
                A::Bursts => share(core.bursts.requests),
                A::Endpoints => log(distinct),
                A::Repetition => repetition,
                A::TopEndpoint => share(u64::from(most)),
                A::Variants => share(features.variants.distinct()).min(1.0),
                A::Errors => share(core.errors),
                A::UnsafeMethods => share(core.unsafe_methods),
                A::Critical => share(core.critical),
                A::Authentication => features.authentication_share(),
                A::StaticFiles => log((all - requests).max(0.0) / requests),
                A::Bytes => log(features.tally.response_bytes as f64 / all),
                A::Surprise => core.surprise as f64 / 1_000.0 / requests,
            };
            *place = (value * STEPS) as i16;
        }
        Self(point)
    }

    /// One quantity.
    pub(super) fn get(&self, place: usize) -> f32 {
        f32::from(self.0[place]) / STEPS as f32
    }
}

/// The spread of gaps of who has too few of them to tell: people's are about as wide as long.
const USUAL_SPREAD: f64 = 0.8;

fn log(value: f64) -> f64 {
    libm::log2(value + 1.0)
}
