//! Logins: who has which cookie, until when, and from where. Whose a login is follows from its
//! secret: that is asked before a tenant is known.

use shared::{AccountId, Login, LoginId, TenantId, Timestamp};

use super::{Store, StoreError, corrupt, stored};
use crate::auth::{Caller, LoginCredential, SecretHash};
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};
use crate::store::{
    FoundLogin, GRACE_MS, IDLE_MS, LOGIN_MS, MAX_LOGINS, NewLogin, ROTATION_MS, Seen,
};

/// That a login was used is written at most so often.
const SEEN_MS: i64 = Timestamp::MINUTE;

/// Whether a login lacks the second factor that its tenant requires. After a password a code is
/// always asked for where the account has an app, and a new app ends all other logins: so a login
/// by password has one if its account has.
pub(super) const LACKS_SECOND_FACTOR: &str = "CASE
       WHEN tenant.second_factor_of = 'everybody' AND login.is_single_sign_on = 1
         THEN 1 - login.has_second_factor
       WHEN tenant.second_factor_of <> 'nobody' AND login.is_single_sign_on = 0
         AND account.totp_secret IS NULL THEN 1
       ELSE 0 END";

impl Store {
    /// Whoever has this secret, if they still may look at the tenant that they last looked at.
    /// The secret before the last change holds for a moment, so that no request is lost to it.
    pub async fn find_login(
        &self,
        secret: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<FoundLogin>, StoreError> {
        type Row = (
            i64,
            i64,
            i64,
            i64,
            i64,
            i64,
            String,
            Option<String>,
            Option<String>,
            Option<i64>,
            i64,
        );
        let statement = format!(
            "SELECT login.id, login.account, login.tenant_id, login.rotated_at, login.last_seen_at,
                    CASE WHEN login.secret_hash = $1 THEN 1 ELSE 0 END,
                    account.email, account.global_role, member.role, tenant.suspended_at,
                    {LACKS_SECOND_FACTOR}
             FROM login
             JOIN account ON account.id = login.account
             JOIN tenant ON tenant.id = login.tenant_id
             LEFT JOIN member
               ON member.tenant_id = login.tenant_id AND member.account = login.account
               AND member.signed_out_at <= login.created_at
             WHERE (login.secret_hash = $1 OR login.former_hash = $1 AND login.rotated_at > $2)
               AND login.ends_at > $3 AND login.last_seen_at > $4 AND tenant.removed_at IS NULL"
        );
        let found: Option<Row> = query_as(AssertSqlSafe(statement))
            .bind(secret.0.as_slice())
            .bind(now.0 - GRACE_MS)
            .bind(now.0)
            .bind(now.0 - IDLE_MS)
            .fetch_optional(&mut *self.look().await?)
            .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        let (
            id,
            account,
            tenant,
            rotated_at,
            seen_at,
            is_newest,
            email,
            global_role,
            role,
            suspended_at,
            lacks_second_factor,
        ) = row;
        let global_role = global_role.map(|role| role.parse().map_err(|_| Malformed));
        let role = role.map(|role| role.parse().map_err(|_| Malformed));
        let login = LoginCredential {
            id: LoginId(id as u64),
            account: AccountId(account as u64),
            role: role
                .transpose()
                .map_err(corrupt("member", "role", account))?,
            global_role: global_role.transpose().map_err(corrupt(
                "account",
                "global_role",
                account,
            ))?,
        };
        let is_kept_out = login.role.is_none() || suspended_at.is_some();
        if is_kept_out && login.global_role.is_none() {
            return Ok(None);
        }
        let caller = Caller::with_login(TenantId(tenant as u64), &email, login);
        Ok(Some(FoundLogin {
            caller: match lacks_second_factor == 1 {
                true => caller.without_second_factor(),
                false => caller,
            },
            is_due: is_newest == 1 && rotated_at <= now.0 - ROTATION_MS,
            is_unseen: seen_at <= now.0 - SEEN_MS,
        }))
    }

    /// Keeps a login. Those that have ended are forgotten.
    pub async fn create_login(
        &self,
        new: &NewLogin,
        secret: &SecretHash,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("DELETE FROM login WHERE ends_at <= $1 OR last_seen_at <= $2")
            .bind(new.at.0)
            .bind(new.at.0 - IDLE_MS)
            .execute(&mut transaction)
            .await?;
        query(
            "DELETE FROM login WHERE id IN (
               SELECT id FROM login WHERE account = $1
               ORDER BY last_seen_at DESC, id LIMIT 1000 OFFSET $2)",
        )
        .bind(stored(new.account.0))
        .bind(MAX_LOGINS - 1)
        .execute(&mut transaction)
        .await?;
        query(
            "INSERT INTO login (id, secret_hash, rotated_at, account, tenant_id, created_at,
                                last_seen_at, ends_at, address, user_agent, is_single_sign_on,
                                has_second_factor)
             VALUES ($1, $2, $3, $4, $5, $3, $3, $6, $7, $8, $9, $10)",
        )
        .bind(stored(new.id.0))
        .bind(secret.0.as_slice())
        .bind(new.at.0)
        .bind(stored(new.account.0))
        .bind(stored(new.tenant.0))
        .bind(new.at.0 + LOGIN_MS)
        .bind(shown(&new.seen))
        .bind(&new.seen.user_agent)
        .bind(i64::from(new.is_single_sign_on))
        .bind(i64::from(new.has_second_factor))
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Notes that a login was used. Not at any price: whoever asks does not wait for it.
    pub async fn note_login(
        &self,
        id: LoginId,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(mut writer) = self.shared.database.try_writer() else {
            return Ok(());
        };
        let mut transaction = writer.begin(self.scope()).await?;
        query("UPDATE login SET last_seen_at = $1, address = $2, user_agent = $3 WHERE id = $4")
            .bind(now.0)
            .bind(shown(seen))
            .bind(&seen.user_agent)
            .bind(stored(id.0))
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Replaces the secret `former` of a login. The former one holds for a moment more if
    /// `has_grace`. False if it was replaced already.
    pub async fn rotate_login(
        &self,
        id: LoginId,
        former: &SecretHash,
        secret: &SecretHash,
        has_grace: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let rotated = query(
            "UPDATE login SET secret_hash = $1, rotated_at = $2,
               former_hash = CASE WHEN $3 = 1 THEN secret_hash ELSE NULL END
             WHERE id = $4 AND secret_hash = $5",
        )
        .bind(secret.0.as_slice())
        .bind(now.0)
        .bind(i64::from(has_grace))
        .bind(stored(id.0))
        .bind(former.0.as_slice())
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        Ok(rotated.rows_affected() > 0)
    }

    /// Lets a login look at another tenant of its account. False if it may not.
    pub async fn switch_login(&self, id: LoginId, tenant: TenantId) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let switched = query(
            "UPDATE login SET tenant_id = $2 WHERE id = $1 AND EXISTS (
               SELECT 1 FROM tenant
               JOIN account ON account.id = login.account
               LEFT JOIN member ON member.tenant_id = tenant.id AND member.account = account.id
               WHERE tenant.id = $2 AND tenant.removed_at IS NULL
                 AND (account.global_role IS NOT NULL
                      OR member.role IS NOT NULL AND tenant.suspended_at IS NULL
                         AND member.signed_out_at <= login.created_at))",
        )
        .bind(stored(id.0))
        .bind(stored(tenant.0))
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        Ok(switched.rows_affected() > 0)
    }

    /// The logins of an account that hold, the one used last first; `current` is marked.
    pub async fn list_logins(
        &self,
        account: AccountId,
        current: Option<LoginId>,
        now: Timestamp,
    ) -> Result<Vec<Login>, StoreError> {
        list(&mut *self.look().await?, account, None, current, now).await
    }

    /// Ends one login of an account. False if it has no such login.
    pub async fn end_login(&self, account: AccountId, id: LoginId) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let ended = query("DELETE FROM login WHERE account = $1 AND id = $2")
            .bind(stored(account.0))
            .bind(stored(id.0))
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Ends all logins of an account but one.
    pub async fn end_logins(
        &self,
        account: AccountId,
        except: Option<LoginId>,
    ) -> Result<u64, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let ended = delete_logins(&mut transaction, account, except).await?;
        self.settle(transaction).await?;
        Ok(ended)
    }
}

/// The logins of an account that hold, of those that look at `tenant` if it is said.
pub(super) async fn list(
    connection: &mut Connection,
    account: AccountId,
    tenant: Option<i64>,
    current: Option<LoginId>,
    now: Timestamp,
) -> Result<Vec<Login>, StoreError> {
    let rows: Vec<(i64, i64, i64, i64, String, String, i64)> = query_as(
        "SELECT id, created_at, last_seen_at, ends_at, address, user_agent, is_single_sign_on
         FROM login WHERE account = $1 AND ends_at > $2 AND last_seen_at > $3
           AND (CAST($4 AS BIGINT) IS NULL OR tenant_id = $4)
         ORDER BY last_seen_at DESC, id",
    )
    .bind(stored(account.0))
    .bind(now.0)
    .bind(now.0 - IDLE_MS)
    .bind(tenant)
    .fetch_all(connection)
    .await?;
    let login = |(id, created_at, seen_at, ends_at, address, user_agent, is_single_sign_on)| {
        let id = LoginId(i64::cast_unsigned(id));
        Login {
            id,
            is_current: current == Some(id),
            created_at: Timestamp(created_at),
            last_seen_at: Timestamp(seen_at),
            expires_at: Timestamp(i64::min(ends_at, seen_at + IDLE_MS)),
            address,
            user_agent,
            is_single_sign_on: is_single_sign_on == 1_i64,
        }
    };
    Ok(rows.into_iter().map(login).collect())
}

/// Ends all logins of an account but one; returns how many there were.
pub(super) async fn delete_logins(
    connection: &mut Connection,
    account: AccountId,
    except: Option<LoginId>,
) -> Result<u64, StoreError> {
    let ended = query("DELETE FROM login WHERE account = $1 AND id <> COALESCE($2, 0)")
        .bind(stored(account.0))
        .bind(except.map(|id| stored(id.0)))
        .execute(connection)
        .await?;
    Ok(ended.rows_affected())
}

fn shown(seen: &Seen) -> String {
    let address = seen
        .address
        .map(|address| address.to_canonical().to_string());
    address.unwrap_or_default()
}
