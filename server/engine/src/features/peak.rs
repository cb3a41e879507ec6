//! Peak rate: the most requests in any 60 seconds, in steps of whole seconds.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::room::make_room;

const WINDOW_S: i64 = 60;

/// Requests of the last minute by second, and the most that a minute ever held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PeakRate {
    /// Seconds with requests, oldest first; one with very many comes several times. Very many actors
    /// have them, so that of each second only its place among 64 is kept: it is the last such one
    /// that is not after the newest.
    recent: SmallVec<[Second; 8]>,
    newest: i64,
    in_window: u64,
    /// The most requests in any 60 s.
    pub peak: u64,
}

/// A second's place among 64, and below it how many requests it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Second(u16);

impl Second {
    const COUNT_BITS: u32 = 10;
    const MOST: u16 = (1 << Self::COUNT_BITS) - 1;

    fn new(second: i64) -> Self {
        Self((second as u16 & 63) << Self::COUNT_BITS)
    }

    /// Which second, not after `newest` and less than 64 before it.
    fn at(self, newest: i64) -> i64 {
        let place = i64::from(self.0 >> Self::COUNT_BITS);
        newest - ((newest - place) & 63)
    }

    fn count(self) -> u16 {
        self.0 & Self::MOST
    }

    /// Counts as many as there is room for; returns how many.
    fn add(&mut self, count: u16) -> u16 {
        let added = count.min(Self::MOST - self.count());
        self.0 += added;
        added
    }
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
        for second in &other.recent {
            self.count(second.at(other.newest), second.count());
        }
        self.peak = self.peak.max(other.peak).max(self.in_window);
    }

    /// Forgets the last minute's requests: nothing will come that is less than a minute later.
    pub(crate) fn forget_minute(&mut self) {
        self.recent = SmallVec::new();
        self.in_window = 0;
    }

    fn count(&mut self, second: i64, mut count: u16) {
        if self.recent.is_empty() {
            self.newest = second;
        }
        if second <= self.newest - WINDOW_S {
            return;
        }
        let newest = self.newest.max(second);
        let past = |it: &Second| it.at(self.newest) <= newest - WINDOW_S;
        let past = self.recent.partition_point(past);
        for second in self.recent.drain(..past) {
            self.in_window -= u64::from(second.count());
        }
        self.newest = newest;
        let index = self.recent.partition_point(|it| it.at(newest) < second);
        while count > 0 {
            let known = self.recent.get_mut(index);
            let known = known.filter(|it| it.at(newest) == second);
            let added = known.map_or(0, |known| known.add(count));
            if added == 0 {
                make_room(&mut self.recent);
                self.recent.insert(index, Second::new(second));
            }
            self.in_window += u64::from(added);
            count -= added;
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
    fn whatever_the_pauses_what_counts_is_the_last_sixty_seconds() {
        let pauses = [0, 0, 0, 1, 1, 1, 2, 9, 58, 59, 60, 61, 63, 64, 65, 500];
        let (mut second, mut times, mut rate) = (-200i64, Vec::new(), PeakRate::default());
        for step in 0..4_000u64 {
            let hash = crate::attribute::hash_parts(&[&step.to_le_bytes()]);
            second += pauses[hash as usize % pauses.len()];
            times.push(second);
            rate.add(second * 1_000);
            let within = times.iter().rev().take_while(|it| **it > second - 60);
            assert_eq!(rate.in_window, within.count() as u64, "{step}");
        }
    }

    #[test]
    fn a_second_may_have_any_number_of_requests() {
        let mut rate = PeakRate::default();
        for second in [0i64, 7, 7, 30] {
            (0..5_000).for_each(|_| rate.add(second * 1_000));
        }
        let mut both = rate.clone();
        both.merge(&rate);
        assert_eq!((rate.peak, both.peak), (20_000, 40_000));
        both.add(67_000);
        assert_eq!(both.in_window, 10_001);
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
