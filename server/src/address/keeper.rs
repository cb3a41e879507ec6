//! Keeps what is known of addresses current while a server runs: fetches lists that are due, and
//! looks up who says that they are a crawler. Never in the way of a request or a judgement: what
//! it finds out is known from then on.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use engine::{Address, OriginCheck, is_somebodys, origin_name};
use shared::Timestamp;
use tokio_util::sync::CancellationToken;

use super::lookup::{Names, System, Unanswered, is_in};
use super::published::{Fetcher, Shelf, domains_of, due, refresh};
use super::{AddressBook, open};
use crate::auth::Caller;
use crate::store::{Period, Store, StoreError, TenantStore};

/// How long after its start a server asks for the first time.
const FIRST: Duration = Duration::from_secs(45);
/// How often it looks for something to do.
const EVERY: Duration = Duration::from_secs(60);
/// At first those are looked up who came so lately …
const LATELY_MS: i64 = 30 * Timestamp::DAY;
/// … and then those who came since; longer than it takes to look around again.
const SINCE_MS: i64 = Timestamp::HOUR;
/// So many are looked up at one time …
const LOOK_UPS: usize = 200;
/// … so many of them at once.
const AT_ONCE: usize = 8;

/// Of whom nobody says anything is asked again after this.
const RETRY: Duration = Duration::from_secs(3_600);

/// Claims that nobody said anything of: crawler and address.
type Silent = BTreeSet<(&'static str, Address)>;

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
        let (mut wait, mut lately) = (FIRST, LATELY_MS);
        let (mut silent, mut silent_since) = (Silent::new(), Instant::now());
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
            if silent_since.elapsed() > RETRY {
                (silent, silent_since) = (Silent::new(), Instant::now());
            }
            if let Some(names) = &names {
                tokio::select! {
                    () = stop.cancelled() => return,
                    looked_up = self.look_up(names, lately, &mut silent) => match looked_up {
                        Ok(true) => lately = SINCE_MS,
                        Ok(false) => {}
                        Err(error) => {
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

    /// Looks up those who said in the last `lately` ms that they are a crawler, and whom no list
    /// tells. Says whether there were no more than are looked up at one time.
    async fn look_up<N: Names>(
        &self,
        names: &N,
        lately: i64,
        silent: &mut Silent,
    ) -> Result<bool, StoreError> {
        let tenant = self.store.tenant(&Caller::local());
        let (book, now) = (tenant.addresses(), (self.clock)());
        let mut asked = self.to_look_up(&tenant, &book, lately).await?;
        asked.retain(|claim| !silent.contains(claim));
        let are_all = asked.len() <= LOOK_UPS;
        asked.truncate(LOOK_UPS);
        let mut checks = book.checks().as_ref().clone();
        for some in asked.chunks(AT_ONCE) {
            let answers = some.iter().map(|(crawler, address)| async move {
                let is_its = is_in(names, domains_of(crawler), IpAddr::from(*address)).await;
                is_its.map(|is_its| OriginCheck {
                    crawler: origin_name(crawler),
                    address: *address,
                    at: now,
                    is_its,
                })
            });
            let answers = futures::future::join_all(answers).await;
            for (claim, answer) in some.iter().zip(answers) {
                match answer {
                    Ok(check) => checks.add(check),
                    Err(Unanswered) => _ = silent.insert(*claim),
                }
            }
        }
        if checks == **book.checks() {
            return Ok(are_all);
        }
        if let Err(error) = checks.save(&self.data) {
            tracing::warn!(%error, "what was looked up is not kept");
        }
        self.store
            .know(tenant.addresses().with_checks(checks))
            .await;
        Ok(are_all)
    }

    async fn to_look_up(
        &self,
        tenant: &TenantStore,
        book: &Arc<AddressBook>,
        lately: i64,
    ) -> Result<Vec<(&'static str, Address)>, StoreError> {
        let now = (self.clock)();
        let period = Period {
            from: now.plus(-lately),
            until: now,
        };
        let mut claims = tenant.list_claims(period).await?;
        claims.retain(|(crawler, address)| {
            !domains_of(crawler).is_empty()
                && is_somebodys(*address)
                && !book.origins().0.contains_key(&origin_name(crawler))
                && !book.checks().is_fresh(crawler, *address, now)
        });
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use shared::Verification;

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
            protection: SecretKey([0; 16]).into(),
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
        let mut silent = Silent::new();
        let looked_up = keeper.look_up(&Fake, LATELY_MS, &mut silent).await;
        assert!(looked_up.unwrap());
        assert_eq!(silent.len(), 1);
        assert_eq!(verify(REAL), Verification::Verified);
        assert_eq!(verify(FALSE), Verification::Spoofed);
        assert_eq!(verify(SILENT), Verification::Unverified);
        // Only who is not known yet is asked for again.
        let book = tenant.addresses();
        let asked = keeper.to_look_up(&tenant, &book, LATELY_MS).await.unwrap();
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
