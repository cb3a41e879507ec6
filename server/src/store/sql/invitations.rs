//! Invitations: who may become a member of a tenant, and becoming one. Whose an invitation is
//! follows from its secret: that is asked before a tenant is known.

use shared::{AccountId, Invitation, InvitationId, Role, TenantId, TenantName, Timestamp};

use super::accounts::{insert_account, insert_member};
use super::{Store, StoreError, TenantStore, corrupt, stored};
use crate::auth::SecretHash;
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};
use crate::store::{AuditRecord, FoundInvitation, MAX_INVITATIONS, NewAccount};

type Row = (i64, String, String, String, i64, i64);

const COLUMNS: &str = "id, email, role, created_by, created_at, expires_at";

/// Who accepts an invitation.
#[derive(Clone)]
pub enum Invited {
    /// Somebody with an account already.
    Account(AccountId),
    /// Somebody who makes one.
    New(NewAccount),
}

impl TenantStore {
    /// Keeps an invitation in place of those to the same address, and forgets those that have
    /// expired. Fails with [`StoreError::Conflict`] if there are too many, or if somebody with
    /// this address is a member.
    pub async fn create_invitation(
        &self,
        new: &Invitation,
        secret: &SecretHash,
    ) -> Result<(), StoreError> {
        let email_key = new.email.to_lowercase();
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query(
            "DELETE FROM invitation WHERE tenant_id = $1 AND (expires_at <= $2 OR lower(email) = $3)",
        )
        .bind(self.tenant)
        .bind(new.created_at.0)
        .bind(&email_key)
        .execute(&mut transaction)
        .await?;
        let (members, open): (i64, i64) = query_as(
            "SELECT (SELECT count(*) FROM member JOIN account ON account.id = member.account
                     WHERE member.tenant_id = $1 AND account.email_key = $2),
                    (SELECT count(*) FROM invitation WHERE tenant_id = $1)",
        )
        .bind(self.tenant)
        .bind(&email_key)
        .fetch_one(&mut transaction)
        .await?;
        let refusal = match (members, open) {
            (1.., _) => Some("somebody with this e-mail address belongs to the tenant already"),
            (_, MAX_INVITATIONS..) => Some("there are 200 open invitations; revoke some first"),
            _ => None,
        };
        if let Some(constraint) = refusal {
            return Err(StoreError::Conflict { constraint });
        }
        query(
            "INSERT INTO invitation (tenant_id, id, secret_hash, email, role, created_by,
                                     created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.tenant)
        .bind(stored(new.id.0))
        .bind(secret.0.as_slice())
        .bind(&new.email)
        .bind(new.role.as_str())
        .bind(&new.created_by)
        .bind(new.created_at.0)
        .bind(new.expires_at.0)
        .execute(&mut transaction)
        .await?;
        let record = AuditRecord::new("invitation.create", &new.email).with("role", new.role);
        self.audit(&mut transaction, new.created_at, vec![record])
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// The invitations that hold, the newest first.
    pub async fn list_invitations(&self, now: Timestamp) -> Result<Vec<Invitation>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM invitation WHERE tenant_id = $1 AND expires_at > $2
             ORDER BY created_at DESC, id"
        );
        let rows: Vec<Row> = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(now.0)
            .fetch_all(&mut *self.look().await?)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Forgets an invitation, so that its link opens nothing any more; returns what it was.
    pub async fn revoke_invitation(
        &self,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let statement =
            format!("DELETE FROM invitation WHERE tenant_id = $1 AND id = $2 RETURNING {COLUMNS}");
        let row: Option<Row> = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(stored(id.0))
            .fetch_optional(&mut transaction)
            .await?;
        let Some(revoked) = row.map(read).transpose()? else {
            return Ok(None);
        };
        let record = AuditRecord::new("invitation.revoke", &revoked.email);
        let record = record.field("role", Some(revoked.role), None::<Role>);
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(Some(revoked))
    }
}

impl Store {
    /// The invitation with this secret, while it holds and its tenant lets people in.
    pub async fn find_invitation(
        &self,
        secret: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<FoundInvitation>, StoreError> {
        let mut reader = self.look().await?;
        find(&mut reader, secret, now).await
    }

    /// Makes whoever is invited a member; the invitation then holds no more. `None` if it does
    /// not hold. Fails with [`StoreError::Conflict`] if they are one already, or if there is an
    /// account with the address of the new one.
    pub async fn accept_invitation(
        &self,
        secret: &SecretHash,
        invited: &Invited,
        now: Timestamp,
    ) -> Result<Option<FoundInvitation>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let Some(found) = find(&mut transaction, secret, now).await? else {
            return Ok(None);
        };
        let account = match invited {
            Invited::Account(account) => *account,
            Invited::New(new) => {
                insert_account(&mut transaction, new).await?;
                new.id
            }
        };
        insert_member(&mut transaction, found.tenant.id, account, found.role, now).await?;
        query("DELETE FROM invitation WHERE secret_hash = $1")
            .bind(secret.0.as_slice())
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(Some(found))
    }
}

async fn find(
    connection: &mut Connection,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<Option<FoundInvitation>, StoreError> {
    let found: Option<(i64, String, i64, String, String, String)> = query_as(
        "SELECT tenant.id, tenant.name, invitation.id, invitation.email, invitation.role,
                invitation.created_by
         FROM invitation JOIN tenant ON tenant.id = invitation.tenant_id
         WHERE invitation.secret_hash = $1 AND invitation.expires_at > $2
           AND tenant.suspended_at IS NULL",
    )
    .bind(secret.0.as_slice())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some((tenant, name, id, email, role, created_by)) = found else {
        return Ok(None);
    };
    Ok(Some(FoundInvitation {
        tenant: TenantName {
            id: TenantId(tenant as u64),
            name,
        },
        id: InvitationId(id as u64),
        email,
        role: read_role(&role, id)?,
        created_by,
    }))
}

fn read_role(role: &str, id: i64) -> Result<Role, StoreError> {
    let role = role.parse().map_err(|_| Malformed);
    role.map_err(corrupt("invitation", "role", InvitationId(id as u64)))
}

fn read(row: Row) -> Result<Invitation, StoreError> {
    let (id, email, role, created_by, created_at, expires_at) = row;
    Ok(Invitation {
        id: InvitationId(id as u64),
        email,
        role: read_role(&role, id)?,
        created_by,
        created_at: Timestamp(created_at),
        expires_at: Timestamp(expires_at),
    })
}
