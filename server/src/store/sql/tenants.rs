//! Tenants, for whoever looks after all of them: which there are, making, suspending and deleting
//! them. Not their data: that is behind [`Store::tenant`], each tenant's own.
//!
//! What is deleted is hidden at once and goes in small steps: first its applications, by what
//! their tables are indexed by, then whatever any table has of it. The tables are asked of the
//! database's catalogue, so that none can be forgotten.

use shared::{AccountId, Tenant, TenantChange, TenantId, Timestamp};

use super::accounts::delete_account;
use super::{Store, StoreError, TenantStore, count};
use crate::auth::{Caller, random_id};
use crate::store::AuditRecord;
use crate::store::database::{AssertSqlSafe, Connection, Described, Scope, query, query_as};

/// Rows that one step deletes from a table. Some are segments, as large as a thousand others.
const STEP: i64 = 500;

const NAME_TAKEN: StoreError = StoreError::Conflict {
    constraint: "another tenant has this name",
};

/// The tenants of a store. The only way past the wall between them, and to nothing but this.
#[derive(Debug, Clone)]
pub struct Tenants(Store);

impl Store {
    /// Its tenants, for whoever looks after all of them.
    #[must_use]
    pub fn tenants(&self) -> Tenants {
        Tenants(self.clone())
    }
}

impl Tenants {
    /// All that are not being deleted, also the suspended ones, by name.
    pub async fn list(&self) -> Result<Vec<Tenant>, StoreError> {
        self.select(None).await
    }

    /// One of them.
    pub async fn find(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        Ok(self.select(Some(id)).await?.pop())
    }

    async fn select(&self, id: Option<TenantId>) -> Result<Vec<Tenant>, StoreError> {
        type Row = (i64, String, i64, Option<i64>);
        let database = &self.0.shared.database;
        let rows: Vec<Row> = query_as(
            "SELECT id, name, created_at, suspended_at FROM tenant
             WHERE removed_at IS NULL AND (CAST($1 AS BIGINT) IS NULL OR id = $1) ORDER BY name",
        )
        .bind(id.map(|id| id.0 as i64))
        .fetch_all(&mut *database.look(Scope::Door).await?)
        .await?;
        let mut tenants = Vec::with_capacity(rows.len());
        for (id, name, created_at, suspended_at) in rows {
            let mut tenant = Tenant {
                id: TenantId(id as u64),
                name,
                created_at: Timestamp(created_at),
                suspended_at: suspended_at.map(Timestamp),
                members: 0,
                applications: 0,
                requests: 0,
            };
            // Each within its own walls: nobody looks over all of them at once.
            let (members, applications, requests): (i64, i64, i64) = query_as(
                "SELECT (SELECT COUNT(*) FROM member WHERE tenant_id = $1),
                        (SELECT COUNT(*) FROM application WHERE tenant_id = $1),
                        (SELECT CAST(COALESCE(SUM(requests), 0) AS BIGINT) FROM application
                         WHERE tenant_id = $1)",
            )
            .bind(id)
            .fetch_one(&mut *database.look(Scope::Tenant(id)).await?)
            .await?;
            tenant.members = count(members);
            tenant.applications = count(applications);
            tenant.requests = count(requests);
            tenants.push(tenant);
        }
        Ok(tenants)
    }

    /// The tenant called `name`, whatever its case.
    pub async fn find_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        let name = name.to_lowercase();
        let all = self.list().await?;
        Ok(all
            .into_iter()
            .find(|known| known.name.to_lowercase() == name))
    }

    /// Makes one. Fails with [`StoreError::Conflict`] if another has the name.
    pub async fn create(
        &self,
        name: &str,
        by: &TenantStore,
        now: Timestamp,
    ) -> Result<Tenant, StoreError> {
        let id = new_id()?;
        let mut writer = self.0.shared.database.writer().await;
        let mut transaction = writer.begin(by.scope()).await?;
        require_free(&mut transaction, name, 0).await?;
        query("INSERT INTO tenant (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(name)
            .bind(now.0)
            .execute(&mut transaction)
            .await?;
        let record = AuditRecord::new("tenant.create", name);
        by.audit(&mut transaction, now, vec![record]).await?;
        by.settle(transaction).await?;
        Ok(Tenant {
            id: TenantId(id as u64),
            name: name.to_owned(),
            created_at: now,
            suspended_at: None,
            members: 0,
            applications: 0,
            requests: 0,
        })
    }

    /// Gives one another name, suspends it, or lets it go on; `None` if there is none.
    pub async fn change(
        &self,
        id: TenantId,
        change: &TenantChange,
        by: &TenantStore,
        now: Timestamp,
    ) -> Result<Option<Tenant>, StoreError> {
        // Held from here on, so that nobody else changes it in between.
        let mut writer = self.0.shared.database.writer().await;
        let Some(before) = self.find(id).await? else {
            return Ok(None);
        };
        let mut after = before.clone();
        if let Some(name) = &change.name {
            after.name.clone_from(name);
        }
        after.suspended_at = match change.suspended {
            Some(true) => before.suspended_at.or(Some(now)),
            Some(false) => None,
            None => before.suspended_at,
        };
        if after == before {
            return Ok(Some(before));
        }
        let mut transaction = writer.begin(by.scope()).await?;
        require_free(&mut transaction, &after.name, id.0 as i64).await?;
        query("UPDATE tenant SET name = $1, suspended_at = $2 WHERE id = $3")
            .bind(&after.name)
            .bind(after.suspended_at.map(|at| at.0))
            .bind(id.0 as i64)
            .execute(&mut transaction)
            .await?;
        let record = AuditRecord::new("tenant.change", &before.name)
            .field("name", Some(&before.name), Some(&after.name))
            .field("suspended_at", before.suspended_at, after.suspended_at);
        by.audit(&mut transaction, now, vec![record]).await?;
        by.settle(transaction).await?;
        Ok(Some(after))
    }

    /// Hides one from everybody, so that it can be removed step by step; returns whether there
    /// was one. Its name is free at once.
    pub async fn hide(
        &self,
        id: TenantId,
        by: &TenantStore,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut writer = self.0.shared.database.writer().await;
        let Some(tenant) = self.find(id).await? else {
            return Ok(false);
        };
        let mut transaction = writer.begin(by.door()).await?;
        query(
            "UPDATE tenant SET removed_at = $1, suspended_at = $1, name = CAST(id AS TEXT)
             WHERE id = $2",
        )
        .bind(now.0)
        .bind(id.0 as i64)
        .execute(&mut transaction)
        .await?;
        move_logins(&mut transaction, id.0 as i64, by.tenant).await?;
        let record = AuditRecord::new("tenant.remove", &tenant.name)
            .field("members", Some(tenant.members), None::<u64>)
            .field("applications", Some(tenant.applications), None::<u64>)
            .field("requests", Some(tenant.requests), None::<u64>);
        by.audit(&mut transaction, now, vec![record]).await?;
        by.settle(transaction).await?;
        Ok(true)
    }

    /// Those that are hidden and not removed yet.
    pub async fn list_hidden(&self) -> Result<Vec<TenantId>, StoreError> {
        let rows: Vec<(i64,)> =
            query_as("SELECT id FROM tenant WHERE removed_at IS NOT NULL ORDER BY id")
                .fetch_all(&mut *self.0.shared.database.look(Scope::Door).await?)
                .await?;
        Ok(rows.into_iter().map(|(id,)| TenantId(id as u64)).collect())
    }

    /// Removes a part of a hidden tenant, as one short transaction. Returns whether there is more.
    pub async fn remove_hidden(&self, id: TenantId, now: Timestamp) -> Result<bool, StoreError> {
        let everything = shared::Permissions::ALL;
        let tenant = self.0.tenant(&Caller::new(id, everything));
        for application in tenant.list_applications().await? {
            tenant.hide_application(application.id, now).await?;
        }
        for application in tenant.list_hidden().await? {
            if tenant.remove_hidden(application, None).await? {
                return Ok(true);
            }
        }
        let own = id.0 as i64;
        let mut writer = self.0.shared.database.writer().await;
        let mut transaction = writer.begin(Scope::DoorOf(own)).await?;
        let hidden: Option<(i64,)> =
            query_as("SELECT id FROM tenant WHERE id = $1 AND removed_at IS NOT NULL")
                .bind(own)
                .fetch_optional(&mut transaction)
                .await?;
        if hidden.is_none() {
            return Ok(false);
        }
        remove_accounts(&mut transaction, own).await?;
        // Nothing of its audit log is kept from here on.
        query("UPDATE audit_counter SET kept_from = seq + 1 WHERE tenant_id = $1")
            .bind(own)
            .execute(&mut transaction)
            .await?;
        for (table, key) in tables(transaction.list_columns().await?) {
            let statement = format!(
                "DELETE FROM {table} WHERE tenant_id IN ($1, -$1) AND ({key}) IN
                     (SELECT {key} FROM {table} WHERE tenant_id IN ($1, -$1) LIMIT $2)"
            );
            let deleted = query(AssertSqlSafe(statement))
                .bind(own)
                .bind(STEP)
                .execute(&mut transaction)
                .await?;
            if deleted.rows_affected() > 0 {
                tenant.settle(transaction).await?;
                return Ok(true);
            }
        }
        query("DELETE FROM tenant WHERE id = $1 AND removed_at IS NOT NULL")
            .bind(own)
            .execute(&mut transaction)
            .await?;
        tenant.settle(transaction).await?;
        self.0.shared.segments.forget(|(tenant, ..)| *tenant == own);
        Ok(false)
    }
}

#[cfg(test)]
impl Store {
    /// How many rows each table has of a tenant.
    pub(crate) async fn count_rows_of(
        &self,
        id: TenantId,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let own = id.0 as i64;
        let mut view = self.shared.database.read(Scope::Tenant(own)).await?;
        let mut counts = Vec::new();
        for (table, _) in tables(view.list_columns().await?) {
            let statement = format!("SELECT COUNT(*) FROM {table} WHERE tenant_id IN ($1, -$1)");
            let (rows,): (i64,) = query_as(AssertSqlSafe(statement))
                .bind(own)
                .fetch_one(&mut view)
                .await?;
            counts.push((table, rows));
        }
        Ok(counts)
    }
}

/// Every table that has a tenant, with the columns that name a row in it. The counters come
/// last: what they count must not begin anew beside what is left.
fn tables(columns: Vec<Described>) -> Vec<(String, String)> {
    let has_tenant: Vec<String> = columns
        .iter()
        .filter(|it| it.column == "tenant_id")
        .map(|it| it.table.clone())
        .collect();
    let mut keys: Vec<Described> = columns
        .into_iter()
        .filter(|it| it.key > 0 && has_tenant.contains(&it.table))
        .collect();
    let is_counter = |it: &Described| it.table.ends_with("counter");
    keys.sort_by_key(|it| (is_counter(it), it.table.clone(), it.key));
    let mut tables = Vec::<(String, String)>::new();
    for Described { table, column, .. } in keys {
        match tables.last_mut() {
            Some((last, key)) if *last == table => {
                key.push_str(", ");
                key.push_str(&column);
            }
            _ => tables.push((table, column)),
        }
    }
    tables
}

/// Lets whoever looks at this tenant look at another of theirs: they are signed in, only not there
/// any more. The others' logins go with the tenant. `home` is for those who look after all.
async fn move_logins(
    connection: &mut Connection,
    tenant: i64,
    home: i64,
) -> Result<(), StoreError> {
    query(
        "UPDATE login SET tenant_id = COALESCE(
             (SELECT MIN(m.tenant_id) FROM member m JOIN tenant t ON t.id = m.tenant_id
              WHERE m.account = login.account AND t.suspended_at IS NULL
                AND m.signed_out_at <= login.created_at),
             (SELECT $2 FROM account a WHERE a.id = login.account AND a.global_role IS NOT NULL),
             tenant_id)
         WHERE tenant_id = $1",
    )
    .bind(tenant)
    .bind(home)
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes the accounts of people who belong to this tenant and to nothing else.
async fn remove_accounts(connection: &mut Connection, tenant: i64) -> Result<(), StoreError> {
    let only_here: Vec<(i64,)> = query_as(
        "SELECT m.account FROM member m JOIN account a ON a.id = m.account
         WHERE m.tenant_id = $1 AND a.global_role IS NULL AND NOT EXISTS
             (SELECT 1 FROM member o WHERE o.account = m.account AND o.tenant_id <> $1)",
    )
    .bind(tenant)
    .fetch_all(&mut *connection)
    .await?;
    for (account,) in only_here {
        delete_account(connection, AccountId(account as u64)).await?;
    }
    Ok(())
}

async fn require_free(connection: &mut Connection, name: &str, id: i64) -> Result<(), StoreError> {
    let others: Vec<(String,)> = query_as("SELECT name FROM tenant WHERE id <> $1")
        .bind(id)
        .fetch_all(connection)
        .await?;
    // Databases do not agree on what is the same letter in another case.
    let name = name.to_lowercase();
    if others.iter().any(|(other,)| other.to_lowercase() == name) {
        return Err(NAME_TAKEN);
    }
    Ok(())
}

/// Never given again: what others keep may still name a tenant that is gone. Positive, because
/// what is hidden stands under the number below zero.
fn new_id() -> Result<i64, StoreError> {
    let random = random_id().map_err(StoreError::Random)?;
    Ok((random as i64 & i64::MAX).max(2))
}
