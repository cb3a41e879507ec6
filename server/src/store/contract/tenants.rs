//! Tenants: making, suspending, and deleting them so that nothing of them is left in the file.

use shared::{Role, TenantChange, TenantId};

use super::accounts::{account, with_ann};
use super::fixture::*;
use super::ip_lists::{add, new};
use super::logins::{login, secret};
use super::members::invitation;
use crate::auth::{Caller, Secret};
use crate::store::{Invited, NewLogin, StoreError};

on_both!(
    a_tenant_has_a_name_of_its_own_and_can_be_suspended,
    nothing_of_a_deleted_tenant_is_left_in_the_file,
    who_belongs_elsewhere_stays_signed_in_when_a_tenant_is_deleted,
);

async fn a_tenant_has_a_name_of_its_own_and_can_be_suspended(on: On) {
    let test = TestStore::open(on).await;
    let (tenants, by) = (test.store.tenants(), test.tenant());
    let made = tenants.create("Acme", &by, minute(0)).await.unwrap();
    for taken in ["acme", "Default"] {
        let again = tenants.create(taken, &by, minute(0)).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{taken}");
    }
    let names: Vec<String> = tenants
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(names, ["Acme", "Default"]);

    let tenant = test.store.tenant(&Caller::local_in(made.id));
    let secret = Secret::of([7; 32]).hash();
    let token = super::tokens::token(&secret, None);
    tenant.create_token(&token, &secret).await.unwrap();
    let opens = async || {
        let found = test.store.find_caller(&secret, minute(1)).await;
        found.unwrap().is_some()
    };
    assert!(opens().await);
    for suspended in [true, false] {
        let change = TenantChange {
            suspended: Some(suspended),
            ..TenantChange::default()
        };
        let changed = tenants.change(made.id, &change, &by, minute(1)).await;
        assert_eq!(changed.unwrap().unwrap().suspended_at.is_some(), suspended);
        assert_eq!(opens().await, !suspended);
    }
    let rename = TenantChange {
        name: Some("Default".to_owned()),
        ..TenantChange::default()
    };
    let taken = tenants.change(made.id, &rename, &by, minute(1)).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })));
    let unknown = tenants.change(TenantId(99), &rename, &by, minute(1)).await;
    assert_eq!(unknown.unwrap(), None);
}

async fn nothing_of_a_deleted_tenant_is_left_in_the_file(on: On) {
    let test = TestStore::open(on).await;
    let (tenants, by) = (test.store.tenants(), test.tenant());
    let shop = by.find_or_create_application("shop").await.unwrap();
    by.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let kept = by.list_applications().await.unwrap();

    let made = tenants
        .create("Wayne Enterprises", &by, minute(0))
        .await
        .unwrap();
    let tenant = test.store.tenant(&Caller::local_in(made.id));
    for name in ["batcave-api", "batmobile-api"] {
        let application = tenant.find_or_create_application(name).await.unwrap();
        tenant.commit(commit(&application, 0, 1, 5)).await.unwrap();
    }
    let hidden = tenant
        .find_application_state("batmobile-api")
        .await
        .unwrap();
    tenant
        .hide_application(hidden.unwrap().id, minute(1))
        .await
        .unwrap();
    let secret = Secret::of([9; 32]).hash();
    let mut token = super::tokens::token(&secret, None);
    token.name = "alfred's export".to_owned();
    tenant.create_token(&token, &secret).await.unwrap();
    add(&tenant, new(shared::ListKind::Deny, "203.0.113.99"), 1).await;
    for statement in [
        "INSERT INTO account (id, email, email_key, name, created_at)
         VALUES (5, 'Bruce@wayne.example', 'bruce@wayne.example', 'Bruce', 0)",
        "INSERT INTO account (id, email, email_key, name, created_at)
         VALUES (6, 'clark@daily.example', 'clark@daily.example', 'Clark', 0)",
        "INSERT INTO member (tenant_id, account, role, since) VALUES (1, 6, 'analyst', 0)",
        "INSERT INTO member (tenant_id, account, role, since)
         SELECT id, 5, 'administrator', 0 FROM tenant WHERE name = 'Wayne Enterprises'",
        "INSERT INTO member (tenant_id, account, role, since)
         SELECT id, 6, 'analyst', 0 FROM tenant WHERE name = 'Wayne Enterprises'",
    ] {
        let made = test.store.run(statement).await;
        // The wall lets nobody write into another tenant in passing.
        if let On::Sqlite = on {
            made.unwrap();
        }
    }

    assert!(tenants.hide(made.id, &by, minute(2)).await.unwrap());
    assert!(!tenants.hide(made.id, &by, minute(2)).await.unwrap());
    assert_eq!(tenants.find(made.id).await.unwrap(), None);
    assert_eq!(
        test.store.find_caller(&secret, minute(2)).await.unwrap(),
        None
    );
    // Its name is free.
    tenants
        .create("Wayne Enterprises", &by, minute(2))
        .await
        .unwrap();
    assert_eq!(tenants.list_hidden().await.unwrap(), [made.id]);
    let mut steps = 0;
    while tenants.remove_hidden(made.id, minute(2)).await.unwrap() {
        steps += 1;
        assert!(steps < 1_000);
    }
    assert!(tenants.list_hidden().await.unwrap().is_empty());
    assert!(!tenants.remove_hidden(made.id, minute(2)).await.unwrap());
    for (table, rows) in test.store.count_rows_of(made.id).await.unwrap() {
        assert_eq!(rows, 0, "{table}");
    }
    // The others are as they were.
    assert_eq!(by.list_applications().await.unwrap(), kept);
    assert!(by.verify_audit().await.unwrap().holds);

    // Of a file all of it can be looked at.
    let Place::Directory(directory) = &test.place else {
        return;
    };
    by.shred().await.unwrap();
    test.store.compact().await.unwrap();
    let file = std::fs::read(directory.path().join("botscope.db")).unwrap();
    for gone in [
        &b"batcave-api"[..],
        b"batmobile-api",
        b"alfred's export",
        b"203.0.113.99",
        b"wayne.example",
        b"Bruce",
        &secret.0,
        &(made.id.0).to_be_bytes(),
    ] {
        let text = String::from_utf8_lossy(gone);
        let is_left = memchr::memmem::find(&file, gone).is_some();
        assert!(!is_left, "{text} is left in the file");
    }
    let is_kept = memchr::memmem::find(&file, b"clark@daily.example").is_some();
    assert!(is_kept, "who belongs elsewhere too stays");
}

async fn who_belongs_elsewhere_stays_signed_in_when_a_tenant_is_deleted(on: On) {
    let (test, ann) = with_ann(on).await;
    let (store, tenants, by) = (&test.store, test.store.tenants(), test.tenant());
    let acme = tenants.create("Acme", &by, minute(0)).await.unwrap().id;
    let invitation = invitation(1, "ann@example.com");
    let link = secret(9);
    let tenant = store.tenant(&Caller::local_in(acme));
    tenant.create_invitation(&invitation, &link).await.unwrap();
    let invited = Invited::Account(ann);
    let accepted = store.accept_invitation(&link, &invited, minute(0));
    assert!(accepted.await.unwrap().is_some());
    let ben = account(0xbe, "ben@example.com");
    let member = Some((acme, Role::Administrator));
    store.create_account(&ben, member).await.unwrap();
    for (id, account, tenant) in [(1, ann, by.id()), (2, ann, acme), (3, ben.id, acme)] {
        let new = NewLogin {
            tenant,
            ..login(id.into(), account)
        };
        store.create_login(&new, &secret(id)).await.unwrap();
    }

    let looks_at = async |digit| {
        let found = store.find_login(&secret(digit), minute(1)).await.unwrap();
        found.map(|found| found.caller.tenant())
    };
    assert_eq!(looks_at(2).await, Some(acme));
    assert!(tenants.hide(acme, &by, minute(1)).await.unwrap());
    while tenants.remove_hidden(acme, minute(1)).await.unwrap() {}
    for (digit, expected) in [(1, Some(by.id())), (2, Some(by.id())), (3, None)] {
        assert_eq!(looks_at(digit).await, expected, "{digit}");
    }
    assert_eq!(store.list_accounts().await.unwrap().len(), 1);
}
