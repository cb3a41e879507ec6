//! The audit log: numbered without gaps, chained, searched, kept for its time, a tenant's own.

use shared::{AuditEntry, Timestamp};

use super::fixture::*;
use crate::store::{AuditFilter, AuditRecord, TenantStore};

async fn log(tenant: &TenantStore, action: &'static str, object: &str, at: Timestamp) {
    let record = AuditRecord::new(action, object).field("reason", Some("old"), Some("new 100%"));
    tenant.record(record, at).await.unwrap();
}

async fn found(tenant: &TenantStore, filter: &AuditFilter) -> Vec<String> {
    let page = tenant.list_audit(filter, ALL).await.unwrap();
    page.items.into_iter().map(|entry| entry.object).collect()
}

async fn entries_are_numbered_without_gaps_whatever_fails_between_them(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    log(&tenant, "token.create", "one", minute(0)).await;
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    // Fails after nothing or something was written; neither leaves a number behind.
    let unknown = shared::ApplicationId(7);
    assert!(!tenant.hide_application(unknown, minute(1)).await.unwrap());
    assert!(tenant.hide_application(shop.id, minute(1)).await.unwrap());
    log(&tenant, "token.revoke", "one", minute(2)).await;
    let entries = tenant.list_audit(&AuditFilter::default(), ALL).await;
    let entries: Vec<AuditEntry> = entries.unwrap().items;
    let said: Vec<_> = entries
        .iter()
        .map(|entry| (entry.seq, &*entry.action))
        .collect();
    let expected = [
        (3, "token.revoke"),
        (2, "application.remove"),
        (1, "token.create"),
    ];
    assert_eq!(said, expected);
    assert_eq!(entries[0].changes[0].before.as_deref(), Some("old"));
    let chain = tenant.verify_audit().await.unwrap();
    assert_eq!((chain.holds, chain.first, chain.last), (true, 1, 3));
}

async fn a_log_is_searched_by_text_action_actor_and_time(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    log(&tenant, "token.create", "Nightly_Export", minute(0)).await;
    log(&tenant, "token.revoke", "nightlyXexport", minute(5)).await;
    log(&tenant, "token_other.create", "third", minute(10)).await;
    let by = |filter: AuditFilter| {
        let tenant = tenant.clone();
        async move { found(&tenant, &filter).await }
    };
    let text = |text: &str| AuditFilter {
        text: Some(text.to_owned()),
        ..AuditFilter::default()
    };
    assert_eq!(by(text("NIGHTLY_")).await, ["Nightly_Export"]);
    assert_eq!(by(text("100%")).await.len(), 3);
    assert_eq!(by(text("10%%")).await.len(), 0);
    let action = |action: &str| AuditFilter {
        action: Some(action.to_owned()),
        ..AuditFilter::default()
    };
    assert_eq!(
        by(action("token")).await,
        ["nightlyXexport", "Nightly_Export"]
    );
    assert_eq!(by(action("token.create")).await, ["Nightly_Export"]);
    let actor = |actor: &str| AuditFilter {
        actor: Some(actor.to_owned()),
        ..AuditFilter::default()
    };
    assert_eq!(by(actor("local")).await.len(), 3);
    assert_eq!(by(actor("anna@example.com")).await.len(), 0);
    let between = AuditFilter {
        from: Some(minute(5)),
        until: Some(minute(10)),
        ..AuditFilter::default()
    };
    assert_eq!(by(between).await, ["nightlyXexport"]);
}

async fn no_statement_changes_an_entry_or_removes_one_before_its_time(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    for n in 0..3 {
        log(&tenant, "token.create", "one", minute(n)).await;
    }
    for statement in [
        "UPDATE audit_entry SET object = 'another' WHERE seq = 2",
        "UPDATE audit_entry SET seq = 9 WHERE seq = 3",
        "UPDATE audit_entry SET salt = NULL, hash = content_hash WHERE seq = 3",
        "UPDATE audit_entry SET salt = NULL, object = 'another' WHERE seq = 3",
        "UPDATE audit_entry SET salt = NULL, object = '', changes = '[]', address = NULL,
             actor = 'somebody else' WHERE seq = 3",
        "DELETE FROM audit_entry WHERE seq = 2",
        "DELETE FROM audit_entry",
    ] {
        let refused = test.store.run(statement).await.unwrap_err();
        assert!(refused.to_string().contains("failed"), "{statement}");
    }
    assert!(tenant.verify_audit().await.unwrap().holds);
    // The role that the server works under owns nothing: it removes no trigger.
    if let On::Postgres = on {
        let trigger = "DROP TRIGGER audit_entry_is_kept ON audit_entry";
        test.store.run(trigger).await.unwrap_err();
        return;
    }
    // Whoever removes the triggers first is found out.
    let trigger = "DROP TRIGGER audit_entry_is_not_changed";
    test.store.run(trigger).await.unwrap();
    let change = "UPDATE audit_entry SET object = 'another' WHERE seq = 2";
    test.store.run(change).await.unwrap();
    let chain = tenant.verify_audit().await.unwrap();
    assert_eq!((chain.holds, chain.broken_at), (false, Some(2)));
    let disguise = "UPDATE audit_entry SET object = 'another', salt = NULL WHERE seq = 3";
    test.store.run(disguise).await.unwrap();
    let back = "UPDATE audit_entry SET object = 'one' WHERE seq = 2";
    test.store.run(back).await.unwrap();
    // An entry of which a part was erased says nothing of that part.
    assert_eq!(tenant.verify_audit().await.unwrap().broken_at, Some(3));
    let erased = "UPDATE audit_entry SET object = '', changes = '[]', address = NULL WHERE seq = 3";
    test.store.run(erased).await.unwrap();
    assert!(tenant.verify_audit().await.unwrap().holds);
    test.store
        .run("DROP TRIGGER audit_entry_is_kept")
        .await
        .unwrap();
    let last = "DELETE FROM audit_entry WHERE seq = 3";
    test.store.run(last).await.unwrap();
    assert_eq!(tenant.verify_audit().await.unwrap().broken_at, Some(3));
}

async fn an_entry_goes_when_its_time_is_over_and_the_chain_holds_on(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let day = |day: i64| minute(day * 24 * 60);
    log(&tenant, "token.create", "first", day(0)).await;
    log(&tenant, "token.create", "second", day(1)).await;
    log(&tenant, "token.create", "third", day(183)).await;
    assert_eq!(found(&tenant, &AuditFilter::default()).await.len(), 3);
    log(&tenant, "token.create", "fourth", day(184)).await;
    let left = found(&tenant, &AuditFilter::default()).await;
    assert_eq!(left, ["fourth", "third", "second"]);
    let chain = tenant.verify_audit().await.unwrap();
    assert_eq!((chain.holds, chain.first, chain.last), (true, 2, 4));
}

async fn a_log_is_its_tenants_own(on: On) {
    let test = TestStore::open(on).await;
    log(&test.tenant(), "token.create", "ours", minute(0)).await;
    log(&test.stranger(), "token.create", "theirs", minute(0)).await;
    let all = AuditFilter::default();
    assert_eq!(found(&test.tenant(), &all).await, ["ours"]);
    assert_eq!(found(&test.stranger(), &all).await, ["theirs"]);
    let chain = test.stranger().verify_audit().await.unwrap();
    assert_eq!((chain.holds, chain.last), (true, 1));
}

on_both!(
    entries_are_numbered_without_gaps_whatever_fails_between_them,
    a_log_is_searched_by_text_action_actor_and_time,
    no_statement_changes_an_entry_or_removes_one_before_its_time,
    an_entry_goes_when_its_time_is_over_and_the_chain_holds_on,
    a_log_is_its_tenants_own
);
