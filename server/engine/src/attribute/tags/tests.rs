use proptest::prelude::*;
use shared::EndpointTag::{Authentication, BusinessCritical, HealthCheck, Sensitive, Static};

use super::{EndpointTag, Tags, is_authentication_attempt, tags};

fn check(method: &str, path: &str, expected: &[EndpointTag]) {
    let found: Vec<_> = tags(method, path).iter().collect();
    assert_eq!(found, expected, "{method} {path}");
}

#[test]
fn a_set_keeps_what_was_put_in() {
    let set: Tags = [Static, Sensitive].into_iter().collect();
    assert!(set.contains(Static) && set.contains(Sensitive) && !set.contains(HealthCheck));
    assert_eq!(Tags::from_bits(set.bits()), set);
    assert_eq!(Tags::from_bits(0xff).iter().count(), EndpointTag::ALL.len());
    assert!(Tags::NONE.is_empty());
}

#[test]
fn every_common_spelling_of_signing_in_is_authentication() {
    for path in [
        "/login",
        "/Login.aspx",
        "/user/login",
        "/users/sign_in",
        "/sign-in",
        "/signIn",
        "/account/logon",
        "/api/v1/auth",
        "/oauth/token",
        "/connect/token",
        "/oauth2/authorize",
        "/wp-login.php",
        "/j_security_check",
        "/auth/realms/main/protocol/openid-connect/token",
        "/forgot-password",
        "/password/reset",
        "/accounts/password_reset/",
        "/signup",
        "/register",
        "/logout",
        "/remote/logincheck",
        "/user-login-form",
        "/api_login",
        "/rest/user/login",
        "/identity/api/auth/login",
        "/login;jsessionid=1",
    ] {
        assert!(tags("GET", path).contains(Authentication), "{path}");
        assert!(tags("POST", path).contains(Authentication), "{path}");
    }
}

#[test]
fn what_signs_in_only_when_sent_to_is_tagged_only_then() {
    check("GET", "/api/v1/sessions", &[]);
    check("POST", "/api/v1/sessions", &[Authentication]);
    check("GET", "/xmlrpc.php", &[]);
    check("POST", "/xmlrpc.php", &[Authentication]);
    check("POST", "/blog/xmlrpc.php", &[Authentication]);
    check(
        "POST",
        "/administrator/index.php",
        &[Sensitive, Authentication],
    );
}

#[test]
fn words_about_signing_in_are_not_signing_in() {
    for path in [
        "/blog/how-to-login-to-your-router",
        "/authors/ann",
        "/author/ann",
        "/tokens-of-love",
        "/blog/login-problems-solved",
        "/designing",
        "/registered-trademarks",
        "/catalogin",
        "/css/tokens",
    ] {
        check("GET", path, &[]);
    }
}

#[test]
fn an_attempt_sends_credentials() {
    for (method, path) in [
        ("POST", "/wp-login.php"),
        ("POST", "/xmlrpc.php"),
        ("POST", "/api/v1/sessions"),
        ("POST", "/oauth/token"),
        ("PUT", "/session"),
        ("POST", "/users/password"),
        ("POST", "/user/login"),
        ("POST", "/administrator/index.php"),
    ] {
        assert!(is_authentication_attempt(method, path), "{method} {path}");
    }
    for (method, path) in [
        ("GET", "/wp-login.php"),
        ("POST", "/auth/logout"),
        ("POST", "/auth/register"),
        ("POST", "/blog/comments"),
        ("DELETE", "/api/v1/sessions"),
        ("POST", "/wp-cron.php"),
    ] {
        assert!(!is_authentication_attempt(method, path), "{method} {path}");
    }
}

#[test]
fn administration_secrets_and_copies_are_sensitive() {
    for path in [
        "/wp-admin/",
        "/phpmyadmin/index.php",
        "/phpMyAdmin",
        "/.env",
        "/.git/config",
        "/actuator/env",
        "/manager/html",
        "/server-status",
        "/backup.zip.bak",
        "/db.sql",
        "/wp-config.php.bak",
        "/web.config",
        "/api/admin/users",
        "/app/config",
        "/site/.htaccess",
        "/config.yml",
        "/h2-console",
    ] {
        assert!(tags("GET", path).contains(Sensitive), "{path}");
    }
}

#[test]
fn what_every_visitor_asks_for_is_not_sensitive() {
    // Themes and plugins call it for everybody.
    check("POST", "/wp-admin/admin-ajax.php", &[]);
    // The sign-in page of WordPress loads it.
    check("GET", "/wp-admin/css/login.min.css", &[Static]);
    check("GET", "/.well-known/acme-challenge/x", &[]);
    check("GET", "/badminton", &[]);
    check("GET", "/administrators-guide-to-the-galaxy", &[]);
}

#[test]
fn money_orders_and_accounts_are_business_critical() {
    for path in [
        "/checkout",
        "/api/cart/items",
        "/shop/add-to-cart",
        "/orders/{id}",
        "/place_order",
        "/transfer",
        "/my-account/",
        "/api/coupon/apply",
        "/bookings",
        "/payment-process",
    ] {
        assert!(tags("POST", path).contains(BusinessCritical), "{path}");
    }
    for path in [
        "/cartoons",
        "/border",
        "/paypalace",
        "/blog/order-of-the-phoenix-review",
    ] {
        assert!(!tags("GET", path).contains(BusinessCritical), "{path}");
    }
}

#[test]
fn static_files_are_static_and_nothing_else() {
    check("GET", "/admin/app.js", &[Static]);
    check("HEAD", "/a/b.PNG", &[Static]);
    check("GET", "*.image", &[Static]);
    check("GET", "/a.css.php", &[]);
    // Nobody posts to a picture.
    check("POST", "/a.png", &[]);
}

#[test]
fn health_checks_are_shallow() {
    for path in [
        "/healthz",
        "/ping",
        "/api/v1/health",
        "/actuator/health",
        "/status",
        "/up",
    ] {
        check("GET", path, &[HealthCheck]);
    }
    check("GET", "/blog/2015/07/ping", &[]);
    check("GET", "/orders/status", &[BusinessCritical]);
}

proptest! {
    #[test]
    fn any_request_can_be_tagged(method in ".{0,8}", path in ".{0,200}") {
        let found = tags(&method, &path);
        prop_assert_eq!(Tags::from_bits(found.bits()), found);
        if is_authentication_attempt(&method, &path) && !found.contains(HealthCheck) {
            prop_assert!(found.contains(Authentication));
        }
    }
}
