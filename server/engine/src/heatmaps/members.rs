//! A campaign unfolded: what each of its addresses did, from the campaign's stored requests.
//! Surprise is not stored with requests, so that score of a single address is not measured.

use std::collections::BTreeMap;

use crate::attribute::events_of;
use crate::effects::{DetectorMask, EndpointKey};
use crate::event::Event;
use crate::features::Pace;
use crate::request::{Address, Batch};
use crate::slice::Slice;

/// The requests of a campaign, to be told apart by address.
#[derive(Debug, Default)]
pub struct MemberRequests {
    events: Vec<(Event, DetectorMask)>,
}

/// What one address of a campaign did.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The address.
    pub address: Address,
    /// What it did, oldest first.
    pub slices: Vec<Slice>,
}

impl MemberRequests {
    /// Adds rows of a segment with the detectors that each fed, those of `keep` only.
    pub fn add(
        &mut self,
        batch: &Batch,
        segment: u64,
        rows: &[(u32, DetectorMask)],
        keep: impl Fn(i64) -> bool,
    ) {
        let kept: Vec<(u32, DetectorMask)> = rows
            .iter()
            .copied()
            .filter(|(row, _)| {
                let request = batch.requests.get(*row as usize);
                request.is_some_and(|request| keep(request.at))
            })
            .collect();
        let numbers: Vec<u32> = kept.iter().map(|(row, _)| *row).collect();
        let events = events_of(batch, segment, &numbers);
        let masks = kept.into_iter().map(|(_, mask)| mask);
        self.events.extend(
            events
                .into_iter()
                .zip(masks)
                .filter(|(event, _)| !event.is_static()),
        );
    }

    /// How many were added; static files do not count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The endpoints that they asked for, as if nothing had been learned of folds.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointKey> {
        let mut keys: Vec<EndpointKey> = self
            .events
            .iter()
            .map(|(event, _)| event.endpoint)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Has endpoints count as what they were `folded` into; where that is not known, as before.
    pub fn fold(&mut self, folded: impl Fn(EndpointKey) -> Option<EndpointKey>) {
        for (event, _) in &mut self.events {
            if let Some(endpoint) = folded(event.endpoint) {
                event.endpoint = endpoint;
            }
        }
    }

    /// The `limit` addresses with the most requests, those first, and how many there are.
    /// `voted` says which detectors voted on the campaign: those of them count for an address
    /// that one of its requests fed.
    #[must_use]
    pub fn members(mut self, limit: usize, voted: DetectorMask) -> (Vec<Member>, usize) {
        self.events.sort_by_key(|(event, _)| event.order());
        let mut found: BTreeMap<Address, (Pace, Vec<Slice>, u64)> = BTreeMap::new();
        for (event, fed) in self.events {
            let (pace, slices, requests) = found.entry(event.address).or_default();
            *requests += 1;
            let step = pace.step(event.at, event.resolution_ms);
            let since = slices.first().map_or(event.at, |first| first.from.0);
            if slices
                .last()
                .is_none_or(|last| last.is_over(event.at, since))
            {
                slices.push(Slice::default());
            }
            if let Some(slice) = slices.last_mut() {
                slice.add(&event, &step);
                slice.voted = DetectorMask(slice.voted.0 | fed.and(voted).0);
            }
        }
        let total = found.len();
        let mut members: Vec<(u64, Member)> = found
            .into_iter()
            .map(|(address, (_, slices, requests))| (requests, Member { address, slices }))
            .collect();
        members.sort_by(|(a, one), (b, other)| b.cmp(a).then(one.address.cmp(&other.address)));
        members.truncate(limit);
        (
            members.into_iter().map(|(_, member)| member).collect(),
            total,
        )
    }
}

#[cfg(test)]
mod tests {
    use shared::DetectorKind;

    use super::*;
    use crate::request::Request;

    /// Three addresses that guess in turn, the first twice as often, once a minute each.
    fn guessing() -> Batch {
        let mut batch = Batch {
            resolution_ms: 1_000,
            ..Batch::default()
        };
        let method = batch.texts.intern("POST");
        let path = batch.texts.intern("/wp-login.php");
        for turn in 0..40u32 {
            for address in [1, 2, 1, 3] {
                batch.requests.push(Request {
                    at: i64::from(turn) * 60_000 + address as i64 * 7_000,
                    address: Address(address),
                    method,
                    path,
                    status: if turn == 39 { 302 } else { 403 },
                    ..Request::default()
                });
            }
        }
        batch
    }

    fn added(batch: &Batch, keep: impl Fn(i64) -> bool) -> MemberRequests {
        let voted = DetectorMask::default().with(DetectorKind::AuthenticationAbuse);
        let rows: Vec<_> = (0..batch.requests.len() as u32)
            .map(|row| (row, voted))
            .collect();
        let mut requests = MemberRequests::default();
        requests.add(batch, 0, &rows, keep);
        requests
    }

    #[test]
    fn the_busiest_addresses_come_first_and_are_bounded() {
        let voted = DetectorMask(u32::MAX);
        let (members, total) = added(&guessing(), |_| true).members(2, voted);
        let addresses: Vec<u128> = members.iter().map(|member| member.address.0).collect();
        assert_eq!((addresses, total), (vec![1, 2], 3));
        let requests = |member: &Member| member.slices.iter().map(|slice| slice.requests).sum();
        let counts: Vec<u64> = members.iter().map(requests).collect();
        assert_eq!(counts, [80, 40]);
        let busiest = &members[0].slices;
        assert_eq!(busiest.iter().map(|slice| slice.errors).sum::<u64>(), 78);
        assert!(
            busiest
                .iter()
                .all(|slice| slice.unsafe_methods == slice.requests)
        );
        assert!(busiest.iter().all(|slice| slice.voted.0.count_ones() == 1));
        assert_eq!(busiest[0].surprise, 0, "not stored, so not measured");
    }

    #[test]
    fn requests_outside_of_the_window_and_wrong_rows_are_left_out() {
        let batch = guessing();
        let mut requests = added(&batch, |at| at < 60_000);
        assert_eq!(requests.len(), 4);
        requests.add(&batch, 0, &[(u32::MAX, DetectorMask::default())], |_| true);
        assert_eq!(requests.len(), 4);
        assert_eq!(requests.endpoints().len(), 1);
    }

    #[test]
    fn a_member_has_steps_of_its_own() {
        let (members, _) = added(&guessing(), |_| true).members(1, DetectorMask(0));
        assert!(members[0].slices.len() > 1);
        assert!(
            members[0]
                .slices
                .windows(2)
                .all(|pair| pair[0].until < pair[1].from)
        );
    }
}
