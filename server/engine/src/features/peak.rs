//! Peak rate: the most requests in any 60 seconds, in steps of whole seconds.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

const WINDOW_S: i64 = 60;

/// Requests of the last minute by second, and the most that a minute ever held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PeakRate {
    recent: VecDeque<(i64, u32)>,
    in_window: u64,
    /// The most requests in any 60 s.
    pub peak: u64,
}

impl PeakRate {
    /// Counts a request at `at` (ms); times must not run backwards.
    pub(crate) fn add(&mut self, at: i64) {
        let second = at.div_euclid(1_000);
        while let Some((oldest, count)) = self.recent.front()
            && *oldest <= second - WINDOW_S
        {
            self.in_window -= u64::from(*count);
            self.recent.pop_front();
        }
        match self.recent.back_mut() {
            Some((newest, count)) if *newest == second => *count += 1,
            _ => self.recent.push_back((second, 1)),
        }
        self.in_window += 1;
        self.peak = self.peak.max(self.in_window);
    }

    /// Forgets the last minute's requests: nothing will come that is less than a minute later.
    pub(crate) fn forget_minute(&mut self) {
        self.recent = VecDeque::new();
        self.in_window = 0;
    }

    /// Takes over the higher peak, and the later minute to go on from.
    pub(crate) fn merge(&mut self, other: &Self) {
        let peak = self.peak.max(other.peak);
        let last = |rate: &Self| rate.recent.back().map(|(second, _)| *second);
        if last(other) > last(self) {
            self.clone_from(other);
        }
        self.peak = peak;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(times_s: &[i64]) -> u64 {
        let mut peak = PeakRate::default();
        for second in times_s {
            peak.add(second * 1_000);
        }
        peak.peak
    }

    #[test]
    fn any_sixty_seconds_count_not_the_minutes_of_the_clock() {
        assert_eq!(peak(&[50, 55, 59, 60, 61, 109]), 6);
        assert_eq!(peak(&[0, 59]), 2);
        assert_eq!(peak(&[0, 60]), 1);
    }

    #[test]
    fn the_peak_stays_when_the_actor_slows_down() {
        assert_eq!(peak(&[0, 0, 0, 500, 1_000]), 3);
    }
}
