//! Finding somebody's traces: how much is stored of them, a bounded part of the store at a time.

use shared::search::Key;
use shared::{ApplicationTraces, FoundTraces, Traces};

use super::effects::stored_address;
use super::{StoreError, TenantStore, corrupt, count, index, stored};
use crate::store::database::query_as;
use crate::store::index::{Asked, Index, ValueCounts};
use crate::store::segment::{decode_batch, has_address, has_text};
use crate::store::{Cursor, JudgementKey, Search, TraceSubject};

/// Segments that are read at once.
pub(super) const CHUNK: i64 = 8;

/// Segments that one part looks through, and how many an application counts for beside its own.
const PART: i64 = 512;
const APPLICATION: i64 = 8;

impl TenantStore {
    /// The most segments that [`TenantStore::find_traces`] looks through at once, about.
    pub const FOUND_IN: u64 = PART as u64;

    /// How much is stored of somebody in a part of the store, by application, and where the next
    /// part begins.
    pub async fn find_traces(
        &self,
        subject: &TraceSubject,
        after: Option<Cursor>,
    ) -> Result<(FoundTraces, Option<Cursor>), StoreError> {
        let mut found = FoundTraces::default();
        if after.is_none() {
            found.total.list_entries = self.count_entries_of(subject).await?;
        }
        let rows: Vec<(i64, i64, String)> = query_as(
            "SELECT number, judgement, name FROM application
             WHERE tenant_id = $1 AND number >= $2 ORDER BY number",
        )
        .bind(self.tenant)
        .bind(after.map_or(0, |after| stored(after.id)))
        .fetch_all(&mut *self.look().await?)
        .await?;
        let mut left = PART;
        for (application, number, name) in rows {
            let judgement = JudgementKey {
                application,
                number,
            };
            let mut traces = Traces::default();
            let begun = after.filter(|after| stored(after.id) == application);
            if begun.is_none() {
                traces.sessions = self.count_sessions_of(judgement, subject).await?;
                traces.attacks = self.count_attacks_of(judgement, subject).await?;
                left -= APPLICATION;
            }
            let mut last = begun.map_or(-1, |begun| begun.value);
            let mut is_over = false;
            while !is_over && left > 0 {
                let segments = self.read_requests(judgement, last, CHUNK).await?;
                for (number, bytes) in &segments {
                    traces.requests += count_in(subject, *number, bytes)?;
                    last = *number;
                }
                is_over = segments.is_empty();
                left -= segments.len() as i64;
                tokio::task::yield_now().await;
            }
            if traces != Traces::default() {
                found.total += traces;
                found.applications.push(ApplicationTraces {
                    application: name,
                    traces,
                });
            }
            if left <= 0 {
                let next = Cursor {
                    value: last,
                    id: application as u64,
                };
                return Ok((found, Some(next)));
            }
        }
        Ok((found, None))
    }

    async fn count_entries_of(&self, subject: &TraceSubject) -> Result<u64, StoreError> {
        // No entry is about a user.
        let TraceSubject::Address(_) = subject else {
            return Ok(0);
        };
        let (entries,): (i64,) =
            query_as("SELECT COUNT(*) FROM list_version WHERE tenant_id = $1 AND object = $2")
                .bind(self.tenant)
                .bind(&subject.names()[0])
                .fetch_one(&mut *self.look().await?)
                .await?;
        Ok(count(entries))
    }

    async fn count_sessions_of(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
    ) -> Result<u64, StoreError> {
        let mut shown = self.list_shown().await?;
        shown.retain(|shown| shown.judgement == judgement);
        let mut sessions = 0;
        if let Some(address) = subject.address() {
            for shown in &shown {
                let index = self.index_of(shown).await?;
                sessions += index::read(&index).count_sessions_from(address);
            }
            return Ok(sessions);
        }
        for name in subject.names() {
            let mut users = ValueCounts::new(Key::User, &name);
            let ask =
                |index: &Index, asked: &Asked<'_>| index.count_session_values(asked, &mut users);
            self.ask(&shown, &Search::default(), ask).await?;
            let users = users.into_most().into_iter();
            // Who is called the same but for the case of a letter is somebody else.
            sessions += users
                .filter(|(user, _)| *user == name)
                .map(|(_, sessions)| sessions)
                .sum::<u64>();
        }
        Ok(sessions)
    }

    async fn count_attacks_of(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
    ) -> Result<u64, StoreError> {
        // No attack names a user.
        let Some(address) = subject.address() else {
            return Ok(0);
        };
        let (attacks,): (i64,) = query_as(
            "SELECT COUNT(DISTINCT attack) FROM attack_address
             WHERE tenant_id = $1 AND judgement = $2 AND address = $3",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(stored_address(address))
        .fetch_one(&mut *self.look().await?)
        .await?;
        Ok(count(attacks))
    }

    /// Whether what was judged of an application says something of somebody.
    pub async fn has_traces(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
    ) -> Result<bool, StoreError> {
        let sessions = self.count_sessions_of(judgement, subject).await?;
        Ok(sessions + self.count_attacks_of(judgement, subject).await? > 0)
    }
}

/// Whether a segment of requests may hold one of somebody's: most are told without being decoded.
pub(super) fn may_have(
    subject: &TraceSubject,
    number: i64,
    bytes: &[u8],
) -> Result<bool, StoreError> {
    let may_have = match subject.address() {
        Some(address) => has_address(bytes, address),
        None => has_text(bytes, &subject.names()),
    };
    may_have.map_err(corrupt("segment", "bytes", number))
}

/// How many requests of a segment are somebody's.
fn count_in(subject: &TraceSubject, number: i64, bytes: &[u8]) -> Result<u64, StoreError> {
    if !may_have(subject, number, bytes)? {
        return Ok(0);
    }
    let batch = decode_batch(bytes).map_err(corrupt("segment", "bytes", number))?;
    let own = |request: &&engine::Request| subject.has(&batch, request);
    Ok(batch.requests.iter().filter(own).count() as u64)
}
