//! What every handler can reach. No request's data.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use shared::Timestamp;

use super::health::Health;
use super::live::Streams;
use super::route::{Context, Origin};
use super::site::Site;
use super::{openapi, router};
use crate::auth::oidc::Provider;
use crate::auth::{Caller, Passwords};
use crate::ingest::health::IngestCounters;
use crate::mail::Mailer;
use crate::pipeline::{Candidates, Demo, Intake, Jobs, Reproductions};
use crate::store::Store;

/// The state of the server; cheap to clone.
#[derive(Clone)]
pub(super) struct AppState {
    /// All tenants' data; handlers get only their caller's.
    pub(super) store: Store,
    /// Whoever asks without a credential; outside of tests nobody does.
    #[cfg(test)]
    pub(super) assumed: Option<Caller>,
    /// Hashes and checks passwords.
    pub(super) passwords: Passwords,
    /// Sends links by e-mail, where that was set up.
    pub(super) mailer: Option<Mailer>,
    /// Vouches for people, where that was set up.
    pub(super) single_sign_on: Option<Arc<Provider>>,
    /// The secret of the data directory.
    pub(super) secret: [u8; 16],
    /// Where this server is.
    pub(super) site: Arc<Site>,
    /// Whether it works, and whether it is about to stop.
    pub(super) health: Health,
    /// What goes on in the background.
    pub(super) jobs: Jobs,
    /// What settings could name, as found lately.
    pub(super) candidates: Candidates,
    /// Whose verdicts are made again right now.
    pub(super) reproductions: Reproductions,
    /// Demo traffic.
    pub(super) demo: Demo,
    /// Where traffic comes in; `None` where none is taken.
    pub(super) intake: Option<Intake>,
    /// How traffic arrives.
    pub(super) counters: IngestCounters,
    /// Streams of changes.
    pub(super) streams: Streams,
    /// What the time is; tests have their own.
    pub(super) clock: fn() -> Timestamp,
    /// The description of the API.
    pub(super) document: Arc<str>,
}

impl AppState {
    pub(super) fn new(
        store: Store,
        jobs: Jobs,
        demo: Demo,
        site: Site,
        clock: fn() -> Timestamp,
    ) -> Self {
        Self {
            store,
            jobs,
            candidates: Candidates::default(),
            reproductions: Reproductions::default(),
            demo,
            intake: None,
            counters: IngestCounters::new(clock()),
            streams: Streams::ended(),
            #[cfg(test)]
            assumed: None,
            passwords: Passwords::default(),
            mailer: None,
            single_sign_on: None,
            secret: [0; 16],
            site: Arc::new(site),
            health: Health::default(),
            clock,
            document: openapi::document(&router::routes()).into(),
        }
    }

    /// The provider, where no passwords are taken but those of global administrators.
    pub(super) fn only_provider(&self) -> Option<&Provider> {
        let provider = self.single_sign_on.as_deref();
        provider.filter(|provider| provider.config().is_only)
    }

    /// What a handler works with when `caller` asks.
    pub(super) fn context(&self, caller: &Caller, origin: Origin) -> Context {
        let caller = caller.clone().at(origin.peer);
        Context {
            store: self.store.tenant(&caller),
            tenants: self.store.tenants(),
            is_masked: false,
            caller,
            peer: origin.peer,
            login: origin.login,
            token: origin.token,
            if_none_match: origin.if_none_match,
            last_event_id: origin.last_event_id,
            state: self.clone(),
            now: (self.clock)(),
        }
    }
}

/// The machine's clock.
pub fn system_clock() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since_1970.map_or(0, |elapsed| elapsed.as_millis());
    Timestamp(i64::try_from(ms).unwrap_or(i64::MAX))
}
