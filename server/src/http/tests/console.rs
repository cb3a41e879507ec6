//! The console asks for nothing that the API does not have: every route that its sources name
//! is a row of the table.

use std::fs;
use std::path::{Path, PathBuf};

use crate::http::openapi::BASE;
use crate::http::router::routes;

/// All Rust sources of a folder of the console.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

/// The names of the functions that take a `route`.
fn helpers(source: &str) -> Vec<String> {
    let functions = source.split("fn ").skip(1);
    functions
        .filter_map(|function| {
            let (head, rest) = function.split_once('(')?;
            let (arguments, _) = rest.split_once('{')?;
            let name = head.split('<').next()?.trim();
            arguments.contains("route: &str").then(|| name.to_owned())
        })
        .collect()
}

/// The first text inside the call that `rest` begins with (behind its opening bracket).
fn first_text(rest: &str) -> Option<&str> {
    let mut depth = 1;
    for (at, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '"' => return rest[at + 1..].split('"').next(),
            _ => {}
        }
        if depth == 0 {
            return None;
        }
    }
    None
}

/// The routes that a source asks its helpers for, and those it writes out.
fn asked(source: &str, helpers: &[String]) -> Vec<String> {
    let mut asked = Vec::new();
    for helper in helpers {
        for (at, _) in source.match_indices(helper.as_str()) {
            let before = source[..at].chars().next_back();
            let after = &source[at + helper.len()..];
            let is_definition = source[..at].ends_with("fn ");
            let is_part =
                before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.'));
            // `get::<T>(…)` or `get(…)`
            let call = match after.strip_prefix("::<") {
                Some(generic) => generic.split_once(">(").map(|(_, call)| call),
                None => after.strip_prefix('('),
            };
            if let (false, false, Some(call)) = (is_definition, is_part, call) {
                asked.extend(first_text(call).map(str::to_owned));
            }
        }
    }
    let beginning = format!("\"{BASE}/");
    let written = source.split(beginning.as_str()).skip(1);
    let written = written.map(|rest| rest.split('"').next().unwrap().to_owned());
    // The place where the helpers themselves put the parts together.
    asked.extend(written.filter(|route| route != "{route}"));
    asked
}

/// Whether the table has the route, whatever its placeholders are called.
fn is_in_table(asked: &str) -> bool {
    let path = asked.trim_matches('/').split(['?', '#']).next().unwrap();
    let asked: Vec<&str> = path.split('/').collect();
    routes().iter().any(|route| {
        let row: Vec<&str> = route.path.trim_matches('/').split('/').collect();
        row.len() == asked.len()
            && row.iter().zip(&asked).all(|(row, asked)| {
                row == asked || (row.starts_with('{') && asked.starts_with('{'))
            })
    })
}

#[test]
fn the_console_asks_for_routes_of_the_table_only() {
    let api = sources("api");
    let helpers: Vec<String> = api.iter().flat_map(|(_, source)| helpers(source)).collect();
    assert!(helpers.contains(&"get".to_owned()), "{helpers:?}");
    let mut total = 0;
    for (path, source) in &api {
        for route in asked(source, &helpers) {
            assert!(is_in_table(&route), "{}: {route}", path.display());
            total += 1;
        }
    }
    assert!(total >= 11, "only {total} routes were found");
    // Nothing elsewhere goes around the client.
    for (path, source) in sources("") {
        for route in asked(&source, &[]) {
            assert!(is_in_table(&route), "{}: {route}", path.display());
        }
    }
}

#[test]
fn a_route_that_is_not_there_would_be_noticed() {
    let source = r#"
        async fn post<T>(route: &str, params: Params<'_>) -> Answer<T> { todo!() }
        pub async fn a() { post::<()>(&format!("attacks/{id}/forget"), &[]).await }
        pub fn b() -> String { format!("/api/v1/attacks/{id}/hits.xml") }
        pub async fn c() { post("attacks/{id}/hits", &[]).await }
    "#;
    let asked = asked(source, &helpers(source));
    let (known, unknown): (Vec<_>, Vec<_>) = asked.iter().partition(|route| is_in_table(route));
    assert_eq!(known, ["attacks/{id}/hits"]);
    assert_eq!(unknown, ["attacks/{id}/forget", "attacks/{id}/hits.xml"]);
}
