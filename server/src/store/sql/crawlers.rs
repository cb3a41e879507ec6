//! Whether crawlers that name themselves are who they say: where their sessions of a window came
//! from, against what their makers publish. Not their slices: those say nothing of addresses.

use std::collections::BTreeSet;

use engine::{Address, attribute};
use rustc_hash::FxHashMap;
use shared::{Timestamp, Verification};

use super::session_blocks::visit_sessions;
use super::texts::user_agents_by_number;
use super::{StoreError, TenantStore};
use crate::store::session_block::StoredSession;
use crate::store::{CrawlerSlices, Period};

/// So many sessions of a window are looked through; of more nothing is said.
const MAX_SESSIONS: usize = 50_000;

impl TenantStore {
    /// Marks those of which all sessions in `window` are known.
    pub(super) async fn verify_crawlers(
        &self,
        judgement: i64,
        window: Period,
        crawlers: &mut [CrawlerSlices],
    ) -> Result<(), StoreError> {
        let book = self.addresses();
        if crawlers.is_empty() || !book.knows_crawlers() {
            return Ok(());
        }
        let Some(addresses) = self.find_crawler_addresses(judgement, window).await? else {
            return Ok(());
        };
        for crawler in crawlers {
            crawler.verification = match addresses.get(crawler.name.as_str()) {
                Some(addresses) => book.verify(&crawler.name, addresses, window.until),
                None => Verification::Unverified,
            };
        }
        Ok(())
    }

    /// Who said in `window` that they are a crawler, each with its address, in all applications.
    pub async fn list_claims(
        &self,
        window: Period,
    ) -> Result<Vec<(&'static str, Address)>, StoreError> {
        let mut claims = BTreeSet::new();
        for shown in self.list_shown().await? {
            let mut window = window;
            // Of too many sessions those that came last.
            let found = loop {
                let found = self.find_crawler_addresses(shown.judgement.number, window);
                let length = window.until.since(window.from);
                match found.await? {
                    None if length > Timestamp::MINUTE => {
                        window.from = window.until.plus(-length / 8);
                    }
                    found => break found.unwrap_or_default(),
                }
            };
            for (name, addresses) in found {
                claims.extend(addresses.into_iter().map(|address| (name, address)));
            }
        }
        Ok(claims.into_iter().collect())
    }

    /// The addresses of the sessions of `window` whose user agent names a crawler, by its name;
    /// `None` if there are too many sessions.
    async fn find_crawler_addresses(
        &self,
        judgement: i64,
        window: Period,
    ) -> Result<Option<FxHashMap<&'static str, Vec<Address>>>, StoreError> {
        let mut view = self.read().await?;
        // A session ends at midnight at the latest, so none that began in the window ended more
        // than a day after it.
        let ended = (window.from.0, window.until.0.saturating_add(Timestamp::DAY));
        let is_within =
            |session: &StoredSession| session.ended_at - session.duration_ms <= window.until.0;
        let mut sessions = Vec::new();
        visit_sessions(&mut view, self.tenant, judgement, ended, |part| {
            sessions.extend(part.into_iter().filter(is_within));
            sessions.len() <= MAX_SESSIONS
        })
        .await?;
        if sessions.len() > MAX_SESSIONS {
            return Ok(None);
        }
        let sent = sessions.into_iter();
        let sent: BTreeSet<(i64, Address)> = sent
            .map(|session| (i64::from(session.pack.user_agent), session.address))
            .collect();
        let numbers: BTreeSet<i64> = sent.iter().map(|(number, _)| *number).collect();
        let numbers: Vec<i64> = numbers.into_iter().collect();
        let user_agents = user_agents_by_number(&mut view, self.tenant, &numbers).await?;
        let mut found = FxHashMap::<&'static str, Vec<Address>>::default();
        for (number, address) in sent {
            let user_agent = user_agents
                .get(&number)
                .map(|(_, agent)| agent.text.as_str());
            if let Some(name) = user_agent.and_then(attribute::known_crawler) {
                found.entry(name).or_default().push(address);
            }
        }
        Ok(Some(found))
    }
}
