//! What may turn out to be a hit: requests with the detectors that each fed, one by one while
//! they are remembered, and counted. Which of them are hits, an attack's verdict says.

use serde::{Deserialize, Serialize};
use shared::{RequestId, SessionId};
use smallvec::SmallVec;

use crate::effects::DetectorMask;
use crate::room::make_room_for;
use crate::varint::{read_number, take, write_number};

/// A request that an actor made and that may turn out to be a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trace {
    /// The request.
    pub id: RequestId,
    /// When.
    pub at: i64,
    /// Its session.
    pub session: SessionId,
    /// Whether a session key says which session.
    pub keyed: bool,
    /// The response status.
    pub status: u16,
    /// The detectors that it fed.
    pub fed: DetectorMask,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            id: RequestId { segment: 0, row: 0 },
            at: 0,
            session: SessionId(0),
            keyed: false,
            status: 0,
            fed: DetectorMask::default(),
        }
    }
}

/// How many of an unsuspected actor's last requests are remembered one by one at most …
const MOST: usize = 1_024;
/// … so many of each however many actors there are …
const LEAST: usize = 64;
/// … and in between, so many of all of them together.
const MOST_OF_ALL: usize = 4_000_000;
/// A trace takes no more bytes.
const LONGEST: usize = 48;

/// An actor's last requests, oldest first, in about eight bytes each: of every one only what
/// differs from the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Traces {
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    /// Where the oldest begins in `bytes`.
    start: u32,
    count: u32,
    /// What came before the oldest, once one was forgotten.
    before: Option<Box<Trace>>,
    newest: Option<Box<Trace>>,
}

impl Traces {
    /// How many are remembered of each of so many actors.
    #[must_use]
    pub(crate) fn most(actors: usize) -> usize {
        (MOST_OF_ALL / actors.max(1)).clamp(LEAST, MOST)
    }

    /// How many.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.count as usize
    }

    /// Adds the newest; of more than `most` the oldest are forgotten.
    pub(crate) fn push(&mut self, trace: Trace, most: usize) {
        while self.len() >= most {
            self.forget_oldest();
        }
        make_room_for(&mut self.bytes, LONGEST);
        let last = self.newest.get_or_insert_default();
        trace.write_after(last, &mut self.bytes);
        **last = trace;
        self.count += 1;
    }

    fn forget_oldest(&mut self) {
        let mut rest = &self.bytes[self.start as usize..];
        let length = rest.len();
        let before = self.before.get_or_insert_default();
        **before = Trace::read_after(before, &mut rest);
        self.start += (length - rest.len()) as u32;
        self.count -= 1;
        if self.start as usize > self.bytes.len() / 2 {
            self.bytes.drain(..self.start as usize);
            self.start = 0;
        }
    }

    /// All of them, oldest first.
    #[must_use]
    pub(crate) fn to_vec(&self) -> Vec<Trace> {
        let mut bytes = &self.bytes[self.start as usize..];
        let mut last = self.before.as_deref().copied().unwrap_or_default();
        let mut traces = Vec::with_capacity(self.len());
        for _ in 0..self.count {
            last = Trace::read_after(&last, &mut bytes);
            traces.push(last);
        }
        traces
    }
}

/// What is the same as in the trace before.
const SAME_SEGMENT: u8 = 1;
const SAME_SESSION: u8 = 1 << 1;
const SAME_STATUS: u8 = 1 << 2;
const SAME_FED: u8 = 1 << 3;
const KEYED: u8 = 1 << 4;

impl Trace {
    fn write_after(&self, last: &Self, bytes: &mut Vec<u8>) {
        let flags = [
            (SAME_SEGMENT, self.id.segment == last.id.segment),
            (SAME_SESSION, self.session == last.session),
            (SAME_STATUS, self.status == last.status),
            (SAME_FED, self.fed == last.fed),
            (KEYED, self.keyed),
        ];
        let set = flags.iter().filter(|(_, set)| *set);
        let flags = set.fold(0, |flags, (flag, _)| flags | flag);
        bytes.push(flags);
        write_number(self.at.wrapping_sub(last.at), bytes);
        write_number(i64::from(self.id.row) - i64::from(last.id.row), bytes);
        if flags & SAME_SEGMENT == 0 {
            write_number(self.id.segment.wrapping_sub(last.id.segment) as i64, bytes);
        }
        if flags & SAME_SESSION == 0 {
            bytes.extend(self.session.0.to_le_bytes());
        }
        if flags & SAME_STATUS == 0 {
            bytes.extend(self.status.to_le_bytes());
        }
        if flags & SAME_FED == 0 {
            write_number(i64::from(self.fed.0), bytes);
        }
    }

    fn read_after(last: &Self, bytes: &mut &[u8]) -> Self {
        let [flags] = take(bytes);
        let mut trace = *last;
        trace.keyed = flags & KEYED != 0;
        trace.at = last.at.wrapping_add(read_number(bytes));
        trace.id.row = (i64::from(last.id.row) + read_number(bytes)) as u32;
        if flags & SAME_SEGMENT == 0 {
            trace.id.segment = last.id.segment.wrapping_add(read_number(bytes) as u64);
        }
        if flags & SAME_SESSION == 0 {
            trace.session = SessionId(u64::from_le_bytes(take(bytes)));
        }
        if flags & SAME_STATUS == 0 {
            trace.status = u16::from_le_bytes(take(bytes));
        }
        if flags & SAME_FED == 0 {
            trace.fed = DetectorMask(read_number(bytes) as u32);
        }
        trace
    }
}

/// Requests by the detectors they fed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FedCounts(SmallVec<[(DetectorMask, u32); 2]>);

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
    use proptest::prelude::*;
    use shared::DetectorKind;

    use super::*;

    fn trace(numbers: (u64, u32, i64, u64, u16, u32)) -> Trace {
        let (segment, row, at, session, status, fed) = numbers;
        Trace {
            id: RequestId { segment, row },
            at,
            session: SessionId(session),
            keyed: session % 2 == 1,
            status,
            fed: DetectorMask(fed),
        }
    }

    proptest! {
        #[test]
        fn what_is_remembered_is_what_came(numbers: Vec<(u64, u32, i64, u64, u16, u32)>) {
            let came: Vec<Trace> = numbers.into_iter().map(trace).collect();
            let mut traces = Traces::default();
            came.iter().for_each(|trace| traces.push(*trace, MOST));
            prop_assert_eq!(traces.to_vec(), came);
        }
    }

    #[test]
    fn the_last_1024_are_remembered_in_a_few_bytes_each() {
        let mut traces = Traces::default();
        let nth = |n: u32| trace((n.into(), n % 700, i64::from(n) * 1_500, 7, 200, 6));
        (0..5_000).for_each(|n| traces.push(nth(n), Traces::most(3)));
        let expected: Vec<Trace> = (5_000 - 1_024..5_000).map(nth).collect();
        assert_eq!(traces.to_vec(), expected);
        assert!(traces.bytes.len() < 2 * 8 * MOST, "{}", traces.bytes.len());
    }

    #[test]
    fn of_very_many_actors_less_is_remembered_each_but_never_little() {
        let most = [0, 3_000, 10_000, 100_000, 1_000_000].map(Traces::most);
        assert_eq!(most, [1_024, 1_024, 400, 64, 64]);
        let mut traces = Traces::default();
        let nth = |n: u32| trace((1, n, n.into(), 7, 200, 6));
        (0..900).for_each(|n| traces.push(nth(n), 1_024));
        (900..1_000).for_each(|n| traces.push(nth(n), 400));
        let expected: Vec<Trace> = (600..1_000).map(nth).collect();
        assert_eq!(traces.to_vec(), expected);
    }

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
