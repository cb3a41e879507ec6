//! `/tenants`: which there are, making, renaming, suspending and deleting them. For whoever
//! looks after the whole installation.

use shared::{ErrorCode, NewTenant, Page, Tenant, TenantChange, TenantId, TenantRemoval};

use super::params::IdParams;
use crate::auth::{self, Caller};
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Created, Json, List, NoContent};
use crate::http::route::Context;
use crate::pipeline;

pub(in crate::http) async fn list(context: Context, _: NoParams) -> Result<List<Tenant>, ApiError> {
    Ok(List(Page {
        items: context.tenants.list().await?,
        next_cursor: None,
    }))
}

pub(in crate::http) async fn create(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<NewTenant>,
) -> Result<Created<Tenant>, ApiError> {
    let name = auth::read_name(&new.name)?;
    let tenants = &context.tenants;
    let created = tenants.create(name, &context.store, context.now).await?;
    Ok(Created(created))
}

pub(in crate::http) async fn change(
    context: Context,
    params: IdParams<TenantId>,
    JsonBody(change): JsonBody<TenantChange>,
) -> Result<Json<Tenant>, ApiError> {
    let name = change.name.as_deref();
    let name = name.map(auth::read_name).transpose()?;
    let change = TenantChange {
        name: name.map(str::to_owned),
        suspended: change.suspended,
    };
    if change == TenantChange::default() {
        return Err(ApiError::field("body", "says nothing that is to change"));
    }
    if change.suspended == Some(true) {
        not_ones_own(&context, params.id, "suspended")?;
    }
    let tenants = &context.tenants;
    let changed = tenants.change(params.id, &change, &context.store, context.now);
    let changed = changed.await?;
    changed.map(Json).ok_or_else(not_found)
}

pub(in crate::http) async fn remove(
    context: Context,
    params: IdParams<TenantId>,
    JsonBody(removal): JsonBody<TenantRemoval>,
) -> Result<NoContent, ApiError> {
    let tenant = context.tenants.find(params.id).await?;
    let tenant = tenant.ok_or_else(not_found)?;
    if removal.name != tenant.name {
        let message = format!(
            "this removes everything of `{}`; give its name to say that you mean it",
            tenant.name
        );
        return Err(ApiError::field("name", message));
    }
    not_ones_own(&context, params.id, "deleted")?;
    context.state.demo.stop_tenant(params.id);
    let (tenants, jobs) = (context.tenants.clone(), context.state.jobs.clone());
    let removed = pipeline::remove_tenant(tenants, jobs, params.id, &context.store, context.now);
    match removed.await? {
        true => Ok(NoContent),
        false => Err(not_found()),
    }
}

fn not_ones_own(context: &Context, id: TenantId, what: &str) -> Result<(), ApiError> {
    if id != context.caller.tenant() && id != Caller::DEFAULT_TENANT {
        return Ok(());
    }
    let detail = format!(
        "the first tenant, and the one that you look at yourself, cannot be {what}; \
         switch to another one first"
    );
    Err(ApiError::new(ErrorCode::Conflict, detail))
}

fn not_found() -> ApiError {
    ApiError::not_found("tenant")
}
