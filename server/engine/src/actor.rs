//! Actors while they are remembered: clients, and the addresses behind which there are several
//! of them.

use serde::{Deserialize, Serialize};
use shared::{AttackId, DetectorKind, SessionId, Timestamp};

use crate::effects::{ClientKey, DetectorMask, EndpointKey, UserAgentKey};
use crate::event::Event;
use crate::features::{Added, Features};
use crate::model::Path;
use crate::request::Address;
use crate::resting::Rests;
use crate::session::OpenSession;
use crate::trace::{FedCounts, Trace, Traces};

/// An actor is forgotten after this much silence, and measured anew after this much activity.
pub(crate) const ACTIVITY_MS: i64 = Timestamp::DAY;
/// A client that sends many requests in a minute is judged each time so many more came.
const JUDGE_EVERY: u64 = 32;
/// A client teaches with so many requests, not only when its session ends: where people have just
/// begun to come, half an hour is long.
const EARLY_REQUESTS: u64 = 20;
/// A client with more sign-ins among its requests is remembered for its failed ones.
const GUESSER_SHARE: f64 = 0.8;
/// How many clients of an address are told apart.
pub(crate) const ADDRESS_CLIENTS: usize = 64;
/// A response that took longer feeds the detector of response times, in microseconds.
const SLOW_US: u32 = 500_000;
/// A request or response of so many bytes feeds those of consumption.
const LARGE: u32 = 50_000;
/// Surprise from which on a request feeds the detector, in thousandths of a bit.
const SURPRISING: u32 = 8_000;

/// One client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    /// Its address's block. First, as it is read without the rest: see [`Rests::Head`].
    pub block: Address,
    /// What was measured since it became active.
    pub features: Features,
    /// Its open session.
    pub session: Option<OpenSession>,
    /// Its requests by the detectors they fed.
    pub fed: FedCounts,
    traces: Traces,
    /// Where its session went.
    pub path: Path,
    /// Where it was last.
    pub last_endpoint: Option<EndpointKey>,
    /// Its first user agent.
    pub user_agent: UserAgentKey,
    /// Its last request.
    pub last_at: i64,
    /// It is judged again at this many requests.
    pub next_judge: u64,
    /// The highest confidence so far, in percent.
    pub confidence: f64,
    /// How often it taught what is normal since it was measured anew.
    pub lessons: u8,
    /// Whether one of these lessons was early, before its session ended.
    pub taught_early: bool,
    /// Its attack, if one is open.
    pub attack: Option<AttackId>,
    /// When the engine looks after it next.
    pub next_check: i64,
    /// Its first request.
    pub began_at: i64,
    /// Whether a session key tells who it is.
    pub keyed: bool,
    /// Whether the shape of its visit was learned from.
    pub shaped: bool,
    /// Whether a program seems to drive its browser, as far as it was learned from.
    pub driven: Option<bool>,
    /// The cluster that it is alike, if any.
    pub likeness: Option<u64>,
}

/// What is known of every client, resting or not.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct ClientOutline {
    /// Some bits of its address's block.
    pub block: u32,
    /// Whether it has an open session.
    pub in_session: bool,
    /// Whether nothing of it is asked for when it is forgotten: it has no session, is part of no
    /// attack, and did more than sign in.
    pub is_plain: bool,
}

impl ClientOutline {
    /// The bits of a block that are known.
    #[must_use]
    pub(crate) fn of_block(block: Address) -> u32 {
        let folded = (block.0 >> 64) as u64 ^ block.0 as u64;
        (folded ^ folded >> 32) as u32
    }
}

impl Rests for Client {
    type Outline = ClientOutline;
    type Head = Address;

    fn outline(&self) -> ClientOutline {
        ClientOutline {
            block: ClientOutline::of_block(self.block),
            in_session: self.session.is_some(),
            is_plain: self.session.is_none() && self.attack.is_none() && !self.mostly_signs_in(),
        }
    }

    fn head(&self) -> Address {
        self.block
    }

    fn last_at(&self) -> i64 {
        self.last_at
    }

    fn settle(&mut self) {
        self.features.peak.forget_minute();
    }
}

impl Client {
    /// A client that was not there before.
    #[must_use]
    pub(crate) fn new(event: &Event) -> Self {
        Self {
            block: event.address.block(),
            features: Features::default(),
            session: None,
            fed: FedCounts::default(),
            traces: Traces::default(),
            path: Path::default(),
            last_endpoint: None,
            user_agent: event.user_agent,
            last_at: event.at,
            next_judge: 1,
            confidence: 0.0,
            lessons: 0,
            taught_early: false,
            attack: None,
            next_check: i64::MAX,
            began_at: event.at,
            keyed: event.has(Event::KEYED),
            shaped: false,
            driven: None,
            likeness: None,
        }
    }

    /// Counts one request, which belongs to `session`; returns what may become a hit.
    pub(crate) fn add(&mut self, event: &Event, session: SessionId) -> Trace {
        let added = self.features.add(event);
        self.last_at = event.at;
        let fed = fed(event, &added);
        if !event.is_static() {
            self.path.add(self.last_endpoint, event.endpoint);
            self.last_endpoint = Some(event.endpoint);
        }
        self.fed.add(fed);
        if event.has(Event::DECISIVE_PROBE) {
            self.next_judge = 0;
        }
        Trace {
            id: event.id,
            at: event.at,
            session,
            keyed: self.keyed,
            status: event.status,
            fed,
        }
    }

    /// Remembers a request while there is no attack that it could be told of: `most` of them. Says
    /// whether so many came together that the client should be judged before the oldest are
    /// forgotten.
    pub(crate) fn remember(&mut self, trace: Trace, most: usize) -> bool {
        self.traces.push(trace, most);
        self.features.all_requests.is_multiple_of(JUDGE_EVERY)
    }

    /// Whether so much came since it was judged that it is to be judged again.
    #[must_use]
    pub(crate) fn is_due(&self) -> bool {
        self.features.requests() >= self.next_judge
    }

    /// Whether it is well enough known to teach though its session goes on, and has not yet.
    #[must_use]
    pub(crate) fn is_well_known(&self) -> bool {
        self.features.requests() >= EARLY_REQUESTS && !self.taught_early
    }

    /// Whether it does so little but sign in that it is remembered for that.
    #[must_use]
    pub(crate) fn mostly_signs_in(&self) -> bool {
        self.features.authentication_share() >= GUESSER_SHARE
    }

    /// The requests remembered, oldest first.
    #[must_use]
    pub(crate) fn traces(&self) -> Vec<Trace> {
        self.traces.to_vec()
    }

    /// Begins to measure anew; who it is and where it stands stay.
    pub(crate) fn start_over(&mut self) {
        self.features = Features::default();
        self.fed = FedCounts::default();
        self.traces = Traces::default();
        self.next_judge = 1;
        self.confidence = 0.0;
        self.lessons = 0;
        self.taught_early = false;
    }

    /// Forgets the requests remembered: they were told.
    pub(crate) fn forget_traces(&mut self) {
        self.traces = Traces::default();
    }
}

/// The detectors that a request feeds, should they vote.
pub(crate) fn fed(event: &Event, added: &Added) -> DetectorMask {
    use DetectorKind as D;
    if event.is_static() {
        return DetectorMask::default();
    }
    let conditions = [
        (D::BadUserAgent, event.has(Event::TOOL)),
        (D::SpoofedCrawler, true),
        // How old a browser is says nothing of one request, nor does how unlike others it all is.
        (D::OutdatedBrowser, false),
        (D::RequestRate, added.step.burst_requests > 0),
        (D::RequestInterval, added.step.gap_ms.is_some()),
        (D::RequestUniqueness, !added.new_endpoint),
        (D::WideScope, added.new_endpoint),
        (D::QueryAbuse, added.new_target && !added.new_endpoint),
        (D::SuspiciousBehavior, event.surprise >= SURPRISING),
        (D::BusinessLogic, event.is_critical()),
        (D::ExploitProbing, event.has(Event::PROBE)),
        (D::ErrorRate, event.status >= 400),
        (
            D::AuthenticationAbuse,
            event.has(Event::AUTHENTICATION) || event.status == 401,
        ),
        (D::CredentialStuffing, event.has(Event::ATTEMPT)),
        (D::LowFrequencyStuffing, event.has(Event::ATTEMPT)),
        (D::PersistentAto, event.has(Event::ATTEMPT)),
        (D::IpRotation, true),
        (D::SessionRotation, true),
        (
            D::ResponseTime,
            event.time_us >= SLOW_US || event.status == 504,
        ),
        (
            D::RequestConsumption,
            event.request_bytes >= LARGE || event.status == 413,
        ),
        (D::ResponseConsumption, event.response_bytes >= LARGE.into()),
        (D::AnomalyModel, false),
    ];
    conditions
        .into_iter()
        .filter(|(_, feeds)| *feeds)
        .fold(DetectorMask::default(), |mask, (detector, _)| {
            mask.with(detector)
        })
}

/// An address with its clients. Measured as one actor only from the second client on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Neighbors {
    /// Its clients, at most 64, in order of appearance.
    pub clients: Vec<ClientKey>,
    /// What those of them that may be one program did together, once there are two.
    pub features: Option<Box<Features>>,
    /// How many of those there were.
    pub sessions: u64,
    /// Their requests by the detectors they fed.
    pub fed: FedCounts,
    /// It is judged again at this many requests.
    pub next_judge: u64,
    /// How often its clients taught what is normal today.
    pub lessons: u8,
    /// Its attack, if one is open.
    pub attack: Option<AttackId>,
    /// Its last request.
    pub last_at: i64,
    /// User agents with which files were loaded here, at most 16: where a session key tells
    /// clients apart, the one that loaded a page's files may be another than the one that reads
    /// on.
    pub browsers: Vec<UserAgentKey>,
}

impl Rests for Neighbors {
    type Outline = ();
    type Head = ();

    fn outline(&self) {}

    fn head(&self) {}

    fn last_at(&self) -> i64 {
        self.last_at
    }

    fn settle(&mut self) {
        if let Some(features) = &mut self.features {
            features.peak.forget_minute();
        }
    }
}

/// How many user agents that loaded files are remembered of an address.
const BROWSERS: usize = 16;

impl Neighbors {
    /// Notes that files were loaded with this user agent.
    pub(crate) fn note_browser(&mut self, user_agent: UserAgentKey) {
        if !self.browsers.contains(&user_agent) {
            if self.browsers.len() == BROWSERS {
                self.browsers.remove(0);
            }
            self.browsers.push(user_agent);
        }
    }

    /// Begins to measure anew, from what is known of its clients by then.
    pub(crate) fn start_over(&mut self) {
        self.features = None;
        self.sessions = 0;
        self.fed = FedCounts::default();
        self.next_judge = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Very many are held at once; the allocator has room of 1,024 bytes for one with its counts.
    #[test]
    fn a_client_is_small() {
        assert!(size_of::<Client>() + 2 * size_of::<usize>() <= 1_024);
    }

    #[test]
    fn a_clients_head_is_read_without_the_rest_of_it() {
        let client = Client::new(&Event {
            address: Address(0xffff_0a00_0001),
            ..Event::example(7)
        });
        let written = postcard::to_stdvec(&client).unwrap();
        let head: <Client as Rests>::Head = postcard::from_bytes(&written).unwrap();
        assert_eq!(head, Address(0xffff_0a00_0001));
    }
}
