//! What is measured of an actor, each quantity in a file of its own: how it is accumulated and
//! the formula that turns it into a value. Not the thresholds: those are in `baseline` and
//! `detectors`.

mod bursts;
mod endpoints;
mod gaps;
mod peak;
mod persistence;
mod probes;
mod self_links;
mod services;
mod sign_ins;
mod steps;
mod tally;
mod variants;

pub use bursts::Bursts;
pub(crate) use bursts::Pace;
pub use endpoints::EndpointCounts;
pub use gaps::Gaps;
pub(crate) use peak::PeakRate;
pub(crate) use persistence::Persistence;
pub(crate) use probes::Probes;
pub(crate) use self_links::SelfLinks;
pub(crate) use services::Services;
pub(crate) use sign_ins::SignIns;
pub(crate) use steps::Steps;
pub(crate) use tally::Tally;
pub use variants::Variants;

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::seldom::Seldom;
use crate::slice::Slice;

/// Requests per second: requests / max(last − first, 60 s).
#[must_use]
pub(crate) fn rps(requests: u64, first_ms: i64, last_ms: i64) -> f64 {
    let span_ms = (last_ms - first_ms).max(60_000);
    requests as f64 * 1_000.0 / span_ms as f64
}

/// Everything measured of one actor since it became active. Static files count only for bytes
/// and for `all_requests`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Features {
    /// What the heatmaps show.
    pub core: Slice,
    /// Requests, static files included.
    pub all_requests: u64,
    /// The most requests in any 60 s.
    pub peak: PeakRate,
    /// Different targets (path and query).
    pub variants: Variants,
    /// Requests with a query.
    pub queried: u64,
    /// Different lengths of successful responses.
    pub answers: Variants,
    /// Requests to authentication endpoints.
    pub authentication_requests: u64,
    /// What it submitted to sign in.
    pub sign_ins: Seldom<SignIns>,
    /// Requests that look like a scanner's.
    pub probes: Seldom<Probes>,
    /// Weight of requests to critical and sensitive endpoints, in hundredths.
    pub business_weight: u64,
    /// Requests to sensitive endpoints that answered 2xx.
    pub sensitive_answered: u64,
    /// Requests that name the page they come from.
    pub referred: u64,
    /// Those of them that come from the page they ask for.
    pub self_links: SelfLinks,
    /// Request bytes.
    pub request_bytes: u64,
    /// Microseconds until responses were sent, and of how many it is known.
    pub response_time: (u64, u64),
    /// Gaps of more than a second.
    pub steps: Steps,
    /// Requests whose surprise could be told.
    pub surprise_requests: u64,
    /// Requests that programs make by arrangement.
    pub services: Seldom<Services>,
    /// Methods, statuses, addresses, user agents.
    pub tally: Tally,
    /// State of the pace between requests.
    pace: Pace,
}

impl Features {
    /// Counts one request.
    pub(crate) fn add(&mut self, event: &Event) -> Added {
        self.all_requests += 1;
        self.tally.add(event);
        if event.is_static() {
            return Added::default();
        }
        let step = self.pace.step(event.at, event.resolution_ms);
        let new_endpoint = self.core.add(event, &step);
        self.peak.add(event.at);
        let new_target = self.variants.add(event.target);
        self.queried += u64::from(event.has(Event::QUERY));
        if (200..300).contains(&event.status) {
            self.answers.add(event.response_bytes);
        }
        self.authentication_requests += u64::from(event.has(Event::AUTHENTICATION));
        if SignIns::counts(event) {
            self.sign_ins.get_mut().add(event);
        }
        if Probes::counts(event) {
            self.probes.get_mut().add(event);
        }
        self.business_weight += u64::from(event.business_weight());
        self.sensitive_answered +=
            u64::from(event.has(Event::SENSITIVE) && (200..300).contains(&event.status));
        self.surprise_requests += u64::from(event.surprise > 0);
        if Services::may_count(event) {
            self.services.get_mut().add(event);
        }
        self.referred += u64::from(event.has(Event::REFERER));
        self.self_links.add(event);
        self.request_bytes += u64::from(event.request_bytes);
        if event.time_us > 0 {
            self.response_time.0 += u64::from(event.time_us);
            self.response_time.1 += 1;
        }
        self.steps.add(event.at);
        Added {
            step,
            new_endpoint,
            new_target,
        }
    }

    /// Adds what another client of the same actor did before. The peak of both together is not
    /// known any more: the higher one stands.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.core.merge(&other.core);
        self.all_requests += other.all_requests;
        self.peak.merge(&other.peak);
        self.variants.merge(&other.variants);
        self.answers.merge(&other.answers);
        self.queried += other.queried;
        self.authentication_requests += other.authentication_requests;
        self.sign_ins.merge(&other.sign_ins, SignIns::merge);
        self.probes.merge(&other.probes, Probes::merge);
        self.business_weight += other.business_weight;
        self.sensitive_answered += other.sensitive_answered;
        self.surprise_requests += other.surprise_requests;
        self.services.merge(&other.services, Services::merge);
        self.referred += other.referred;
        self.self_links.merge(other.self_links);
        self.request_bytes += other.request_bytes;
        self.response_time.0 += other.response_time.0;
        self.response_time.1 += other.response_time.1;
        self.steps.merge(&other.steps);
        self.tally.merge(&other.tally);
        self.pace = Pace::later(self.pace, other.pace);
    }

    /// Takes over what is remembered of its address: so many failed attempts.
    pub(crate) fn remember_failed(&mut self, attempts: u64) {
        if attempts != self.sign_ins.remembered {
            self.sign_ins.get_mut().remembered = attempts;
        }
    }

    /// Requests without static files.
    #[must_use]
    pub(crate) fn requests(&self) -> u64 {
        self.core.requests
    }

    /// Requests for static files.
    #[must_use]
    pub(crate) fn static_requests(&self) -> u64 {
        self.all_requests.saturating_sub(self.core.requests)
    }

    /// The share of authentication among requests.
    #[must_use]
    pub(crate) fn authentication_share(&self) -> f64 {
        self.authentication_requests as f64 / self.core.requests.max(1) as f64
    }
}

/// What one request added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Added {
    /// What it did to the pace.
    pub step: Step,
    /// Whether its endpoint is new to the actor.
    pub new_endpoint: bool,
    /// Whether its path and query are new to the actor.
    pub new_target: bool,
}

/// What one request did to the pace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Requests that joined a burst.
    pub burst_requests: u32,
    /// Milliseconds by which bursts grew, one resolution for each new burst included.
    pub burst_ms: u64,
    /// The gap since the last burst ended, if this request begins a new one.
    pub gap_ms: Option<u64>,
}
