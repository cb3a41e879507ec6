//! Judging an application again from its stored requests, in order of time: after older
//! requests came later than newer ones, or with a new engine. The verdicts so far are shown
//! until the new ones are complete, then replaced at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use shared::Timestamp;

use super::judge::{Judge, Told};
use super::{Meter, fill_commit};
use crate::aside::aside;
use crate::store::{Commit, StoreError, TenantStore};

/// How judging again ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The new verdicts are shown.
    Done,
    /// Given up half way; the verdicts so far are still shown.
    Stopped,
}

/// Judges everything stored of the application called `application` again, as of `now`.
/// Whoever calls it is the application's only writer (see [`super::Lanes`]), and reads its
/// state again afterwards: another judgement is shown then. By what is set for the application
/// when it begins. Gives up when `is_stopped` says so.
///
/// # Errors
/// If the store fails; the verdicts so far are then still shown.
pub async fn judge_again(
    tenant: &TenantStore,
    application: &str,
    now: Timestamp,
    meter: &Meter,
    is_stopped: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Again, StoreError> {
    let Some(state) = tenant.find_application_state(application).await? else {
        return Ok(Again::Done);
    };
    // What an interruption may have left.
    while tenant.remove_old_judgements(state.judgement).await? {}
    let begins = tenant.list_segment_begins(state.judgement).await?;
    if begins.is_empty() {
        return Ok(Again::Done);
    }
    // Applications may be judged again side by side.
    (meter.again.0).fetch_add(begins.len() as u64, Ordering::Relaxed);
    let judgement = tenant.create_judgement(state.judgement).await?;
    let mut judge = Judge::new(&state.name);
    // Where crawlers come from holds for all that was stored, as far as it says of when it is.
    let told = Told::find(tenant, state.id, now).await?;
    let mut logged = judge.tell_of(state.next_segment, &told.without_exceptions());
    let (mut segments, mut rows) = (0, 0);
    for (index, (number, _)) in begins.iter().enumerate() {
        if is_stopped() {
            return Ok(Again::Stopped);
        }
        let segment = tenant
            .list_segments(judgement, number.checked_sub(1), 1)
            .await?
            .pop();
        let next = begins.get(index + 1).map(|(_, at)| *at);
        if let Some(segment) = segment {
            (segments, rows) = (segments + 1, rows + segment.batch.requests.len());
            let (number, batch) = (*number, Arc::new(segment.batch));
            judge = aside(move || {
                judge.apply_in_order(number, batch, next);
                judge
            })
            .await;
        }
        meter.again.1.fetch_add(1, Ordering::Relaxed);
        if fill_commit(segments, rows) {
            (segments, rows) = (0, 0);
            // Complete only with the last commit: its position counts when it is shown.
            let mut commit = Commit::new(judgement, 0);
            commit.effects = judge.take_effects();
            tenant.commit(commit).await?;
        }
    }
    // What is excepted now comes after everything that was stored: attacks of before come back,
    // marked, so that undoing an exception brings them back too.
    let told = Told::find(tenant, state.id, now).await?;
    let next = state.next_segment + logged.len() as u64;
    logged.extend(judge.tell_of(next, &told));
    // Whatever the log has is in it.
    let last = state.next_segment.saturating_sub(1);
    let position = logged.last().map_or(last, |segment| segment.number);
    let mut commit = Commit::new(judgement, position);
    commit.segments.extend(logged);
    commit.effects = judge.take_effects();
    let commit = aside(move || {
        conclude(&judge, &mut commit, now);
        commit
    });
    tenant.commit(commit.await).await?;
    tenant.show_judgement(judgement).await?;
    while tenant.remove_old_judgements(judgement).await? {}
    Ok(Again::Done)
}

/// Adds to the last commit of a judgement its state, and what would follow if nothing more came
/// until `now`. Takes a while.
pub(super) fn conclude(judge: &Judge, commit: &mut Commit, now: Timestamp) {
    let position = commit.position;
    std::thread::scope(|scope| {
        let preview = scope.spawn(|| judge.preview(now));
        commit.snapshot = Some(judge.snapshot(position));
        let preview = preview.join();
        commit.preview = Some(preview.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    });
}
