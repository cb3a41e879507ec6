//! What whoever runs the server asks it: whether it lives, whether to send it anything, and its
//! metrics. The first two need no credential and say nothing that is worth one. Not what the
//! metrics are: that is `telemetry`'s.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use tokio_util::sync::CancellationToken;

use super::credential;
use super::error::ApiError;
use super::route::Peer;
use super::state::AppState;
use crate::auth::Permission;
use crate::store::Store;
use crate::telemetry::{Metrics, metrics};

/// The process answers.
pub(super) const ALIVE: &str = "/healthz";

/// It may be sent requests.
pub(super) const READY: &str = "/readyz";

/// Its metrics.
pub(super) const METRICS: &str = "/metrics";

/// For how long what was found of the store is believed: who asks more often learns no more, and
/// keeps the store no busier.
const BELIEVED: Duration = Duration::from_secs(1);

/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// For how long the number of applications is believed.
const COUNTED: Duration = Duration::from_secs(60);

/// What is known of the server's health; cheap to clone, all clones are one.
#[derive(Clone, Default)]
pub(super) struct Health {
    /// Cancelled once the server is about to stop.
    pub(super) draining: CancellationToken,
    found: Arc<Mutex<Option<Found>>>,
    counted: Arc<Mutex<Option<Instant>>>,
}

/// What was found of the store, and when.
type Found = (Instant, Result<(), Fault>);

/// Why the server is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Draining,
    Store,
}

impl Fault {
    /// As it is told to everybody.
    const fn reason(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::Store => "store_unreachable",
        }
    }
}

impl Health {
    async fn check(&self, store: &Store) -> Result<(), Fault> {
        if self.draining.is_cancelled() {
            return Err(Fault::Draining);
        }
        let held = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, found)) = *held()
            && at.elapsed() < BELIEVED
        {
            return found;
        }
        let found = match tokio::time::timeout(PATIENCE, store.ping()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready: the store does not answer");
                Err(Fault::Store)
            }
            Err(_) => {
                tracing::warn!("not ready: the store takes too long");
                Err(Fault::Store)
            }
        };
        *held() = Some((Instant::now(), found));
        found
    }

    /// Counts the applications, where that was long ago.
    async fn count_applications(&self, store: &Store) {
        {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            if counted.is_some_and(|at| at.elapsed() < COUNTED) {
                return;
            }
            *counted = Some(Instant::now());
        }
        let mut total = 0;
        for caller in super::callers(store).await {
            match store.tenant(&caller).count_applications().await {
                Ok(count) => total += count,
                Err(error) => return tracing::warn!(%error, "applications were not counted"),
            }
        }
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        metrics().engine.applications.set(total);
    }
}

/// What needs no credential, and no certain host: whoever checks a machine knows its address only.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(ALIVE, get(async || text(StatusCode::OK, "ok")))
        .route(READY, get(ready))
}

/// The same and the metrics, for a listener of their own: who opens that lets whoever reaches it
/// read them.
pub(super) fn own_routes() -> Router<AppState> {
    routes().route(METRICS, get(async |State(state)| collect(&state).await))
}

async fn ready(State(state): State<AppState>) -> Response {
    match state.health.check(&state.store).await {
        Ok(()) => text(StatusCode::OK, "ready"),
        Err(fault) => text(StatusCode::SERVICE_UNAVAILABLE, fault.reason()),
    }
}

/// The metrics on the listener that everything is on: for this machine while nobody else is
/// served, otherwise for whoever has a token that may.
pub(super) async fn show_metrics(State(state): State<AppState>, request: Request) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let is_here = peer.is_some_and(|Peer(address)| address.to_canonical().is_loopback());
    let is_open = is_here && state.site.public_url.is_none();
    let (parts, _) = request.into_parts();
    if !is_open {
        match credential::find(&parts, &state).await {
            Ok(caller) => {
                if let Err(denied) = caller.require(Permission::MetricsRead) {
                    return ApiError::from(denied).into_response();
                }
            }
            Err(refused) => return refused.into_response(),
        }
    }
    collect(&state).await
}

async fn collect(state: &AppState) -> Response {
    state.health.count_applications(&state.store).await;
    let (open, idle) = state.store.connections();
    metrics().store.connected(open, idle);
    let backlog = state.counters.backlog();
    let ingest = &metrics().ingest;
    let bytes = i64::try_from(backlog.bytes).unwrap_or(i64::MAX);
    ingest.pending_bytes.set(bytes);
    let lag_ms = backlog.oldest_at.map_or(0, |at| (state.clock)().since(at));
    ingest.lag_seconds.set(lag_ms.max(0) as f64 / 1_000.0);
    let kind = [(header::CONTENT_TYPE, Metrics::MEDIA_TYPE)];
    no_store((kind, metrics().encode()).into_response())
}

fn text(status: StatusCode, text: &'static str) -> Response {
    no_store((status, text).into_response())
}

fn no_store(mut response: Response) -> Response {
    let kept = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}
