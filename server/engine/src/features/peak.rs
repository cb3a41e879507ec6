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
    /// Counts a request at `at` (ms). One that comes late counts for the minute that is under
    /// way, not for those before.
    pub(crate) fn add(&mut self, at: i64) {
        self.count(at.div_euclid(1_000), 1);
        self.peak = self.peak.max(self.in_window);
    }

    /// Adds another client's requests. What both did within the last minute counts together;
    /// of what was before only the higher peak is known.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (second, count) in &other.recent {
            self.count(*second, *count);
        }
        self.peak = self.peak.max(other.peak).max(self.in_window);
    }

    /// Forgets the last minute's requests: nothing will come that is less than a minute later.
    pub(crate) fn forget_minute(&mut self) {
        self.recent = VecDeque::new();
        self.in_window = 0;
    }

    fn count(&mut self, second: i64, count: u32) {
        let newest = self.recent.back().map_or(i64::MIN, |(newest, _)| *newest);
        if second <= newest.saturating_sub(WINDOW_S) {
            return;
        }
        let index = self.recent.partition_point(|(known, _)| *known < second);
        match self.recent.get_mut(index) {
            Some((known, there)) if *known == second => *there = there.saturating_add(count),
            _ => self.recent.insert(index, (second, count)),
        }
        self.in_window += u64::from(count);
        let newest = newest.max(second);
        while let Some((oldest, count)) = self.recent.front()
            && *oldest <= newest - WINDOW_S
        {
            self.in_window -= u64::from(*count);
            self.recent.pop_front();
        }
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

    #[test]
    fn what_two_clients_do_in_the_same_minute_counts_together() {
        let of = |seconds: &[i64]| {
            let mut rate = PeakRate::default();
            seconds.iter().for_each(|second| rate.add(second * 1_000));
            rate
        };
        let mut one = of(&[0, 1, 100, 101]);
        one.merge(&of(&[100, 102, 130]));
        assert_eq!(one.peak, 5);
        let mut early = of(&[0, 1, 2]);
        early.merge(&of(&[500]));
        assert_eq!(early.peak, 3);
    }

    #[test]
    fn a_late_request_counts_for_the_minute_under_way_only() {
        assert_eq!(peak(&[100, 90, 95, 30]), 3);
    }
}
