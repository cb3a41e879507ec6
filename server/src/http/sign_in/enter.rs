//! The end of every way in: a new login, its cookie, and on to where somebody wanted to go.

use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use http::{Extensions, HeaderMap, StatusCode, header};
use shared::{GlobalRole, LoginId};

use super::page::Page;
use super::{local_path, single_sign_on};
use crate::auth::{Caller, LoginCredential, Secret};
use crate::http::cookie::{self, Purpose};
use crate::http::error::ApiError;
use crate::http::recognize::{self, CurrentLogin};
use crate::http::state::AppState;
use crate::store::{AccountRow, AuditRecord, LOGIN_MS, Membership, NewLogin, Seen};

/// What of a request a way in needs, before its body is read.
#[derive(Clone)]
pub(in crate::http) struct Visitor {
    /// From where.
    pub(super) seen: Seen,
    /// The login that the browser has already, if any.
    pub(super) login: Option<CurrentLogin>,
    /// Between password and code: the secret of that step.
    pub(super) step: Option<Secret>,
}

impl Visitor {
    pub(super) fn of(request: &Request, state: &AppState) -> Self {
        Self::with(request.headers(), request.extensions(), state)
    }

    pub(super) fn with(headers: &HeaderMap, extensions: &Extensions, state: &AppState) -> Self {
        Self {
            seen: recognize::seen(headers, extensions),
            login: extensions.get::<CurrentLogin>().cloned(),
            step: cookie::read(&state.site, Purpose::Step, headers),
        }
    }
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Proof {
    /// By their password, and by a code where the account has an app.
    Password,
    /// A provider vouches for them.
    SingleSignOn {
        /// Whether it says that it asked for a second factor.
        has_second_factor: bool,
    },
}

/// The tenant that somebody looks at first: one that they belong to, or any for a global role.
fn first_of(memberships: &[Membership], has_global_role: bool) -> Option<&Membership> {
    let is_open = |membership: &&Membership| !membership.is_suspended;
    let own = memberships
        .iter()
        .filter(is_open)
        .find(|m| m.role.is_some());
    own.or_else(|| memberships.first().filter(|_| has_global_role))
}

/// Signs somebody in. A login that the browser had before ends: none that somebody else put there
/// is kept.
pub(in crate::http) async fn enter(
    state: &AppState,
    account: &AccountRow,
    visitor: &Visitor,
    proof: Proof,
    next: &str,
) -> Result<Response, ApiError> {
    let is_root = account.global_role == Some(GlobalRole::Administrator);
    if proof == Proof::Password
        && !is_root
        && let Some(provider) = state.only_provider()
    {
        return Ok(single_sign_on::instead(provider, next));
    }
    let memberships = state.store.list_memberships(account).await?;
    let Some(first) = first_of(&memberships, account.global_role.is_some()) else {
        let text = "Your account belongs to no organisation here that lets people in. Ask one of \
                    its administrators.";
        return Ok(Page::new("No way in")
            .text(text)
            .answer(StatusCode::FORBIDDEN));
    };
    let secret = Secret::random()?;
    let login = NewLogin {
        id: LoginId(secret.hash().number()),
        account: account.id,
        tenant: first.tenant.id,
        at: (state.clock)(),
        is_single_sign_on: proof != Proof::Password,
        has_second_factor: match proof {
            Proof::Password => account.totp.is_some(),
            Proof::SingleSignOn { has_second_factor } => has_second_factor,
        },
        seen: visitor.seen.clone(),
    };
    if let Some(former) = &visitor.login
        && let Some(owner) = former.caller.account()
    {
        state.store.end_login(owner, former.id).await?;
    }
    state.store.create_login(&login, &secret.hash()).await?;
    let credential = LoginCredential {
        id: login.id,
        account: account.id,
        role: first.role,
        global_role: account.global_role,
    };
    let caller = Caller::with_login(first.tenant.id, &account.email, credential);
    let tenant = state.store.tenant(&caller.at(visitor.seen.address));
    let by = match (proof, account.totp.is_some()) {
        (
            Proof::SingleSignOn {
                has_second_factor: true,
            },
            _,
        ) => "single sign-on with a second factor",
        (Proof::SingleSignOn { .. }, _) => "single sign-on",
        (Proof::Password, true) => "password and code",
        (Proof::Password, false) => "password",
    };
    let record = AuditRecord::new("login.create", &account.email).with("by", by);
    tenant.record(record, login.at).await?;
    let mut response = Redirect::to(local_path(next)).into_response();
    let headers = response.headers_mut();
    let kept = cookie::keep(&state.site, Purpose::Login, &secret, LOGIN_MS / 1_000);
    headers.append(header::SET_COOKIE, kept);
    if visitor.step.is_some() {
        headers.append(
            header::SET_COOKIE,
            cookie::forget(&state.site, Purpose::Step),
        );
    }
    Ok(response)
}

/// Logs that somebody was turned away, beside the answer: it must not take longer for an account
/// that is there. Of one that is not, the default tenant's log tells.
pub(super) fn note_refusal(
    state: &AppState,
    email: &str,
    account: Option<AccountRow>,
    seen: &Seen,
    why: &'static str,
) {
    let (state, seen) = (state.clone(), seen.clone());
    let record = AuditRecord::new("login.refuse", email).with("why", why);
    let now = (state.clock)();
    tokio::spawn(async move {
        let mut tenant = Caller::DEFAULT_TENANT;
        if let Some(account) = &account
            && let Ok(memberships) = state.store.list_memberships(account).await
            && let Some(first) = first_of(&memberships, account.global_role.is_some())
        {
            tenant = first.tenant.id;
        }
        let nobody = Caller::nobody(tenant).at(seen.address);
        if let Err(error) = state.store.tenant(&nobody).record(record, now).await {
            tracing::warn!(%error, "a refused sign-in could not be logged");
        }
    });
}
