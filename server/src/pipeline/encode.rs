//! A batch to a segment: rows of one client brought together, numbered, compressed.

use std::sync::Arc;

use engine::attribute::{Attributed, Attribution, resolve_keys};
use engine::{Address, Request, TextId};
use rustc_hash::FxHashMap;
use shared::ApplicationSettings;

use crate::ingest::import::Decoded;
use crate::store::{EncodedSegment, SourceProgress};

/// A part of a source, ready to be judged and stored.
pub(super) struct Encoded {
    /// `None` if nothing in it was a request.
    pub(super) segment: Option<(EncodedSegment, Attributed)>,
    pub(super) source: Checkpoint,
}

/// How far the source numbered `index` in this import was read.
pub(super) struct Checkpoint {
    pub(super) index: usize,
    /// Its beginning, so that it is known again at a glance; `None` if it is already.
    pub(super) begin: Option<SourceProgress>,
    pub(super) end: SourceProgress,
}

/// A part of a source as it comes from decoding.
pub(super) struct Part {
    /// The number of the source in this import.
    pub(super) index: usize,
    /// What people call it.
    pub(super) name: Arc<str>,
    /// Whether the store knows its beginning.
    pub(super) is_known: bool,
    pub(super) decoded: Decoded,
}

/// Encodes parts in the order in which they come.
pub(super) struct Encoder {
    /// The number of the next segment.
    pub(super) next: u64,
    /// Where session key, user and role stand: for the judge. What is stored is the same
    /// whatever they say.
    pub(super) settings: ApplicationSettings,
    /// What the judge would work out otherwise, who has the most to do.
    pub(super) attribution: Attribution,
}

impl Encoder {
    pub(super) fn encode(&mut self, part: Part) -> Encoded {
        let Decoded {
            mut batch,
            begin,
            end,
            lines,
        } = part.decoded;
        let segment = (!batch.requests.is_empty()).then(|| {
            batch.requests = sort_by_client(&batch.requests);
            let segment = EncodedSegment::new(self.next, &batch);
            self.next += 1;
            resolve_keys(&self.settings, &mut batch);
            let attributed = self
                .attribution
                .attribute(Arc::new(batch), segment.number, 0);
            (segment, attributed)
        });
        let progress = |prefix_bytes, fingerprint, bytes, lines| SourceProgress {
            fingerprint,
            prefix_bytes,
            name: part.name.to_string(),
            bytes,
            lines,
        };
        Encoded {
            segment,
            source: Checkpoint {
                index: part.index,
                begin: (!part.is_known).then(|| progress(begin.bytes, begin.fingerprint, 0, 0)),
                end: progress(end.bytes, end.fingerprint, end.bytes, lines),
            },
        }
    }
}

/// The rows by client, clients by their first row; rows of one client stay in order.
pub(super) fn sort_by_client(requests: &[Request]) -> Vec<Request> {
    let mut numbers: FxHashMap<(u64, Address, TextId), usize> = FxHashMap::default();
    let mut counts: Vec<usize> = Vec::new();
    let clients = requests.iter().map(|request| {
        let client = match request.session_key {
            0 => (0, request.address, request.user_agent),
            key => (key, Address::default(), TextId::EMPTY),
        };
        let number = *numbers.entry(client).or_insert(counts.len());
        if number == counts.len() {
            counts.push(0);
        }
        counts[number] += 1;
        number
    });
    let clients: Vec<usize> = clients.collect();
    // Where the next row of each client goes.
    let mut places = counts;
    let mut end = 0;
    for place in &mut places {
        end += std::mem::replace(place, end);
    }
    let mut order = vec![0; requests.len()];
    for (row, client) in clients.into_iter().enumerate() {
        order[places[client]] = row;
        places[client] += 1;
    }
    order.into_iter().map(|row| requests[row]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_client_stand_together_in_the_order_in_which_they_came() {
        let row = |at, session_key, address| Request {
            at,
            session_key,
            address: Address(address),
            ..Request::default()
        };
        let rows = [
            row(1, 0, 7),
            row(2, 9, 8),
            row(3, 0, 7),
            row(3, 9, 1),
            row(3, 0, 7),
        ];
        let sorted: Vec<_> = sort_by_client(&rows)
            .iter()
            .map(|row| (row.at, row.address.0))
            .collect();
        assert_eq!(sorted, [(1, 7), (3, 7), (3, 7), (2, 8), (3, 1)]);
    }
}
