//! The IP lists: adding, changing, removing, undoing, the past, many at once, the list to pull.

mod exceptions;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::{
    ErrorCode, ListAction, ListEntry, ListKind, ListLookup, ListOutcome, ListResult, ListState,
    Page, Timestamp,
};

use super::seed::{DENIED, ELSEWHERE};
use super::{NOW, TestApp, on_both, request};
use crate::auth::Caller;

on_both!(
    what_is_added_is_on_the_list_for_a_day_and_says_who_and_why,
    an_object_that_is_there_gets_the_longer_time_and_all_applications,
    nonsense_is_refused_with_the_field_that_is_wrong,
    the_server_asks_before_it_denies_very_many_or_the_caller,
    a_change_a_removal_and_their_undoing_are_all_in_the_history,
    a_change_must_say_something_that_makes_sense,
    the_list_can_be_seen_as_it_was,
    entries_come_in_pages_and_by_object_and_application,
    a_file_is_stored_whole_or_not_at_all_unless_that_is_said,
    a_file_has_bounds,
    the_deny_list_is_pulled_aggregated_with_a_tag,
    what_is_denied_on_every_application_there_is_is_denied_everywhere,
    a_look_up_says_what_is_known_and_who_else_is_there,
    another_tenants_list_is_not_changed_by_whoever_knows_an_identifier,
);

impl TestApp {
    async fn wrote<T: DeserializeOwned>(&self, method: &str, path: &str, body: Value) -> T {
        let answer = self.write(method, path, &body).await;
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn added(&self, body: Value) -> ListResult {
        self.wrote("POST", "/lists/entries", body).await
    }

    async fn refused(&self, path: &str, body: Value, code: ErrorCode) -> shared::Problem {
        let what = format!("{path} {body}");
        self.write("POST", path, &body).await.problem(&what, code)
    }

    async fn entries(&self, query: &str) -> Vec<ListEntry> {
        let page: Page<ListEntry> = self.json(&format!("/lists/entries?{query}")).await;
        page.items
    }

    /// What is listed beyond what is seeded for another application.
    async fn objects(&self, query: &str) -> Vec<String> {
        let entries = self.entries(query).await;
        let objects = entries.iter().map(|entry| entry.object.to_string());
        objects
            .filter(|object| !ELSEWHERE.contains(&object.as_str()))
            .collect()
    }

    async fn undone(&self, result: &ListResult) -> ListResult {
        let body = json!({ "changes": result.changes });
        self.wrote("POST", "/lists/undo", body).await
    }
}

async fn what_is_added_is_on_the_list_for_a_day_and_says_who_and_why() {
    let app = TestApp::new().await;
    let added = app
        .added(
            json!({"list": "deny", "objects": ["203.0.113.7/24", "2001:DB8::1"],
            "applications": ["SHOP"], "reason": " scans us "}),
        )
        .await;
    assert_eq!((added.created, added.changed, added.unchanged), (2, 0, 0));
    let entry = &added.entries[0].entry;
    assert_eq!(entry.object.to_string(), "203.0.113.0/24");
    assert_eq!(
        entry.applications.as_deref(),
        Some(&["shop".to_owned()][..])
    );
    assert_eq!(
        (entry.reason.as_str(), entry.author.as_str()),
        ("scans us", "local")
    );
    assert_eq!(
        (entry.at, entry.expires_at),
        (NOW, Some(NOW.plus(Timestamp::DAY)))
    );
    let note = &added.entries[0].notes[0];
    assert_eq!(note, "Recorded; nothing enforces this yet");
    let listed = app.objects("").await;
    assert_eq!(listed, ["2001:db8::1", "203.0.113.0/24", "192.0.2.7"]);
    assert_eq!(
        app.json::<ListEntry>(&format!("/lists/entries/{}", entry.id))
            .await,
        *entry
    );

    let excepted = app
        .added(json!({"list": "exception", "objects": ["198.51.100.1"]}))
        .await;
    assert_eq!(excepted.entries[0].entry.expires_at, None);
    assert_eq!(app.objects("list=exception").await, ["198.51.100.1"]);
}

async fn an_object_that_is_there_gets_the_longer_time_and_all_applications() {
    let app = TestApp::new().await;
    let add = async |duration: &str, applications: Value| {
        let body = json!({"list": "deny", "objects": ["203.0.113.7"], "duration": duration,
            "applications": applications});
        app.added(body).await.entries.remove(0)
    };
    let first = add("24h", json!(["shop"])).await;
    assert_eq!(first.outcome, ListOutcome::Created);
    let longer = add("7d", json!(["blog"])).await;
    assert_eq!(longer.outcome, ListOutcome::Changed);
    assert!(
        longer.notes[0].contains("was on the deny list already"),
        "{:?}",
        longer.notes
    );
    assert_eq!((longer.entry.id, longer.entry.version), (first.entry.id, 2));
    assert_eq!(longer.entry.expires_at, Some(NOW.plus(7 * Timestamp::DAY)));
    assert_eq!(longer.entry.applications.as_ref().unwrap().len(), 2);
    let shorter = add("5m", json!(["shop"])).await;
    assert_eq!(shorter.outcome, ListOutcome::Unchanged);
    assert_eq!(shorter.entry.version, 2);
    let everywhere = add("5m", Value::Null).await;
    assert_eq!(everywhere.entry.applications, None);
    assert_eq!(app.objects("object=203.0.113.0/24").await.len(), 1);
}

async fn nonsense_is_refused_with_the_field_that_is_wrong() {
    let app = TestApp::new().await;
    let check = async |body: Value, field: &str| {
        let problem = app
            .refused("/lists/entries", body, ErrorCode::InvalidRequest)
            .await;
        assert_eq!(problem.errors[0].field, field, "{problem:?}");
    };
    let deny = |more: Value| {
        let mut body = json!({"list": "deny", "objects": ["203.0.113.7"]});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    for object in [
        "",
        "x",
        "10.0.0",
        "1.2.3.4/33",
        "<script>",
        "\u{1f980}",
        "1.2.3.4,5.6.7.8",
    ] {
        check(deny(json!({"objects": [object]})), "objects").await;
    }
    check(deny(json!({"objects": []})), "objects").await;
    check(deny(json!({"objects": vec!["10.0.0.1"; 1_001]})), "objects").await;
    check(deny(json!({"list": "gray"})), "list").await;
    check(deny(json!({"list": ""})), "list").await;
    check(deny(json!({"applications": []})), "applications").await;
    check(deny(json!({"applications": ["nobody"]})), "applications").await;
    check(deny(json!({"reason": "x".repeat(501)})), "reason").await;
    check(deny(json!({"reason": "a\u{202e}\u{7}b"})), "reason").await;
    for duration in ["4m", "1y", "-1d", "", "99999999999999d", "forever!"] {
        check(deny(json!({"duration": duration})), "duration").await;
    }
    let soon = NOW.plus(Timestamp::MINUTE);
    check(deny(json!({"expires_at": soon})), "expires_at").await;
    check(
        deny(json!({"expires_at": NOW, "duration": "5m"})),
        "duration",
    )
    .await;
    check(deny(json!({"expires_at": "soon"})), "body").await;
    assert_eq!(app.objects("").await, ["192.0.2.7"], "nothing was stored");
}

async fn the_server_asks_before_it_denies_very_many_or_the_caller() {
    let app = TestApp::new().await;
    for (object, said) in [
        ("0.0.0.0/0", "4,294,967,296 addresses"),
        ("::/0", "2^128 addresses"),
        ("10.0.0.0/8", "16,777,216 addresses"),
        ("127.0.0.1", "this machine itself"),
        ("::1", "this machine itself"),
    ] {
        let body = json!({"list": "deny", "objects": ["203.0.113.7", object]});
        let problem = app.refused("/lists/entries", body.clone(), ErrorCode::NeedsConfirmation);
        let problem = problem.await;
        assert!(problem.errors[0].message.contains(said), "{problem:?}");
        assert!(problem.detail.contains("`confirm: true`"), "{problem:?}");
        assert_eq!(app.objects("").await, ["192.0.2.7"], "nothing was stored");
        let mut confirmed = body;
        confirmed["confirm"] = true.into();
        let added = app.added(confirmed).await;
        assert_eq!(added.created, 2);
        app.undone(&added).await;
    }
}

async fn a_change_a_removal_and_their_undoing_are_all_in_the_history() {
    let app = TestApp::new().await;
    let path = format!("/lists/entries/{DENIED}");
    let changed: ListResult = app
        .wrote(
            "PATCH",
            &path,
            json!({"duration": "forever", "reason": "for good"}),
        )
        .await;
    assert_eq!(changed.entries[0].entry.expires_at, None);
    let removed: ListEntry = app.wrote("DELETE", &path, Value::Null).await;
    assert_eq!((removed.version, removed.state), (3, ListState::Removed));
    assert_eq!(app.objects("").await, [""; 0]);
    assert_eq!(app.objects("state=removed").await, ["192.0.2.7"]);
    let gone = app.write("DELETE", &path, &Value::Null).await;
    gone.problem("again", ErrorCode::NotFound);

    let change = json!({"changes": [{"id": DENIED, "version": 3}]});
    let back: ListResult = app.wrote("POST", "/lists/undo", change.clone()).await;
    assert_eq!(back.entries[0].entry.reason, "for good");
    assert_eq!(app.objects("").await, ["192.0.2.7"]);
    // Whoever undoes what is no longer the last change is told so.
    app.refused("/lists/undo", change, ErrorCode::Conflict)
        .await;
    // Undoing the undoing removes it again.
    app.undone(&back).await;
    assert_eq!(app.objects("").await, [""; 0]);

    let history: Page<ListEntry> = app.json(&format!("{path}/history")).await;
    let actions: Vec<_> = history.items.iter().map(|entry| entry.action).collect();
    use ListAction as A;
    assert_eq!(
        actions,
        [A::Undone, A::Undone, A::Removed, A::Changed, A::Created]
    );
    assert_eq!(history.items[4].reason, "guesses passwords");
}

async fn a_change_must_say_something_that_makes_sense() {
    let app = TestApp::new().await;
    let path = format!("/lists/entries/{DENIED}");
    for (body, field) in [
        (json!({}), "body"),
        (json!({"duration": "1s"}), "duration"),
        (
            json!({"applications": ["shop"], "all_applications": true}),
            "applications",
        ),
        (json!({"applications": ["nobody"]}), "applications"),
        (json!({"object": "10.0.0.1"}), "body"),
    ] {
        let answer = app.write("PATCH", &path, &body).await;
        let problem = answer.problem(&body.to_string(), ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, field, "{body}");
    }
    let same: ListResult = app
        .wrote("PATCH", &path, json!({"reason": "guesses passwords"}))
        .await;
    assert_eq!((same.unchanged, same.changes.len()), (1, 0));
}

async fn the_list_can_be_seen_as_it_was() {
    let app = TestApp::new().await;
    let path = format!("/lists/entries/{DENIED}");
    app.wrote::<ListEntry>("DELETE", &path, Value::Null).await;
    let at = async |moment: Timestamp| app.objects(&format!("at={moment}")).await;
    assert_eq!(at(NOW.plus(-2 * Timestamp::HOUR)).await, [""; 0]);
    assert_eq!(at(NOW.plus(-Timestamp::MINUTE)).await, ["192.0.2.7"]);
    assert_eq!(at(NOW).await, [""; 0]);
    let was = app.entries(&format!("at={}", NOW.plus(-1))).await;
    assert_eq!((was[0].state, was[0].version), (ListState::Active, 1));
}

async fn entries_come_in_pages_and_by_object_and_application() {
    let app = TestApp::new().await;
    let objects: Vec<String> = (1..=25).map(|last| format!("203.0.113.{last}")).collect();
    let body = json!({"list": "deny", "objects": objects, "applications": ["blog"]});
    app.added(body).await;
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/lists/entries?limit=10{cursor}");
        let page: Page<ListEntry> = app.json(&path).await;
        assert!(page.items.len() <= 10);
        found.extend(page.items.into_iter().map(|entry| entry.id));
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 28);
    assert_eq!(app.objects("object=203.0.113.8/30").await.len(), 4);
    assert_eq!(app.objects("object=203.0.113.8").await, ["203.0.113.8"]);
    assert_eq!(app.objects("object=::/0").await, [""; 0]);
    assert_eq!(app.objects("application=shop").await, ["192.0.2.7"]);
    assert_eq!(app.objects("application=blog").await.len(), 26);
}

async fn a_file_is_stored_whole_or_not_at_all_unless_that_is_said() {
    let app = TestApp::new().await;
    let csv = "object,duration,reason,applications\n203.0.113.1\n203.0.113.2,7d,\"bad, very\",shop;blog\n\
               nonsense\n203.0.113.3,2s\n203.0.113.4,,,nobody\n203.0.113.5,,,,,\n\"203.0.113.6\n10.0.0.0/8\n";
    let body = json!({"list": "deny", "csv": csv});
    let problem = app
        .refused("/lists/import", body.clone(), ErrorCode::InvalidRequest)
        .await;
    assert_eq!(problem.detail, "5 of 8 lines are wrong; nothing was stored");
    let lines: Vec<_> = problem
        .errors
        .iter()
        .map(|error| error.field.as_str())
        .collect();
    assert_eq!(lines, ["line 4", "line 5", "line 6", "line 7", "line 8"]);
    assert_eq!(app.objects("").await, ["192.0.2.7"]);

    let mut partial = body;
    partial["partial"] = true.into();
    let result: ListResult = app.wrote("POST", "/lists/import", partial).await;
    assert_eq!((result.created, result.errors.len()), (2, 6));
    assert!(
        result.errors[5].message.contains("16,777,216"),
        "{:?}",
        result.errors
    );
    let second = &app.entries("object=203.0.113.2").await[0];
    assert_eq!(second.reason, "bad, very");
    assert_eq!(second.expires_at, Some(NOW.plus(7 * Timestamp::DAY)));
    app.undone(&result).await;
    assert_eq!(app.objects("").await, ["192.0.2.7"]);
}

async fn a_file_has_bounds() {
    let app = TestApp::new().await;
    let import = async |csv: String, more: Value| {
        let mut body = json!({"list": "deny", "csv": csv});
        body["confirm"] = more;
        app.write("POST", "/lists/import", &body).await
    };
    let lines = |count: u32| -> String {
        let line = |n: u32| format!("10.{}.{}.{}\n", n >> 16, n >> 8 & 255, n & 255);
        (0..count).map(line).collect()
    };
    for csv in [String::new(), "# nothing\n".to_owned(), lines(10_001)] {
        let problem = import(csv, false.into()).await;
        let problem = problem.problem("bounds", ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, "csv");
    }
    let asked = import("10.0.0.0/8".to_owned(), false.into()).await;
    let asked = asked.problem("asked", ErrorCode::NeedsConfirmation);
    assert_eq!(asked.errors[0].field, "line 1");
    let stored = import(lines(10_000) + "10.0.0.0\n", false.into()).await;
    assert_eq!(stored.status, 400, "10,001 lines");
    let stored = import(lines(9_999) + "10.0.0.0\n", false.into()).await;
    let stored: ListResult = serde_json::from_slice(&stored.body).unwrap();
    assert_eq!((stored.created, stored.unchanged), (9_999, 1));
    assert_eq!((stored.entries.len(), stored.changes.len()), (100, 9_999));
}

async fn the_deny_list_is_pulled_aggregated_with_a_tag() {
    let app = TestApp::new().await;
    let get = async |query: &str, tag: Option<&str>| {
        let mut get = request("GET", &format!("/api/v1/lists/deny.txt{query}"));
        if let Some(tag) = tag {
            get.headers_mut()
                .insert("if-none-match", tag.parse().unwrap());
        }
        app.send(get).await
    };
    let plain = get("", None).await;
    assert_eq!(plain.text(), "192.0.2.7\n");
    assert_eq!(plain.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(plain.headers["cache-control"], "no-cache");
    let tag = plain.headers["etag"].to_str().unwrap().to_owned();
    assert!(tag.starts_with('"'), "a strong one: {tag}");
    let same = get("", Some(&tag)).await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    assert_eq!(same.headers["etag"], *tag);

    let objects = ["192.0.2.6", "2001:db8::/48", "192.0.2.4/31"];
    app.added(json!({"list": "deny", "objects": objects})).await;
    app.added(json!({"list": "deny", "objects": ["198.51.100.9"], "applications": ["shop"]}))
        .await;
    let all = get("", Some(&tag)).await;
    assert_eq!(
        (all.status.as_u16(), all.text().as_str()),
        (200, "192.0.2.4/30\n2001:db8::/48\n")
    );
    let shop = get("?application=Shop&format=nginx", None).await;
    let expected = "deny 192.0.2.4/30;\ndeny 198.51.100.9;\ndeny 2001:db8::/48;\n";
    assert_eq!(shop.text(), expected);
    let nftables = get("?format=nftables", None).await.text();
    assert!(nftables.contains("192.0.2.4/30"), "{nftables}");
    // The list of exceptions is not what is denied.
    app.added(json!({"list": "exception", "objects": ["198.51.100.1"]}))
        .await;
    assert_eq!(get("", None).await.headers["etag"], all.headers["etag"]);
}

async fn what_is_denied_on_every_application_there_is_is_denied_everywhere() {
    let app = TestApp::new().await;
    let body =
        json!({"list": "deny", "objects": ["198.51.100.9"], "applications": ["shop", "blog"]});
    app.added(body).await;
    let text = app.get("/lists/deny.txt").await.text();
    assert_eq!(text, "192.0.2.7\n198.51.100.9\n");
}

async fn a_look_up_says_what_is_known_and_who_else_is_there() {
    let app = TestApp::new().await;
    let known: ListLookup = app.json("/lists/lookup?object=192.0.2.7").await;
    assert_eq!(
        (known.object.to_string(), known.size.as_str()),
        ("192.0.2.7".to_owned(), "1")
    );
    assert_eq!(known.entries[0].list, ListKind::Deny);
    assert_eq!(
        (known.collateral.sessions, known.collateral.clients),
        (0, 0)
    );
    assert_eq!(known.questions, [""; 0]);
    let subnet: ListLookup = app.json("/lists/lookup?object=192.0.2.0/24").await;
    assert_eq!(subnet.size, "256");
    assert_eq!(
        (subnet.collateral.sessions, subnet.collateral.clients),
        (1, 1)
    );
    assert_eq!(subnet.entries, []);
    let own: ListLookup = app.json("/lists/lookup").await;
    assert_eq!(own.object.to_string(), "127.0.0.1");
    assert_eq!(own.questions.len(), 1);
    let nowhere: ListLookup = app
        .json("/lists/lookup?object=192.0.2.0/24&application=blog")
        .await;
    assert_eq!(nowhere.collateral.sessions, 0);
}

async fn another_tenants_list_is_not_changed_by_whoever_knows_an_identifier() {
    let app = TestApp::new().await;
    let stranger = Caller::new(shared::TenantId(2), shared::Permissions::ALL);
    let theirs = app.store.tenant(&stranger);
    assert_eq!(theirs.find_list_entry(DENIED).await.unwrap(), None);
    assert_eq!(app.objects("").await, ["192.0.2.7"]);
}
