//! `/invitations`: who may become a member, and making the links.

use shared::{Invitation, InvitationId, NewInvitation, Page, SecretLink};

use super::params::IdParams;
use crate::auth::{Email, Secret};
use crate::http::body::{JsonBody, NoBody};
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Created, Json, List};
use crate::http::route::Context;
use crate::store::INVITATION_MS;

pub(in crate::http) async fn list(
    context: Context,
    _: NoParams,
) -> Result<List<Invitation>, ApiError> {
    Ok(List(Page {
        items: context.store.list_invitations(context.now).await?,
        next_cursor: None,
    }))
}

pub(in crate::http) async fn create(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<NewInvitation>,
) -> Result<Created<SecretLink>, ApiError> {
    let email = Email::read(&new.email);
    let email = email.map_err(|fault| ApiError::field("email", fault.to_string()))?;
    context.caller.require_all_of(new.role)?;
    let secret = Secret::random()?;
    let invitation = Invitation {
        id: InvitationId(secret.hash().number()),
        email: email.to_string(),
        role: new.role,
        created_by: context.caller.name().to_owned(),
        created_at: context.now,
        expires_at: context.now.plus(INVITATION_MS),
    };
    let store = &context.store;
    store.create_invitation(&invitation, &secret.hash()).await?;
    let state = &context.state;
    let (url, path) = (
        state.site.url(),
        format!("/invitations/{}", secret.digits()),
    );
    let tenant = store.find_tenant_name().await?;
    let text = format!(
        "{} invites you to {} in Botscope as {}.\n\nAccept within a week:\n\n{url}{path}\n",
        invitation.created_by,
        tenant.map_or_else(|| "an organisation".to_owned(), |tenant| tenant.name),
        new.role.label(),
    );
    let is_sent = super::send(state, email.as_str(), "You are invited to Botscope", text).await;
    Ok(Created(SecretLink {
        path,
        expires_at: invitation.expires_at,
        is_sent,
    }))
}

pub(in crate::http) async fn revoke(
    context: Context,
    params: IdParams<InvitationId>,
    _: NoBody,
) -> Result<Json<Invitation>, ApiError> {
    let revoked = context.store.revoke_invitation(params.id, context.now);
    let revoked = revoked.await?;
    revoked
        .map(Json)
        .ok_or_else(|| ApiError::not_found("invitation"))
}
