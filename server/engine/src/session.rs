//! Sessions: the requests of one user journey. Same client, split at UTC midnight; a gap of 30
//! minutes starts a new one when the client is only an address and a user agent.

use serde::{Deserialize, Serialize};
use shared::{SessionId, Timestamp};
use smallvec::SmallVec;

use crate::attribute::hash_parts;
use crate::effects::{ClientKey, SessionCodes, SessionRecord, UserAgentKey};
use crate::event::{Event, MethodSet};
use crate::features::EndpointCounts;
use crate::request::Address;
use crate::varint::Ascending;

/// Silence that ends a session of a client without session key, in milliseconds.
pub const SESSION_GAP_MS: i64 = 30 * Timestamp::MINUTE;
const MAX_ADDRESSES: usize = 255;
/// How many endpoints of a session are named.
const TOP_ENDPOINTS: usize = 3;
/// Different response statuses that a session tells apart.
const MAX_CODES: usize = 16;

/// Whether a request at `at` is still of a session whose last one was at `ended_at`.
#[must_use]
pub(crate) fn goes_on(keyed: bool, ended_at: i64, at: i64) -> bool {
    let same_day = Timestamp(at).day() == Timestamp(ended_at).day();
    same_day && (keyed || at - ended_at <= SESSION_GAP_MS)
}

/// A role by its place in [`Roles`], from 1; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoleId(u8);

impl RoleId {
    /// No role.
    pub(crate) const NONE: Self = Self(0);
}

/// The roles of an application's users: a handful, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Roles(Vec<Box<str>>);

impl Roles {
    /// The place of a role that may be new; none for no role, and beyond the first 255, which
    /// are no roles.
    pub(crate) fn note(&mut self, role: &str) -> RoleId {
        if role.is_empty() {
            return RoleId::NONE;
        }
        let place = self.0.iter().position(|known| **known == *role);
        let place = place.unwrap_or(self.0.len());
        if place == self.0.len() && place < usize::from(u8::MAX) {
            self.0.push(role.into());
        }
        RoleId(u8::try_from(place + 1).unwrap_or(0))
    }

    /// The text of a role; empty for none.
    pub(crate) fn get(&self, role: RoleId) -> &str {
        let place = usize::from(role.0).checked_sub(1);
        place
            .and_then(|place| self.0.get(place))
            .map_or("", |role| role)
    }
}

/// A session that may go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OpenSession {
    /// Its identifier.
    pub id: SessionId,
    keyed: bool,
    started_at: i64,
    ended_at: i64,
    requests: u32,
    errors: u32,
    codes: SessionCodes,
    methods: MethodSet,
    bytes: u64,
    addresses: SmallVec<[Address; 1]>,
    user: u64,
    role: RoleId,
    user_agent: UserAgentKey,
    endpoints: EndpointCounts,
    segments: Ascending,
}

impl OpenSession {
    /// Begins a session with its first request at an application; [`OpenSession::add`] it
    /// next.
    #[must_use]
    pub(crate) fn begin(event: &Event, application: &str) -> Self {
        let (client, at) = (event.client.0.to_le_bytes(), event.at.to_le_bytes());
        let id = hash_parts(&[application.as_bytes(), &client, &at]);
        Self {
            id: SessionId(id),
            keyed: event.has(Event::KEYED),
            started_at: event.at,
            ended_at: event.at,
            requests: 0,
            errors: 0,
            codes: SmallVec::new(),
            methods: MethodSet::default(),
            bytes: 0,
            addresses: SmallVec::new(),
            user: 0,
            role: RoleId::NONE,
            user_agent: event.user_agent,
            endpoints: EndpointCounts::default(),
            segments: Ascending::default(),
        }
    }

    /// Its first request.
    #[must_use]
    pub(crate) fn started_at(&self) -> i64 {
        self.started_at
    }

    /// From its first request to its last, in milliseconds.
    #[must_use]
    pub(crate) fn duration(&self) -> i64 {
        self.ended_at - self.started_at
    }

    /// Whether a request at `at` is still of this session.
    #[must_use]
    pub(crate) fn goes_on(&self, at: i64) -> bool {
        goes_on(self.keyed, self.ended_at, at)
    }

    /// Whether nothing that comes at `now` or later can be of this session.
    #[must_use]
    pub(crate) fn is_over(&self, now: i64) -> bool {
        !self.goes_on(now)
    }

    /// From when on it is over, if nothing more comes.
    #[must_use]
    pub(crate) fn over_at(&self) -> i64 {
        let midnight = (Timestamp(self.ended_at).day() + 1) * Timestamp::DAY;
        if self.keyed {
            midnight
        } else {
            midnight.min(self.ended_at + SESSION_GAP_MS + 1)
        }
    }

    /// Counts one request.
    pub(crate) fn add(&mut self, event: &Event) {
        self.ended_at = event.at;
        self.requests += 1;
        self.errors += u32::from(event.status >= 400);
        if let Err(index) = self.codes.binary_search(&event.status)
            && self.codes.len() < MAX_CODES
        {
            self.codes.insert(index, event.status);
        }
        self.methods = self.methods.with(event.method);
        self.bytes = self.bytes.saturating_add(event.response_bytes);
        if !self.addresses.contains(&event.address) && self.addresses.len() < MAX_ADDRESSES {
            self.addresses.push(event.address);
        }
        if event.user != 0 {
            self.user = event.user;
        }
        if event.role != RoleId::NONE {
            self.role = event.role;
        }
        self.endpoints.add(event.endpoint);
        self.segments.add(event.id.segment);
    }

    /// The hash of the signed-in user; 0 if none.
    #[must_use]
    pub(crate) fn user(&self) -> u64 {
        self.user
    }

    /// The role of that user.
    #[must_use]
    pub(crate) fn role(&self) -> RoleId {
        self.role
    }

    /// The session as it stands, or stood when it was over.
    #[must_use]
    pub(crate) fn record(
        &self,
        client: ClientKey,
        user: &str,
        role: &str,
        is_over: bool,
    ) -> SessionRecord {
        SessionRecord {
            id: self.id,
            is_over,
            client,
            keyed: self.keyed,
            started_at: Timestamp(self.started_at),
            ended_at: Timestamp(self.ended_at),
            requests: self.requests,
            errors: self.errors,
            codes: self.codes.clone(),
            methods: self.methods,
            bytes: self.bytes,
            address: self.addresses.first().copied().unwrap_or_default(),
            address_count: self.addresses.len() as u32,
            user: user.to_owned(),
            role: role.to_owned(),
            user_agent: self.user_agent,
            top_endpoints: self.endpoints.top(TOP_ENDPOINTS),
            endpoint_count: u32::try_from(self.endpoints.distinct()).unwrap_or(u32::MAX),
            segments: self.segments.iter().collect(),
        }
    }
}
