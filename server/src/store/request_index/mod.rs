//! The requests of a session as small facts in the order of time, so that any part of a long
//! one is found, filtered and counted without reading its segments. Texts stand once in tables,
//! and facts name them by number. Not the requests themselves: those stay in their segments.

mod build;
mod counts;
mod filter;
mod unusual;

use engine::{Address, EndpointRecord};
use shared::{RequestId, SessionId, Timestamp, Unusual};

use super::cache::Weigh;
use super::cursor::Cursor;
use super::query::RequestAttackRow;

pub(crate) use build::{Builder, Noted};
pub use counts::{CountedOf, Counts, DayCount};
pub use filter::{Choice, RequestFilter};

/// The requests of a session, or of several that continue each other.
#[derive(Debug, Default)]
pub struct RequestIndex {
    facts: Vec<Facts>,
    segments: Vec<u64>,
    addresses: Vec<Address>,
    methods: Vec<String>,
    users: Vec<String>,
    endpoints: Vec<EndpointRecord>,
    /// What requests are to attacks; most share one of a few combinations.
    attacks: Vec<Vec<RequestAttackRow>>,
    /// The sessions, oldest first, each with its first request.
    sessions: Vec<(SessionId, Timestamp)>,
    rules: unusual::Rules,
}

/// One request; numbers are places in the index's tables.
#[derive(Debug, Clone, Copy)]
struct Facts {
    at: i64,
    segment: u32,
    row: u32,
    address: u32,
    endpoint: u32,
    user: u32,
    attacks: u32,
    method: u32,
    status: u16,
    session: u8,
    /// A mask over the order of the reasons.
    unusual: u8,
}

impl RequestIndex {
    /// How many requests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// The requests that `filter` keeps, as places in this index, ascending.
    #[must_use]
    pub fn kept(&self, filter: &RequestFilter) -> Vec<u32> {
        if *filter == RequestFilter::default() {
            return (0u32..).take(self.len()).collect();
        }
        let compiled = filter.compile(self);
        let places = (0u32..).zip(&self.facts);
        places
            .filter(|(_, facts)| compiled.keeps(facts))
            .map(|(place, _)| place)
            .collect()
    }

    /// How many of `kept` came before `at`.
    #[must_use]
    pub fn before(&self, kept: &[u32], at: Timestamp) -> usize {
        kept.partition_point(|place| self.facts[*place as usize].at < at.0)
    }

    /// How many of `kept` are at `cursor` or before it.
    #[must_use]
    pub fn until(&self, kept: &[u32], cursor: Cursor) -> usize {
        kept.partition_point(|place| self.cursor(*place) <= cursor)
    }

    /// Which of `kept` is the request `id`.
    #[must_use]
    pub fn find(&self, kept: &[u32], id: RequestId) -> Option<usize> {
        kept.iter().position(|place| self.id(*place) == id)
    }

    /// The cursor after a request.
    pub(crate) fn cursor(&self, place: u32) -> Cursor {
        Cursor::of_request(self.facts[place as usize].at, self.id(place))
    }

    /// Where a request is stored.
    pub(crate) fn id(&self, place: u32) -> RequestId {
        let facts = &self.facts[place as usize];
        RequestId {
            segment: self.segments[facts.segment as usize],
            row: facts.row,
        }
    }

    pub(crate) fn endpoint(&self, place: u32) -> &EndpointRecord {
        &self.endpoints[self.facts[place as usize].endpoint as usize]
    }

    pub(crate) fn attacks(&self, place: u32) -> &[RequestAttackRow] {
        &self.attacks[self.facts[place as usize].attacks as usize]
    }

    pub(crate) fn unusual(&self, place: u32) -> Vec<Unusual> {
        let facts = &self.facts[place as usize];
        self.rules.explain(facts, &self.endpoints)
    }
}

impl Weigh for RequestIndex {
    fn weight(&self) -> usize {
        let texts = |texts: &[String]| texts.iter().map(|text| text.len() + 24).sum::<usize>();
        let endpoints = self.endpoints.iter().map(|endpoint| {
            size_of::<EndpointRecord>()
                + endpoint.method.len()
                + endpoint.host.len()
                + endpoint.template.len()
        });
        let attacks = self.attacks.iter().map(|set| 24 + size_of_val(&set[..]));
        size_of::<Self>()
            + size_of_val(&self.facts[..])
            + size_of_val(&self.segments[..])
            + size_of_val(&self.addresses[..])
            + texts(&self.methods)
            + texts(&self.users)
            + endpoints.sum::<usize>()
            + attacks.sum::<usize>()
            + self.rules.weight()
    }
}

#[cfg(test)]
mod tests {
    use engine::{Batch, Request, UsualEndpoints};
    use rustc_hash::FxHashMap;

    use super::*;

    /// One session: a request a minute of method, path and status, none of an attack.
    pub(super) fn index_of(requests: &[(&str, &str, u16)], usual: UsualEndpoints) -> RequestIndex {
        build(requests, &[], usual)
    }

    /// The same, each a request of `attacks`.
    pub(super) fn index_with_attacks(
        requests: &[(&str, &str, u16)],
        attacks: &[RequestAttackRow],
    ) -> RequestIndex {
        build(requests, attacks, UsualEndpoints::default())
    }

    fn build(
        requests: &[(&str, &str, u16)],
        attacks: &[RequestAttackRow],
        usual: UsualEndpoints,
    ) -> RequestIndex {
        let mut batch = Batch::default();
        for (minute, (method, path, status)) in (0..).zip(requests) {
            batch.requests.push(Request {
                at: minute * Timestamp::MINUTE,
                method: batch.texts.intern(method),
                path: batch.texts.intern(path),
                status: *status,
                ..Request::default()
            });
        }
        let mut builder = Builder::default();
        builder.begin_session(SessionId(1), Timestamp(0));
        builder.begin_segment(3);
        for (row, request) in (0..).zip(&batch.requests) {
            builder.add(Noted {
                batch: &batch,
                row,
                request,
                attacks: attacks.to_vec(),
            });
        }
        builder.finish(FxHashMap::default(), usual)
    }

    #[test]
    fn a_request_is_found_by_time_by_cursor_and_by_name() {
        let index = index_of(&[("GET", "/a", 200); 10], UsualEndpoints::default());
        let kept = [2, 4, 6, 8];
        let at = |minutes| Timestamp(minutes * Timestamp::MINUTE);
        assert_eq!(index.before(&kept, at(0)), 0);
        assert_eq!(index.before(&kept, at(4)), 1);
        assert_eq!(index.before(&kept, at(99)), 4);
        assert_eq!(index.until(&kept, index.cursor(4)), 2);
        let id = |row| RequestId { segment: 3, row };
        assert_eq!(index.find(&kept, id(6)), Some(2));
        assert_eq!(index.find(&kept, id(5)), None);
    }
}
