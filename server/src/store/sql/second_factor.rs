//! Of whom a tenant requires a second factor. Which logins lack one is [`super::logins`]'s.

use shared::{LoginId, SecondFactorOf, Timestamp};

use super::logins::LACKS_SECOND_FACTOR;
use super::{StoreError, TenantStore, corrupt, stored};
use crate::store::AuditRecord;
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};

const LACKS: StoreError = StoreError::Conflict {
    constraint: "you would lock yourself out: this login has no second factor; first turn two-step \
                 verification on for your own account, or sign in with a second factor at single \
                 sign-on",
};

impl TenantStore {
    /// Of whom it requires one.
    pub async fn find_second_factor_of(&self) -> Result<SecondFactorOf, StoreError> {
        read(&mut *self.look().await?, self.tenant).await
    }

    /// Sets of whom it requires one. Fails with [`StoreError::Conflict`] if whoever sets it, by
    /// this login, would be the first to be kept out.
    pub async fn set_second_factor_of(
        &self,
        of: SecondFactorOf,
        by: Option<LoginId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.door()).await?;
        let before = read(&mut transaction, self.tenant).await?;
        query("UPDATE tenant SET second_factor_of = $1 WHERE id = $2")
            .bind(of.as_str())
            .bind(self.tenant)
            .execute(&mut transaction)
            .await?;
        let statement = format!(
            "SELECT {LACKS_SECOND_FACTOR} FROM login
             JOIN account ON account.id = login.account
             JOIN tenant ON tenant.id = login.tenant_id
             WHERE login.id = $1 AND login.tenant_id = $2"
        );
        let lacks: Option<(i64,)> = query_as(AssertSqlSafe(statement))
            .bind(by.map(|id| stored(id.0)))
            .bind(self.tenant)
            .fetch_optional(&mut transaction)
            .await?;
        if lacks == Some((1,)) {
            return Err(LACKS);
        }
        let record = AuditRecord::new("tenant.second_factor", "").field(
            "required_of",
            Some(before),
            Some(of),
        );
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(())
    }
}

async fn read(connection: &mut Connection, tenant: i64) -> Result<SecondFactorOf, StoreError> {
    let found: Option<(String,)> = query_as("SELECT second_factor_of FROM tenant WHERE id = $1")
        .bind(tenant)
        .fetch_optional(connection)
        .await?;
    match found {
        Some((of,)) => {
            of.parse()
                .map_err(|_| Malformed)
                .map_err(corrupt("tenant", "second_factor_of", tenant))
        }
        None => Ok(SecondFactorOf::Nobody),
    }
}
