//! What a secret is good for that is neither a login nor a token: a link to set up the first
//! account or to choose a new password, and the step between password and code. And how often
//! somebody failed to sign in.

use shared::{AccountId, LoginId, Timestamp};

use super::accounts::forget_totp;
use super::logins::delete_logins;
use super::{Store, StoreError, stored};
use crate::auth::{FORGOTTEN_MS, SecretHash, Subject};
use crate::store::database::{Connection, query, query_as};
use crate::store::{LinkKind, NewLink};

impl Store {
    /// Keeps a link. Of its kind an account has one at a time, and those that have expired are
    /// forgotten.
    pub async fn create_link(&self, new: &NewLink) -> Result<(), StoreError> {
        let account = new.account.map(|id| stored(id.0));
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query(
            "DELETE FROM account_link WHERE expires_at <= $1
             OR kind = $2 AND kind <> 'second_step' AND COALESCE(account, 0) = COALESCE($3, 0)",
        )
        .bind(new.at.0)
        .bind(new.kind.as_str())
        .bind(account)
        .execute(&mut transaction)
        .await?;
        query(
            "INSERT INTO account_link (secret_hash, kind, account, expires_at)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(new.hash.0.as_slice())
        .bind(new.kind.as_str())
        .bind(account)
        .bind(new.at.0 + new.kind.lasts_ms())
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// What a secret is good for, and for whom, while it is.
    pub async fn find_link(
        &self,
        secret: &SecretHash,
        kinds: &[LinkKind],
        now: Timestamp,
    ) -> Result<Option<(LinkKind, Option<AccountId>)>, StoreError> {
        find(&mut *self.look().await?, secret, kinds, now).await
    }

    /// Forgets a link. False if it was gone.
    pub async fn remove_link(&self, secret: &SecretHash) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let removed = query("DELETE FROM account_link WHERE secret_hash = $1")
            .bind(secret.0.as_slice())
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Sets a password. All logins but one end, and no link or step of before holds any more.
    pub async fn set_password(
        &self,
        account: AccountId,
        hash: &str,
        except: Option<LoginId>,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        change_password(&mut transaction, account, hash, except, false).await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Sets the password of whoever has the secret of a link, which then holds no more. `None` if
    /// it does not hold.
    pub async fn reset_password(
        &self,
        secret: &SecretHash,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let kinds = [LinkKind::Reset, LinkKind::Recovery];
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let found = find(&mut transaction, secret, &kinds, now).await?;
        let Some((kind, Some(account))) = found else {
            return Ok(None);
        };
        let forgets_app = kind == LinkKind::Recovery;
        // The link goes with all others of the account.
        change_password(&mut transaction, account, hash, None, forgets_app).await?;
        self.settle(transaction).await?;
        Ok(Some(account))
    }

    /// Counts an attempt of all `subjects` as failed, until [it succeeds](Self::forgive), unless
    /// one of them has to wait: then until when. Counted before it is tried, so that many at once
    /// are no way around it.
    pub async fn begin_attempt(
        &self,
        subjects: &[Subject],
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.look().await?;
        let waits = waits_until(&mut reader, subjects, now).await?;
        drop(reader);
        if waits.is_some() {
            return Ok(waits);
        }
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        // Others may have been counted since.
        let waits = waits_until(&mut transaction, subjects, now).await?;
        if waits.is_some() {
            return Ok(waits);
        }
        query("DELETE FROM sign_in_failure WHERE failed_at <= $1")
            .bind(now.0 - FORGOTTEN_MS)
            .execute(&mut transaction)
            .await?;
        for subject in subjects {
            query(
                "INSERT INTO sign_in_failure (subject, failures, failed_at) VALUES ($1, 1, $2)
                 ON CONFLICT (subject) DO UPDATE SET
                   failures = sign_in_failure.failures + 1, failed_at = excluded.failed_at",
            )
            .bind(subject.key.as_slice())
            .bind(now.0)
            .execute(&mut transaction)
            .await?;
        }
        self.settle(transaction).await?;
        Ok(None)
    }

    /// Forgets the failures of `account`, who has signed in, and the attempt that was counted
    /// against `address`.
    pub async fn forgive(
        &self,
        account: &Subject,
        address: Option<&Subject>,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("DELETE FROM sign_in_failure WHERE subject = $1")
            .bind(account.key.as_slice())
            .execute(&mut transaction)
            .await?;
        query(
            "UPDATE sign_in_failure SET failures = failures - 1 WHERE subject = $1 AND failures > 0",
        )
        .bind(address.map(|address| address.key.to_vec()))
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        Ok(())
    }
}

async fn find(
    connection: &mut Connection,
    secret: &SecretHash,
    kinds: &[LinkKind],
    now: Timestamp,
) -> Result<Option<(LinkKind, Option<AccountId>)>, StoreError> {
    let found: Option<(String, Option<i64>)> = query_as(
        "SELECT kind, account FROM account_link WHERE secret_hash = $1 AND expires_at > $2",
    )
    .bind(secret.0.as_slice())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    Ok(found.and_then(|(kind, account)| {
        let kind = kinds.iter().find(|known| known.as_str() == kind)?;
        Some((*kind, account.map(|id| AccountId(id as u64))))
    }))
}

/// Sets a password; everything that the former one opened ends, but one login.
async fn change_password(
    connection: &mut Connection,
    account: AccountId,
    hash: &str,
    except: Option<LoginId>,
    forgets_app: bool,
) -> Result<(), StoreError> {
    query("UPDATE account SET password_hash = $1 WHERE id = $2")
        .bind(hash)
        .bind(stored(account.0))
        .execute(&mut *connection)
        .await?;
    query("DELETE FROM account_link WHERE account = $1")
        .bind(stored(account.0))
        .execute(&mut *connection)
        .await?;
    if forgets_app {
        forget_totp(connection, account).await?;
    }
    delete_logins(connection, account, except).await?;
    Ok(())
}

/// Until when the subject that waits longest has to wait.
async fn waits_until(
    connection: &mut Connection,
    subjects: &[Subject],
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let mut waits = None;
    for subject in subjects {
        let failed: Option<(i64, i64)> = query_as(
            "SELECT failures, failed_at FROM sign_in_failure
             WHERE subject = $1 AND failed_at > $2",
        )
        .bind(subject.key.as_slice())
        .bind(now.0 - FORGOTTEN_MS)
        .fetch_optional(&mut *connection)
        .await?;
        if let Some((failures, failed_at)) = failed {
            let until = subject.waits_until(failures, Timestamp(failed_at));
            if until > now {
                waits = waits.max(Some(until));
            }
        }
    }
    Ok(waits)
}
