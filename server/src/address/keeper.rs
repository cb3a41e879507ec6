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

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use engine::Address;
    use shared::Verification;

    use super::super::lookup::Unanswered;
    use super::*;
    use crate::ingest::decode::{FieldMap, SourceConfig};
    use crate::ingest::normalize::SecretKey;
    use crate::ingest::source::Source;
    use crate::pipeline::{self, Meter, Options};
    use crate::store::Logged;

    /// 2026-09-21 12:00 UTC.
    const NOW: Timestamp = Timestamp(1_789_992_000_000);
    const REAL: &str = "5.255.253.7";
    const FALSE: &str = "9.9.9.9";
    const SILENT: &str = "9.9.9.10";

    /// The real one has a name that leads back to it, the false one none, and of the third
    /// nobody says anything.
    struct Fake;

    impl Names for Fake {
        async fn names_of(&self, ip: IpAddr) -> Result<Vec<String>, Unanswered> {
            match ip.to_string().as_str() {
                REAL => Ok(vec!["spider-7.yandex.com.".to_owned()]),
                SILENT => Err(Unanswered),
                _ => Ok(Vec::new()),
            }
        }

        async fn addresses_of(&self, name: &str) -> Result<Vec<IpAddr>, Unanswered> {
            assert_eq!(name, "spider-7.yandex.com");
            Ok(vec![REAL.parse().unwrap()])
        }
    }

    /// Imports a page a minute from each who says that it is Yandex' crawler, in this hour.
    async fn crawl(tenant: &TenantStore, data: &Path, hour: u32) {
        let mut log = String::new();
        for minute in 0..20 {
            for ip in [REAL, FALSE, SILENT] {
                writeln!(
                    log,
                    "{ip} - - [21/Sep/2026:{hour:02}:{minute:02}:00 +0000] \"GET /story-{hour}-{minute} HTTP/1.1\" \
                     200 900 \"-\" \"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)\""
                )
                .unwrap();
            }
        }
        let path = data.join(format!("access-{hour}.log"));
        std::fs::write(&path, log).unwrap();
        let meter = Arc::new(Meter::default());
        let source = Source::open(
            path.to_str().unwrap(),
            &SourceConfig::default(),
            meter.bytes.clone(),
        );
        let options = Options {
            fields: FieldMap::default(),
            key: SecretKey([0; 16]),
            now: NOW,
        };
        let sources = vec![source.unwrap()];
        pipeline::import(tenant, "shop", sources, &options, &meter)
            .await
            .unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_not_the_crawler_it_says_is_found_once_it_was_looked_up() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let tenant = store.tenant(&Caller::local());
        let keeper = Keeper {
            store: store.clone(),
            data: data.path().to_owned(),
            given: Vec::new(),
            fetcher: Fetcher::new(None),
            clock: || NOW,
        };
        let attacks = async || tenant.list_applications().await.unwrap()[0].attacks;
        let verify = |ip: &str| {
            let address: Address = ip.parse::<IpAddr>().unwrap().into();
            tenant.addresses().verify("YandexBot", &[address], NOW)
        };
        crawl(&tenant, data.path(), 9).await;
        assert_eq!(attacks().await, 0);
        keeper.look_up(&Fake).await.unwrap();
        assert_eq!(verify(REAL), Verification::Verified);
        assert_eq!(verify(FALSE), Verification::Spoofed);
        assert_eq!(verify(SILENT), Verification::Unverified);
        // Only who is not known yet is asked for again.
        let book = tenant.addresses();
        let asked = keeper.to_look_up(&tenant, &book, NOW).await.unwrap();
        let silent: Address = SILENT.parse::<IpAddr>().unwrap().into();
        assert_eq!(asked, [("YandexBot", silent)]);
        crawl(&tenant, data.path(), 10).await;
        assert_eq!(attacks().await, 1);
        // It is part of the log, and known again after a restart.
        let state = tenant
            .find_application_state("shop")
            .await
            .unwrap()
            .unwrap();
        let log = tenant.list_log(state.judgement, None, 100).await.unwrap();
        let told = log.iter().filter(|it| matches!(it, Logged::Told { .. }));
        assert_eq!(told.count(), 1);
        assert_eq!(
            open(data.path(), &[]).unwrap().checks(),
            tenant.addresses().checks()
        );
    }
}
