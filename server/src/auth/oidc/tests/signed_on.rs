//! Who gets in, as whom, and with which role.

use serde_json::json;
use shared::{Role, Timestamp};

use super::provider::Misbehavior;
use super::*;
use crate::auth::Email;
use crate::auth::oidc::Identity;

fn read(email: &str) -> Email {
    Email::read(email).unwrap()
}

/// Whether what is said of `ada` below the claims of the protocol gives `expected`.
async fn check(claims: serde_json::Value, expected: Result<(Option<&str>, &str), &str>) {
    let (fake, botscope) = start().await;
    fake.set(|fake| fake.claims = claims.clone());
    let found = sign_in(&botscope).await;
    let found = found.map(|signed_on| (signed_on.identity.email, signed_on.identity.name));
    let expected = expected.map(|(email, name)| (email.map(read), name.to_owned()));
    let found = found.map_err(|error| error.code());
    assert_eq!(found, expected, "{claims}");
}

#[tokio::test]
async fn whoever_the_provider_proves_is_signed_on_with_their_role() {
    let (fake, botscope) = start().await;
    let signed_on = sign_in(&botscope).await.unwrap();
    let expected = Identity {
        issuer: fake.issuer(),
        subject: "u-1".to_owned(),
        email: Some(read("ada@shop.example")),
        name: "Ada L.".to_owned(),
        role: Some(Role::ReadOnly),
        has_second_factor: false,
    };
    assert_eq!(signed_on.identity, expected);
    assert_eq!(signed_on.next, "/attacks");
}

#[tokio::test]
async fn the_role_is_read_anew_at_each_sign_in() {
    let (fake, botscope) = start().await;
    let role = async || sign_in(&botscope).await.map(|it| it.identity.role);
    assert_eq!(role().await.unwrap(), Some(Role::ReadOnly));
    fake.set(|fake| fake.claims["groups"] = json!(["staff", "security"]));
    assert_eq!(role().await.unwrap(), Some(Role::Analyst));
    fake.set(|fake| fake.claims["groups"] = json!(["visitors"]));
    assert_eq!(role().await.unwrap_err().code(), "no_role");
    fake.set(|fake| fake.claims["groups"] = json!(null));
    assert_eq!(role().await.unwrap_err().code(), "no_role");
}

#[tokio::test]
async fn a_second_factor_is_what_the_id_token_says() {
    let (fake, botscope) = start().await;
    let has = async |claim: &str, value: serde_json::Value| {
        fake.set(|fake| fake.claims[claim] = value);
        sign_in(&botscope).await.unwrap().identity.has_second_factor
    };
    assert!(!has("amr", json!(["pwd"])).await);
    assert!(has("amr", json!(["pwd", "otp", "mfa"])).await);
    // What is said of them elsewhere is not signed.
    fake.set(|fake| {
        fake.claims["amr"] = json!(null);
        fake.user_info = json!({"sub": "u-1", "amr": ["mfa"]});
    });
    assert!(!has("email", json!(null)).await);
}

#[tokio::test]
async fn what_is_demanded_of_the_provider_is_asked_for_and_checked() {
    let (fake, _) = start().await;
    let config = OidcConfig {
        acr: Some("urn:example:strong & sure".to_owned()),
        ..config(&fake)
    };
    let botscope = Provider::new(config, b"secret").unwrap();
    let url = botscope.begin("/", super::NOW).await.unwrap().url;
    let asked = "acr_values=urn%3Aexample%3Astrong+%26+sure";
    assert!(url.contains(asked), "{url}");
    for (acr, expected) in [
        (json!("urn:example:strong & sure"), Ok(true)),
        (json!("0"), Err("acr")),
        (json!(null), Err("acr")),
    ] {
        fake.set(|fake| fake.claims["acr"] = acr.clone());
        let found = sign_in(&botscope).await;
        let found = found.map(|it| it.identity.has_second_factor);
        assert_eq!(found.map_err(|error| error.code()), expected, "{acr}");
    }
}

#[tokio::test]
async fn without_a_role_claim_roles_are_left_as_they_are() {
    let (fake, _) = start().await;
    let config = OidcConfig {
        role_claim: None,
        roles: Vec::new(),
        ..config(&fake)
    };
    let botscope = Provider::new(config, b"secret").unwrap();
    assert_eq!(sign_in(&botscope).await.unwrap().identity.role, None);
}

#[tokio::test]
async fn an_e_mail_address_counts_only_if_it_is_confirmed() {
    let ada = |verified: serde_json::Value| {
        json!({
            "sub": "u-1", "name": "Ada", "groups": ["staff"],
            "email": "ada@shop.example", "email_verified": verified,
        })
    };
    let known = Ok((Some("ada@shop.example"), "Ada"));
    check(ada(json!(true)), known).await;
    check(ada(json!("true")), known).await;
    check(ada(json!(false)), Ok((None, "Ada"))).await;
    check(ada(json!("false")), Ok((None, "Ada"))).await;
    check(ada(json!(null)), Ok((None, "Ada"))).await;
}

#[tokio::test]
async fn a_trusted_provider_need_not_say_that_an_address_is_confirmed() {
    let (fake, _) = start().await;
    let config = OidcConfig {
        trusts_email: true,
        ..config(&fake)
    };
    let botscope = Provider::new(config, b"secret").unwrap();
    fake.set(|fake| fake.claims["email_verified"] = json!(null));
    let email = async || sign_in(&botscope).await.unwrap().identity.email;
    assert_eq!(email().await, Some(read("ada@shop.example")));
    fake.set(|fake| fake.claims["email_verified"] = json!(false));
    assert_eq!(email().await, None, "it says that it is not");
}

#[tokio::test]
async fn a_role_by_e_mail_address_needs_a_confirmed_one() {
    let (fake, _) = start().await;
    let config = OidcConfig {
        role_claim: Some("email".to_owned()),
        roles: vec!["ada@shop.example=administrator".parse().unwrap()],
        ..config(&fake)
    };
    let botscope = Provider::new(config, b"secret").unwrap();
    let role = async || sign_in(&botscope).await.map(|it| it.identity.role);
    assert_eq!(role().await.unwrap(), Some(Role::Administrator));
    fake.set(|fake| fake.claims["email_verified"] = json!(false));
    assert_eq!(role().await.unwrap_err().code(), "no_role");
}

#[tokio::test]
async fn names_are_bounded_and_harmless() {
    let named = |more: serde_json::Value| {
        let mut claims = json!({
            "sub": "u-1", "groups": ["staff"],
            "email": "ada@shop.example", "email_verified": true,
        });
        let fields = more.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(fields);
        claims
    };
    let email = Some("ada@shop.example");
    let login = json!({ "preferred_username": "ada.l" });
    check(named(login), Ok((email, "ada.l"))).await;
    check(named(json!({})), Ok((email, "ada"))).await;
    let terminal = json!({ "name": "A\u{1b}[31mda\r\n" });
    check(named(terminal), Ok((email, "A[31mda"))).await;
    let long = json!({ "name": "a".repeat(100_000) });
    check(named(long), Ok((email, &"a".repeat(100)))).await;
    let odd = json!({ "email": "ada\n@shop.example", "name": "Ada" });
    check(named(odd), Ok((None, "Ada"))).await;
    check(named(json!({ "sub": "" })), Err("unproven")).await;
    check(named(json!({ "sub": "u".repeat(256) })), Err("unproven")).await;
}

#[tokio::test]
async fn what_the_proof_leaves_out_is_asked_of_the_provider() {
    let (fake, botscope) = start().await;
    fake.set(|fake| {
        fake.claims = json!({ "sub": "u-1" });
        fake.user_info = json!({
            "email": "ada@shop.example", "email_verified": true,
            "name": "Ada", "groups": ["security"],
        });
    });
    let identity = sign_in(&botscope).await.unwrap().identity;
    assert_eq!(identity.email, Some(read("ada@shop.example")));
    assert_eq!(identity.role, Some(Role::Analyst));
    assert_eq!(fake.asked("/me"), 1);
}

#[tokio::test]
async fn what_the_proof_says_is_not_asked_for_again() {
    let (fake, botscope) = start().await;
    sign_in(&botscope).await.unwrap();
    assert_eq!(fake.asked("/me"), 0);
}

#[tokio::test]
async fn one_address_is_not_confirmed_by_the_confirmation_of_another() {
    let (fake, botscope) = start().await;
    fake.set(|fake| {
        fake.claims["email"] = json!("chosen@evil.example");
        fake.claims["email_verified"] = json!(null);
        fake.user_info = json!({ "email": "ada@shop.example", "email_verified": true });
    });
    let email = sign_in(&botscope).await.unwrap().identity.email;
    assert_eq!(email, Some(read("ada@shop.example")));
    fake.set(|fake| fake.user_info = json!({ "email_verified": true }));
    assert_eq!(sign_in(&botscope).await.unwrap().identity.email, None);
}

#[tokio::test]
async fn what_is_said_of_somebody_else_does_not_count() {
    let (fake, botscope) = start().await;
    fake.set(|fake| {
        fake.claims = json!({ "sub": "u-1" });
        fake.user_info = json!({ "sub": "u-2", "groups": ["security"] });
    });
    let error = sign_in(&botscope).await.unwrap_err();
    assert_eq!(error.code(), "unproven", "{error}");
}

#[tokio::test]
async fn the_provider_is_asked_for_its_keys_once_an_hour() {
    let (fake, botscope) = start().await;
    let begin = async |ms| botscope.begin("/", NOW.plus(ms)).await.unwrap();
    begin(0).await;
    begin(Timestamp::HOUR - 1).await;
    assert_eq!(fake.asked("/keys"), 1);
    begin(Timestamp::HOUR).await;
    assert_eq!(fake.asked("/keys"), 2);
}

#[tokio::test]
async fn many_at_once_ask_the_provider_once() {
    let (fake, botscope) = start().await;
    let all = (0..20).map(|_| botscope.begin("/", NOW));
    for begun in futures::future::join_all(all).await {
        begun.unwrap();
    }
    assert_eq!(fake.asked("/keys"), 1);
}

#[tokio::test]
async fn a_key_that_is_new_at_the_provider_is_learned() {
    let (fake, botscope) = start().await;
    sign_in(&botscope).await.unwrap();
    fake.rotate("second");
    let error = sign_in(&botscope).await.unwrap_err();
    assert_eq!(error.code(), "unproven", "not asked again that soon");
    let beginning = botscope.begin("/", NOW).await.unwrap();
    let answer = visit(&beginning).await;
    let later = NOW.plus(10 * Timestamp::SECOND);
    let found = botscope.end(Some(&beginning.cookie), answer, later).await;
    assert_eq!(found.unwrap().identity.subject, "u-1");
    assert_eq!(fake.asked("/keys"), 2);
}

#[tokio::test]
async fn a_key_that_changes_under_the_same_name_is_learned_too() {
    let (fake, botscope) = start().await;
    sign_in(&botscope).await.unwrap();
    fake.rotate("first");
    let beginning = botscope.begin("/", NOW).await.unwrap();
    let answer = visit(&beginning).await;
    let later = NOW.plus(10 * Timestamp::SECOND);
    let found = botscope.end(Some(&beginning.cookie), answer, later).await;
    assert!(found.is_ok());
}

#[tokio::test]
async fn a_provider_that_stops_answering_is_known_for_a_day() {
    let (fake, botscope) = start().await;
    botscope.begin("/", NOW).await.unwrap();
    fake.set(|fake| fake.misbehavior = Misbehavior::NoDiscovery(http::StatusCode::BAD_GATEWAY));
    let begin = async |ms| botscope.begin("/", NOW.plus(ms)).await.is_ok();
    assert!(begin(Timestamp::HOUR).await);
    assert!(begin(Timestamp::DAY - 1).await);
    assert!(!begin(Timestamp::DAY).await);
}

#[tokio::test]
async fn signing_out_leads_to_the_provider_and_back() {
    let (fake, botscope) = start().await;
    let url = botscope.sign_out_url(NOW).await.unwrap();
    let (path, query) = url.split_once('?').unwrap();
    assert_eq!(path, format!("{}/end", fake.issuer()));
    let said = pairs(query);
    assert_eq!(said["client_id"], CLIENT_ID);
    assert_eq!(
        said["post_logout_redirect_uri"],
        "http://127.0.0.1:8080/sign-in"
    );
}

#[tokio::test]
async fn a_provider_without_an_end_is_not_led_to() {
    let (fake, botscope) = start().await;
    fake.set(|fake| {
        fake.misbehavior = Misbehavior::Discovery(json!({ "end_session_endpoint": null }));
    });
    assert_eq!(botscope.sign_out_url(NOW).await, None);
}
