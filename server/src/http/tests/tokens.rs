//! API tokens: what their secret opens, and who may make one.

use http::StatusCode;
use serde_json::json;
use shared::{CreatedToken, ErrorCode, Page, Permissions, Role, TenantId, Timestamp, Token};

use super::{Answer, NOW, TestApp, on_both, request};
use crate::auth::{Caller, Permission, Secret};
use crate::http::docs;

on_both!(
    a_token_does_what_its_role_may_in_its_own_tenant_until_it_is_revoked,
    what_is_no_secret_opens_nothing_although_nothing_would,
    nobody_makes_a_token_that_may_do_more,
    a_token_without_a_name_a_known_role_or_a_duration_is_refused,
    a_token_of_another_tenant_sees_that_tenant,
);

/// The secret of the seeded token.
pub(super) fn secret() -> Secret {
    Secret::of([7; 32])
}

/// The seeded token.
pub(super) fn exporter() -> Token {
    Token {
        id: secret().hash().token_id(),
        name: "nightly export".to_owned(),
        role: Role::ReadOnly,
        account_id: None,
        application_id: None,
        created_by: "local".to_owned(),
        created_at: NOW.plus(-Timestamp::HOUR),
        expires_at: Some(NOW.plus(Timestamp::DAY)),
        last_used_at: None,
    }
}

async fn send(app: &TestApp, path: &str, credential: &str) -> Answer {
    let mut request = request("GET", &format!("/api/v1{path}"));
    let credential = credential.parse().unwrap();
    request.headers_mut().insert("authorization", credential);
    app.send(request).await
}

async fn a_token_does_what_its_role_may_in_its_own_tenant_until_it_is_revoked() {
    let app = TestApp::new().await;
    let body = json!({"name": "dashboard", "role": "ingest_only", "duration": "1h"});
    let answer = app.write("POST", "/tokens", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let made: CreatedToken = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(made.token.created_by, "local");
    let credential = format!("Bearer {}", made.secret);

    let answer = send(&app, "/attacks", &credential).await;
    answer.problem("a role that sees nothing", ErrorCode::Forbidden);
    let reader = format!("bearer {}", secret().reveal());
    assert_eq!(send(&app, "/attacks", &reader).await.status, StatusCode::OK);

    let id = made.token.id;
    let path = format!("/tokens/{id}");
    let revoked = app.write("DELETE", &path, &json!(null)).await;
    assert_eq!(revoked.status, StatusCode::OK);
    let answer = send(&app, "/attacks", &credential).await;
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    answer.problem("a revoked one", ErrorCode::Unauthorized);
}

async fn what_is_no_secret_opens_nothing_although_nothing_would() {
    let app = TestApp::new().await;
    let unknown = format!("Bearer {}", Secret::of([9; 32]).reveal());
    for credential in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic bG9jYWw6",
        &unknown,
    ] {
        let answer = send(&app, "/overview", credential).await;
        answer.problem(credential, ErrorCode::Unauthorized);
        let mut page = request("GET", docs::PATH);
        let credential = credential.parse().unwrap();
        page.headers_mut().insert("authorization", credential);
        assert_eq!(app.send(page).await.status, StatusCode::UNAUTHORIZED);
    }
}

async fn nobody_makes_a_token_that_may_do_more() {
    let may = Permissions::of(&[Permission::TokensWrite, Permission::AttacksRead]);
    let app = TestApp::with_caller(Caller::new(Caller::DEFAULT_TENANT, may)).await;
    for role in Role::ALL {
        let body = json!({"name": "more", "role": role});
        let answer = app.write("POST", "/tokens", &body).await;
        answer.problem(role.label(), ErrorCode::Forbidden);
    }
}

async fn a_token_without_a_name_a_known_role_or_a_duration_is_refused() {
    let app = TestApp::new().await;
    for (field, body) in [
        ("name", json!({"name": " ", "role": "analyst"})),
        ("name", json!({"name": "a".repeat(101), "role": "analyst"})),
        ("name", json!({"name": "a\u{7}b", "role": "analyst"})),
        ("body", json!({"name": "a", "role": "owner"})),
        (
            "duration",
            json!({"name": "a", "role": "analyst", "duration": "1m"}),
        ),
    ] {
        let answer = app.write("POST", "/tokens", &body).await;
        let problem = answer.problem(&body.to_string(), ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, field, "{body}");
    }
    let tokens: Page<Token> = app.json("/tokens").await;
    assert_eq!(tokens.items.len(), 2, "the seeded ones");
}

async fn a_token_of_another_tenant_sees_that_tenant() {
    let app = TestApp::new().await;
    let stranger = app
        .store
        .tenant(&Caller::new(TenantId(2), Permissions::default()));
    let secret = Secret::of([3; 32]);
    let token = Token {
        id: secret.hash().token_id(),
        ..exporter()
    };
    stranger.create_token(&token, &secret.hash()).await.unwrap();
    let answer = send(
        &app,
        "/applications",
        &format!("Bearer {}", secret.reveal()),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.text().contains("shop"), "{}", answer.text());
}
