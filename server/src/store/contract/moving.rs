//! Moving a store: from a file into PostgreSQL, and from there into another one by PostgreSQL's own
//! tools.

use std::process::Command;

use super::cluster;
use super::fixture::*;
use super::own_server::succeed;
use crate::auth::{Caller, Secret};
use crate::store::StoreError;
use shared::{Role, TenantId, Token};

#[tokio::test]
async fn a_store_is_moved_whole_and_only_into_an_empty_one() {
    let from = TestStore::open(On::Sqlite).await;
    for (tenant, secret) in [(from.tenant(), [7; 32]), (from.stranger(), [8; 32])] {
        let shop = tenant.find_or_create_application("shop").await.unwrap();
        for number in 0..3 {
            let commit = commit(&shop, number, number, number + 10);
            tenant.commit(commit).await.unwrap();
        }
        let secret = Secret::of(secret).hash();
        let token = Token {
            id: secret.token_id(),
            name: "export".to_owned(),
            role: Role::ReadOnly,
            account_id: None,
            application_id: None,
            created_by: "local".to_owned(),
            created_at: minute(0),
            expires_at: None,
            last_used_at: None,
        };
        tenant.create_token(&token, &secret).await.unwrap();
        let gone = tenant.find_or_create_application("gone").await.unwrap();
        assert!(tenant.hide_application(gone.id, minute(1)).await.unwrap());
    }
    let to = TestStore::open(On::Postgres).await;
    let mut tables = Vec::new();
    let moved = from
        .store
        .move_into(&to.store, |table| tables.push(table.clone()));
    moved.await.unwrap();
    let rows = |name: &str| tables.iter().find(|it| it.name == name).unwrap().rows;
    assert_eq!((rows("session"), rows("segment"), rows("token")), (6, 6, 2));

    for (old, new) in [
        (from.tenant(), to.tenant()),
        (from.stranger(), to.stranger()),
    ] {
        assert_eq!(
            new.list_applications().await.unwrap(),
            old.list_applications().await.unwrap()
        );
        assert_eq!(
            new.list_hidden().await.unwrap(),
            old.list_hidden().await.unwrap()
        );
        assert_eq!(
            new.list_tokens(None).await.unwrap(),
            old.list_tokens(None).await.unwrap()
        );
        assert!(new.verify_audit().await.unwrap().holds);
        let shop = new.find_application_state("shop").await.unwrap().unwrap();
        // Both go on from there alike, with numbers that nothing has yet.
        for tenant in [&old, &new] {
            tenant.commit(commit(&shop, 3, 3, 13)).await.unwrap();
            tenant.find_or_create_application("another").await.unwrap();
        }
        let sessions = |tenant: crate::store::TenantStore| async move {
            let all = tenant
                .list_sessions(&crate::store::Search::default(), ALL)
                .await;
            let ids = all.unwrap().items.into_iter().map(|row| (row.id, row.hits));
            ids.collect::<Vec<_>>()
        };
        assert_eq!(sessions(new).await, sessions(old).await);
    }
    let again = from.store.move_into(&to.store, |_| {}).await;
    assert!(matches!(again, Err(StoreError::Unsuitable(_))), "{again:?}");
}

#[tokio::test]
async fn the_owner_of_the_tables_dumps_and_restores_every_tenant() {
    let [from, to] = cluster::new_databases_of_an_owner().await;
    let callers = [1, 2].map(|tenant| Caller::new(TenantId(tenant), shared::Permissions::ALL));
    let store = Place::Url(from.clone()).open().await.unwrap();
    let mut stored = Vec::new();
    for caller in &callers {
        let tenant = store.tenant(caller);
        let shop = tenant.find_or_create_application("shop").await.unwrap();
        tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
        stored.push(tenant.list_applications().await.unwrap());
    }
    store.close().await.unwrap();

    let programs = cluster::programs().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("botscope.dump");
    let mut dump = Command::new(programs.join("pg_dump"));
    dump.args(["--enable-row-security", "--format=custom", "--no-owner"]);
    succeed(dump.arg("--file").arg(&file).arg(from));
    let mut restore = Command::new(programs.join("pg_restore"));
    restore.args(["--no-owner", "--dbname", &to]);
    succeed(restore.arg(&file));
    let store = Place::Url(to).open().await.unwrap();
    for (caller, stored) in callers.iter().zip(stored) {
        let found = store.tenant(caller).list_applications().await;
        assert_eq!(found.unwrap(), stored);
    }
    store.close().await.unwrap();
}
