//! `/members`: who belongs to the tenant, their roles, removing them, and helping them back in.

use shared::{AccountId, ErrorCode, Login, Member, MemberChange, Page, SecretLink};

use super::params::IdParams;
use crate::http::body::{JsonBody, NoBody};
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Created, Json, List, NoContent};
use crate::http::route::Context;
use crate::http::sign_in::make_link;
use crate::store::{AuditRecord, LinkKind};

pub(in crate::http) async fn list(context: Context, _: NoParams) -> Result<List<Member>, ApiError> {
    Ok(List(Page {
        items: context.store.list_members().await?,
        next_cursor: None,
    }))
}

/// A member whom the caller may change: anybody but themselves, and nobody who may do more.
async fn find(context: &Context, id: AccountId) -> Result<Member, ApiError> {
    let refused = "nobody changes what they may do themselves; ask another administrator";
    find_other(context, id, refused).await
}

/// The same, with what to say to whoever means themselves.
async fn find_other(
    context: &Context,
    id: AccountId,
    refused: &'static str,
) -> Result<Member, ApiError> {
    let member = context.store.find_member(id).await?;
    let member = member.ok_or_else(|| ApiError::not_found("member"))?;
    if context.caller.account() == Some(id) {
        return Err(ApiError::new(ErrorCode::Conflict, refused));
    }
    context.caller.require_all_of(member.role)?;
    Ok(member)
}

pub(in crate::http) async fn change(
    context: Context,
    params: IdParams<AccountId>,
    JsonBody(change): JsonBody<MemberChange>,
) -> Result<Json<Member>, ApiError> {
    find(&context, params.id).await?;
    context.caller.require_all_of(change.role)?;
    let (store, now) = (&context.store, context.now);
    store.set_member_role(params.id, change.role, now).await?;
    let member = store.find_member(params.id).await?;
    member
        .map(Json)
        .ok_or_else(|| ApiError::not_found("member"))
}

pub(in crate::http) async fn remove(
    context: Context,
    params: IdParams<AccountId>,
    _: NoBody,
) -> Result<NoContent, ApiError> {
    find(&context, params.id).await?;
    let removed = context.store.remove_member(params.id, context.now).await?;
    removed.ok_or_else(|| ApiError::not_found("member"))?;
    Ok(NoContent)
}

/// Where a member is signed in, as far as it looks at this tenant.
pub(in crate::http) async fn list_logins(
    context: Context,
    params: IdParams<AccountId>,
) -> Result<List<Login>, ApiError> {
    let current = context.caller.login().map(|login| login.id);
    let logins = context
        .store
        .list_member_logins(params.id, current, context.now);
    Ok(List(Page {
        items: logins.await?.ok_or_else(|| ApiError::not_found("member"))?,
        next_cursor: None,
    }))
}

/// Ends all of them.
pub(in crate::http) async fn sign_out(
    context: Context,
    params: IdParams<AccountId>,
    _: NoBody,
) -> Result<NoContent, ApiError> {
    let refused = "your own logins are ended under `/me/logins`, with your password";
    find_other(&context, params.id, refused).await?;
    let (store, now) = (&context.store, context.now);
    let ended = store.sign_out_member(params.id, now).await?;
    ended.ok_or_else(|| ApiError::not_found("member"))?;
    Ok(NoContent)
}

/// A link to a new password, also for who has lost their app. Only for an account that is the
/// tenant's alone: whoever has the link has the account, with all that it may do elsewhere.
pub(in crate::http) async fn reset_link(
    context: Context,
    params: IdParams<AccountId>,
    _: NoBody,
) -> Result<Created<SecretLink>, ApiError> {
    let member = find(&context, params.id).await?;
    if context.store.is_member_elsewhere(params.id).await? {
        let detail = "this account belongs to more than your organisation, so its password is not \
                      yours to reset; whoever runs the server can, with `botscope accounts reset`";
        return Err(ApiError::new(ErrorCode::Conflict, detail));
    }
    let state = &context.state;
    let account = state.store.find_account(params.id).await?;
    let account = account.ok_or_else(|| ApiError::not_found("member"))?;
    let path = make_link(state, &account, LinkKind::Recovery).await?;
    let path = path.ok_or_else(|| {
        let detail = "this account has no password: single sign-on opens it, and what is forgotten \
                      there is recovered there";
        ApiError::new(ErrorCode::Conflict, detail)
    })?;
    let url = state.site.url();
    let by = context.caller.name();
    let text = format!(
        "{by} made you a link to choose a new password for {} at {url}.\n\n\
         It holds for a day:\n\n{url}{path}\n",
        member.email
    );
    let is_sent = super::send(state, &member.email, "Your new password for Botscope", text).await;
    let record = AuditRecord::new("member.reset_link", &member.email);
    context.store.record(record, context.now).await?;
    Ok(Created(SecretLink {
        path,
        expires_at: context.now.plus(LinkKind::Recovery.lasts_ms()),
        is_sent,
    }))
}
