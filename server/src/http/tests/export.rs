//! The export of a tenant through the API.

use http::StatusCode;

use super::TestApp;
use crate::auth::Caller;
use crate::http::openapi::BASE;

#[tokio::test]
async fn an_export_has_everything_of_the_tenant_and_no_secret() {
    let app = TestApp::new().await;
    let owner = app.asked_by(Caller::local());
    let path = format!("{BASE}/tenant/export");
    let (status, text) = super::table::ask(&owner, super::request("GET", &path)).await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "about.json",
        "applications.ndjson",
        "/requests/00000000.ndjson",
        "/settings.json",
        "sessions/000001.ndjson",
        "attacks/000001.ndjson",
        "lists/deny-active-000001.ndjson",
        "tokens.ndjson",
        "audit/000001.ndjson",
        "\"ip\":\"192.0.2.7\"",
        "guesses passwords",
        "nightly export",
    ] {
        assert!(text.contains(part), "{part} is not in it");
    }
    let hash = super::tokens::secret()
        .hash()
        .0
        .map(|byte| format!("{byte:02x}"))
        .concat();
    assert!(!text.contains("botscope_") && !text.contains(&hash));
}
