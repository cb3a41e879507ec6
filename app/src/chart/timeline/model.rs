//! What a timeline says, free of pixels: bins with totals, and the words for one of them.

use shared::{Timeline, TimelineBin, Timestamp};

use crate::format::{count_of, day_and_minute};

/// The classes of response statuses, from the bottom of a bar to its top, with the name that
/// CSS knows and the one that people read.
pub(super) const CLASSES: [(&str, &str); 4] = [
    ("ok", "2xx"),
    ("redirect", "3xx"),
    ("client-error", "4xx"),
    ("server-error", "5xx"),
];

/// A timeline ready to be laid out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Model {
    /// The beginning of the first bin.
    pub(super) from: Timestamp,
    /// The width of a bin in milliseconds; at least 1.
    pub(super) bin_ms: i64,
    /// Requests per bin and class, in the order of [`CLASSES`].
    pub(super) stacks: Vec<[u32; 4]>,
    /// Hits per bin.
    pub(super) hits: Vec<u32>,
    /// The most requests in one bin.
    pub(super) peak: u32,
}

impl Model {
    pub(super) fn new(timeline: &Timeline) -> Self {
        let stacks: Vec<[u32; 4]> = timeline.bins.iter().map(stack).collect();
        let peak = stacks.iter().map(total).max().unwrap_or(0);
        Self {
            from: timeline.from,
            bin_ms: timeline.bin_ms.max(1),
            hits: timeline.bins.iter().map(|bin| bin.hits).collect(),
            peak,
            stacks,
        }
    }

    /// The end of the last bin.
    pub(super) fn until(&self) -> Timestamp {
        self.begin_of(self.stacks.len())
    }

    /// The beginning of bin `index`.
    pub(super) fn begin_of(&self, index: usize) -> Timestamp {
        // At most 120 bins.
        self.from.plus(self.bin_ms.saturating_mul(index as i64))
    }

    /// Where `at` stands between the first bin's beginning (0) and the last one's end (1).
    pub(super) fn share_of(&self, at: Timestamp) -> f64 {
        let whole = self.until().since(self.from).max(1);
        at.since(self.from) as f64 / whole as f64
    }

    /// Bin `index` in words.
    pub(super) fn describe(&self, index: usize) -> String {
        let Some(stack) = self.stacks.get(index) else {
            return String::new();
        };
        let mut parts = vec![
            day_and_minute(self.begin_of(index)),
            count_of(total(stack).into(), "request", "requests"),
        ];
        for ((_, label), requests) in CLASSES.iter().zip(stack) {
            if *requests > 0 {
                parts.push(format!("{requests} × {label}"));
            }
        }
        parts.push(count_of(self.hits[index].into(), "hit", "hits"));
        parts.join(" · ")
    }
}

fn stack(bin: &TimelineBin) -> [u32; 4] {
    [bin.ok, bin.redirect, bin.client_error, bin.server_error]
}

/// All requests of a bin.
pub(super) fn total(stack: &[u32; 4]) -> u32 {
    stack.iter().copied().fold(0, u32::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        Model::new(&Timeline {
            from: Timestamp(0),
            bin_ms: 60_000,
            bins: vec![
                TimelineBin {
                    ok: 1,
                    client_error: 3,
                    hits: 2,
                    ..TimelineBin::default()
                },
                TimelineBin::default(),
            ],
        })
    }

    #[test]
    fn a_bin_in_words_names_only_what_it_holds() {
        assert_eq!(
            model().describe(0),
            "1970-01-01T00:00 · 4 requests · 1 × 2xx · 3 × 4xx · 2 hits"
        );
        assert_eq!(
            model().describe(1),
            "1970-01-01T00:01 · 0 requests · 0 hits"
        );
        assert_eq!(model().describe(9), "");
    }

    #[test]
    fn a_moment_stands_between_the_ends() {
        assert_eq!(model().share_of(Timestamp(60_000)), 0.5);
        assert_eq!(model().until(), Timestamp(120_000));
    }

    #[test]
    fn a_timeline_without_bins_has_no_peak() {
        let empty = Model::new(&Timeline {
            from: Timestamp(5),
            bin_ms: 0,
            bins: Vec::new(),
        });
        assert_eq!(empty.peak, 0);
        assert_eq!(empty.until(), Timestamp(5));
    }
}
