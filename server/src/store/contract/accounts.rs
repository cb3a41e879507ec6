//! Accounts and what they are known by: e-mail address, password, codes, links; and how often
//! somebody may try.

use shared::{AccountId, GlobalRole, Role, TenantId};

use super::fixture::*;
use super::logins;
use crate::auth::{Email, Secret, SecretHash, Subject, TotpSecret, recovery_hash};
use crate::store::{LinkKind, NewAccount, NewLink, NewLogin, StoreError};

/// The account of somebody called so.
pub(super) fn account(id: u64, email: &str) -> NewAccount {
    NewAccount {
        id: AccountId(id),
        email: Email::read(email).unwrap(),
        name: "Ann Example".to_owned(),
        password_hash: Some("hash".to_owned()),
        global_role: None,
        created_at: minute(0),
    }
}

/// A store with one account, which is an administrator of the tenant.
pub(super) async fn with_ann(on: On) -> (TestStore, AccountId) {
    let test = TestStore::open(on).await;
    let ann = account(0xa11, "Ann@example.com");
    let member = Some((test.tenant().id(), Role::Administrator));
    test.store.create_account(&ann, member).await.unwrap();
    (test, ann.id)
}

async fn an_account_is_found_by_its_address_in_whatever_case_and_is_the_only_one_with_it(on: On) {
    let (test, id) = with_ann(on).await;
    let email = Email::read("ANN@EXAMPLE.COM").unwrap();
    let found = test.store.find_account_by_email(&email).await.unwrap();
    let found = found.unwrap();
    assert_eq!((found.id, &*found.email), (id, "Ann@example.com"));
    assert!(found == test.store.find_account(id).await.unwrap().unwrap());
    let again = account(7, "ann@Example.com");
    let again = test.store.create_account(&again, None).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    assert_eq!(test.store.list_accounts().await.unwrap().len(), 1);
}

async fn the_first_account_is_made_once_and_by_whoever_has_the_link(on: On) {
    let test = TestStore::open(on).await;
    assert!(!test.store.has_accounts().await.unwrap());
    let link = Secret::of([1; 32]).hash();
    let new = |kind, hash| NewLink {
        kind,
        account: None,
        hash,
        at: minute(0),
    };
    let store = &test.store;
    let set_up = new(LinkKind::SetUp, link);
    store.create_link(&set_up).await.unwrap();
    let ann = account(1, "ann@example.com");
    let other = Secret::of([2; 32]).hash();
    assert!(!store.create_first_account(&ann, &other).await.unwrap());
    // A new link takes the place of the one before.
    let set_up = new(LinkKind::SetUp, other);
    store.create_link(&set_up).await.unwrap();
    assert!(!store.create_first_account(&ann, &link).await.unwrap());
    assert!(store.create_first_account(&ann, &other).await.unwrap());
    assert!(store.has_accounts().await.unwrap());
    let set_up = new(LinkKind::SetUp, link);
    store.create_link(&set_up).await.unwrap();
    let ben = account(2, "ben@example.com");
    assert!(!store.create_first_account(&ben, &link).await.unwrap());
    let found = store.find_account(ann.id).await.unwrap().unwrap();
    let tenants = store.list_memberships(&found).await.unwrap();
    assert_eq!(tenants.len(), 1);
    assert_eq!(tenants[0].role, Some(Role::Administrator));
    assert_eq!(tenants[0].tenant.id, TenantId(1));
}

async fn a_global_role_sees_every_tenant_and_nobody_else_does(on: On) {
    let (test, ann) = with_ann(on).await;
    let root = NewAccount {
        global_role: Some(GlobalRole::ReadOnly),
        ..account(2, "root@example.com")
    };
    test.store.create_account(&root, None).await.unwrap();
    let ben = account(3, "ben@example.com");
    test.store.create_account(&ben, None).await.unwrap();
    for (id, roles) in [
        (ann, vec![Some(Role::Administrator)]),
        (root.id, vec![None]),
        (ben.id, vec![]),
    ] {
        let account = test.store.find_account(id).await.unwrap().unwrap();
        let tenants = test.store.list_memberships(&account).await.unwrap();
        let found: Vec<_> = tenants.iter().map(|tenant| tenant.role).collect();
        assert_eq!(found, roles);
    }
}

async fn a_code_and_a_recovery_code_are_taken_once(on: On) {
    let (test, ann) = with_ann(on).await;
    let store = &test.store;
    let offer = TotpSecret(vec![7; 20]);
    store.offer_totp(ann, &offer).await.unwrap();
    let found = store.find_account(ann).await.unwrap().unwrap();
    assert!(found.totp.is_none(), "an offer asks for nothing");
    assert!(found.totp_offer == Some(offer.clone()));
    let codes = [recovery_hash("aaaa"), recovery_hash("bbbb")];
    let other = TotpSecret(vec![8; 20]);
    assert!(
        !store
            .confirm_totp(ann, &other, 10, &codes, None)
            .await
            .unwrap()
    );
    assert!(
        store
            .confirm_totp(ann, &offer, 10, &codes, None)
            .await
            .unwrap()
    );
    let found = store.find_account(ann).await.unwrap().unwrap();
    assert!(found.totp == Some(offer) && found.totp_offer.is_none());
    assert_eq!(found.recovery_codes, 2);
    for (step, is_taken) in [(10, false), (9, false), (11, true), (11, false)] {
        let taken = store.take_totp_step(ann, step).await.unwrap();
        assert_eq!(taken, is_taken, "{step}");
    }
    assert!(store.take_recovery_code(ann, &codes[0]).await.unwrap());
    assert!(!store.take_recovery_code(ann, &codes[0]).await.unwrap());
    let others = AccountId(9);
    assert!(!store.take_recovery_code(others, &codes[1]).await.unwrap());
    store.set_recovery_codes(ann, &[codes[0]]).await.unwrap();
    assert!(!store.take_recovery_code(ann, &codes[1]).await.unwrap());
    store.remove_totp(ann).await.unwrap();
    let found = store.find_account(ann).await.unwrap().unwrap();
    assert!(found.totp.is_none() && found.recovery_codes == 0);
}

async fn a_link_sets_a_password_once_and_only_while_it_holds(on: On) {
    let (test, ann) = with_ann(on).await;
    let store = &test.store;
    let secret = Secret::of([1; 32]).hash();
    let link = |kind| NewLink {
        kind,
        account: Some(ann),
        hash: secret,
        at: minute(0),
    };
    let reset = async |hash: &str, at| store.reset_password(&secret, hash, at).await.unwrap();
    store.create_link(&link(LinkKind::Reset)).await.unwrap();
    assert_eq!(reset("late", minute(60)).await, None);
    assert_eq!(reset("first", minute(59)).await, Some(ann));
    assert_eq!(reset("second", minute(59)).await, None);
    let found = store.find_account(ann).await.unwrap().unwrap();
    assert_eq!(found.password_hash.as_deref(), Some("first"));
    // What is good for something else sets no password.
    store
        .create_link(&link(LinkKind::SecondStep))
        .await
        .unwrap();
    assert_eq!(reset("third", minute(1)).await, None);
    let kinds = [LinkKind::SecondStep];
    let found = store.find_link(&secret, &kinds, minute(1)).await.unwrap();
    assert_eq!(found, Some((LinkKind::SecondStep, Some(ann))));
    // And none of before outlives a new password.
    store.set_password(ann, "fourth", None).await.unwrap();
    let found = store.find_link(&secret, &kinds, minute(1)).await.unwrap();
    assert_eq!(found, None);
}

async fn only_whoever_looks_after_an_account_lets_it_forget_its_app(on: On) {
    let (test, ann) = with_ann(on).await;
    let store = &test.store;
    let offer = TotpSecret(vec![7; 20]);
    for (kind, keeps) in [(LinkKind::Reset, true), (LinkKind::Recovery, false)] {
        store.offer_totp(ann, &offer).await.unwrap();
        store.confirm_totp(ann, &offer, 1, &[], None).await.unwrap();
        let secret = Secret::of([1; 32]).hash();
        let link = NewLink {
            kind,
            account: Some(ann),
            hash: secret,
            at: minute(0),
        };
        store.create_link(&link).await.unwrap();
        store
            .reset_password(&secret, "hash", minute(1))
            .await
            .unwrap();
        let found = store.find_account(ann).await.unwrap().unwrap();
        assert_eq!(found.totp.is_some(), keeps, "{kind:?}");
    }
}

async fn a_hash_is_replaced_only_where_it_is_still_the_one(on: On) {
    let (test, ann) = with_ann(on).await;
    for (former, hash) in [("other", "hash"), ("hash", "better")] {
        let replaced = test.store.rehash_password(ann, former, "better").await;
        replaced.unwrap();
        let found = test.store.find_account(ann).await.unwrap().unwrap();
        assert_eq!(found.password_hash.as_deref(), Some(hash));
    }
}

async fn who_fails_has_to_wait_and_who_succeeds_is_forgiven(on: On) {
    let test = TestStore::open(on).await;
    let ann = Subject::account("ann@example.com");
    let here = Subject::address("192.0.2.1".parse().unwrap());
    let both = [ann, here];
    let begin = async |at| test.store.begin_attempt(&both, at).await.unwrap();
    for _ in 0..5 {
        assert_eq!(begin(minute(0)).await, None);
    }
    assert_eq!(begin(minute(0)).await, Some(minute(0).plus(1_000)));
    let there = [ann, Subject::address("192.0.2.2".parse().unwrap())];
    let waits = test.store.begin_attempt(&there, minute(0)).await.unwrap();
    assert!(waits.is_some(), "from wherever");
    let ben = [Subject::account("ben@example.com"), here];
    let waits = test.store.begin_attempt(&ben, minute(0)).await.unwrap();
    assert_eq!(waits, None, "nobody else");
    assert_eq!(begin(minute(0).plus(1_000)).await, None);
    let waits = begin(minute(0).plus(1_000)).await;
    assert_eq!(waits, Some(minute(0).plus(3_000)), "longer each time");
    test.store.forgive(&ann, Some(&here)).await.unwrap();
    assert_eq!(begin(minute(0).plus(1_000)).await, None);
    // After a day nothing is held against anybody.
    for at in 0..30 {
        begin(minute(0).plus(at * 3_600_000 / 2)).await;
    }
    let next_day = minute(0).plus(48 * 3_600_000);
    for _ in 0..5 {
        assert_eq!(begin(next_day).await, None);
    }
}

async fn a_removed_account_leaves_nothing_behind(on: On) {
    let (test, ann) = with_ann(on).await;
    test.store.set_account_name(ann, "Ann").await.unwrap();
    let found = test.store.find_account(ann).await.unwrap().unwrap();
    assert_eq!(found.name, "Ann");
    let ben = account(0xbe, "ben@example.com");
    let member = Some((TenantId(1), Role::Administrator));
    test.store.create_account(&ben, member).await.unwrap();
    assert!(test.store.remove_account(ann).await.unwrap());
    assert!(!test.store.remove_account(ann).await.unwrap());
    assert!(test.store.find_account(ann).await.unwrap().is_none());
    let members = test.tenant().list_members().await.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].account_id, ben.id);
}

async fn the_last_administrators_account_is_not_removed(on: On) {
    let (test, ann) = with_ann(on).await;
    let ben = account(0xbe, "ben@example.com");
    let member = Some((TenantId(1), Role::Analyst));
    test.store.create_account(&ben, member).await.unwrap();
    let removed = test.store.remove_account(ann).await;
    assert!(matches!(removed, Err(StoreError::Conflict { .. })));
    assert!(test.store.find_account(ann).await.unwrap().is_some());
    assert!(test.store.remove_account(ben.id).await.unwrap());
    // Alone they may go: then the first account is made anew.
    assert!(test.store.remove_account(ann).await.unwrap());
    assert!(!test.store.has_accounts().await.unwrap());
}

async fn a_new_app_ends_all_other_logins(on: On) {
    let (test, ann) = with_ann(on).await;
    for digit in [1, 2] {
        let (new, secret) = login(digit, ann);
        test.store.create_login(&new, &secret).await.unwrap();
    }
    let offer = TotpSecret(vec![7; 20]);
    test.store.offer_totp(ann, &offer).await.unwrap();
    let (this, secret) = login(1, ann);
    let confirmed = test
        .store
        .confirm_totp(ann, &offer, 1, &[], Some(this.id))
        .await;
    assert!(confirmed.unwrap());
    let logins = test.store.list_logins(ann, None, minute(1)).await.unwrap();
    assert!(logins.len() == 1 && logins[0].id == this.id);
    let found = test.store.find_login(&secret, minute(1)).await.unwrap();
    assert!(found.is_some());
}

/// A login by password, and its secret.
pub(super) fn login(digit: u8, account: AccountId) -> (NewLogin, SecretHash) {
    (logins::login(digit.into(), account), logins::secret(digit))
}

on_both!(
    an_account_is_found_by_its_address_in_whatever_case_and_is_the_only_one_with_it,
    the_first_account_is_made_once_and_by_whoever_has_the_link,
    a_global_role_sees_every_tenant_and_nobody_else_does,
    a_code_and_a_recovery_code_are_taken_once,
    a_link_sets_a_password_once_and_only_while_it_holds,
    only_whoever_looks_after_an_account_lets_it_forget_its_app,
    a_hash_is_replaced_only_where_it_is_still_the_one,
    who_fails_has_to_wait_and_who_succeeds_is_forgiven,
    a_removed_account_leaves_nothing_behind,
    the_last_administrators_account_is_not_removed,
    a_new_app_ends_all_other_logins
);
