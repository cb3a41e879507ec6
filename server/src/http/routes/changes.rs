//! `GET /changes`: what changed since a moment. Cheap enough to be asked every few seconds.

use shared::{ApplicationId, AttackId, Changes};
use utoipa::IntoParams;

use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::store::ChangeKind;

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
    let seq = context.store.find_newest_change().await?;
    let mut changes = Changes {
        seq,
        ..Changes::default()
    };
    let Some(after) = params.after.filter(|after| *after != seq) else {
        return Ok(Json(changes));
    };
    let listed = context.store.list_changes(after, LIMIT).await?;
    let first = listed.first().map(|change| change.seq);
    // Larger than all there are: it is another store's.
    changes.missed = first != Some(after.saturating_add(1)) || listed.len() == LIMIT as usize;
    for change in listed {
        match change.kind {
            ChangeKind::Application => changes.applications.push(ApplicationId(change.reference)),
            ChangeKind::Judgement => changes.judged.push(ApplicationId(change.reference)),
            ChangeKind::Attack => changes.attacks.push(AttackId(change.reference)),
            ChangeKind::List => changes.lists = true,
        }
    }
    changes.applications.sort_unstable();
    changes.applications.dedup();
    changes.judged.sort_unstable();
    changes.judged.dedup();
    changes.attacks.sort_unstable();
    changes.attacks.dedup();
    Ok(Json(changes))
}
