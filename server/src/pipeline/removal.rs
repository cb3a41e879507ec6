//! Removing applications and tenants: hidden at once, removed for good a little later.

use std::time::Duration;

use shared::{ApplicationId, TenantId, Timestamp};

use super::{Jobs, Lanes};
use crate::store::{StoreError, TenantStore, Tenants};

/// How long a hidden application can be brought back: longer than any message offers it.
const GRACE: Duration = Duration::from_secs(60);

/// Hides an application and lets it be removed for good later, unless it is brought back.
/// Returns false if there is none.
///
/// # Errors
/// If the store fails.
pub async fn remove_application(
    tenant: &TenantStore,
    lanes: &Lanes,
    id: ApplicationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let lane = lanes.enter(id).await;
    if !tenant.hide_application(id, now).await? {
        return Ok(false);
    }
    drop(lane);
    let tenant = tenant.clone();
    tokio::spawn(async move {
        tokio::time::sleep(GRACE).await;
        remove(&tenant, id, Some(now)).await;
    });
    Ok(true)
}

/// Removes what was hidden when the last process ended.
pub async fn finish_removals(tenant: &TenantStore) {
    match tenant.list_hidden().await {
        Ok(hidden) => {
            for id in hidden {
                remove(tenant, id, None).await;
            }
        }
        Err(error) => tracing::error!(%error, "hidden applications cannot be listed"),
    }
}

/// Hides a tenant and removes everything of it in the background, in the name of `by`, once what
/// goes on of it has ended. Returns false if there is none.
///
/// # Errors
/// If the store fails.
pub async fn remove_tenant(
    tenants: Tenants,
    jobs: Jobs,
    id: TenantId,
    by: &TenantStore,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !tenants.hide(id, by, now).await? {
        return Ok(false);
    }
    tokio::spawn(async move {
        jobs.end_all(id).await;
        remove_hidden_tenant(&tenants, id, now).await;
    });
    Ok(true)
}

/// Removes the tenants that were hidden when the last process ended.
pub async fn finish_tenant_removals(tenants: &Tenants, now: Timestamp) {
    match tenants.list_hidden().await {
        Ok(hidden) => {
            for id in hidden {
                remove_hidden_tenant(tenants, id, now).await;
            }
        }
        Err(error) => tracing::error!(%error, "hidden tenants cannot be listed"),
    }
}

async fn remove_hidden_tenant(tenants: &Tenants, id: TenantId, now: Timestamp) {
    loop {
        match tenants.remove_hidden(id, now).await {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => return,
            Err(error) => {
                // The next start removes the rest.
                tracing::error!(%error, tenant = %id, "a tenant was not removed");
                return;
            }
        }
    }
}

async fn remove(tenant: &TenantStore, id: ApplicationId, hidden_at: Option<Timestamp>) {
    loop {
        match tenant.remove_hidden(id, hidden_at).await {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => return,
            Err(error) => {
                // The next start removes the rest.
                tracing::error!(%error, application = %id, "an application was not removed");
                return;
            }
        }
    }
}
