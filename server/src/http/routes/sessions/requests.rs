//! `/sessions/{id}/requests` from any place on, and `/sessions/{id}/facets`. Both ask an index
//! of the session's requests, which may be a hundred thousand.

use std::sync::Arc;

use shared::{RequestId, SessionFacets, SessionRequests, Timestamp};
use utoipa::IntoParams;

use super::params::SelectionParams;
use super::{body, facets as counted, find};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::http::routes::located;
use crate::http::routes::params::PageParams;
use crate::store::{RequestFilter, RequestIndex, SessionRequestRow, SessionRow, TenantStore};

/// What the list of requests takes.
pub(in crate::http) struct RequestsParams {
    selection: SelectionParams,
    place: PlaceParams,
    page: PageParams,
}

/// Where a page begins, if not after a `cursor` or at the first request.
#[derive(IntoParams)]
struct PlaceParams {
    /// Begin at this place among the requests that are kept, from 0.
    #[param(value_type = u32, minimum = 0)]
    start: Option<u32>,
    /// Begin at the first request that came then or later.
    #[param(value_type = String, format = DateTime)]
    at: Option<Timestamp>,
    /// Begin at this request; it is not found if it is not kept.
    #[param(value_type = String, pattern = "^[0-9]+-[0-9]+$")]
    request: Option<RequestId>,
}

impl IntoParams for RequestsParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = SelectionParams::into_params(&location);
        params.extend(PlaceParams::into_params(&location));
        params.extend(PageParams::into_params(&location));
        params
    }
}

impl Params for RequestsParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            selection: SelectionParams::read(fields)?,
            place: PlaceParams {
                start: fields.optional("start")?,
                at: fields.optional("at")?,
                request: fields.optional("request")?,
            },
            page: PageParams::read(fields)?,
        })
    }
}

/// Requests of a session that a filter keeps.
pub(super) struct Selection {
    pub(super) sessions: Vec<SessionRow>,
    pub(super) filter: RequestFilter,
    pub(super) index: Arc<RequestIndex>,
}

impl Selection {
    pub(super) async fn find(
        context: &Context,
        params: &SelectionParams,
    ) -> Result<Self, ApiError> {
        let session = find(context, params.id).await?;
        let sessions = if params.join == Some(true) {
            context.store.list_journey(&session).await?
        } else {
            vec![session]
        };
        let index = context.store.find_request_index(&sessions).await?;
        Ok(Self {
            sessions,
            filter: params.to_filter(),
            index,
        })
    }

    /// The requests at these places of the index.
    pub(super) async fn read(
        &self,
        store: &TenantStore,
        places: &[u32],
    ) -> Result<Vec<SessionRequestRow>, ApiError> {
        let rows = store.list_session_requests(&self.sessions, &self.index, places);
        Ok(rows.await?)
    }
}

impl PlaceParams {
    /// Among `kept`, where a page begins.
    fn find(&self, index: &RequestIndex, kept: &[u32]) -> Result<Option<usize>, ApiError> {
        if let Some(id) = self.request {
            let place = index.find(kept, id);
            let missing = || ApiError::not_found("request among those that are shown");
            return place.map(Some).ok_or_else(missing);
        }
        if let Some(at) = self.at {
            return Ok(Some(index.before(kept, at)));
        }
        Ok(self.start.map(|start| start as usize))
    }
}

pub(in crate::http) async fn requests(
    context: Context,
    params: RequestsParams,
) -> Result<Json<SessionRequests>, ApiError> {
    let selection = Selection::find(&context, &params.selection).await?;
    let index = &selection.index;
    let kept = index.kept(&selection.filter);
    let page = params.page.to_request();
    let start = match (params.place.find(index, &kept)?, page.cursor) {
        (Some(start), None) => start,
        (None, Some(cursor)) => index.until(&kept, cursor),
        (None, None) => 0,
        (Some(_), Some(_)) => {
            let message = "a page begins after a cursor or at a place, not both";
            return Err(ApiError::field("cursor", message));
        }
    };
    let start = start.min(kept.len());
    let end = kept.len().min(start + page.limit as usize);
    let rows = selection.read(&context.store, &kept[start..end]).await?;
    let last = rows.last().filter(|_| end < kept.len());
    Ok(Json(SessionRequests {
        next_cursor: last.map(|row| row.request.cursor().to_string()),
        items: rows
            .iter()
            .map(|row| body::request(row, &context.store.addresses()))
            .collect(),
        start: start as u64,
        total: kept.len() as u64,
    }))
}

pub(in crate::http) async fn facets(
    context: Context,
    params: SelectionParams,
) -> Result<Json<SessionFacets>, ApiError> {
    let selection = Selection::find(&context, &params).await?;
    let counts = selection.index.count(&selection.filter);
    let mut facets = counted::facets(counts, &selection.filter);
    let ips = facets.ips.into_iter();
    facets.ips = ips
        .map(|ip| located(ip, &context.store.addresses()))
        .collect();
    Ok(Json(facets))
}
