//! `/attacks`: the list and its counts, one attack, its hits and its heatmaps.

mod body;
mod csv;
mod explain;
mod heatmaps;
mod hits;
mod sentence;

use std::str::FromStr;

use shared::search;
use shared::{AttackCounts, AttackDetail, AttackId, AttackSummary, SearchValues, TypeCount};
use utoipa::IntoParams;

use super::map_page;
use super::params::{IdParams, PageParams, SearchParams};
use super::values::AttackValuesParams;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Json, List};
use crate::http::route::Context;
use crate::store::AttackSort;

pub(super) use body::{LONGEST_SILENCE_MS, detail};
pub(in crate::http) use explain::explain;
pub(in crate::http) use heatmaps::{heatmaps, heatmaps_csv, steps};
pub(in crate::http) use hits::{hits, hits_csv};

/// What the list takes.
pub(in crate::http) struct ListParams {
    search: SearchParams,
    sort: SortParams,
    page: PageParams,
}

impl IntoParams for ListParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = SearchParams::into_params(&location);
        params.extend(SortParams::into_params(&location));
        params.extend(PageParams::into_params(&location));
        params
    }
}

impl Params for ListParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            search: SearchParams::read(fields)?,
            sort: SortParams::read(fields)?,
            page: PageParams::read(fields)?,
        })
    }
}

/// In which order.
#[derive(IntoParams)]
struct SortParams {
    /// By what, descending with `-` before it; `date` is the attack's last request.
    #[param(value_type = String, default = "-date",
            pattern = "^-?(date|hits|confidence)$")]
    sort: Order,
}

impl Params for SortParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            sort: fields.optional("sort")?.unwrap_or(Order {
                by: AttackSort::Date,
                descending: true,
            }),
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Order {
    by: AttackSort,
    descending: bool,
}

impl FromStr for Order {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = text.strip_prefix('-');
        let by = match key.unwrap_or(text) {
            "date" => AttackSort::Date,
            "hits" => AttackSort::Hits,
            "confidence" => AttackSort::Confidence,
            _ => return Err("expected date, hits or confidence, descending with - before it"),
        };
        Ok(Self {
            by,
            descending: key.is_some(),
        })
    }
}

pub(in crate::http) async fn list(
    context: Context,
    params: ListParams,
) -> Result<List<AttackSummary>, ApiError> {
    let search = params.search.to_search(context.now);
    let Order { by, descending } = params.sort.sort;
    let page = params.page.to_request();
    let rows = context
        .store
        .list_attacks(&search, by, descending, page)
        .await?;
    Ok(List(map_page(rows, |row| {
        body::summary(row, context.now, &context.store.addresses())
    })))
}

pub(in crate::http) async fn counts(
    context: Context,
    params: SearchParams,
) -> Result<Json<AttackCounts>, ApiError> {
    let search = params.to_search(context.now);
    let recent = search.ongoing_since;
    let totals = context.store.count_attacks(&search, recent).await?;
    let (from, until) = params.period(context.now);
    let by_type = totals.by_type.into_iter();
    Ok(Json(AttackCounts {
        attacks: totals.attacks,
        hits: totals.hits,
        ongoing: totals.ongoing,
        by_type: by_type
            .map(|(bot_type, attacks)| TypeCount { bot_type, attacks })
            .collect(),
        from,
        until,
    }))
}

pub(in crate::http) async fn values(
    context: Context,
    AttackValuesParams(params): AttackValuesParams,
) -> Result<Json<SearchValues>, ApiError> {
    params.find(search::List::Attacks, &context).await
}

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<AttackId>,
) -> Result<Json<AttackDetail>, ApiError> {
    let attack = context.store.find_attack(params.id).await?;
    let attack = attack.ok_or_else(|| ApiError::not_found("attack"))?;
    let sessions = context.store.find_attack_sessions(params.id).await?;
    Ok(Json(body::detail(
        &attack,
        sessions,
        context.now,
        &context.store.addresses(),
    )))
}
