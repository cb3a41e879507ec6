//! Who else is behind an object: its sessions of the last stored days that are of no attack.

use std::collections::HashSet;

use shared::{Collateral, Network, Timestamp};

use crate::store::session_block::StoredSession;
use crate::store::sql::session_blocks::read_sessions;
use crate::store::sql::{StoreError, TenantStore, index};

/// How far back.
const SPAN_MS: i64 = 7 * Timestamp::DAY;

/// How many sessions are looked at, in all applications together.
const MOST: usize = 2_000;

impl TenantStore {
    /// Who else was at `object` in the seven days that end with the newest session stored: of
    /// one application, or of all (`None`).
    pub async fn find_collateral(
        &self,
        object: Network,
        application: Option<&str>,
    ) -> Result<Collateral, StoreError> {
        let mut found = Collateral::default();
        let mut clients = HashSet::new();
        let mut applications = self.list_shown().await?;
        applications.retain(|shown| application.is_none_or(|name| name == shown.name));
        for shown in applications {
            let judgement = shown.judgement.number;
            let index = self.index_of(&shown).await?;
            let most = MOST - found.sessions as usize;
            let mut others = index::read(&index).others_at(object.bounds(), SPAN_MS, most + 1);
            found.is_more |= others.len() > most;
            others.truncate(most);
            let mut view = self.read().await?;
            let sessions = read_sessions(&mut view, self.tenant, judgement, &others).await?;
            for session in sessions {
                found.sessions += 1;
                found.requests += u64::from(session.pack.requests);
                // Where no session key tells clients apart, address and user agent do.
                let StoredSession { pack, address, .. } = session;
                clients.insert((judgement, pack.client, address.0, pack.user_agent));
            }
        }
        found.clients = u32::try_from(clients.len()).unwrap_or(u32::MAX);
        Ok(found)
    }
}
