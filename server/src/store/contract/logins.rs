//! Logins: whom a cookie's secret stands for, and until when.

use shared::{GlobalRole, LoginId, Role, TenantId, Timestamp};

use super::accounts::{account, with_ann};
use super::fixture::*;
use crate::auth::{Secret, SecretHash};
use crate::store::{GRACE_MS, IDLE_MS, LOGIN_MS, NewAccount, NewLogin, ROTATION_MS, Seen};

fn seen(address: &str) -> Seen {
    Seen {
        address: Some(address.parse().unwrap()),
        user_agent: "Firefox".to_owned(),
    }
}

pub(super) fn login(id: u64, account: shared::AccountId) -> NewLogin {
    NewLogin {
        id: LoginId(id),
        account,
        tenant: TenantId(1),
        at: minute(0),
        is_single_sign_on: false,
        has_second_factor: false,
        seen: seen("192.0.2.1"),
    }
}

pub(super) fn secret(digit: u8) -> SecretHash {
    Secret::of([digit; 32]).hash()
}

/// A store in which somebody has signed in.
async fn signed_in(on: On) -> (TestStore, shared::AccountId) {
    let (test, ann) = with_ann(on).await;
    let new = login(1, ann);
    test.store.create_login(&new, &secret(1)).await.unwrap();
    (test, ann)
}

async fn a_secret_stands_for_its_account_in_the_tenant_that_it_looks_at(on: On) {
    let (test, ann) = signed_in(on).await;
    let found = test.store.find_login(&secret(1), minute(1)).await.unwrap();
    let found = found.unwrap();
    assert_eq!(found.caller.name(), "Ann@example.com");
    assert_eq!(found.caller.tenant(), TenantId(1));
    let credential = found.caller.login().unwrap();
    assert_eq!((credential.id, credential.account), (LoginId(1), ann));
    assert_eq!(credential.role, Some(Role::Administrator));
    let other = test.store.find_login(&secret(2), minute(1)).await.unwrap();
    assert_eq!(other, None);
}

async fn a_login_ends_unused_and_in_any_case(on: On) {
    let (test, _) = signed_in(on).await;
    let holds = async |at| {
        let found = test.store.find_login(&secret(1), at).await.unwrap();
        found.is_some()
    };
    assert!(holds(minute(0).plus(IDLE_MS - 1)).await);
    assert!(!holds(minute(0).plus(IDLE_MS)).await);
    let mut at = minute(0);
    while at.0 < minute(0).0 + LOGIN_MS - IDLE_MS {
        at = at.plus(IDLE_MS - 1);
        assert!(holds(at).await);
        let here = seen("192.0.2.2");
        test.store.note_login(LoginId(1), &here, at).await.unwrap();
    }
    assert!(holds(minute(0).plus(LOGIN_MS - 1)).await);
    assert!(!holds(minute(0).plus(LOGIN_MS)).await);
}

async fn a_secret_that_was_replaced_holds_a_moment_more_or_not_at_all(on: On) {
    let (test, _) = signed_in(on).await;
    let store = &test.store;
    let found = async |digit, at| store.find_login(&secret(digit), at).await.unwrap();
    let due = minute(0).plus(ROTATION_MS);
    store
        .note_login(LoginId(1), &Seen::default(), due.plus(-1))
        .await
        .unwrap();
    assert!(!found(1, due.plus(-1)).await.unwrap().is_due);
    assert!(found(1, due).await.unwrap().is_due);
    let id = LoginId(1);
    let rotate = async |former, next, has_grace| {
        let (former, next) = (secret(former), secret(next));
        store
            .rotate_login(id, &former, &next, has_grace, due)
            .await
            .unwrap()
    };
    assert!(rotate(1, 2, true).await);
    assert!(
        !rotate(1, 3, true).await,
        "of two that come at once one is first"
    );
    assert!(found(2, due).await.is_some());
    let former = found(1, due.plus(GRACE_MS - 1)).await.unwrap();
    assert!(!former.is_due);
    assert_eq!(found(1, due.plus(GRACE_MS)).await, None);
    assert!(rotate(2, 4, false).await);
    assert_eq!(found(2, due).await, None);
    assert_eq!(found(1, due).await, None);
}

async fn whoever_left_the_tenant_sees_nothing_of_it(on: On) {
    let (test, ann) = signed_in(on).await;
    let ben = account(2, "ben@example.com");
    let administrator = Some((TenantId(1), Role::Administrator));
    test.store
        .create_account(&ben, administrator)
        .await
        .unwrap();
    test.tenant().remove_member(ann, minute(1)).await.unwrap();
    let found = test.store.find_login(&secret(1), minute(1)).await.unwrap();
    assert_eq!(found, None);
}

async fn a_login_looks_at_no_tenant_that_is_not_its_accounts(on: On) {
    let (test, _) = signed_in(on).await;
    let switch = async |id, tenant| test.store.switch_login(LoginId(id), tenant).await.unwrap();
    assert!(switch(1, TenantId(1)).await);
    assert!(!switch(1, TenantId(2)).await);
    let root = NewAccount {
        global_role: Some(GlobalRole::Administrator),
        ..account(2, "root@example.com")
    };
    test.store.create_account(&root, None).await.unwrap();
    let new = login(2, root.id);
    test.store.create_login(&new, &secret(2)).await.unwrap();
    assert!(switch(2, TenantId(1)).await);
    assert!(!switch(2, TenantId(77)).await, "there is no such tenant");
    let found = test.store.find_login(&secret(2), minute(1)).await.unwrap();
    assert_eq!(found.unwrap().caller.login().unwrap().role, None);
}

async fn logins_are_listed_and_ended_by_their_own_account(on: On) {
    let (test, ann) = signed_in(on).await;
    let store = &test.store;
    for id in [2, 3] {
        let new = login(id, ann);
        store.create_login(&new, &secret(id as u8)).await.unwrap();
    }
    let here = seen("192.0.2.9");
    store
        .note_login(LoginId(2), &here, minute(5))
        .await
        .unwrap();
    let current = Some(LoginId(3));
    let logins = store.list_logins(ann, current, minute(6)).await.unwrap();
    let ids: Vec<u64> = logins.iter().map(|login| login.id.0).collect();
    assert_eq!(ids, [2, 1, 3]);
    assert_eq!(logins[0].address, "192.0.2.9");
    assert_eq!(logins[0].last_seen_at, minute(5));
    assert!(logins[2].is_current && !logins[0].is_current);
    let stranger = shared::AccountId(99);
    assert!(!store.end_login(stranger, LoginId(1)).await.unwrap());
    assert!(store.end_login(ann, LoginId(1)).await.unwrap());
    assert_eq!(store.find_login(&secret(1), minute(6)).await.unwrap(), None);
    assert_eq!(store.end_logins(ann, current).await.unwrap(), 1);
    assert!(
        store
            .find_login(&secret(3), minute(6))
            .await
            .unwrap()
            .is_some()
    );
    // A new password ends all but the one that set it.
    store
        .create_login(&login(4, ann), &secret(4))
        .await
        .unwrap();
    store.set_password(ann, "new", current).await.unwrap();
    assert_eq!(store.find_login(&secret(4), minute(6)).await.unwrap(), None);
    assert!(
        store
            .find_login(&secret(3), minute(6))
            .await
            .unwrap()
            .is_some()
    );
}

async fn that_a_login_was_used_is_known_to_the_minute(on: On) {
    let (test, _) = signed_in(on).await;
    for (after, is_unseen) in [
        (0, false),
        (Timestamp::MINUTE - 1, false),
        (Timestamp::MINUTE, true),
    ] {
        let at = minute(0).plus(after);
        let found = test.store.find_login(&secret(1), at).await.unwrap();
        assert_eq!(found.unwrap().is_unseen, is_unseen, "{after}");
    }
}

on_both!(
    a_secret_stands_for_its_account_in_the_tenant_that_it_looks_at,
    a_login_ends_unused_and_in_any_case,
    a_secret_that_was_replaced_holds_a_moment_more_or_not_at_all,
    whoever_left_the_tenant_sees_nothing_of_it,
    a_login_looks_at_no_tenant_that_is_not_its_accounts,
    logins_are_listed_and_ended_by_their_own_account,
    that_a_login_was_used_is_known_to_the_minute
);
