//! An attack while it lives: what one bot did since it became active, its verdict, and what of
//! it still has to be told. How it is told as a whole is in [`record`].

mod record;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::{AttackId, RequestId, Scope, SessionId, Timestamp, UserAgentClass};

use crate::attribute::hash_parts;
use crate::directory::Directory;
use crate::effects::{AttackRequests, AttackSessionRecord, ClientKey, DetectorMask, Effects};
use crate::event::Event;
use crate::features::{Added, Features};
use crate::judge::{self, Verdict};
use crate::request::Address;
use crate::session::goes_on;
use crate::slice::Slice;
use crate::timeline::Timeline;
use crate::trace::{FedCounts, Trace};

/// An attack is closed after this much silence at least, in milliseconds …
const CLOSE_MIN_MS: i64 = Timestamp::HOUR;
/// … and at most.
const CLOSE_MAX_MS: i64 = Timestamp::DAY;
/// The same bot within this time reopens its attack.
pub(crate) const REOPEN_MS: i64 = 7 * Timestamp::DAY;
/// So many sessions are kept, although some are over: they can be told again, as other requests
/// become hits.
const FEW_SESSIONS: usize = 32;
/// So many at most, although all go on.
const MAX_SESSIONS: usize = 65_536;
/// Addresses that are told apart.
const MAX_ADDRESSES: usize = 4_096;

/// Who was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum ActorKey {
    /// One client.
    Client(ClientKey),
    /// One address (its block).
    Address(Address),
    /// Clients alike across addresses; the hash of what they share.
    Cluster(u64),
}

impl ActorKey {
    /// The scope of this actor.
    #[must_use]
    pub(crate) fn scope(self) -> Scope {
        match self {
            Self::Client(_) => Scope::Client,
            Self::Address(_) => Scope::Address,
            Self::Cluster(_) => Scope::Cluster,
        }
    }

    fn hash(self, application: &str, started_at: i64) -> AttackId {
        let (kind, key) = match self {
            Self::Client(key) => (0u8, u128::from(key.0)),
            Self::Address(address) => (1, address.0),
            Self::Cluster(key) => (2, u128::from(key)),
        };
        AttackId(hash_parts(&[
            application.as_bytes(),
            &[kind],
            &key.to_le_bytes(),
            &started_at.to_le_bytes(),
        ]))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LiveSession {
    keyed: bool,
    started_at: i64,
    ended_at: i64,
    requests: u32,
    fed: FedCounts,
    dirty: bool,
}

/// One attack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attack {
    /// Its identifier.
    pub id: AttackId,
    /// Who was judged.
    pub actor: ActorKey,
    /// Whether it was silent for long enough.
    pub closed: bool,
    /// Its last request.
    pub ended_at: i64,
    started_at: i64,
    features: Features,
    current: Slice,
    fed: FedCounts,
    sessions: BTreeMap<SessionId, LiveSession>,
    session_count: u32,
    timeline: Timeline,
    verdict: Verdict,
    class: UserAgentClass,
    product: String,
    bar: u8,
    crossed: Option<(RequestId, Timestamp)>,
    /// Of how many requests it was judged last.
    judged: u64,
    reopened: u32,
    addresses: Vec<Address>,
    #[serde(skip)]
    new_requests: Vec<(RequestId, DetectorMask)>,
    #[serde(skip)]
    new_addresses: Vec<Address>,
    #[serde(skip)]
    finished_slices: Vec<Slice>,
    #[serde(skip)]
    dirty: bool,
}

/// With what an attack begins.
pub(crate) struct Raise<'a> {
    /// Who was judged.
    pub actor: ActorKey,
    /// What the actor did so far.
    pub features: &'a Features,
    /// Its requests by the detectors they fed.
    pub fed: FedCounts,
    /// As many of its last requests as are remembered.
    pub traces: Vec<Trace>,
    /// Why.
    pub verdict: Verdict,
    /// What its user agent says.
    pub class: UserAgentClass,
    /// The product that its user agent names.
    pub product: &'a str,
    /// The bar that was crossed.
    pub bar: u8,
}

impl Attack {
    /// A new attack on an application.
    #[must_use]
    pub(crate) fn raise(raise: Raise<'_>, application: &str) -> Self {
        let started_at = raise.features.core.from.0;
        let mut attack = Self {
            id: raise.actor.hash(application, started_at),
            actor: raise.actor,
            closed: false,
            ended_at: raise.features.core.until.0,
            started_at,
            features: raise.features.clone(),
            current: Slice::default(),
            fed: FedCounts::default(),
            sessions: BTreeMap::new(),
            session_count: 0,
            timeline: Timeline::default(),
            verdict: raise.verdict,
            class: raise.class,
            product: raise.product.to_owned(),
            bar: raise.bar,
            crossed: None,
            judged: 0,
            reopened: 0,
            addresses: Vec::new(),
            new_requests: Vec::new(),
            new_addresses: Vec::new(),
            finished_slices: Vec::new(),
            dirty: true,
        };
        attack.take_up(raise.features, raise.fed, &raise.traces);
        attack.crossed = raise
            .traces
            .last()
            .map(|trace| (trace.id, Timestamp(trace.at)));
        attack
    }

    /// Takes up what another client of the same actor did before it was known to be one.
    pub(crate) fn absorb(&mut self, features: &Features, fed: &FedCounts, traces: &[Trace]) {
        self.ended_at = self.ended_at.max(features.core.until.0);
        self.features.merge(features);
        self.current.merge(&features.core);
        self.fed.merge(fed);
        for (address, _) in features.tally.addresses.top(usize::MAX) {
            self.note_address(address);
        }
        for trace in traces {
            self.trace(trace);
        }
        self.dirty = true;
    }

    /// Goes on with what a silent actor did since it came back.
    pub(crate) fn reopen(&mut self, raise: Raise<'_>) {
        self.closed = false;
        self.reopened += 1;
        self.finish_slice();
        self.features.merge(raise.features);
        self.take_up(raise.features, raise.fed, &raise.traces);
        self.update(raise.verdict);
    }

    fn take_up(&mut self, features: &Features, fed: FedCounts, traces: &[Trace]) {
        self.ended_at = self.ended_at.max(features.core.until.0);
        self.current = features.core.clone();
        self.current.voted = self.verdict.voted();
        self.fed.merge(&fed);
        for (address, _) in features.tally.addresses.top(usize::MAX) {
            self.note_address(address);
        }
        // What is not remembered one by one still counts at the beginning of the timeline.
        let forgotten = features.requests().saturating_sub(traces.len() as u64);
        for _ in 0..forgotten {
            self.timeline.add(features.core.from.0, 0, false);
        }
        for trace in traces {
            self.trace(trace);
        }
        self.dirty = true;
    }

    fn note_address(&mut self, address: Address) {
        if let Err(index) = self.addresses.binary_search(&address)
            && self.addresses.len() < MAX_ADDRESSES
        {
            self.addresses.insert(index, address);
            self.new_addresses.push(address);
        }
    }

    fn trace(&mut self, trace: &Trace) {
        let hit = !trace.fed.and(self.verdict.voted()).is_empty();
        self.timeline.add(trace.at, trace.status, hit);
        if !trace.fed.is_empty() {
            self.new_requests.push((trace.id, trace.fed));
        }
        if !self.sessions.contains_key(&trace.session) {
            self.session_count += 1;
        }
        let session = self
            .sessions
            .entry(trace.session)
            .or_insert_with(|| LiveSession {
                keyed: trace.keyed,
                started_at: trace.at,
                ended_at: trace.at,
                requests: 0,
                fed: FedCounts::default(),
                dirty: true,
            });
        session.ended_at = session.ended_at.max(trace.at);
        session.requests += 1;
        session.fed.add(trace.fed);
        session.dirty = true;
    }

    /// Counts one request of the bot.
    pub(crate) fn add(&mut self, event: &Event, trace: &Trace) {
        if self.current.is_over(event.at, self.started_at) {
            self.finish_slice();
        }
        let added: Added = self.features.add(event);
        if !event.is_static() {
            self.current.add(event, &added.step);
            self.current.voted = self.verdict.voted();
        }
        self.fed.add(trace.fed);
        self.ended_at = event.at;
        self.note_address(event.address);
        self.trace(trace);
        self.dirty = true;
    }

    fn finish_slice(&mut self) {
        if self.current.requests > 0 {
            self.finished_slices
                .push(std::mem::take(&mut self.current).stored());
        }
    }

    /// Takes over a newer verdict. One that does not cross the bar does not undo what was found.
    pub(crate) fn update(&mut self, verdict: Verdict) {
        if verdict.confidence() >= f64::from(self.bar) {
            if verdict.voted() != self.verdict.voted() {
                // Other requests of them are hits now.
                for session in self.sessions.values_mut() {
                    session.dirty = true;
                }
            }
            self.verdict = verdict;
            self.dirty = true;
        }
    }

    /// Whether an eighth more was counted since it was judged.
    #[must_use]
    pub(crate) fn is_due(&self) -> bool {
        self.features.requests() >= judge::due_after(self.judged)
    }

    /// Notes that it is judged.
    pub(crate) fn note_judged(&mut self) {
        self.judged = self.features.requests();
    }

    /// How many addresses it came from, as far as they are told apart.
    #[must_use]
    pub(crate) fn sources(&self) -> u64 {
        self.addresses.len() as u64
    }

    /// What was measured of all that counts in it.
    #[must_use]
    pub(crate) fn features(&self) -> &Features {
        &self.features
    }

    /// The primary type.
    #[must_use]
    pub(crate) fn bot_type(&self) -> shared::BotType {
        self.verdict.types[0].bot_type
    }

    /// From when on it is closed, if nothing more comes: silence of five times its usual gap,
    /// at least an hour, at most a day.
    #[must_use]
    pub(crate) fn closes_at(&self) -> i64 {
        let span = self.ended_at - self.started_at;
        self.ended_at + silence_that_closes(span, self.features.all_requests)
    }

    /// Closes it.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        self.dirty = true;
        self.finish_slice();
    }

    /// Says what changed since the last time. With `preview`, also what is not finished.
    pub(crate) fn tell(&mut self, effects: &mut Effects, directory: &Directory, preview: bool) {
        let voted = self.verdict.voted();
        for (session, live) in &mut self.sessions {
            if std::mem::take(&mut live.dirty) {
                effects.attack_sessions.push(AttackSessionRecord {
                    attack: self.id,
                    session: *session,
                    started_at: Timestamp(live.started_at),
                    ended_at: Timestamp(live.ended_at),
                    requests: live.requests,
                    hits: u32::try_from(live.fed.hits(voted)).unwrap_or(u32::MAX),
                });
            }
        }
        self.let_go_of_sessions();
        self.tell_requests(effects);
        let new_addresses = self.new_addresses.drain(..);
        effects
            .attack_addresses
            .extend(new_addresses.map(|address| (self.id, address)));
        let slices = self.finished_slices.drain(..);
        effects
            .attack_slices
            .extend(slices.map(|slice| (self.id, slice)));
        if preview {
            effects.attack_slices.extend(self.unfinished());
        }
        if std::mem::take(&mut self.dirty) {
            effects.attacks.push(self.record(directory));
        }
    }

    /// Forgets sessions that are over, oldest first, until few are left; of very many also those
    /// that go on.
    fn let_go_of_sessions(&mut self) {
        let count = self.sessions.len();
        if count <= FEW_SESSIONS {
            return;
        }
        let is_over =
            |it: &LiveSession| self.closed || !goes_on(it.keyed, it.ended_at, self.ended_at);
        let oldest = self
            .sessions
            .iter()
            .map(|(id, it)| (!is_over(it), it.ended_at, *id));
        let mut oldest: Vec<_> = oldest.collect();
        let over = oldest.iter().filter(|(goes_on, ..)| !goes_on).count();
        let gone = over
            .min(count - FEW_SESSIONS)
            .max(count.saturating_sub(MAX_SESSIONS));
        if gone == 0 {
            return;
        }
        oldest.select_nth_unstable(gone - 1);
        for (.., session) in &oldest[..gone] {
            self.sessions.remove(session);
        }
    }

    /// Its slice that goes on.
    #[must_use]
    pub(crate) fn unfinished(&self) -> Option<(AttackId, Slice)> {
        let slice = &self.current;
        (slice.requests > 0).then(|| (self.id, slice.stored()))
    }

    fn tell_requests(&mut self, effects: &mut Effects) {
        self.new_requests.sort_unstable_by_key(|(id, _)| *id);
        self.new_requests.dedup_by_key(|(id, _)| *id);
        for (id, fed) in self.new_requests.drain(..) {
            match effects.attack_requests.last_mut() {
                Some(last) if last.attack == self.id && last.segment == id.segment => {
                    last.rows.push((id.row, fed));
                }
                _ => effects.attack_requests.push(AttackRequests {
                    attack: self.id,
                    segment: id.segment,
                    rows: vec![(id.row, fed)],
                }),
            }
        }
    }
}

/// Five times the usual gap, at least an hour, at most a day; all in milliseconds.
fn silence_that_closes(span: i64, requests: u64) -> i64 {
    let usual_gap = span / i64::try_from(requests).unwrap_or(i64::MAX).max(1);
    (5 * usual_gap).clamp(CLOSE_MIN_MS, CLOSE_MAX_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An attack of so many sessions with a request each, so many a second.
    fn attack_of(sessions: u64, a_second: u64) -> Attack {
        let verdict = Verdict {
            requests: 0,
            findings: Vec::new(),
            contradiction: None,
            types: Vec::new(),
            anomaly: None,
        };
        let raise = Raise {
            actor: ActorKey::Cluster(1),
            features: &Features::default(),
            fed: FedCounts::default(),
            traces: Vec::new(),
            verdict,
            class: UserAgentClass::Unknown,
            product: "",
            bar: 50,
        };
        let mut attack = Attack::raise(raise, "shop");
        for session in 0..sessions {
            let trace = Trace {
                at: (session / a_second) as i64 * 1_000,
                session: SessionId(session),
                ..Trace::default()
            };
            attack.ended_at = trace.at;
            attack.trace(&trace);
        }
        attack
    }

    #[test]
    fn sessions_are_kept_until_they_are_over_but_not_more_than_there_is_room_for() {
        let first = |attack: &Attack| attack.sessions.first_key_value().unwrap().0.0;
        // One a second: those of the last half hour go on.
        let mut attack = attack_of(10_000, 1);
        attack.let_go_of_sessions();
        assert_eq!((attack.sessions.len(), first(&attack)), (1_801, 8_199));
        attack.close();
        attack.let_go_of_sessions();
        assert_eq!((attack.sessions.len(), first(&attack)), (32, 9_968));
        let mut attack = attack_of(100_000, 100);
        attack.let_go_of_sessions();
        assert_eq!((attack.sessions.len(), first(&attack)), (65_536, 34_464));
    }

    #[test]
    fn an_attack_closes_after_five_usual_gaps_between_an_hour_and_a_day() {
        assert_eq!(silence_that_closes(60_000, 600), Timestamp::HOUR);
        // 20 requests in 10 hours: half an hour apart
        assert_eq!(
            silence_that_closes(10 * Timestamp::HOUR, 20),
            150 * Timestamp::MINUTE
        );
        assert_eq!(silence_that_closes(30 * Timestamp::DAY, 60), Timestamp::DAY);
    }
}
