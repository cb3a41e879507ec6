//! An event: a request reduced to what judgement needs, of fixed size. Made once per request
//! by [`crate::attribute`]; everything in it is a function of the request alone, except the
//! endpoint (learned folds) and the surprise, which are filled in when its minute is judged.

use serde::{Deserialize, Serialize};
use shared::RequestId;

use crate::effects::{ClientKey, EndpointKey, UserAgentKey};
use crate::request::Address;
use crate::session::RoleId;

/// A method among the known ones; see [`MethodId::name`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct MethodId(u8);

const METHODS: &[&str] = &[
    "-",
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "other",
];

impl MethodId {
    /// The number of a method's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self(0);
        }
        let index = METHODS.iter().position(|name| *name == text);
        Self(index.unwrap_or(METHODS.len() - 1) as u8)
    }

    /// The method's text: `-` for none, `other` for one that is not known.
    #[must_use]
    pub fn name(self) -> &'static str {
        METHODS.get(usize::from(self.0)).copied().unwrap_or("other")
    }

    /// Whether it may change something on the server (RFC 9110, 9.2.1 lists the safe ones).
    #[must_use]
    pub fn is_unsafe(self) -> bool {
        !matches!(
            self.name(),
            "GET" | "HEAD" | "OPTIONS" | "TRACE" | "-" | "PROPFIND" | "REPORT" | "SEARCH"
        )
    }
}

/// A set of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct MethodSet(pub u32);

impl MethodSet {
    /// This set and `method`.
    #[must_use]
    pub fn with(self, method: MethodId) -> Self {
        Self(self.0 | 1 << method.0)
    }

    /// The texts of its members, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        (0u8..)
            .zip(METHODS)
            .filter(move |(number, _)| self.0 & 1 << number != 0)
            .map(|(_, name)| *name)
    }
}

/// One request, reduced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Whose it is.
    pub client: ClientKey,
    /// Its source.
    pub address: Address,
    /// What it asked for.
    pub endpoint: EndpointKey,
    /// Hash of path and query.
    pub target: u64,
    /// Its user agent.
    pub user_agent: UserAgentKey,
    /// Hash of the signed-in user; 0 if none.
    pub user: u64,
    /// Response bytes; 0 where the log has none.
    pub response_bytes: u64,
    /// Bytes of the request; 0 where the log has none.
    pub request_bytes: u32,
    /// Microseconds until the response was sent; 0 where the log has none.
    pub time_us: u32,
    /// The stored request.
    pub id: RequestId,
    /// Orders events of one client at the same moment from different sources.
    pub source: u64,
    /// The resolution of `at` in milliseconds.
    pub resolution_ms: u32,
    /// Surprise in thousandths of a bit; 0 while the application's model is young.
    pub surprise: u32,
    /// See the constants.
    pub flags: u32,
    /// Response status; 0 where the log has none.
    pub status: u16,
    /// Its method.
    pub method: MethodId,
    /// The user's role, by its place in [`Roles`](crate::session::Roles).
    pub role: RoleId,
}

impl Event {
    /// For a file that does not change with the user.
    pub const STATIC: u32 = 1;
    /// To an authentication endpoint.
    pub const AUTHENTICATION: u32 = 1 << 1;
    /// Submits credentials.
    pub const ATTEMPT: u32 = 1 << 2;
    /// An attempt that likely succeeded.
    pub const SUCCESS: u32 = 1 << 3;
    /// To a sensitive endpoint.
    pub const SENSITIVE: u32 = 1 << 4;
    /// To a business-critical endpoint.
    pub const BUSINESS: u32 = 1 << 5;
    /// Asks whether the service lives.
    pub const HEALTH: u32 = 1 << 6;
    /// With a method that may change something.
    pub const UNSAFE: u32 = 1 << 7;
    /// Looks like a scanner's request.
    pub const PROBE: u32 = 1 << 8;
    /// No legitimate client sends it.
    pub const DECISIVE_PROBE: u32 = 1 << 9;
    /// Blocked, says the log.
    pub const BLOCKED: u32 = 1 << 10;
    /// Looks like a probe by the file's name alone: none where the file exists.
    pub(crate) const PROBE_BY_NAME: u32 = 1 << 12;
    /// Grouped by a session key.
    pub const KEYED: u32 = 1 << 11;

    /// Asks for a feed.
    pub const FEED: u32 = 1 << 13;
    /// To where other services tell what happened.
    pub const WEBHOOK: u32 = 1 << 14;
    /// Names the page that it comes from.
    pub const REFERER: u32 = 1 << 15;

    /// Asks what crawlers may ask for.
    pub const ROBOTS: u32 = 1 << 16;

    /// With a query.
    pub const QUERY: u32 = 1 << 17;
    /// Calls itself no browser.
    pub const TOOL: u32 = 1 << 18;
    /// Comes by a link from the very page that it asks for.
    pub const SELF_LINK: u32 = 1 << 19;

    /// Whether a flag is set.
    #[must_use]
    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Whether it is for a static file (and no probe for one).
    #[must_use]
    pub fn is_static(&self) -> bool {
        self.flags & (Self::STATIC | Self::PROBE) == Self::STATIC
    }

    /// Whether it goes to a critical or sensitive endpoint.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.has(Self::SENSITIVE) || self.has(Self::BUSINESS)
    }

    /// Its weight for the business logic score, in hundredths: 100 for a sensitive endpoint or
    /// a change at a critical one, 25 for reading a critical one.
    #[must_use]
    pub fn business_weight(&self) -> u32 {
        let changes = self.has(Self::BUSINESS) && self.has(Self::UNSAFE);
        if self.has(Self::SENSITIVE) || changes {
            100
        } else if self.has(Self::BUSINESS) {
            25
        } else {
            0
        }
    }

    #[cfg(test)]
    const EMPTY: Self = Self {
        at: 0,
        client: ClientKey(0),
        address: Address(0),
        endpoint: EndpointKey(0),
        target: 0,
        user_agent: UserAgentKey(0),
        user: 0,
        response_bytes: 0,
        request_bytes: 0,
        time_us: 0,
        id: RequestId { segment: 0, row: 0 },
        source: 0,
        resolution_ms: 1,
        surprise: 0,
        flags: 0,
        status: 0,
        method: MethodId(0),
        role: RoleId::NONE,
    };

    /// An event for tests: a GET answered with 200.
    #[cfg(test)]
    pub(crate) fn example(at: i64) -> Self {
        Self {
            at,
            status: 200,
            method: MethodId::of("GET"),
            resolution_ms: 1_000,
            ..Self::EMPTY
        }
    }

    /// The order in which one client's events are judged: time, then the source's own order.
    #[must_use]
    pub fn order(&self) -> (i64, u64, RequestId) {
        (self.at, self.source, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_that_may_change_something_are_unsafe() {
        for (method, is_unsafe) in [
            ("GET", false),
            ("HEAD", false),
            ("OPTIONS", false),
            ("POST", true),
            ("DELETE", true),
            ("PURGE", true),
            ("", false),
        ] {
            assert_eq!(MethodId::of(method).is_unsafe(), is_unsafe, "{method}");
        }
        assert_eq!(MethodId::of("PURGE").name(), "other");
    }

    #[test]
    fn changing_a_critical_endpoint_weighs_four_times_reading_it() {
        let weight = |flags| {
            let mut event = Event::example(0);
            event.flags = flags;
            event.business_weight()
        };
        assert_eq!(weight(0), 0);
        assert_eq!(weight(Event::BUSINESS), 25);
        assert_eq!(weight(Event::BUSINESS | Event::UNSAFE), 100);
        assert_eq!(weight(Event::SENSITIVE), 100);
    }
}
