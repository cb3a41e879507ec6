//! `/retention`: how long things are kept, and what came of it last. Removing is `pipeline`'s.

use shared::{Retention, RetentionState};

use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::pipeline::next_retention;

pub(in crate::http) async fn show(
    context: Context,
    _: NoParams,
) -> Result<Json<RetentionState>, ApiError> {
    let retention = context.store.find_retention().await?;
    Ok(Json(state(&context, retention)))
}

pub(in crate::http) async fn update(
    context: Context,
    _: NoParams,
    JsonBody(retention): JsonBody<Retention>,
) -> Result<Json<RetentionState>, ApiError> {
    if let Some((field, why)) = retention.fault() {
        return Err(ApiError::field(field, why));
    }
    context.store.set_retention(&retention, context.now).await?;
    Ok(Json(state(&context, retention)))
}

fn state(context: &Context, retention: Retention) -> RetentionState {
    RetentionState {
        retention,
        longest: Retention::LONGEST,
        next_at: next_retention(context.now),
        last: context.state.jobs.find_retention_run(&context.store),
    }
}
