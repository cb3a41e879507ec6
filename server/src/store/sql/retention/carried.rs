//! Carrying attacks over from one judgement to the next whose requests are not all there any more:
//! judged again from what is left, they would be others, or none.

use std::collections::BTreeSet;

use engine::AttackRecord;
use shared::Timestamp;

use super::super::effects::stored_address;
use super::super::session_blocks::remove_sessions;
use super::super::{StoreError, corrupt, stored};
use super::attacks::{OF_ATTACK, remove_attack};
use crate::store::TraceSubject;
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};
use crate::store::pack::decode_record;

/// Attacks of a judgement that stay as they are: over before what is complete begins, or begun
/// before and closed.
const OLD: &str = "tenant_id = $1 AND judgement = $2 AND provisional = 0 AND ended_at >= $3
     AND (ended_at < $4 OR closed = 1 AND started_at < $4)";

/// From where to where.
struct Move {
    tenant: i64,
    old: i64,
    new: i64,
    /// Of which time requests are missing.
    from: i64,
    until: i64,
}

impl Move {
    /// From the beginning of the first day to the end of the last: slices of crawlers of one day
    /// share rows.
    fn whole_days(&self) -> Self {
        let begin_of = |at| Timestamp(at).day().saturating_mul(Timestamp::DAY);
        Self {
            from: begin_of(self.from),
            until: begin_of(self.until.saturating_add(Timestamp::DAY - 1)),
            ..*self
        }
    }
}

/// Gives the judgement `new` of the application with that number what only `old` can say.
pub(in crate::store::sql) async fn carry_over(
    connection: &mut Connection,
    tenant: i64,
    old: i64,
    new: i64,
) -> Result<(), StoreError> {
    let thinned: Option<(Option<i64>, Option<i64>)> = query_as(
        "SELECT a.thinned_from, a.thinned_before
         FROM application a JOIN judgement j ON j.application = a.number
         WHERE a.tenant_id = $1 AND j.tenant_id = $1 AND j.number = $2",
    )
    .bind(tenant)
    .bind(new)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((Some(from), Some(until))) = thinned else {
        return Ok(());
    };
    let bounds = Move {
        tenant,
        old,
        new,
        from,
        until,
    };
    remove_erased(connection, &bounds).await?;
    remove_guesses(connection, &bounds).await?;
    carry_names(connection, &bounds).await?;
    for table in OF_ATTACK {
        let chosen = format!("SELECT number FROM attack WHERE {OLD}");
        let statement = format!(
            "UPDATE {table} SET judgement = $5
             WHERE tenant_id = $1 AND judgement = $2 AND attack IN ({chosen})"
        );
        run(connection, &bounds, statement).await?;
    }
    run(
        connection,
        &bounds,
        format!("UPDATE attack SET judgement = $5 WHERE {OLD}"),
    )
    .await?;
    let slices = "UPDATE crawler_slice SET judgement = $5
         WHERE tenant_id = $1 AND judgement = $2 AND provisional = 0
           AND from_at >= $3 AND from_at < $4";
    run(connection, &bounds.whole_days(), slices.to_owned()).await
}

/// Runs a statement with tenant, old judgement, time and new judgement.
async fn run(
    connection: &mut Connection,
    bounds: &Move,
    statement: String,
) -> Result<(), StoreError> {
    query(AssertSqlSafe(statement))
        .bind(bounds.tenant)
        .bind(bounds.old)
        .bind(bounds.from)
        .bind(bounds.until)
        .bind(bounds.new)
        .execute(connection)
        .await?;
    Ok(())
}

/// Has nothing be carried over that names whose traces are being erased: such an attack is
/// forgotten, which is why all is judged again.
async fn remove_erased(connection: &mut Connection, bounds: &Move) -> Result<(), StoreError> {
    let rows: Vec<(i64, String)> =
        query_as("SELECT id, whose FROM erasure WHERE tenant_id = $1 AND whose IS NOT NULL")
            .bind(bounds.tenant)
            .fetch_all(&mut *connection)
            .await?;
    for (id, whose) in rows {
        let whose = serde_json::from_str::<TraceSubject>(&whose).map_err(|_| Malformed);
        let whose = whose.map_err(corrupt("erasure", "whose", id))?;
        // No attack names a user.
        let Some(address) = whose.address() else {
            continue;
        };
        let attacks: Vec<(i64,)> = query_as(
            "SELECT DISTINCT attack FROM attack_address
             WHERE tenant_id = $1 AND judgement = $2 AND address = $3",
        )
        .bind(bounds.tenant)
        .bind(bounds.old)
        .bind(stored_address(address))
        .fetch_all(&mut *connection)
        .await?;
        for (attack,) in attacks {
            remove_attack(connection, bounds.tenant, bounds.old, attack).await?;
        }
    }
    Ok(())
}

/// Removes what the new judgement made of what is left.
async fn remove_guesses(connection: &mut Connection, bounds: &Move) -> Result<(), StoreError> {
    let guesses = format!(
        "SELECT number FROM attack WHERE tenant_id = $1 AND judgement = $5
           AND (ended_at >= $3 AND ended_at < $4
                OR id IN (SELECT id FROM attack WHERE {OLD}))"
    );
    for table in OF_ATTACK {
        let statement = format!(
            "DELETE FROM {table} WHERE tenant_id = $1 AND judgement = $5
               AND attack IN ({guesses})"
        );
        run(connection, bounds, statement).await?;
    }
    let statement = format!("DELETE FROM attack WHERE tenant_id = $1 AND number IN ({guesses})");
    run(connection, bounds, statement).await?;
    let slices = "DELETE FROM crawler_slice WHERE tenant_id = $1 AND judgement = $5
           AND judgement <> $2 AND from_at >= $3 AND from_at < $4";
    run(connection, &bounds.whole_days(), slices.to_owned()).await?;
    let ended = (bounds.from, bounds.until);
    remove_sessions(connection, bounds.tenant, bounds.new, ended).await?;
    Ok(())
}

/// Has the new judgement know the endpoints and user agents that the records name.
async fn carry_names(connection: &mut Connection, bounds: &Move) -> Result<(), StoreError> {
    let statement = format!("SELECT number, record FROM attack WHERE {OLD}");
    let rows: Vec<(i64, Vec<u8>)> = query_as(AssertSqlSafe(statement))
        .bind(bounds.tenant)
        .bind(bounds.old)
        .bind(bounds.from)
        .bind(bounds.until)
        .fetch_all(&mut *connection)
        .await?;
    let (mut endpoints, mut agents) = (BTreeSet::new(), BTreeSet::new());
    for (number, bytes) in rows {
        let record: AttackRecord =
            decode_record(&bytes).map_err(corrupt("attack", "record", number))?;
        endpoints.extend(record.endpoints.iter().map(|(key, _)| stored(key.0)));
        agents.extend(record.user_agents.iter().map(|(key, _)| stored(key.0)));
    }
    for key in endpoints {
        carry_endpoint(connection, bounds, key).await?;
    }
    for key in agents {
        query(
            "UPDATE user_agent SET judgement = $1
             WHERE tenant_id = $2 AND judgement = $3 AND key = $4 AND NOT EXISTS
                 (SELECT 1 FROM user_agent u
                  WHERE u.tenant_id = $2 AND u.judgement = $1 AND u.key = $4)",
        )
        .bind(bounds.new)
        .bind(bounds.tenant)
        .bind(bounds.old)
        .bind(key)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn carry_endpoint(
    connection: &mut Connection,
    bounds: &Move,
    key: i64,
) -> Result<(), StoreError> {
    if find_endpoint(connection, bounds.tenant, bounds.new, key)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let old = find_endpoint(connection, bounds.tenant, bounds.old, key).await?;
    let Some((number, counts_as)) = old else {
        return Ok(());
    };
    // It may be known by what it was folded into.
    let known = find_endpoint(connection, bounds.tenant, bounds.new, counts_as).await?;
    let number = match known {
        Some((known, _)) => known,
        None => {
            query("UPDATE endpoint SET judgement = $1 WHERE tenant_id = $2 AND number = $3")
                .bind(bounds.new)
                .bind(bounds.tenant)
                .bind(number)
                .execute(&mut *connection)
                .await?;
            number
        }
    };
    let mut keys = vec![key];
    if known.is_none() && counts_as != key {
        keys.push(counts_as);
    }
    for key in keys {
        query(
            "INSERT INTO endpoint_key (judgement, key, tenant_id, endpoint)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(bounds.new)
        .bind(key)
        .bind(bounds.tenant)
        .bind(number)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The endpoint that a key counts for in a judgement: its number, and its own key.
async fn find_endpoint(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    key: i64,
) -> Result<Option<(i64, i64)>, StoreError> {
    let found: Option<(i64, i64)> = query_as(
        "SELECT e.number, e.key FROM endpoint_key k JOIN endpoint e ON e.number = k.endpoint
         WHERE k.tenant_id = $1 AND e.tenant_id = $1 AND k.judgement = $2 AND k.key = $3",
    )
    .bind(tenant)
    .bind(judgement)
    .bind(key)
    .fetch_optional(connection)
    .await?;
    Ok(found)
}
