//! Who else is behind an object: its sessions of the last stored days that are of no attack.

use std::collections::HashSet;

use engine::Address;
use shared::{Collateral, Network, Timestamp};

use crate::store::database::{QueryBuilder, query_as};
use crate::store::pack::SessionPack;
use crate::store::sql::applications::shown;
use crate::store::sql::effects::stored_address;
use crate::store::sql::{StoreError, TenantStore, corrupt};

/// How far back.
const SPAN_MS: i64 = 7 * Timestamp::DAY;

/// How many sessions are looked at, in all applications together.
const MOST: i64 = 2_000;

impl TenantStore {
    /// Who else was at `object` in the seven days that end with the newest session stored: of
    /// one application, or of all (`None`).
    pub async fn find_collateral(
        &self,
        object: Network,
        application: Option<&str>,
    ) -> Result<Collateral, StoreError> {
        let mut view = self.read().await?;
        let names: Vec<String> = application.map(str::to_owned).into_iter().collect();
        let mut found = Collateral::default();
        let mut clients = HashSet::new();
        for shown in shown(&mut view, self.tenant, &names).await? {
            let judgement = shown.judgement.number;
            let (newest,): (Option<i64>,) = query_as(
                "SELECT MAX(ended_at) FROM session WHERE tenant_id = $1 AND judgement = $2",
            )
            .bind(self.tenant)
            .bind(judgement)
            .fetch_one(&mut view)
            .await?;
            let Some(newest) = newest else { continue };
            let mut statement =
                QueryBuilder::new("SELECT s.id, s.address, s.summary FROM session s");
            statement
                .push(" WHERE s.tenant_id = ")
                .push_bind(self.tenant);
            statement.push(" AND s.judgement = ").push_bind(judgement);
            statement
                .push(" AND s.ended_at >= ")
                .push_bind(newest - SPAN_MS);
            push_addresses(&mut statement, object.bounds());
            statement.push(" AND NOT EXISTS (SELECT 1 FROM attack_session x WHERE x.tenant_id = ");
            statement.push_bind(self.tenant);
            statement.push(" AND x.judgement = s.judgement AND x.session = s.id)");
            statement.push(" ORDER BY s.ended_at DESC LIMIT ");
            statement.push_bind(MOST + 1 - i64::from(found.sessions));
            for row in statement.build().fetch_all(&mut view).await? {
                if i64::from(found.sessions) == MOST {
                    found.is_more = true;
                    break;
                }
                let id: i64 = row.try_get(0)?;
                let pack = SessionPack::decode(&row.try_get::<Vec<u8>>(2)?);
                let pack = pack.map_err(corrupt("session", "summary", id))?;
                found.sessions += 1;
                found.requests += u64::from(pack.requests);
                // Where no session key tells clients apart, address and user agent do.
                let address: Vec<u8> = row.try_get(1)?;
                clients.insert((judgement, pack.client, address, pack.user_agent));
            }
        }
        found.clients = u32::try_from(clients.len()).unwrap_or(u32::MAX);
        Ok(found)
    }
}

/// Appends that the session's address lies between two, both included. IPv4 addresses are
/// stored shorter and lie in the middle of the others.
fn push_addresses(statement: &mut QueryBuilder, (from, until): (u128, u128)) {
    const FIRST_V4: u128 = 0xffff << 32;
    const LAST_V4: u128 = FIRST_V4 | 0xffff_ffff;
    statement.push(" AND (1 = 0");
    for (first, last) in [
        (0, FIRST_V4 - 1),
        (FIRST_V4, LAST_V4),
        (LAST_V4 + 1, u128::MAX),
    ] {
        let (first, last) = (from.max(first), until.min(last));
        if first > last {
            continue;
        }
        let first = stored_address(Address(first));
        statement.push(format_args!(
            " OR (LENGTH(s.address) = {} AND s.address BETWEEN ",
            first.len()
        ));
        statement.push_bind(first).push(" AND ");
        statement.push_bind(stored_address(Address(last))).push(")");
    }
    statement.push(")");
}
