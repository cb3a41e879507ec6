//! A slice: what one actor did in a stretch of time (an attack's: an hour at most; a crawler's:
//! six), small and mergeable, so that a heatmap can be drawn for any window without reading
//! requests.

use serde::{Deserialize, Serialize};
use shared::Timestamp;

use crate::effects::DetectorMask;
use crate::event::Event;
use crate::features::{Bursts, EndpointCounts, Gaps, Step, rps};

/// How many endpoints a stored slice tells apart.
const STORED_ENDPOINTS: usize = 48;
/// A slice that ends before its hour is over holds so many requests, …
const SHORT_REQUESTS: u64 = 16;
/// … lasted a minute, and this part of the time since the actor began: of a young attack one
/// wants to see every minute, of an old one the hours.
const SHORT_PART: i64 = 6;

/// What one actor did between two moments. Static files are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Its first request; with the actor, the slice's name.
    pub from: Timestamp,
    /// Its last request.
    pub until: Timestamp,
    /// Requests.
    pub requests: u64,
    /// Responses 4xx and 5xx.
    pub errors: u64,
    /// Requests with an unsafe method (one that may change something).
    pub unsafe_methods: u64,
    /// Requests to critical or sensitive endpoints.
    pub critical: u64,
    /// Sum of the requests' surprise, in thousandths of a bit.
    pub surprise: u64,
    /// Detectors that voted by the end of the slice.
    pub voted: DetectorMask,
    /// Requests in bursts.
    pub bursts: Bursts,
    /// Gaps between bursts.
    pub gaps: Gaps,
    /// Endpoints.
    pub endpoints: EndpointCounts,
}

impl Slice {
    /// Counts one request that is not for a static file; says whether its endpoint is new.
    pub fn add(&mut self, event: &Event, step: &Step) -> bool {
        if self.requests == 0 {
            self.from = Timestamp(event.at);
        }
        self.until = Timestamp(event.at);
        self.requests += 1;
        self.errors += u64::from(event.status >= 400);
        self.unsafe_methods += u64::from(event.has(Event::UNSAFE));
        self.critical += u64::from(event.is_critical());
        self.surprise += u64::from(event.surprise);
        self.bursts.add(step);
        if let Some(gap_ms) = step.gap_ms {
            self.gaps.add(gap_ms, event.resolution_ms);
        }
        self.endpoints.add(event.endpoint)
    }

    /// Whether a request at `at` begins another slice, of an actor that began at `since`. Only
    /// with a new minute: within one, the requests of several clients come in no order.
    #[must_use]
    pub(crate) fn is_over(&self, at: i64, since: i64) -> bool {
        let is_new = |length: i64| at.div_euclid(length) != self.until.0.div_euclid(length);
        let part = ((at - since) / SHORT_PART).max(Timestamp::MINUTE);
        is_new(Timestamp::HOUR)
            || is_new(Timestamp::MINUTE)
                && self.requests >= SHORT_REQUESTS
                && at - self.from.0 >= part
    }

    /// Adds a later slice of the same actor.
    pub fn merge(&mut self, later: &Self) {
        if later.requests == 0 {
            return;
        }
        if self.requests == 0 {
            self.from = later.from;
        }
        self.from = self.from.min(later.from);
        self.until = self.until.max(later.until);
        self.requests += later.requests;
        self.errors += later.errors;
        self.unsafe_methods += later.unsafe_methods;
        self.critical += later.critical;
        self.surprise += later.surprise;
        self.voted = DetectorMask(self.voted.0 | later.voted.0);
        self.bursts.merge(&later.bursts);
        self.gaps.merge(&later.gaps);
        self.endpoints.merge(&later.endpoints);
    }

    /// This slice as it is stored: rare endpoints only counted.
    #[must_use]
    pub fn stored(&self) -> Self {
        let mut slice = self.clone();
        slice.endpoints.shrink(STORED_ENDPOINTS);
        slice
    }

    /// Requests per second.
    #[must_use]
    pub fn rps(&self) -> f64 {
        rps(self.requests, self.from.0, self.until.0)
    }

    /// Requests per second inside bursts; the RPS without bursts.
    #[must_use]
    pub fn request_rate(&self) -> f64 {
        self.bursts.rate().unwrap_or_else(|| self.rps())
    }

    /// Mean surprise in bits per request, drawn towards `usual` where requests are few.
    #[must_use]
    pub fn surprise_score(&self, usual: f64) -> f64 {
        let count = self.requests as f64;
        if count == 0.0 {
            return usual;
        }
        let mean = self.surprise as f64 / 1_000.0 / count;
        usual + (mean - usual) * count / (count + 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(requests: u64, surprise: u64, until_s: i64) -> Slice {
        Slice {
            until: Timestamp(until_s * 1_000),
            requests,
            surprise,
            ..Slice::default()
        }
    }

    #[test]
    fn rps_never_divides_by_less_than_a_minute() {
        assert_eq!(slice(30, 0, 3).rps(), 0.5);
        assert_eq!(slice(30, 0, 300).rps(), 0.1);
    }

    #[test]
    fn a_slice_is_over_with_its_hour_and_a_young_actors_sooner() {
        let minute = Timestamp::MINUTE;
        let busy = Slice {
            from: Timestamp(0),
            ..slice(16, 0, 59)
        };
        let calm = Slice {
            requests: 15,
            ..busy.clone()
        };
        assert!(busy.is_over(minute, 0));
        assert!(!busy.is_over(minute - 1, 0), "only with a new minute");
        assert!(!calm.is_over(minute, 0), "so few say little");
        assert!(calm.is_over(Timestamp::HOUR, 0));
        // An hour old: ten minutes.
        assert!(!busy.is_over(9 * minute, -51 * minute));
        assert!(busy.is_over(10 * minute, -50 * minute));
    }

    #[test]
    fn without_bursts_the_request_rate_is_the_rps() {
        assert_eq!(slice(30, 0, 300).request_rate(), 0.1);
    }

    #[test]
    fn few_requests_are_drawn_towards_the_usual_surprise() {
        // 10 requests of 9 bits, usual 3: 3 + (9 - 3) × 10 / 20
        assert!((slice(10, 90_000, 60).surprise_score(3.0) - 6.0).abs() < 1e-9);
        // 990 requests: nearly their own mean
        assert!((slice(990, 8_910_000, 60).surprise_score(3.0) - 8.94).abs() < 1e-9);
    }
}
