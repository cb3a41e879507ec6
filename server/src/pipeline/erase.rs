//! Erasing somebody's traces: their requests are emptied where they lie, every application that
//! had any is judged again without them, what lists and audit log say of them goes, and the file
//! is written again. The proof is the same search before and after.

use shared::{Erasure, Timestamp};

use super::rejudge::{Again, judge_again};
use super::{Lanes, Meter};
use crate::store::{StoreError, TenantStore, TraceSubject};

/// Begins to erase in the background. The record of it says when it has ended.
///
/// # Errors
/// If the store fails before it begins.
pub async fn erase(
    tenant: &TenantStore,
    lanes: &Lanes,
    subject: TraceSubject,
    clock: fn() -> Timestamp,
) -> Result<Erasure, StoreError> {
    let before = tenant.find_traces(&subject).await?.total;
    let erasure = tenant.begin_erasure(&subject, before, clock()).await?;
    let (tenant, lanes, id) = (tenant.clone(), lanes.clone(), erasure.id);
    tokio::spawn(async move {
        let after = match run(&tenant, &lanes, &subject, clock).await {
            Ok(()) => tenant.find_traces(&subject).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &after {
            tracing::error!(%error, erasure = %id, "traces could not be erased");
        }
        let after = after.ok().map(|found| found.total);
        if let Err(error) = tenant.end_erasure(id, after, clock()).await {
            tracing::error!(%error, erasure = %id, "the end of an erasure could not be noted");
        }
    });
    Ok(erasure)
}

async fn run(
    tenant: &TenantStore,
    lanes: &Lanes,
    subject: &TraceSubject,
    clock: fn() -> Timestamp,
) -> Result<(), StoreError> {
    let now = clock();
    // First, so that nothing that is judged again hears of it.
    tenant.erase_mentions(subject).await?;
    for (id, name) in tenant.list_application_ids().await? {
        let _lane = lanes.enter(id).await;
        let Some(state) = tenant.find_application_state(&name).await? else {
            continue;
        };
        let erased = tenant.erase_requests(state.judgement, subject).await?;
        let has_verdicts = tenant.has_traces(state.judgement, &name, subject).await?;
        if erased == 0 && !has_verdicts {
            continue;
        }
        let meter = Meter::default();
        let again = judge_again(tenant, &name, now, &meter, &|| false).await?;
        debug_assert_eq!(again, Again::Done);
    }
    tenant.shred().await
}
