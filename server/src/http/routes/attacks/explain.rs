//! `/attacks/{id}/explain`: every number of a verdict, and whether it can be made again. Judging
//! again takes a core for a while: it is done for few at a time, the others wait, off the threads
//! that answer, and given up before the answer would be late.

use std::time::{Duration, Instant};

use shared::{AttackId, ErrorCode, Explanation};
use tokio::time::timeout_at;
use utoipa::IntoParams;

use crate::explain;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;

/// How long judging again may take: less than an answer may.
const TIME: Duration = Duration::from_secs(20);

/// Which attack, and how thoroughly.
#[derive(IntoParams)]
pub(in crate::http) struct ExplainParams {
    /// Its identifier.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    id: AttackId,
    /// Whether the verdict is made again from the stored requests and compared. That takes
    /// seconds, and is given up after 20 of them.
    #[param(value_type = bool)]
    reproduce: Option<bool>,
}

impl Params for ExplainParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
            reproduce: fields.optional("reproduce")?,
        })
    }
}

pub(in crate::http) async fn explain(
    context: Context,
    params: ExplainParams,
) -> Result<Json<Explanation>, ApiError> {
    let not_found = || ApiError::not_found("attack");
    if params.reproduce != Some(true) {
        let row = context.store.find_attack(params.id).await?;
        return Ok(Json(explain::explain(&row.ok_or_else(not_found)?)));
    }
    let verdict = context.store.find_verdict(params.id).await?;
    let verdict = verdict.ok_or_else(not_found)?;
    let deadline = Instant::now() + TIME;
    let turn = timeout_at(
        deadline.into(),
        context.state.reproductions.turn(verdict.state.id),
    )
    .await;
    let _turn = turn.map_err(|_| {
        let detail = "other verdicts are being made again; try again when that is done";
        ApiError::new(ErrorCode::RateLimited, detail)
    })?;
    let is_late = move || Instant::now() >= deadline;
    let mut explanation = explain::explain(&verdict.row);
    let reproduction =
        explain::reproduction(&context.store, &verdict, context.now, &is_late).await?;
    explanation.reproduction = Some(reproduction);
    Ok(Json(explanation))
}
