//! Whose account somebody opens whom a provider vouches for, and their role as it says it. One
//! transaction, so that who signs in twice at once gets one account. Not who vouches for whom.

use shared::{AccountId, LoginId};

use super::accounts::{insert_account, insert_member};
use super::members::belongs_elsewhere;
use super::{Store, StoreError, stored};
use crate::auth::{Caller, Email, LoginCredential};
use crate::store::database::{Connection, Scope, query, query_as};
use crate::store::{AuditRecord, NewAccount, NewIdentity, Vouched};

impl Store {
    /// The account of whoever `new` is, made if there is none, with the role that it brings.
    pub async fn vouch(&self, new: &NewIdentity) -> Result<Vouched, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(Scope::DoorOf(stored(new.tenant.0))).await?;
        if is_closed(&mut transaction, new).await? {
            return Ok(Vouched::Closed);
        }
        let mut records = Vec::new();
        let account = match find(&mut transaction, new).await? {
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
    new: &NewIdentity,
) -> Result<Option<AccountId>, StoreError> {
    let found: Option<(i64,)> =
        query_as("SELECT account FROM account_identity WHERE issuer = $1 AND subject = $2")
            .bind(&new.issuer)
            .bind(&new.subject)
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
        None if new.role.is_none() => return Ok(Err(Vouched::NoRole)),
        None => {
            let account = NewAccount {
                id: new.account,
                email: email.clone(),
                name: new.name.clone(),
                password_hash: None,
                global_role: None,
                created_at: new.at,
            };
            insert_account(&mut *connection, &account).await?;
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

/// Makes the role in the tenant what `new` brings. False if they have none there.
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
    match former {
        None => {
            insert_member(connection, new.tenant, account, role, new.at).await?;
            records.push(AuditRecord::new("member.create", called(new)).with("role", role));
        }
        Some(former) if former != role.as_str() => {
            query("UPDATE member SET role = $1 WHERE tenant_id = $2 AND account = $3")
                .bind(role.as_str())
                .bind(stored(new.tenant.0))
                .bind(stored(account.0))
                .execute(connection)
                .await?;
            let record = AuditRecord::new("member.change", called(new));
            records.push(record.field("role", Some(former), Some(role)));
        }
        Some(_) => {}
    }
    Ok(true)
}
