//! Request rate: how fast an actor sends when it sends. A burst is two or more requests with
//! gaps of at most five seconds; rate = requests in bursts / sum of (burst span + resolution).
//! Not the RPS, which also counts the silence.

use serde::{Deserialize, Serialize};

use super::Step;

/// The longest gap inside a burst, in milliseconds.
const BURST_GAP_MS: i64 = 5_000;

/// Requests in bursts and the time they took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bursts {
    /// Requests that belong to a burst.
    pub requests: u64,
    /// Sum of spans and one resolution for each burst, in milliseconds.
    pub ms: u64,
}

impl Bursts {
    /// Adds one step.
    pub fn add(&mut self, step: &Step) {
        self.requests += u64::from(step.burst_requests);
        self.ms += step.burst_ms;
    }

    /// Adds another actor's or stretch's bursts.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.ms += other.ms;
    }

    /// Requests per second inside bursts; `None` without bursts (then the RPS stands in).
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.ms > 0).then(|| self.requests as f64 * 1_000.0 / self.ms as f64)
    }
}

/// Where an actor stands between its requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pace {
    last_at: Option<i64>,
    in_burst: bool,
}

impl Pace {
    /// The one whose last request is the later.
    #[must_use]
    pub(crate) fn later(one: Self, other: Self) -> Self {
        if one.last_at >= other.last_at {
            one
        } else {
            other
        }
    }

    /// Moves on to a request at `at`, in milliseconds, of a source with this resolution.
    pub(crate) fn step(&mut self, at: i64, resolution_ms: u32) -> Step {
        let mut step = Step::default();
        if let Some(last_at) = self.last_at {
            let gap = (at - last_at).max(0);
            if gap <= BURST_GAP_MS {
                step.burst_requests = if self.in_burst { 1 } else { 2 };
                step.burst_ms = gap as u64;
                if !self.in_burst {
                    step.burst_ms += u64::from(resolution_ms.max(1));
                }
                self.in_burst = true;
            } else {
                self.in_burst = false;
                step.gap_ms = Some(gap as u64);
            }
        }
        self.last_at = Some(at);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(times: &[i64], resolution_ms: u32) -> (Bursts, Vec<u64>) {
        let (mut pace, mut bursts, mut gaps) = (Pace::default(), Bursts::default(), vec![]);
        for at in times {
            let step = pace.step(*at, resolution_ms);
            bursts.add(&step);
            gaps.extend(step.gap_ms);
        }
        (bursts, gaps)
    }

    #[test]
    fn three_requests_in_three_milliseconds_are_a_high_rate() {
        let (bursts, _) = walk(&[0, 1, 2], 1);
        // span 2 ms + resolution 1 ms
        assert_eq!(bursts.rate(), Some(1_000.0));
    }

    #[test]
    fn whole_seconds_never_divide_by_less_than_a_second() {
        let (bursts, _) = walk(&[10_000, 10_000, 10_000, 10_000], 1_000);
        assert_eq!(bursts.rate(), Some(4.0));
    }

    #[test]
    fn two_bursts_add_their_spans_and_the_silence_between_is_a_gap() {
        let (bursts, gaps) = walk(&[0, 5_000, 65_000, 66_000, 67_000, 200_000], 1_000);
        // 2 requests in 5 + 1 s, 3 requests in 2 + 1 s, one alone
        assert_eq!((bursts.requests, bursts.ms), (5, 9_000));
        assert_eq!(gaps, [60_000, 133_000]);
    }

    #[test]
    fn without_bursts_there_is_no_rate() {
        assert_eq!(walk(&[0, 5_001, 20_000], 1).0.rate(), None);
    }
}
