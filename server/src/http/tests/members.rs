//! Who changes whom: never beyond what they may themselves, never themselves, and never over what
//! belongs to others.

use serde_json::json;
use shared::{
    ErrorCode, GlobalRole, LoginId, Me, Member, Page, Privacy, Role, SecretLink, TenantId, Token,
};

use super::{TestApp, on_both, request, seed};
use crate::auth::{Caller, Email, LoginCredential, Permission};
use crate::http::tests::tokens;
use crate::store::NewAccount;

on_both!(
    nobody_gives_what_they_have_not,
    nobody_changes_or_removes_themselves,
    the_last_administrator_stays,
    a_tenant_resets_no_password_that_opens_more_than_itself,
    a_wrong_password_protects_what_it_protects_and_costs_time,
    no_token_of_ones_own_is_a_way_to_whole_addresses,
    a_token_for_one_application_fetches_no_other_decisions,
);

fn person(role: Role) -> Caller {
    let login = LoginCredential {
        id: LoginId(1),
        account: seed::BEN,
        role: Some(role),
        global_role: None,
    };
    Caller::with_login(Caller::DEFAULT_TENANT, "ben@example.com", login)
}

async fn nobody_gives_what_they_have_not() {
    let app = TestApp::with_caller(person(Role::Analyst)).await;
    let body = json!({"email": "dan@example.com", "role": "read_only"});
    let answer = app.write("POST", "/invitations", &body).await;
    answer.problem("an analyst", ErrorCode::Forbidden);
    for role in [Role::Administrator, Role::IngestOnly] {
        let body = json!({"name": "more", "role": role});
        let answer = app.write("POST", "/me/tokens", &body).await;
        answer.problem(role.label(), ErrorCode::Forbidden);
    }
    let body = json!({"name": "less", "role": "read_only"});
    let answer = app.write("POST", "/me/tokens", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let own: Page<Token> = app.json("/me/tokens").await;
    assert_eq!(own.items.len(), 1);
    assert_eq!(own.items[0].account_id, Some(seed::BEN));
    // Ann's is not theirs to revoke.
    let path = format!("/me/tokens/{}", seed::own_token().id);
    let answer = app.write("DELETE", &path, &json!(null)).await;
    answer.problem("another's", ErrorCode::NotFound);
}

async fn nobody_changes_or_removes_themselves() {
    let app = TestApp::new().await;
    let path = format!("/members/{}", seed::ANN);
    let body = json!({"role": "analyst"});
    let answer = app.write("PATCH", &path, &body).await;
    answer.problem("changes", ErrorCode::Conflict);
    let answer = app.write("DELETE", &path, &json!(null)).await;
    answer.problem("removes", ErrorCode::Conflict);
}

async fn the_last_administrator_stays() {
    // Somebody from elsewhere, who may all the same.
    let root = LoginCredential {
        id: LoginId(2),
        account: shared::AccountId(5),
        role: None,
        global_role: Some(GlobalRole::Administrator),
    };
    let root = Caller::with_login(Caller::DEFAULT_TENANT, "root@example.com", root);
    let app = TestApp::with_caller(root).await;
    let path = format!("/members/{}", seed::ANN);
    let body = json!({"role": "analyst"});
    let answer = app.write("PATCH", &path, &body).await;
    answer.problem("demoted", ErrorCode::Conflict);
    let answer = app.write("DELETE", &path, &json!(null)).await;
    answer.problem("removed", ErrorCode::Conflict);
    let promote = json!({"role": "administrator"});
    let ben = format!("/members/{}", seed::BEN);
    assert_eq!(app.write("PATCH", &ben, &promote).await.status, 200);
    assert_eq!(app.write("PATCH", &path, &body).await.status, 200);
    let members: Page<Member> = app.json("/members").await;
    let roles: Vec<Role> = members.items.iter().map(|member| member.role).collect();
    assert_eq!(roles, [Role::Analyst, Role::Administrator]);
}

async fn a_tenant_resets_no_password_that_opens_more_than_itself() {
    let app = TestApp::new().await;
    let path = format!("/members/{}/reset-link", seed::BEN);
    let answer = app.write("POST", &path, &json!(null)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let link: SecretLink = serde_json::from_slice(&answer.body).unwrap();
    assert!(link.path.starts_with("/reset/") && !link.is_sent);
    assert_eq!(app.send(request("GET", &link.path)).await.status, 200);
    let visitor = NewAccount {
        id: shared::AccountId(7),
        email: Email::read("eve@example.com").unwrap(),
        name: "Eve".to_owned(),
        password_hash: None,
        global_role: Some(GlobalRole::ReadOnly),
        created_at: super::NOW,
    };
    let member = Some((TenantId(1), Role::ReadOnly));
    app.store.create_account(&visitor, member).await.unwrap();
    let path = format!("/members/{}/reset-link", visitor.id);
    let answer = app.write("POST", &path, &json!(null)).await;
    answer.problem("a global role", ErrorCode::Conflict);
}

async fn a_wrong_password_protects_what_it_protects_and_costs_time() {
    let app = TestApp::new().await;
    let wrong = json!({"password": "not the password"});
    for _ in 0..5 {
        let answer = app.write("DELETE", "/me/totp", &wrong).await;
        let problem = answer.problem("wrong", ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, "password");
    }
    let right = json!({"password": seed::PASSWORD});
    let answer = app.write("DELETE", "/me/totp", &right).await;
    assert_eq!(answer.headers["retry-after"], "1");
    answer.problem("waits", ErrorCode::RateLimited);
}

async fn no_token_of_ones_own_is_a_way_to_whole_addresses() {
    let app = TestApp::with_caller(person(Role::Analyst)).await;
    let privacy = Privacy {
        masks_addresses_for: vec![Role::Analyst],
        ..Privacy::default()
    };
    let tenant = app.store.tenant(&Caller::local());
    tenant.set_privacy(&privacy, super::NOW).await.unwrap();
    let me: Me = app.json("/me").await;
    assert!(me.masks_addresses);
    let body = json!({"name": "edge", "role": "enforcer"});
    let answer = app.write("POST", "/me/tokens", &body).await;
    let made: shared::CreatedToken = serde_json::from_slice(&answer.body).unwrap();
    let mut asked = request("GET", "/api/v1/lists/deny.txt");
    let bearer = format!("Bearer {}", made.secret).parse().unwrap();
    asked.headers_mut().insert("authorization", bearer);
    let answer = app.send(asked).await;
    answer.problem("an analyst's token", ErrorCode::Forbidden);
}

async fn a_token_for_one_application_fetches_no_other_decisions() {
    let app = TestApp::new().await;
    let id = app.application;
    let body = json!({"name": "edge", "role": "analyst", "application_id": id});
    let answer = app.write("POST", "/tokens", &body).await;
    let problem = answer.problem("not for one", ErrorCode::InvalidRequest);
    assert_eq!(problem.errors[0].field, "application_id");
    let body = json!({"name": "edge", "role": "enforcer", "application_id": "7"});
    let answer = app.write("POST", "/tokens", &body).await;
    answer.problem("no such application", ErrorCode::NotFound);
    let body = json!({"name": "edge", "role": "enforcer", "application_id": id});
    let answer = app.write("POST", "/tokens", &body).await;
    let made: shared::CreatedToken = serde_json::from_slice(&answer.body).unwrap();
    let fetch = async |query: &str| {
        let mut asked = request("GET", &format!("/api/v1/lists/deny.txt{query}"));
        let bearer = format!("Bearer {}", made.secret).parse().unwrap();
        asked.headers_mut().insert("authorization", bearer);
        app.send(asked).await
    };
    let own = fetch("?application=shop").await;
    assert_eq!(own.status, 200, "{}", own.text());
    assert_eq!(fetch("").await.text(), own.text(), "its own unless said");
    fetch("?application=blog")
        .await
        .problem("another", ErrorCode::NotFound);
    assert_eq!(tokens::exporter().application_id, None);
    assert!(
        Role::Enforcer
            .permissions()
            .contains(Permission::DecisionsRead)
    );
}

#[tokio::test]
async fn an_administrator_sees_where_somebody_is_signed_in_and_ends_it() {
    let app = TestApp::new().await;
    let path = format!("/members/{}/logins", seed::BEN);
    let none: Page<shared::Login> = app.json(&path).await;
    assert!(none.items.is_empty());
    let cookie = super::sign_in::sign_in(&app, "ben@example.com").await;
    let seen: Page<shared::Login> = app.json(&path).await;
    assert_eq!(seen.items.len(), 1);
    assert!(!seen.items[0].is_current);
    let answer = app.write("DELETE", &path, &json!(null)).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    let ended = super::sign_in::me(&app.without_caller(), &cookie).await;
    ended.problem("signed out", ErrorCode::Unauthorized);
    let app = TestApp::new().await;
    let own = format!("/members/{}/logins", seed::ANN);
    let answer = app.write("DELETE", &own, &json!(null)).await;
    answer.problem("one's own", ErrorCode::Conflict);
    let app = TestApp::with_caller(person(Role::Analyst)).await;
    app.problem(&own, ErrorCode::Forbidden).await;
}
