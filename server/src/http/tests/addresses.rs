//! What is known of addresses, in every body that names one.

use serde_json::Value;

use super::{TestApp, on_both, seed};
use crate::address;
use crate::auth::Caller;

on_both!(
    country_and_source_stand_beside_every_address,
    files_have_country_and_source_beside_the_address,
    what_is_not_known_is_left_out,
);

/// The seeded server of somebody who gave address data.
async fn app() -> TestApp {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("given");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("country.csv"), "192.0.2.0/28,DE\n").unwrap();
    std::fs::write(folder.join("datacenter-aws.txt"), "192.0.2.0/29\n").unwrap();
    let book = address::open(data.path(), &[folder]).unwrap();
    let mut app = TestApp::knowing(Caller::local(), book).await;
    app.application = seed::fill(&app.store).await;
    app
}

async fn country_and_source_stand_beside_every_address() {
    let app = app().await;
    let (attack, session) = (seed::GUESSING, seed::GUESSING_SESSION);
    for (path, pointer) in [
        ("/attacks?q=account_takeover".to_owned(), "/items/0"),
        (format!("/attacks/{attack}"), ""),
        (format!("/attacks/{attack}"), "/ips/0"),
        (format!("/attacks/{attack}/hits"), "/items/0"),
        ("/sessions?q=ip:192.0.2.7".to_owned(), "/items/0"),
        (format!("/sessions/{session}"), ""),
        (format!("/sessions/{session}/facets"), "/ips/0"),
        (format!("/sessions/{session}/requests"), "/items/0"),
    ] {
        let body: Value = app.json(&path).await;
        let body = body.pointer(pointer).unwrap();
        assert_eq!(body["country"], "DE", "{path}{pointer}: {body}");
        assert_eq!(body["source"], "aws", "{path}{pointer}: {body}");
    }
}

async fn files_have_country_and_source_beside_the_address() {
    let app = app().await;
    let (attack, session) = (seed::GUESSING, seed::GUESSING_SESSION);
    for path in [
        format!("/attacks/{attack}/hits.csv"),
        format!("/sessions/{session}/requests.csv"),
    ] {
        let text = app.get(&path).await.text();
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let head = lines.next().unwrap();
        let ip = head.iter().position(|name| *name == "ip").unwrap();
        assert_eq!(head[ip..ip + 3], ["ip", "country", "source"], "{path}");
        let first = lines.next().unwrap();
        assert_eq!(first[ip..ip + 3], ["192.0.2.7", "DE", "aws"], "{path}");
        assert_eq!(first.len(), head.len(), "{path}");
    }
}

async fn what_is_not_known_is_left_out() {
    let app = app().await;
    let body: Value = app.json("/attacks?q=security_crawlers").await;
    let attack = body["items"][0].as_object().unwrap();
    assert_eq!(attack["country"], "DE");
    assert!(!attack.contains_key("source"), "{attack:?}");
    let body: Value = app.json("/sessions?q=ip:192.0.2.20").await;
    let session = body["items"][0].as_object().unwrap();
    assert!(!session.contains_key("country") && !session.contains_key("source"));
}
