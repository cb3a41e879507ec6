//! `/lists`: entries now and at a past moment, their history, what is known of an object before
//! it is put on a list. Changing them is in `write`, the list that others pull in `feed`.

mod csv;
mod feed;
mod write;

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use shared::{
    ApplicationId, ListEntry, ListEntryId, ListKind, ListLookup, ListState, Network, Page,
    Timestamp,
};
use utoipa::IntoParams;

use super::map_page;
use super::params::{IdParams, PageParams};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Json, List};
use crate::http::route::Context;
use crate::lists::{self, shown};
use crate::store::{ListFilter, TenantStore};

pub(in crate::http) use feed::deny;
pub(in crate::http) use write::{change, create, import, remove, undo};

/// A list that can be read and changed; the vocabulary has others, for later.
#[derive(Debug, Clone, Copy)]
struct Served(ListKind);

impl FromStr for Served {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        lists::read_list(text).map(Self)
    }
}

/// What the list of entries takes.
pub(in crate::http) struct EntriesParams {
    filter: FilterParams,
    page: PageParams,
}

#[derive(IntoParams)]
struct FilterParams {
    /// `deny` or `exception`.
    #[param(value_type = String, default = "deny", pattern = "^(deny|exception)$")]
    list: Served,
    /// `active`, `expired` or `removed`.
    #[param(value_type = String, default = "active", pattern = "^(active|expired|removed)$")]
    state: ListState,
    /// Entries that have addresses in common with this address or subnet.
    #[param(value_type = String)]
    object: Option<Network>,
    /// Entries that hold for the application of this name.
    #[param(value_type = String)]
    application: Option<String>,
    /// The list as it was at this moment; otherwise as it is.
    #[param(value_type = String, format = DateTime)]
    at: Option<Timestamp>,
}

impl IntoParams for EntriesParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = FilterParams::into_params(&location);
        params.extend(PageParams::into_params(&location));
        params
    }
}

impl Params for EntriesParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            filter: FilterParams {
                list: fields.optional("list")?.unwrap_or(Served(ListKind::Deny)),
                state: fields.optional("state")?.unwrap_or(ListState::Active),
                object: fields.optional("object")?,
                application: fields.optional("application")?,
                at: fields.optional("at")?,
            },
            page: PageParams::read(fields)?,
        })
    }
}

pub(in crate::http) async fn list(
    context: Context,
    params: EntriesParams,
) -> Result<List<ListEntry>, ApiError> {
    let EntriesParams { filter, page } = params;
    let application = match &filter.application {
        Some(name) => Some(find_application(&context.store, "application", name).await?),
        None => None,
    };
    let moment = filter.at.unwrap_or(context.now);
    let filter = ListFilter {
        list: filter.list.0,
        state: filter.state,
        object: filter.object,
        application,
        at: filter.at,
        now: context.now,
    };
    let rows = context
        .store
        .list_entries(&filter, page.to_request())
        .await?;
    Ok(List(map_page(rows, |row| shown::entry(row, moment))))
}

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<ListEntryId>,
) -> Result<Json<ListEntry>, ApiError> {
    let row = context.store.find_list_entry(params.id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("list entry"))?;
    Ok(Json(shown::entry(&row, context.now)))
}

/// All versions on one page: each was made by hand or by a profile.
pub(in crate::http) async fn history(
    context: Context,
    params: IdParams<ListEntryId>,
) -> Result<List<ListEntry>, ApiError> {
    let rows = context.store.list_entry_history(params.id).await?;
    if rows.is_empty() {
        return Err(ApiError::not_found("list entry"));
    }
    // Each as it stood when it was made.
    let items = rows.iter().map(|row| shown::entry(row, row.at)).collect();
    Ok(List(Page {
        items,
        next_cursor: None,
    }))
}

/// What is looked up.
#[derive(IntoParams)]
pub(in crate::http) struct LookupParams {
    /// An address or a subnet; otherwise the address that asks.
    #[param(value_type = String)]
    object: Option<Network>,
    /// The name of the application that it is about; otherwise all.
    #[param(value_type = String)]
    application: Option<String>,
}

impl Params for LookupParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            object: fields.optional("object")?,
            application: fields.optional("application")?,
        })
    }
}

pub(in crate::http) async fn lookup(
    context: Context,
    params: LookupParams,
) -> Result<Json<ListLookup>, ApiError> {
    let asker = context.peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let object = params.object.unwrap_or_else(|| Network::single(asker));
    let application = match &params.application {
        Some(name) => Some(find_application(&context.store, "application", name).await?),
        None => None,
    };
    let mut entries = Vec::new();
    for list in [ListKind::Deny, ListKind::Exception] {
        let in_force = context.store.list_in_force(list, context.now).await?;
        let covering = in_force.into_iter().filter(|row| {
            row.object.covers(object) && application.is_none_or(|id| row.holds_for(id))
        });
        entries.extend(covering.map(|row| shown::entry(&row, context.now)));
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.object.length()));
    let application = params.application.as_deref().map(str::trim);
    Ok(Json(ListLookup {
        object,
        size: shown::size(object),
        entries,
        collateral: context.store.find_collateral(object, application).await?,
        questions: lists::questions(object, ListKind::Deny, context.peer),
    }))
}

/// The application called `name`, in any case.
async fn find_application(
    store: &TenantStore,
    field: &str,
    name: &str,
) -> Result<ApplicationId, ApiError> {
    let known = store.list_application_names().await?;
    lists::find_application(&known, name).map_err(|message| ApiError::field(field, message))
}
