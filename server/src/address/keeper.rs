//! Keeps what is known of addresses current while a server runs: fetches lists that are due, and
//! looks up who says that they are a crawler. Never in the way of a request or a judgement: what
//! it finds out is known from then on.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use engine::{OriginCheck, is_somebodys, origin_name};
use shared::Timestamp;
use tokio_util::sync::CancellationToken;

use super::lookup::{Names, System, is_in};
use super::published::{Fetcher, Shelf, domains_of, due, refresh};
use super::{AddressBook, open};
use crate::auth::Caller;
use crate::store::{Period, Store, StoreError, TenantStore};

/// How long after its start a server asks for the first time.
const FIRST: Duration = Duration::from_secs(45);
/// How often it looks for something to do.
const EVERY: Duration = Duration::from_secs(60);
/// Only who came so lately is looked up.
const LATELY_MS: i64 = 30 * Timestamp::DAY;
/// So many are looked up at one time …
const LOOK_UPS: usize = 200;
/// … so many of them at once.
const AT_ONCE: usize = 8;

/// What keeps a store's address data current.
pub(crate) struct Keeper {
    pub(crate) store: Store,
    pub(crate) data: PathBuf,
    /// The operator's files.
    pub(crate) given: Vec<PathBuf>,
    pub(crate) fetcher: Fetcher,
    pub(crate) clock: fn() -> Timestamp,
}

impl Keeper {
    /// Works until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let names = System::open();
        let mut wait = FIRST;
        let mut seen = self.changed_at();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = EVERY;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.refresh_lists() => {}
            }
            // Also what `botscope sources --refresh` fetched beside it.
            let changed_at = self.changed_at();
            if changed_at != seen {
                seen = changed_at;
                self.reopen().await;
            }
            if let Some(names) = &names {
                tokio::select! {
                    () = stop.cancelled() => return,
                    looked_up = self.look_up(names) => {
                        if let Err(error) = looked_up {
                            tracing::warn!(%error, "who claims to be a crawler is not looked up");
                        }
                    }
                }
            }
        }
    }

    async fn refresh_lists(&self) {
        let mut shelf = Shelf::open(&self.data);
        let now = (self.clock)();
        let lists = due(&shelf, now);
        if lists.is_empty() {
            return;
        }
        let done = refresh(&mut shelf, &self.fetcher, &lists, now).await;
        tracing::info!(
            fetched = done.fetched,
            changed = done.changed,
            failed = done.failed,
            "published lists"
        );
    }

    /// When a list was last fetched or tried.
    fn changed_at(&self) -> Option<SystemTime> {
        Shelf::changed_at(&self.data)
    }

    async fn reopen(&self) {
        let (data, given) = (self.data.clone(), self.given.clone());
        let opened = tokio::task::spawn_blocking(move || open(&data, &given)).await;
        match opened {
            Ok(Ok(book)) => self.store.know(book).await,
            Ok(Err(error)) => tracing::warn!(%error, "address data stays as it was"),
            Err(error) => tracing::error!(%error, "address data stays as it was"),
        }
    }

    /// Looks up those who said lately that they are a crawler, and whom no list tells.
    pub(super) async fn look_up<N: Names>(&self, names: &N) -> Result<(), StoreError> {
        let tenant = self.store.tenant(&Caller::local());
        let (book, now) = (tenant.addresses(), (self.clock)());
        let asked = self.to_look_up(&tenant, &book, now).await?;
        if asked.is_empty() {
            return Ok(());
        }
        let mut checks = book.checks().as_ref().clone();
        for some in asked.chunks(AT_ONCE) {
            let answers = some.iter().map(|(crawler, address)| async move {
                let is_its = is_in(names, domains_of(crawler), IpAddr::from(*address)).await;
                is_its.ok().map(|is_its| OriginCheck {
                    crawler: origin_name(crawler),
                    address: *address,
                    at: now,
                    is_its,
                })
            });
            let answers = futures::future::join_all(answers).await;
            answers
                .into_iter()
                .flatten()
                .for_each(|check| checks.add(check));
        }
        if checks == **book.checks() {
            return Ok(());
        }
        if let Err(error) = checks.save(&self.data) {
            tracing::warn!(%error, "what was looked up is not kept");
        }
        self.store
            .know(tenant.addresses().with_checks(checks))
            .await;
        Ok(())
    }

    async fn to_look_up(
        &self,
        tenant: &TenantStore,
        book: &Arc<AddressBook>,
        now: Timestamp,
    ) -> Result<Vec<(&'static str, engine::Address)>, StoreError> {
        let lately = Period {
            from: now.plus(-LATELY_MS),
            until: now,
        };
        let mut claims = tenant.list_claims(lately).await?;
        claims.retain(|(crawler, address)| {
            !domains_of(crawler).is_empty()
                && is_somebodys(*address)
                && !book.origins().0.contains_key(&origin_name(crawler))
                && !book.checks().is_fresh(crawler, *address, now)
        });
        claims.truncate(LOOK_UPS);
        Ok(claims)
    }
}
