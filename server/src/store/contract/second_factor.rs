//! Of whom a tenant requires a second factor, and which logins lack it.

use shared::{LoginId, SecondFactorOf};

use super::accounts::{login, with_ann};
use super::fixture::*;
use crate::auth::{Permission, Secret, TotpSecret};
use crate::store::{NewLogin, Store, StoreError};

async fn lacks(store: &Store, digit: u8) -> bool {
    let secret = Secret::of([digit; 32]).hash();
    let found = store.find_login(&secret, minute(1)).await.unwrap();
    let caller = found.unwrap().caller;
    let lacks = caller.lacks_second_factor();
    let may_look = caller.require(Permission::AttacksRead).is_ok();
    assert!(lacks != may_look, "all or nothing");
    assert!(caller.require(Permission::OwnEntry).is_ok());
    lacks
}

async fn what_is_required_holds_for_every_login_at_once(on: On) {
    let (test, ann) = with_ann(on).await;
    let (store, tenant) = (&test.store, test.tenant());
    // By password, by single sign-on, and by single sign-on with a second factor.
    for (digit, is_single_sign_on, has_second_factor) in
        [(1, false, false), (2, true, false), (3, true, true)]
    {
        let (new, secret) = login(digit, ann);
        let new = NewLogin {
            is_single_sign_on,
            has_second_factor,
            ..new
        };
        store.create_login(&new, &secret).await.unwrap();
    }
    for (of, lacking) in [
        (SecondFactorOf::Nobody, [false, false, false]),
        (SecondFactorOf::Passwords, [true, false, false]),
        (SecondFactorOf::Everybody, [true, true, false]),
    ] {
        let set = tenant.set_second_factor_of(of, None, minute(1)).await;
        set.unwrap();
        assert_eq!(tenant.find_second_factor_of().await.unwrap(), of);
        for (digit, expected) in (1..).zip(lacking) {
            assert_eq!(lacks(store, digit).await, expected, "{of}: {digit}");
        }
    }
    let other = test.stranger().find_second_factor_of().await.unwrap();
    assert_eq!(other, SecondFactorOf::Nobody, "of another tenant");
    let app = TotpSecret(vec![7; 20]);
    store.offer_totp(ann, &app).await.unwrap();
    assert!(lacks(store, 1).await, "an offer is none");
    let this = Some(LoginId(1));
    let confirmed = store.confirm_totp(ann, &app, 1, &[], this).await;
    assert!(confirmed.unwrap());
    assert!(!lacks(store, 1).await);
}

async fn nobody_locks_themselves_out(on: On) {
    let (test, ann) = with_ann(on).await;
    let (store, tenant) = (&test.store, test.tenant());
    let (new, secret) = login(1, ann);
    store.create_login(&new, &secret).await.unwrap();
    let of = SecondFactorOf::Passwords;
    let by = Some(new.id);
    let set = tenant.set_second_factor_of(of, by, minute(1)).await;
    assert!(matches!(set, Err(StoreError::Conflict { .. })));
    let still = tenant.find_second_factor_of().await.unwrap();
    assert_eq!(still, SecondFactorOf::Nobody);
    let app = TotpSecret(vec![7; 20]);
    store.offer_totp(ann, &app).await.unwrap();
    let confirmed = store.confirm_totp(ann, &app, 1, &[], by).await;
    assert!(confirmed.unwrap());
    let set = tenant.set_second_factor_of(of, by, minute(1)).await;
    set.unwrap();
    assert!(!lacks(store, 1).await);
}

on_both!(
    what_is_required_holds_for_every_login_at_once,
    nobody_locks_themselves_out
);
