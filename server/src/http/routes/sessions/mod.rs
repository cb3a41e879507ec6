//! `/sessions`: the list, one session, its facets and its requests.

mod body;
mod csv;
mod facets;
mod params;
mod requests;

use shared::search::{self, Key};
use shared::{AttackId, SessionDetail, SessionId, SessionSummary};
use utoipa::IntoParams;

use super::map_page;
use super::params::{IdParams, PageParams, SearchParams, address_ranges, stored_period};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Json, List};
use crate::http::route::Context;
use crate::store::{SessionFilter, SessionRow};

pub(in crate::http) use csv::requests_csv;
pub(in crate::http) use requests::{facets, requests};

/// What the list takes.
pub(in crate::http) struct ListParams {
    search: SearchParams,
    filter: FilterParams,
    page: PageParams,
}

/// What the list can be narrowed by besides the search.
#[derive(IntoParams)]
struct FilterParams {
    /// Sessions that asked for an endpoint with this in its method, host or template.
    #[param(value_type = String)]
    endpoint: Option<String>,
    /// Sessions that this attack spans, whenever they were: the search's default period does
    /// not apply.
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
        Ok(Self {
            search: SearchParams::read_for(search::List::Sessions, fields)?,
            filter: FilterParams {
                endpoint: fields.optional("endpoint")?,
                attack: fields.optional("attack")?,
            },
            page: PageParams::read(fields)?,
        })
    }
}

impl ListParams {
    fn to_filter(&self, context: &Context) -> SessionFilter {
        let query = self.search.query();
        let named_by_attack = self.filter.attack.is_some() && query.period.is_none();
        let period = if named_by_attack {
            crate::store::Period::ALWAYS
        } else {
            stored_period(self.search.period(context.now))
        };
        SessionFilter {
            period,
            addresses: address_ranges(query),
            applications: query.values(Key::Application),
            endpoint: self.filter.endpoint.clone(),
            attack: self.filter.attack,
            types: query.types(),
        }
    }
}

pub(in crate::http) async fn list(
    context: Context,
    params: ListParams,
) -> Result<List<SessionSummary>, ApiError> {
    let filter = params.to_filter(&context);
    let page = params.page.to_request();
    let rows = context.store.list_sessions(&filter, page).await?;
    Ok(List(map_page(rows, |row| {
        body::summary(row, context.store.addresses())
    })))
}

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<SessionId>,
) -> Result<Json<SessionDetail>, ApiError> {
    let session = find(&context, params.id).await?;
    let adjacent = context.store.find_adjacent_sessions(&session).await?;
    let request = context.store.find_session_request(&session).await?;
    let grouped_by = match request {
        Some(request) => body::grouped_by(&request),
        // Its requests are not stored any more.
        None if session.keyed => "session key".to_owned(),
        None => "IP + user agent".to_owned(),
    };
    let book = context.store.addresses();
    Ok(Json(body::detail(&session, grouped_by, &adjacent, book)))
}

async fn find(context: &Context, id: SessionId) -> Result<SessionRow, ApiError> {
    let session = context.store.find_session(id).await?;
    session.ok_or_else(|| ApiError::not_found("session"))
}
