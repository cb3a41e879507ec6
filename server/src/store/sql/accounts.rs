//! Accounts: who there is, how they are known, and the second factor. An account is of the
//! installation, so all of this asks the store and no tenant.

use shared::{AccountId, LoginId, Role, TenantId, TenantName, Timestamp};

use super::logins::delete_logins;
use super::members::is_last_administrator;
use super::{Store, StoreError, corrupt, small, stored};
use crate::auth::{Email, SecretHash, TotpSecret};
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};
use crate::store::{AccountRow, Membership, NewAccount};

type Row = (
    i64,
    String,
    String,
    Option<String>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<String>,
    i64,
    i64,
);

const SELECT: &str = "SELECT id, email, name, password_hash, totp_secret, totp_offer, global_role,
       (SELECT count(*) FROM recovery_code WHERE recovery_code.account = account.id),
       (SELECT count(*) FROM account_identity WHERE account_identity.account = account.id)
     FROM account";

/// Which of the accounts somebody means.
enum By<'a> {
    Id(AccountId),
    Email(&'a Email),
}

impl Store {
    /// Whether anybody may sign in at all.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        let (accounts,): (i64,) = query_as("SELECT count(*) FROM account")
            .fetch_one(&mut *self.look().await?)
            .await?;
        Ok(accounts > 0)
    }

    /// An account by its identifier.
    pub async fn find_account(&self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        self.find_one(By::Id(id)).await
    }

    /// An account by its e-mail address, in whatever case.
    pub async fn find_account_by_email(
        &self,
        email: &Email,
    ) -> Result<Option<AccountRow>, StoreError> {
        self.find_one(By::Email(email)).await
    }

    async fn find_one(&self, by: By<'_>) -> Result<Option<AccountRow>, StoreError> {
        let column = match by {
            By::Id(_) => "id",
            By::Email(_) => "email_key",
        };
        let statement = AssertSqlSafe(format!("{SELECT} WHERE {column} = $1"));
        let query = query_as(statement);
        let query = match by {
            By::Id(id) => query.bind(stored(id.0)),
            By::Email(email) => query.bind(email.key()),
        };
        let row: Option<Row> = query.fetch_optional(&mut *self.look().await?).await?;
        row.map(read).transpose()
    }

    /// All accounts, by e-mail address.
    pub async fn list_accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let statement = AssertSqlSafe(format!("{SELECT} ORDER BY email_key"));
        let rows: Vec<Row> = query_as(statement)
            .fetch_all(&mut *self.look().await?)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Keeps an account that belongs to `tenant` as `role`, if that is said. Fails with
    /// [`StoreError::Conflict`] if there is one with its e-mail address.
    pub async fn create_account(
        &self,
        new: &NewAccount,
        member: Option<(TenantId, Role)>,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        insert_account(&mut transaction, new).await?;
        if let Some((tenant, role)) = member {
            insert_member(&mut transaction, tenant, new.id, role, new.created_at).await?;
        }
        self.settle(transaction).await?;
        Ok(())
    }

    /// Keeps the first account, an administrator of everything there is, for whoever has the
    /// secret of the set-up link. False if the link does not hold, or somebody was first.
    pub async fn create_first_account(
        &self,
        new: &NewAccount,
        link: &SecretHash,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let links = query(
            "DELETE FROM account_link
             WHERE secret_hash = $1 AND kind = 'set_up' AND expires_at > $2",
        )
        .bind(link.0.as_slice())
        .bind(new.created_at.0)
        .execute(&mut transaction)
        .await?
        .rows_affected();
        let (accounts,): (i64,) = query_as("SELECT count(*) FROM account")
            .fetch_one(&mut transaction)
            .await?;
        if links == 0 || accounts > 0 {
            return Ok(false);
        }
        insert_account(&mut transaction, new).await?;
        let tenant = crate::auth::Caller::DEFAULT_TENANT;
        let role = Role::Administrator;
        insert_member(&mut transaction, tenant, new.id, role, new.created_at).await?;
        query("UPDATE tenant SET created_at = $1 WHERE id = $2 AND created_at = 0")
            .bind(new.created_at.0)
            .bind(stored(tenant.0))
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(true)
    }

    /// Changes what others see of an account.
    pub async fn set_account_name(&self, id: AccountId, name: &str) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("UPDATE account SET name = $1 WHERE id = $2")
            .bind(name)
            .bind(stored(id.0))
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Replaces the hash of the same password by one of today's cost, unless the password was
    /// changed meanwhile.
    pub async fn rehash_password(
        &self,
        id: AccountId,
        former: &str,
        hash: &str,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("UPDATE account SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
            .bind(hash)
            .bind(stored(id.0))
            .bind(former)
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Removes an account and everything that belongs to it alone. False if there is none. Fails
    /// with [`StoreError::Conflict`] for the last administrator of a tenant, unless nobody else is
    /// left anywhere: then the first account is made anew.
    pub async fn remove_account(&self, id: AccountId) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let tenants: Vec<(i64,)> = query_as(
            "SELECT member.tenant_id FROM member JOIN tenant ON tenant.id = member.tenant_id
             WHERE member.account = $1 AND tenant.removed_at IS NULL
               AND EXISTS (SELECT 1 FROM account WHERE id <> $1)",
        )
        .bind(stored(id.0))
        .fetch_all(&mut transaction)
        .await?;
        for (tenant,) in tenants {
            if is_last_administrator(&mut transaction, id, tenant).await? {
                return Err(StoreError::Conflict {
                    constraint: "this is the last administrator of a tenant; make somebody else \
                                 one first",
                });
            }
        }
        let removed = delete_account(&mut transaction, id).await?;
        self.settle(transaction).await?;
        Ok(removed)
    }

    /// The tenants that an account may look at, by name: its own, and all for a global role.
    pub async fn list_memberships(
        &self,
        account: &AccountRow,
    ) -> Result<Vec<Membership>, StoreError> {
        let rows: Vec<(i64, String, Option<i64>, Option<String>)> = query_as(
            "SELECT tenant.id, tenant.name, tenant.suspended_at, member.role
             FROM tenant LEFT JOIN member
               ON member.tenant_id = tenant.id AND member.account = $1
             WHERE tenant.removed_at IS NULL AND (member.role IS NOT NULL OR $2 = 1)
             ORDER BY tenant.name, tenant.id",
        )
        .bind(stored(account.id.0))
        .bind(i64::from(account.global_role.is_some()))
        .fetch_all(&mut *self.look().await?)
        .await?;
        let membership = |(id, name, suspended_at, role): (_, _, Option<i64>, Option<String>)| {
            let role = role.map(|role| role.parse().map_err(|_| Malformed));
            Ok(Membership {
                tenant: TenantName {
                    id: TenantId(id as u64),
                    name,
                },
                is_suspended: suspended_at.is_some(),
                role: role.transpose().map_err(corrupt("member", "role", id))?,
            })
        };
        rows.into_iter().map(membership).collect()
    }

    /// Keeps the secret of an app until a code confirms it.
    pub async fn offer_totp(&self, id: AccountId, secret: &TotpSecret) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("UPDATE account SET totp_offer = $1 WHERE id = $2")
            .bind(secret.0.as_slice())
            .bind(stored(id.0))
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Asks for codes of `offer` from now on, the code of `step` being taken, and keeps recovery
    /// codes. All logins but one end: they began without such a code. False if another secret was
    /// offered meanwhile.
    pub async fn confirm_totp(
        &self,
        id: AccountId,
        offer: &TotpSecret,
        step: i64,
        codes: &[SecretHash],
        except: Option<LoginId>,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let confirmed = query(
            "UPDATE account SET totp_secret = totp_offer, totp_offer = NULL, totp_step = $3
             WHERE id = $1 AND totp_offer = $2",
        )
        .bind(stored(id.0))
        .bind(offer.0.as_slice())
        .bind(step)
        .execute(&mut transaction)
        .await?
        .rows_affected();
        if confirmed > 0 {
            replace_codes(&mut transaction, id, codes).await?;
            delete_logins(&mut transaction, id, except).await?;
        }
        self.settle(transaction).await?;
        Ok(confirmed > 0)
    }

    /// Takes the code of a step, which is then taken no more. False if it was taken already, or
    /// one after it.
    pub async fn take_totp_step(&self, id: AccountId, step: i64) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let taken = query("UPDATE account SET totp_step = $1 WHERE id = $2 AND totp_step < $1")
            .bind(step)
            .bind(stored(id.0))
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(taken.rows_affected() > 0)
    }

    /// Asks for no codes any more; recovery codes go with them.
    pub async fn remove_totp(&self, id: AccountId) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        forget_totp(&mut transaction, id).await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Keeps these recovery codes and no others.
    pub async fn set_recovery_codes(
        &self,
        id: AccountId,
        codes: &[SecretHash],
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        replace_codes(&mut transaction, id, codes).await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Takes a recovery code, which is then gone. False if there is no such code.
    pub async fn take_recovery_code(
        &self,
        id: AccountId,
        code: &SecretHash,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let taken = query("DELETE FROM recovery_code WHERE account = $1 AND hash = $2")
            .bind(stored(id.0))
            .bind(code.0.as_slice())
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(taken.rows_affected() > 0)
    }
}

pub(super) async fn insert_account(
    connection: &mut Connection,
    new: &NewAccount,
) -> Result<(), StoreError> {
    let inserted = query(
        "INSERT INTO account (id, email, email_key, name, password_hash, global_role, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (email_key) DO NOTHING",
    )
    .bind(stored(new.id.0))
    .bind(new.email.as_str())
    .bind(new.email.key())
    .bind(&new.name)
    .bind(&new.password_hash)
    .bind(new.global_role.map(shared::GlobalRole::as_str))
    .bind(new.created_at.0)
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(StoreError::Conflict {
            constraint: "there is an account with this e-mail address",
        });
    }
    Ok(())
}

pub(super) async fn insert_member(
    connection: &mut Connection,
    tenant: TenantId,
    account: AccountId,
    role: Role,
    since: Timestamp,
) -> Result<(), StoreError> {
    let inserted = query(
        "INSERT INTO member (tenant_id, account, role, since) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, account) DO NOTHING",
    )
    .bind(stored(tenant.0))
    .bind(stored(account.0))
    .bind(role.as_str())
    .bind(since.0)
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(StoreError::Conflict {
            constraint: "this account belongs to the tenant already",
        });
    }
    Ok(())
}

/// Removes an account and all that belongs to it alone. False if there is none.
pub(super) async fn delete_account(
    connection: &mut Connection,
    id: AccountId,
) -> Result<bool, StoreError> {
    for statement in [
        "DELETE FROM login WHERE account = $1",
        "DELETE FROM token WHERE account = $1",
        "DELETE FROM member WHERE account = $1",
        "DELETE FROM account_link WHERE account = $1",
        "DELETE FROM recovery_code WHERE account = $1",
        "DELETE FROM account_identity WHERE account = $1",
    ] {
        query(statement)
            .bind(stored(id.0))
            .execute(&mut *connection)
            .await?;
    }
    let removed = query("DELETE FROM account WHERE id = $1")
        .bind(stored(id.0))
        .execute(connection)
        .await?;
    Ok(removed.rows_affected() > 0)
}

/// Asks for no codes any more.
pub(super) async fn forget_totp(
    connection: &mut Connection,
    id: AccountId,
) -> Result<(), StoreError> {
    query("UPDATE account SET totp_secret = NULL, totp_offer = NULL WHERE id = $1")
        .bind(stored(id.0))
        .execute(&mut *connection)
        .await?;
    replace_codes(connection, id, &[]).await
}

async fn replace_codes(
    connection: &mut Connection,
    id: AccountId,
    codes: &[SecretHash],
) -> Result<(), StoreError> {
    query("DELETE FROM recovery_code WHERE account = $1")
        .bind(stored(id.0))
        .execute(&mut *connection)
        .await?;
    for code in codes {
        query("INSERT INTO recovery_code (account, hash) VALUES ($1, $2)")
            .bind(stored(id.0))
            .bind(code.0.as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn read(row: Row) -> Result<AccountRow, StoreError> {
    let (id, email, name, password_hash, totp, totp_offer, global_role, codes, identities) = row;
    let id = AccountId(id as u64);
    let global_role = global_role.map(|role| role.parse().map_err(|_| Malformed));
    Ok(AccountRow {
        id,
        email,
        name,
        password_hash,
        totp: totp.map(TotpSecret),
        totp_offer: totp_offer.map(TotpSecret),
        global_role: global_role
            .transpose()
            .map_err(corrupt("account", "global_role", id))?,
        recovery_codes: small(codes),
        is_vouched_for: identities > 0,
    })
}
