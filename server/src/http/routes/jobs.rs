//! `GET /jobs` and `GET /jobs/{id}`.

use shared::{Job, JobId, Page};

use super::params::IdParams;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Json, List};
use crate::http::route::Context;

/// All of them on one page: a few dozen are remembered.
pub(in crate::http) async fn list(context: Context, _: NoParams) -> Result<List<Job>, ApiError> {
    Ok(List(Page {
        items: context.state.jobs.list(&context.store),
        next_cursor: None,
    }))
}

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<JobId>,
) -> Result<Json<Job>, ApiError> {
    let job = context.state.jobs.find(&context.store, params.id);
    job.map(Json).ok_or_else(|| ApiError::not_found("job"))
}
