//! `GET /ingest/health`: how traffic arrives. Taking it is not done here.

use shared::{ApplicationId, IngestHealth};

use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::ingest::health::STEP_S;

pub(in crate::http) async fn show(
    context: Context,
    _: NoParams,
) -> Result<Json<IngestHealth>, ApiError> {
    let applications = context.store.list_applications().await?;
    let name = |id: ApplicationId| {
        let known = applications.iter().find(|one| one.id == id)?;
        Some(known.name.clone())
    };
    let counters = &context.state.counters;
    Ok(Json(IngestHealth {
        now: context.now,
        since: counters.since(),
        step_s: STEP_S,
        applications: counters.show(context.store.id(), context.now, name),
    }))
}
