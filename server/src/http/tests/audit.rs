//! The audit log through the API: what an entry says, pages, the file, the chain.

use serde_json::json;
use shared::{AuditChain, AuditEntry, Page};

use super::{TestApp, on_both, write_request};
use crate::http::route::Peer;

on_both!(
    an_entry_says_who_what_and_from_where_and_no_secret,
    a_changed_list_entry_is_logged_with_what_it_was,
    pages_follow_one_another_to_the_first_entry,
);

async fn an_entry_says_who_what_and_from_where_and_no_secret() {
    let app = TestApp::new().await;
    let body = json!({"name": "=cmd|' /C calc'!A0", "role": "read_only"});
    let mut request = write_request("POST", "/tokens", &body);
    let from = Peer("198.51.100.9".parse().unwrap());
    request.extensions_mut().insert(from);
    let answer = app.send(request).await;
    let made: shared::CreatedToken = serde_json::from_slice(&answer.body).unwrap();
    let page: Page<AuditEntry> = app.json("/audit?action=token&limit=1").await;
    let entry = &page.items[0];
    assert_eq!(entry.action, "token.create");
    assert_eq!(entry.object, "=cmd|' /C calc'!A0");
    assert_eq!(entry.address.as_deref(), Some("198.51.100.9"));
    let role = &entry.changes[0];
    assert_eq!(
        (&*role.field, role.after.as_deref()),
        ("role", Some("read_only"))
    );
    for path in ["/audit", "/audit.csv"] {
        let text = app.get(path).await.text();
        assert!(!text.contains(&made.secret), "{path}");
    }
    let file = app.get("/audit.csv?action=token.create").await.text();
    assert!(
        file.contains(",\"'=cmd|' /C calc'!A0\",role,,read_only,198.51.100.9"),
        "{file}"
    );
}

async fn a_changed_list_entry_is_logged_with_what_it_was() {
    let app = TestApp::new().await;
    let path = format!("/lists/entries/{}", super::seed::DENIED);
    app.write("PATCH", &path, &json!({"reason": "a better one"}))
        .await;
    let page: Page<AuditEntry> = app.json("/audit?limit=1").await;
    let entry = &page.items[0];
    assert_eq!(entry.action, "list_entry.change");
    assert_eq!(entry.object, "Deny list 192.0.2.7");
    let [reason] = &entry.changes[..] else {
        panic!("{entry:?}");
    };
    assert_eq!(reason.before.as_deref(), Some("guesses passwords"));
    assert_eq!(reason.after.as_deref(), Some("a better one"));
}

async fn pages_follow_one_another_to_the_first_entry() {
    let app = TestApp::new().await;
    let whole: Page<AuditEntry> = app.json("/audit").await;
    assert!(whole.items.len() >= 4 && whole.next_cursor.is_none());
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let next = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page: Page<AuditEntry> = app.json(&format!("/audit?limit=2{next}")).await;
        seen.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, whole.items);
    let chain: AuditChain = app.json("/audit/chain").await;
    assert!(chain.holds && chain.hash.len() == 64);
    assert_eq!(chain.last, seen[0].seq);
}
