//! Every route of the API, in one table, and what surrounds them all.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{Method, header};
use shared::ErrorCode;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use utoipa::openapi::path::HttpMethod::{Delete, Patch, Post, Put};

use super::error::ApiError;
use super::openapi::BASE;
use super::route::Route;
use super::routes::{
    address_lists, applications, attacks, audit, changes, demo, document, export, field_names,
    ingest_health, invitations, jobs, lists, me, members, overview, own_logins, privacy, retention,
    second_factor, sessions, settings, single_sign_on, tenants, tokens,
};
use super::state::AppState;
use super::{assets, docs, guard, health, ingest, log, recognize, security, sign_in};
use crate::auth::Permission::{
    ApplicationsRead, ApplicationsWrite, AttacksRead, AuditRead, DecisionsRead, ListsRead,
    ListsWrite, MembersRead, MembersWrite, OwnAccount, OwnEntry, PrivacyRead, PrivacyWrite,
    RequestsImport, SessionsRead, TenantExport, TenantsRead, TenantsWrite, TokensRead, TokensWrite,
};

/// How long a route may take to begin its answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The table.
#[rustfmt::skip]
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/overview", ApplicationsRead, overview::show, "What the store holds"),
        Route::get("/applications", ApplicationsRead, applications::list, "The applications, by name"),
        Route::new(Post, "/applications", ApplicationsWrite, applications::create, "Make an application"),
        Route::get("/applications/{id}", ApplicationsRead, applications::show, "One application"),
        Route::get("/applications/{id}/learning", ApplicationsRead, applications::learning, "What was learned of an application"),
        Route::get("/applications/{id}/settings", ApplicationsRead, settings::show, "An application's settings"),
        Route::new(Put, "/applications/{id}/settings", ApplicationsWrite, settings::update, "Set where session key, user and role stand, and judge again"),
        Route::get("/applications/{id}/settings/candidates", ApplicationsRead, settings::candidates, "Sources that look like a session key, a user or a role"),
        Route::get("/applications/{id}/settings/preview", ApplicationsRead, settings::preview, "What settings would come to"),
        Route::get("/applications/{id}/fields", ApplicationsRead, field_names::show, "What fields of an application's traffic are called"),
        Route::new(Put, "/applications/{id}/fields", ApplicationsWrite, field_names::update, "Set what fields of an application's traffic are called"),
        Route::new(Delete, "/applications/{id}", ApplicationsWrite, applications::remove, "Remove an application and all of it"),
        Route::new(Post, "/applications/{id}/restore", ApplicationsWrite, applications::restore, "Bring back an application that was just removed"),
        Route::get("/attacks", AttacksRead, attacks::list, "The attacks that a search finds"),
        Route::get("/attacks/counts", AttacksRead, attacks::counts, "How many attacks a search finds"),
        Route::get("/attacks/values", AttacksRead, attacks::values, "The values that the attacks of a search have under a key"),
        Route::get("/attacks/{id}", AttacksRead, attacks::show, "One attack, whole"),
        Route::get("/attacks/{id}/explain", AttacksRead, attacks::explain, "Every number of an attack's verdict, and whether it can be made again"),
        Route::get("/attacks/{id}/heatmaps", AttacksRead, attacks::heatmaps, "An attack's three heatmaps"),
        Route::get("/attacks/{id}/heatmaps.csv", AttacksRead, attacks::heatmaps_csv, "An attack's three heatmaps as a file"),
        Route::get("/attacks/{id}/heatmaps/steps", AttacksRead, attacks::steps, "How the bots of the heatmaps came to where they are"),
        Route::get("/attacks/{id}/hits", AttacksRead, attacks::hits, "An attack's hits, oldest first"),
        Route::get("/attacks/{id}/hits.csv", AttacksRead, attacks::hits_csv, "An attack's hits as a file"),
        Route::get("/sessions", SessionsRead, sessions::list, "The sessions that a search finds, newest first"),
        Route::get("/sessions/counts", SessionsRead, sessions::counts, "How many sessions a search finds"),
        Route::get("/sessions/values", SessionsRead, sessions::values, "The values that the sessions of a search have under a key"),
        Route::get("/sessions/{id}", SessionsRead, sessions::show, "One session"),
        Route::get("/sessions/{id}/facets", SessionsRead, sessions::facets, "A session's facets"),
        Route::get("/sessions/{id}/requests", SessionsRead, sessions::requests, "A session's requests, oldest first"),
        Route::get("/sessions/{id}/requests.csv", SessionsRead, sessions::requests_csv, "A session's requests as a file"),
        Route::get("/lists/entries", ListsRead, lists::list, "The entries of a list, now or at a past moment"),
        Route::new(Post, "/lists/entries", ListsWrite, lists::create, "Put addresses and subnets on a list"),
        Route::get("/lists/entries/{id}", ListsRead, lists::show, "One entry"),
        Route::new(Patch, "/lists/entries/{id}", ListsWrite, lists::change, "Change an entry's time, reason or applications"),
        Route::new(Delete, "/lists/entries/{id}", ListsWrite, lists::remove, "Take an entry off its list"),
        Route::get("/lists/entries/{id}/history", ListsRead, lists::history, "Every version of an entry, newest first"),
        Route::new(Post, "/lists/import", ListsWrite, lists::import, "Put many addresses on a list, as CSV"),
        Route::new(Post, "/lists/undo", ListsWrite, lists::undo, "Undo the last change of entries"),
        Route::get("/lists/lookup", ListsRead, lists::lookup, "What is known of an address before it is put on a list"),
        Route::get("/lists/deny.txt", DecisionsRead, lists::deny, "The deny list for whatever enforces it"),
        Route::get("/address-lists", ApplicationsRead, address_lists::list, "Lists of addresses that others publish, and how old the copies are"),
        Route::get("/jobs", ApplicationsRead, jobs::list, "The newest jobs, newest first"),
        Route::get("/jobs/{id}", ApplicationsRead, jobs::show, "One job and its progress"),
        Route::get("/changes", ApplicationsRead, changes::list, "What changed since a moment"),
        Route::get("/changes/stream", ApplicationsRead, changes::stream, "What changes, as it happens"),
        Route::new(Post, "/ingest", RequestsImport, ingest::take, "Take requests of the token's application"),
        Route::new(Post, "/ingest/{application}", RequestsImport, ingest::take_into, "Take requests of an application"),
        Route::get("/ingest/health", ApplicationsRead, ingest_health::show, "How traffic arrives"),
        Route::new(Post, "/demo", ApplicationsWrite, demo::start, "Start demo traffic"),
        Route::get("/tokens", TokensRead, tokens::list, "The API tokens, by name"),
        Route::new(Post, "/tokens", TokensWrite, tokens::create, "Make an API token"),
        Route::new(Delete, "/tokens/{id}", TokensWrite, tokens::revoke, "Revoke an API token"),
        Route::get("/tenants", TenantsRead, tenants::list, "The tenants of the installation, by name"),
        Route::new(Post, "/tenants", TenantsWrite, tenants::create, "Make a tenant"),
        Route::new(Patch, "/tenants/{id}", TenantsWrite, tenants::change, "Rename a tenant, suspend it or let it go on"),
        Route::new(Delete, "/tenants/{id}", TenantsWrite, tenants::remove, "Delete a tenant and everything of it"),
        Route::get("/tenant/export", TenantExport, export::show, "Everything of the tenant as a file"),
        Route::get("/privacy", PrivacyRead, privacy::show, "What of people is kept, and who sees it"),
        Route::new(Put, "/privacy", PrivacyWrite, privacy::update, "Set what of people is kept, and who sees it"),
        Route::get("/privacy/traces", PrivacyWrite, privacy::traces, "How much is stored of somebody"),
        Route::get("/privacy/erasures", PrivacyRead, privacy::erasures, "What was erased, newest first"),
        Route::new(Post, "/privacy/erasures", PrivacyWrite, privacy::erase, "Erase somebody's traces"),
        Route::get("/retention", PrivacyRead, retention::show, "How long things are kept"),
        Route::new(Put, "/retention", PrivacyWrite, retention::update, "Set how long things are kept"),
        Route::get("/audit", AuditRead, audit::list, "The audit log, newest first"),
        Route::get("/audit.csv", AuditRead, audit::csv, "The audit log as a file"),
        Route::get("/audit/chain", AuditRead, audit::chain, "Whether the audit log is as it was written"),
        Route::get("/me", OwnEntry, me::show, "Whoever asks, and what they may do"),
        Route::new(Patch, "/me", OwnAccount, me::change, "Change one's own name"),
        Route::new(Put, "/me/password", OwnAccount, me::set_password, "Change one's own password"),
        Route::new(Post, "/me/totp", OwnEntry, me::offer_totp, "Begin to use an authenticator app"),
        Route::new(Post, "/me/totp/confirm", OwnEntry, me::confirm_totp, "Use the authenticator app from now on"),
        Route::new(Delete, "/me/totp", OwnAccount, me::remove_totp, "Use no authenticator app any more"),
        Route::new(Post, "/me/recovery-codes", OwnAccount, me::renew_codes, "Make new recovery codes"),
        Route::get("/me/logins", OwnAccount, own_logins::list, "One's own logins, the one used last first"),
        Route::new(Delete, "/me/logins", OwnAccount, own_logins::end_others, "End all of one's logins but this one"),
        Route::new(Delete, "/me/logins/{id}", OwnAccount, own_logins::end, "End one of one's logins"),
        Route::new(Put, "/me/tenant", OwnEntry, me::switch_tenant, "Look at another tenant"),
        Route::get("/me/tokens", OwnAccount, me::list_tokens, "One's personal tokens, by name"),
        Route::new(Post, "/me/tokens", OwnAccount, me::create_token, "Make a personal token"),
        Route::new(Delete, "/me/tokens/{id}", OwnAccount, me::revoke_token, "Revoke a personal token"),
        Route::get("/members", MembersRead, members::list, "The members, by name"),
        Route::new(Patch, "/members/{id}", MembersWrite, members::change, "Change a member's role"),
        Route::new(Delete, "/members/{id}", MembersWrite, members::remove, "Remove a member"),
        Route::get("/members/{id}/logins", MembersWrite, members::list_logins, "A member's logins, the one used last first"),
        Route::new(Delete, "/members/{id}/logins", MembersWrite, members::sign_out, "Sign a member out everywhere"),
        Route::new(Post, "/members/{id}/reset-link", MembersWrite, members::reset_link, "Make a link for a member who cannot sign in"),
        Route::get("/invitations", MembersRead, invitations::list, "The open invitations, newest first"),
        Route::new(Post, "/invitations", MembersWrite, invitations::create, "Invite somebody"),
        Route::new(Delete, "/invitations/{id}", MembersWrite, invitations::revoke, "Revoke an invitation"),
        Route::get("/second-factor", MembersRead, second_factor::show, "Of whom a second factor is required"),
        Route::new(Put, "/second-factor", MembersWrite, second_factor::update, "Set of whom a second factor is required"),
        Route::get("/single-sign-on", MembersRead, single_sign_on::show, "How single sign-on is set up"),
        Route::get("/openapi.json", ApplicationsRead, document::show, "This document"),
    ]
}

/// The whole server: the table, the console, and what surrounds both.
pub(super) fn build(state: AppState) -> Router {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(&format!("{BASE}{}", route.path), route.handler);
    }
    let guarded = router
        .route(docs::PATH, get(docs::show))
        .route(&format!("{}/{{name}}", docs::PATH), get(docs::file))
        .route(health::METRICS, get(health::show_metrics))
        .method_not_allowed_fallback(method_not_allowed)
        .merge(sign_in::routes())
        .merge(ingest::routes())
        .fallback(elsewhere)
        .layer(from_fn_with_state(state.clone(), recognize::recognize))
        .layer(from_fn_with_state(state.clone(), guard::guard));
    surround(guarded.merge(health::routes())).with_state(state)
}

/// What is on the listener of the metrics.
pub(super) fn build_metrics(state: AppState) -> Router {
    surround(health::own_routes()).with_state(state)
}

/// What takes traffic, and nothing else. No browser asks here, and every request needs a token, so
/// it does not matter by which name it reaches this server.
pub(super) fn build_ingest(state: AppState) -> Router {
    let takes = |route: &Route| route.permission == RequestsImport;
    let mut router = Router::new();
    for route in routes().into_iter().filter(takes) {
        router = router.route(&format!("{BASE}{}", route.path), route.handler);
    }
    surround(router.merge(ingest::routes_alone())).with_state(state)
}

/// What every answer goes through: compressed, in time, without panics, named and logged.
pub(super) fn surround<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let worth_it = DefaultPredicate::new().and(SizeAbove::new(1024));
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(worth_it);
    let panics = CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
        ApiError::internal(panic_message(panic.as_ref())).into_response()
    });
    router
        .layer(compression)
        .layer(from_fn(limit_time))
        .layer(panics)
        .layer(from_fn(security::set_headers))
        .layer(from_fn(log::finish))
}

/// Answers what is not in the table: an error below `/api`, the console everywhere else, for
/// whoever has signed in.
async fn elsewhere(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::not_found("route; /api/docs shows all of them").into_response();
    }
    match *request.method() {
        Method::GET | Method::HEAD => {
            let (parts, _) = request.into_parts();
            let path = parts.uri.path();
            if !assets::is_file(path)
                && let Err(there) = sign_in::let_in(&parts, &state).await
            {
                return *there;
            }
            let accepted = parts.headers.get(header::ACCEPT_ENCODING);
            assets::serve(path, accepted.and_then(|accepted| accepted.to_str().ok()))
        }
        _ => method_not_allowed().await.into_response(),
    }
}

async fn method_not_allowed() -> ApiError {
    let detail = "this address does not take this method; the Allow header lists those it takes";
    ApiError::new(ErrorCode::MethodNotAllowed, detail)
}

async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable("no answer in time").into_response(),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("no message"))
}
