//! The wall between tenants: what one owns is not found, not listed and not told to another,
//! over every route of the table and whatever it takes.

use http::StatusCode;
use serde_json::{Value, json};
use shared::{ErrorCode, TenantId};

use super::table::{ask, fill, reads, seeded_id, writes};
use super::{TestApp, request, seed, write_request};
use crate::auth::Caller;
use crate::http::openapi::BASE;

#[tokio::test]
async fn what_another_tenant_owns_is_not_found_and_not_listed() {
    // Tenants themselves are of the installation, and whoever may see them sees all.
    let may = shared::Role::Administrator.permissions();
    let app = TestApp::with_caller(Caller::new(TenantId(2), may)).await;
    let writes = writes().filter(|(route, ..)| may.contains(route.permission));
    for (route, method, body) in writes.filter(|(route, ..)| route.path.contains("{id}")) {
        let path = fill(route.path, &seeded_id(&app, route.path));
        let answer = app.write(method, &path, &body).await;
        answer.problem(&format!("{method} {path}"), ErrorCode::NotFound);
    }
    for route in reads().filter(|route| may.contains(route.permission)) {
        let path = fill(route.path, &seeded_id(&app, route.path));
        if route.path.contains("{id}") {
            app.problem(&path, ErrorCode::NotFound).await;
        } else if route.path != "/openapi.json" {
            let text = app.get(&path).await.text();
            assert!(
                !text.contains("shop") && !text.contains("192.0.2."),
                "{path}: {text}"
            );
        }
    }
}

/// What an answer about the seeded tenant's data says somewhere.
const MARKS: [&str; 8] = [
    "shop",
    "blog",
    "192.0.2.",
    "198.51.100.",
    "wp-login",
    "nightly",
    "alice",
    "guesses",
];

/// What of the seeded tenant a parameter of this name could ask for.
fn foreign_values(app: &TestApp, name: &str) -> Vec<String> {
    let (attack, session) = (seed::GUESSING, seed::GUESSING_SESSION);
    let application = app.application;
    let texts: &[String] = &match name {
        "q" => vec![
            "app:shop >2000-01-01".to_owned(),
            "ip:192.0.2.0/24 >2000-01-01".to_owned(),
            format!("attack:{attack}"),
            format!("session:{session}"),
            "request_id:0-3".to_owned(),
            "campaign:*".to_owned(),
            "url:wp-login >2000-01-01".to_owned(),
        ],
        "attack" | "of" => vec![attack.to_string()],
        "request" => vec!["0-3".to_owned()],
        "application" => vec!["shop".to_owned(), application.to_string()],
        "confirm" => vec!["shop".to_owned()],
        "object" | "ip" => vec!["192.0.2.7".to_owned()],
        "text" => vec![
            "192.0.2.7".to_owned(),
            "nightly".to_owned(),
            "shop".to_owned(),
        ],
        "actor" => vec!["local".to_owned()],
        "action" => vec!["token".to_owned(), "list_entry".to_owned()],
        "prefix" => vec!["sh".to_owned()],
        "key" => ["domain", "ip", "app", "url", "user"]
            .map(str::to_owned)
            .to_vec(),
        "user" => vec!["alice".to_owned()],
        "after" => vec!["0".to_owned(), "1".to_owned()],
        "cursor" => vec![format!("152d748ceb8.{attack:x}", attack = attack.0)],
        "at" => vec!["2016-02-12T23:30:00Z".to_owned()],
        "state" => vec!["expired".to_owned(), "removed".to_owned()],
        _ => Vec::new(),
    };
    texts.to_vec()
}

/// Bodies that name what the seeded tenant owns.
fn foreign_bodies(app: &TestApp, method: &str, path: &str, usual: &Value) -> Vec<Value> {
    let mut bodies = vec![usual.clone()];
    let mut with = |field: &str, value: Value| {
        let mut body = usual.clone();
        body[field] = value;
        bodies.push(body);
    };
    match (method, path) {
        ("POST", "/lists/entries") => with("applications", json!(["shop"])),
        ("PATCH", "/lists/entries/{id}") => with("applications", json!(["shop"])),
        ("POST", "/lists/import") => with("csv", json!("203.0.113.7,24h,mine,shop")),
        ("POST", "/tokens") => with("application_id", json!(app.application.to_string())),
        _ => {}
    }
    bodies
}

/// Everything that the owner is shown, to compare.
async fn owners_view(owner: &axum::Router) -> Vec<(String, String)> {
    let mut view = Vec::new();
    for path in [
        "/overview",
        "/attacks?q=%3E2000-01-01",
        "/sessions?q=%3E2000-01-01",
        "/lists/entries",
        "/lists/entries?list=exception",
        "/tokens",
        "/audit",
        "/changes",
    ] {
        let answer = ask(owner, request("GET", &format!("{BASE}{path}"))).await;
        assert_eq!(answer.0, StatusCode::OK, "{path}");
        view.push((path.to_owned(), answer.1));
    }
    view
}

/// Fails if the answer to somebody who sent `sent` says something of the owner's that they
/// did not say themselves.
fn assert_tells_nothing(answer: &(StatusCode, String), sent: &str, what: &str) {
    let (status, text) = answer;
    assert!(!status.is_server_error(), "{what}: {status} {text}");
    for mark in MARKS.iter().filter(|mark| !sent.contains(*mark)) {
        // Everybody may have a demo.
        let is_told = text.replace("Demo shop", "").contains(mark);
        assert!(!is_told, "{what} tells {mark}: {text}");
    }
}

/// The wall between tenants, over every route of the table and whatever it takes: what another
/// tenant owns is not found by its name or identifier in path, query or body, is on no list, in no
/// file and in no search, and nothing that is sent changes what its owner sees.
#[tokio::test]
async fn nothing_of_another_tenant_is_reached_by_path_query_or_body() {
    let app = TestApp::new().await;
    let owner = app.asked_by(Caller::local());
    // All that somebody may who is of a tenant: what is beyond it is for the installation's own.
    let may = shared::Role::Administrator.permissions();
    let stranger = app.asked_by(Caller::new(TenantId(2), may));
    let before = owners_view(&owner).await;
    let mut asked = 0;
    for route in reads().filter(|route| may.contains(route.permission)) {
        let path = fill(route.path, &seeded_id(&app, route.path));
        let is_document = route.path == "/openapi.json";
        let mut addresses = vec![(path.clone(), String::new())];
        for parameter in route
            .parameters
            .iter()
            .filter(|parameter| parameter.name != "id")
        {
            for value in foreign_values(&app, &parameter.name) {
                let encoded = percent_encoding::utf8_percent_encode(
                    &value,
                    percent_encoding::NON_ALPHANUMERIC,
                );
                addresses.push((format!("{path}?{}={encoded}", parameter.name), value));
            }
        }
        for (address, sent) in addresses {
            let answer = ask(&stranger, request("GET", &format!("{BASE}{address}"))).await;
            asked += 1;
            if route.path.contains("{id}") {
                let is_refused = matches!(answer.0.as_u16(), 404)
                    || !sent.is_empty() && answer.0.is_client_error();
                assert!(is_refused, "{address}: {} {}", answer.0, answer.1);
            }
            if !is_document {
                assert_tells_nothing(&answer, &sent, &address);
            }
        }
    }
    for (route, method, body) in writes().filter(|(route, ..)| may.contains(route.permission)) {
        let path = fill(route.path, &seeded_id(&app, route.path));
        for body in foreign_bodies(&app, method, route.path, &body) {
            let answer = ask(&stranger, write_request(method, &path, &body)).await;
            let what = format!("{method} {path} {body}");
            asked += 1;
            if route.path.contains("{id}") {
                let is_refused = answer.0.is_client_error();
                assert!(is_refused, "{what}: {} {}", answer.0, answer.1);
            }
            assert_tells_nothing(&answer, &body.to_string(), &what);
        }
    }
    assert!(asked > 100, "{asked}");
    assert_eq!(owners_view(&owner).await, before);
}
