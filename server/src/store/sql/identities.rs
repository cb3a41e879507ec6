//! Whose account somebody opens whom a provider vouches for, and their role as it says it. One
//! transaction, so that who signs in twice at once gets one account. Not who vouches for whom.

use shared::{AccountId, LoginId, Role, TenantId};

use super::accounts::{insert_account, insert_member};
use super::members::{
    bar_logins, belongs_elsewhere, delete_member, end_all, is_last_administrator,
};
use super::{Store, StoreError, corrupt, stored};
use crate::auth::{Caller, Email, LoginCredential};
use crate::store::bytes::Malformed;
use crate::store::database::{Connection, Scope, query, query_as};
use crate::store::{AuditRecord, LostRole, NewAccount, NewIdentity, Vouched};

impl Store {
    /// The account of whoever `new` is, made if there is none, with the role that it brings.
    pub async fn vouch(&self, new: &NewIdentity) -> Result<Vouched, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(Scope::DoorOf(stored(new.tenant.0))).await?;
        if is_closed(&mut transaction, new).await? {
            return Ok(Vouched::Closed);
        }
        let mut records = Vec::new();
        let account = match find(&mut transaction, &new.issuer, &new.subject).await? {
            Some(account) => account,
            None => match adopt(&mut transaction, new, &mut records).await? {
                Ok(account) => account,
                Err(refused) => return Ok(refused),
            },
        };
        if !give_role(&mut transaction, account, new, &mut records).await? {
            return Ok(Vouched::NoRole);
        }
        // The log of the tenant that they come to says it, in their own name.
        let login = LoginCredential {
            id: LoginId(0),
            account,
            role: new.role,
            global_role: None,
        };
        let caller = Caller::with_login(new.tenant, called(new), login).at(new.address);
        let tenant = self.tenant(&caller);
        tenant.audit(&mut transaction, new.at, records).await?;
        self.settle(transaction).await?;
        Ok(Vouched::Account(account))
    }

    /// Takes from whoever `lost` is what their provider gives them no more: their logins at the
    /// tenant end and, if the provider gave them their role, so do the membership and their
    /// personal tokens there. The last administrator stays one, but for the logins and tokens.
    /// Does nothing for whom the provider vouches and nobody here knows.
    pub async fn withdraw(&self, lost: &LostRole) -> Result<(), StoreError> {
        let tenant = stored(lost.tenant.0);
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(Scope::DoorOf(tenant)).await?;
        let Some(account) = find(&mut transaction, &lost.issuer, &lost.subject).await? else {
            return Ok(());
        };
        let member: Option<(String, i64, String)> = query_as(
            "SELECT member.role, member.is_from_provider, account.email
             FROM member JOIN account ON account.id = member.account
             WHERE member.tenant_id = $1 AND member.account = $2",
        )
        .bind(tenant)
        .bind(stored(account.0))
        .fetch_optional(&mut transaction)
        .await?;
        let Some((role, is_from_provider, email)) = member else {
            return Ok(());
        };
        let record = if is_from_provider == 0 {
            // Those that look at another tenant could come back.
            query("DELETE FROM login WHERE account = $1 AND is_single_sign_on = 1")
                .bind(stored(account.0))
                .execute(&mut transaction)
                .await?;
            AuditRecord::new("login.end", email)
        } else if is_last_administrator(&mut transaction, account, tenant).await? {
            end_all(&mut transaction, account, tenant).await?;
            bar_logins(&mut transaction, account, tenant, lost.at).await?;
            AuditRecord::new("login.end", email)
        } else {
            delete_member(&mut transaction, account, tenant).await?;
            AuditRecord::new("member.remove", email).field("role", Some(role), None::<Role>)
        };
        let record = record.with("by", "single sign-on");
        let nobody = Caller::nobody(lost.tenant).at(lost.address);
        let log = self.tenant(&nobody);
        log.audit(&mut transaction, lost.at, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(())
    }
}

/// What people know them by.
fn called(new: &NewIdentity) -> &str {
    new.email.as_ref().map_or(&new.subject, Email::as_str)
}

/// Whether nobody gets into the tenant now.
async fn is_closed(connection: &mut Connection, new: &NewIdentity) -> Result<bool, StoreError> {
    let open: Option<(i64,)> =
        query_as("SELECT id FROM tenant WHERE id = $1 AND suspended_at IS NULL")
            .bind(stored(new.tenant.0))
            .fetch_optional(connection)
            .await?;
    Ok(open.is_none())
}

async fn find(
    connection: &mut Connection,
    issuer: &str,
    subject: &str,
) -> Result<Option<AccountId>, StoreError> {
    let found: Option<(i64,)> =
        query_as("SELECT account FROM account_identity WHERE issuer = $1 AND subject = $2")
            .bind(issuer)
            .bind(subject)
            .fetch_optional(connection)
            .await?;
    Ok(found.map(|(account,)| AccountId(account as u64)))
}

/// The account that whoever comes for the first time is given.
async fn adopt(
    connection: &mut Connection,
    new: &NewIdentity,
    records: &mut Vec<AuditRecord>,
) -> Result<Result<AccountId, Vouched>, StoreError> {
    let Some(email) = &new.email else {
        return Ok(Err(Vouched::NoEmail));
    };
    let same: Option<(i64,)> = query_as("SELECT id FROM account WHERE email_key = $1")
        .bind(email.key())
        .fetch_optional(&mut *connection)
        .await?;
    let account = match same.map(|(id,)| AccountId(id as u64)) {
        Some(account) => {
            // What a provider says of an e-mail address must not open more than its tenant.
            let tenant = stored(new.tenant.0);
            if !new.links_by_email || belongs_elsewhere(connection, account, tenant).await? {
                return Ok(Err(Vouched::EmailTaken));
            }
            records
                .push(AuditRecord::new("account.link", email.as_str()).with("issuer", &new.issuer));
            account
        }
        None => {
            let invited = match new.role {
                Some(_) => None,
                None => take_invitation(connection, new.tenant, email, new.at.0).await?,
            };
            if new.role.is_none() && invited.is_none() {
                return Ok(Err(Vouched::NoRole));
            }
            let account = NewAccount {
                id: new.account,
                email: email.clone(),
                name: new.name.clone(),
                password_hash: None,
                global_role: None,
                created_at: new.at,
            };
            insert_account(&mut *connection, &account).await?;
            if let Some((role, invited_by)) = invited {
                let (tenant, id) = (new.tenant, new.account);
                insert_member(&mut *connection, tenant, id, role, new.at).await?;
                records.push(
                    AuditRecord::new("member.create", email.as_str())
                        .with("role", role)
                        .with("invited_by", invited_by),
                );
            }
            new.account
        }
    };
    query(
        "INSERT INTO account_identity (issuer, subject, account, created_at)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(&new.issuer)
    .bind(&new.subject)
    .bind(stored(account.0))
    .bind(new.at.0)
    .execute(connection)
    .await?;
    Ok(Ok(account))
}

/// Takes the invitation to an e-mail address, which the provider confirms: what they will be
/// allowed, and who invited them. `None` if there is none that holds.
async fn take_invitation(
    connection: &mut Connection,
    tenant: TenantId,
    email: &Email,
    now: i64,
) -> Result<Option<(Role, String)>, StoreError> {
    let taken: Option<(String, String)> = query_as(
        "DELETE FROM invitation
         WHERE tenant_id = $1 AND lower(email) = $2 AND expires_at > $3
         RETURNING role, created_by",
    )
    .bind(stored(tenant.0))
    .bind(email.key())
    .bind(now)
    .fetch_optional(connection)
    .await?;
    let read = |(role, by): (String, String)| {
        let role = role.parse().map_err(|_| Malformed);
        Ok((role.map_err(corrupt("invitation", "role", tenant))?, by))
    };
    taken.map(read).transpose()
}

/// Makes the role in the tenant what `new` brings; the last administrator stays one. False if they
/// have none there.
async fn give_role(
    connection: &mut Connection,
    account: AccountId,
    new: &NewIdentity,
    records: &mut Vec<AuditRecord>,
) -> Result<bool, StoreError> {
    let former: Option<(String,)> =
        query_as("SELECT role FROM member WHERE tenant_id = $1 AND account = $2")
            .bind(stored(new.tenant.0))
            .bind(stored(account.0))
            .fetch_optional(&mut *connection)
            .await?;
    let former = former.map(|(role,)| role);
    let Some(role) = new.role else {
        return Ok(former.is_some());
    };
    let (tenant, stays) = (stored(new.tenant.0), Role::Administrator.as_str());
    match former {
        None => {
            insert_member(&mut *connection, new.tenant, account, role, new.at).await?;
            records.push(AuditRecord::new("member.create", called(new)).with("role", role));
        }
        Some(former) if former == role.as_str() => {}
        Some(former)
            if former == stays && is_last_administrator(connection, account, tenant).await? =>
        {
            let kept = AuditRecord::new("member.keep", called(new)).with("role", former);
            records.push(kept.with("instead_of", role));
            return Ok(true);
        }
        Some(former) => {
            let record = AuditRecord::new("member.change", called(new));
            records.push(record.field("role", Some(former), Some(role)));
        }
    }
    // From now on the provider gives the role, and takes it away.
    query(
        "UPDATE member SET role = $1, is_from_provider = 1 WHERE tenant_id = $2 AND account = $3",
    )
    .bind(role.as_str())
    .bind(tenant)
    .bind(stored(account.0))
    .execute(connection)
    .await?;
    Ok(true)
}
