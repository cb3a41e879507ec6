//! What every route of the table must do, whichever it is.

use http::StatusCode;
use serde_json::{Value, json};
use shared::{AuditEntry, ErrorCode, Page, Permissions, TenantId};
use utoipa::openapi::path::HttpMethod;

use super::{NOW, TestApp, on_both, request, seed, tokens, write_request};
use crate::auth::{Caller, Permission};
use crate::http::openapi::BASE;
use crate::http::route::Route;
use crate::http::router::routes;

on_both!(
    every_route_answers,
    every_route_needs_its_permission_and_no_other,
    a_wrong_identifier_names_the_parameter,
    an_unknown_identifier_is_not_found,
    every_parameter_is_checked_and_unknown_ones_are_refused,
    every_route_refuses_other_methods,
    no_write_comes_from_another_site,
    every_write_leaves_an_entry_in_the_audit_log,
    every_write_reads_json_and_nothing_else,
    the_document_has_every_route_and_no_other,
    the_document_is_whole,
);

/// The path of a route with its parameters filled in.
pub(super) fn fill(path: &str, id: &str) -> String {
    path.replace("{id}", id).replace("{application}", id)
}

/// The routes that only read.
pub(super) fn reads() -> impl Iterator<Item = Route> {
    let is_read = |route: &Route| matches!(route.method, HttpMethod::Get);
    routes().into_iter().filter(is_read)
}

/// The routes that write, each with its method and a body that it takes (`{}` where the text
/// does not say otherwise; [`Null`](Value::Null) for none).
pub(super) fn writes() -> impl Iterator<Item = (Route, &'static str, Value)> {
    let is_write = |route: &Route| !matches!(route.method, HttpMethod::Get);
    routes().into_iter().filter(is_write).map(|route| {
        let method = method_name(&route.method);
        let body = match (method, route.path) {
            _ if route.body.is_none() => Value::Null,
            ("POST", "/lists/entries") => json!({"list": "deny", "objects": ["203.0.113.7"]}),
            ("POST", "/lists/import") => json!({"list": "deny", "csv": "203.0.113.7"}),
            ("POST", "/lists/undo") => {
                json!({"changes": [{"id": seed::DENIED.to_string(), "version": 1}]})
            }
            ("POST", "/ingest" | "/ingest/{application}") => json!([seed::sent()]),
            ("PATCH", "/me") => json!({"name": "Ann"}),
            ("PUT", "/me/password") => {
                json!({"current": seed::PASSWORD, "new": "eight silver spoons"})
            }
            ("POST", "/me/totp/confirm") => json!({"code": seed::totp_offer().shown(NOW)}),
            (_, "/me/totp" | "/me/recovery-codes" | "/me/logins" | "/me/logins/{id}") => {
                json!({"password": seed::PASSWORD})
            }
            ("PUT", "/second-factor") => json!({"required_of": "everybody"}),
            ("PUT", "/me/tenant") => json!({"tenant_id": Caller::DEFAULT_TENANT}),
            ("POST", "/me/tokens") => json!({"name": "notebook", "role": "read_only"}),
            ("PATCH", "/members/{id}") => json!({"role": "read_only"}),
            ("POST", "/invitations") => json!({"email": "dan@example.com", "role": "analyst"}),
            ("POST", "/tokens") => json!({"name": "nightly export", "role": "read_only"}),
            ("POST", "/privacy/erasures") => json!({"address": "203.0.113.200"}),
            ("PUT", "/privacy") => json!({
                "hashes_session_keys": true,
                "hashed_fields": ["x-customer"],
                "masks_addresses_for": ["read_only"],
            }),
            ("POST", "/applications") => json!({"name": "Acme API"}),
            ("PUT", "/retention") => json!({
                "session_days": 3,
                "detail_days": 14,
                "attack_days": 90,
                "list_days": 90,
                "audit_days": 183,
                "includes_imported": false,
            }),
            ("POST", "/tenants") => json!({"name": "Acme"}),
            ("PATCH", "/tenants/{id}") => json!({"suspended": true}),
            ("DELETE", "/tenants/{id}") => json!({"name": "Other"}),
            ("PATCH", "/lists/entries/{id}") => json!({"reason": "a better one"}),
            ("PUT", "/applications/{id}/fields") => json!({"map": "ip=client.addr,time=at"}),
            ("PUT", "/applications/{id}/settings") => {
                json!({"session_key": ["cookie:sid", "auto"], "user": ["auto"], "role": []})
            }
            _ => json!({}),
        };
        (route, method, body)
    })
}

pub(super) fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Delete => "DELETE",
        _ => panic!("no route has this method"),
    }
}

/// An identifier that exists for this route.
pub(super) fn seeded_id(app: &TestApp, path: &str) -> String {
    match path.split('/').nth(1) {
        Some("applications" | "ingest") => app.application.to_string(),
        Some("attacks") => seed::GUESSING.to_string(),
        Some("jobs") => app.job.to_string(),
        Some("sessions") => seed::GUESSING_SESSION.to_string(),
        Some("lists") => seed::DENIED.to_string(),
        Some("tenants") => TenantId(2).to_string(),
        Some("tokens") => tokens::exporter().id.to_string(),
        Some("me") if path.contains("tokens") => seed::own_token().id.to_string(),
        Some("me") => seed::LOGINS[1].to_string(),
        Some("members") => seed::BEN.to_string(),
        Some("invitations") => seed::INVITATION.to_string(),
        _ => String::new(),
    }
}

async fn every_route_answers() {
    let app = TestApp::new().await;
    for route in reads() {
        let path = fill(route.path, &seeded_id(&app, route.path));
        let answer = app.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        assert!(!answer.body.is_empty(), "{path}");
    }
}

async fn every_route_needs_its_permission_and_no_other() {
    for permission in Permission::ALL {
        let others: Vec<_> = Permission::ALL
            .iter()
            .copied()
            .filter(|other| other != permission)
            .collect();
        let without = TestApp::with_caller(Caller::new(
            Caller::DEFAULT_TENANT,
            Permissions::of(&others),
        ))
        .await;
        let with = TestApp::with_caller(Caller::new(
            Caller::DEFAULT_TENANT,
            Permissions::of(&[*permission]),
        ))
        .await;
        for (route, method, body) in writes().filter(|(route, ..)| route.permission == *permission)
        {
            let path = fill(route.path, "0");
            let answer = without.write(method, &path, &body).await;
            answer.problem(&format!("{method} {path}"), ErrorCode::Forbidden);
        }
        for route in reads().filter(|route| route.permission == *permission) {
            let path = fill(route.path, &seeded_id(&with, route.path));
            let problem = without.problem(&path, ErrorCode::Forbidden).await;
            assert!(
                problem.detail.contains(permission.as_str()),
                "{path}: {problem:?}"
            );
            assert_eq!(with.get(&path).await.status, StatusCode::OK, "{path}");
        }
    }
}

async fn a_wrong_identifier_names_the_parameter() {
    let app = TestApp::new().await;
    for route in reads().filter(|route| route.path.contains("{id}")) {
        for id in ["xyz", "0123456789abcdef0", "%00", "-1", "%F0%9F%A6%80"] {
            let path = fill(route.path, id);
            let problem = app.problem(&path, ErrorCode::InvalidRequest).await;
            assert_eq!(problem.errors[0].field, "id", "{path}");
        }
    }
}

async fn an_unknown_identifier_is_not_found() {
    let app = TestApp::new().await;
    for route in reads().filter(|route| route.path.contains("{id}")) {
        app.problem(&fill(route.path, "fffffffffffffffe"), ErrorCode::NotFound)
            .await;
    }
    for (route, method, body) in writes().filter(|(route, ..)| route.path.contains("{id}")) {
        let path = fill(route.path, "fffffffffffffffe");
        let answer = app.write(method, &path, &body).await;
        answer.problem(&format!("{method} {path}"), ErrorCode::NotFound);
    }
}

pub(super) async fn ask(
    router: &axum::Router,
    request: axum::http::Request<axum::body::Body>,
) -> (StatusCode, String) {
    use tower::ServiceExt;
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .unwrap();
    // An archive says what is in it.
    let body = zstd::decode_all(&body[..]).unwrap_or_else(|_| body.to_vec());
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn every_parameter_is_checked_and_unknown_ones_are_refused() {
    let app = TestApp::new().await;
    for route in reads() {
        let path = fill(route.path, &seeded_id(&app, route.path));
        let takes = |name: &str| {
            route
                .parameters
                .iter()
                .any(|parameter| parameter.name == name)
        };
        let bad: &[(&str, &[&str])] = &[
            ("limit", &["0", "201", "-1", "x", "99999999999"]),
            ("cursor", &["x", "0", "%00", "1.2.3"]),
            ("zone", &["1441", "east"]),
            ("sort", &["size", "--date", "date-"]),
            ("q", &["ddos", "ip:x", "today%20yesterday", "country:DEU"]),
            ("malicious", &["maybe"]),
            ("status", &["abc", "-1", "70000"]),
            ("ip", &["10.0.0"]),
            ("attack", &["zz"]),
            ("attack_type", &["ddos"]),
            ("not_attack_type", &["ddos"]),
            ("not_status", &["abc"]),
            ("not_ip", &["10.0.0"]),
            ("unusual", &["odd"]),
            ("not_unusual", &["odd"]),
            ("join", &["yes"]),
            ("start", &["-1", "x", "99999999999"]),
            ("at", &["yesterday", "2026-02-30T00:00:00Z"]),
            ("request", &["1", "x-1", "1-99999999999"]),
            ("list", &["black", "allow", "gray"]),
            ("state", &["gone"]),
            (
                "object",
                &["10.0.0", "1.2.3.4/33", "%00", "::1/129", "\u{1f980}"],
            ),
            ("format", &["xml"]),
            ("application", &["nobody"]),
            ("from", &["yesterday", "2026-02-30T00:00:00Z"]),
            ("until", &["yesterday", "2026-02-30T00:00:00Z"]),
            ("actor", &["%00"]),
            ("text", &["%00"]),
            ("action", &["Token.Create", "%00", "token%25"]),
            ("after", &["-1", "x", "18446744073709551616"]),
        ];
        for (name, values) in bad {
            for value in *values {
                let path = format!("{path}?{name}={value}");
                let code = match *name {
                    "q" if takes("q") => ErrorCode::InvalidSearch,
                    _ => ErrorCode::InvalidRequest,
                };
                let problem = app.problem(&path, code).await;
                assert_eq!(problem.errors[0].field, *name, "{path}");
            }
        }
        for path in [
            format!("{path}?unheard=of"),
            format!("{path}?limit=1&limit=2"),
        ] {
            app.problem(&path, ErrorCode::InvalidRequest).await;
        }
    }
}

async fn every_route_refuses_other_methods() {
    let app = TestApp::new().await;
    for route in reads() {
        let path = format!("{BASE}{}", fill(route.path, &seeded_id(&app, route.path)));
        let taken: Vec<_> = routes()
            .iter()
            .filter(|other| other.path == route.path)
            .map(|other| method_name(&other.method))
            .collect();
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"] {
            if taken.contains(&method) {
                continue;
            }
            let answer = app.send(request(method, &path)).await;
            answer.problem(&format!("{method} {path}"), ErrorCode::MethodNotAllowed);
            let allowed = answer.headers["allow"].to_str().unwrap();
            for method in &taken {
                assert!(
                    allowed.split(',').any(|it| it == *method),
                    "{path}: {allowed}"
                );
            }
        }
        let head = app.send(request("HEAD", &path)).await;
        assert_eq!(
            (head.status, head.body.len()),
            (StatusCode::OK, 0),
            "{path}"
        );
    }
}

async fn no_write_comes_from_another_site() {
    let app = TestApp::new().await;
    for (route, method, body) in writes() {
        let path = fill(route.path, &seeded_id(&app, route.path));
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let mut request = write_request(method, &path, &body);
            request.headers_mut().insert(name, value.parse().unwrap());
            let answer = app.send(request).await;
            answer.problem(&format!("{method} {path}"), ErrorCode::Forbidden);
        }
    }
}

async fn every_write_leaves_an_entry_in_the_audit_log() {
    let changes = writes().filter(|(route, ..)| route.permission != Permission::RequestsImport);
    for (route, method, body) in changes {
        let app = TestApp::new().await;
        let what = format!("{method} {}", route.path);
        let mut path = fill(route.path, &seeded_id(&app, route.path));
        match what.as_str() {
            "DELETE /applications/{id}" => path.push_str("?confirm=shop"),
            // What was not removed stays as it is.
            "POST /applications/{id}/restore" => {
                let removed = format!("/applications/{}?confirm=shop", app.application);
                app.write("DELETE", &removed, &Value::Null).await;
            }
            _ => {}
        }
        let before = newest_entry(&app).await;
        let answer = app.write(method, &path, &body).await;
        assert!(answer.status.is_success(), "{what}: {}", answer.text());
        let after = newest_entry(&app).await;
        assert!(after.seq > before.seq, "{what} leaves no entry");
        assert_eq!((after.actor.as_str(), after.at), ("local", NOW), "{what}");
        // What was refused changed nothing.
        let answer = app.write(method, &path, &json!({"unheard": "of"})).await;
        if answer.status.is_client_error() {
            assert_eq!(newest_entry(&app).await, after, "{what}");
        }
    }
}

async fn newest_entry(app: &TestApp) -> AuditEntry {
    let newest: Page<AuditEntry> = app.json("/audit?limit=1").await;
    newest.items.into_iter().next().unwrap()
}

async fn every_write_reads_json_and_nothing_else() {
    let app = TestApp::new().await;
    let takes_traffic = |route: &Route| route.permission == Permission::RequestsImport;
    let takes_json = |route: &Route| route.body.is_some() && !takes_traffic(route);
    for (route, method, body) in writes().filter(|(route, ..)| takes_json(route)) {
        let path = fill(route.path, &seeded_id(&app, route.path));
        let what = format!("{method} {path}");
        let mut form = write_request(method, &path, &body);
        let kind = "application/x-www-form-urlencoded";
        form.headers_mut()
            .insert("content-type", kind.parse().unwrap());
        app.send(form)
            .await
            .problem(&what, ErrorCode::UnsupportedMediaType);
        let mut broken = write_request(method, &path, &body);
        *broken.body_mut() = "{\"a\":".into();
        let problem = app
            .send(broken)
            .await
            .problem(&what, ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, "body", "{what}");
        let answer = app.write(method, &path, &json!({"unheard": "of"})).await;
        answer.problem(&what, ErrorCode::InvalidRequest);
    }
}

async fn the_document_has_every_route_and_no_other() {
    let app = TestApp::new().await;
    let document: serde_json::Value = app.json("/openapi.json").await;
    let mut described: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        described.extend(
            item.as_object()
                .unwrap()
                .keys()
                .map(|method| format!("{method} {path}")),
        );
    }
    let mut declared: Vec<String> = routes()
        .iter()
        .map(|route| {
            let method = method_name(&route.method).to_lowercase();
            format!("{method} {BASE}{}", route.path)
        })
        .collect();
    described.sort();
    declared.sort();
    assert_eq!(described, declared);
}

async fn the_document_is_whole() {
    let app = TestApp::new().await;
    let document: serde_json::Value = app.json("/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            schemas.contains_key(name),
            "{name} is referred to and not described"
        );
    }
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().values();
        methods.map(move |operation| (path, operation))
    });
    for (path, operation) in operations {
        let placeholders = path.matches('{').count();
        let in_path = operation["parameters"].as_array().into_iter().flatten();
        let in_path = in_path
            .filter(|parameter| parameter["in"] == "path")
            .count();
        assert_eq!(in_path, placeholders, "{path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{path}: {parameter}");
            assert!(
                parameter["schema"]["type"].is_string(),
                "{path}: {parameter}"
            );
            let is_required = parameter["required"].as_bool().unwrap();
            assert_eq!(
                is_required,
                parameter["in"] == "path",
                "{path}: {parameter}"
            );
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let is_problem = response["content"]["application/problem+json"].is_object();
            // Whoever has the list already gets nothing.
            let is_answer = status.starts_with('2') || status == "304";
            assert_eq!(is_problem, !is_answer, "{path} {status}");
        }
        assert!(operation["summary"].is_string(), "{path}");
    }
}
