//! People whom a provider vouches for: whose account they open, and as what.

use shared::{AccountId, GlobalRole, Role, TenantId};

use super::accounts::{account, login, with_ann};
use super::fixture::*;
use super::logins;
use super::members::{invitation, personal_token};
use crate::auth::{Email, Secret};
use crate::store::{LostRole, NewIdentity, Vouched};

/// Somebody whom the provider calls `subject`, with this e-mail address and role.
fn identity(subject: &str, email: Option<&str>, role: Option<Role>) -> NewIdentity {
    NewIdentity {
        issuer: "https://login.example".to_owned(),
        subject: subject.to_owned(),
        email: email.map(|email| Email::read(email).unwrap()),
        name: "Bob Example".to_owned(),
        role,
        tenant: TenantId(1),
        links_by_email: false,
        account: AccountId(0xb0b),
        address: None,
        at: minute(1),
    }
}

const BOB: Option<&str> = Some("bob@example.com");

async fn whoever_comes_first_is_given_an_account_and_later_finds_it(on: On) {
    let test = TestStore::open(on).await;
    let bob = identity("u-1", BOB, Some(Role::Analyst));
    let made = test.store.vouch(&bob).await.unwrap();
    assert_eq!(made, Vouched::Account(AccountId(0xb0b)));
    let again = NewIdentity {
        account: AccountId(7),
        email: None,
        ..bob
    };
    let found = test.store.vouch(&again).await.unwrap();
    assert_eq!(found, made, "by what the provider calls them alone");
    let row = test.store.find_account(AccountId(0xb0b)).await.unwrap();
    let row = row.unwrap();
    assert_eq!(
        (&*row.email, &*row.name),
        ("bob@example.com", "Bob Example")
    );
    assert_eq!(row.password_hash, None);
    let member = test.tenant().find_member(row.id).await.unwrap().unwrap();
    assert_eq!(member.role, Role::Analyst);
}

async fn the_role_is_what_the_provider_says_each_time(on: On) {
    let test = TestStore::open(on).await;
    let ann = account(0xa11, "ann@example.com");
    let member = Some((TenantId(1), Role::Administrator));
    test.store.create_account(&ann, member).await.unwrap();
    for role in [Role::Administrator, Role::ReadOnly] {
        let bob = identity("u-1", BOB, Some(role));
        let Vouched::Account(id) = test.store.vouch(&bob).await.unwrap() else {
            panic!("{role} stays outside");
        };
        let member = test.tenant().find_member(id).await.unwrap().unwrap();
        assert_eq!(member.role, role);
    }
    let as_it_is = identity("u-1", BOB, None);
    let found = test.store.vouch(&as_it_is).await.unwrap();
    assert_eq!(found, Vouched::Account(AccountId(0xb0b)));
}

async fn the_last_administrator_stays_one_whatever_the_provider_says(on: On) {
    let test = TestStore::open(on).await;
    let bob = |role| identity("u-1", BOB, Some(role));
    let vouched = test.store.vouch(&bob(Role::Administrator)).await.unwrap();
    let Vouched::Account(id) = vouched else {
        panic!("{vouched:?}");
    };
    let again = test.store.vouch(&bob(Role::ReadOnly)).await.unwrap();
    assert_eq!(again, vouched, "and is let in");
    let member = test.tenant().find_member(id).await.unwrap().unwrap();
    assert_eq!(member.role, Role::Administrator);
    let (new, secret) = login(1, id);
    test.store.create_login(&new, &secret).await.unwrap();
    test.store.withdraw(&lost("u-1")).await.unwrap();
    assert!(test.tenant().find_member(id).await.unwrap().is_some());
    let open = test.store.find_login(&secret, minute(1)).await.unwrap();
    assert_eq!(open, None);
}

fn lost(subject: &str) -> LostRole {
    LostRole {
        issuer: "https://login.example".to_owned(),
        subject: subject.to_owned(),
        tenant: TenantId(1),
        address: None,
        at: minute(2),
    }
}

async fn whoever_the_provider_takes_the_role_from_is_no_member_any_more(on: On) {
    let test = TestStore::open(on).await;
    let (store, tenant) = (&test.store, test.tenant());
    let bob = identity("u-1", BOB, Some(Role::Analyst));
    let Vouched::Account(id) = store.vouch(&bob).await.unwrap() else {
        panic!("stays outside");
    };
    let (new, secret) = login(1, id);
    store.create_login(&new, &secret).await.unwrap();
    let hash = logins::secret(3);
    let mine = personal_token(id, &hash);
    tenant.create_token(&mine, &hash).await.unwrap();
    store.withdraw(&lost("u-2")).await.unwrap();
    assert!(
        store
            .find_login(&secret, minute(2))
            .await
            .unwrap()
            .is_some()
    );
    store.withdraw(&lost("u-1")).await.unwrap();
    assert_eq!(store.find_login(&secret, minute(2)).await.unwrap(), None);
    assert_eq!(store.find_caller(&hash, minute(2)).await.unwrap(), None);
    assert_eq!(tenant.find_member(id).await.unwrap(), None);
    assert!(store.find_account(id).await.unwrap().is_none());
    // With a role again it begins anew.
    let anew = NewIdentity {
        account: AccountId(7),
        ..bob
    };
    let found = store.vouch(&anew).await.unwrap();
    assert_eq!(found, Vouched::Account(AccountId(7)));
}

async fn whoever_was_invited_stays_without_the_provider(on: On) {
    let (test, ann) = with_ann(on).await;
    let store = &test.store;
    let linked = NewIdentity {
        links_by_email: true,
        ..identity("u-1", Some("ann@example.com"), None)
    };
    assert_eq!(store.vouch(&linked).await.unwrap(), Vouched::Account(ann));
    for (digit, is_single_sign_on) in [(1, true), (2, false)] {
        let (mut new, secret) = login(digit, ann);
        new.is_single_sign_on = is_single_sign_on;
        store.create_login(&new, &secret).await.unwrap();
    }
    store.withdraw(&lost("u-1")).await.unwrap();
    assert!(test.tenant().find_member(ann).await.unwrap().is_some());
    let left = store.list_logins(ann, None, minute(2)).await.unwrap();
    assert!(left.len() == 1 && !left[0].is_single_sign_on);
}

async fn an_invitation_is_taken_by_whoever_has_its_confirmed_address(on: On) {
    let test = TestStore::open(on).await;
    let (store, tenant) = (&test.store, test.tenant());
    let invitation = invitation(1, "Bob@example.com");
    let link = Secret::of([9; 32]).hash();
    tenant.create_invitation(&invitation, &link).await.unwrap();
    let late = NewIdentity {
        at: minute(10),
        ..identity("u-1", BOB, None)
    };
    assert_eq!(store.vouch(&late).await.unwrap(), Vouched::NoRole);
    let other = identity("u-2", Some("bobby@example.com"), None);
    assert_eq!(store.vouch(&other).await.unwrap(), Vouched::NoRole);
    let bob = identity("u-1", BOB, None);
    let Vouched::Account(id) = store.vouch(&bob).await.unwrap() else {
        panic!("stays outside");
    };
    let member = tenant.find_member(id).await.unwrap().unwrap();
    assert_eq!(member.role, Role::Analyst);
    let left = store.find_invitation(&link, minute(1)).await.unwrap();
    assert_eq!(left, None, "it holds once");
    let found = store.find_account(id).await.unwrap().unwrap();
    assert!(found.is_providers());
}

async fn without_an_address_or_a_role_there_is_no_account(on: On) {
    let test = TestStore::open(on).await;
    let vouch = async |new| test.store.vouch(&new).await.unwrap();
    let nameless = identity("u-1", None, Some(Role::Analyst));
    assert_eq!(vouch(nameless).await, Vouched::NoEmail);
    let idle = identity("u-1", BOB, None);
    assert_eq!(vouch(idle).await, Vouched::NoRole);
    assert!(!test.store.has_accounts().await.unwrap());
}

async fn an_account_with_the_same_address_is_opened_only_where_that_is_wished(on: On) {
    let (test, ann) = with_ann(on).await;
    let other = identity("u-1", Some("ANN@example.com"), Some(Role::Analyst));
    let taken = test.store.vouch(&other).await.unwrap();
    assert_eq!(taken, Vouched::EmailTaken);
    let linked = NewIdentity {
        links_by_email: true,
        ..other.clone()
    };
    let linked = test.store.vouch(&linked).await.unwrap();
    assert_eq!(linked, Vouched::Account(ann));
    let later = test.store.vouch(&other).await.unwrap();
    assert_eq!(later, Vouched::Account(ann), "once is enough");
}

async fn an_address_never_opens_more_than_the_providers_tenant(on: On) {
    let test = TestStore::open(on).await;
    let mut root = account(1, "root@example.com");
    root.global_role = Some(GlobalRole::Administrator);
    test.store.create_account(&root, None).await.unwrap();
    let abroad = account(2, "eve@example.com");
    let elsewhere = Some((TenantId(2), Role::ReadOnly));
    test.store.create_account(&abroad, elsewhere).await.unwrap();
    for email in ["root@example.com", "eve@example.com"] {
        let new = NewIdentity {
            links_by_email: true,
            ..identity("u-1", Some(email), Some(Role::Analyst))
        };
        let refused = test.store.vouch(&new).await.unwrap();
        assert_eq!(refused, Vouched::EmailTaken, "{email}");
    }
}

async fn two_providers_may_call_two_people_the_same(on: On) {
    let test = TestStore::open(on).await;
    let bob = identity("u-1", BOB, Some(Role::Analyst));
    test.store.vouch(&bob).await.unwrap();
    let other = NewIdentity {
        issuer: "https://other.example".to_owned(),
        account: AccountId(7),
        ..identity("u-1", Some("carol@example.com"), Some(Role::Analyst))
    };
    let found = test.store.vouch(&other).await.unwrap();
    assert_eq!(found, Vouched::Account(AccountId(7)));
}

async fn a_tenant_that_is_not_there_takes_nobody_in(on: On) {
    let test = TestStore::open(on).await;
    let new = NewIdentity {
        tenant: TenantId(404),
        ..identity("u-1", BOB, Some(Role::Analyst))
    };
    assert_eq!(test.store.vouch(&new).await.unwrap(), Vouched::Closed);
    assert!(!test.store.has_accounts().await.unwrap());
}

async fn an_account_that_is_removed_is_forgotten_by_the_provider_too(on: On) {
    let test = TestStore::open(on).await;
    let bob = identity("u-1", BOB, Some(Role::Analyst));
    test.store.vouch(&bob).await.unwrap();
    assert!(test.store.remove_account(AccountId(0xb0b)).await.unwrap());
    let anew = NewIdentity {
        account: AccountId(7),
        ..bob
    };
    let found = test.store.vouch(&anew).await.unwrap();
    assert_eq!(found, Vouched::Account(AccountId(7)));
}

on_both!(
    whoever_comes_first_is_given_an_account_and_later_finds_it,
    the_role_is_what_the_provider_says_each_time,
    the_last_administrator_stays_one_whatever_the_provider_says,
    whoever_the_provider_takes_the_role_from_is_no_member_any_more,
    whoever_was_invited_stays_without_the_provider,
    an_invitation_is_taken_by_whoever_has_its_confirmed_address,
    without_an_address_or_a_role_there_is_no_account,
    an_account_with_the_same_address_is_opened_only_where_that_is_wished,
    an_address_never_opens_more_than_the_providers_tenant,
    two_providers_may_call_two_people_the_same,
    a_tenant_that_is_not_there_takes_nobody_in,
    an_account_that_is_removed_is_forgotten_by_the_provider_too
);
