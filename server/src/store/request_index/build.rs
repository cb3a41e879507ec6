//! Filling an index, request by request; then in the order of time.

use std::hash::Hash;

use engine::{Address, Batch, EndpointKey, EndpointRecord, Request, TextId, UsualEndpoints};
use rustc_hash::FxHashMap;
use shared::{SessionId, Timestamp};

use super::unusual::Rules;
use super::{Facts, RequestIndex};
use crate::store::query::RequestAttackRow;

/// An index that is being filled.
#[derive(Default)]
pub(crate) struct Builder {
    index: RequestIndex,
    addresses: FxHashMap<Address, u32>,
    methods: FxHashMap<String, u32>,
    users: FxHashMap<String, u32>,
    attacks: FxHashMap<Vec<RequestAttackRow>, u32>,
    endpoints: FxHashMap<EndpointKey, u32>,
    /// What texts of the current segment are, each worked out once: endpoints, methods, users.
    paths: FxHashMap<(TextId, TextId, TextId), u32>,
    method_texts: FxHashMap<TextId, u32>,
    user_texts: FxHashMap<TextId, u32>,
}

/// A request of a segment.
pub(crate) struct Noted<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) row: u32,
    pub(crate) request: &'a Request,
    pub(crate) attacks: Vec<RequestAttackRow>,
}

impl Builder {
    /// What follows is of this session, which began at `started_at`.
    pub(crate) fn begin_session(&mut self, id: SessionId, started_at: Timestamp) {
        self.index.sessions.push((id, started_at));
    }

    /// What follows is in segment `number`.
    pub(crate) fn begin_segment(&mut self, number: u64) {
        self.index.segments.push(number);
        self.paths.clear();
        self.method_texts.clear();
        self.user_texts.clear();
    }

    /// Adds a request of the current session and segment.
    pub(crate) fn add(&mut self, noted: Noted<'_>) {
        let Noted { batch, request, .. } = noted;
        let endpoint = self.endpoint(batch, request);
        let index = &mut self.index;
        let method = *self
            .method_texts
            .entry(request.method)
            .or_insert_with_key(|id| {
                let text = batch.text(*id).to_owned();
                numbered(&mut self.methods, &mut index.methods, text)
            });
        let user = *self
            .user_texts
            .entry(request.user)
            .or_insert_with_key(|id| {
                let text = batch.text(*id).to_owned();
                numbered(&mut self.users, &mut index.users, text)
            });
        let address = numbered(&mut self.addresses, &mut index.addresses, request.address);
        let attacks = match self.attacks.get(&noted.attacks) {
            Some(number) => *number,
            None => numbered(&mut self.attacks, &mut index.attacks, noted.attacks),
        };
        index.facts.push(Facts {
            at: request.at,
            segment: place(index.segments.len() - 1),
            row: noted.row,
            address,
            endpoint,
            user,
            attacks,
            method,
            status: request.status,
            session: u8::try_from(index.sessions.len().saturating_sub(1)).unwrap_or(u8::MAX),
            unusual: 0,
        });
    }

    /// The endpoint that the request folds to, before what was learned of folds.
    fn endpoint(&mut self, batch: &Batch, request: &Request) -> u32 {
        let (index, endpoints) = (&mut self.index, &mut self.endpoints);
        *self
            .paths
            .entry((request.method, request.host, request.path))
            .or_insert_with(|| {
                let (method, host) = (batch.text(request.method), batch.text(request.host));
                let endpoint = engine::attribute::endpoint(method, host, batch.text(request.path));
                *endpoints.entry(endpoint.key).or_insert_with(|| {
                    index.endpoints.push(endpoint);
                    place(index.endpoints.len() - 1)
                })
            })
    }

    /// The keys of all endpoints, before what was learned of folds.
    pub(crate) fn endpoint_keys(&self) -> Vec<EndpointKey> {
        let endpoints = self.index.endpoints.iter();
        endpoints.map(|endpoint| endpoint.key).collect()
    }

    /// The index, its endpoints replaced by what is `known` of them, its requests in the order
    /// of time.
    pub(crate) fn finish(
        self,
        mut known: FxHashMap<EndpointKey, EndpointRecord>,
        usual: UsualEndpoints,
    ) -> RequestIndex {
        let mut index = self.index;
        for endpoint in &mut index.endpoints {
            if let Some(found) = known.remove(&endpoint.key) {
                *endpoint = found;
            }
        }
        merge_endpoints(&mut index);
        let segments = &index.segments;
        index
            .facts
            .sort_unstable_by_key(|facts| (facts.at, segments[facts.segment as usize], facts.row));
        Rules::apply(&mut index, usual);
        index
    }
}

/// Makes one of the endpoints that were folded into the same.
fn merge_endpoints(index: &mut RequestIndex) {
    let mut places = FxHashMap::default();
    let mut merged = Vec::new();
    let numbers: Vec<u32> = std::mem::take(&mut index.endpoints)
        .into_iter()
        .map(|endpoint| {
            *places.entry(endpoint.key).or_insert_with(|| {
                merged.push(endpoint);
                place(merged.len() - 1)
            })
        })
        .collect();
    index.endpoints = merged;
    for facts in &mut index.facts {
        facts.endpoint = numbers[facts.endpoint as usize];
    }
}

/// The number of `value` in `table`, added if it is new.
fn numbered<T: Clone + Eq + Hash>(
    numbers: &mut FxHashMap<T, u32>,
    table: &mut Vec<T>,
    value: T,
) -> u32 {
    *numbers.entry(value).or_insert_with_key(|value| {
        table.push(value.clone());
        place(table.len() - 1)
    })
}

fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a session has fewer requests")
}
