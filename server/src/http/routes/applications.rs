//! `GET /applications` and `GET /applications/{id}`.

use shared::{Application, ApplicationId, Page};

use super::params::IdParams;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Json, List};
use crate::http::route::Context;

/// All of them on one page: an installation has a handful.
pub(in crate::http) async fn list(
    context: Context,
    _: NoParams,
) -> Result<List<Application>, ApiError> {
    Ok(List(Page {
        items: context.store.list_applications().await?,
        next_cursor: None,
    }))
}

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<ApplicationId>,
) -> Result<Json<Application>, ApiError> {
    let application = context.store.find_application(params.id).await?;
    application
        .map(Json)
        .ok_or_else(|| ApiError::not_found("application"))
}
