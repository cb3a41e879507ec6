//! Who does not get in: forged proofs, replayed answers, and a provider that fails.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use shared::Timestamp;

use super::provider::Misbehavior;
use super::*;
use crate::auth::oidc::{ATTEMPT_SECONDS, OidcConfigError};

/// Whether a provider that misbehaves so lets nobody in, for a reason that has these words.
async fn check(misbehavior: Misbehavior, code: &str, words: &str) {
    let (fake, botscope) = start().await;
    let botscope = botscope.with_patience(Duration::from_millis(300));
    fake.set(|fake| fake.misbehavior = misbehavior.clone());
    let error = sign_in(&botscope).await.unwrap_err();
    assert_eq!(error.code(), code, "{misbehavior:?}: {error}");
    assert!(
        error.to_string().contains(words),
        "{misbehavior:?}: {error}"
    );
    assert!(!format!("{error:?}").contains(CLIENT_SECRET), "{error:?}");
}

async fn check_claims(claims: Value, words: &str) {
    check(Misbehavior::Claims(claims), "unproven", words).await;
}

#[tokio::test]
async fn a_proof_for_or_from_somebody_else_is_refused() {
    check_claims(json!({ "nonce": "another" }), "nonce").await;
    check_claims(json!({ "nonce": null }), "nonce").await;
    check_claims(json!({ "aud": "another program" }), "audience").await;
    check_claims(json!({ "aud": [CLIENT_ID, "another program"] }), "audience").await;
    check_claims(json!({ "aud": [] }), "audience").await;
    check_claims(json!({ "iss": "https://evil.example" }), "issuer").await;
    check_claims(json!({ "azp": "another program" }), "another program").await;
    check_claims(
        json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
        "access token",
    )
    .await;
}

#[tokio::test]
async fn a_proof_that_is_over_or_not_yet_is_refused() {
    let second = NOW.0 / 1_000;
    check_claims(json!({ "exp": second - 60 }), "xpired").await;
    check_claims(json!({ "iat": second + 61 }), "future").await;
    let (fake, botscope) = start().await;
    let claims = json!({ "exp": second - 59, "iat": second + 60 });
    fake.set(|fake| fake.misbehavior = Misbehavior::Claims(claims));
    assert!(
        sign_in(&botscope).await.is_ok(),
        "clocks may differ by a minute"
    );
}

#[tokio::test]
async fn a_proof_must_be_signed_by_the_providers_published_key() {
    check(Misbehavior::Algorithm("none"), "unproven", "").await;
    check(Misbehavior::Algorithm("HS256"), "unproven", "HS256").await;
    check(Misbehavior::Algorithm("RS256"), "unproven", "").await;
    check(Misbehavior::ForeignKey, "unproven", "ignature").await;
}

#[tokio::test]
async fn the_program_proves_itself_by_its_secret() {
    let (fake, _) = start().await;
    let config = OidcConfig {
        client_secret: Some(ClientPassword("guessed".to_owned())),
        ..config(&fake)
    };
    let botscope = Provider::new(config, b"secret").unwrap();
    let error = sign_in(&botscope).await.unwrap_err();
    assert_eq!(error.code(), "unproven");
    assert!(error.to_string().contains("invalid_client"), "{error}");
}

#[tokio::test]
async fn an_attempt_ends_once_even_if_the_provider_repeats_its_codes() {
    let (fake, botscope) = start().await;
    fake.set(|fake| fake.repeats_codes = true);
    let beginning = botscope.begin("/", NOW).await.unwrap();
    let cookie = Some(beginning.cookie.as_str());
    let answer = visit(&beginning).await;
    let again = Answer {
        code: answer.code.clone(),
        state: answer.state.clone(),
        ..Answer::default()
    };
    assert!(botscope.end(cookie, answer, NOW).await.is_ok());
    let error = botscope.end(cookie, again, NOW).await.unwrap_err();
    assert_eq!(error.code(), "not_begun");
    assert_eq!(fake.asked("/token"), 1);
}

#[tokio::test]
async fn a_code_holds_once() {
    let (_fake, botscope) = start().await;
    let first = botscope.begin("/", NOW).await.unwrap();
    let second = botscope.begin("/", NOW).await.unwrap();
    let stolen = visit(&first).await;
    let mut answer = visit(&second).await;
    answer.code = stolen.code.clone();
    let error = botscope.end(Some(&second.cookie), answer, NOW).await;
    let error = error.unwrap_err();
    assert!(
        error.to_string().contains("invalid_grant"),
        "by PKCE: {error}"
    );
}

#[tokio::test]
async fn who_did_not_begin_here_does_not_end_here() {
    let (fake, botscope) = start().await;
    let beginning = botscope.begin("/", NOW).await.unwrap();
    let other = botscope.begin("/", NOW).await.unwrap();
    let refused = async |cookie: Option<&str>, state: Option<&str>, now: Timestamp| {
        let answer = Answer {
            code: Some("code 0".to_owned()),
            state: state.map(str::to_owned),
            ..Answer::default()
        };
        let error = botscope.end(cookie, answer, now).await.unwrap_err();
        assert_eq!(error.code(), "not_begun");
    };
    let state = visit(&beginning).await.state;
    let (cookie, state) = (Some(beginning.cookie.as_str()), state.as_deref());
    refused(None, state, NOW).await;
    refused(Some(""), state, NOW).await;
    refused(Some("forged"), state, NOW).await;
    refused(Some(&other.cookie), state, NOW).await;
    refused(cookie, None, NOW).await;
    refused(cookie, Some(""), NOW).await;
    refused(cookie, state, NOW.plus(ATTEMPT_SECONDS * 1_000)).await;
    let elsewhere = Provider::new(config(&fake), b"another data directory").unwrap();
    let answer = visit(&beginning).await;
    let error = elsewhere.end(cookie, answer, NOW).await.unwrap_err();
    assert_eq!(error.code(), "not_begun");
    assert_eq!(fake.asked("/token"), 0);
}

#[tokio::test]
async fn what_the_provider_declines_is_not_repeated_to_anybody() {
    let (_fake, botscope) = start().await;
    let beginning = botscope.begin("/", NOW).await.unwrap();
    let mut answer = visit(&beginning).await;
    answer.code = None;
    answer.error = Some("<script>\r\naccess_denied".to_owned());
    let error = botscope.end(Some(&beginning.cookie), answer, NOW).await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), "declined");
    assert!(!error.to_string().contains(['\r', '\n']));
    assert!(!OidcError::sentence("declined").unwrap().contains("script"));
}

#[tokio::test]
async fn an_answer_without_a_code_or_with_an_endless_one_is_declined() {
    for code in [None, Some("x".repeat(100_000))] {
        let (fake, botscope) = start().await;
        let beginning = botscope.begin("/", NOW).await.unwrap();
        let mut answer = visit(&beginning).await;
        answer.code = code;
        let error = botscope.end(Some(&beginning.cookie), answer, NOW).await;
        assert_eq!(error.unwrap_err().code(), "declined");
        assert_eq!(fake.asked("/token"), 0);
    }
}

#[tokio::test]
async fn another_provider_cannot_answer_in_its_place() {
    let (fake, botscope) = start().await;
    let answered = async |iss: Option<String>| {
        let beginning = botscope.begin("/", NOW).await.unwrap();
        let answer = Answer {
            iss,
            ..visit(&beginning).await
        };
        botscope.end(Some(&beginning.cookie), answer, NOW).await
    };
    assert!(answered(Some(fake.issuer())).await.is_ok());
    let error = answered(Some("https://evil.example".to_owned())).await;
    assert_eq!(error.unwrap_err().code(), "unproven");
    let (fake, botscope) = start().await;
    fake.set(|fake| {
        let fields = json!({ "authorization_response_iss_parameter_supported": true });
        fake.misbehavior = Misbehavior::Discovery(fields);
    });
    let error = sign_in(&botscope).await.unwrap_err();
    assert_eq!(error.code(), "unproven", "it says that it says who it is");
}

#[tokio::test]
async fn a_token_endpoint_that_fails_signs_nobody_in() {
    let token = |status, body: &str| Misbehavior::Token(status, body.to_owned());
    let check = async |misbehavior, words| check(misbehavior, "unavailable", words).await;
    check(
        token(StatusCode::INTERNAL_SERVER_ERROR, "<h1>oops</h1>"),
        "",
    )
    .await;
    check(token(StatusCode::INTERNAL_SERVER_ERROR, ""), "empty").await;
    check(token(StatusCode::OK, "{"), "wrong").await;
    check(token(StatusCode::OK, &"x".repeat(2 * 1024 * 1024)), "bytes").await;
    check(token(StatusCode::FOUND, ""), "").await;
    check(Misbehavior::TokenHangs, "in time").await;
    let without = r#"{"access_token":"a","token_type":"Bearer"}"#;
    super::refused::check(token(StatusCode::OK, without), "unproven", "no ID token").await;
}

#[tokio::test]
async fn a_provider_that_is_not_what_it_should_be_is_not_visited() {
    let discovery = |fields: Value| Misbehavior::Discovery(fields);
    let check = async |misbehavior, words| check(misbehavior, "unavailable", words).await;
    check(
        discovery(json!({ "issuer": "https://evil.example" })),
        "issuer",
    )
    .await;
    let script = json!({ "authorization_endpoint": "javascript:alert(1)" });
    check(discovery(script), "cannot be sent").await;
    let plain = json!({ "authorization_endpoint": "http://login.example/" });
    check(discovery(plain), "cannot be sent").await;
    let plain = json!({ "end_session_endpoint": "http://login.example/" });
    check(discovery(plain), "cannot be sent").await;
    let plain = json!({ "jwks_uri": "http://169.254.169.254/keys" });
    check(discovery(plain), "none that can be asked").await;
    check(
        discovery(json!({ "token_endpoint": null })),
        "token endpoint",
    )
    .await;
    check(Misbehavior::NoDiscovery(StatusCode::NOT_FOUND), "404").await;
    let elsewhere = "http://127.0.0.1:1/keys".to_owned();
    check(Misbehavior::KeysRedirect(elsewhere), "302").await;
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_not_asked_by_everybody() {
    let (fake, botscope) = start().await;
    let down = Misbehavior::NoDiscovery(StatusCode::SERVICE_UNAVAILABLE);
    fake.set(|fake| fake.misbehavior = down);
    let document = "/.well-known/openid-configuration";
    for _ in 0..5 {
        assert!(botscope.begin("/", NOW).await.is_err());
    }
    assert_eq!(fake.asked(document), 1);
    let later = NOW.plus(10 * Timestamp::SECOND);
    assert!(botscope.begin("/", later).await.is_err());
    assert_eq!(fake.asked(document), 2);
}

#[tokio::test]
async fn what_cannot_work_is_said_at_the_start() {
    let (fake, _) = start().await;
    let good = config(&fake);
    let error = |config: OidcConfig| Provider::new(config, b"secret").err().unwrap();
    for issuer in [
        "",
        "login.example",
        "http://login.example",
        "ftp://login.example",
    ] {
        let issuer = issuer.to_owned();
        let bad = error(OidcConfig {
            issuer,
            ..good.clone()
        });
        assert!(matches!(bad, OidcConfigError::Issuer(_)), "{bad}");
    }
    let roles = Vec::new();
    let bad = error(OidcConfig {
        roles,
        ..good.clone()
    });
    assert!(matches!(bad, OidcConfigError::NoRoles), "{bad}");
    let role_claim = None;
    let bad = error(OidcConfig {
        role_claim,
        ..good.clone()
    });
    assert!(matches!(bad, OidcConfigError::NoRoleClaim), "{bad}");
    assert!(!format!("{good:?}").contains(CLIENT_SECRET));
}
