//! The routes of the people of a tenant: its members, and who is invited.

use gloo_net::http::Request;
use shared::{
    AccountId, Invitation, InvitationId, Login, Member, Page, Role, SecondFactorOf,
    SecondFactorRule, SecretLink,
};

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

/// Where a member is signed in.
pub fn member_logins(id: AccountId) -> impl Future<Output = Answer<Page<Login>>> + use<> {
    get(&format!("members/{id}/logins"), &[])
}

/// Signs a member out everywhere.
pub async fn sign_out_member(id: AccountId) -> Answer<()> {
    act(Request::delete, &format!("members/{id}/logins"), &[]).await
}

/// Of whom a second factor is required.
pub fn second_factor() -> impl Future<Output = Answer<SecondFactorRule>> + use<> {
    get("second-factor", &[])
}

/// Sets of whom a second factor is required.
pub fn require_second_factor(
    of: SecondFactorOf,
) -> impl Future<Output = Answer<SecondFactorRule>> + use<> {
    let of = body(&[("required_of", of.as_str().into())]);
    write(Request::put, "second-factor", &of)
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
