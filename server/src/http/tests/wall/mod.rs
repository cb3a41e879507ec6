//! The wall between tenants: what one owns is not found, not listed and not told to another,
//! over every route of the document and whatever it takes. What is sent is in `foreign`.

mod foreign;

use axum::Router;
use http::StatusCode;
use serde_json::Value;

use super::on_both;
use super::table::{ask, fill, reads, seeded_id, writes};
use super::{TestApp, request, seed, tokens, write_request};
use crate::auth::Caller;
use crate::http::openapi::BASE;
use crate::http::route::Route;
use foreign::{Tried, in_field, in_parameter, text_fields, with_field};

on_both!(
    what_another_tenant_owns_is_not_found_by_its_identifier,
    no_parameter_reaches_what_another_tenant_owns,
    no_field_of_a_body_reaches_what_another_tenant_owns,
);

/// Both sides of the wall: each has something.
struct Wall {
    app: TestApp,
    owner: Router,
    /// Administers another tenant, and may do there all that can be done in a tenant.
    stranger: Router,
    stranger_may: shared::Permissions,
    other: seed::Other,
    /// Everything that the owner is shown, to compare.
    owners_view: Vec<String>,
    /// What an answer about the owner's data says somewhere.
    marks: Vec<String>,
}

impl Wall {
    async fn build() -> Self {
        let app = TestApp::new().await;
        let other = seed::fill_other(&app.store).await;
        let owner = app.asked_by(Caller::local());
        let eve = seed::eve();
        let stranger_may = eve.permissions();
        let ids = [
            app.application.to_string(),
            app.job.to_string(),
            seed::GUESSING.to_string(),
            seed::GUESSING_SESSION.to_string(),
            seed::DENIED.to_string(),
            seed::ANN.to_string(),
            seed::BEN.to_string(),
            seed::INVITATION.to_string(),
            tokens::exporter().id.to_string(),
        ];
        let words = [
            "shop",
            "blog",
            "192.0.2.",
            "198.51.100.",
            "wp-login",
            "nightly",
            "alice",
            "guesses",
            "Ann Example",
            "cleo@",
        ];
        let marks = ids.into_iter().chain(words.map(str::to_owned)).collect();
        Self {
            stranger: app.asked_by(eve),
            stranger_may,
            other,
            owners_view: owners_view(&owner).await,
            owner,
            marks,
            app,
        }
    }

    /// The path of a route, about something of the owner's.
    fn foreign_path(&self, route: &Route) -> String {
        fill(route.path, &seeded_id(&self.app, route.path))
    }

    /// The path of a route, about something of the stranger's own; if it has one of these.
    fn own_path(&self, route: &Route) -> Option<String> {
        if !route.path.contains("{id}") {
            return Some(route.path.to_owned());
        }
        let id = match route.path.split('/').nth(1) {
            Some("applications") => self.other.application.to_string(),
            Some("attacks") => seed::OTHER_ATTACK.to_string(),
            Some("sessions") => seed::OTHER_SESSION.to_string(),
            Some("lists") => self.other.entry.to_string(),
            _ => return None,
        };
        Some(fill(route.path, &id))
    }

    async fn read(&self, address: &str) -> (StatusCode, String) {
        ask(&self.stranger, request("GET", &format!("{BASE}{address}"))).await
    }

    async fn write(&self, method: &str, address: &str, body: &Value) -> (StatusCode, String) {
        ask(&self.stranger, write_request(method, address, body)).await
    }

    /// Fails if the answer to the stranger who sent `sent` says something of the owner's that
    /// they did not say themselves.
    fn assert_tells_nothing(&self, answer: &(StatusCode, String), sent: &str, what: &str) {
        let (status, text) = answer;
        assert!(!status.is_server_error(), "{what}: {status} {text}");
        for mark in self.marks.iter().filter(|mark| !sent.contains(*mark)) {
            // Everybody may have a demo.
            let is_told = text.replace("Demo shop", "").contains(mark);
            assert!(!is_told, "{what} tells {mark}: {text}");
        }
    }

    /// Fails if something of the owner's has changed.
    async fn assert_stands(&self, asked: usize, at_least: usize) {
        assert!(asked >= at_least, "{asked}");
        assert_eq!(owners_view(&self.owner).await, self.owners_view);
    }
}

async fn owners_view(owner: &Router) -> Vec<String> {
    let mut view = Vec::new();
    for path in [
        "/overview",
        "/attacks?q=%3E2000-01-01",
        "/sessions?q=%3E2000-01-01",
        "/lists/entries",
        "/lists/entries?list=exception",
        "/lists/entries?state=removed",
        "/tokens",
        "/members",
        "/invitations",
        "/jobs",
        "/privacy",
        "/privacy/erasures",
        "/retention",
        "/audit",
        "/changes",
    ] {
        let (status, text) = ask(owner, request("GET", &format!("{BASE}{path}"))).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        view.push(format!("{path}: {text}"));
    }
    view
}

/// An answer without what differs with every request, and with `sent` taken out.
fn without(answer: &(StatusCode, String), sent: &str) -> (StatusCode, String) {
    let (status, text) = answer;
    let text = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(mut object)) => {
            object.remove("request_id");
            Value::Object(object).to_string()
        }
        _ => text.clone(),
    };
    (*status, text.replace(sent, "…"))
}

fn with_parameter(path: &str, name: &str, value: &str) -> String {
    let all = percent_encoding::NON_ALPHANUMERIC;
    let encoded = percent_encoding::utf8_percent_encode(value, all);
    format!("{path}?{name}={encoded}")
}

async fn what_another_tenant_owns_is_not_found_by_its_identifier() {
    let wall = Wall::build().await;
    let may = wall.stranger_may;
    let mut asked = 0;
    for route in reads().filter(|route| may.contains(route.permission)) {
        let path = wall.foreign_path(&route);
        let answer = wall.read(&path).await;
        asked += 1;
        if route.path.contains("{id}") {
            assert_eq!(answer.0, StatusCode::NOT_FOUND, "{path}: {}", answer.1);
        } else {
            assert_eq!(answer.0, StatusCode::OK, "{path}: {}", answer.1);
        }
        // The document's examples are made of the same data.
        if route.path != "/openapi.json" {
            wall.assert_tells_nothing(&answer, &path, &path);
        }
    }
    let writes = writes().filter(|(route, ..)| may.contains(route.permission));
    for (route, method, body) in writes.filter(|(route, ..)| route.path.contains("{id}")) {
        let path = wall.foreign_path(&route);
        let answer = wall.write(method, &path, &body).await;
        asked += 1;
        let what = format!("{method} {path}");
        assert_eq!(answer.0, StatusCode::NOT_FOUND, "{what}: {}", answer.1);
        wall.assert_tells_nothing(&answer, &path, &what);
    }
    wall.assert_stands(asked, 50).await;
}

async fn no_parameter_reaches_what_another_tenant_owns() {
    let wall = Wall::build().await;
    foreign::assert_owned(&wall.app.store.tenant(&Caller::local())).await;
    let may = wall.stranger_may;
    let reads = reads().map(|route| (route, "GET", Value::Null));
    let mut asked = 0;
    for (route, method, body) in reads.chain(writes()) {
        if !may.contains(route.permission) {
            continue;
        }
        let (foreign_path, own_path) = (wall.foreign_path(&route), wall.own_path(&route));
        let names = route.parameters.iter().map(|parameter| &parameter.name);
        for name in names.filter(|name| *name != "id") {
            for tried in in_parameter(&wall.app, name) {
                let (Tried::Named(value, _) | Tried::Taken(value)) = &tried;
                let send = async |path: &str, value: &str| {
                    let address = with_parameter(path, name, value);
                    (wall.write(method, &address, &body).await, address)
                };
                if route.path.contains("{id}") {
                    let (answer, address) = send(&foreign_path, value).await;
                    asked += 1;
                    let is_refused = answer.0.is_client_error();
                    assert!(is_refused, "{address}: {} {}", answer.0, answer.1);
                    wall.assert_tells_nothing(&answer, &address, &address);
                }
                let path = own_path.as_deref().unwrap_or_else(|| {
                    panic!("seed one of the other tenant's own for {}", route.path)
                });
                let (answer, address) = send(path, value).await;
                asked += 1;
                wall.assert_tells_nothing(&answer, value, &address);
                if let Tried::Named(_, nobodys) = &tried {
                    let (expected, _) = send(path, nobodys).await;
                    let (got, expected) = (without(&answer, value), without(&expected, nobodys));
                    assert_eq!(got, expected, "{method} {address}");
                }
            }
        }
    }
    wall.assert_stands(asked, 120).await;
}

async fn no_field_of_a_body_reaches_what_another_tenant_owns() {
    let wall = Wall::build().await;
    let document = ask(&wall.owner, request("GET", &format!("{BASE}/openapi.json"))).await;
    let document: Value = serde_json::from_str(&document.1).unwrap();
    let may = wall.stranger_may;
    let (mut asked, mut identifiers) = (0, 0);
    let taking = writes().filter(|(route, ..)| route.body.is_some());
    let mut taking: Vec<_> = taking.collect();
    // What the stranger calls an application of their own, later answers may name: that comes last.
    taking.sort_by_key(|(route, ..)| route.path == "/applications");
    for (route, method, usual) in taking {
        let (method_key, address) = (method.to_lowercase(), format!("{BASE}{}", route.path));
        let operation = &document["paths"][&address][&method_key];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        for field in text_fields(&document, schema) {
            let what = format!("{method} {}: {}", route.path, field.name);
            let all = in_field(&wall.app, &field.name);
            assert!(!field.is_identifier || !all.is_empty(), "{what}");
            // What is beyond a tenant is for whoever looks after all of them.
            if !may.contains(route.permission) {
                continue;
            }
            for tried in all {
                let (Tried::Named(value, _) | Tried::Taken(value)) = &tried;
                let Some(path) = wall.own_path(&route) else {
                    panic!("seed one of the other tenant's own for {}", route.path);
                };
                let body = with_field(&usual, &field.name, value);
                let answer = wall.write(method, &path, &body).await;
                asked += 1;
                wall.assert_tells_nothing(&answer, &body.to_string(), &what);
                let Tried::Named(_, nobodys) = &tried else {
                    continue;
                };
                let (status, text) = &answer;
                if field.is_identifier {
                    identifiers += 1;
                    assert_eq!(*status, StatusCode::NOT_FOUND, "{what}: {text}");
                }
                assert!(status.is_client_error(), "{what}: {status} {text}");
                let body = with_field(&usual, &field.name, nobodys);
                let expected = wall.write(method, &path, &body).await;
                let (got, expected) = (without(&answer, value), without(&expected, nobodys));
                assert_eq!(got, expected, "{what}");
            }
        }
    }
    assert!(identifiers >= 4, "{identifiers}");
    wall.assert_stands(asked, 12).await;
}
