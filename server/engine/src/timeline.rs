//! Requests over time, in bins that widen as they go on.

use serde::{Deserialize, Serialize};
use shared::{TimelineBin, Timestamp};

const MAX_BINS: usize = 120;

/// Bins of equal width without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The number of the first bin since 1970.
    first: i64,
    bin_ms: i64,
    bins: Vec<TimelineBin>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            first: 0,
            bin_ms: Timestamp::SECOND,
            bins: Vec::new(),
        }
    }
}

impl Timeline {
    /// Counts one request; the first one is the oldest.
    pub fn add(&mut self, at: i64, status: u16, hit: bool) {
        if self.bins.is_empty() {
            self.first = at.div_euclid(self.bin_ms);
        }
        while self.index(at) >= MAX_BINS {
            self.widen();
        }
        let index = self.index(at);
        if self.bins.len() <= index {
            self.bins.resize(index + 1, TimelineBin::default());
        }
        let bin = &mut self.bins[index];
        match status {
            500.. => bin.server_error += 1,
            400..=499 => bin.client_error += 1,
            300..=399 => bin.redirect += 1,
            _ => bin.ok += 1,
        }
        bin.hits += u32::from(hit);
    }

    /// The bin of a moment; what came before the first bin counts there.
    fn index(&self, at: i64) -> usize {
        usize::try_from(at.div_euclid(self.bin_ms) - self.first).unwrap_or(0)
    }

    fn widen(&mut self) {
        let first = self.first.div_euclid(2);
        let mut bins: Vec<TimelineBin> = Vec::with_capacity(MAX_BINS);
        for (offset, bin) in (self.first..).zip(&self.bins) {
            let index = usize::try_from(offset.div_euclid(2) - first).unwrap_or(0);
            if bins.len() <= index {
                bins.resize(index + 1, TimelineBin::default());
            }
            let wide = &mut bins[index];
            wide.ok += bin.ok;
            wide.redirect += bin.redirect;
            wide.client_error += bin.client_error;
            wide.server_error += bin.server_error;
            wide.hits += bin.hits;
        }
        self.first = first;
        self.bin_ms *= 2;
        self.bins = bins;
    }

    /// The timeline as the API shows it.
    #[must_use]
    pub fn to_shared(&self) -> shared::Timeline {
        shared::Timeline {
            from: Timestamp(self.first * self.bin_ms),
            bin_ms: self.bin_ms,
            bins: self.bins.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_is_lost_when_bins_widen() {
        let mut timeline = Timeline::default();
        for index in 0..10_000i64 {
            timeline.add(
                1_000_000 + index * index * 7,
                200 + (index % 4 * 100) as u16,
                index % 2 == 0,
            );
        }
        let shown = timeline.to_shared();
        assert!(shown.bins.len() <= MAX_BINS);
        let total: u32 = shown
            .bins
            .iter()
            .map(|bin| bin.ok + bin.redirect + bin.client_error + bin.server_error)
            .sum();
        assert_eq!(total, 10_000);
        assert_eq!(shown.bins.iter().map(|bin| bin.hits).sum::<u32>(), 5_000);
        assert!(shown.from.0 <= 1_000_000 && 1_000_000 < shown.from.0 + shown.bin_ms);
    }
}
