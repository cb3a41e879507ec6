//! The detectors: each file is one named test of one behaviour and says what it measures, in
//! which unit, what is normal before anything is learned, and how one would avoid it. Here is
//! what they share: the evidence they look at, and how a value becomes a vote.

mod anomaly_model;
mod authentication_abuse;
mod bad_user_agent;
mod business_logic;
mod credential_stuffing;
mod error_rate;
mod exploit_probing;
mod ip_rotation;
mod low_frequency_stuffing;
mod outdated_browser;
mod persistent_ato;
mod query_abuse;
mod request_consumption;
mod request_interval;
mod request_rate;
mod request_uniqueness;
mod response_consumption;
mod response_time;
mod session_rotation;
mod spoofed_crawler;
mod suspicious_behavior;
mod wide_scope;

use serde::{Deserialize, Serialize};
use shared::{BotType, DetectorKind, Direction};

use crate::anomaly::Trained;
use crate::baseline::{Baseline, Normal, Quantity};
use crate::directory::KnownUserAgent;
use crate::features::Features;
use crate::shape::Contradiction;

/// Families of behaviour. A verdict without a decisive finding needs votes from two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Who it says it is.
    Identity,
    /// When it asks.
    Pace,
    /// What it asks for.
    Coverage,
    /// What it is after.
    Intent,
    /// What it is answered.
    Response,
    /// How like the others it is.
    Likeness,
}

/// What is fixed of a detector.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Which one.
    pub kind: DetectorKind,
    /// The unit of its value; empty for a share.
    pub unit: &'static str,
    /// Normal before anything is learned.
    pub default: f64,
    /// On which side of normal a value is abnormal.
    pub direction: Direction,
    /// The smallest value that can be told from 0.
    pub resolution: f64,
    /// Whether the application's own traffic moves the normal.
    pub learned: bool,
    /// Its family.
    pub family: Family,
}

/// What a detector looks at.
#[derive(Clone, Copy)]
pub(crate) struct Evidence<'a> {
    /// What was measured of the actor.
    pub features: &'a Features,
    /// What its most used user agent says.
    pub user_agent: KnownUserAgent,
    /// The usual surprise per request under the application's model, in bits.
    pub usual_surprise: f64,
    /// What it does that its user agent would not.
    pub contradiction: Option<Contradiction>,
    /// From how many addresses it came.
    pub sources: u64,
    /// Whether these are clients alike, not one.
    pub is_cluster: bool,
    /// Whether more than one address could be seen: something else than the address tells who
    /// it is.
    pub can_rotate: bool,
    /// Of an address whose clients are judged together: how many there are, if each did little.
    pub rotated: Option<u64>,
    /// The anomaly model, if one is trained and to be asked.
    pub anomaly: Option<&'a Trained>,
}

impl<'a> Evidence<'a> {
    /// What is seen of one client that nothing else is known of.
    #[must_use]
    pub(crate) fn of(features: &'a Features, user_agent: KnownUserAgent) -> Self {
        Self {
            features,
            user_agent,
            usual_surprise: 0.0,
            contradiction: None,
            sources: features.tally.addresses.len() as u64,
            is_cluster: false,
            can_rotate: false,
            rotated: None,
            anomaly: None,
        }
    }
}

/// What a detector measured.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measure {
    value: f64,
    /// For classes, and where a finding speaks for itself: the vote, whatever the deviation.
    vote: Option<f64>,
    /// The type for which this alone is enough.
    decisive: Option<BotType>,
}

impl Measure {
    fn of(value: f64) -> Self {
        Self {
            value,
            vote: None,
            decisive: None,
        }
    }
}

/// What one detector found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// Whether it had the evidence it needs; otherwise the rest says nothing.
    pub worked: bool,
    /// The value.
    pub value: f64,
    /// The threshold and where it comes from.
    pub normal: Normal,
    /// How many times above or below normal.
    pub deviation: f64,
    /// 0 to 1.
    pub vote: f64,
    /// The type for which this alone is enough.
    pub decisive: Option<BotType>,
}

/// What is fixed of a detector.
#[must_use]
pub fn spec(kind: DetectorKind) -> &'static Spec {
    match kind {
        DetectorKind::BadUserAgent => &bad_user_agent::SPEC,
        DetectorKind::SpoofedCrawler => &spoofed_crawler::SPEC,
        DetectorKind::OutdatedBrowser => &outdated_browser::SPEC,
        DetectorKind::RequestRate => &request_rate::SPEC,
        DetectorKind::RequestInterval => &request_interval::SPEC,
        DetectorKind::RequestUniqueness => &request_uniqueness::SPEC,
        DetectorKind::WideScope => &wide_scope::SPEC,
        DetectorKind::QueryAbuse => &query_abuse::SPEC,
        DetectorKind::SuspiciousBehavior => &suspicious_behavior::SPEC,
        DetectorKind::BusinessLogic => &business_logic::SPEC,
        DetectorKind::ExploitProbing => &exploit_probing::SPEC,
        DetectorKind::ErrorRate => &error_rate::SPEC,
        DetectorKind::AuthenticationAbuse => &authentication_abuse::SPEC,
        DetectorKind::CredentialStuffing => &credential_stuffing::SPEC,
        DetectorKind::LowFrequencyStuffing => &low_frequency_stuffing::SPEC,
        DetectorKind::PersistentAto => &persistent_ato::SPEC,
        DetectorKind::IpRotation => &ip_rotation::SPEC,
        DetectorKind::SessionRotation => &session_rotation::SPEC,
        DetectorKind::ResponseTime => &response_time::SPEC,
        DetectorKind::RequestConsumption => &request_consumption::SPEC,
        DetectorKind::ResponseConsumption => &response_consumption::SPEC,
        DetectorKind::AnomalyModel => &anomaly_model::SPEC,
    }
}

fn measure(kind: DetectorKind, evidence: &Evidence<'_>) -> Option<Measure> {
    match kind {
        DetectorKind::BadUserAgent => bad_user_agent::measure(evidence),
        DetectorKind::SpoofedCrawler => spoofed_crawler::measure(evidence),
        DetectorKind::OutdatedBrowser => outdated_browser::measure(evidence),
        DetectorKind::RequestRate => request_rate::measure(evidence),
        DetectorKind::RequestInterval => request_interval::measure(evidence),
        DetectorKind::RequestUniqueness => request_uniqueness::measure(evidence),
        DetectorKind::WideScope => wide_scope::measure(evidence),
        DetectorKind::QueryAbuse => query_abuse::measure(evidence),
        DetectorKind::SuspiciousBehavior => suspicious_behavior::measure(evidence),
        DetectorKind::BusinessLogic => business_logic::measure(evidence),
        DetectorKind::ExploitProbing => exploit_probing::measure(evidence),
        DetectorKind::ErrorRate => error_rate::measure(evidence),
        DetectorKind::AuthenticationAbuse => authentication_abuse::measure(evidence),
        DetectorKind::CredentialStuffing => credential_stuffing::measure(evidence),
        DetectorKind::LowFrequencyStuffing => low_frequency_stuffing::measure(evidence),
        DetectorKind::PersistentAto => persistent_ato::measure(evidence),
        DetectorKind::IpRotation => ip_rotation::measure(evidence),
        DetectorKind::SessionRotation => session_rotation::measure(evidence),
        DetectorKind::ResponseTime => response_time::measure(evidence),
        DetectorKind::RequestConsumption => request_consumption::measure(evidence),
        DetectorKind::ResponseConsumption => response_consumption::measure(evidence),
        DetectorKind::AnomalyModel => anomaly_model::measure(evidence),
    }
}

/// The detectors whose finding may be enough alone.
const DECISIVE: [DetectorKind; 4] = [
    DetectorKind::SpoofedCrawler,
    DetectorKind::BadUserAgent,
    DetectorKind::ExploitProbing,
    DetectorKind::AuthenticationAbuse,
];

/// Whether one finding is enough alone. Takes much less time than to look with all detectors.
#[must_use]
pub(crate) fn is_decisive(evidence: &Evidence<'_>) -> bool {
    let mut measures = DECISIVE.iter().filter_map(|kind| measure(*kind, evidence));
    measures.any(|measure| measure.decisive.is_some())
}

/// The value that a detector would judge; `None` if it has too little to work with.
#[must_use]
pub(crate) fn value(kind: DetectorKind, evidence: &Evidence<'_>) -> Option<f64> {
    measure(kind, evidence).map(|measure| measure.value)
}

/// The thresholds of all detectors at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Normals(Vec<Normal>);

impl Normals {
    /// The thresholds that follow from a baseline.
    #[must_use]
    pub(crate) fn of(baseline: &Baseline) -> Self {
        Self(
            DetectorKind::ALL
                .iter()
                .map(|kind| normal(baseline, *kind))
                .collect(),
        )
    }

    /// The threshold of one detector.
    #[must_use]
    pub(crate) fn get(&self, kind: DetectorKind) -> Normal {
        self.0[kind as usize]
    }
}

fn normal(baseline: &Baseline, kind: DetectorKind) -> Normal {
    let spec = spec(kind);
    if !spec.learned {
        return Normal {
            value: spec.default,
            learned_percent: 0,
            actors: 0,
        };
    }
    let mut normal = baseline.normal(Quantity::Detector(kind), spec.default, spec.direction);
    if spec.unit.is_empty() {
        normal.value = normal.value.min(0.95);
    }
    normal
}

/// Looks at the evidence with one detector.
#[must_use]
pub(crate) fn look(kind: DetectorKind, evidence: &Evidence<'_>, normals: &Normals) -> Finding {
    let mut normal = normals.get(kind);
    let Some(measure) = measure(kind, evidence) else {
        return Finding {
            worked: false,
            value: 0.0,
            normal,
            deviation: 0.0,
            vote: 0.0,
            decisive: None,
        };
    };
    debug_assert!(measure.decisive.is_none() || DECISIVE.contains(&kind));
    // Asked only where there is a score: a model's first answer is the dearest.
    if kind == DetectorKind::AnomalyModel
        && let Some(model) = evidence.anomaly
    {
        normal = model.normal();
    }
    let spec = spec(kind);
    let deviation = deviation(spec, measure.value, normal.value);
    Finding {
        worked: true,
        value: measure.value,
        normal,
        deviation,
        vote: measure
            .vote
            .unwrap_or_else(|| graded(spec, measure.value, normal.value, deviation)),
        decisive: measure.decisive,
    }
}

/// How many times above or below normal; zeros count as the measurement's resolution.
fn deviation(spec: &Spec, value: f64, normal: f64) -> f64 {
    let (value, normal) = (value.max(spec.resolution), normal.max(spec.resolution));
    match spec.direction {
        Direction::Above => value / normal,
        Direction::Below => normal / value,
        Direction::Category => 0.0,
    }
}

/// The vote of a value. A share cannot be many times its normal: there all of it is a whole vote.
fn graded(spec: &Spec, value: f64, normal: f64, deviation: f64) -> f64 {
    let vote = vote(deviation);
    let is_share = spec.unit.is_empty() && spec.direction == Direction::Above;
    if !is_share || vote == 0.0 {
        return vote;
    }
    vote.max(0.5 + 0.5 * ((value - normal) / (1.0 - normal)).clamp(0.0, 1.0))
}

/// Graded by deviation: nothing below 1, half a vote at 1, a whole one from 8 times on.
fn vote(deviation: f64) -> f64 {
    if deviation < 1.0 {
        return 0.0;
    }
    0.5 + 0.5 * (libm::log2(deviation) / 3.0).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_grows_from_half_at_normal_to_whole_at_eight_times() {
        assert_eq!(vote(0.99), 0.0);
        assert_eq!(vote(1.0), 0.5);
        assert!((vote(2.0) - (0.5 + 1.0 / 6.0)).abs() < 1e-12);
        assert_eq!(vote(8.0), 1.0);
        assert_eq!(vote(1e6), 1.0);
    }

    #[test]
    fn all_of_a_share_is_a_whole_vote() {
        let spec = spec(DetectorKind::ErrorRate);
        assert_eq!(graded(spec, 1.0, 0.4, 2.5), 1.0);
        assert_eq!(graded(spec, 0.4, 0.4, 1.0), 0.5);
        assert_eq!(graded(spec, 0.3, 0.4, 0.75), 0.0);
    }

    #[test]
    fn a_value_of_zero_deviates_by_the_resolution_not_by_infinity() {
        let spec = spec(DetectorKind::RequestInterval);
        assert_eq!(deviation(spec, 0.0, 0.3), 0.3 / spec.resolution);
    }

    #[test]
    fn every_detector_has_its_own_spec() {
        for kind in DetectorKind::ALL {
            assert_eq!(spec(*kind).kind, *kind);
            assert!(spec(*kind).default > 0.0);
        }
    }
}
