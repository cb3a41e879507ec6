//! Members and invitations: who belongs to a tenant, who may come, and that another tenant has no
//! say in it.

use shared::{AccountId, Invitation, InvitationId, LoginId, Role, TenantId, Token};

use super::accounts::{account, login, with_ann};
use super::fixture::*;
use super::logins::secret;
use crate::auth::{Caller, Permission, SecretHash};
use crate::store::{Invited, StoreError, TenantStore};

pub(super) fn invitation(id: u64, email: &str) -> Invitation {
    Invitation {
        id: InvitationId(id),
        email: email.to_owned(),
        role: Role::Analyst,
        created_by: "ann@example.com".to_owned(),
        created_at: minute(0),
        expires_at: minute(10),
    }
}

pub(super) fn personal_token(owner: AccountId, secret: &SecretHash) -> Token {
    Token {
        id: secret.token_id(),
        name: "mine".to_owned(),
        role: Role::Analyst,
        account_id: Some(owner),
        application_id: None,
        created_by: "ann@example.com".to_owned(),
        created_at: minute(0),
        expires_at: None,
        last_used_at: None,
    }
}

/// A store with an administrator and an analyst.
async fn with_two(on: On) -> (TestStore, AccountId, AccountId) {
    let (test, ann) = with_ann(on).await;
    let ben = account(0xbe, "ben@example.com");
    let member = Some((TenantId(1), Role::Analyst));
    test.store.create_account(&ben, member).await.unwrap();
    (test, ann, ben.id)
}

async fn a_tenant_keeps_an_administrator(on: On) {
    let (test, ann, ben) = with_two(on).await;
    let tenant = test.tenant();
    let demoted = tenant.set_member_role(ann, Role::ReadOnly, minute(1)).await;
    assert!(matches!(demoted, Err(StoreError::Conflict { .. })));
    let removed = tenant.remove_member(ann, minute(1)).await;
    assert!(matches!(removed, Err(StoreError::Conflict { .. })));
    let promoted = tenant
        .set_member_role(ben, Role::Administrator, minute(1))
        .await;
    assert_eq!(promoted.unwrap(), Some(Role::Analyst));
    let removed = tenant.remove_member(ann, minute(1)).await.unwrap();
    assert_eq!(removed, Some(Role::Administrator));
    let members = tenant.list_members().await.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].account_id, ben);
    assert!(test.store.find_account(ann).await.unwrap().is_none());
}

async fn of_two_administrators_who_go_at_once_one_stays(on: On) {
    let (test, ann, ben) = with_two(on).await;
    let tenant = test.tenant();
    let promoted = tenant
        .set_member_role(ben, Role::Administrator, minute(1))
        .await;
    promoted.unwrap();
    let (removed, demoted) = tokio::join!(
        tenant.remove_member(ann, minute(1)),
        tenant.set_member_role(ben, Role::Analyst, minute(1)),
    );
    let removed = removed.is_ok_and(|role| role.is_some());
    let demoted = demoted.is_ok_and(|role| role.is_some());
    assert!(removed != demoted, "both or none");
    let members = tenant.list_members().await.unwrap();
    let administrators = members.iter().filter(|it| it.role == Role::Administrator);
    assert_eq!(administrators.count(), 1);
}

async fn whoever_is_signed_out_of_a_tenant_does_not_come_back_from_another(on: On) {
    let (test, _, ben) = with_two(on).await;
    let (store, tenant) = (&test.store, test.tenant());
    let elsewhere = store
        .tenants()
        .create("Elsewhere", &tenant, minute(0))
        .await
        .unwrap()
        .id;
    let other = store.tenant(&Caller::local_in(elsewhere));
    let new = invitation(1, "ben@example.com");
    let link = secret(1);
    other.create_invitation(&new, &link).await.unwrap();
    let invited = Invited::Account(ben);
    let joined = store.accept_invitation(&link, &invited, minute(0));
    assert!(joined.await.unwrap().is_some());
    for digit in [1, 2] {
        let (new, secret) = login(digit, ben);
        store.create_login(&new, &secret).await.unwrap();
    }
    assert!(store.switch_login(LoginId(2), elsewhere).await.unwrap());
    let seen = async |tenant: &TenantStore| {
        let seen = tenant.list_member_logins(ben, None, minute(1)).await;
        let ids = seen.unwrap().unwrap().into_iter().map(|login| login.id.0);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(seen(&tenant).await, [1], "those that look at it");
    assert_eq!(seen(&other).await, [2]);
    let ended = tenant.sign_out_member(ben, minute(1)).await.unwrap();
    assert_eq!(ended, Some(1));
    let found = store.find_login(&secret(1), minute(1)).await.unwrap();
    assert_eq!(found, None);
    let found = store.find_login(&secret(2), minute(1)).await.unwrap();
    assert!(found.is_some(), "of the other tenant");
    assert!(!store.switch_login(LoginId(2), TenantId(1)).await.unwrap());
    let (mut new, hash) = login(3, ben);
    new.at = minute(2);
    store.create_login(&new, &hash).await.unwrap();
    assert!(store.find_login(&hash, minute(2)).await.unwrap().is_some());
}

async fn another_tenant_has_no_say_over_members(on: On) {
    let (test, ann, ben) = with_two(on).await;
    let stranger = test.stranger();
    let logins = stranger.list_member_logins(ben, None, minute(1)).await;
    assert_eq!(logins.unwrap(), None);
    let ended = stranger.sign_out_member(ben, minute(1)).await;
    assert_eq!(ended.unwrap(), None);
    assert!(stranger.list_members().await.unwrap().is_empty());
    assert_eq!(stranger.find_member(ben).await.unwrap(), None);
    let changed = stranger
        .set_member_role(ben, Role::ReadOnly, minute(1))
        .await;
    assert_eq!(changed.unwrap(), None);
    assert_eq!(stranger.remove_member(ben, minute(1)).await.unwrap(), None);
    assert!(!test.tenant().is_member_elsewhere(ann).await.unwrap());
    assert!(stranger.is_member_elsewhere(ann).await.unwrap());
    assert_eq!(stranger.find_tenant_name().await.unwrap(), None);
    let name = test.tenant().find_tenant_name().await.unwrap().unwrap();
    assert_eq!(name.name, "Default");
    let member = test.tenant().find_member(ben).await.unwrap().unwrap();
    assert_eq!((member.role, member.last_seen_at), (Role::Analyst, None));
}

async fn a_personal_token_never_does_more_than_its_owner_may_now(on: On) {
    let (test, _, ben) = with_two(on).await;
    let (tenant, hash) = (test.tenant(), secret(3));
    let token = personal_token(ben, &hash);
    tenant.create_token(&token, &hash).await.unwrap();
    let find = async || test.store.find_caller(&hash, minute(1)).await.unwrap();
    let caller = find().await.unwrap();
    assert_eq!(caller.name(), "ben@example.com, token mine");
    assert!(caller.require(Permission::ListsWrite).is_ok());
    tenant
        .set_member_role(ben, Role::ReadOnly, minute(1))
        .await
        .unwrap();
    let caller = find().await.unwrap();
    assert!(caller.require(Permission::ListsWrite).is_err());
    assert!(caller.require(Permission::AttacksRead).is_ok());
    // More rights do not make it more either.
    tenant
        .set_member_role(ben, Role::Administrator, minute(1))
        .await
        .unwrap();
    let caller = find().await.unwrap();
    assert!(caller.require(Permission::TokensWrite).is_err());
    let others = tenant.list_tokens(Some(AccountId(5))).await.unwrap();
    assert!(others.is_empty());
    let revoked = tenant
        .revoke_token(token.id, Some(AccountId(5)), minute(1))
        .await;
    assert_eq!(revoked.unwrap(), None);
    assert_eq!(tenant.list_tokens(Some(ben)).await.unwrap().len(), 1);
    tenant.remove_member(ben, minute(1)).await.unwrap();
    assert_eq!(find().await, None);
    assert!(tenant.list_tokens(None).await.unwrap().is_empty());
}

async fn an_invitation_makes_a_member_once(on: On) {
    let (test, _) = with_ann(on).await;
    let (tenant, store) = (test.tenant(), &test.store);
    let new = invitation(1, "Ben@example.com");
    tenant.create_invitation(&new, &secret(1)).await.unwrap();
    let found = store.find_invitation(&secret(1), minute(1)).await.unwrap();
    let found = found.unwrap();
    assert_eq!(
        (&*found.tenant.name, found.role),
        ("Default", Role::Analyst)
    );
    let late = store.find_invitation(&secret(1), minute(10)).await.unwrap();
    assert_eq!(late, None);
    let ben = account(2, "ben@example.com");
    let invited = Invited::New(ben.clone());
    let accept = async |digit| {
        store
            .accept_invitation(&secret(digit), &invited, minute(1))
            .await
    };
    assert_eq!(accept(9).await.unwrap(), None);
    assert!(accept(1).await.unwrap().is_some());
    assert_eq!(accept(1).await.unwrap(), None);
    let member = tenant.find_member(ben.id).await.unwrap().unwrap();
    assert_eq!((member.role, member.since), (Role::Analyst, minute(1)));
    let again = invitation(2, "BEN@example.com");
    let again = tenant.create_invitation(&again, &secret(2)).await;
    assert!(
        matches!(again, Err(StoreError::Conflict { .. })),
        "a member"
    );
}

async fn an_invitation_adds_a_tenant_to_an_account_that_is_there(on: On) {
    let (test, ann) = with_ann(on).await;
    // The second tenant has no row of its own here: then its invitations hold nothing.
    let stranger = test.stranger();
    let new = invitation(1, "ann@example.com");
    stranger.create_invitation(&new, &secret(1)).await.unwrap();
    let invited = Invited::Account(ann);
    let accepted = test
        .store
        .accept_invitation(&secret(1), &invited, minute(1))
        .await;
    assert_eq!(accepted.unwrap(), None);
    let ben = account(2, "ben@example.com");
    test.store.create_account(&ben, None).await.unwrap();
    let new = invitation(2, "someone@example.com");
    test.tenant()
        .create_invitation(&new, &secret(2))
        .await
        .unwrap();
    let invited = Invited::Account(ben.id);
    let accepted = test
        .store
        .accept_invitation(&secret(2), &invited, minute(1))
        .await;
    assert!(accepted.unwrap().is_some());
    assert!(test.tenant().find_member(ben.id).await.unwrap().is_some());
    let new = invitation(3, "someone@example.com");
    test.tenant()
        .create_invitation(&new, &secret(3))
        .await
        .unwrap();
    let again = test
        .store
        .accept_invitation(&secret(3), &invited, minute(1))
        .await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
}

async fn invitations_are_listed_and_revoked_by_their_own_tenant(on: On) {
    let (test, _) = with_ann(on).await;
    let (tenant, stranger) = (test.tenant(), test.stranger());
    for (id, email) in [
        (1, "b@example.com"),
        (2, "c@example.com"),
        (3, "B@example.com"),
    ] {
        let new = invitation(id, email);
        tenant
            .create_invitation(&new, &secret(id as u8))
            .await
            .unwrap();
    }
    let open = tenant.list_invitations(minute(1)).await.unwrap();
    let ids: Vec<u64> = open.iter().map(|open| open.id.0).collect();
    assert_eq!(ids, [2, 3], "one for each address");
    assert!(
        stranger
            .list_invitations(minute(1))
            .await
            .unwrap()
            .is_empty()
    );
    let id = InvitationId(2);
    assert_eq!(
        stranger.revoke_invitation(id, minute(1)).await.unwrap(),
        None
    );
    assert!(
        tenant
            .revoke_invitation(id, minute(1))
            .await
            .unwrap()
            .is_some()
    );
    let found = test.store.find_invitation(&secret(2), minute(1)).await;
    assert_eq!(found.unwrap(), None);
    assert!(
        tenant
            .list_invitations(minute(10))
            .await
            .unwrap()
            .is_empty()
    );
}

on_both!(
    a_tenant_keeps_an_administrator,
    of_two_administrators_who_go_at_once_one_stays,
    whoever_is_signed_out_of_a_tenant_does_not_come_back_from_another,
    another_tenant_has_no_say_over_members,
    a_personal_token_never_does_more_than_its_owner_may_now,
    an_invitation_makes_a_member_once,
    an_invitation_adds_a_tenant_to_an_account_that_is_there,
    invitations_are_listed_and_revoked_by_their_own_tenant
);
