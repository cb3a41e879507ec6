//! The three heatmaps as tabs: their names and how to read them.

use shared::{Heatmap, Heatmaps};

/// One of the three heatmaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    Performance,
    Behavior,
    HttpErrors,
}

impl Tab {
    pub const ALL: [Self; 3] = [Self::Performance, Self::Behavior, Self::HttpErrors];

    pub fn index(self) -> usize {
        self as usize
    }

    /// Part of element ids.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Performance => "performance",
            Self::Behavior => "behavior",
            Self::HttpErrors => "http-errors",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Performance => "Performance",
            Self::Behavior => "Behavior",
            Self::HttpErrors => "HTTP errors",
        }
    }

    /// The sentence that says how to read it.
    pub fn reading(self) -> &'static str {
        match self {
            Self::Performance => {
                "Further right and up is faster, redder keeps a stricter schedule, bigger asks \
                 for the same things again and again."
            }
            Self::Behavior => {
                "Further right is faster, further up more detectors agree, redder moves less \
                 like this application’s visitors, bigger works on more sensitive endpoints."
            }
            Self::HttpErrors => {
                "Further right is faster, further up causes more errors, redder tries to change \
                 more, bigger reaches more different endpoints."
            }
        }
    }

    pub fn heatmap(self, heatmaps: &Heatmaps) -> &Heatmap {
        match self {
            Self::Performance => &heatmaps.performance,
            Self::Behavior => &heatmaps.behavior,
            Self::HttpErrors => &heatmaps.http_errors,
        }
    }

    /// The tab `by` places further, around the ends.
    pub fn neighbour(self, by: isize) -> Self {
        let count = Self::ALL.len() as isize;
        Self::ALL[(self as isize + by).rem_euclid(count) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_around() {
        assert_eq!(Tab::Performance.neighbour(-1), Tab::HttpErrors);
        assert_eq!(Tab::HttpErrors.neighbour(1), Tab::Performance);
    }
}
