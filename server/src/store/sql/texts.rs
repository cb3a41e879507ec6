//! Endpoints and user agents: named by a hash where the engine speaks, by a small number where
//! rows refer to them. Reads resolve folds.

use std::hash::Hash;

use engine::{EndpointKey, EndpointRecord, UserAgentKey, UserAgentRecord};
use rustc_hash::{FxHashMap, FxHashSet};
use shared::{EndpointTag, UserAgentClass};

use super::bulk::{push_of, read_in, select_in};
use super::numbers::Numbers;
use super::{StoreError, corrupt, stored};
use crate::store::bytes::Malformed;
use crate::store::database::{
    AssertSqlSafe, Connection, QueryBuilder, Row, insert, insert_numbered, query,
};
use crate::store::user_agent_text::{TextPacker, unpack_text};

/// Endpoints by number or by key.
pub(super) type Endpoints<K> = FxHashMap<K, EndpointRecord>;
/// User agents by number or by key, each with its number.
pub(super) type UserAgents<K> = FxHashMap<K, (i64, UserAgentRecord)>;

/// Describes endpoints that are new and moves those that were folded.
pub(super) async fn write_endpoints(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    endpoints: &[&EndpointRecord],
    numbers: &mut Numbers,
) -> Result<(), StoreError> {
    let named = endpoints
        .iter()
        .flat_map(|endpoint| [Some(endpoint.key), endpoint.folded_into]);
    let mut keys: Vec<i64> = named.flatten().map(|key| stored(key.0)).collect();
    keys.sort_unstable();
    keys.dedup();
    numbers
        .read_endpoints(connection, tenant, judgement, keys)
        .await?;
    let known = &mut numbers.endpoints;
    let folds: FxHashMap<EndpointKey, EndpointKey> = endpoints
        .iter()
        .filter_map(|endpoint| Some((endpoint.key, endpoint.folded_into?)))
        .collect();
    let described: FxHashSet<EndpointKey> = endpoints.iter().map(|endpoint| endpoint.key).collect();
    // A fold into what is nowhere described counts as none.
    let root_of = |known: &FxHashMap<EndpointKey, i64>, key: EndpointKey| {
        let mut root = key;
        for _ in 0..=folds.len() {
            match folds.get(&root) {
                Some(next)
                    if *next != root && (described.contains(next) || known.contains_key(next)) =>
                {
                    root = *next;
                }
                _ => break,
            }
        }
        root
    };

    let new: Vec<&EndpointRecord> = endpoints
        .iter()
        .copied()
        .filter(|endpoint| !known.contains_key(&endpoint.key))
        .filter(|endpoint| root_of(known, endpoint.key) == endpoint.key)
        .collect();
    let mut places = Vec::with_capacity(endpoints.len());
    for (key, number) in insert_endpoints(connection, tenant, judgement, &new).await? {
        known.insert(key, number);
        places.push((key, number));
    }
    let mut moved = Vec::new();
    for key in folds.keys() {
        let Some(root) = known.get(&root_of(known, *key)).copied() else {
            continue;
        };
        match known.get(key) {
            Some(number) if *number == root => continue,
            Some(number) => moved.push((*number, root)),
            None => {}
        }
        places.push((*key, root));
    }
    places.sort_unstable_by_key(|(key, _)| stored(key.0));
    insert(
        connection,
        "INSERT INTO endpoint_key (judgement, key, tenant_id, endpoint)",
        "ON CONFLICT (judgement, key) DO UPDATE SET endpoint = excluded.endpoint",
        &places,
        |values, (key, number)| {
            values
                .push_bind(judgement)
                .push_bind(stored(key.0))
                .push_bind(tenant)
                .push_bind(*number);
        },
    )
    .await?;
    moved.sort_unstable();
    moved.dedup_by_key(|(number, _)| *number);
    known.extend(places);
    if !moved.is_empty() {
        // What was folded into these goes along; where it ends, the database says.
        let from: FxHashSet<i64> = moved.iter().map(|(number, _)| *number).collect();
        known.retain(|_, number| !from.contains(number));
    }
    move_endpoints(connection, tenant, judgement, &moved).await
}

/// Adds endpoints and returns their numbers.
async fn insert_endpoints(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    endpoints: &[&EndpointRecord],
) -> Result<Vec<(EndpointKey, i64)>, StoreError> {
    let rows = insert_numbered(
        connection,
        "INSERT INTO endpoint (tenant_id, judgement, key, method, host, template, tags)",
        endpoints,
        |values, endpoint| {
            values
                .push_bind(tenant)
                .push_bind(judgement)
                .push_bind(stored(endpoint.key.0))
                .push_bind(endpoint.method.as_str())
                .push_bind(endpoint.host.as_str())
                .push_bind(endpoint.template.as_str())
                .push_bind(tag_mask(&endpoint.tags));
        },
        |endpoint| stored(endpoint.key.0),
    )
    .await?;
    let numbers = rows.into_iter();
    Ok(numbers
        .map(|(key, number)| (EndpointKey(key as u64), number))
        .collect())
}

/// Notes that endpoints, by number, are now part of others, and with them what was part of them.
async fn move_endpoints(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    moved: &[(i64, i64)],
) -> Result<(), StoreError> {
    if moved.is_empty() {
        return Ok(());
    }
    insert(
        connection,
        "INSERT INTO endpoint
         (number, tenant_id, judgement, key, method, host, template, tags, folded_into)",
        "ON CONFLICT (number) DO UPDATE
         SET method = '', host = '', template = '', folded_into = excluded.folded_into",
        moved,
        |values, (number, root)| {
            values
                .push_bind(*number)
                .push_bind(tenant)
                .push_bind(judgement)
                .push_bind(0)
                .push_bind("")
                .push_bind("")
                .push_bind("")
                .push_bind(0)
                .push_bind(*root);
        },
    )
    .await?;
    for (table, column) in [("endpoint", "folded_into"), ("endpoint_key", "endpoint")] {
        let statement = format!(
            "UPDATE {table} SET {column} =
                 (SELECT p.folded_into FROM endpoint p WHERE p.number = {table}.{column})
             WHERE tenant_id = $1 AND judgement = $2 AND {column} IN
                 (SELECT number FROM endpoint
                  WHERE tenant_id = $1 AND judgement = $2 AND folded_into IS NOT NULL)"
        );
        query(AssertSqlSafe(statement))
            .bind(tenant)
            .bind(judgement)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// User agents, each with its text as it is stored. Takes a while.
pub(super) fn pack_user_agents(
    user_agents: Vec<UserAgentRecord>,
) -> Vec<(UserAgentRecord, Vec<u8>)> {
    let mut packer = TextPacker::new();
    let user_agents = user_agents.into_iter();
    user_agents
        .map(|user_agent| {
            let packed = packer.pack(&user_agent.text);
            (user_agent, packed)
        })
        .collect()
}

/// Describes user agents that are new.
pub(super) async fn write_user_agents(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    user_agents: &[(UserAgentRecord, Vec<u8>)],
) -> Result<(), StoreError> {
    insert(
        connection,
        "INSERT INTO user_agent (tenant_id, judgement, key, class, text, packed)",
        "ON CONFLICT (judgement, key) DO UPDATE SET class = excluded.class",
        user_agents,
        |values, (user_agent, packed)| {
            values
                .push_bind(tenant)
                .push_bind(judgement)
                .push_bind(stored(user_agent.key.0))
                .push_bind(user_agent.class.as_str())
                .push_bind("")
                .push_bind(packed.as_slice());
        },
    )
    .await
}

/// The numbers of endpoints, folded ones as what they were folded into.
pub(super) async fn endpoint_numbers(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    keys: &[i64],
) -> Result<FxHashMap<EndpointKey, i64>, StoreError> {
    let from = ("endpoint_key", "endpoint");
    select_numbers(connection, from, tenant, judgement, keys, EndpointKey).await
}

/// Endpoints by their numbers, folded ones as what they were folded into.
pub(super) async fn endpoints_by_number(
    connection: &mut Connection,
    tenant: i64,
    numbers: &[i64],
) -> Result<Endpoints<i64>, StoreError> {
    select_in(
        connection,
        |statement| {
            // Within COALESCE the number would be compared after the wall of PostgreSQL, so not
            // by the index.
            statement
                .push(
                    "SELECT e.number, r.key, r.method, r.host, r.template, r.tags
                     FROM endpoint e JOIN endpoint r ON r.number =
                         CASE WHEN e.folded_into IS NULL THEN e.number ELSE e.folded_into END
                     WHERE e.tenant_id = ",
                )
                .push_bind(tenant)
                .push(" AND e.number");
        },
        numbers,
        |row| Ok((row.try_get(0)?, read_endpoint(row)?)),
    )
    .await
}

/// Endpoints by their keys, likewise.
pub(super) async fn endpoints_by_key(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    keys: &[i64],
) -> Result<Endpoints<EndpointKey>, StoreError> {
    select_in(
        connection,
        |statement| {
            statement
                .push(
                    "SELECT k.key, e.key, e.method, e.host, e.template, e.tags
                     FROM endpoint_key k JOIN endpoint e ON e.number = k.endpoint
                     WHERE k.tenant_id = ",
                )
                .push_bind(tenant)
                .push(" AND k.judgement = ")
                .push_bind(judgement)
                .push(" AND k.key");
        },
        keys,
        |row| {
            let key = EndpointKey(row.try_get::<i64>(0)? as u64);
            Ok((key, read_endpoint(row)?))
        },
    )
    .await
}

fn read_endpoint(row: &Row) -> Result<EndpointRecord, StoreError> {
    Ok(EndpointRecord {
        key: EndpointKey(row.try_get::<i64>(1)? as u64),
        method: row.try_get(2)?,
        host: row.try_get(3)?,
        template: row.try_get(4)?,
        tags: tags_of(row.try_get(5)?),
        folded_into: None,
    })
}

/// User agents by their numbers.
pub(super) async fn user_agents_by_number(
    connection: &mut Connection,
    tenant: i64,
    numbers: &[i64],
) -> Result<UserAgents<i64>, StoreError> {
    select_in(
        connection,
        |statement| {
            statement
                .push("SELECT number, key, class, text, packed FROM user_agent WHERE tenant_id = ")
                .push_bind(tenant)
                .push(" AND number");
        },
        numbers,
        |row| {
            let (number, record) = read_user_agent(row)?;
            Ok((number, (number, record)))
        },
    )
    .await
}

/// The numbers of user agents.
pub(super) async fn user_agent_numbers(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    keys: &[i64],
) -> Result<FxHashMap<UserAgentKey, i64>, StoreError> {
    let from = ("user_agent", "number");
    select_numbers(connection, from, tenant, judgement, keys, UserAgentKey).await
}

/// User agents by their keys.
pub(super) async fn user_agents_by_key(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    keys: &[i64],
) -> Result<UserAgents<UserAgentKey>, StoreError> {
    let head = |statement: &mut QueryBuilder| {
        statement.push("SELECT number, key, class, text, packed FROM user_agent");
        push_of(statement, tenant, judgement);
        statement.push(" AND key");
    };
    select_in(connection, head, keys, |row| {
        let (number, record) = read_user_agent(row)?;
        Ok((record.key, (number, record)))
    })
    .await
}

/// The numbers of keys in a judgement, from a table and a column of it. They come as one text: to hand
/// over a row for each takes longer than to find it.
async fn select_numbers<K: Eq + Hash>(
    connection: &mut Connection,
    (table, column): (&'static str, &'static str),
    tenant: i64,
    judgement: i64,
    keys: &[i64],
    key: impl Fn(u64) -> K,
) -> Result<FxHashMap<K, i64>, StoreError> {
    let head = |statement: &mut QueryBuilder| {
        statement
            .push("SELECT string_agg(key || ' ' || ")
            .push(column)
            .push(", ' ') FROM ")
            .push(table);
        push_of(statement, tenant, judgement);
        statement.push(" AND key");
    };
    let mut found = FxHashMap::default();
    read_in(connection, head, keys, |row| {
        let text: Option<String> = row.try_get(0)?;
        let text = text.unwrap_or_default();
        let numbers = text.split_ascii_whitespace().map(str::parse::<i64>);
        let numbers: Vec<i64> = numbers
            .collect::<Result<_, _>>()
            .map_err(|_| Malformed)
            .map_err(corrupt(table, column, judgement))?;
        for pair in numbers.chunks_exact(2) {
            found.insert(key(pair[0] as u64), pair[1]);
        }
        Ok(())
    })
    .await?;
    Ok(found)
}

fn read_user_agent(row: &Row) -> Result<(i64, UserAgentRecord), StoreError> {
    let number: i64 = row.try_get(0)?;
    let class: String = row.try_get(2)?;
    let record = UserAgentRecord {
        key: UserAgentKey(row.try_get::<i64>(1)? as u64),
        class: class
            .parse::<UserAgentClass>()
            .map_err(|_| StoreError::Corrupt {
                table: "user_agent",
                column: "class",
                id: number.to_string(),
            })?,
        text: agent_text(number, row.try_get(3)?, row.try_get(4)?)?,
    };
    Ok((number, record))
}

/// The text of a user agent, whichever way it is stored.
pub(super) fn agent_text(
    number: i64,
    text: String,
    packed: Option<Vec<u8>>,
) -> Result<String, StoreError> {
    let Some(packed) = packed else {
        return Ok(text);
    };
    unpack_text(&packed).map_err(corrupt("user_agent", "packed", number))
}

fn tag_mask(tags: &[EndpointTag]) -> i64 {
    tags.iter().fold(0, |mask, tag| mask | 1 << *tag as u32)
}

fn tags_of(mask: i64) -> Vec<EndpointTag> {
    EndpointTag::ALL
        .iter()
        .copied()
        .filter(|tag| mask & 1 << *tag as u32 != 0)
        .collect()
}
