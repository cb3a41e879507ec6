//! `/sessions`: the list, one session, its facets and its requests.

mod body;
mod csv;
mod facets;
mod params;
mod requests;

pub(super) use body::summary;

use shared::search::{self, Condition, Key, Pattern};
use shared::{AttackId, SearchValues, SessionCounts, SessionDetail, SessionId, SessionSummary};
use utoipa::IntoParams;

use super::map_page;
use super::params::{IdParams, PageParams, SearchParams};
use super::values::SessionValuesParams;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Json, List};
use crate::http::route::Context;
use crate::store::SessionRow;

pub(in crate::http) use csv::requests_csv;
pub(in crate::http) use requests::{facets, requests};

/// What the list takes.
pub(in crate::http) struct ListParams {
    search: SearchParams,
    page: PageParams,
}

/// What the list can be narrowed by besides the search. Both are short for terms of it.
#[derive(IntoParams)]
struct FilterParams {
    /// Short for `url:*…*`: sessions that asked for a URL template with this in it.
    #[param(value_type = String)]
    endpoint: Option<String>,
    /// Short for `attack:…`.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    attack: Option<AttackId>,
}

impl IntoParams for ListParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = SearchParams::into_params(&location);
        params.extend(FilterParams::into_params(&location));
        params.extend(PageParams::into_params(&location));
        params
    }
}

impl Params for ListParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let search = SearchParams::read_for(search::List::Sessions, fields)?;
        let filter = FilterParams {
            endpoint: fields.optional("endpoint")?,
            attack: fields.optional("attack")?,
        };
        let endpoint = filter
            .endpoint
            .map(|part| Condition::Text(Key::Url, Pattern::part(&part)));
        Ok(Self {
            search: search
                .with(endpoint)
                .with(filter.attack.map(Condition::Attack)),
            page: PageParams::read(fields)?,
        })
    }
}

/// What the counts take.
pub(in crate::http) struct CountsParams(SearchParams);

impl IntoParams for CountsParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        SearchParams::into_params(location)
    }
}

impl Params for CountsParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        SearchParams::read_for(search::List::Sessions, fields).map(Self)
    }
}

pub(in crate::http) async fn list(
    context: Context,
    params: ListParams,
) -> Result<List<SessionSummary>, ApiError> {
    let page = params.page.to_request();
    let search = params.search.to_search(context.now);
    let rows = context.store.list_sessions(&search, page).await?;
    Ok(List(map_page(rows, |row| {
        body::summary(row, &context.store.addresses())
    })))
}

pub(in crate::http) async fn counts(
    context: Context,
    CountsParams(params): CountsParams,
) -> Result<Json<SessionCounts>, ApiError> {
    let search = params.to_search(context.now);
    let totals = context.store.count_sessions(&search).await?;
    let (from, until) = params.period(context.now);
    Ok(Json(SessionCounts {
        sessions: totals.sessions,
        requests: totals.requests,
        hits: totals.hits,
        bots: totals.bots,
        from,
        until,
    }))
}

pub(in crate::http) async fn values(
    context: Context,
    SessionValuesParams(params): SessionValuesParams,
) -> Result<Json<SearchValues>, ApiError> {
    params.find(search::List::Sessions, &context).await
}

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<SessionId>,
) -> Result<Json<SessionDetail>, ApiError> {
    let session = find(&context, params.id).await?;
    let adjacent = context.store.find_adjacent_sessions(&session).await?;
    let grouped_by = if session.keyed {
        // Which key it is, one of its requests tells while any is stored.
        let request = context.store.find_session_request(&session).await?;
        let of_request = request.as_ref().map(body::grouped_by);
        of_request.unwrap_or_else(|| "session key".to_owned())
    } else {
        "IP + user agent".to_owned()
    };
    let book = &*context.store.addresses();
    Ok(Json(body::detail(&session, grouped_by, &adjacent, book)))
}

async fn find(context: &Context, id: SessionId) -> Result<SessionRow, ApiError> {
    let session = context.store.find_session(id).await?;
    session.ok_or_else(|| ApiError::not_found("session"))
}
