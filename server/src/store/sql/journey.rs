//! Sessions that continue each other: the engine ends every session at UTC midnight, so a
//! journey over midnight is several.

use engine::SESSION_GAP_MS;
use shared::Timestamp;

use super::applications::Shown;
use super::effects::stored_address;
use super::sessions::{COLUMNS, complete, push_months, read_session};
use super::{StoreError, TenantStore};
use crate::store::database::{Connection, QueryBuilder, month_of};
use crate::store::{AdjacentSessions, SessionRow};

/// No journey is followed over more sessions …
const MAX_SESSIONS: usize = 31;
/// … nor beyond so many requests.
const MAX_REQUESTS: u64 = 400_000;

/// Of sessions that may be the one looked for, so many are looked at.
const CANDIDATES: i64 = 50;

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
    let mut statement = QueryBuilder::new(COLUMNS);
    statement
        .push("session s WHERE s.tenant_id = ")
        .push_bind(tenant);
    statement
        .push(" AND s.judgement = ")
        .push_bind(session.judgement.number);
    // A client is either named in the summary or follows from the address.
    statement
        .push(" AND (s.address = ")
        .push_bind(stored_address(session.address))
        .push(" OR instr(s.summary, ")
        .push_bind(session.client.0.to_le_bytes().to_vec())
        .push(") > 0)");
    match side {
        Side::Before => {
            push_months(&mut statement, connection, [month_of(midnight.plus(-1))]);
            let earliest = if session.keyed {
                midnight.plus(-Timestamp::DAY)
            } else {
                session.started_at.plus(-gap)
            };
            statement
                .push(" AND s.ended_at >= ")
                .push_bind(earliest.0)
                .push(" AND s.ended_at < ")
                .push_bind(midnight.0)
                .push(" ORDER BY s.ended_at DESC, s.id LIMIT ");
        }
        Side::After => {
            push_months(&mut statement, connection, [month_of(midnight)]);
            let latest = if session.keyed {
                midnight.plus(Timestamp::DAY)
            } else {
                session.ended_at.plus(gap)
            };
            statement
                .push(" AND s.ended_at >= ")
                .push_bind(midnight.0)
                .push(" AND s.ended_at < ")
                .push_bind(midnight.plus(Timestamp::DAY).0)
                .push(" AND s.ended_at - s.duration_ms <= ")
                .push_bind(latest.0)
                .push(" ORDER BY s.ended_at - s.duration_ms, s.id LIMIT ");
        }
    }
    statement.push_bind(CANDIDATES);
    let shown = Shown {
        judgement: session.judgement,
        revision: 0,
        marks: 0,
        id: session.application_id,
        name: session.application.clone(),
    };
    let mut found = Vec::new();
    for row in statement.build().fetch_all(&mut *connection).await? {
        found.push(read_session(&row, &shown)?);
    }
    let found = complete(connection, tenant, found).await?;
    let same_client = |row: &SessionRow| row.client == session.client;
    Ok(found.into_iter().find(same_client))
}
