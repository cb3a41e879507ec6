//! API tokens: who has which secret, until when, and whose it is.

use shared::{Role, Timestamp, Token};

use super::fixture::*;
use crate::auth::{Permission, Secret, SecretHash};
use crate::store::StoreError;

pub(super) fn token(secret: &SecretHash, expires_at: Option<Timestamp>) -> Token {
    Token {
        id: secret.token_id(),
        name: "nightly export".to_owned(),
        role: Role::ReadOnly,
        account_id: None,
        application_id: None,
        created_by: "local".to_owned(),
        created_at: minute(0),
        expires_at,
        last_used_at: None,
    }
}

/// A store in which the tenant has a token.
async fn with_token(on: On, expires_at: Option<Timestamp>) -> (TestStore, SecretHash, Token) {
    let test = TestStore::open(on).await;
    let secret = Secret::of([7; 32]).hash();
    let kept = token(&secret, expires_at);
    test.tenant().create_token(&kept, &secret).await.unwrap();
    (test, secret, kept)
}

async fn a_secret_gives_its_tenant_and_its_role_and_no_more(on: On) {
    let test = TestStore::open(on).await;
    let secret = Secret::of([7; 32]).hash();
    test.stranger()
        .create_token(&token(&secret, None), &secret)
        .await
        .unwrap();
    let find = async || test.store.find_caller(&secret, minute(1)).await.unwrap();
    assert_eq!(find().await, None, "there is no such tenant");
    let tenant = "INSERT INTO tenant (id, name, created_at) VALUES (2, 'Other', 0)";
    test.store.run(tenant).await.unwrap();
    let caller = find().await.unwrap();
    assert_eq!(caller.name(), "token nightly export");
    assert!(caller.require(Permission::AttacksRead).is_ok());
    assert!(caller.require(Permission::ListsWrite).is_err());
    let theirs = test.store.tenant(&caller);
    assert_eq!(theirs.list_tokens(None).await.unwrap().len(), 1);
    assert!(test.tenant().list_tokens(None).await.unwrap().is_empty());
    let other = Secret::of([8; 32]).hash();
    assert_eq!(
        test.store.find_caller(&other, minute(1)).await.unwrap(),
        None
    );
}

async fn a_token_ends_when_it_expires_or_is_revoked_by_its_own_tenant(on: On) {
    let (test, secret, kept) = with_token(on, Some(minute(10))).await;
    let find = async |at| test.store.find_caller(&secret, at).await.unwrap().is_some();
    assert!(find(minute(9)).await);
    assert!(!find(minute(10)).await);
    assert_eq!(
        test.stranger()
            .revoke_token(kept.id, None, minute(9))
            .await
            .unwrap(),
        None
    );
    assert!(find(minute(9)).await);
    assert!(
        test.tenant()
            .revoke_token(kept.id, None, minute(9))
            .await
            .unwrap()
            .is_some()
    );
    assert!(!find(minute(9)).await);
}

async fn when_a_token_was_used_last_is_known_to_the_minute(on: On) {
    let (test, secret, _) = with_token(on, None).await;
    for (at, known) in [(0, 0), (30_000, 0), (60_000, 60_000)] {
        let now = minute(5).plus(at);
        test.store.find_caller(&secret, now).await.unwrap();
        let used = test.tenant().list_tokens(None).await.unwrap()[0].last_used_at;
        assert_eq!(used, Some(minute(5).plus(known)), "{at}");
    }
}

async fn one_secret_is_one_token(on: On) {
    let (test, secret, kept) = with_token(on, None).await;
    for tenant in [test.tenant(), test.stranger()] {
        let again = tenant.create_token(&kept, &secret).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })));
    }
}

on_both!(
    a_secret_gives_its_tenant_and_its_role_and_no_more,
    a_token_ends_when_it_expires_or_is_revoked_by_its_own_tenant,
    when_a_token_was_used_last_is_known_to_the_minute,
    one_secret_is_one_token
);
