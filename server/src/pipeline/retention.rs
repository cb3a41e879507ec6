//! Keeping to how long things are kept: what is older is removed every night, and at the start for
//! the nights that were missed. In steps that let whoever writes in between; one that an
//! interruption cuts off is done the next time.

use shared::{ApplicationId, JobState, Removed, Retention, RetentionRun, Timestamp};

use super::{Jobs, percent};
use crate::auth::Caller;
use crate::store::{Expired, JudgementKey, Retained, Store, StoreError, TenantStore};
use crate::telemetry::metrics;

/// When in the night, after midnight UTC: what ended with the day is stored by then.
const AT_MS: i64 = 15 * Timestamp::MINUTE;

/// When what is too old is removed next, seen from `now`.
#[must_use]
pub fn next_retention(now: Timestamp) -> Timestamp {
    let tonight = day_of(now).plus(AT_MS);
    if tonight > now {
        return tonight;
    }
    tonight.plus(Timestamp::DAY)
}

fn day_of(moment: Timestamp) -> Timestamp {
    Timestamp(moment.0 - moment.0.rem_euclid(Timestamp::DAY))
}

/// Why it ended before it was done.
enum Ended {
    Stopped,
    Failed(StoreError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Jobs {
    /// Keeps to the retention of every tenant, now and every night until the server stops.
    pub fn keep_retention(&self, store: Store, clock: fn() -> Timestamp) {
        let jobs = self.clone();
        self.spawn_forever(async move {
            let stop = jobs.stop_token();
            while !stop.is_cancelled() {
                match store.tenants().list().await {
                    Ok(tenants) => {
                        for tenant in tenants {
                            let tenant = store.tenant(&Caller::local_in(tenant.id));
                            jobs.keep_to_retention(&tenant, clock).await;
                        }
                    }
                    Err(error) => tracing::error!(%error, "the tenants cannot be listed"),
                }
                let now = clock();
                let wait_ms = next_retention(now).since(now).max(0).unsigned_abs();
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(std::time::Duration::from_millis(wait_ms)) => {}
                }
            }
        });
    }

    /// Removes what is older than the tenant wants, now.
    pub async fn keep_to_retention(
        &self,
        tenant: &TenantStore,
        clock: fn() -> Timestamp,
    ) -> RetentionRun {
        let _active = metrics().jobs.begin();
        let run = RetentionRun {
            state: JobState::Running,
            percent: 0,
            started_at: clock(),
            ended_at: None,
            removed: Removed::default(),
            reason: None,
        };
        let started_at = run.started_at;
        self.retention().insert(tenant.id(), run);
        let (jobs, worked_on) = (self.clone(), tenant.clone());
        // A panic is its end, not the server's; and a tenant that is deleted waits for it.
        let work = async move { jobs.remove_expired(&worked_on, started_at).await };
        let ended = self.spawn(tenant.id(), work).await;
        let (state, reason) = match ended {
            Ok(Ok(())) => (JobState::Done, None),
            Ok(Err(Ended::Stopped)) => (
                JobState::Failed,
                Some("the server stopped; it goes on with the next start".to_owned()),
            ),
            Ok(Err(Ended::Failed(error))) => {
                tracing::error!(%error, "what is too old could not be removed");
                let reason = "the store failed; the server's log says how".to_owned();
                (JobState::Failed, Some(reason))
            }
            Err(panic) => {
                tracing::error!(%panic, "removing what is too old panicked");
                let reason = "a fault of Botscope; the server's log says where".to_owned();
                (JobState::Failed, Some(reason))
            }
        };
        metrics().jobs.ended(state.as_str());
        let mut runs = self.retention();
        let run = runs.get_mut(&tenant.id()).expect("it was put there");
        run.state = state;
        run.reason = reason;
        run.ended_at = Some(clock());
        if state == JobState::Done {
            run.percent = 100;
        }
        if run.removed != Removed::default() {
            tracing::info!(tenant = %tenant.id(), removed = ?run.removed, "what was too old is gone");
        }
        run.clone()
    }

    /// The last time that was done for a tenant, since the start.
    #[must_use]
    pub fn find_retention_run(&self, tenant: &TenantStore) -> Option<RetentionRun> {
        self.retention().get(&tenant.id()).cloned()
    }

    async fn remove_expired(&self, tenant: &TenantStore, now: Timestamp) -> Result<(), Ended> {
        let retention = tenant.find_retention().await?;
        let since = |days: u16| day_of(now).plus(-i64::from(days) * Timestamp::DAY);
        let applications = tenant.list_retained().await?;
        let parts = (applications.len() * PARTS.len()) as u64;
        let mut done = 0;
        for application in &applications {
            let Some(kept) = kept_of(application, &retention) else {
                done += PARTS.len() as u64;
                continue;
            };
            let expired = |days: u16| Expired {
                from: kept,
                until: since(days),
            };
            let mut of = Expiring {
                tenant,
                id: application.id,
                sessions: expired(retention.session_days),
                detail: expired(retention.detail_days),
                attacks: expired(retention.attack_days),
                after: None,
            };
            for part in PARTS {
                self.remove_part(&mut of, part).await?;
                done += 1;
                self.note_removed(tenant, Removed::default(), percent(done, parts));
            }
        }
        let lists = since(retention.list_days);
        tenant
            .remove_old_history(lists, since(retention.audit_days))
            .await?;
        Ok(())
    }

    /// Removes all of a part, a step after the other, each as the application's only writer and
    /// in the judgement that is shown then.
    async fn remove_part(&self, of: &mut Expiring<'_>, part: Part) -> Result<(), Ended> {
        let stop = self.stop_token();
        loop {
            if stop.is_cancelled() {
                return Err(Ended::Stopped);
            }
            let _lane = self.lanes().enter(of.id).await;
            // It may have been removed.
            let Some(judgement) = of.tenant.find_judgement(of.id).await? else {
                return Ok(());
            };
            let Some(removed) = of.step(part, judgement).await? else {
                return Ok(());
            };
            self.note_removed(of.tenant, removed, 0);
        }
    }

    fn note_removed(&self, tenant: &TenantStore, removed: Removed, percent: u8) {
        if let Some(run) = self.retention().get_mut(&tenant.id()) {
            run.removed += removed;
            run.percent = run.percent.max(percent);
        }
    }
}

/// What is removed of an application, one after the other: what needs requests before them.
#[derive(Debug, Clone, Copy)]
enum Part {
    Attacks,
    Detail,
    Sessions,
    Requests,
    Rest,
}

const PARTS: [Part; 5] = [
    Part::Attacks,
    Part::Detail,
    Part::Sessions,
    Part::Requests,
    Part::Rest,
];

/// An application and what of it is too old.
struct Expiring<'a> {
    tenant: &'a TenantStore,
    id: ApplicationId,
    sessions: Expired,
    detail: Expired,
    attacks: Expired,
    /// The last segment that was looked at.
    after: Option<u64>,
}

impl Expiring<'_> {
    /// Removes some of a part; `None` once nothing is left of it.
    async fn step(
        &mut self,
        part: Part,
        judgement: JudgementKey,
    ) -> Result<Option<Removed>, StoreError> {
        let mut removed = Removed::default();
        match part {
            Part::Attacks => {
                removed.attacks = self.tenant.remove_attacks(judgement, self.attacks).await?;
            }
            Part::Detail => {
                let detail = self.tenant.remove_attack_detail(judgement, self.detail);
                removed.details = detail.await?;
            }
            Part::Sessions => {
                removed.sessions = self
                    .tenant
                    .remove_sessions(judgement, self.sessions)
                    .await?;
            }
            Part::Requests => {
                let next = self
                    .tenant
                    .find_thick_segment(judgement, self.sessions, self.after)
                    .await?;
                let Some(number) = next else {
                    return Ok(None);
                };
                self.after = Some(number);
                let is_thinner = self.tenant.thin_segment(judgement, number).await?;
                removed.segments = u64::from(is_thinner);
                return Ok(Some(removed));
            }
            Part::Rest => {
                let slices = self.tenant.remove_crawler_slices(judgement, self.detail);
                slices.await?;
                let since = self.sessions.until;
                self.tenant.end_thinning(judgement, since).await;
            }
        }
        Ok((removed != Removed::default()).then_some(removed))
    }
}

/// Before which moment everything of an application is kept, if its retention is kept to at all:
/// what was imported stays unless it is said that it does not.
fn kept_of(application: &Retained, retention: &Retention) -> Option<Option<Timestamp>> {
    if retention.includes_imported {
        return Some(None);
    }
    application.live_since.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_begins_a_quarter_past_midnight() {
        let day = Timestamp(20_000 * Timestamp::DAY);
        assert_eq!(next_retention(day), day.plus(AT_MS));
        let after = day.plus(AT_MS);
        assert_eq!(next_retention(after), after.plus(Timestamp::DAY));
        assert_eq!(next_retention(day.plus(-1)), day.plus(AT_MS));
    }
}
