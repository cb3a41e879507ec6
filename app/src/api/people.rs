//! The routes of the people of a tenant: its members, and who is invited.

use gloo_net::http::Request;
use shared::{AccountId, Invitation, InvitationId, Member, Page, Role, SecretLink};

use super::{Answer, act, body, get, write};

/// The members, by name.
pub fn members(cursor: Option<&str>) -> impl Future<Output = Answer<Page<Member>>> + use<> {
    get("members", &[("cursor", cursor)])
}

/// Gives a member another role.
pub fn change_member(id: AccountId, role: Role) -> impl Future<Output = Answer<Member>> + use<> {
    let role = body(&[("role", role.as_str().into())]);
    write(Request::patch, &format!("members/{id}"), &role)
}

/// Takes a member out of the tenant.
pub async fn remove_member(id: AccountId) -> Answer<()> {
    act(Request::delete, &format!("members/{id}"), &[]).await
}

/// A link by which a member sets a new password.
pub fn reset_password(id: AccountId) -> impl Future<Output = Answer<SecretLink>> + use<> {
    let route = format!("members/{id}/reset-link");
    write(Request::post, &route, &body(&[]))
}

/// Who is invited and has not come yet.
pub fn invitations(cursor: Option<&str>) -> impl Future<Output = Answer<Page<Invitation>>> + use<> {
    get("invitations", &[("cursor", cursor)])
}

/// Invites somebody.
pub fn invite(email: &str, role: Role) -> impl Future<Output = Answer<SecretLink>> + use<> {
    let fields = body(&[("email", email.into()), ("role", role.as_str().into())]);
    write(Request::post, "invitations", &fields)
}

/// Takes an invitation back.
pub async fn revoke_invitation(id: InvitationId) -> Answer<()> {
    act(Request::delete, &format!("invitations/{id}"), &[]).await
}
