//! A tenant that requires a second factor: whoever has none gets to setting one up and no further,
//! and whoever switches it on has one.

use http::StatusCode;
use serde_json::json;
use shared::{
    ErrorCode, Invitation, InvitationId, Me, RecoveryCodes, Role, TenantId, Timestamp, TotpOffer,
};

use super::sign_in::{EMAIL, cookie_of, me, server, sign_in, with};
use super::{Answer, NOW, TestApp, request, seed, write_request};
use crate::auth::{Caller, Secret, TotpSecret};
use crate::store::Invited;

async fn write(app: &TestApp, cookie: &str, path: &str, body: &serde_json::Value) -> Answer {
    app.send(with(write_request("POST", path, body), "cookie", cookie))
        .await
}

/// A server that requires a second factor after passwords.
async fn strict() -> TestApp {
    let app = TestApp::new().await;
    let body = json!({"required_of": "passwords"});
    let set = app.write("PUT", "/second-factor", &body).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text());
    app.without_caller()
}

#[tokio::test]
async fn whoever_has_none_gets_to_setting_one_up_and_no_further() {
    let app = strict().await;
    let cookie = sign_in(&app, EMAIL).await;
    let known: Me = serde_json::from_slice(&me(&app, &cookie).await.body).unwrap();
    assert!(known.lacks_second_factor);
    for path in ["/attacks", "/me/logins", "/me/tokens", "/changes"] {
        let asked = request("GET", &format!("/api/v1{path}"));
        let answer = app.send(with(asked, "cookie", &cookie)).await;
        answer.problem(path, ErrorCode::SecondFactorRequired);
    }
    let token = json!({"name": "way around", "role": "read_only"});
    let answer = write(&app, &cookie, "/me/tokens", &token).await;
    answer.problem("a token", ErrorCode::SecondFactorRequired);
    for (page, location) in [
        ("/", Some("/settings/account")),
        ("/attacks?q=a", Some("/settings/account")),
        ("/api/docs", Some("/settings/account")),
        ("/settings/account", None),
    ] {
        let answer = app
            .send(with(request("GET", page), "cookie", &cookie))
            .await;
        let to = answer
            .headers
            .get("location")
            .map(|to| to.to_str().unwrap());
        assert_eq!(to, location, "{page}");
    }
    // Setting it up opens everything.
    let password = json!({"password": seed::PASSWORD});
    let offer = write(&app, &cookie, "/me/totp", &password).await;
    let offer: TotpOffer = serde_json::from_slice(&offer.body).unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(offer.secret.as_bytes());
    let code = json!({"code": TotpSecret(secret.unwrap()).shown(NOW)});
    let codes = write(&app, &cookie, "/me/totp/confirm", &code).await;
    let codes: RecoveryCodes = serde_json::from_slice(&codes.body).unwrap();
    assert_eq!(codes.codes.len(), 10);
    let known: Me = serde_json::from_slice(&me(&app, &cookie).await.body).unwrap();
    assert!(!known.lacks_second_factor);
    let asked = request("GET", "/api/v1/attacks");
    let answer = app.send(with(asked, "cookie", &cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

/// A tenant without the rule, in which Ben is too.
async fn join_another(app: &TestApp) -> TenantId {
    let (store, by) = (&app.store, app.store.tenant(&Caller::local()));
    let other = store.tenants().create("Branch", &by, NOW).await.unwrap().id;
    let invitation = Invitation {
        id: InvitationId(1),
        email: EMAIL.to_owned(),
        role: Role::Analyst,
        created_by: "local".to_owned(),
        created_at: NOW,
        expires_at: NOW.plus(Timestamp::DAY),
    };
    let link = Secret::of([8; 32]).hash();
    let tenant = store.tenant(&Caller::local_in(other));
    tenant.create_invitation(&invitation, &link).await.unwrap();
    let ben = Invited::Account(seed::BEN);
    let joined = store.accept_invitation(&link, &ben, NOW).await;
    assert!(joined.unwrap().is_some());
    other
}

/// The cookie of a login after it turned to a tenant.
async fn switch(app: &TestApp, cookie: &str, tenant: TenantId) -> String {
    let body = json!({"tenant_id": tenant});
    let asked = write_request("PUT", "/me/tenant", &body);
    let switched = app.send(with(asked, "cookie", cookie)).await;
    assert_eq!(switched.status, 204, "{}", switched.text());
    cookie_of(&switched)
}

#[tokio::test]
async fn they_may_sign_out_and_look_at_another_tenant() {
    let app = strict().await;
    let elsewhere = join_another(&app).await;
    let cookie = sign_in(&app, EMAIL).await;
    let cookie = switch(&app, &cookie, elsewhere).await;
    let asked = with(request("GET", "/api/v1/attacks"), "cookie", &cookie);
    let answer = app.send(asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let cookie = switch(&app, &cookie, Caller::DEFAULT_TENANT).await;
    let asked = with(request("GET", "/api/v1/attacks"), "cookie", &cookie);
    let answer = app.send(asked).await;
    answer.problem("back again", ErrorCode::SecondFactorRequired);
    let out = app.send(with(request("POST", "/sign-out"), "cookie", &cookie));
    assert_eq!(out.await.headers["location"], "/sign-in");
    me(&app, &cookie)
        .await
        .problem("signed out", ErrorCode::Unauthorized);
}

#[tokio::test]
async fn whoever_switches_it_on_has_one_themselves() {
    let app = server().await;
    let ben = sign_in(&app, EMAIL).await;
    let promoted = app
        .store
        .tenant(&Caller::local())
        .set_member_role(seed::BEN, Role::Administrator, NOW)
        .await;
    promoted.unwrap();
    let body = json!({"required_of": "passwords"});
    let asked = write_request("PUT", "/second-factor", &body);
    let answer = app.send(with(asked, "cookie", &ben)).await;
    let problem = answer.problem("without one", ErrorCode::Conflict);
    assert!(problem.detail.contains("lock yourself out"), "{problem:?}");
    let known: Me = serde_json::from_slice(&me(&app, &ben).await.body).unwrap();
    assert!(!known.lacks_second_factor, "nothing was switched on");
}
