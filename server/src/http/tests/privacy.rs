//! What of people is kept and who sees it, through the API: the settings, and addresses that are
//! shown only in part wherever they stand.

use http::StatusCode;
use serde_json::{Value, json};
use shared::{AuditEntry, ErrorCode, Page, Permissions, Privacy, Role};

use super::table::{fill, method_name, seeded_id};
use super::{TestApp, write_request};
use crate::auth::Caller;
use crate::http::openapi::BASE;
use crate::http::router::routes;

/// A server at which whoever asks may do what an administrator may, and sees no whole address.
async fn masked() -> TestApp {
    let caller = Caller::new(Caller::DEFAULT_TENANT, Role::Administrator.permissions());
    let app = TestApp::with_caller(caller).await;
    let privacy = Privacy {
        masks_addresses_for: vec![Role::Administrator],
        ..Privacy::default()
    };
    let tenant = app.store.tenant(&Caller::local());
    tenant.set_privacy(&privacy, super::NOW).await.unwrap();
    app
}

/// The first whole address in a text that is no documentation.
fn find_address(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let mut runs = text.split(|c| !is_part(c));
    runs.find(|run| {
        let v6 = run.parse::<std::net::Ipv6Addr>();
        // Masked ones end in zeros, before the length of their network.
        let is_v6 = v6.is_ok_and(|it| u128::from(it) << 48 != 0);
        let v4 = run.parse::<std::net::Ipv4Addr>();
        is_v6 || v4.is_ok_and(|it| it.octets()[3] != 0)
    })
}

#[tokio::test]
async fn no_route_tells_a_whole_address_to_who_sees_them_in_part() {
    let app = masked().await;
    let mut seen = String::new();
    for route in routes() {
        let is_read = method_name(&route.method) == "GET";
        if !is_read || !Role::Administrator.permissions().contains(route.permission) {
            continue;
        }
        let path = fill(route.path, &seeded_id(&app, route.path));
        let everything = match route.path {
            "/attacks" | "/sessions" => "?q=%3E2000-01-01",
            _ => "",
        };
        let answer = app.get(&format!("{path}{everything}")).await;
        if matches!(route.path, "/lists/deny.txt" | "/tenant/export") {
            answer.problem(&path, ErrorCode::Forbidden);
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        let text = answer.text();
        assert_eq!(find_address(&text), None, "{path}: {text}");
        seen.push_str(&text);
    }
    // They were there.
    assert!(seen.contains("192.0.2.x") && seen.contains("192.0.2.0/24"));
}

#[tokio::test]
async fn nobody_asks_for_what_they_are_not_shown() {
    let app = masked().await;
    let session = super::seed::GUESSING_SESSION;
    for (path, field) in [
        ("/attacks?q=ip:192.0.2.7", "q"),
        ("/attacks/counts?q=ip:192.0.2.0-192.0.2.127", "q"),
        ("/sessions?q=ip:192.0.2.0/25", "q"),
        ("/sessions/values?key=ip", "key"),
        ("/lists/entries?object=192.0.2.7", "object"),
        ("/lists/lookup?object=192.0.2.7", "object"),
        ("/audit?text=192.0.2.7", "text"),
        (&format!("/sessions/{session}/requests?ip=192.0.2.7"), "ip"),
        (
            &format!("/sessions/{session}/requests.csv?not_ip=192.0.2.7"),
            "not_ip",
        ),
    ] {
        let problem = app.problem(path, ErrorCode::InvalidRequest).await;
        assert_eq!(problem.errors[0].field, field, "{path}");
    }
    for path in [
        "/attacks?q=ip:192.0.2.0/24",
        "/sessions?q=ip:192.0.",
        "/lists/entries?object=192.0.2.0/24",
    ] {
        assert_eq!(app.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn whoever_may_more_sees_whole_addresses() {
    let app = TestApp::with_caller(Caller::new(Caller::DEFAULT_TENANT, Permissions::ALL)).await;
    let body = json!({
        "hashes_session_keys": false,
        "hashed_fields": [" X-Customer ", "email", "email"],
        "masks_addresses_for": ["read_only", "analyst"],
    });
    let answer = app.write("PUT", "/privacy", &body).await;
    let saved: Privacy = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(saved.hashed_fields, ["X-Customer", "email"]);
    assert_eq!(saved.masks_addresses_for, [Role::Analyst, Role::ReadOnly]);
    assert_eq!(app.json::<Privacy>("/privacy").await, saved);
    let attacks = app.get("/attacks?q=%3E2000-01-01").await.text();
    assert!(attacks.contains("\"192.0.2.7\""), "{attacks}");
    let entry = app
        .json::<Page<AuditEntry>>("/audit?limit=1")
        .await
        .items
        .remove(0);
    assert_eq!(entry.action, "privacy.update");
    assert_eq!(
        entry.changes[1].after.as_deref(),
        Some("Analyst, Read-only")
    );

    // An analyst of the same tenant, with a token or signed in.
    let analyst = app.asked_by(Caller::new(
        Caller::DEFAULT_TENANT,
        Role::Analyst.permissions(),
    ));
    let path = format!("{BASE}/attacks?q=%3E2000-01-01");
    let (_, text) = super::table::ask(&analyst, super::request("GET", &path)).await;
    assert!(
        text.contains("\"192.0.2.x\"") && !text.contains("\"192.0.2.7\""),
        "{text}"
    );
}

#[tokio::test]
async fn wrong_settings_are_refused() {
    let app = TestApp::new().await;
    let body = |field: &str, value: Value| {
        let mut body = json!({
            "hashes_session_keys": false, "hashed_fields": [], "masks_addresses_for": [],
        });
        body[field] = value;
        body
    };
    for (field, value) in [
        ("hashed_fields", json!(vec!["x"; 101])),
        ("hashed_fields", json!([""])),
        ("hashed_fields", json!(["x".repeat(65)])),
        ("hashed_fields", json!(["a\nb"])),
        ("masks_addresses_for", json!(["enforcer"])),
    ] {
        let answer = app
            .send(write_request("PUT", "/privacy", &body(field, value)))
            .await;
        let problem = answer.problem(field, ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, field);
    }
}
