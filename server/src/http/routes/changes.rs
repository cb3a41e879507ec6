//! `GET /changes`: what changed since a moment. Cheap enough to be asked every few seconds; with
//! `GET /changes/stream` nobody has to.

use shared::{ApplicationId, AttackId, Changes};
use utoipa::IntoParams;

use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::live::{EventStream, Opened};
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::store::{Change, ChangeKind, StoreError, TenantStore};

/// Changes that one answer tells at most.
const LIMIT: u32 = 1_000;

/// Since when.
#[derive(IntoParams)]
pub(in crate::http) struct ChangesParams {
    /// The `seq` of an earlier answer; without it only the current one is told.
    #[param(value_type = u64)]
    after: Option<u64>,
}

impl Params for ChangesParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            after: fields.optional("after")?,
        })
    }
}

pub(in crate::http) async fn list(
    context: Context,
    params: ChangesParams,
) -> Result<Json<Changes>, ApiError> {
    Ok(Json(since(&context.store, params.after).await?))
}

/// The same as they happen, until whoever follows goes. A browser that comes back says itself what
/// it heard last.
pub(in crate::http) async fn stream(
    context: Context,
    params: ChangesParams,
) -> Result<EventStream, ApiError> {
    let heard = context.last_event_id.as_deref();
    let heard = heard.and_then(|id| id.parse().ok());
    Ok(EventStream(Opened::new(context, heard.or(params.after))?))
}

/// What changed after number `after`; without it only the number of the last change.
pub(in crate::http) async fn since(
    store: &TenantStore,
    after: Option<u64>,
) -> Result<Changes, StoreError> {
    let seq = store.find_newest_change().await?;
    let Some(after) = after.filter(|after| *after != seq) else {
        return Ok(gather(seq, []));
    };
    let listed = store.list_changes(after, LIMIT).await?;
    let first = listed.first().map(|change| change.seq);
    // Larger than all there are: it is another store's.
    let missed = first != Some(after.saturating_add(1)) || listed.len() == LIMIT as usize;
    Ok(Changes {
        missed,
        ..gather(seq, listed)
    })
}

/// What these changes come to; `seq` is the number of the last one.
pub(in crate::http) fn gather(seq: u64, listed: impl IntoIterator<Item = Change>) -> Changes {
    let mut changes = Changes {
        seq,
        ..Changes::default()
    };
    for change in listed {
        match change.kind {
            ChangeKind::Application => changes.applications.push(ApplicationId(change.reference)),
            ChangeKind::Judgement => changes.judged.push(ApplicationId(change.reference)),
            ChangeKind::Attack => changes.attacks.push(AttackId(change.reference)),
            ChangeKind::List => changes.lists = true,
        }
        // Written between the two questions, perhaps.
        changes.seq = changes.seq.max(change.seq);
    }
    changes.applications.sort_unstable();
    changes.applications.dedup();
    changes.judged.sort_unstable();
    changes.judged.dedup();
    changes.attacks.sort_unstable();
    changes.attacks.dedup();
    changes
}
