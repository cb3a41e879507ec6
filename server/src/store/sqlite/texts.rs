//! Endpoints and user agents: named by a hash where the engine speaks, by a small number where
//! rows refer to them. Reads resolve folds.

use engine::{EndpointKey, EndpointRecord, UserAgentKey, UserAgentRecord};
use rustc_hash::FxHashMap;
use shared::{EndpointTag, UserAgentClass};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::bulk::{insert, select_in};
use super::{StoreError, stored};

/// Endpoints by number or by key.
pub(super) type Endpoints<K> = FxHashMap<K, EndpointRecord>;
/// User agents by number or by key, each with its number.
pub(super) type UserAgents<K> = FxHashMap<K, (i64, UserAgentRecord)>;

pub(super) async fn write_endpoints(
    connection: &mut SqliteConnection,
    tenant: i64,
    judgement: i64,
    endpoints: &[EndpointRecord],
) -> Result<(), StoreError> {
    insert(
        connection,
        "INSERT INTO endpoint (tenant_id, judgement, key, method, host, template, tags)",
        "ON CONFLICT (judgement, key) DO UPDATE SET tags = excluded.tags",
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
    )
    .await?;
    for endpoint in endpoints {
        if let Some(parent) = endpoint.folded_into {
            fold(connection, tenant, judgement, endpoint.key, parent).await?;
        }
    }
    Ok(())
}

/// Notes that `child` is now part of `parent`, and with it what was part of `child`, so that
/// reads have one step to go.
async fn fold(
    connection: &mut SqliteConnection,
    tenant: i64,
    judgement: i64,
    child: EndpointKey,
    parent: EndpointKey,
) -> Result<(), StoreError> {
    let root: Option<(i64,)> = sqlx::query_as(
        "SELECT COALESCE(folded_into, number) FROM endpoint
         WHERE tenant_id = $1 AND judgement = $2 AND key = $3",
    )
    .bind(tenant)
    .bind(judgement)
    .bind(stored(parent.0))
    .fetch_optional(&mut *connection)
    .await?;
    let Some((root,)) = root else {
        return Ok(());
    };
    let child: (i64,) = sqlx::query_as(
        "SELECT number FROM endpoint WHERE tenant_id = $1 AND judgement = $2 AND key = $3",
    )
    .bind(tenant)
    .bind(judgement)
    .bind(stored(child.0))
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE endpoint SET folded_into = $1
         WHERE tenant_id = $2 AND (number = $3 OR folded_into = $3) AND number <> $1",
    )
    .bind(root)
    .bind(tenant)
    .bind(child.0)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

pub(super) async fn write_user_agents(
    connection: &mut SqliteConnection,
    tenant: i64,
    judgement: i64,
    user_agents: &[UserAgentRecord],
) -> Result<(), StoreError> {
    insert(
        connection,
        "INSERT INTO user_agent (tenant_id, judgement, key, class, text)",
        "ON CONFLICT (judgement, key) DO UPDATE SET class = excluded.class",
        user_agents,
        |values, user_agent| {
            values
                .push_bind(tenant)
                .push_bind(judgement)
                .push_bind(stored(user_agent.key.0))
                .push_bind(user_agent.class.as_str())
                .push_bind(user_agent.text.as_str());
        },
    )
    .await
}

/// The numbers of endpoints.
pub(super) async fn endpoint_numbers(
    connection: &mut SqliteConnection,
    tenant: i64,
    judgement: i64,
    keys: &[i64],
) -> Result<FxHashMap<EndpointKey, i64>, StoreError> {
    select_in(
        connection,
        |statement| {
            statement
                .push("SELECT key, number FROM endpoint WHERE tenant_id = ")
                .push_bind(tenant)
                .push(" AND judgement = ")
                .push_bind(judgement)
                .push(" AND key");
        },
        keys,
        |row| {
            Ok((
                EndpointKey(row.try_get::<i64, _>(0)? as u64),
                row.try_get(1)?,
            ))
        },
    )
    .await
}

const ENDPOINT: &str = "COALESCE(f.key, e.key), COALESCE(f.method, e.method), \
     COALESCE(f.host, e.host), COALESCE(f.template, e.template), COALESCE(f.tags, e.tags) \
     FROM endpoint e LEFT JOIN endpoint f ON f.number = e.folded_into WHERE e.tenant_id = ";

/// Endpoints by their numbers, folded ones as what they were folded into.
pub(super) async fn endpoints_by_number(
    connection: &mut SqliteConnection,
    tenant: i64,
    numbers: &[i64],
) -> Result<Endpoints<i64>, StoreError> {
    select_in(
        connection,
        |statement| {
            statement
                .push("SELECT e.number, ")
                .push(ENDPOINT)
                .push_bind(tenant);
            statement.push(" AND e.number");
        },
        numbers,
        |row| Ok((row.try_get(0)?, read_endpoint(row)?)),
    )
    .await
}

/// Endpoints by their keys, likewise.
pub(super) async fn endpoints_by_key(
    connection: &mut SqliteConnection,
    tenant: i64,
    judgement: i64,
    keys: &[i64],
) -> Result<Endpoints<EndpointKey>, StoreError> {
    select_in(
        connection,
        |statement| {
            statement
                .push("SELECT e.key, ")
                .push(ENDPOINT)
                .push_bind(tenant);
            statement
                .push(" AND e.judgement = ")
                .push_bind(judgement)
                .push(" AND e.key");
        },
        keys,
        |row| {
            Ok((
                EndpointKey(row.try_get::<i64, _>(0)? as u64),
                read_endpoint(row)?,
            ))
        },
    )
    .await
}

fn read_endpoint(row: &SqliteRow) -> Result<EndpointRecord, StoreError> {
    Ok(EndpointRecord {
        key: EndpointKey(row.try_get::<i64, _>(1)? as u64),
        method: row.try_get(2)?,
        host: row.try_get(3)?,
        template: row.try_get(4)?,
        tags: tags_of(row.try_get(5)?),
        folded_into: None,
    })
}

/// User agents by their numbers.
pub(super) async fn user_agents_by_number(
    connection: &mut SqliteConnection,
    tenant: i64,
    numbers: &[i64],
) -> Result<UserAgents<i64>, StoreError> {
    select_in(
        connection,
        |statement| {
            statement
                .push("SELECT number, key, class, text FROM user_agent WHERE tenant_id = ")
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

/// User agents by their keys.
pub(super) async fn user_agents_by_key(
    connection: &mut SqliteConnection,
    tenant: i64,
    judgement: i64,
    keys: &[i64],
) -> Result<UserAgents<UserAgentKey>, StoreError> {
    select_in(
        connection,
        |statement| {
            statement
                .push("SELECT number, key, class, text FROM user_agent WHERE tenant_id = ")
                .push_bind(tenant)
                .push(" AND judgement = ")
                .push_bind(judgement)
                .push(" AND key");
        },
        keys,
        |row| {
            let (number, record) = read_user_agent(row)?;
            Ok((record.key, (number, record)))
        },
    )
    .await
}

fn read_user_agent(row: &SqliteRow) -> Result<(i64, UserAgentRecord), StoreError> {
    let number: i64 = row.try_get(0)?;
    let class: String = row.try_get(2)?;
    let record = UserAgentRecord {
        key: UserAgentKey(row.try_get::<i64, _>(1)? as u64),
        class: class
            .parse::<UserAgentClass>()
            .map_err(|_| StoreError::Corrupt {
                table: "user_agent",
                column: "class",
                id: number.to_string(),
            })?,
        text: row.try_get(3)?,
    };
    Ok((number, record))
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
