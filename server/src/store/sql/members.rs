//! The members of a tenant: who belongs to it, and what they may do there. A tenant is never left
//! without an administrator.

use shared::{AccountId, Login, LoginId, Member, Role, TenantName, Timestamp};

use super::accounts::delete_account;
use super::{StoreError, TenantStore, corrupt, logins, stored};
use crate::store::AuditRecord;
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};

type Row = (i64, String, String, String, i64, Option<i64>, i64);

const SELECT: &str =
    "SELECT member.account, account.email, account.name, member.role, member.since,
       (SELECT max(last_seen_at) FROM login
        WHERE login.account = member.account AND login.tenant_id = member.tenant_id),
       CASE WHEN account.totp_secret IS NULL THEN 0 ELSE 1 END
     FROM member JOIN account ON account.id = member.account
     WHERE member.tenant_id = $1";

const LAST: StoreError = StoreError::Conflict {
    constraint: "a tenant has at least one administrator; make somebody else one first",
};

/// What ends with a membership, and for whom the provider vouches no more.
const ENDED: [&str; 2] = [
    "DELETE FROM login WHERE tenant_id = $1 AND account = $2",
    "DELETE FROM token WHERE tenant_id = $1 AND account = $2",
];

impl TenantStore {
    /// The tenant and what people call it. `None` if it is gone.
    pub async fn find_tenant_name(&self) -> Result<Option<TenantName>, StoreError> {
        let found: Option<(String,)> = query_as("SELECT name FROM tenant WHERE id = $1")
            .bind(self.tenant)
            .fetch_optional(&mut *self.look().await?)
            .await?;
        let id = self.id();
        Ok(found.map(|(name,)| TenantName { id, name }))
    }

    /// All members, by name.
    pub async fn list_members(&self) -> Result<Vec<Member>, StoreError> {
        let statement = format!("{SELECT} ORDER BY account.name, account.email_key");
        let rows: Vec<Row> = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .fetch_all(&mut *self.look().await?)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// One member.
    pub async fn find_member(&self, account: AccountId) -> Result<Option<Member>, StoreError> {
        let statement = format!("{SELECT} AND member.account = $2");
        let row: Option<Row> = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(stored(account.0))
            .fetch_optional(&mut *self.look().await?)
            .await?;
        row.map(read).transpose()
    }

    /// Whether a member belongs to other tenants too, or to the installation: then this one's
    /// administrators do not decide over the account.
    pub async fn is_member_elsewhere(&self, account: AccountId) -> Result<bool, StoreError> {
        let mut view = self.shared.look(self.door()).await?;
        belongs_elsewhere(&mut view, account, self.tenant).await
    }

    /// Changes a member's role; returns the former one, `None` if there is no such member. Fails
    /// with [`StoreError::Conflict`] for the last administrator.
    pub async fn set_member_role(
        &self,
        account: AccountId,
        role: Role,
        now: Timestamp,
    ) -> Result<Option<Role>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let Some((former, email)) = find_role(&mut transaction, self.tenant, account).await? else {
            return Ok(None);
        };
        if role != Role::Administrator
            && is_last_administrator(&mut transaction, account, self.tenant).await?
        {
            return Err(LAST);
        }
        query("UPDATE member SET role = $1 WHERE tenant_id = $2 AND account = $3")
            .bind(role.as_str())
            .bind(self.tenant)
            .bind(stored(account.0))
            .execute(&mut transaction)
            .await?;
        let record =
            AuditRecord::new("member.change", email).field("role", Some(former), Some(role));
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(Some(former))
    }

    /// Removes a member: its logins here end, its personal tokens open nothing any more, and an
    /// account that then belongs nowhere is removed too. `None` if there is no such member. Fails
    /// with [`StoreError::Conflict`] for the last administrator.
    pub async fn remove_member(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<Role>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.door()).await?;
        let Some((former, email)) = find_role(&mut transaction, self.tenant, account).await? else {
            return Ok(None);
        };
        if is_last_administrator(&mut transaction, account, self.tenant).await? {
            return Err(LAST);
        }
        delete_member(&mut transaction, account, self.tenant).await?;
        let record =
            AuditRecord::new("member.remove", email).field("role", Some(former), None::<Role>);
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(Some(former))
    }
}

impl TenantStore {
    /// The logins of a member that look at this tenant, the one used last first. `None` if there
    /// is no such member.
    pub async fn list_member_logins(
        &self,
        account: AccountId,
        current: Option<LoginId>,
        now: Timestamp,
    ) -> Result<Option<Vec<Login>>, StoreError> {
        let mut view = self.shared.look(self.door()).await?;
        if find_role(&mut view, self.tenant, account).await?.is_none() {
            return Ok(None);
        }
        let listed = logins::list(&mut view, account, Some(self.tenant), current, now).await?;
        Ok(Some(listed))
    }

    /// Signs a member out of the tenant everywhere: logins that look at it end, and those that
    /// look at another tenant cannot come back to it. Returns how many ended; `None` if there is
    /// no such member.
    pub async fn sign_out_member(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.door()).await?;
        let Some((_, email)) = find_role(&mut transaction, self.tenant, account).await? else {
            return Ok(None);
        };
        bar_logins(&mut transaction, account, self.tenant, now).await?;
        let ended = query("DELETE FROM login WHERE tenant_id = $1 AND account = $2")
            .bind(self.tenant)
            .bind(stored(account.0))
            .execute(&mut transaction)
            .await?
            .rows_affected();
        let record = AuditRecord::new("member.sign_out", email).with("logins", ended);
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(Some(ended))
    }
}

/// Keeps logins of an account that look at another tenant from coming back to this one.
pub(super) async fn bar_logins(
    connection: &mut Connection,
    account: AccountId,
    tenant: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    query("UPDATE member SET signed_out_at = $1 WHERE tenant_id = $2 AND account = $3")
        .bind(now.0)
        .bind(tenant)
        .bind(stored(account.0))
        .execute(connection)
        .await?;
    Ok(())
}

/// The role of a member, and their e-mail address.
async fn find_role(
    connection: &mut Connection,
    tenant: i64,
    account: AccountId,
) -> Result<Option<(Role, String)>, StoreError> {
    let found: Option<(String, String)> = query_as(
        "SELECT member.role, account.email
         FROM member JOIN account ON account.id = member.account
         WHERE member.tenant_id = $1 AND member.account = $2",
    )
    .bind(tenant)
    .bind(stored(account.0))
    .fetch_optional(connection)
    .await?;
    let read = |(role, email): (String, String)| Ok((read_role(&role, account)?, email));
    found.map(read).transpose()
}

/// Whether an account is the only administrator of a tenant. Asked in the transaction that would
/// change it, so that of two who leave at once one stays.
pub(super) async fn is_last_administrator(
    connection: &mut Connection,
    account: AccountId,
    tenant: i64,
) -> Result<bool, StoreError> {
    let (own, others): (i64, i64) = query_as(
        "SELECT (SELECT count(*) FROM member
                 WHERE tenant_id = $1 AND role = $2 AND account = $3),
                (SELECT count(*) FROM member
                 WHERE tenant_id = $1 AND role = $2 AND account <> $3)",
    )
    .bind(tenant)
    .bind(Role::Administrator.as_str())
    .bind(stored(account.0))
    .fetch_one(connection)
    .await?;
    Ok(own > 0 && others == 0)
}

/// Removes a member and what it had there, and an account that then belongs nowhere.
pub(super) async fn delete_member(
    connection: &mut Connection,
    account: AccountId,
    tenant: i64,
) -> Result<(), StoreError> {
    end_all(connection, account, tenant).await?;
    query("DELETE FROM member WHERE tenant_id = $1 AND account = $2")
        .bind(tenant)
        .bind(stored(account.0))
        .execute(&mut *connection)
        .await?;
    if !belongs_elsewhere(connection, account, tenant).await? {
        delete_account(connection, account).await?;
    }
    Ok(())
}

/// Ends the logins of an account that look at a tenant, and its personal tokens there.
pub(super) async fn end_all(
    connection: &mut Connection,
    account: AccountId,
    tenant: i64,
) -> Result<(), StoreError> {
    for statement in ENDED {
        query(statement)
            .bind(tenant)
            .bind(stored(account.0))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Whether an account is in another tenant than this one, or has a role in the installation.
pub(super) async fn belongs_elsewhere(
    connection: &mut Connection,
    account: AccountId,
    tenant: i64,
) -> Result<bool, StoreError> {
    let (places,): (i64,) = query_as(
        "SELECT (SELECT count(*) FROM member WHERE account = $1 AND tenant_id <> $2)
              + (SELECT count(*) FROM account WHERE id = $1 AND global_role IS NOT NULL)",
    )
    .bind(stored(account.0))
    .bind(tenant)
    .fetch_one(connection)
    .await?;
    Ok(places > 0)
}

fn read_role(role: &str, account: AccountId) -> Result<Role, StoreError> {
    let role = role.parse().map_err(|_| Malformed);
    role.map_err(corrupt("member", "role", account))
}

fn read(row: Row) -> Result<Member, StoreError> {
    let (account, email, name, role, since, last_seen_at, has_totp) = row;
    let account_id = AccountId(account as u64);
    Ok(Member {
        account_id,
        email,
        name,
        role: read_role(&role, account_id)?,
        since: Timestamp(since),
        last_seen_at: last_seen_at.map(Timestamp),
        has_totp: has_totp == 1,
    })
}
