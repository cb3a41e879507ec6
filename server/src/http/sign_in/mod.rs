//! The pages before the console: signing in and out, setting up, invitations, forgotten
//! passwords. Plain HTML and plain forms: they work without script, and no script of theirs could
//! be turned against a password. Who is who and what holds how long is the store's and `auth`'s.

mod code;
mod enter;
mod forgotten;
mod form;
mod invitation;
mod page;
mod password;
mod set_up;
mod single_sign_on;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{StatusCode, header};
use shared::Timestamp;

use super::cookie::{self, Purpose};
use super::credential;
use super::error::ApiError;
use super::recognize::{self, CurrentLogin};
use super::state::AppState;
use crate::auth::Caller;
use crate::auth::oidc::local_path;
use crate::store::AuditRecord;
use page::{Field, Page};

pub(super) use forgotten::make_link;
pub(super) use password::{forgive, subjects};
pub(super) use single_sign_on::CALLBACK;

/// What the addresses of links begin with, before their secret.
const LINKS: [&str; 3] = ["/set-up/", "/invitations/", "/reset/"];

/// Where a second factor is set up.
const SECOND_FACTOR: &str = "/settings/account";

/// Where one signs in.
pub(super) const SIGN_IN: &str = "/sign-in";

/// All pages. None of them needs a permission: whoever opens one has none yet, or gives it up.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(SIGN_IN, get(password::show).post(password::submit))
        .route(code::PATH, get(code::show).post(code::submit))
        .route(single_sign_on::BEGIN, get(single_sign_on::begin))
        .route(CALLBACK, get(single_sign_on::end))
        .route(single_sign_on::OUT, get(single_sign_on::out))
        .route("/sign-out", post(sign_out))
        .route("/set-up/{secret}", get(set_up::show).post(set_up::submit))
        .route(
            "/invitations/{secret}",
            get(invitation::show).post(invitation::submit),
        )
        .route("/forgotten", get(forgotten::show).post(forgotten::submit))
        .route(
            "/reset/{secret}",
            get(forgotten::show_reset).post(forgotten::submit_reset),
        )
}

/// A path as a log may say it: without the secret of a link, which opens what it is for to whoever
/// reads it.
pub(super) fn without_secret(path: &str) -> &str {
    let link = LINKS.into_iter().find(|link| path.starts_with(link));
    link.unwrap_or(path)
}

/// The address of the sign-in page that leads on to `next`.
pub(super) fn sign_in_for(next: &str) -> String {
    leading_on(SIGN_IN, next)
}

/// The address of a page on the way that leads on to `next`.
fn leading_on(page: &str, next: &str) -> String {
    if next == "/" {
        return page.to_owned();
    }
    let set = percent_encoding::NON_ALPHANUMERIC;
    let next = percent_encoding::utf8_percent_encode(next, set);
    format!("{page}?next={next}")
}

/// Whoever opens a page; or the way to where they sign in, or set up the second factor that their
/// tenant requires.
pub(super) async fn let_in(parts: &Parts, state: &AppState) -> Result<Caller, Box<Response>> {
    match credential::find(parts, state).await {
        Err(refused) => Err(Box::new(lead_there(parts, refused))),
        Ok(caller) if caller.lacks_second_factor() && parts.uri.path() != SECOND_FACTOR => {
            Err(Box::new(Redirect::to(SECOND_FACTOR).into_response()))
        }
        Ok(caller) => Ok(caller),
    }
}

/// Leads whoever opens a page without a credential to where they get one.
fn lead_there(parts: &Parts, refused: ApiError) -> Response {
    if refused.is_unauthorized() && !parts.headers.contains_key(header::AUTHORIZATION) {
        let wanted = parts.uri.path_and_query();
        let wanted = wanted.map_or("/", PathAndQuery::as_str);
        return Redirect::to(&sign_in_for(local_path(wanted))).into_response();
    }
    refused.into_response()
}

/// Ends the login of the request, whoever it is.
async fn sign_out(State(state): State<AppState>, request: Request) -> Response {
    let login = request.extensions().get::<CurrentLogin>().cloned();
    let seen = recognize::seen(request.headers(), request.extensions());
    drop(request);
    if let Some(login) = login {
        let caller = login.caller.at(seen.address);
        let tenant = state.store.tenant(&caller);
        let ended = async {
            if let Some(account) = caller.account() {
                state.store.end_login(account, login.id).await?;
            }
            let record = AuditRecord::new("login.end", caller.name());
            tenant.record(record, (state.clock)()).await
        };
        if let Err(error) = ended.await {
            return ApiError::from(error).into_response();
        }
    }
    let to = match state.single_sign_on {
        Some(_) => single_sign_on::SIGNED_OUT,
        None => SIGN_IN,
    };
    let mut response = Redirect::to(to).into_response();
    for purpose in [Purpose::Login, Purpose::Step] {
        let forgotten = cookie::forget(&state.site, purpose);
        response.headers_mut().append(header::SET_COOKIE, forgotten);
    }
    response
}

/// For how long whoever has to wait until then waits; they hear it.
pub(super) fn seconds_until(until: Timestamp, now: Timestamp) -> i64 {
    ((until.0 - now.0 + 999) / 1_000).max(1)
}

/// A page that says to wait for so many seconds.
fn too_many(page: Page, seconds: i64) -> Response {
    let how_long = match seconds {
        1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    };
    let text = format!("Too many attempts. Try again in {how_long}.");
    let mut response = page.alert(&text).answer(StatusCode::TOO_MANY_REQUESTS);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, seconds.into());
    response
}

/// A page for a link that holds no more, or never did.
fn gone(title: &'static str, text: &str) -> Response {
    Page::new(title)
        .text(text)
        .link("Sign in", SIGN_IN)
        .answer(StatusCode::NOT_FOUND)
}

/// What all forms ask for an e-mail address.
fn email_field(value: &str, fault: Option<String>) -> Field {
    Field {
        name: "email",
        label: "E-mail address",
        kind: "email",
        autocomplete: "username",
        value: value.to_owned(),
        fault,
        ..Field::default()
    }
}

/// What all forms ask for a new password.
fn new_password(fault: Option<String>) -> Field {
    Field {
        name: "password",
        label: "Password",
        kind: "password",
        autocomplete: "new-password",
        hint: Some("At least 12 characters. A few unrelated words are good and easy to keep."),
        fault,
        ..Field::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_says_no_secret_of_a_link() {
        let secret = crate::auth::Secret::of([7; 32]);
        for link in LINKS {
            assert_eq!(without_secret(&format!("{link}{}", secret.digits())), link);
        }
        for path in ["/", "/sign-in", "/api/v1/invitations/0000000000000017"] {
            assert_eq!(without_secret(path), path);
        }
    }

    #[test]
    fn signing_in_leads_on() {
        assert_eq!(sign_in_for("/"), SIGN_IN);
        assert_eq!(sign_in_for("/a?b=c"), "/sign-in?next=%2Fa%3Fb%3Dc");
    }
}
