//! `/privacy`: what of people is kept, who sees it, finding and erasing somebody's traces.

use std::net::IpAddr;

use shared::{Erasure, FoundTraces, Page, Privacy, Role, Subject};
use utoipa::IntoParams;

use super::params::PageParams;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, NoParams, Params};
use crate::http::reply::{Accepted, Json, List};
use crate::http::route::Context;
use crate::ingest::normalize::{SecretKey, hash_token};
use crate::store::{AuditRecord, Cursor, TraceSubject};

/// The longest user, in bytes: no longer one is stored.
const MAX_USER: usize = 256;

/// The most names of fields, and the longest, in characters.
const MAX_FIELDS: usize = 100;
const MAX_FIELD: usize = 64;

pub(in crate::http) async fn show(
    context: Context,
    _: NoParams,
) -> Result<Json<Privacy>, ApiError> {
    let privacy = context.store.find_privacy().await?;
    Ok(Json(Privacy::clone(&privacy)))
}

pub(in crate::http) async fn update(
    context: Context,
    _: NoParams,
    JsonBody(mut privacy): JsonBody<Privacy>,
) -> Result<Json<Privacy>, ApiError> {
    for name in &mut privacy.hashed_fields {
        *name = name.trim().to_owned();
    }
    let is_wrong = |name: &String| {
        name.is_empty() || name.chars().count() > MAX_FIELD || name.contains(char::is_control)
    };
    if privacy.hashed_fields.len() > MAX_FIELDS || privacy.hashed_fields.iter().any(is_wrong) {
        let message =
            format!("expected at most {MAX_FIELDS} names of 1 to {MAX_FIELD} printable characters");
        return Err(ApiError::field("hashed_fields", message));
    }
    privacy.hashed_fields.sort_unstable();
    privacy.hashed_fields.dedup();
    privacy
        .masks_addresses_for
        .sort_unstable_by_key(|role| role.as_str());
    privacy.masks_addresses_for.dedup();
    if privacy.masks_addresses_for.contains(&Role::Enforcer) {
        let message = "an enforcer cannot act on a part of an address";
        return Err(ApiError::field("masks_addresses_for", message));
    }
    context.store.set_privacy(&privacy, context.now).await?;
    Ok(Json(privacy))
}

/// Whose traces, and which part of the search.
#[derive(IntoParams)]
pub(in crate::http) struct SubjectParams {
    /// An address. Without it and a user nothing is found; not both.
    #[param(value_type = String)]
    address: Option<String>,
    /// A user of the protected applications, as the logs have it or as the sessions show it.
    #[param(value_type = String, max_length = 256)]
    user: Option<String>,
    /// Where the part begins: `next_cursor` of the part before it.
    #[param(value_type = String)]
    cursor: Option<Cursor>,
}

impl Params for SubjectParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            address: fields.optional("address")?,
            user: fields.optional("user")?,
            cursor: fields.optional("cursor")?,
        })
    }
}

pub(in crate::http) async fn traces(
    context: Context,
    params: SubjectParams,
) -> Result<Json<FoundTraces>, ApiError> {
    if params.address.is_none() && params.user.is_none() {
        return Ok(Json(FoundTraces::default()));
    }
    let subject = read_subject(&context, params.address, params.user)?;
    let (mut found, next) = context.store.find_traces(&subject, params.cursor).await?;
    found.next_cursor = next.map(|next| next.to_string());
    // That somebody was looked for; not who, who may be erased next. Each part says so: a cursor
    // can be made up.
    let by = match subject {
        TraceSubject::Address(_) => "address",
        TraceSubject::User { .. } => "user",
    };
    let record = AuditRecord::new("privacy.find", "").with("by", by);
    context.store.record(record, context.now).await?;
    Ok(Json(found))
}

pub(in crate::http) async fn erase(
    context: Context,
    _: NoParams,
    JsonBody(subject): JsonBody<Subject>,
) -> Result<Accepted<Erasure>, ApiError> {
    let subject = read_subject(&context, subject.address, subject.user)?;
    let (store, clock) = (&context.store, context.state.clock);
    Ok(Accepted(
        context.state.jobs.erase(store, subject, clock).await?,
    ))
}

pub(in crate::http) async fn erasures(
    context: Context,
    params: PageParams,
) -> Result<List<Erasure>, ApiError> {
    let page = context.store.list_erasures(params.to_request()).await?;
    let items = page.items.into_iter();
    Ok(List(Page {
        items: items
            .map(|it| context.state.jobs.with_progress(it))
            .collect(),
        next_cursor: page.next_cursor,
    }))
}

fn read_subject(
    context: &Context,
    address: Option<String>,
    user: Option<String>,
) -> Result<TraceSubject, ApiError> {
    match (address, user) {
        (Some(address), None) => match address.trim().parse::<IpAddr>() {
            Ok(address) => Ok(TraceSubject::Address(address.to_canonical())),
            Err(_) => Err(ApiError::field(
                "address",
                "expected an address such as 192.0.2.7",
            )),
        },
        (None, Some(name)) if (1..=MAX_USER).contains(&name.len()) => {
            let key = SecretKey::of_tenant(&context.state.secret, context.caller.tenant());
            let hashed = hash_token(name.as_bytes(), &key);
            Ok(TraceSubject::User { name, hashed })
        }
        (None, Some(_)) => {
            let message = format!("expected 1 to {MAX_USER} bytes");
            Err(ApiError::field("user", message))
        }
        (None, None) => Err(ApiError::field(
            "address",
            "expected an `address` or a `user`",
        )),
        (Some(_), Some(_)) => Err(ApiError::field(
            "user",
            "either `address` or `user`, not both",
        )),
    }
}
