//! Signing in and out through the pages, and what is no way in: forged, old and planted cookies,
//! other sites, guesses, codes that were used, malformed forms.

use http::header::{HeaderName, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use serde_json::json;
use shared::{ErrorCode, Login, LoginId, Me, Page, Role, TenantId, Timestamp};

use super::{Answer, NOW, TestApp, on_both, request, seed};
use crate::auth::{Permission, Secret};
use crate::http::route::Peer;
use crate::store::{IDLE_MS, NewLogin, Seen};

on_both!(
    nothing_is_for_who_has_not_signed_in_but_the_door,
    who_signs_in_is_known_by_a_cookie_until_they_sign_out,
    a_cookie_is_kept_from_scripts_and_other_sites,
    a_forged_or_planted_cookie_is_nobodys,
    no_login_from_before_is_kept,
    a_login_that_was_not_used_for_long_has_ended,
    a_page_that_only_asks_for_changes_does_not_use_a_login,
    a_cookie_of_yesterday_gets_a_new_secret,
    another_site_signs_nobody_in_or_out,
    whether_there_is_an_account_does_not_show,
    guessing_from_one_address_slows_down_for_all_accounts,
    a_code_is_asked_for_and_taken_once,
    what_is_no_form_is_refused,
);

pub(super) const EMAIL: &str = "ben@example.com";
const COOKIE: &str = "botscope_8080";

/// A server where nobody is there who has not signed in.
pub(super) async fn server() -> TestApp {
    TestApp::new().await.without_caller()
}

pub(super) fn form(path: &str, fields: &[(&str, &str)]) -> Request<axum::body::Body> {
    let set = percent_encoding::NON_ALPHANUMERIC;
    let pairs = fields.iter().map(|(name, value)| {
        let value = percent_encoding::utf8_percent_encode(value, set);
        format!("{name}={value}")
    });
    let mut form = request("POST", path);
    let kind = "application/x-www-form-urlencoded".parse().unwrap();
    form.headers_mut().insert("content-type", kind);
    *form.body_mut() = pairs.collect::<Vec<_>>().join("&").into();
    form
}

pub(super) fn with(
    mut request: Request<axum::body::Body>,
    name: &'static str,
    value: &str,
) -> Request<axum::body::Body> {
    let name = HeaderName::from_static(name);
    request.headers_mut().append(name, value.parse().unwrap());
    request
}

/// What a browser would send back, of the cookies that an answer sets.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(SET_COOKIE).iter().find_map(|set| {
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        let is_it = pair
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('=') && rest.len() > 1);
        is_it.then(|| pair.to_owned())
    })
}

pub(super) async fn try_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.send(form(
        "/sign-in",
        &[("email", email), ("password", password)],
    ))
    .await
}

/// Signs in and returns the cookie.
pub(super) async fn sign_in(app: &TestApp, email: &str) -> String {
    let answer = try_in(app, email, seed::PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    cookie(&answer.headers, COOKIE).unwrap()
}

/// The cookie of the login that an answer sets.
pub(super) fn cookie_of(answer: &Answer) -> String {
    cookie(&answer.headers, COOKIE).unwrap()
}

pub(super) async fn me(app: &TestApp, cookie: &str) -> Answer {
    app.send(with(request("GET", "/api/v1/me"), "cookie", cookie))
        .await
}

async fn nothing_is_for_who_has_not_signed_in_but_the_door() {
    let app = server().await;
    for route in crate::http::router::routes() {
        if matches!(route.method, utoipa::openapi::path::HttpMethod::Get) {
            let path = super::table::fill(route.path, "1");
            app.problem(&path, ErrorCode::Unauthorized).await;
        }
    }
    for (page, door) in [
        ("/", "/sign-in"),
        ("/attacks?q=a", "/sign-in?next=%2Fattacks%3Fq%3Da"),
        ("/settings/people", "/sign-in?next=%2Fsettings%2Fpeople"),
        ("/api/docs", "/sign-in?next=%2Fapi%2Fdocs"),
    ] {
        let answer = app.send(request("GET", page)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        assert_eq!(answer.headers["location"], door);
    }
    for page in ["/sign-in", "/forgotten"] {
        let answer = app.send(request("GET", page)).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            !policy.contains("script-src") && !policy.contains("unsafe"),
            "{page}"
        );
        assert!(policy.contains("form-action 'self'"), "{page}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{page}");
        assert!(!answer.text().contains("<script"), "{page}");
    }
}

async fn who_signs_in_is_known_by_a_cookie_until_they_sign_out() {
    let app = server().await;
    let cookie = sign_in(&app, "BEN@example.com").await;
    let answer = me(&app, &cookie).await;
    let me_now: Me = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (me_now.role, me_now.global_role),
        (Some(Role::Analyst), None)
    );
    assert_eq!((&*me_now.name, &*me_now.tenant.name), (EMAIL, "Default"));
    assert!(me_now.permissions.contains(&Permission::OwnAccount));
    assert!(!me_now.permissions.contains(&Permission::MembersWrite));
    let out = with(request("POST", "/sign-out"), "cookie", &cookie);
    let answer = app.send(out).await;
    assert_eq!(answer.headers["location"], "/sign-in");
    let cleared = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(cleared.starts_with("botscope_8080=; ") && cleared.contains("Max-Age=0"));
    // The cookie is worth nothing even to who kept a copy.
    me(&app, &cookie)
        .await
        .problem("signed out", ErrorCode::Unauthorized);
}

async fn a_cookie_is_kept_from_scripts_and_other_sites() {
    let app = server().await;
    let answer = try_in(&app, EMAIL, seed::PASSWORD).await;
    let set = answer.headers[SET_COOKIE].to_str().unwrap();
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(set.contains(part), "{set}");
    }
}

async fn a_forged_or_planted_cookie_is_nobodys() {
    let app = server().await;
    let real = sign_in(&app, EMAIL).await;
    let secret = real.split_once('=').unwrap().1;
    let flipped = format!(
        "{COOKIE}={}",
        secret.replace(|c: char| c.is_ascii_digit(), "a")
    );
    for forged in [
        format!("{COOKIE}="),
        format!("{COOKIE}=x"),
        format!("{COOKIE}={}", "0".repeat(64)),
        format!("{COOKIE}={secret}0"),
        format!("botscope_8081={secret}"),
        format!("{real}; {COOKIE}={}", "0".repeat(64)),
        flipped,
    ] {
        me(&app, &forged)
            .await
            .problem(&forged, ErrorCode::Unauthorized);
    }
    // A cookie is no token either.
    let bearer = format!("Bearer botscope_{secret}");
    let asked = with(request("GET", "/api/v1/me"), "authorization", &bearer);
    app.send(asked)
        .await
        .problem("as a token", ErrorCode::Unauthorized);
}

async fn no_login_from_before_is_kept() {
    let app = server().await;
    let planted = sign_in(&app, EMAIL).await;
    let fields = [("email", "ben@example.com"), ("password", seed::PASSWORD)];
    let again = app
        .send(with(form("/sign-in", &fields), "cookie", &planted))
        .await;
    let fresh = cookie_of(&again);
    assert_ne!(fresh, planted);
    me(&app, &planted)
        .await
        .problem("planted", ErrorCode::Unauthorized);
    assert_eq!(me(&app, &fresh).await.status, StatusCode::OK);
}

/// The cookie of a login of Ben's that began at `at`.
async fn begin(app: &TestApp, id: LoginId, at: Timestamp) -> String {
    let secret = Secret::of([77; 32]);
    let login = NewLogin {
        id,
        account: seed::BEN,
        tenant: TenantId(1),
        at,
        is_single_sign_on: false,
        has_second_factor: false,
        seen: Seen::default(),
    };
    let begun = app.store.create_login(&login, &secret.hash()).await;
    begun.unwrap();
    format!("{COOKIE}={}", secret.digits())
}

async fn a_login_that_was_not_used_for_long_has_ended() {
    let app = server().await;
    for (id, before, status) in [(70, IDLE_MS, 401), (71, IDLE_MS - 1, 200)] {
        app.store.end_logins(seed::BEN, None).await.unwrap();
        let cookie = begin(&app, LoginId(id), NOW.plus(-before)).await;
        let answer = me(&app, &cookie).await;
        assert_eq!(answer.status, status, "{before}");
    }
}

async fn a_page_that_only_asks_for_changes_does_not_use_a_login() {
    let app = server().await;
    let (id, at) = (LoginId(78), NOW.plus(-11 * Timestamp::HOUR));
    let cookie = begin(&app, id, at).await;
    let last_seen = async || {
        let logins = app.store.list_logins(seed::BEN, Some(id), NOW).await;
        let logins = logins.unwrap();
        let current = logins.iter().find(|login| login.is_current);
        current.unwrap().last_seen_at
    };
    for path in ["/api/v1/changes", "/api/v1/changes/stream"] {
        let changes = request("GET", path);
        let answer = app.send(with(changes, "cookie", &cookie)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(last_seen().await, at);
    }
    assert_eq!(me(&app, &cookie).await.status, StatusCode::OK);
    assert_eq!(last_seen().await, NOW);
}

async fn a_cookie_of_yesterday_gets_a_new_secret() {
    let app = server().await;
    let id = LoginId(70);
    let former = begin(&app, id, NOW.plus(-25 * Timestamp::HOUR)).await;
    let seen = NOW.plus(-Timestamp::HOUR);
    app.store
        .note_login(id, &Seen::default(), seen)
        .await
        .unwrap();
    let answer = me(&app, &former).await;
    let fresh = cookie_of(&answer);
    assert_ne!(fresh, former);
    // What was on its way still arrives.
    let answer = me(&app, &former).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(cookie(&answer.headers, COOKIE).is_none());
    assert_eq!(me(&app, &fresh).await.status, StatusCode::OK);
}

async fn another_site_signs_nobody_in_or_out() {
    let app = server().await;
    let cookie = sign_in(&app, EMAIL).await;
    let fields = [("email", EMAIL), ("password", seed::PASSWORD)];
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = app.send(with(form("/sign-in", &fields), name, value)).await;
        answer.problem(value, ErrorCode::Forbidden);
        let out = with(request("POST", "/sign-out"), "cookie", &cookie);
        app.send(with(out, name, value))
            .await
            .problem(value, ErrorCode::Forbidden);
    }
    assert_eq!(me(&app, &cookie).await.status, StatusCode::OK);
    // Nor does a page that got its own name to lead here.
    let mut rebound = form("/sign-in", &fields);
    rebound
        .headers_mut()
        .insert("host", "evil.example".parse().unwrap());
    app.send(rebound)
        .await
        .problem("rebound", ErrorCode::Forbidden);
}

async fn whether_there_is_an_account_does_not_show() {
    let app = server().await;
    let wrong = try_in(&app, EMAIL, "not the password").await;
    let missing = try_in(&app, "xxx@example.com", "not the password").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(missing.status, wrong.status);
    let text = |answer: &Answer, email: &str| answer.text().replace(email, "EMAIL");
    assert_eq!(text(&wrong, EMAIL), text(&missing, "xxx@example.com"));
    let names = |answer: &Answer| -> Vec<String> {
        answer.headers.keys().map(ToString::to_string).collect()
    };
    assert_eq!(names(&wrong), names(&missing));
    // Neither does it after many tries.
    for _ in 0..6 {
        let wrong = try_in(&app, EMAIL, "not the password").await;
        let missing = try_in(&app, "xxx@example.com", "not the password").await;
        assert_eq!(missing.status, wrong.status);
        assert_eq!(
            missing.headers.get("retry-after"),
            wrong.headers.get("retry-after")
        );
    }
    // And an attempt that waits tells nothing about the password.
    let right = try_in(&app, EMAIL, seed::PASSWORD).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
}

async fn guessing_from_one_address_slows_down_for_all_accounts() {
    let app = server().await;
    let mut statuses = Vec::new();
    for guess in 0..24 {
        let email = format!("guess{guess}@example.com");
        let mut attempt = form(
            "/sign-in",
            &[("email", &email), ("password", "not the password")],
        );
        attempt
            .extensions_mut()
            .insert(Peer("203.0.113.9".parse().unwrap()));
        statuses.push(app.send(attempt).await.status.as_u16());
    }
    assert_eq!(statuses[..20], [422; 20]);
    assert_eq!(statuses[20..], [429; 4]);
    let cookie = sign_in(&app, EMAIL).await;
    assert_eq!(
        me(&app, &cookie).await.status,
        StatusCode::OK,
        "from elsewhere"
    );
}

async fn a_code_is_asked_for_and_taken_once() {
    let app = server().await;
    let first = async || {
        let answer = try_in(&app, "ann@example.com", seed::PASSWORD).await;
        assert!(
            answer.headers["location"]
                .to_str()
                .unwrap()
                .starts_with("/sign-in/code")
        );
        assert!(
            cookie(&answer.headers, COOKIE).is_none(),
            "not signed in yet"
        );
        cookie(&answer.headers, "botscope-step_8080").unwrap()
    };
    let second = async |step: &str, code: &str| {
        let attempt = with(form("/sign-in/code", &[("code", code)]), "cookie", step);
        app.send(attempt).await
    };
    let step = first().await;
    assert_eq!(
        second(&step, "000000").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let code = seed::totp().shown(NOW);
    let answer = second(&step, &code).await;
    let login = cookie_of(&answer);
    assert_eq!(me(&app, &login).await.status, StatusCode::OK);
    // Neither the step nor the code is good again.
    let answer = second(&step, &code).await;
    assert_eq!(answer.headers["location"], "/sign-in");
    let step = first().await;
    assert_eq!(
        second(&step, &code).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let earlier = seed::totp().shown(NOW.plus(-30_000));
    assert_eq!(
        second(&step, &earlier).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let recovery = "AAAA AAAA aaaa-aaaa";
    assert_eq!(second(&step, recovery).await.status, StatusCode::SEE_OTHER);
    let step = first().await;
    assert_eq!(
        second(&step, recovery).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    // The step's cookie is no login.
    let as_login = step.replace("botscope-step_8080", COOKIE);
    me(&app, &as_login)
        .await
        .problem("a step", ErrorCode::Unauthorized);
}

async fn what_is_no_form_is_refused() {
    let app = server().await;
    let large = "x".repeat(20_000);
    let answer = try_in(&app, EMAIL, &large).await;
    answer.problem("too large", ErrorCode::PayloadTooLarge);
    let twice = form("/sign-in", &[("email", EMAIL), ("email", EMAIL)]);
    app.send(twice)
        .await
        .problem("twice", ErrorCode::InvalidRequest);
    let json = with(
        request("POST", "/sign-in"),
        "content-type",
        "application/json",
    );
    app.send(json)
        .await
        .problem("JSON", ErrorCode::UnsupportedMediaType);
    for email in ["", "nobody", "a@b\r\nc"] {
        let answer = try_in(&app, email, "x").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{email}");
        assert!(answer.text().contains("aria-invalid=\"true\""), "{email}");
    }
    let markup = try_in(&app, "\"><script>alert(1)</script>@x", "x").await;
    assert!(!markup.text().contains("<script>"), "{}", markup.text());
}

#[tokio::test]
async fn ending_ones_logins_asks_for_the_password_once_more() {
    let app = server().await;
    let (here, there) = (sign_in(&app, EMAIL).await, sign_in(&app, EMAIL).await);
    let logins = app.send(with(request("GET", "/api/v1/me/logins"), "cookie", &here));
    let logins: Page<Login> = serde_json::from_slice(&logins.await.body).unwrap();
    let other = logins.items.iter().find(|login| !login.is_current).unwrap();
    let one = format!("/me/logins/{}", other.id);
    for path in ["/me/logins", &one] {
        let wrong = json!({"password": "not the password"});
        let asked = super::write_request("DELETE", path, &wrong);
        let answer = app.send(with(asked, "cookie", &here)).await;
        let problem = answer.problem(path, ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, "password");
    }
    assert_eq!(me(&app, &there).await.status, StatusCode::OK);
    let right = json!({"password": seed::PASSWORD});
    let asked = super::write_request("DELETE", "/me/logins", &right);
    let answer = app.send(with(asked, "cookie", &here)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    me(&app, &there)
        .await
        .problem("elsewhere", ErrorCode::Unauthorized);
    assert_eq!(me(&app, &here).await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_page_behind_the_door_is_kept_and_files_are_looked_up_for_nobody() {
    let app = server().await;
    let cookie = sign_in(&app, EMAIL).await;
    for page in [
        "/",
        "/attacks",
        "/settings/account",
        "/api/docs",
        "/api/v1/me",
    ] {
        let answer = app
            .send(with(request("GET", page), "cookie", &cookie))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{page}");
    }
    // Without a store nobody can be looked up.
    app.store.clone().close().await.unwrap();
    let file = request("GET", "/app-0000000000000000.js");
    let answer = app.send(with(file, "cookie", &cookie)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(me(&app, &cookie).await.status.is_server_error());
}
