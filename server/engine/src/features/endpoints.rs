//! Which endpoints an actor asked for and how often: repetition (exact rarefaction) and
//! breadth. Counts are exact for the first endpoints; beyond them a sketch tells how many
//! more there are.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::variants::Variants;
use crate::effects::{EndpointKey, TopEndpoints};
use crate::room::make_room;
use crate::seldom::{Absent, Seldom};

/// How many endpoints are counted one by one.
const EXACT: usize = 192;
/// How many requests are drawn for the repetition.
const SAMPLE: u64 = 50;
/// So few of the most requested are found without ranking all.
const FEW: usize = 3;
/// Fewer requests say nothing of repetition.
const ENOUGH: u64 = 10;

/// Endpoints with their requests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EndpointCounts {
    /// Sorted by key.
    counts: SmallVec<[(EndpointKey, u32); 1]>,
    others: Seldom<Others>,
}

/// Endpoints beyond those counted one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Others {
    requests: u64,
    endpoints: Variants,
}

impl Absent for Others {
    const ABSENT: &'static Self = &Self {
        requests: 0,
        endpoints: Variants::NONE,
    };
}

impl Others {
    /// Counts requests; says whether their endpoint is new.
    fn add(&mut self, endpoint: EndpointKey, count: u32) -> bool {
        self.requests += u64::from(count);
        self.endpoints.add(endpoint.0)
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.endpoints.merge(&other.endpoints);
    }
}

impl EndpointCounts {
    /// Counts a request; says whether the endpoint is new.
    pub fn add(&mut self, endpoint: EndpointKey) -> bool {
        self.add_many(endpoint, 1)
    }

    fn add_many(&mut self, endpoint: EndpointKey, count: u32) -> bool {
        match self.counts.binary_search_by_key(&endpoint, |(key, _)| *key) {
            Ok(index) => {
                self.counts[index].1 = self.counts[index].1.saturating_add(count);
                false
            }
            Err(index) if self.counts.len() < EXACT => {
                make_room(&mut self.counts);
                self.counts.insert(index, (endpoint, count));
                true
            }
            Err(_) => self.others.get_mut().add(endpoint, count),
        }
    }

    /// Adds the counts of another stretch.
    pub fn merge(&mut self, other: &Self) {
        for (endpoint, count) in &other.counts {
            self.add_many(*endpoint, *count);
        }
        self.others.merge(&other.others, Others::merge);
    }

    /// Keeps the `keep` most requested one by one and the rest in the sketch.
    pub fn shrink(&mut self, keep: usize) {
        if self.counts.len() <= keep {
            return;
        }
        let mut ranked = std::mem::take(&mut self.counts);
        ranked.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
        for (endpoint, count) in ranked.drain(keep..) {
            self.others.get_mut().add(endpoint, count);
        }
        ranked.sort_by_key(|(key, _)| *key);
        self.counts = ranked;
    }

    /// How many requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        let exact: u64 = self.counts.iter().map(|(_, count)| u64::from(*count)).sum();
        exact + self.others.requests
    }

    /// How many different endpoints; exact up to 192, then within about ten percent.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.counts.len() as u64 + self.others.endpoints.distinct()
    }

    /// The most requested, at most `most`.
    #[must_use]
    pub fn top(&self, most: usize) -> TopEndpoints {
        if most <= FEW {
            return self.top_few(most);
        }
        let mut ranked = TopEndpoints::from_slice(&self.counts);
        ranked.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
        ranked.truncate(most);
        ranked
    }

    /// The same without ranking all of them.
    fn top_few(&self, most: usize) -> TopEndpoints {
        let mut top = TopEndpoints::new();
        for (key, count) in &self.counts {
            // Of equals the first comes first: they are sorted by key.
            let place = top.partition_point(|(_, other)| other >= count);
            if place < most {
                top.truncate(most - 1);
                top.insert(place, (*key, *count));
            }
        }
        top
    }

    /// Expected distinct endpoints in 50 requests drawn from all, over 50 (of fewer requests:
    /// all of them); `None` with fewer than ten. Hurlbert's rarefaction (Ecology 52, 1971).
    #[must_use]
    pub fn uniqueness(&self) -> Option<f64> {
        let total = self.requests();
        if total < ENOUGH {
            return None;
        }
        let sample = total.min(SAMPLE);
        let mut counts: Vec<u32> = self.counts.iter().map(|(_, count)| *count).collect();
        counts.sort_unstable();
        let mut expected = 0.0;
        let mut last = (0, 0.0);
        for count in counts {
            if count != last.0 {
                last = (count, drawn(total, u64::from(count), sample));
            }
            expected += last.1;
        }
        let others = self.others.endpoints.distinct();
        // The sketch does not know single counts: they are taken as even.
        if let Some(each) = self.others.requests.checked_div(others) {
            expected += others as f64 * drawn(total, each.max(1), sample);
        }
        Some((expected / sample as f64).min(1.0))
    }
}

/// The probability that one of `count` among `total` is in a sample: 1 − C(N−n, m) / C(N, m).
fn drawn(total: u64, count: u64, sample: u64) -> f64 {
    let mut missed = 1.0;
    for index in 0..sample {
        let left = (total - count) as f64 - index as f64;
        if left <= 0.0 {
            return 1.0;
        }
        missed *= left / (total - index) as f64;
    }
    1.0 - missed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(list: &[u32]) -> EndpointCounts {
        let mut counts = EndpointCounts::default();
        for (index, count) in list.iter().enumerate() {
            counts.add_many(EndpointKey(index as u64 + 1), *count);
        }
        counts
    }

    #[test]
    fn one_endpoint_again_and_again_is_all_repetition() {
        let uniqueness = counts(&[1_000]).uniqueness().unwrap();
        assert!((uniqueness - 0.02).abs() < 1e-12, "{uniqueness}");
    }

    #[test]
    fn every_request_to_another_endpoint_is_no_repetition() {
        assert!((counts(&[1; 80]).uniqueness().unwrap() - 1.0).abs() < 1e-9);
        assert!((counts(&[1; 12]).uniqueness().unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(counts(&[1; 9]).uniqueness(), None);
    }

    #[test]
    fn rarefaction_of_two_even_endpoints_is_worked_out() {
        // N = 60, n = 30, 30, m = 50: neither can be missed (only 30 others): 2 / 50
        assert!((counts(&[30, 30]).uniqueness().unwrap() - 0.04).abs() < 1e-12);
        // N = 12, all drawn: 3 / 12
        assert!((counts(&[10, 1, 1]).uniqueness().unwrap() - 0.25).abs() < 1e-12);
        // N = 100, n = 99 and 1, m = 50: 1 + 1/2
        assert!((counts(&[99, 1]).uniqueness().unwrap() - 0.03).abs() < 1e-12);
    }

    #[test]
    fn the_most_requested_are_the_same_however_many_are_asked_for() {
        let counts = counts(&[3, 9, 1, 9, 4, 9, 3]);
        let all = counts.top(usize::MAX);
        assert_eq!(
            all[..3].iter().map(|(key, _)| key.0).collect::<Vec<_>>(),
            [2, 4, 6]
        );
        for most in 0..=FEW {
            assert_eq!(counts.top(most)[..], all[..most]);
        }
    }

    #[test]
    fn a_long_session_is_not_repetitive_by_its_length() {
        let short = counts(&[10; 20]).uniqueness().unwrap();
        let long = counts(&[500; 20]).uniqueness().unwrap();
        assert!((short - long).abs() < 0.03, "{short} {long}");
    }

    #[test]
    fn breadth_beyond_the_exact_counts_is_estimated_within_a_fifth() {
        let distinct = counts(&[1; 3_000]).distinct() as f64;
        assert!((2_400.0..3_600.0).contains(&distinct), "{distinct}");
    }

    #[test]
    fn shrinking_and_merging_keep_the_totals() {
        let mut all = counts(&[5; 100]);
        all.shrink(10);
        all.merge(&counts(&[2; 20]));
        assert_eq!(all.requests(), 540);
        assert!((90..=120).contains(&all.distinct()), "{}", all.distinct());
    }
}
