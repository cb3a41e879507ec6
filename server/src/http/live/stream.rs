//! One stream: server-sent events with what changed, until whoever follows may not see it any
//! more, the server stops, or it has been open for long. Whoever it is begins another then, from
//! the last number they heard.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use http::{HeaderName, HeaderValue, header};
use shared::{Changes, Permission};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use utoipa::PartialSchema;
use utoipa::openapi::Content;

use super::feed::Recent;
use super::{Holder, Place, Streams};
use crate::auth::{Caller, SecretHash};
use crate::http::error::ApiError;
use crate::http::reply::{Reply, Schemas};
use crate::http::route::Context;
use crate::http::routes::changes;
use crate::http::state::AppState;
use crate::store::{StoreError, TenantStore};

/// How long whoever lost a stream waits before they begin another, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// A sign of life: an event of its own, so that whoever follows notices when it stays away.
pub(in crate::http) const BEAT: &str = "event: beat\ndata: {}\n\n";

/// A stream as an answer.
pub(in crate::http) struct EventStream(pub(in crate::http) Opened);

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let headers = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/event-stream"),
            ),
            // Nobody on the way is to keep it back or to make it smaller.
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("no-store, no-transform"),
            ),
            (
                HeaderName::from_static("x-accel-buffering"),
                HeaderValue::from_static("no"),
            ),
        ];
        let parts = self.0.parts();
        (headers, Body::from_stream(parts)).into_response()
    }
}

impl Reply for EventStream {
    const MEDIA_TYPE: &'static str = "text/event-stream";

    fn describe(_: &mut Schemas) -> Content {
        Content::new(Some(String::schema()))
    }
}

/// What a stream is of, as long as it is open.
pub(in crate::http) struct Opened {
    state: AppState,
    store: TenantStore,
    caller: Caller,
    proof: Proof,
    told: watch::Receiver<Option<Arc<Recent>>>,
    /// The last number that whoever follows knows.
    after: Option<u64>,
    has_begun: bool,
    looked_at: Instant,
    ends_at: Instant,
    _place: Place,
}

/// What whoever follows is known by.
#[derive(Clone, Copy)]
enum Proof {
    Nothing,
    Login(SecretHash),
    Token(SecretHash),
}

impl Opened {
    /// Begins after number `after`, or where things are now.
    ///
    /// # Errors
    /// If there are too many streams already.
    pub(in crate::http) fn new(context: Context, after: Option<u64>) -> Result<Self, ApiError> {
        let streams = &context.state.streams;
        let login = context.login.as_ref();
        let (holder, proof) = match (context.token, login) {
            (Some(secret), _) => (Holder::Token(secret), Proof::Token(secret)),
            (None, Some(login)) => (Holder::Login(login.id), Proof::Login(login.secret)),
            (None, None) => (Holder::Machine, Proof::Nothing),
        };
        let now = Instant::now();
        Ok(Self {
            _place: streams.enter(holder)?,
            told: streams.follow(&context.store),
            ends_at: now + streams.pace.longest,
            looked_at: now,
            has_begun: false,
            after,
            proof,
            caller: context.caller,
            store: context.store,
            state: context.state,
        })
    }

    fn parts(self) -> impl Stream<Item = Result<Bytes, StoreError>> {
        stream::unfold(Some(self), |open| async {
            let mut open = open?;
            match open.next().await {
                Ok(text) => text.map(|text| (Ok(text.into()), Some(open))),
                // The connection breaks, and whoever follows begins again.
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// What is sent next; `None` at the end.
    async fn next(&mut self) -> Result<Option<String>, StoreError> {
        if !self.has_begun {
            self.has_begun = true;
            let changes = changes::since(&self.store, self.after).await?;
            self.after = Some(changes.seq);
            return Ok(Some(format!("retry: {RETRY_MS}\n\n{}", event(&changes))));
        }
        let Streams { pace, stop, .. } = self.state.streams.clone();
        let heartbeat = Instant::now() + pace.heartbeat;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(None),
                () = sleep_until(self.ends_at) => return Ok(None),
                changed = self.told.changed() => if changed.is_err() {
                    return Ok(None);
                },
                () = sleep_until(heartbeat) => {
                    return Ok(self.may_go_on().await?.then(|| BEAT.to_owned()));
                }
            }
            if self.looked_at.elapsed() >= pace.trust && !self.may_go_on().await? {
                return Ok(None);
            }
            if let Some(changes) = self.changes().await? {
                return Ok(Some(event(&changes)));
            }
        }
    }

    /// What changed since something was told; `None` if nothing did.
    async fn changes(&mut self) -> Result<Option<Changes>, StoreError> {
        let recent = self.told.borrow_and_update().clone();
        let (Some(recent), Some(after)) = (recent, self.after) else {
            return Ok(None);
        };
        // Older than what was read when the stream began, perhaps.
        if recent.seq <= after {
            return Ok(None);
        }
        let changes = match recent.since(after) {
            Some(changes) => changes,
            None => changes::since(&self.store, Some(after)).await?,
        };
        self.after = Some(changes.seq);
        Ok(Some(changes))
    }

    /// Whether whoever follows may still see the tenant's changes.
    async fn may_go_on(&mut self) -> Result<bool, StoreError> {
        self.looked_at = Instant::now();
        let (store, now) = (&self.state.store, (self.state.clock)());
        let caller = match self.proof {
            Proof::Nothing => return Ok(true),
            Proof::Login(secret) => {
                let found = store.find_login(&secret, now).await?;
                found.map(|found| found.caller)
            }
            Proof::Token(secret) => store.find_caller(&secret, now).await?,
        };
        Ok(caller.is_some_and(|caller| {
            caller.tenant() == self.caller.tenant()
                && caller.require(Permission::ApplicationsRead).is_ok()
        }))
    }
}

fn event(changes: &Changes) -> String {
    let data = serde_json::to_string(changes).expect("changes are plain data");
    format!("id: {}\ndata: {data}\n\n", changes.seq)
}
