//! `/attacks`: the list and its counts, one attack, its hits and its heatmaps.

mod body;
mod csv;
mod detectors;
mod heatmaps;
mod hits;
mod sentence;

use std::str::FromStr;

use shared::search::{Condition, Key};
use shared::{AttackCounts, AttackDetail, AttackId, AttackSummary, TypeCount};
use utoipa::IntoParams;

use super::map_page;
use super::params::{IdParams, PageParams, SearchParams, address_ranges, stored_period};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Json, List};
use crate::http::route::Context;
use crate::store::{AttackFilter, AttackSort};

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

fn filter(search: &SearchParams, context: &Context) -> AttackFilter {
    let query = search.query();
    AttackFilter {
        types: query.types(),
        period: stored_period(search.period(context.now)),
        addresses: address_ranges(query),
        applications: query.values(Key::Application),
        min_addresses: query
            .terms
            .iter()
            .find_map(|term| match term.condition {
                Condition::AddressCount(count) => Some(count),
                _ => None,
            })
            .unwrap_or(0),
        excepted: query.terms_of(Key::Excepted).any(|term| !term.negated),
    }
}

pub(in crate::http) async fn list(
    context: Context,
    params: ListParams,
) -> Result<List<AttackSummary>, ApiError> {
    let filter = filter(&params.search, &context);
    let Order { by, descending } = params.sort.sort;
    let page = params.page.to_request();
    let rows = context
        .store
        .list_attacks(&filter, by, descending, page)
        .await?;
    Ok(List(map_page(rows, |row| {
        body::summary(row, context.now, context.store.addresses())
    })))
}

pub(in crate::http) async fn counts(
    context: Context,
    params: SearchParams,
) -> Result<Json<AttackCounts>, ApiError> {
    let mut filter = filter(&params, &context);
    let totals = context.store.count_attacks(&filter).await?;
    let ongoing = if totals.ongoing == 0 {
        0
    } else {
        let recent = context.now.plus(-body::LONGEST_SILENCE_MS);
        filter.period.from = filter.period.from.max(recent);
        context.store.count_attacks(&filter).await?.ongoing
    };
    let (from, until) = params.period(context.now);
    let by_type = totals.by_type.into_iter();
    Ok(Json(AttackCounts {
        attacks: totals.attacks,
        hits: totals.hits,
        ongoing,
        by_type: by_type
            .map(|(bot_type, attacks)| TypeCount { bot_type, attacks })
            .collect(),
        from,
        until,
    }))
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
        context.store.addresses(),
    )))
}
