//! The routes of sessions: their list, and of one its requests.

use shared::SessionSummary;
use shared::{Page, SessionCounts, SessionDetail, SessionFacets, SessionId, SessionRequests};

use super::{Answer, Params, Part, get, non_empty};
use crate::format::zone;

/// One page of the sessions that `q` finds, newest first.
pub fn sessions(q: &str, part: Part) -> impl Future<Output = Answer<Page<SessionSummary>>> + use<> {
    let zone = zone::minutes_east().to_string();
    let limit = part.limit();
    let params: Params = &[
        ("q", non_empty(q)),
        ("cursor", part.cursor.as_deref()),
        ("limit", limit.as_deref()),
        ("zone", Some(&zone)),
    ];
    get("sessions", params)
}

/// How many sessions `q` finds, and how many of them are bots.
pub fn session_counts(q: &str) -> impl Future<Output = Answer<SessionCounts>> {
    let zone = zone::minutes_east().to_string();
    get(
        "sessions/counts",
        &[("q", non_empty(q)), ("zone", Some(&zone))],
    )
}

/// One session, opened.
pub fn session(id: SessionId) -> impl Future<Output = Answer<SessionDetail>> {
    get(&format!("sessions/{id}"), &[])
}

/// How many requests of a session `filter` keeps, and how they divide. A filter is written as
/// an address has it.
pub fn session_facets(id: SessionId, filter: &str) -> impl Future<Output = Answer<SessionFacets>> {
    get(&format!("sessions/{id}/facets?{filter}"), &[])
}

/// At most `limit` of the requests of a session that `filter` keeps, from the place on that
/// `from` names: a `start`, a moment `at`, or a `request`.
pub fn session_requests(
    id: SessionId,
    filter: &str,
    from: (&str, &str),
    limit: usize,
) -> impl Future<Output = Answer<SessionRequests>> {
    let limit = limit.to_string();
    let params: Params = &[(from.0, Some(from.1)), ("limit", Some(&limit))];
    get(&format!("sessions/{id}/requests?{filter}"), params)
}

/// Where the requests of a session that `filter` keeps can be downloaded.
pub fn session_csv(id: SessionId, filter: &str) -> String {
    format!("/api/v1/sessions/{id}/requests.csv?{filter}")
}
