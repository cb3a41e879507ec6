//! The examples of the API document: each of them is sent to the seeded server, and what comes
//! back is what the document says. With `BOTSCOPE_EXAMPLES=write` in the environment the kept
//! bodies (`server/examples/`) are written anew from what the server takes and answers.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};
use shared::Timestamp;

use super::table::{method_name, seeded_id, writes};
use super::{Answer, TestApp, request, seed, write_request};
use crate::http::examples::{self, Subject};
use crate::http::openapi::{BASE, operation_id};
use crate::http::route::Route;
use crate::http::router::routes;
use crate::http::{about, docs};

/// What to do about an example that does not fit.
const REMEDY: &str = "if the route is right, write its examples anew: \
                      BOTSCOPE_EXAMPLES=write cargo nextest run -p server every_example_runs";

/// Which operations have no example of an answer: the document itself, and what is no text.
const WITHOUT_ANSWER: [&str; 2] = ["get_openapi_json", "get_tenant_export"];

fn is_writing() -> bool {
    std::env::var("BOTSCOPE_EXAMPLES").is_ok_and(|what| what == "write")
}

/// The part of the document that is about a route.
fn operation<'a>(document: &'a Value, route: &Route) -> &'a Value {
    let method = method_name(&route.method).to_lowercase();
    &document["paths"][format!("{BASE}{}", route.path)][method]
}

/// The address that the examples of an operation make, with one more parameter or none.
fn address(path: &str, operation: &Value, more: Option<(&str, &Value)>) -> String {
    let mut address = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let value = match more {
            Some((chosen, value)) if chosen == name => value,
            _ => &parameter["example"],
        };
        let value = match value {
            Value::Null => continue,
            Value::Array(values) => &values[0],
            other => other,
        };
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if parameter["in"] == "path" {
            address = address.replace(&format!("{{{name}}}"), &value);
        } else {
            let value = value.replace('%', "%25").replace(' ', "+");
            query.push(format!("{name}={value}"));
        }
    }
    match query.is_empty() {
        true => address,
        false => format!("{address}?{}", query.join("&")),
    }
}

/// Fails unless `body` is what the document says of `content`.
fn assert_fits(document: &Value, content: &Value, body: &Value, what: &str) {
    let mut schema = content["schema"].clone();
    schema["components"] = document["components"].clone();
    let mut compiler = Compiler::new();
    let place = "https://botscope.test/schema.json";
    compiler.add_resource(place, schema).unwrap();
    let mut schemas = Schemas::new();
    let compiled = compiler.compile(place, &mut schemas).unwrap();
    if let Err(error) = schemas.validate(body, compiled) {
        panic!("{what} does not fit its schema: {error:#}\n{body}");
    }
}

/// Fails unless all that `kept` has is in `real` too, whatever its values.
fn assert_no_more_than(kept: &Value, real: &Value, what: &str) {
    match (kept, real) {
        (Value::Object(kept), Value::Object(real)) => {
            for (name, value) in kept {
                let answered = real.get(name);
                let answered =
                    answered.unwrap_or_else(|| panic!("{what}: no {name} any more; {REMEDY}"));
                assert_no_more_than(value, answered, &format!("{what}.{name}"));
            }
        }
        (Value::Array(kept), Value::Array(real)) => {
            for (kept, real) in kept.iter().zip(real) {
                assert_no_more_than(kept, real, what);
            }
        }
        (kept, real) => {
            let kinds = [kept, real].map(std::mem::discriminant);
            assert_eq!(kinds[0], kinds[1], "{what}: {kept} or {real}; {REMEDY}");
        }
    }
}

/// The body of a success, as the document shows it.
fn body(answer: &Answer, what: &str) -> Value {
    assert!(answer.status.is_success(), "{what}: {}", answer.text());
    let kind = answer.headers.get("content-type");
    match kind.map(|kind| kind.to_str().unwrap()) {
        Some("application/json") => serde_json::from_slice(&answer.body).unwrap(),
        Some(_) => Value::from(answer.text()),
        None => Value::Null,
    }
}

/// Keeps a body as an example.
fn keep(file: &str, body: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let text = match body {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap() + "\n",
    };
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file), text).unwrap();
}

/// Checks one answer against what the document says, and against the kept example of it.
fn check_answer(document: &Value, route: &Route, answer: &Answer, is_kept: bool, what: &str) {
    let body = body(answer, what);
    let described = &operation(document, route)["responses"][answer.status.as_str()];
    assert!(
        described.is_object(),
        "{what}: {} is not described",
        answer.status
    );
    if body.is_null() {
        assert!(route.media_type.is_empty(), "{what}");
        return;
    }
    let content = &described["content"][route.media_type];
    assert_fits(document, content, &body, what);
    let id = operation_id(route);
    if !is_kept || WITHOUT_ANSWER.contains(&id.as_str()) {
        return;
    }
    if is_writing() {
        keep(&examples::answer_file(&id, route.media_type), &body);
        return;
    }
    let example = content.get("example");
    let example = example.unwrap_or_else(|| panic!("{what} has no example; {REMEDY}"));
    assert_fits(document, content, example, what);
    assert_no_more_than(example, &body, what);
}

#[tokio::test]
async fn every_example_runs() {
    let app = TestApp::new().await;
    let document: Value = app.json("/openapi.json").await;
    for route in routes() {
        if method_name(&route.method) != "GET" {
            continue;
        }
        let operation = operation(&document, &route);
        let path = address(route.path, operation, None);
        let answer = app.get(&path).await;
        check_answer(&document, &route, &answer, true, &path);
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let values = parameter["schema"]["examples"].as_array();
            for value in values.into_iter().flatten() {
                let path = address(route.path, operation, Some((name, value)));
                let answer = app.get(&path).await;
                check_answer(&document, &route, &answer, false, &path);
            }
        }
    }
    for (route, method, sent) in writes() {
        let app = TestApp::new().await;
        let operation = operation(&document, &route);
        let path = address(route.path, operation, None);
        let what = format!("{method} {path}");
        let id = operation_id(&route);
        let content = &operation["requestBody"]["content"]["application/json"];
        let body = match content.get("example") {
            Some(example) if !is_writing() => example,
            _ => &sent,
        };
        if route.body.is_some() {
            assert!(
                is_writing() || !content["example"].is_null(),
                "{what}: {REMEDY}"
            );
            assert_fits(&document, content, body, &what);
            if is_writing() {
                keep(&format!("{id}.request.json"), body);
            }
        }
        // Whoever asks here has no token for one application.
        let path = match route.path {
            "/ingest" => "/ingest/shop",
            _ => &path,
        };
        let answer = app.send(write_request(method, path, body)).await;
        check_answer(&document, &route, &answer, true, &what);
    }
}

#[tokio::test]
async fn every_error_has_an_example_of_its_status() {
    let app = TestApp::new().await;
    let document: Value = app.json("/openapi.json").await;
    for route in routes() {
        let responses = operation(&document, &route)["responses"].as_object();
        for (status, response) in responses.unwrap() {
            let content = &response["content"]["application/problem+json"];
            if content.is_object() {
                let what = format!("{} {status}", route.path);
                assert_fits(&document, content, &content["example"], &what);
                assert_eq!(content["example"]["status"].to_string(), *status, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn every_parameter_has_an_example() {
    let app = TestApp::new().await;
    let document: Value = app.json("/openapi.json").await;
    for route in routes() {
        let parameters = operation(&document, &route)["parameters"].clone();
        for parameter in parameters.as_array().into_iter().flatten() {
            let name = &parameter["name"];
            let examples = parameter["schema"]["examples"].as_array();
            assert!(
                examples.is_some_and(|examples| !examples.is_empty()),
                "{}: add an example of {name} to PARAMETERS in server/src/http/examples.rs",
                route.path
            );
            if parameter["in"] == "path" {
                let seeded = seeded_id(&app, route.path);
                assert_eq!(parameter["example"], json!(seeded), "{}", route.path);
            }
        }
    }
}

#[tokio::test]
async fn every_operation_is_described() {
    let mut names = HashMap::new();
    for route in routes() {
        let method = method_name(&route.method);
        assert!(
            about::about(&route).is_some(),
            "say more about {method} {} in server/src/http/about.rs",
            route.path
        );
        let id = operation_id(&route);
        if let Some(other) = names.insert(id.clone(), route.path) {
            panic!("{id} is the name of {other} and of {}", route.path);
        }
    }
    let app = TestApp::new().await;
    let document: Value = app.json("/openapi.json").await;
    let tags = document["tags"].as_array().unwrap();
    for route in routes() {
        let tag = &operation(&document, &route)["tags"][0];
        assert!(
            tags.iter().any(|known| known["name"] == *tag),
            "{tag} is no part of the API; add it to TAGS in server/src/http/openapi.rs"
        );
    }
}

#[tokio::test]
async fn the_examples_are_about_what_is_in_the_store() {
    let kept = Subject::kept();
    assert_eq!(kept.attack, seed::GUESSING.to_string());
    assert_eq!(kept.session, seed::GUESSING_SESSION.to_string());
    let app = TestApp::new().await;
    assert_eq!(kept.application, app.application.to_string());
    let seeded = app.get("/openapi.json").await.text();
    let other = Subject {
        attack: "deadbeef00000000".to_owned(),
        ..Subject::kept()
    };
    assert!(seeded.contains(&kept.attack));
    let replaced = other.put_into(&seeded);
    assert!(!replaced.contains(&kept.attack) && replaced.contains(&other.attack));
    assert_eq!(other.put_into(&replaced), replaced);
    assert!(
        super::NOW
            .plus(-Timestamp::HOUR)
            .to_string()
            .starts_with(&kept.until)
    );
}

#[tokio::test]
async fn the_documentation_is_served_whole_and_fetches_nothing_from_elsewhere() {
    let app = TestApp::new().await;
    let page = app.send(request("GET", docs::PATH)).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let html = page.text();
    for attribute in ["src=\"", "href=\""] {
        for address in html.split(attribute).skip(1) {
            let address = address.split('"').next().unwrap();
            let is_ours = address.starts_with('/') && !address.starts_with("//");
            assert!(is_ours || address.starts_with("data:"), "{address}");
            if address.starts_with(docs::PATH) {
                for (coding, expected) in [("gzip", true), ("identity", false)] {
                    let mut file = request("GET", address);
                    file.headers_mut()
                        .insert("accept-encoding", coding.parse().unwrap());
                    let answer = app.send(file).await;
                    assert_eq!(answer.status, 200, "{address}");
                    let is_compressed = answer.headers.contains_key("content-encoding");
                    assert!(!is_compressed || expected, "{address}");
                }
            }
        }
    }
    for route in routes() {
        let named = format!("{BASE}{}", route.path);
        assert!(html.contains(&named), "{named} is not on the page");
    }
    for name in ["index.html", "swagger-initializer.js", "..%2Fdocs.js", "x"] {
        let answer = app
            .send(request("GET", &format!("{}/{name}", docs::PATH)))
            .await;
        assert_eq!(answer.status, 404, "{name}");
    }
}
