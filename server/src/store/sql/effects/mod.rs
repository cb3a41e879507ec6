//! Writing the engine's effects: absolute rows by identifier, texts before what names them.

mod attacks;
mod sessions;

use std::hash::Hash;

use engine::Effects;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::numbers::Numbers;
use super::{StoreError, session_blocks, stored, stored_count, texts};
use crate::aside::aside;
use crate::store::database::{AssertSqlSafe, Connection, query};
use crate::store::pack::encode_plain;

pub(super) use sessions::{client_of, stored_address, stored_sessions};

/// Tables of which a preview's rows go with the next commit; those that name attacks first.
const PROVISIONAL: [&str; 7] = [
    "attack_session",
    "attack_address",
    "attack_request",
    "attack_slice",
    "crawler_slice",
    "attack",
    "session",
];

/// Where rows go, and whether they are a preview's.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) tenant: i64,
    pub(super) judgement: i64,
    pub(super) provisional: i64,
}

/// Removes what the last preview added.
pub(super) async fn remove_provisional(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
) -> Result<(), StoreError> {
    for table in PROVISIONAL {
        // SQLite would go through all rows of the judgement: their key begins with it too.
        let index = if connection.parts_by_month() {
            String::new()
        } else {
            format!("INDEXED BY {table}_provisional")
        };
        let statement = format!(
            "DELETE FROM {table} {index}
             WHERE judgement = $1 AND provisional = 1 AND tenant_id = $2"
        );
        query(AssertSqlSafe(statement))
            .bind(judgement)
            .bind(tenant)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Writes everything that the engine said, as part of revision `revision` of the judgement.
pub(super) async fn write_effects(
    connection: &mut Connection,
    target: Target,
    effects: &Effects,
    revision: i64,
    numbers: &mut Numbers,
) -> Result<(), StoreError> {
    let Target {
        tenant, judgement, ..
    } = target;
    // Compressing goes on while the database writes something else.
    let user_agents: Vec<_> = last_of(&effects.user_agents, |agent| agent.key)
        .cloned()
        .collect();
    let user_agents = aside(|| texts::pack_user_agents(user_agents));
    let endpoints: Vec<_> = last_of(&effects.endpoints, |endpoint| endpoint.key).collect();
    texts::write_endpoints(connection, tenant, judgement, &endpoints, numbers).await?;
    texts::write_user_agents(connection, tenant, judgement, &user_agents.await).await?;
    let over = sessions::write_sessions(connection, target, effects, numbers).await?;
    let blocks = aside(|| session_blocks::make_blocks(over));
    attacks::write_attacks(connection, target, effects, revision).await?;
    if let Some(learning) = &effects.learning {
        query(
            "UPDATE judgement
             SET learning_actors = $1, learning_hours = $2, learning_percent = $3
             WHERE tenant_id = $4 AND number = $5",
        )
        .bind(stored_count(learning.actors))
        .bind(i64::from(learning.hours))
        .bind(i64::from(learning.percent))
        .bind(tenant)
        .bind(judgement)
        .execute(&mut *connection)
        .await?;
    }
    if let Some(learned) = &effects.learned {
        let learned = serde_json::to_string(learned).expect("plain data can always be written");
        query("UPDATE judgement SET learned = $1 WHERE tenant_id = $2 AND number = $3")
            .bind(learned)
            .bind(tenant)
            .bind(judgement)
            .execute(&mut *connection)
            .await?;
    }
    if let Some(normals) = &effects.normals {
        query("UPDATE judgement SET normals = $1 WHERE tenant_id = $2 AND number = $3")
            .bind(encode_plain(normals))
            .bind(tenant)
            .bind(judgement)
            .execute(&mut *connection)
            .await?;
    }
    if let Some(usual) = &effects.usual {
        query("UPDATE judgement SET usual = $1 WHERE tenant_id = $2 AND number = $3")
            .bind(encode_plain(usual))
            .bind(tenant)
            .bind(judgement)
            .execute(&mut *connection)
            .await?;
    }
    session_blocks::write_blocks(connection, tenant, judgement, &blocks.await).await
}

/// Of records with the same key the last, in the order of these last ones. A statement must
/// not touch a row twice.
fn last_of<'a, T, K: Eq + Hash>(
    records: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> impl Iterator<Item = &'a T> {
    let mut seen = FxHashSet::with_capacity_and_hasher(records.len(), FxBuildHasher);
    let mut kept: Vec<&'a T> = records
        .iter()
        .rev()
        .filter(|record| seen.insert(key(*record)))
        .collect();
    kept.reverse();
    kept.into_iter()
}

/// Each identifier once, ascending, as the database keeps it.
fn distinct(ids: impl Iterator<Item = u64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.map(stored).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
