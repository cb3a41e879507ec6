//! What may turn out to be a hit: requests with the detectors that each fed, one by one while
//! they are remembered, and counted. Which of them are hits, an attack's verdict says.

use serde::{Deserialize, Serialize};
use shared::{RequestId, SessionId};

use crate::effects::DetectorMask;

/// A request that an actor made and that may turn out to be a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trace {
    /// The request.
    pub id: RequestId,
    /// When.
    pub at: i64,
    /// Its session.
    pub session: SessionId,
    /// The response status.
    pub status: u16,
    /// The detectors that it fed.
    pub fed: DetectorMask,
}

/// Requests by the detectors they fed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FedCounts(Vec<(DetectorMask, u32)>);

impl FedCounts {
    /// Counts one request.
    pub(crate) fn add(&mut self, fed: DetectorMask) {
        match self.0.iter_mut().find(|(mask, _)| *mask == fed) {
            Some((_, count)) => *count += 1,
            None => self.0.push((fed, 1)),
        }
    }

    /// Adds other counts.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (fed, count) in &other.0 {
            match self.0.iter_mut().find(|(mask, _)| mask == fed) {
                Some((_, known)) => *known += count,
                None => self.0.push((*fed, *count)),
            }
        }
    }

    /// How many fed one of these detectors.
    #[must_use]
    pub(crate) fn hits(&self, voted: DetectorMask) -> u64 {
        let hits = self.0.iter().filter(|(fed, _)| !fed.and(voted).is_empty());
        hits.map(|(_, count)| u64::from(*count)).sum()
    }
}

#[cfg(test)]
mod tests {
    use shared::DetectorKind;

    use super::*;

    #[test]
    fn a_request_is_a_hit_once_however_many_detectors_it_fed() {
        let mask = |detectors: &[DetectorKind]| {
            detectors
                .iter()
                .fold(DetectorMask::default(), |mask, detector| {
                    mask.with(*detector)
                })
        };
        let mut fed = FedCounts::default();
        fed.add(mask(&[
            DetectorKind::ErrorRate,
            DetectorKind::ExploitProbing,
        ]));
        fed.add(mask(&[DetectorKind::ErrorRate]));
        fed.add(mask(&[DetectorKind::WideScope]));
        fed.add(mask(&[]));
        assert_eq!(
            fed.hits(mask(&[
                DetectorKind::ErrorRate,
                DetectorKind::ExploitProbing
            ])),
            2
        );
        assert_eq!(fed.hits(mask(&[])), 0);
    }
}
