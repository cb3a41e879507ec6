//! Sessions as rows and in blocks: those that are over and many go into blocks, what changes
//! still is a row, and whoever reads need not know which.

use rustc_hash::FxHashMap;
use shared::{SessionId, Timestamp};

use super::bulk::{ROWS, push_of};
use super::sessions::{COLUMNS, push_months, read_session};
use super::{StoreError, corrupt, count, stored};
use crate::aside::aside;
use crate::store::database::{Connection, QueryBuilder, insert, month_of, query, query_as};
use crate::store::session_block::{
    BLOCK_SESSIONS, StoredSession, block_ids, decode_block, encode_block,
};

/// As many sessions that are over at once become blocks without having been rows.
pub(super) const AT_ONCE: usize = 256;

/// Rows of sessions that are over at which they become blocks.
const PACKED_ROWS: i64 = BLOCK_SESSIONS as i64;

/// Blocks that are read at a time, and rows.
const PART: usize = 16;
const ROWS_READ: i64 = 4_096;

/// Rows that one short transaction removes, more or less: those that ended at one moment go
/// together.
const ROWS_REMOVED: i64 = 5_000;

/// Makes blocks of sessions that are over. Takes a while: compressing them is much of what a
/// commit of many sessions takes.
pub(super) fn make_blocks(mut sessions: Vec<StoredSession>) -> Vec<Block> {
    // Each block has a time of its own, and in it those of an address stand together.
    sessions.sort_unstable_by_key(|session| (session.ended_at, session.id));
    let blocks = sessions.len().div_ceil(BLOCK_SESSIONS).max(1);
    let size = sessions.len().div_ceil(blocks).max(1);
    sessions.chunks_mut(size).map(Block::new).collect()
}

/// Stores blocks.
pub(super) async fn write_blocks(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    blocks: &[Block],
) -> Result<(), StoreError> {
    insert(
        connection,
        "INSERT INTO session_block (tenant_id, judgement, first_at, last_at, sessions, bytes)",
        "",
        blocks,
        |values, block| {
            values
                .push_bind(tenant)
                .push_bind(judgement)
                .push_bind(block.first_at)
                .push_bind(block.last_at)
                .push_bind(block.sessions)
                .push_bind(block.bytes.as_slice());
        },
    )
    .await
}

/// A block as it is stored.
pub(super) struct Block {
    first_at: i64,
    last_at: i64,
    sessions: i64,
    bytes: Vec<u8>,
}

impl Block {
    fn new(sessions: &mut [StoredSession]) -> Self {
        sessions.sort_unstable_by_key(|it| (it.address.0, it.ended_at, it.id));
        let ended = || sessions.iter().map(|session| session.ended_at);
        Self {
            first_at: ended().min().unwrap_or_default(),
            last_at: ended().max().unwrap_or_default(),
            sessions: sessions.len() as i64,
            bytes: encode_block(sessions),
        }
    }
}

/// Makes blocks of the rows of sessions that are over, once there are enough.
pub(super) async fn pack_rows(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
) -> Result<(), StoreError> {
    let (over,): (i64,) = query_as(
        "SELECT COUNT(*) FROM session WHERE tenant_id = $1 AND judgement = $2 AND is_over = 1",
    )
    .bind(tenant)
    .bind(judgement)
    .fetch_one(&mut *connection)
    .await?;
    if over < PACKED_ROWS {
        return Ok(());
    }
    let mut statement = select(COLUMNS, tenant, judgement);
    statement.push(" AND is_over = 1");
    let rows = statement.build().fetch_all(&mut *connection).await?;
    let sessions = rows.iter().map(read_session).collect::<Result<_, _>>()?;
    let blocks = aside(|| make_blocks(sessions)).await;
    write_blocks(connection, tenant, judgement, &blocks).await?;
    query("DELETE FROM session WHERE tenant_id = $1 AND judgement = $2 AND is_over = 1")
        .bind(tenant)
        .bind(judgement)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes the rows of sessions.
pub(super) async fn remove_rows(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    sessions: &[StoredSession],
) -> Result<(), StoreError> {
    let mut any = select("SELECT 1 FROM session", tenant, judgement);
    any.push(" LIMIT 1");
    // Of what is imported hardly any is a row.
    if any
        .build()
        .fetch_optional(&mut *connection)
        .await?
        .is_none()
    {
        return Ok(());
    }
    for chunk in sessions.chunks(ROWS) {
        let ids: Vec<i64> = chunk.iter().map(|session| stored(session.id.0)).collect();
        let mut statement = select("DELETE FROM session", tenant, judgement);
        statement.push(" AND id").push_in(&ids);
        let months = chunk.iter().map(|it| month_of(Timestamp(it.ended_at)));
        push_months(&mut statement, connection, months);
        statement.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Those of the wanted sessions that are stored, in no order. Of each it is said when it ended.
pub(super) async fn read_sessions(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    wanted: &[(i64, SessionId)],
) -> Result<Vec<StoredSession>, StoreError> {
    let mut found = Vec::with_capacity(wanted.len());
    // A session is a row or in a block; the order in which they are asked for says which.
    let mut left: FxHashMap<SessionId, i64> = wanted
        .iter()
        .map(|(ended_at, id)| (*id, *ended_at))
        .collect();
    for chunk in wanted.chunks(ROWS) {
        let ids: Vec<i64> = chunk.iter().map(|(_, id)| stored(id.0)).collect();
        let mut statement = QueryBuilder::new(COLUMNS);
        if !connection.parts_by_month() {
            // SQLite would go through all sessions of the judgement.
            statement.push(" INDEXED BY session_by_id");
        }
        push_of(&mut statement, tenant, judgement);
        statement.push(" AND id").push_in(&ids);
        let months = chunk
            .iter()
            .map(|(ended_at, _)| month_of(Timestamp(*ended_at)));
        push_months(&mut statement, connection, months);
        for row in statement.build().fetch_all(&mut *connection).await? {
            let session = read_session(&row)?;
            left.remove(&session.id);
            found.push(session);
        }
    }
    let mut places: Vec<(i64, SessionId)> = left.iter().map(|(id, at)| (*at, *id)).collect();
    places.sort_unstable();
    for (ended_at, id) in places {
        let mut passed = 0;
        while left.contains_key(&id) {
            let block: Option<(i64, Vec<u8>)> = query_as(
                "SELECT number, bytes FROM session_block
                 WHERE tenant_id = $1 AND judgement = $2 AND last_at >= $3 AND first_at <= $3
                 ORDER BY last_at, first_at, number LIMIT 1 OFFSET $4",
            )
            .bind(tenant)
            .bind(judgement)
            .bind(ended_at)
            .bind(passed)
            .fetch_optional(&mut *connection)
            .await?;
            let Some((number, bytes)) = block else { break };
            passed += 1;
            let has = block_ids(&bytes).map(|mut ids| ids.any(|other| other == id));
            let sessions = match has {
                Ok(false) => continue,
                Ok(true) => decode_block(&bytes),
                Err(malformed) => Err(malformed),
            };
            let sessions = sessions.map_err(corrupt("session_block", "bytes", number))?;
            let wanted = sessions.into_iter();
            found.extend(wanted.filter(|session| left.remove(&session.id).is_some()));
        }
    }
    Ok(found)
}

/// The numbers of the blocks with a session that ended in a time, both ends included.
async fn find_blocks(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    (from, until): (i64, i64),
) -> Result<Vec<i64>, StoreError> {
    let numbers: Vec<(i64,)> = query_as(
        "SELECT number FROM session_block
         WHERE tenant_id = $1 AND judgement = $2 AND last_at >= $3 AND first_at <= $4
         ORDER BY last_at, first_at, number",
    )
    .bind(tenant)
    .bind(judgement)
    .bind(from)
    .bind(until)
    .fetch_all(connection)
    .await?;
    Ok(numbers.into_iter().map(|(number,)| number).collect())
}

/// Hands the sessions that ended in a time, both ends included, to `take`, some thousands at a
/// time, until it returns false. Rows come first, in no order that says anything.
pub(super) async fn visit_sessions(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    (from, until): (i64, i64),
    mut take: impl FnMut(Vec<StoredSession>) -> bool,
) -> Result<(), StoreError> {
    // Within four weeks no more than two months begin.
    let months: &[i64] = if until.saturating_sub(from) <= 28 * Timestamp::DAY {
        &[from, until].map(|at| month_of(Timestamp(at)))
    } else {
        &[]
    };
    let mut last = (from.saturating_sub(1), i64::MAX);
    loop {
        let mut statement = select(COLUMNS, tenant, judgement);
        push_months(&mut statement, connection, months.iter().copied());
        statement.push(" AND (ended_at, id) > (").push_bind(last.0);
        statement.push(", ").push_bind(last.1).push(")");
        statement.push(" AND ended_at <= ").push_bind(until);
        statement
            .push(" ORDER BY ended_at, id LIMIT ")
            .push_bind(ROWS_READ);
        let rows = statement.build().fetch_all(&mut *connection).await?;
        let Some(row) = rows.last() else { break };
        last = (row.try_get(1)?, row.try_get(0)?);
        let sessions = rows.iter().map(read_session).collect::<Result<_, _>>()?;
        if !take(sessions) {
            return Ok(());
        }
    }
    let numbers = find_blocks(connection, tenant, judgement, (from, until)).await?;
    for chunk in numbers.chunks(PART) {
        let mut statement = select("SELECT number, bytes FROM session_block", tenant, judgement);
        statement.push(" AND number").push_in(chunk);
        let blocks: Vec<(i64, Vec<u8>)> = statement
            .build_query_as()
            .fetch_all(&mut *connection)
            .await?;
        let mut sessions = Vec::with_capacity(PART * BLOCK_SESSIONS);
        for (number, bytes) in blocks {
            let block = decode_block(&bytes).map_err(corrupt("session_block", "bytes", number))?;
            let within = |session: &StoredSession| (from..=until).contains(&session.ended_at);
            sessions.extend(block.into_iter().filter(within));
        }
        if !take(sessions) {
            return Ok(());
        }
    }
    Ok(())
}

/// Until when no more than some rows and blocks are of a time that begins at `from`: what one short
/// transaction removes.
pub(super) async fn step_until(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    (from, mut until): (i64, i64),
) -> Result<i64, StoreError> {
    let rows = "SELECT ended_at FROM session
         WHERE tenant_id = $1 AND judgement = $2 AND ended_at >= $3 AND ended_at < $4
         ORDER BY ended_at LIMIT 1 OFFSET $5";
    let blocks = "SELECT last_at FROM session_block
         WHERE tenant_id = $1 AND judgement = $2 AND last_at >= $3 AND first_at < $4
         ORDER BY last_at LIMIT 1 OFFSET $5";
    for (statement, most) in [(rows, ROWS_REMOVED), (blocks, PART as i64)] {
        let last: Option<(i64,)> = query_as(statement)
            .bind(tenant)
            .bind(judgement)
            .bind(from)
            .bind(until)
            .bind(most - 1)
            .fetch_optional(&mut *connection)
            .await?;
        until = last.map_or(until, |(last,)| until.min(last + 1));
    }
    Ok(until)
}

/// Removes the sessions that ended from `from` on and before `until`; returns how many.
pub(super) async fn remove_sessions(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    (from, until): (i64, i64),
) -> Result<u64, StoreError> {
    let mut removed = query(
        "DELETE FROM session
         WHERE tenant_id = $1 AND judgement = $2 AND ended_at >= $3 AND ended_at < $4",
    )
    .bind(tenant)
    .bind(judgement)
    .bind(from)
    .bind(until)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let within = (from, until.saturating_sub(1));
    for number in find_blocks(connection, tenant, judgement, within).await? {
        let (bytes,): (Vec<u8>,) =
            query_as("SELECT bytes FROM session_block WHERE tenant_id = $1 AND number = $2")
                .bind(tenant)
                .bind(number)
                .fetch_one(&mut *connection)
                .await?;
        let mut left = decode_block(&bytes).map_err(corrupt("session_block", "bytes", number))?;
        let all = left.len();
        left.retain(|session| !(from..until).contains(&session.ended_at));
        removed += (all - left.len()) as u64;
        if left.is_empty() {
            query("DELETE FROM session_block WHERE tenant_id = $1 AND number = $2")
                .bind(tenant)
                .bind(number)
                .execute(&mut *connection)
                .await?;
            continue;
        }
        let block = Block::new(&mut left);
        query(
            "UPDATE session_block SET first_at = $1, last_at = $2, sessions = $3, bytes = $4
             WHERE tenant_id = $5 AND number = $6",
        )
        .bind(block.first_at)
        .bind(block.last_at)
        .bind(block.sessions)
        .bind(block.bytes)
        .bind(tenant)
        .bind(number)
        .execute(&mut *connection)
        .await?;
    }
    Ok(removed)
}

/// How many sessions there are.
pub(super) async fn count_sessions(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
) -> Result<u64, StoreError> {
    let (rows, packed): (i64, i64) = query_as(
        "SELECT (SELECT COUNT(*) FROM session WHERE tenant_id = $1 AND judgement = $2),
             CAST(COALESCE((SELECT SUM(sessions) FROM session_block
                 WHERE tenant_id = $1 AND judgement = $2), 0) AS BIGINT)",
    )
    .bind(tenant)
    .bind(judgement)
    .fetch_one(connection)
    .await?;
    Ok(count(rows) + count(packed))
}

/// A statement about the rows of a judgement.
fn select(head: &'static str, tenant: i64, judgement: i64) -> QueryBuilder {
    let mut statement = QueryBuilder::new(head);
    push_of(&mut statement, tenant, judgement);
    statement
}
