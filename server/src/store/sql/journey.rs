//! Sessions that continue each other: the engine ends every session at UTC midnight, so a
//! journey over midnight is several.

use engine::SESSION_GAP_MS;
use shared::Timestamp;

use super::applications::Shown;
use super::session_blocks::visit_sessions;
use super::sessions::{FoundSession, complete};
use super::{StoreError, TenantStore};
use crate::store::database::Connection;
use crate::store::session_block::StoredSession;
use crate::store::{AdjacentSessions, SessionRow};

/// No journey is followed over more sessions …
const MAX_SESSIONS: usize = 31;
/// … nor beyond so many requests.
const MAX_REQUESTS: u64 = 400_000;

/// Of sessions that may be the one looked for, so many are looked at.
const CANDIDATES: usize = 50;

/// On which side of a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

impl TenantStore {
    /// The sessions that a session continues from and goes on as.
    pub async fn find_adjacent_sessions(
        &self,
        session: &SessionRow,
    ) -> Result<AdjacentSessions, StoreError> {
        let mut view = self.read().await?;
        Ok(AdjacentSessions {
            before: adjacent(&mut view, self.tenant, session, Side::Before).await?,
            after: adjacent(&mut view, self.tenant, session, Side::After).await?,
        })
    }

    /// The sessions of the journey that `session` is part of, itself among them, oldest first.
    pub async fn list_journey(&self, session: &SessionRow) -> Result<Vec<SessionRow>, StoreError> {
        let mut view = self.read().await?;
        let mut journey = vec![session.clone()];
        let mut requests = u64::from(session.requests);
        for side in [Side::Before, Side::After] {
            while journey.len() < MAX_SESSIONS {
                let last = match side {
                    Side::Before => &journey[0],
                    Side::After => &journey[journey.len() - 1],
                };
                let Some(next) = adjacent(&mut view, self.tenant, last, side).await? else {
                    break;
                };
                requests += u64::from(next.requests);
                if requests > MAX_REQUESTS {
                    break;
                }
                match side {
                    Side::Before => journey.insert(0, next),
                    Side::After => journey.push(next),
                }
            }
        }
        Ok(journey)
    }
}

/// The session of the same client on the other side of midnight. Without a session key, only
/// within the gap that would have ended the session anyway.
async fn adjacent(
    connection: &mut Connection,
    tenant: i64,
    session: &SessionRow,
    side: Side,
) -> Result<Option<SessionRow>, StoreError> {
    let gap = if session.keyed {
        Timestamp::DAY
    } else {
        SESSION_GAP_MS
    };
    let (midnight, is_near) = match side {
        Side::Before => {
            let midnight = Timestamp(session.started_at.day() * Timestamp::DAY);
            (midnight, session.started_at.since(midnight) <= gap)
        }
        Side::After => {
            let midnight = Timestamp((session.ended_at.day() + 1) * Timestamp::DAY);
            (midnight, midnight.since(session.ended_at) <= gap)
        }
    };
    if !is_near {
        return Ok(None);
    }
    // When it ended, and when it began.
    let (ended, began) = match side {
        Side::Before => {
            let earliest = if session.keyed {
                midnight.plus(-Timestamp::DAY)
            } else {
                session.started_at.plus(-gap)
            };
            ((earliest.0, midnight.0 - 1), i64::MAX)
        }
        Side::After => {
            let latest = if session.keyed {
                midnight.plus(Timestamp::DAY)
            } else {
                session.ended_at.plus(gap)
            };
            let end_of_day = midnight.plus(Timestamp::DAY);
            ((midnight.0, end_of_day.0 - 1), latest.0)
        }
    };
    let judgement = session.judgement.number;
    // A client is either named or follows from the address.
    let may_be = |other: &StoredSession| {
        let is_client = match other.pack.client {
            Some(client) => client == session.client,
            None => other.address == session.address,
        };
        is_client && other.ended_at - other.duration_ms <= began
    };
    let mut candidates = Vec::new();
    visit_sessions(connection, tenant, judgement, ended, |sessions| {
        candidates.extend(sessions.into_iter().filter(may_be));
        true
    })
    .await?;
    candidates.sort_unstable_by_key(|it| match side {
        Side::Before => (-it.ended_at, it.id),
        Side::After => (it.ended_at - it.duration_ms, it.id),
    });
    candidates.truncate(CANDIDATES);
    let shown = Shown {
        judgement: session.judgement,
        revision: 0,
        marks: 0,
        id: session.application_id,
        name: session.application.clone(),
    };
    let found = candidates.into_iter().map(|session| FoundSession {
        shown: shown.clone(),
        session,
    });
    let found = complete(connection, tenant, found.collect()).await?;
    let same_client = |row: &SessionRow| row.client == session.client;
    Ok(found.into_iter().find(same_client))
}
