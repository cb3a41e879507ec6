//! Single sign-on from the sign-in page to the provider and back, through the whole server.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use shared::{AccountId, GlobalRole, Invitation, InvitationId, Role};
use tempfile::TempDir;

use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Answer, NOW};
use crate::auth::oidc::tests::provider::{Fake, Misbehavior};
use crate::auth::oidc::tests::{config, follow};
use crate::auth::oidc::{OidcConfig, Provider};
use crate::auth::{Email, Passwords, Secret};
use crate::http::router;
use crate::http::site::Site;
use crate::http::state::AppState;
use crate::pipeline::{Demo, Jobs, Lanes};
use crate::store::{NewAccount, Store};

const CALLBACK: &str = "http://127.0.0.1:8080/sign-in/oidc/callback";

/// A server that believes a provider.
struct Door {
    router: Router,
    store: Store,
    fake: Fake,
    passwords: Passwords,
    _directory: TempDir,
}

impl Door {
    /// One that has its first account and is set up as `change` says.
    async fn new(change: impl FnOnce(OidcConfig) -> OidcConfig) -> Self {
        let door = Self::without_accounts(change).await;
        door.add("root@shop.example", Some(GlobalRole::Administrator))
            .await;
        door
    }

    async fn without_accounts(change: impl FnOnce(OidcConfig) -> OidcConfig) -> Self {
        let fake = Fake::start().await;
        fake.set(|fake| fake.now = NOW);
        let provider = Provider::new(change(config(&fake)), b"secret").unwrap();
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let lanes = Lanes::default();
        let jobs = Jobs::new(lanes.clone(), CancellationToken::new());
        let demo = Demo::new(store.clone(), lanes, || NOW);
        let site = Site {
            listen: "127.0.0.1:8080".parse().unwrap(),
            public_url: None,
            proxies: Vec::new(),
        };
        let passwords = Passwords::with_cost(64, 1);
        let state = AppState {
            passwords: passwords.clone(),
            single_sign_on: Some(Arc::new(provider)),
            ..AppState::new(store.clone(), jobs, demo, site, || NOW)
        };
        Self {
            router: router::build(state),
            store,
            fake,
            passwords,
            _directory: directory,
        }
    }

    /// Adds an account with the password `correct horse`.
    async fn add(&self, email: &str, global_role: Option<GlobalRole>) {
        let account = NewAccount {
            id: AccountId(email.len() as u64),
            email: Email::read(email).unwrap(),
            name: email.to_owned(),
            password_hash: Some(self.passwords.hash("correct horse").await.unwrap()),
            global_role,
            created_at: NOW,
        };
        let member = Some((shared::TenantId(1), Role::ReadOnly));
        self.store.create_account(&account, member).await.unwrap();
    }

    async fn ask(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, cookie);
        answer_of(&self.router, request.body(Body::empty()).unwrap()).await
    }

    async fn sign_in_by_password(&self, email: &str) -> Answer {
        let form = format!("email={}&password=correct+horse", email.replace('@', "%40"));
        let request = Request::post("/sign-in")
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        answer_of(&self.router, request.body(Body::from(form)).unwrap()).await
    }

    /// Goes to the provider; returns where that sends the browser and what cookie it has.
    async fn go(&self) -> (String, String) {
        let begun = self.ask("/sign-in/oidc?next=%2Fattacks", "").await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
        let back = follow(location(&begun)).await;
        let path = back.strip_prefix("http://127.0.0.1:8080").unwrap();
        (path.to_owned(), set_cookies(&begun))
    }

    /// There and back.
    async fn sign_in(&self) -> Answer {
        let (path, cookie) = self.go().await;
        self.ask(&path, &cookie).await
    }
}

async fn answer_of(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    }
}

fn location(answer: &Answer) -> &str {
    answer.headers[header::LOCATION].to_str().unwrap()
}

/// The cookies that an answer sets, as a browser sends them.
fn set_cookies(answer: &Answer) -> String {
    let all = answer.headers.get_all(header::SET_COOKIE).iter();
    let pairs = all.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let kept = pairs.filter(|pair| !pair.ends_with('='));
    kept.collect::<Vec<_>>().join("; ")
}

fn as_is(config: OidcConfig) -> OidcConfig {
    config
}

#[tokio::test]
async fn whoever_the_provider_vouches_for_is_signed_in_with_their_role() {
    let door = Door::new(as_is).await;
    let page = door.ask("/sign-in?next=%2Fattacks", "").await;
    let host = door.fake.issuer();
    let host = host.strip_prefix("http://").unwrap();
    assert!(page.text().contains(&format!("Sign in with {host}")));
    assert!(
        page.text()
            .contains("href=\"/sign-in/oidc?next=%2Fattacks\"")
    );

    let answer = door.sign_in().await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(location(&answer), "/attacks");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let cookie = set_cookies(&answer);
    let shown = door.ask("/api/v1/single-sign-on", &cookie).await;
    let refused = door.ask("/api/v1/tokens", &cookie).await;
    assert_eq!(
        shown.status,
        StatusCode::FORBIDDEN,
        "read-only sees no people"
    );
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let read = door.ask("/api/v1/attacks", &cookie).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text());

    let email = Email::read("ada@shop.example").unwrap();
    let account = door.store.find_account_by_email(&email).await.unwrap();
    let logins = door.store.list_logins(account.unwrap().id, None, NOW).await;
    let logins = logins.unwrap();
    assert!(logins.len() == 1 && logins[0].is_single_sign_on);
}

#[tokio::test]
async fn the_same_way_back_holds_once_and_only_in_the_browser_that_went() {
    let door = Door::new(as_is).await;
    let (path, cookie) = door.go().await;
    let elsewhere = door.ask(&path, "").await;
    assert_eq!(location(&elsewhere), "/sign-in?problem=not_begun");
    let there = door.ask(&path, &cookie).await;
    assert_eq!(location(&there), "/attacks");
    let again = door.ask(&path, &cookie).await;
    assert_eq!(location(&again), "/sign-in?problem=not_begun");
    assert_eq!(set_cookies(&again), "", "nobody is signed in");
}

#[tokio::test]
async fn what_comes_back_is_never_shown_and_never_taken_twice() {
    let door = Door::new(as_is).await;
    let (path, cookie) = door.go().await;
    let (_, query) = path.split_once('?').unwrap();
    let (_, state) = query.split_once("state=").unwrap();
    let twice = door.ask(&format!("{path}&state={state}"), &cookie).await;
    assert_eq!(location(&twice), "/sign-in?problem=not_begun");
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let error =
        format!("/sign-in/oidc/callback?error={script}&error_description={script}&state={state}");
    let answer = door.ask(&error, &cookie).await;
    assert_eq!(location(&answer), "/sign-in?problem=declined");
    let page = door.ask(location(&answer), "").await;
    assert!(page.text().contains("Single sign-on was not completed"));
    let made_up = door.ask(&format!("/sign-in?problem={script}"), "").await;
    assert!(!made_up.text().contains("script"), "{}", made_up.text());
}

#[tokio::test]
async fn whoever_has_no_role_is_told_and_the_log_knows() {
    let door = Door::new(as_is).await;
    door.fake
        .set(|fake| fake.claims["groups"] = json!(["visitors"]));
    let answer = door.sign_in().await;
    assert_eq!(location(&answer), "/sign-in?problem=no_role");
    assert_eq!(set_cookies(&answer), "");
    let page = door.ask(location(&answer), "").await;
    assert!(page.text().contains("have no role here"));
    let root = door.sign_in_by_password("root@shop.example").await;
    let log = door.ask("/api/v1/audit", &set_cookies(&root)).await;
    let log: Value = serde_json::from_slice(&log.body).unwrap();
    let refused = log["items"].as_array().unwrap().iter();
    let mut refused = refused.filter(|entry| entry["action"] == "login.refuse");
    assert_eq!(refused.next().unwrap()["object"], "u-1");
}

#[tokio::test]
async fn whoever_loses_their_role_there_is_signed_out_here() {
    let door = Door::new(as_is).await;
    let cookie = set_cookies(&door.sign_in().await);
    assert_eq!(door.ask("/api/v1/attacks", &cookie).await.status, 200);
    door.fake
        .set(|fake| fake.claims["groups"] = json!(["visitors"]));
    let refused = door.sign_in().await;
    assert_eq!(location(&refused), "/sign-in?problem=no_role");
    assert_eq!(door.ask("/api/v1/attacks", &cookie).await.status, 401);
    let email = Email::read("ada@shop.example").unwrap();
    let account = door.store.find_account_by_email(&email).await.unwrap();
    assert!(account.is_none(), "it belonged nowhere else");
}

#[tokio::test]
async fn a_tenant_that_requires_it_of_everybody_believes_the_id_token() {
    let door = Door::new(as_is).await;
    let tenant = door.store.tenant(&crate::auth::Caller::local());
    let everybody = shared::SecondFactorOf::Everybody;
    tenant
        .set_second_factor_of(everybody, None, NOW)
        .await
        .unwrap();
    let cookie = set_cookies(&door.sign_in().await);
    let refused = door.ask("/api/v1/attacks", &cookie).await;
    refused.problem("without one", shared::ErrorCode::SecondFactorRequired);
    door.fake
        .set(|fake| fake.claims["amr"] = json!(["pwd", "mfa"]));
    let cookie = set_cookies(&door.sign_in().await);
    assert_eq!(door.ask("/api/v1/attacks", &cookie).await.status, 200);
}

#[tokio::test]
async fn nobody_gives_an_account_of_the_provider_a_password() {
    let door = Door::new(as_is).await;
    door.sign_in().await;
    let email = Email::read("ada@shop.example").unwrap();
    let account = door.store.find_account_by_email(&email).await.unwrap();
    let account = account.unwrap();
    assert!(account.is_providers());
    let root = set_cookies(&door.sign_in_by_password("root@shop.example").await);
    let path = format!("/api/v1/members/{}/reset-link", account.id);
    let request = Request::post(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::COOKIE, root);
    let answer = answer_of(&door.router, request.body(Body::empty()).unwrap()).await;
    answer.problem("a link", shared::ErrorCode::Conflict);
}

#[tokio::test]
async fn where_the_provider_alone_opens_accounts_an_invitation_takes_no_password() {
    let door = Door::new(|config| OidcConfig {
        is_only: true,
        role_claim: None,
        roles: Vec::new(),
        ..config
    });
    let door = door.await;
    let refused = door.sign_in().await;
    let without = "/sign-in?next=%2Fattacks&problem=no_role";
    assert_eq!(location(&refused), without);
    let invitation = Invitation {
        id: InvitationId(1),
        email: "ada@shop.example".to_owned(),
        role: Role::Analyst,
        created_by: "root@shop.example".to_owned(),
        created_at: NOW,
        expires_at: NOW.plus(1_000),
    };
    let link = Secret::of([7; 32]);
    let tenant = door.store.tenant(&crate::auth::Caller::local());
    let hash = link.hash();
    let kept = tenant.create_invitation(&invitation, &hash);
    kept.await.unwrap();
    let path = format!("/invitations/{}", link.digits());
    let page = door.ask(&path, "").await;
    assert!(
        !page.text().contains("type=\"password\""),
        "{}",
        page.text()
    );
    assert!(page.text().contains("href=\"/sign-in/oidc\""));
    let form = "name=Ada&password=several+unrelated+kettles";
    let request = Request::post(&path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let refused = answer_of(&door.router, request.body(Body::from(form)).unwrap()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let joined = door.sign_in().await;
    assert_eq!(location(&joined), "/attacks");
    let email = Email::read("ada@shop.example").unwrap();
    let account = door.store.find_account_by_email(&email).await.unwrap();
    let account = account.unwrap();
    assert!(account.is_providers());
    let member = tenant.find_member(account.id).await.unwrap().unwrap();
    assert_eq!(member.role, Role::Analyst);
}

#[tokio::test]
async fn an_account_with_a_password_is_not_taken_over() {
    let door = Door::new(as_is).await;
    door.add("ada@shop.example", None).await;
    let answer = door.sign_in().await;
    assert_eq!(
        location(&answer),
        "/sign-in?next=%2Fattacks&problem=email_taken"
    );
    let door = Door::new(|config| OidcConfig {
        links_by_email: true,
        ..config
    });
    let door = door.await;
    door.add("ada@shop.example", None).await;
    let answer = door.sign_in().await;
    assert_eq!(location(&answer), "/attacks");
}

#[tokio::test]
async fn a_provider_that_fails_is_said_on_the_sign_in_page() {
    let door = Door::new(as_is).await;
    let down = Misbehavior::NoDiscovery(StatusCode::BAD_GATEWAY);
    door.fake.set(|fake| fake.misbehavior = down);
    let answer = door.ask("/sign-in/oidc?next=%2Fattacks", "").await;
    assert_eq!(
        location(&answer),
        "/sign-in?next=%2Fattacks&problem=unavailable"
    );
    let page = door.ask(location(&answer), "").await;
    assert!(page.text().contains("Single sign-on does not answer"));
}

#[tokio::test]
async fn without_passwords_only_global_administrators_have_one() {
    let only = |config| OidcConfig {
        is_only: true,
        ..config
    };
    let door = Door::new(only).await;
    door.add("ann@shop.example", None).await;
    let page = door.ask("/sign-in", "").await;
    assert!(!page.text().contains("type=\"password\""));
    let page = door.ask("/sign-in?with=password", "").await;
    assert!(page.text().contains("type=\"password\""));
    let ann = door.sign_in_by_password("ann@shop.example").await;
    assert_eq!(ann.status, StatusCode::FORBIDDEN);
    assert_eq!(set_cookies(&ann), "");
    let root = door.sign_in_by_password("root@shop.example").await;
    assert_eq!(root.status, StatusCode::SEE_OTHER);
    assert_ne!(set_cookies(&root), "");
}

#[tokio::test]
async fn nobody_comes_before_the_first_account() {
    let door = Door::without_accounts(as_is).await;
    let answer = door.ask("/sign-in/oidc", "").await;
    assert_eq!(location(&answer), "/sign-in");
    assert_eq!(door.fake.asked("/keys"), 0);
}

#[tokio::test]
async fn another_name_of_this_machine_leads_to_the_one_that_the_provider_knows() {
    let door = Door::new(as_is).await;
    let request = Request::get("/sign-in/oidc?next=%2Fattacks");
    let request = request.header(header::HOST, "localhost:8080");
    let answer = answer_of(&door.router, request.body(Body::empty()).unwrap()).await;
    let to = CALLBACK.replace("/callback", "?next=%2Fattacks");
    assert_eq!(location(&answer), to);
}

#[tokio::test]
async fn signing_out_here_offers_to_sign_out_there() {
    let door = Door::new(as_is).await;
    let page = door.ask("/sign-in?done=out", "").await;
    assert!(page.text().contains("href=\"/sign-in/oidc/out\""));
    let out = door.ask("/sign-in/oidc/out", "").await;
    let there = format!("{}/end?", door.fake.issuer());
    assert!(location(&out).starts_with(&there), "{}", location(&out));
}

#[tokio::test]
async fn the_console_is_told_how_it_is_set_up_and_no_secret() {
    let door = Door::new(as_is).await;
    let root = door.sign_in_by_password("root@shop.example").await;
    let shown = door
        .ask("/api/v1/single-sign-on", &set_cookies(&root))
        .await;
    let text = shown.text();
    let shown: Value = serde_json::from_slice(&shown.body).unwrap();
    assert_eq!(shown["issuer"], door.fake.issuer());
    assert_eq!(shown["redirect_uri"], CALLBACK);
    assert_eq!(
        shown["roles"],
        json!(["security=analyst", "staff=read_only"])
    );
    assert_eq!(shown["allows_passwords"], true);
    assert!(!text.contains("p@ss"), "{text}");
}
