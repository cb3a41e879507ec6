//! API tokens. Whose a token is follows from its secret: that is the one question asked of the
//! store before a tenant is known.

use shared::{AccountId, ApplicationId, Role, TenantId, Timestamp, Token, TokenId};

use super::{Store, StoreError, TenantStore, corrupt, stored};
use crate::auth::{Caller, SecretHash, permissions_of};
use crate::store::AuditRecord;
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Scope, query, query_as};

/// A tenant has at most so many.
const MAX_TOKENS: i64 = 1_000;
/// An account has at most so many personal ones in it.
const MAX_OWN_TOKENS: i64 = 50;
/// That a token was used is written at most so often.
const USED_MS: i64 = Timestamp::MINUTE;

type Row = (
    i64,
    String,
    String,
    Option<i64>,
    Option<i64>,
    String,
    i64,
    Option<i64>,
    Option<i64>,
);

/// A token with what its owner may do now.
type CallerRow = (
    i64,
    i64,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
);

const COLUMNS: &str =
    "id, name, role, account, application, created_by, created_at, expires_at, last_used_at";

/// Which tokens somebody looks after: `$2` is their account, or NULL for whoever looks after all.
const OWNED: &str = "COALESCE(account, 0) = COALESCE($2, account, 0)";

impl Store {
    /// Whoever has this secret; `None` if nobody has, or not any more. A personal token does what
    /// both it and its owner may. Notes that it was used, if nobody else writes just then.
    pub async fn find_caller(
        &self,
        secret: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Caller>, StoreError> {
        let found: Option<CallerRow> = query_as(
            "SELECT token.tenant_id, token.id, token.name, token.role, token.last_used_at,
                    token.account, token.application, account.email, member.role, account.global_role
             FROM token
             JOIN tenant ON tenant.id = token.tenant_id
             LEFT JOIN account ON account.id = token.account
             LEFT JOIN member
               ON member.tenant_id = token.tenant_id AND member.account = token.account
             WHERE token.secret_hash = $1 AND (token.expires_at IS NULL OR token.expires_at > $2)
               AND tenant.suspended_at IS NULL",
        )
        .bind(secret.0.as_slice())
        .bind(now.0)
        .fetch_optional(&mut *self.look().await?)
        .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        let (tenant, id, name, role, last_used_at, account, application, email, owner, global) =
            row;
        let mut owned_by = None;
        if let Some(account) = account {
            let owner = owner.map(|role| read_role(&role, id)).transpose()?;
            let global = global.map(|role| role.parse().map_err(|_| Malformed));
            let global = global
                .transpose()
                .map_err(corrupt("account", "global_role", account))?;
            if owner.is_none() && global.is_none() {
                return Ok(None);
            }
            owned_by = Some((AccountId(account as u64), permissions_of(owner, global)));
        }
        // Not at any price: whoever asks does not wait for an import.
        if last_used_at.is_none_or(|last| last <= now.0 - USED_MS)
            && let Some(mut writer) = self.shared.database.try_writer()
        {
            let mut transaction = writer.begin(Scope::Tenant(tenant)).await?;
            query("UPDATE token SET last_used_at = $1 WHERE tenant_id = $2 AND id = $3")
                .bind(now.0)
                .bind(tenant)
                .bind(id)
                .execute(&mut transaction)
                .await?;
            self.settle(transaction).await?;
        }
        Ok(Some(Caller::with_token(
            TenantId(tenant as u64),
            &match email {
                Some(email) => format!("{email}, token {name}"),
                None => format!("token {name}"),
            },
            read_role(&role, id)?.permissions(),
            owned_by,
            application.map(|id| ApplicationId(id as u64)),
        )))
    }
}

impl TenantStore {
    /// Keeps a token. Fails with [`StoreError::Conflict`] if there are too many, or one with this
    /// secret.
    pub async fn create_token(&self, token: &Token, secret: &SecretHash) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let (tokens, own): (i64, i64) = query_as(
            "SELECT count(*), count(CASE WHEN account = $2 THEN 1 END)
             FROM token WHERE tenant_id = $1",
        )
        .bind(self.tenant)
        .bind(token.account_id.map(|id| stored(id.0)))
        .fetch_one(&mut transaction)
        .await?;
        if tokens >= MAX_TOKENS || own >= MAX_OWN_TOKENS {
            return Err(StoreError::Conflict {
                constraint: "there are at most 1,000 tokens, 50 of one person; revoke some first",
            });
        }
        query(
            "INSERT INTO token (tenant_id, id, secret_hash, name, role, account, application,
                                created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(self.tenant)
        .bind(stored(token.id.0))
        .bind(secret.0.as_slice())
        .bind(&token.name)
        .bind(token.role.as_str())
        .bind(token.account_id.map(|id| stored(id.0)))
        .bind(token.application_id.map(|id| stored(id.0)))
        .bind(&token.created_by)
        .bind(token.created_at.0)
        .bind(token.expires_at.map(|at| at.0))
        .execute(&mut transaction)
        .await?;
        let record = AuditRecord::new("token.create", &token.name)
            .with("role", token.role)
            .field("application", None::<ApplicationId>, token.application_id)
            .field("expires_at", None::<Timestamp>, token.expires_at);
        let now = token.created_at;
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// All tokens, or the personal ones of an account, by name; also those that have expired.
    pub async fn list_tokens(&self, account: Option<AccountId>) -> Result<Vec<Token>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM token WHERE tenant_id = $1 AND {OWNED} ORDER BY name, id"
        );
        let rows: Vec<Row> = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(account.map(|id| stored(id.0)))
            .fetch_all(&mut *self.look().await?)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Forgets a token, or one of an account, so that its secret opens nothing any more; returns
    /// what it was.
    pub async fn revoke_token(
        &self,
        id: TokenId,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let statement = format!(
            "DELETE FROM token WHERE tenant_id = $1 AND {OWNED} AND id = $3 RETURNING {COLUMNS}"
        );
        let row: Option<Row> = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(account.map(|id| stored(id.0)))
            .bind(stored(id.0))
            .fetch_optional(&mut transaction)
            .await?;
        let Some(token) = row.map(read).transpose()? else {
            return Ok(None);
        };
        let record = AuditRecord::new("token.revoke", &token.name).field(
            "role",
            Some(token.role),
            None::<Role>,
        );
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(Some(token))
    }
}

fn read(row: Row) -> Result<Token, StoreError> {
    let (id, name, role, account, application, created_by, created_at, expires_at, last_used_at) =
        row;
    Ok(Token {
        id: TokenId(id as u64),
        name,
        role: read_role(&role, id)?,
        account_id: account.map(|id| AccountId(id as u64)),
        application_id: application.map(|id| ApplicationId(id as u64)),
        created_by,
        created_at: Timestamp(created_at),
        expires_at: expires_at.map(Timestamp),
        last_used_at: last_used_at.map(Timestamp),
    })
}

fn read_role(text: &str, id: i64) -> Result<Role, StoreError> {
    let role = text.parse().map_err(|_| Malformed);
    role.map_err(corrupt("token", "role", TokenId(id as u64)))
}
