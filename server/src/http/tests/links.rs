//! What the secret of a link opens, once: a new password, the first account, an invitation.

use http::StatusCode;
use shared::{ErrorCode, Me, Role};

use super::sign_in::{EMAIL, cookie_of, form, me, server, sign_in, try_in, with};
use super::{NOW, TestApp, on_both, request, seed};
use crate::auth::{Permission, Secret};
use crate::store::{LinkKind, NewLink};

on_both!(
    a_link_to_a_new_password_works_once_and_ends_every_login,
    the_first_account_is_made_by_whoever_has_the_link_and_no_second_one_is,
    an_invitation_is_accepted_with_a_new_account_or_the_one_there_is,
);

async fn a_link_to_a_new_password_works_once_and_ends_every_login() {
    let app = server().await;
    let cookie = sign_in(&app, EMAIL).await;
    let secret = Secret::of([55; 32]);
    let link = NewLink {
        kind: LinkKind::Reset,
        account: Some(seed::BEN),
        hash: secret.hash(),
        at: NOW,
    };
    app.store.create_link(&link).await.unwrap();
    let path = format!("/reset/{}", secret.digits());
    let page = app.send(request("GET", &path)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    let weak = app.send(form(&path, &[("password", "password1234")])).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(me(&app, &cookie).await.status, StatusCode::OK);
    let set = app
        .send(form(&path, &[("password", "eight silver spoons")]))
        .await;
    assert_eq!(set.headers["location"], "/sign-in?done=reset");
    me(&app, &cookie)
        .await
        .problem("of before", ErrorCode::Unauthorized);
    let again = app
        .send(form(&path, &[("password", "nine golden forks")]))
        .await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let old = try_in(&app, EMAIL, seed::PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = try_in(&app, EMAIL, "eight silver spoons").await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

async fn the_first_account_is_made_by_whoever_has_the_link_and_no_second_one_is() {
    let app = TestApp::empty(seed::ann()).await.without_caller();
    let page = app.send(request("GET", "/sign-in")).await;
    assert!(
        page.text().contains("There is no account yet"),
        "{}",
        page.text()
    );
    let secret = Secret::of([55; 32]);
    let link = NewLink {
        kind: LinkKind::SetUp,
        account: None,
        hash: secret.hash(),
        at: NOW,
    };
    app.store.create_link(&link).await.unwrap();
    let fields = [
        ("email", "ann@example.com"),
        ("name", "Ann"),
        ("password", seed::PASSWORD),
    ];
    let wrong = app.send(form("/set-up/0", &fields)).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let path = format!("/set-up/{}", secret.digits());
    let answer = app.send(form(&path, &fields)).await;
    let login = cookie_of(&answer);
    let first: Me = serde_json::from_slice(&me(&app, &login).await.body).unwrap();
    assert_eq!(first.role, Some(Role::Administrator));
    assert!(first.permissions.contains(&Permission::TenantsWrite));
    let log = with(request("GET", "/api/v1/audit"), "cookie", &login);
    let log = app.send(log).await.text();
    for action in ["account.create", "login.create"] {
        assert!(log.contains(action), "{log}");
    }
    let again = app.send(form(&path, &fields)).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

async fn an_invitation_is_accepted_with_a_new_account_or_the_one_there_is() {
    let app = server().await;
    let path = format!("/invitations/{}", Secret::of([23; 32]).digits());
    let page = app.send(request("GET", &path)).await;
    assert!(page.text().contains("cleo@example.com"), "{}", page.text());
    // Whoever is a member cannot become one again.
    let ben = sign_in(&app, EMAIL).await;
    let joined = app.send(with(form(&path, &[]), "cookie", &ben)).await;
    assert_eq!(joined.status, StatusCode::CONFLICT);
    let fields = [
        ("name", "Cleo"),
        ("password", "eight silver spoons"),
        ("email", "x@y.example"),
    ];
    let answer = app.send(form(&path, &fields)).await;
    let login = cookie_of(&answer);
    let cleo: Me = serde_json::from_slice(&me(&app, &login).await.body).unwrap();
    assert_eq!(cleo.role, Some(Role::ReadOnly));
    assert_eq!(
        cleo.account.unwrap().email,
        "cleo@example.com",
        "not another address"
    );
    let again = app.send(form(&path, &fields)).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}
