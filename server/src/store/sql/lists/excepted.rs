//! What exceptions do to stored attacks: one all of whose addresses are excepted is marked, and
//! not marked any more when the exception is gone. Nothing is removed, so that undo brings
//! everything back. That no new one is raised is the engine's business.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use shared::{ApplicationId, NetworkSet, Timestamp};

use super::change::read_object;
use crate::store::ChangeKind;
use crate::store::database::{Connection, QueryBuilder, query, query_as};
use crate::store::sql::applications::{Shown, shown};
use crate::store::sql::bulk::ROWS;
use crate::store::sql::changes::record_changes;
use crate::store::sql::sessions::read_address;
use crate::store::sql::{StoreError, TenantStore, corrupt};

/// When the next exception of each tenant ends, as far as that was asked.
#[derive(Debug, Default)]
pub(in crate::store::sql) struct Lapses(Mutex<FxHashMap<i64, i64>>);

impl Lapses {
    fn next(&self, tenant: i64) -> Option<i64> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        next.get(&tenant).copied()
    }

    fn set(&self, tenant: i64, next: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(tenant, next);
    }

    /// Nobody knows what changed.
    pub(in crate::store::sql) fn forget_all(&self) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
    }

    /// The tenant's lists changed.
    pub(in crate::store::sql) fn forget(&self, tenant: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&tenant);
    }
}

impl TenantStore {
    /// Does what follows from exceptions whose time is over at `now`. Cheap while there are
    /// none, so that it can be called before whatever depends on it.
    pub async fn lapse_exceptions(&self, now: Timestamp) -> Result<(), StoreError> {
        let next = self.shared.lapses.next(self.tenant);
        if next.is_some_and(|next| now.0 < next) {
            return Ok(());
        }
        if next.is_none() && now.0 < self.find_next_lapse().await? {
            return Ok(());
        }
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let lapsed = query(
            "UPDATE list_version SET lapsed = 1 WHERE tenant_id = $1 AND list = 'exception'
             AND superseded_at IS NULL AND present = 1 AND lapsed = 0 AND expires_at <= $2",
        )
        .bind(self.tenant)
        .bind(now.0)
        .execute(&mut transaction)
        .await?;
        if lapsed.rows_affected() > 0 {
            follow_exceptions(&mut transaction, self.tenant).await?;
        }
        self.settle(transaction).await?;
        drop(writer);
        self.find_next_lapse().await?;
        Ok(())
    }

    async fn find_next_lapse(&self) -> Result<i64, StoreError> {
        let (next,): (Option<i64>,) = query_as(
            "SELECT MIN(expires_at) FROM list_version WHERE tenant_id = $1
             AND list = 'exception' AND superseded_at IS NULL AND present = 1 AND lapsed = 0",
        )
        .bind(self.tenant)
        .fetch_one(&mut *self.look().await?)
        .await?;
        let next = next.unwrap_or(i64::MAX);
        self.shared.lapses.set(self.tenant, next);
        Ok(next)
    }

    /// The addresses that must not be judged bots on an application, after
    /// [`TenantStore::lapse_exceptions`].
    pub async fn find_exceptions(
        &self,
        application: ApplicationId,
    ) -> Result<NetworkSet, StoreError> {
        let mut view = self.read().await?;
        exceptions(&mut view, self.tenant, application).await
    }
}

/// The addresses excepted on an application.
pub(in crate::store::sql) async fn exceptions(
    connection: &mut Connection,
    tenant: i64,
    application: ApplicationId,
) -> Result<NetworkSet, StoreError> {
    let rows = query(
        "SELECT object FROM list_version WHERE tenant_id = $1 AND list = 'exception'
         AND superseded_at IS NULL AND present = 1 AND lapsed = 0
         AND (applications IS NULL OR INSTR(applications, $2) > 0)",
    )
    .bind(tenant)
    .bind(application.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| read_object(row, 0)).collect()
}

/// Marks the attacks of all applications anew, after exceptions changed.
pub(in crate::store::sql) async fn follow_exceptions(
    connection: &mut Connection,
    tenant: i64,
) -> Result<(), StoreError> {
    for shown in shown(connection, tenant, &[]).await? {
        let excepted = exceptions(connection, tenant, shown.id).await?;
        let wanted = if excepted.is_empty() {
            FxHashSet::default()
        } else {
            covered(connection, tenant, shown.judgement.number, &excepted, None).await?
        };
        mark(connection, tenant, &shown, &wanted).await?;
    }
    Ok(())
}

/// Marks those of the attacks `numbers` that are excepted; for attacks with more addresses than
/// their record names.
pub(in crate::store::sql) async fn mark_several(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    numbers: &[i64],
    excepted: &NetworkSet,
) -> Result<(), StoreError> {
    for chunk in numbers.chunks(ROWS) {
        let covered = covered(connection, tenant, judgement, excepted, Some(chunk)).await?;
        let covered: Vec<i64> = covered.into_iter().collect();
        set(connection, tenant, judgement, &covered, true).await?;
    }
    Ok(())
}

/// The attacks all of whose addresses are excepted.
async fn covered(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    excepted: &NetworkSet,
    of: Option<&[i64]>,
) -> Result<FxHashSet<i64>, StoreError> {
    let mut statement =
        QueryBuilder::new("SELECT attack, address FROM attack_address WHERE tenant_id = ");
    statement.push_bind(tenant);
    statement.push(" AND judgement = ").push_bind(judgement);
    if let Some(numbers) = of {
        statement.push(" AND attack");
        statement.push_in(numbers);
    }
    let mut all = FxHashMap::<i64, bool>::default();
    for row in statement.build().fetch_all(connection).await? {
        let attack = row.try_get(0)?;
        let address = read_address(&row.try_get::<Vec<u8>>(1)?).map_err(corrupt(
            "attack_address",
            "address",
            attack,
        ))?;
        *all.entry(attack).or_insert(true) &= excepted.contains(IpAddr::from(address));
    }
    Ok(all
        .into_iter()
        .filter(|(_, is_covered)| *is_covered)
        .map(|(attack, _)| attack)
        .collect())
}

/// Marks exactly `wanted` of the application's attacks.
async fn mark(
    connection: &mut Connection,
    tenant: i64,
    shown: &Shown,
    wanted: &FxHashSet<i64>,
) -> Result<(), StoreError> {
    let judgement = shown.judgement.number;
    let marked: Vec<(i64,)> = query_as(
        "SELECT number FROM attack WHERE tenant_id = $1 AND judgement = $2 AND excepted = 1",
    )
    .bind(tenant)
    .bind(judgement)
    .fetch_all(&mut *connection)
    .await?;
    let marked: FxHashSet<i64> = marked.into_iter().map(|(number,)| number).collect();
    let difference = |one: &FxHashSet<i64>, other: &FxHashSet<i64>| {
        let mut numbers: Vec<i64> = one.difference(other).copied().collect();
        numbers.sort_unstable();
        numbers
    };
    let (new, gone) = (difference(wanted, &marked), difference(&marked, wanted));
    if new.is_empty() && gone.is_empty() {
        return Ok(());
    }
    set(connection, tenant, judgement, &new, true).await?;
    set(connection, tenant, judgement, &gone, false).await?;
    // What searches know of the marks no longer holds.
    query("UPDATE judgement SET marks = marks + 1 WHERE tenant_id = $1 AND number = $2")
        .bind(tenant)
        .bind(judgement)
        .execute(&mut *connection)
        .await?;
    let change = (ChangeKind::Application, shown.id.0);
    record_changes(connection, tenant, &[change]).await?;
    Ok(())
}

async fn set(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    numbers: &[i64],
    excepted: bool,
) -> Result<(), StoreError> {
    for chunk in numbers.chunks(ROWS) {
        let mut statement = QueryBuilder::new("UPDATE attack SET excepted = ");
        statement.push_bind(i64::from(excepted));
        statement.push(" WHERE tenant_id = ").push_bind(tenant);
        statement.push(" AND judgement = ").push_bind(judgement);
        statement.push(" AND number");
        statement.push_in(chunk);
        statement
            .build()
            .persistent(false)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
